/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "steps/kube.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"

/* What kubectl says when nobody answers (client-go and kubectl's own words). */
static const char *const unreachable[] = {
	"The connection to the server",
	"Unable to connect to the server",
	"connection refused",
	"connection reset by peer",
	"no route to host",
	"network is unreachable",
	"i/o timeout",
	"TLS handshake timeout",
	"(ServiceUnavailable)",
	"apiserver not ready",
	"net/http: request canceled",
};

static bool is_unreachable(const char *text)
{
	/* Then it is the webhook that was not reached, and the server says so. */
	if (strstr(text, "failed calling webhook"))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(unreachable); i++)
		if (strstr(text, unreachable[i]))
			return true;
	return false;
}

static bool is_missing(const char *text)
{
	return strstr(text, "(NotFound)") ||
	       strstr(text, "the server doesn't have a resource type");
}

/* Turns a failed call into a fault; always -1. */
static int judge(const struct proc_result *r, const char *what, struct err *e)
{
	const char *text = r->last_err ? r->last_err : "";
	if (is_unreachable(text))
		return err_set(e, FAULT_KUBE_UNREACHABLE, N_("the cluster does not answer: %s"),
			       text);
	return err_set(e, FAULT_KUBE, N_("kubectl %s failed (status %d): %s"), what, r->status,
		       text);
}

static int pass_on(const struct err *own, struct err *e)
{
	if (e && !err_is_set(e))
		*e = *own;
	return -1;
}

/* "There is no kubectl" as "nobody answers". */
static int lost(const struct err *own, struct err *e)
{
	if (own->fault == FAULT_COMMAND_MISSING)
		return err_set(e, FAULT_KUBE_UNREACHABLE,
			       N_("there is no kubectl on this machine yet"));
	return pass_on(own, e);
}

static int query(struct step_ctx *c, const char *const *argv, struct proc_result *r, struct err *e)
{
	struct err own = ERR_INIT;
	return step_query(c, argv, r, &own) ? lost(&own, e) : 0;
}

static int run(struct step_ctx *c, const char *const *argv, const char *input, unsigned timeout_s,
	       struct proc_result *r, struct err *e)
{
	struct err own = ERR_INIT;
	return step_run(c, argv, input, timeout_s, r, &own) ? lost(&own, e) : 0;
}

/* Longest form: kubectl get KIND NAME -n NS --ignore-not-found -o json. */
#define ARGV_MAX 24
struct args {
	const char *v[ARGV_MAX];
	size_t n;
};

static void add(struct args *a, const char *s)
{
	if (a->n + 1 < ARGV_MAX)
		a->v[a->n++] = s;
	a->v[a->n] = NULL;
}

static void add_ns(struct args *a, const char *ns)
{
	if (!ns)
		return;
	if (!strcmp(ns, "*")) {
		add(a, "-A");
		return;
	}
	add(a, "-n");
	add(a, ns);
}

int kube_get(struct step_ctx *c, const char *kind, const char *name, const char *ns, json_t **ret,
	     struct err *e)
{
	*ret = NULL;
	struct args a = { .n = 0 };
	add(&a, "kubectl");
	add(&a, "get");
	add(&a, kind);
	add(&a, name);
	add_ns(&a, ns);
	add(&a, "--ignore-not-found");
	add(&a, "-o");
	add(&a, "json");
	_cleanup_proc_ struct proc_result r = { 0 };
	if (query(c, a.v, &r, e))
		return -1;
	if (r.status)
		return is_missing(r.last_err ? r.last_err : "") ? 0 : judge(&r, "get", e);
	if (!r.out_len)
		return 0;
	*ret = json_parse(r.out, r.out_len, FAULT_COMMAND_OUTPUT, "kubectl get", e);
	return *ret ? 0 : -1;
}

int kube_list(struct step_ctx *c, const char *kind, const char *ns, const char *selector,
	      json_t **ret, struct err *e)
{
	*ret = NULL;
	struct args a = { .n = 0 };
	add(&a, "kubectl");
	add(&a, "get");
	add(&a, kind);
	add_ns(&a, ns);
	if (selector) {
		add(&a, "-l");
		add(&a, selector);
	}
	add(&a, "--ignore-not-found");
	add(&a, "-o");
	add(&a, "json");
	_cleanup_proc_ struct proc_result r = { 0 };
	if (query(c, a.v, &r, e))
		return -1;
	if (r.status && !is_missing(r.last_err ? r.last_err : ""))
		return judge(&r, "get", e);
	if (r.status || !r.out_len) {
		*ret = json_pack("{s:s, s:[]}", "kind", "List", "items");
		return 0;
	}
	*ret = json_parse(r.out, r.out_len, FAULT_COMMAND_OUTPUT, "kubectl get", e);
	if (!*ret)
		return -1;
	if (!json_is_array(json_object_get(*ret, "items"))) {
		cleanup_json(ret);
		return err_set(e, FAULT_COMMAND_OUTPUT, N_("kubectl get %s answered no list"),
			       kind);
	}
	return 0;
}

