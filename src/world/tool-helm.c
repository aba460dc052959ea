/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* helm: arguments, and the commands that only read. Words as recorded with Helm 4.1.4. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/helm.h"
#include "world/yaml.h"

bool helm_changes(const struct call *c)
{
	const char *verb = c->argc ? c->argv[0] : "";
	return strcmp(verb, "upgrade") == 0 || strcmp(verb, "uninstall") == 0 ||
	       strcmp(verb, "install") == 0 || strcmp(verb, "rollback") == 0;
}

unsigned helm_major_of(const struct call *c)
{
	_cleanup_free_ char *version = NULL;
	free(script_marker(c->script, &version));
	return version ? (unsigned)atoi(version + 1) : 4;
}

static int version(struct call *c)
{
	_cleanup_free_ char *text = NULL;
	free(script_marker(c->script, &text));
	if (c->argc != 3 || strcmp(c->argv[1], "--template") != 0 ||
	    strcmp(c->argv[2], "{{.Version}}") != 0)
		return call_unknown(c, "version other than --template {{.Version}}");
	fputs(text ? text : "v4.0.0", stdout);
	return 0;
}

static bool reachable(const struct call *c)
{
	const char *config = getenv("KUBECONFIG");
	bool there = config && access(config, R_OK) == 0;
	if (there && k3s_poll(c->w))
		return true;
	const char *server = there ? "https://127.0.0.1:6443" : "http://localhost:8080";
	fprintf(stderr,
		"Error: kubernetes cluster unreachable: Get \"%s/version\": dial tcp 127.0.0.1:%s: "
		"connect: "
		"connection refused\n",
		server, there ? "6443" : "8080");
	return false;
}

/* The JSON of "status": the record without the chart. */
static int status(struct call *c, const struct helm_args *a)
{
	struct cluster cl;
	cluster_open(c->w, &cl);
	_cleanup_json_ json_t *record = record_newest(&cl, a->release, a->ns);
	cluster_close(&cl);
	if (!record) {
		fputs("Error: release: not found\n", stderr);
		return 1;
	}
	json_object_del(record, "chart");
	_cleanup_free_ char *text = json_dumps(record, JSON_COMPACT);
	puts(text);
	return 0;
}

static int get(struct call *c, const struct helm_args *a, const char *what)
{
	struct cluster cl;
	cluster_open(c->w, &cl);
	_cleanup_json_ json_t *record = record_newest(&cl, a->release, a->ns);
	cluster_close(&cl);
	if (!record) {
		fputs("Error: release: not found\n", stderr);
		return 1;
	}
	if (strcmp(what, "manifest") == 0) {
		puts(json_str_at(record, "manifest"));
		return 0;
	}
	if (!a->json)
		return call_unknown(c, "get values without -o json");
	const json_t *config = json_object_get(record, "config");
	_cleanup_free_ char *text =
		config ? json_dumps(config, JSON_COMPACT | JSON_SORT_KEYS) : xstrdup("null");
	puts(text);
	return 0;
}

static int list(struct call *c, const struct helm_args *a)
{
	struct cluster cl;
	cluster_open(c->w, &cl);
	_cleanup_json_ json_t *names = json_object(), *out = json_array();
	const char *key;
	json_t *o;
	json_object_foreach(cl.objects, key, o) {
		const char *ns = json_str_at(o, "metadata.namespace");
		json_t *labels = json_object_get(json_object_get(o, "metadata"), "labels");
		const char *owner = json_string_value(json_object_get(labels, "owner"));
		if (text_starts(key, "secrets/") && ns && strcmp(ns, a->ns) == 0 && owner &&
		    strcmp(owner, "helm") == 0)
			json_object_set(names, json_str_at(labels, "name"), labels);
	}
	json_object_foreach(names, key, o) {
		_cleanup_json_ json_t *r = record_newest(&cl, key, a->ns);
		const char *state = json_str_at(r, "info.status");
		/* Helm 3 lists these two only; Helm 4 all, which nobody may count on. */
		if (strcmp(state, "deployed") != 0 && strcmp(state, "failed") != 0)
			continue;
		_cleanup_free_ char *chart =
			xasprintf("%s-%s", json_str_at(r, "chart.metadata.name"),
				  json_str_at(r, "chart.metadata.version"));
		_cleanup_free_ char *revision = xasprintf("%lld", json_int_at(r, "version", 1));
		json_array_append_new(out,
				      json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "name", key,
						"namespace", a->ns, "revision", revision, "updated",
						json_str_at(r, "info.last_deployed"), "status",
						state, "chart", chart, "app_version", ""));
	}
	cluster_close(&cl);
	_cleanup_free_ char *text = json_dumps(out, JSON_COMPACT);
	puts(text);
	return 0;
}

