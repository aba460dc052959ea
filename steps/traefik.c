/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "steps/traefik.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "steps/kube.h"

#define NS "kube-system"
#define JOB "helm-install-traefik"

int traefik_shipped(struct step_ctx *c, char **ret, struct err *e)
{
	_cleanup_json_ json_t *chart = NULL;
	*ret = NULL;
	if (kube_get(c, "helmcharts.helm.cattle.io", "traefik", NS, &chart, e))
		return -1;
	const char *url = json_str_at(chart, "spec.chart");
	if (!url)
		return 0;
	*ret = traefik_chart_version(url);
	return *ret ? 0 : err_set(e, FAULT_TRAEFIK_CHART, N_("K3s' Traefik chart is %s"), url);
}

/* --- the effect ------------------------------------------------------------------------------- */

static int service_right(struct step_ctx *c, const struct traefik_in *in, char **ret_seen,
			 struct err *e)
{
	_cleanup_json_ json_t *service = NULL, *ports = traefik_ports(in);
	if (kube_get(c, "services", "traefik", NS, &service, e))
		return -1;
	const json_t *have = json_at(service, "spec.ports");
	const char *type = json_str_at(service, "spec.type");
	size_t i, k, right = 0;
	json_t *want, *port;
	json_array_foreach(ports, i, want)
		json_array_foreach(have, k, port)
			right += (size_t)kube_matches(port, want);
	/* Only a LoadBalancer is carried to the machine's own ports (K3s' ServiceLB). */
	if (type && !strcmp(type, "LoadBalancer") && right == json_array_size(ports) &&
	    json_array_size(have) == right)
		return 1;
	_cleanup_free_ char *text = have ? json_canonical(have) : xstrdup("-");
	*ret_seen = xasprintf("Service traefik: %s, ports %s", type ? type : "-", text);
	return 0;
}

static bool has_arg(const json_t *args, const char *want)
{
	size_t i;
	json_t *a;
	json_array_foreach(args, i, a)
		if (json_string_value(a) && !strcasecmp(json_string_value(a), want))
			return true;
	return false;
}

static bool names_default(const json_t *args)
{
	size_t i;
	json_t *a;
	json_array_foreach(args, i, a)
		if (json_string_value(a) && strcasestr(json_string_value(a), ".asDefault="))
			return true;
	return false;
}

static int deployment_right(struct step_ctx *c, const struct traefik_in *in, unsigned chart_major,
			    char **ret_seen, struct err *e)
{
	_cleanup_json_ json_t *deployment = NULL, *want = traefik_args(in, chart_major);
	if (kube_get(c, "deployments", "traefik", NS, &deployment, e))
		return -1;
	const json_t *containers = json_at(deployment, "spec.template.spec.containers");
	const json_t *args = json_object_get(json_array_get(containers, 0), "args");
	size_t i;
	json_t *w;
	json_array_foreach(want, i, w)
		if (!has_arg(args, json_string_value(w))) {
			*ret_seen = xasprintf("Traefik runs without %s", json_string_value(w));
			return 0;
		}
	if (names_default(args)) {
		*ret_seen = xstrdup("an entry point of Traefik is marked asDefault");
		return 0;
	}
	_cleanup_free_ char *why = NULL;
	if (kube_workload_ready(deployment, &why))
		return 1;
	*ret_seen = xasprintf("Deployment traefik: %s", why);
	return 0;
}

int traefik_effect(struct step_ctx *c, const struct traefik_in *in, unsigned chart_major,
		   char **ret_seen, struct err *e)
{
	int r = service_right(c, in, ret_seen, e);
	return r > 0 ? deployment_right(c, in, chart_major, ret_seen, e) : r;
}

/* --- the job ---------------------------------------------------------------------------------- */

/* Name of the newest record of helm's release when it says failed; *ret new, NULL when it does not.
 * Labels as in helm pkg/storage/driver/secrets.go. */