static const char *const readyz[] = { "kubectl", "get", "--raw=/readyz", NULL };

int kube_there(struct step_ctx *c, struct err *e)
{
	_cleanup_proc_ struct proc_result r = { 0 };
	struct err own = ERR_INIT;
	if (step_query(c, readyz, &r, &own) == 0)
		return 1;
	return own.fault == FAULT_COMMAND_MISSING ? 0 : pass_on(&own, e);
}

int kube_ready(struct step_ctx *c, struct err *e)
{
	_cleanup_proc_ struct proc_result r = { 0 };
	struct err own = ERR_INIT;
	if (query(c, readyz, &r, &own))
		return own.fault == FAULT_KUBE_UNREACHABLE ? 0 : pass_on(&own, e);
	return r.status == 0 && r.out && text_starts(r.out, "ok");
}

/* Kubernetes, "Access services running on clusters": the proxy verb of the API server. */
int kube_fetch(struct step_ctx *c, const char *ns, const char *service, unsigned port, const char *path,
	       char **ret, struct err *e)
{
	_cleanup_proc_ struct proc_result r = { 0 };
	_cleanup_free_ char *raw = xasprintf("--raw=/api/v1/namespaces/%s/services/%s:%u/proxy%s", ns,
					     service, port, path);
	const char *const argv[] = { "kubectl", "get", raw, NULL };
	*ret = NULL;
	if (query(c, argv, &r, e))
		return -1;
	if (r.status == 0 && r.out)
		*ret = xstrndup(r.out, r.out_len);
	return 0;
}

/* The manifest of one object or of an array of them. New. */
static char *manifest(const json_t *objects)
{
	if (!json_is_array(objects))
		return json_canonical(objects);
	_cleanup_json_ json_t *list =
		json_pack("{s:s, s:s, s:O}", "apiVersion", "v1", "kind", "List", "items", objects);
	return json_canonical(list);
}

int kube_apply(struct step_ctx *c, const json_t *objects, struct err *e)
{
	/* No "-o json": its answer would repeat a Secret's content. */
	static const char *const argv[] = { "kubectl",
					    "apply",
					    "--server-side",
					    "--force-conflicts",
					    "--field-manager=ess-setup",
					    "-f",
					    "-",
					    NULL };
	_cleanup_secret_ char *text = manifest(objects);
	_cleanup_proc_ struct proc_result r = { 0 };
	if (run(c, argv, text, 120, &r, e))
		return -1;
	return r.status ? judge(&r, "apply", e) : 0;
}

int kube_would_apply(struct step_ctx *c, const json_t *objects, char **ret_reason, struct err *e)
{
	static const char *const argv[] = { "kubectl",
					    "apply",
					    "--server-side",
					    "--force-conflicts",
					    "--field-manager=ess-setup",
					    "--dry-run=server",
					    "-f",
					    "-",
					    NULL };
	*ret_reason = NULL;
	/* A question with an input: a plan cannot ask it, and would have to list it as a change. */
	if (step_dry_run(c))
		return 1;
	_cleanup_secret_ char *text = manifest(objects);
	_cleanup_proc_ struct proc_result r = { 0 };
	if (run(c, argv, text, 60, &r, e))
		return -1;
	if (!r.status)
		return 1;
	const char *last = r.last_err ? r.last_err : "";
	if (is_unreachable(last))
		return judge(&r, "apply", e);
	*ret_reason = xstrdup(last);
	return 0;
}

/* The resource that kubectl knows an object by. */
static const char *resource_of(const json_t *object)
{
	static const struct {
		const char *kind, *resource;
	} known[] = {
		{ "Namespace", "namespaces" },
		{ "Secret", "secrets" },
		{ "ConfigMap", "configmaps" },
		{ "Service", "services" },
		{ "Ingress", "ingresses" },
		{ "ClusterIssuer", "clusterissuers.cert-manager.io" },
		{ "Certificate", "certificates.cert-manager.io" },
		{ "HelmChartConfig", "helmchartconfigs.helm.cattle.io" },
	};
	const char *kind = json_str_at(object, "kind");
	for (size_t i = 0; kind && i < ARRAY_LEN(known); i++)
		if (!strcmp(known[i].kind, kind))
			return known[i].resource;
	return kind;
}

