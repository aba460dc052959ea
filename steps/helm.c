/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* helm: its commands. What its answers mean is in helm-release.c. */
#include "steps/helm.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "steps/kube.h"

#define PLUGIN_FILE "/var/lib/ess-setup/helm/plugins/" HELM_POST_RENDERER "/plugin.yaml"
#define CACHE "/var/cache/ess-setup"
#define REPAIRS_MAX 3
#define OTHER_HELM_WAIT_S 1800

/* A helm that was killed said nothing. */
static int failed(const struct proc_result *r, const char *what, const char *release, struct err *e)
{
	const char *tail = r->err_tail ? r->err_tail : r->last_err;
	_cleanup_free_ char *said =
		r->status > 128 ? xasprintf("killed by signal %d", r->status - 128) : helm_said(tail);
	return err_set(e, helm_fault(tail), N_("helm %s %s: %s"), what, release, said);
}

/* A question to helm: 1 answered, 0 no such release (or no helm at all), -1 failure. */
static int ask(struct step_ctx *c, const char *const *argv, struct proc_result *r, struct err *e)
{
	struct err missing = ERR_INIT;

	if (step_query(c, argv, r, &missing) < 0) {
		if (missing.fault == FAULT_COMMAND_MISSING)
			return 0;
		*e = missing;
		return -1;
	}
	if (r->status == 0)
		return 1;
	if (r->err_tail && strstr(r->err_tail, "release: not found"))
		return 0;
	return failed(r, argv[1], argv[2], e);
}

int helm_version(struct step_ctx *c, char **ret, struct err *e)
{
	_cleanup_proc_ struct proc_result r = { 0 };
	const char *const argv[] = { "helm", "version", "--template", "{{.Version}}", NULL };
	int there = ask(c, argv, &r, e);

	*ret = NULL;
	if (there > 0)
		*ret = text_trim(r.out);
	return there < 0 ? -1 : 0;
}

int helm_major(struct step_ctx *c, unsigned *ret, struct err *e)
{
	_cleanup_free_ char *version = NULL;

	*ret = 0;
	if (helm_version(c, &version, e) < 0)
		return -1;
	if (version)
		*ret = (unsigned)strtoul(version + (*version == 'v'), NULL, 10);
	return 0;
}

int helm_unpack(struct step_ctx *c, const char *version, const char *arch, struct err *e)
{
	_cleanup_free_ char *archive = xasprintf(CACHE "/helm-%s-linux-%s.tar.gz", version, arch);
	_cleanup_free_ char *work = xasprintf(CACHE "/helm-%s", version);
	_cleanup_free_ char *member = xasprintf("linux-%s/helm", arch);
	_cleanup_free_ char *binary = xasprintf("%s/%s", work, member);
	_cleanup_free_ char *real_archive = path_under(archive);
	_cleanup_free_ char *real_work = path_under(work);
	const char *const argv[] = { "tar", "-xzf", real_archive, "-C", real_work, member, NULL };

	if (step_mkdir(c, work, 0755, e) < 0 || step_run(c, argv, NULL, 0, NULL, e) < 0 ||
	    step_install(c, binary, "/usr/local/bin/helm", 0755, e) < 0)
		return -1;
	return step_remove(c, binary, e);
}

int helm_status(struct step_ctx *c, const char *release, const char *ns, struct helm_release *ret,
		struct err *e)
{
	_cleanup_proc_ struct proc_result r = { 0 };
	_cleanup_proc_ struct proc_result list = { 0 };
	const char *const argv[] = { "helm", "status", release, "-n", ns, "-o", "json", NULL };
	const char *const list_argv[] = { "helm", "list", "-n", ns, "-o", "json", NULL };
	int there = ask(c, argv, &r, e);

	*ret = (struct helm_release){ .status = HELM_NOT_FOUND };
	if (there <= 0)
		return there;
	if (helm_status_parse(r.out, r.out_len, ret, e) < 0)
		return -1;
	/* The status leaves the chart out; the list of Helm 3 has only these two kinds of release. */
	if (ret->status != HELM_DEPLOYED && ret->status != HELM_FAILED)
		return 0;
	there = ask(c, list_argv, &list, e);
	if (there > 0)
		ret->chart = helm_list_chart(list.out, list.out_len, release);
	return there < 0 ? -1 : 0;
}