static int failed_record(struct step_ctx *c, char **ret, struct err *e)
{
	_cleanup_json_ json_t *list = NULL;
	const json_t *newest = NULL;
	long top = 0;
	size_t i;
	json_t *s;
	*ret = NULL;
	if (kube_list(c, "secrets", NS, "owner=helm,name=traefik", &list, e))
		return -1;
	json_array_foreach(json_object_get(list, "items"), i, s) {
		const char *version = json_str_at(s, "metadata.labels.version");
		long n = version ? strtol(version, NULL, 10) : 0;
		if (n > top) {
			top = n;
			newest = s;
		}
	}
	const char *status = json_str_at(newest, "metadata.labels.status");
	const char *name = json_str_at(newest, "metadata.name");
	if (status && name && !strcmp(status, "failed"))
		*ret = xstrdup(name);
	return 0;
}

/* The line that tells why; with failurePolicy abort the last one only says that the job waits. */
static char *last_words(const char *log)
{
	_cleanup_strv_ char **lines = log ? text_split(log, '\n') : NULL;
	size_t n = strv_len(lines);
	for (size_t i = n; i > 0; i--)
		if (strstr(lines[i - 1], "Error:") || strstr(lines[i - 1], "ERROR:"))
			return xstrdup(lines[i - 1]);
	return xstrdup(n ? lines[n - 1] : "-");
}

int traefik_failed(struct step_ctx *c, char **ret_why, struct err *e)
{
	static const char *const argv[] = { "kubectl",	"logs",	     "-n", NS,
					    "job/" JOB, "--tail=50", NULL };
	_cleanup_json_ json_t *chart = NULL;
	_cleanup_free_ char *record = NULL;
	_cleanup_proc_ struct proc_result r = { 0 };
	if (kube_get(c, "helmcharts.helm.cattle.io", "traefik", NS, &chart, e) ||
	    failed_record(c, &record, e))
		return -1;
	if (!kube_condition_true(chart, "Failed") && !record)
		return 0;
	if (step_query(c, argv, &r, e))
		return -1;
	*ret_why = last_words(r.out);
	return 1;
}

int traefik_job(struct step_ctx *c, char **ret_uid, struct err *e)
{
	_cleanup_json_ json_t *job = NULL;
	if (kube_get(c, "jobs", JOB, NS, &job, e))
		return -1;
	const char *uid = json_str_at(job, "metadata.uid");
	*ret_uid = uid ? xstrdup(uid) : NULL;
	return 0;
}

int traefik_settled(struct step_ctx *c, const char *before, struct err *e)
{
	_cleanup_json_ json_t *job = NULL, *deployment = NULL;
	_cleanup_free_ char *why = NULL;
	if (kube_get(c, "jobs", JOB, NS, &job, e) ||
	    kube_get(c, "deployments", "traefik", NS, &deployment, e))
		return -1;
	const char *uid = json_str_at(job, "metadata.uid");
	return uid && (!before || strcmp(uid, before)) && kube_condition_true(job, "Complete") &&
	       kube_workload_ready(deployment, &why);
}

/* helm-controller makes a job that is gone anew, and its helm puts right what was changed. Behind a
 * failed record the job would only wait for somebody; without it helm goes on from the revision
 * before, or adopts what a first installation left (helm pkg/action/validate.go). */
int traefik_rerun(struct step_ctx *c, bool again, struct err *e)
{
	_cleanup_free_ char *record = NULL;
	_cleanup_json_ json_t *job = NULL;
	if (failed_record(c, &record, e))
		return -1;
	if (record && kube_delete(c, "secrets", record, NS, e))
		return -1;
	if (!record && again && kube_get(c, "jobs", JOB, NS, &job, e))
		return -1;
	if (!record && !kube_condition_true(job, "Complete"))
		return 0;
	step_log(c, "running %s again", JOB);
	return kube_delete(c, "jobs", JOB, NS, e);
}