int kube_check(struct step_ctx *c, const json_t *objects, enum step_found *ret, struct err *e)
{
	size_t present = 0, right = 0, i;
	json_t *want;
	json_array_foreach(objects, i, want) {
		_cleanup_json_ json_t *live = NULL;
		if (kube_get(c, resource_of(want), json_str_at(want, "metadata.name"),
			     json_str_at(want, "metadata.namespace"), &live, e))
			return -1;
		present += live != NULL;
		right += live && kube_matches(live, want);
	}
	*ret = right == json_array_size(objects) ? STEP_PRESENT
	       : present			 ? STEP_DIFFERENT
						 : STEP_ABSENT;
	return 0;
}

int kube_absent(struct err *e, enum step_found *ret)
{
	if (e->fault != FAULT_KUBE_UNREACHABLE && e->fault != FAULT_NOT_YET)
		return -1;
	err_clear(e);
	*ret = STEP_ABSENT;
	return 0;
}

int kube_delete(struct step_ctx *c, const char *kind, const char *name, const char *ns,
		struct err *e)
{
	struct args a = { .n = 0 };
	add(&a, "kubectl");
	add(&a, "delete");
	add(&a, kind);
	add(&a, name);
	add_ns(&a, ns);
	add(&a, "--ignore-not-found");
	add(&a, "--timeout=120s");
	_cleanup_proc_ struct proc_result r = { 0 };
	if (run(c, a.v, NULL, 150, &r, e))
		return -1;
	return r.status && !is_missing(r.last_err ? r.last_err : "") ? judge(&r, "delete", e) : 0;
}

int kube_exec(struct step_ctx *c, const char *ns, const char *workload, const char *container,
	      const char *const *argv, const char *input, bool read_only, struct proc_result *ret,
	      struct err *e)
{
	size_t n = 0;
	while (argv[n])
		n++;
	_cleanup_free_ const char **v = xcalloc(n + 11, sizeof(*v));
	size_t i = 0;
	v[i++] = "kubectl";
	v[i++] = "exec";
	if (input)
		v[i++] = "-i";
	v[i++] = "-n";
	v[i++] = ns;
	v[i++] = workload;
	v[i++] = "-c";
	v[i++] = container;
	v[i++] = "--";
	memcpy(v + i, argv, n * sizeof(*v));
	int r = read_only && !input ? query(c, v, ret, e) : run(c, v, input, 300, ret, e);
	if (r)
		return -1;
	return ret->status && ret->last_err && is_unreachable(ret->last_err) ? judge(ret, "exec", e)
									     : 0;
}

char *kube_last_words(struct step_ctx *c, const char *ns, const char *pod, const char *container)
{
	_cleanup_free_ char *which = xasprintf("pod/%s", pod);
	const char *const argv[] = { "kubectl",	  "logs", "-n",	     ns,  which,
				     "--tail=50", "-c",	  container, NULL };
	_cleanup_proc_ struct proc_result r = { 0 };
	struct err ignored = ERR_INIT;

	if (query(c, argv, &r, &ignored) || r.status)
		return NULL;
	_cleanup_strv_ char **lines = text_split(r.out, '\n');
	size_t n = strv_len(lines);
	return n ? xstrdup(lines[n - 1]) : NULL;
}

int kube_talk(struct step_ctx *c, const char *ns, const char *workload, const char *container,
	      const char *const *argv, const struct talk_turn *turns, int *ret_status,
	      char **ret_said, struct err *e)
{
	const char *v[ARGV_MAX + 1] = { "kubectl", "exec", "-it",     "-n", ns,
					workload,  "-c",   container, "--" };
	for (size_t i = 9; *argv && i < ARGV_MAX; i++)
		v[i] = *argv++;
	return step_talk(c, v, turns, ret_status, ret_said, e);
}

int kube_restart(struct step_ctx *c, const char *ns, const char *workload, struct err *e)
{
	const char *const argv[] = { "kubectl", "rollout", "restart", workload, "-n", ns, NULL };
	_cleanup_proc_ struct proc_result r = { 0 };
	if (run(c, argv, NULL, 60, &r, e))
		return -1;
	return r.status ? judge(&r, "rollout restart", e) : 0;
}