int helm_values(struct step_ctx *c, const char *release, const char *ns, json_t **ret, struct err *e)
{
	_cleanup_proc_ struct proc_result r = { 0 };
	const char *const argv[] = { "helm", "get", "values", release, "-n", ns, "-o", "json", NULL };
	int there = ask(c, argv, &r, e);

	*ret = NULL;
	if (there <= 0)
		return there;
	_cleanup_free_ char *text = text_trim(r.out);
	if (!strcmp(text, "null")) { /* a release without values of its own */
		*ret = json_object();
		return 0;
	}
	*ret = json_parse(text, strlen(text), FAULT_COMMAND_OUTPUT, "helm get values", e);
	return *ret ? 0 : -1;
}

int helm_manifest(struct step_ctx *c, const char *release, const char *ns, char **ret, struct err *e)
{
	_cleanup_proc_ struct proc_result r = { 0 };
	const char *const argv[] = { "helm", "get", "manifest", release, "-n", ns, NULL };
	int there = ask(c, argv, &r, e);

	*ret = NULL;
	if (there > 0)
		*ret = steal(r.out);
	return there < 0 ? -1 : 0;
}

/* --- the post-renderer ------------------------------------------------------------------------ */

static char *engine_path(void)
{
	return xasprintf("%s/ess-engine", path_libexec());
}

int helm_plugin_write(struct step_ctx *c, struct err *e)
{
	_cleanup_free_ char *engine = engine_path();
	_cleanup_free_ char *yaml = helm_plugin_yaml(engine);
	return step_write(c, PLUGIN_FILE, yaml, strlen(yaml), 0644, e);
}

int helm_plugin_there(struct step_ctx *c, struct err *e)
{
	_cleanup_free_ char *engine = engine_path();
	_cleanup_free_ char *yaml = helm_plugin_yaml(engine);
	return step_same(c, PLUGIN_FILE, yaml, strlen(yaml), 0644, e);
}

/* --- install and template --------------------------------------------------------------------- */

static void add(char ***argv, const char *word)
{
	strv_add(argv, xstrdup(word));
}

static void add_common(char ***argv, const struct helm_install *in, unsigned major)
{
	for (const char *const *v = in->values; v && *v; v++) {
		add(argv, "-f");
		strv_add(argv, path_under(*v));
	}
	if (!in->post_renderer)
		return;
	add(argv, "--post-renderer");
	if (major == 3) {
		/* Helm 3 wants a program, and hands its arguments on; Helm 4 the name of a plugin. */
		strv_add(argv, engine_path());
		add(argv, "--post-renderer-args");
		add(argv, "post-render");
	} else {
		add(argv, in->post_renderer);
	}
}

static char **install_argv(const struct helm_install *in, unsigned major)
{
	char **argv = NULL;
	for (const char *const *w =
		     (const char *const[]){ "helm", "upgrade", "--install", in->release, NULL };
	     *w; w++)
		add(&argv, *w);
	strv_add(&argv, path_under(in->chart));
	add(&argv, "-n");
	add(&argv, in->ns);
	add(&argv, "--create-namespace");
	add(&argv, "--history-max");
	add(&argv, "10");
	add(&argv, "--timeout");
	strv_add(&argv, xasprintf("%us", in->timeout_s));
	if (in->wait)
		add(&argv, "--wait");
	if (in->description) {
		add(&argv, "--description");
		add(&argv, in->description);
	}
	if (major != 3) {
		/* What somebody changed by hand belongs to another field manager then; Helm 4 would
		 * stop at the conflict instead of putting it right. */
		add(&argv, "--server-side=true");
		add(&argv, "--force-conflicts");
	}
	add_common(&argv, in, major);
	return argv;
}

static int other_is_gone(struct step_ctx *c, void *arg, char **ret_seen, struct err *e)
{
	const char *release = arg;
	if (!helm_alive(release))
		return 1;
	step_progress(c, -1, N_("waiting for another helm that works on %s"), release);
	*ret_seen = xasprintf("helm for release %s is still running", release);
	return 0;
}

static const char *pending_name(enum helm_status s)
{
	return s == HELM_PENDING_INSTALL   ? "pending-install"
	       : s == HELM_PENDING_UPGRADE ? "pending-upgrade"
					   : "pending-rollback";
}

/* Takes away the record of the helm that died. It must be what we think it is: a Secret of helm's own
 * type, still pending (helm pkg/storage/driver/secrets.go writes both). */
static int drop_pending(struct step_ctx *c, const struct helm_install *in, const struct helm_release *r,
			struct err *e)
{
	_cleanup_free_ char *name = xasprintf("sh.helm.release.v1.%s.v%ld", in->release, r->revision);
	_cleanup_json_ json_t *secret = NULL;

