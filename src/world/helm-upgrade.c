/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* helm upgrade --install. The record says pending-* before the first object is touched
 * and deployed after the last, so that a helm killed in between leaves what the real one leaves. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/helm.h"

static void set_status(json_t *record, const char *status, const char *description)
{
	json_t *info = json_object_get(record, "info");
	json_object_set_new(info, "status", json_string(status));
	json_object_set_new(info, "description", json_string(description));
}

static json_t *new_record(const struct helm_args *a, const struct chart *chart,
			  const json_t *values, const json_t *objects, const json_t *before)
{
	_cleanup_free_ char *now = world_now_ns();
	const char *first = json_str_at(before, "info.first_deployed");
	_cleanup_free_ char *manifest = helm_manifest_text(objects, chart->name, false);
	json_t *hooks = json_array(), *o, *resources = json_object();
	size_t i;
	json_array_foreach(objects, i, o) {
		_cleanup_free_ char *kind = xasprintf("v1/%s", json_str_at(o, "kind"));
		if (helm_is_hook(o, NULL)) {
			json_array_append_new(hooks, json_pack("{s:s, s:s}", "name",
							       json_str_at(o, "metadata.name"),
							       "kind", json_str_at(o, "kind")));
			continue;
		}
		json_t *list = json_object_get(resources, kind);
		if (!list) {
			list = json_array();
			json_object_set_new(resources, kind, list);
		}
		json_array_append_new(list, json_pack("{s:s, s:s, s:{s:s}}", "apiVersion",
						      json_str_at(o, "apiVersion"), "kind",
						      json_str_at(o, "kind"), "metadata", "name",
						      json_str_at(o, "metadata.name")));
	}
	json_t *record = json_pack(
		"{s:s, s:{s:s, s:s, s:s, s:s, s:o}, s:s, s:o, s:I, s:s, s:s, s:{s:{s:s, s:s}}}",
		"name", a->release, "info", "first_deployed", first ? first : now, "last_deployed",
		now, "description", "", "status", "", "resources", resources, "manifest", manifest,
		"hooks", hooks, "version", (json_int_t)(json_int_at(before, "version", 0) + 1),
		"namespace", a->ns, "apply_method", "ssa", "chart", "metadata", "name", chart->name,
		"version", chart->version);
	if (json_object_size(values))
		json_object_set(record, "config", (json_t *)values);
	if (json_array_size(hooks) == 0)
		json_object_del(record, "hooks");
	return record;
}

static char *foreign(struct cluster *cl, const struct helm_args *a, const json_t *object)
{
	const struct kind *k = kind_of(object);
	const char *name = json_str_at(object, "metadata.name");
	const json_t *live = k ? cluster_get(cl, k->plural, a->ns, name) : NULL;
	const char *owner = json_string_value(json_object_get(json_at(live, "metadata.annotations"),
							      "meta.helm.sh/release-name"));
	if (!live || (owner && strcmp(owner, a->release) == 0))
		return NULL;
	return xasprintf("Error: unable to continue with install: %s \"%s\" in namespace \"%s\" "
			 "exists and cannot be imported "
			 "into the current release: invalid ownership metadata; annotation "
			 "validation error: missing key "
			 "\"meta.helm.sh/release-name\": must be set to \"%s\"",
			 k->kind, name, a->ns, a->release);
}

/* An error of the API server in helm's dress. */
static char *helm_error(const char *said, bool upgrade)
{
	if (text_starts(said, "Error: "))
		said += 7;
	if (text_starts(said, "The "))
		said += 4;
	return xasprintf("Error: %s%s", upgrade ? "UPGRADE FAILED: " : "", said);
}