static int template(struct call *c, const struct helm_args *a)
{
	struct chart chart;
	_cleanup_free_ char *error = NULL;
	if (!a->kube_version)
		return call_unknown(c, "template without --kube-version");
	if (chart_read(a->chart, &chart, &error) < 0) {
		fprintf(stderr, "%s\n", error);
		return 1;
	}
	_cleanup_json_ json_t *values = helm_merge_values(a);
	_cleanup_json_ json_t *objects = values ? helm_render(c, a, &chart, values) : NULL;
	_cleanup_free_ char *plain =
		objects ? helm_manifest_text(objects, chart.name, false) : NULL;
	_cleanup_free_ char *hooks = objects ? helm_manifest_text(objects, chart.name, true) : NULL;
	chart_done(&chart);
	if (!objects)
		return 1;
	fputs(plain, stdout);
	fputs(hooks, stdout);
	return 0;
}

/* Options that take a value, and where it goes. */
static bool take_value(struct helm_args *a, const char *option, const char *value)
{
	const struct {
		const char *name;
		const char **to;
	} known[] = {
		{ "-n", &a->ns },
		{ "--namespace", &a->ns },
		{ "--kube-version", &a->kube_version },
		{ "--description", &a->description },
		{ "--post-renderer", &a->renderer },
		{ "--post-renderer-args", &a->renderer_args },
	};
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strcmp(known[i].name, option) == 0) {
			*known[i].to = value;
			return true;
		}
	if (strcmp(option, "-f") == 0 && a->nfiles < ARRAY_LEN(a->files)) {
		a->files[a->nfiles++] = value;
		return true;
	}
	if (strcmp(option, "-o") == 0 && strcmp(value, "json") == 0)
		return a->json = true;
	return strcmp(option, "--timeout") == 0 || strcmp(option, "--history-max") == 0;
}

/* 0, or the exit status. words: at most two arguments without a dash. */
static int parse(struct call *c, int first, struct helm_args *a, const char **words, bool *ignore)
{
	size_t n = 0;
	for (int i = first; i < c->argc; i++) {
		const char *arg = c->argv[i];
		if (strcmp(arg, "--install") == 0)
			a->install = true;
		else if (strcmp(arg, "--create-namespace") == 0)
			a->create_namespace = true;
		else if (strcmp(arg, "--wait") == 0)
			a->wait = true;
		else if (strcmp(arg, "--ignore-not-found") == 0)
			*ignore = true;
		else if (helm_major_of(c) != 3 && (strcmp(arg, "--server-side=true") == 0 ||
						   strcmp(arg, "--force-conflicts") == 0))
			continue;
		else if (*arg == '-' && i + 1 < c->argc && take_value(a, arg, c->argv[i + 1]))
			i++;
		else if (*arg == '-' || n == 2)
			return call_unknown(c, arg);
		else
			words[n++] = arg;
	}
	a->release = words[0];
	a->chart = words[1];
	return 0;
}

int tool_helm(struct call *c)
{
	const char *verb = c->argc ? c->argv[0] : "", *words[2] = { NULL, NULL };
	struct helm_args a = { .ns = "default" };
	bool ignore = false, is_get = strcmp(verb, "get") == 0;
	if (strcmp(verb, "version") == 0)
		return version(c);
	int rc = parse(c, is_get ? 2 : 1, &a, words, &ignore);
	if (rc)
		return rc;
	if (a.renderer_args && helm_major_of(c) != 3)
		return call_unknown(c, "--post-renderer-args with Helm 4");
	if (strcmp(verb, "template") == 0 && a.chart)
		return template(c, &a);

	bool chart = a.chart != NULL, list_all = strcmp(verb, "list") == 0;
	bool known = (strcmp(verb, "status") == 0 && a.json && !chart) || (is_get && !chart) ||
		     (list_all && a.json && !a.release) ||
		     (strcmp(verb, "upgrade") == 0 && chart && a.install) ||
		     (strcmp(verb, "uninstall") == 0 && !chart);
	if (!known || (!list_all && !a.release))
		return call_unknown(c, verb);
	if (!reachable(c))
		return 1;
	if (list_all)
		return list(c, &a);
	if (is_get && (strcmp(c->argv[1], "values") == 0 || strcmp(c->argv[1], "manifest") == 0))
		return get(c, &a, c->argv[1]);
	if (strcmp(verb, "status") == 0)
		return status(c, &a);
	if (strcmp(verb, "upgrade") == 0)
		return helm_upgrade(c, &a);
	return strcmp(verb, "uninstall") == 0 ? helm_uninstall(c, &a, ignore)
					      : call_unknown(c, verb);
}