	if (kube_get(c, "secrets", name, in->ns, &secret, e) < 0)
		return -1;
	const char *type = json_str_at(secret, "type");
	const char *status = json_str_at(secret, "metadata.labels.status");
	if (!secret || !type || strcmp(type, "helm.sh/release.v1") || !status ||
	    !text_starts(status, "pending-"))
		return err_set(e, FAULT_HELM_PENDING,
			       N_("release %s is %s, but its record %s is not a pending one"), in->release,
			       pending_name(r->status), name);
	step_log(c, "release %s revision %ld is %s and no helm works on it: removing its record %s",
		 in->release, r->revision, pending_name(r->status), name);
	return kube_delete(c, "secrets", name, in->ns, e);
}

/* Leaves the release in a state in which "upgrade --install" can go on. */
static int repair(struct step_ctx *c, const struct helm_install *in, struct err *e)
{
	for (unsigned i = 0; i < REPAIRS_MAX; i++) {
		struct helm_release r __attribute__((cleanup(helm_release_done))) = { 0 };
		struct err look = ERR_INIT;

		if (helm_status(c, in->release, in->ns, &r, &look) < 0) {
			/* A plan is made before there is a cluster. */
			if (step_dry_run(c) && look.fault == FAULT_KUBE_UNREACHABLE)
				return 0;
			*e = look;
			return -1;
		}
		int rc = 0;
		switch (helm_repair_for(r.status, r.revision, helm_alive(in->release))) {
		case HELM_GO_ON:
			return 0;
		case HELM_WAIT_FOR_OTHER:
			rc = step_wait(c, OTHER_HELM_WAIT_S, 1000, FAULT_HELM_BUSY, other_is_gone,
				       (void *)in->release, e);
			break;
		case HELM_DROP_PENDING:
			rc = drop_pending(c, in, &r, e);
			break;
		case HELM_UNINSTALL_AGAIN:
			rc = helm_uninstall(c, in->release, in->ns, e);
			break;
		}
		if (rc < 0 || step_dry_run(c))
			return rc;
	}
	return err_set(e, FAULT_HELM_PENDING, N_("release %s stays locked after %d repairs"), in->release,
		       REPAIRS_MAX);
}

int helm_install(struct step_ctx *c, const struct helm_install *in, struct err *e)
{
	_cleanup_proc_ struct proc_result r = { 0 };
	unsigned major;

	if (helm_major(c, &major, e) < 0)
		return -1;
	if (in->post_renderer && major != 3 && helm_plugin_write(c, e) < 0)
		return -1;
	if (repair(c, in, e) < 0)
		return -1;
	_cleanup_strv_ char **argv = install_argv(in, major);
	/* helm's own limit is for each operation, a hook or the wait; ours only catches a helm that hangs. */
	if (step_run(c, (const char *const *)argv, NULL, in->timeout_s * 4 + 300, &r, e) < 0)
		return -1;
	return r.status == 0 ? 0 : failed(&r, "upgrade --install", in->release, e);
}

int helm_template(struct step_ctx *c, const struct helm_install *in, const char *kube_version, char **ret,
		  struct err *e)
{
	_cleanup_proc_ struct proc_result r = { 0 };
	_cleanup_strv_ char **argv = NULL;
	unsigned major;

	*ret = NULL;
	if (helm_major(c, &major, e) < 0)
		return -1;
	add(&argv, "helm");
	add(&argv, "template");
	add(&argv, in->release);
	strv_add(&argv, path_under(in->chart));
	add(&argv, "-n");
	add(&argv, in->ns);
	add(&argv, "--kube-version");
	add(&argv, kube_version);
	add_common(&argv, in, major);
	if (step_query(c, (const char *const *)argv, &r, e) < 0)
		return -1;
	if (r.status == 0) {
		*ret = steal(r.out);
		return 0;
	}
	const char *tail = r.err_tail ? r.err_tail : r.last_err;
	_cleanup_free_ char *said = helm_said(tail);
	enum fault f = helm_fault(tail);
	/* A chart that cannot be rendered was given values that it cannot use. */
	return err_set(e, f == FAULT_HELM ? FAULT_HELM_VALUES : f,
		       N_("the chart of %s cannot be rendered: %s"), in->release, said);
}

int helm_uninstall(struct step_ctx *c, const char *release, const char *ns, struct err *e)
{
	_cleanup_proc_ struct proc_result r = { 0 };
	const char *const argv[] = { "helm",   "uninstall", release, "-n", ns, "--ignore-not-found",
				     "--wait", "--timeout", "300s",  NULL };

	if (step_run(c, argv, NULL, 900, &r, e) < 0)
		return -1;
	return r.status == 0 ? 0 : failed(&r, "uninstall", release, e);
}