/* What the revision before had and this one has not. */
static void drop_old(struct cluster *cl, const struct helm_args *a, const json_t *before,
		     const json_t *objects)
{
	const char *kind;
	json_t *list, *old, *o;
	size_t i, k;
	json_object_foreach((json_t *)json_at(before, "info.resources"), kind, list) {
		json_array_foreach(list, i, old) {
			const struct kind *what = kind_of(old);
			const char *name = json_str_at(old, "metadata.name");
			bool still = false;
			json_array_foreach(objects, k, o)
				still = still ||
					(kind_of(o) == what &&
					 strcmp(json_str_at(o, "metadata.name"), name) == 0);
			json_t *live = what ? cluster_get(cl, what->plural, a->ns, name) : NULL;
			if (!still && live &&
			    !json_object_get(json_at(live, "metadata.annotations"),
					     "helm.sh/resource-policy"))
				cluster_delete(cl, what->plural, a->ns, name);
		}
	}
}

static int put_objects(struct cluster *cl, const struct helm_args *a, const json_t *objects,
		       char **ret_error)
{
	json_t *o, *live;
	size_t i;
	json_array_foreach(objects, i, o) {
		if (helm_is_hook(o, NULL))
			continue;
		*ret_error = foreign(cl, a, o);
		if (*ret_error)
			return -1;
		helm_own(o, a);
		if (apply_object(cl, o, "helm", false, &live, ret_error) < 0)
			return -1;
		json_decref(live);
	}
	return 0;
}

static bool waits(const struct call *c)
{
	const char *action = json_str_at(c->rule, "action"), *when = json_str_at(c->rule, "when");
	return action && strcmp(action, "hang") == 0 && when && strcmp(when, "middle") == 0;
}

static void stop_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
}

/* A helm that is told to stop while it waits ends in order: true when it was. */
static bool cancelled(struct call *c)
{
	if (!waits(c)) {
		scenario_act(c->w, c->rule, "middle");
		return false;
	}
	sigset_t set;
	siginfo_t info;
	stop_signals(&set);
	return sigwaitinfo(&set, &info) > 0;
}

static int fail(struct call *c, json_t *record, const char *error)
{
	struct cluster cl;
	cluster_open(c->w, &cl);
	_cleanup_free_ char *text =
		xasprintf("Release \"%s\" failed: %s", json_str_at(record, "name"),
			  text_starts(error, "Error: ") ? error + 7 : error);
	set_status(record, "failed", text);
	record_save(&cl, record);
	cluster_close(&cl);
	fprintf(stderr, "%s\n", error);
	return 1;
}

static void print_done(const struct helm_args *a, const json_t *record)
{
	if (a->json) {
		_cleanup_free_ char *text = json_dumps(record, JSON_COMPACT);
		puts(text);
		return;
	}
	char stamp[64];
	time_t now = time(NULL);
	struct tm tm;
	strftime(stamp, sizeof(stamp), "%a %b %e %H:%M:%S %Y", gmtime_r(&now, &tm));
	if (json_int_at(record, "version", 1) > 1)
		printf("Release \"%s\" has been upgraded. Happy Helming!\n", a->release);
	printf("NAME: %s\nLAST DEPLOYED: %s\nNAMESPACE: %s\nSTATUS: deployed\nREVISION: "
	       "%lld\nDESCRIPTION: %s\nTEST SUITE: None\n",
	       a->release, stamp, a->ns, json_int_at(record, "version", 1),
	       json_str_at(record, "info.description"));
}

static int deploy(struct call *c, const struct helm_args *a, json_t *record, const json_t *before,
		  const json_t *objects)
{
	bool upgrade = before != NULL;
	_cleanup_free_ char *error = NULL;
	struct cluster cl;
	if (cancelled(c)) {
		printf("Release %s has been cancelled.\n", a->release);
		return fail(c, record, "Error: context canceled");
	}
	cluster_open(c->w, &cl);
	int rc = helm_run_hooks(&cl, a, objects, upgrade ? "pre-upgrade" : "pre-install", &error);
	if (rc == 0)
		rc = put_objects(&cl, a, objects, &error);
	if (rc == 0 && strcmp(json_str_at(record, "chart.metadata.name"), "cert-manager") == 0 &&
	    (json_is_true(json_at(record, "config.crds.enabled")) ||
	     json_is_true(json_at(record, "config.installCRDs")))) {
		json_object_set_new(json_object_get(cl.st.j, "crds"), "cert-manager", json_true());
		cl.changed = true;
	}
	if (rc == 0 && before)
		drop_old(&cl, a, before, objects);
	if (rc == 0)
		rc = helm_run_hooks(&cl, a, objects, upgrade ? "post-upgrade" : "post-install",
				    &error);
	_cleanup_free_ char *stuck = scenario_knob(c->w, "helm.never_ready");
	if (rc == 0 && a->wait && stuck && strcmp(stuck, a->release) == 0) {
		error = xasprintf("Error: resource Deployment/%s/%s not ready. status: InProgress, "
				  "message: Available: 0/1\n"
				  "context deadline exceeded",
				  a->ns, a->release);
		rc = -1;
	}
	if (rc == 0 && a->wait)
		cluster_settle(&cl, false);
	cluster_close(&cl);
	if (rc < 0) {
		_cleanup_free_ char *text = helm_error(error, upgrade);
		return fail(c, record, text);
	}
	cluster_open(c->w, &cl);
	if (before) {
		_cleanup_json_ json_t *old = json_deep_copy(before);
		set_status(old, "superseded", json_str_at(before, "info.description"));
		record_save(&cl, old);
	}
	set_status(record, "deployed",
		   a->description ? a->description
		   : upgrade	  ? "Upgrade complete"
				  : "Install complete");
	record_save(&cl, record);
	cluster_close(&cl);
	print_done(a, record);
	return 0;
}

int helm_upgrade(struct call *c, const struct helm_args *a)
{
	struct chart chart;
	_cleanup_free_ char *error = NULL;
	if (chart_read(a->chart, &chart, &error) < 0) {
		fprintf(stderr, "%s\n", error);
		return 1;
	}
	struct cluster cl;
	cluster_open(c->w, &cl);
	_cleanup_json_ json_t *last = record_newest(&cl, a->release, a->ns);
	_cleanup_json_ json_t *deployed = record_deployed(&cl, a->release, a->ns);
	bool ns = cluster_get(&cl, "namespaces", NULL, a->ns);
	cluster_close(&cl);

	const char *state = json_str_at(last, "info.status");
	int rc = 1;
	if (!last && !a->json)
		printf("Release \"%s\" does not exist. Installing it now.\n", a->release);
	if (state && text_starts(state, "pending-")) {
		fputs("Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in "
		      "progress\n",
		      stderr);
	} else if (state && strcmp(state, "uninstalling") == 0) {
		fprintf(stderr, "Error: UPGRADE FAILED: \"%s\" has no deployed releases\n",
			a->release);
	} else if (!ns && !a->create_namespace) {
		fprintf(stderr, "Error: create: failed to create: namespaces \"%s\" not found\n",
			a->ns);
	} else {
		_cleanup_json_ json_t *values = helm_merge_values(a);
		_cleanup_json_ json_t *objects = values ? helm_render(c, a, &chart, values) : NULL;
		if (objects) {
			_cleanup_json_ json_t *record =
				new_record(a, &chart, values, objects, last);
			if (waits(c)) {
				sigset_t set;
				stop_signals(&set);
				sigprocmask(SIG_BLOCK, &set, NULL);
			}
			set_status(record, last ? "pending-upgrade" : "pending-install",
				   last ? "Preparing upgrade" : "Initial install underway");
			cluster_open(c->w, &cl);
			cluster_namespace(&cl, a->ns);
			record_save(&cl, record);
			cluster_close(&cl);
			/* A failed first install is the base of the next try. */
			rc = deploy(c, a, record, deployed ? deployed : last, objects);
		}
	}
	chart_done(&chart);
	return rc;
}
