/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Step 50, traefik: the settings in the syntax of the chart that K3s really shipped, and what came
 * of them read back from the Service and the Deployment: K3s ignores a wrong key silently. With a
 * cluster that is there already: only looks whether its ingress controller is. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "steps/gather.h"
#include "steps/kube.h"
#include "steps/steps.h"
#include "steps/traefik.h"

#define EFFECT_WAIT_S 1200 /* the images of Traefik are fetched in it */
#define CHART_WAIT_S 300

static const char *const inputs[] = {
	TRAEFIK_INPUTS,
	"config:cluster.ingress_class",
	"config:cluster.ingress_namespace",
	"config:cluster.ingress_selector",
	"config:cluster.kind",
	NULL,
};

/* The HelmChartConfig for that chart. New. */
static json_t *wanted(struct step_ctx *c, const char *version, struct traefik_in *in,
		      unsigned *major, struct err *e)
{
	*major = (unsigned)strtoul(version, NULL, 10);
	if (*major < TRAEFIK_CHART_MIN) {
		err_set(e, FAULT_TRAEFIK_CHART,
			N_("K3s' Traefik chart is %s, at least %d is needed"), version,
			TRAEFIK_CHART_MIN);
		return NULL;
	}
	return gather_traefik(c, in, e) ? NULL : traefik_build(in, *major);
}

/* --- somebody else's cluster ------------------------------------------------------------------ */

static int foreign_right(struct step_ctx *c, char **ret_seen, struct err *e)
{
	_cleanup_json_ json_t *class = NULL, *pods = NULL;
	const char *name = step_str(c, "cluster.ingress_class");
	const char *selector = step_str(c, "cluster.ingress_selector");
	const char *ns = step_str(c, "cluster.ingress_namespace");
	if (kube_get(c, "ingressclasses", name, NULL, &class, e) ||
	    kube_list(c, "pods", ns, selector, &pods, e))
		return -1;
	if (!class) {
		*ret_seen = xasprintf("no IngressClass %s", name);
		return 0;
	}
	size_t i;
	json_t *pod;
	json_array_foreach(json_object_get(pods, "items"), i, pod)
		if (kube_condition_true(pod, "Ready"))
			return 1;
	*ret_seen = xasprintf("no ready pod with %s in namespace %s", selector, ns);
	return 0;
}

/* --- check ------------------------------------------------------------------------------------ */

static int file_right(struct step_ctx *c, const json_t *config, struct err *e)
{
	_cleanup_free_ char *text = json_pretty(config);
	return step_same(c, TRAEFIK_MANIFEST, text, strlen(text), 0600, e);
}

static int own_check(struct step_ctx *c, enum step_found *ret, struct err *e)
{
	_cleanup_free_ char *version = NULL, *seen = NULL;
	struct traefik_in in;
	unsigned major;
	*ret = STEP_ABSENT;
	if (traefik_shipped(c, &version, e))
		return -1;
	if (!version)
		return 0;
	_cleanup_json_ json_t *config = wanted(c, version, &in, &major, e);
	_cleanup_json_ json_t *all = config ? json_pack("[O]", config) : NULL;
	int r = config ? file_right(c, config, e) : -1;
	*ret = STEP_DIFFERENT;
	if (r > 0 && kube_check(c, all, ret, e))
		return -1;
	if (r > 0 && *ret == STEP_PRESENT) {
		r = traefik_effect(c, &in, major, &seen, e);
		*ret = r > 0 ? STEP_PRESENT : STEP_DIFFERENT;
	}
	if (r > 0)
		step_fact_set(c, "traefik.chart", version);
	return r < 0 ? -1 : 0;
}

static int check(struct step_ctx *c, enum step_found *ret, struct err *e)
{
	struct err own = ERR_INIT;
	int r;
	if (gather_own_k3s(c)) {
		r = own_check(c, ret, &own);
	} else {
		_cleanup_free_ char *seen = NULL;
		r = foreign_right(c, &seen, &own);
		*ret = r > 0 ? STEP_PRESENT : STEP_ABSENT;
	}
	if (r >= 0)
		return 0;
	if (kube_absent(&own, ret) == 0)
		return 0;
	*e = own;
	return -1;
}

/* --- apply ------------------------------------------------------------------------------------ */

static int chart_there(struct step_ctx *c, void *arg, char **ret_seen, struct err *e)
{
	char **version = arg;
	step_progress(c, 10, N_("waiting for K3s' own Traefik"));
	*ret_seen = xstrdup("no HelmChart traefik");
	return traefik_shipped(c, version, e) ? -1 : *version != NULL;
}

struct effect_wait {
	const struct traefik_in *in;
	unsigned major;
	char *job;	   /* uid of helm's job that ran before the settings were handed over */
	unsigned failures; /* looks in a row */
	unsigned settled;  /* looks in a row at which all is done and still not right */
};

/* The HelmChart may still tell of an earlier failure; after some looks it is this one. */
#define FAILURES_MAX 5

static int effect_there(struct step_ctx *c, void *arg, char **ret_seen, struct err *e)
{
	struct effect_wait *w = arg;
	_cleanup_free_ char *why = NULL;
	int r = traefik_effect(c, w->in, w->major, ret_seen, e);
	if (r)
		return r;
	step_progress(c, 60, N_("waiting for Traefik: %s"), *ret_seen ? *ret_seen : "-");
	int failed = traefik_failed(c, &why, e);
	if (failed < 0)
		return -1;
	int settled = failed ? 0 : traefik_settled(c, w->job, e);
	if (settled < 0)
		return -1;
	w->failures = failed ? w->failures + 1 : 0;
	w->settled = settled ? w->settled + 1 : 0;
	if (w->settled >= FAILURES_MAX)
		return err_set(e, FAULT_TRAEFIK_EFFECT, N_("K3s' helm job is done, but: %s"),
			       *ret_seen ? *ret_seen : "-");
	if (w->failures < FAILURES_MAX)
		return 0;
	return err_set(e, FAULT_TRAEFIK_JOB, N_("K3s' helm job says: %s"), why);
}

/* Hands the settings to K3s: by the file, which it reads at each start, and at once. */
static int put_config(struct step_ctx *c, const json_t *config, bool *ret_same, struct err *e)
{
	_cleanup_free_ char *text = json_pretty(config);
	_cleanup_json_ json_t *all = json_pack("[O]", config);
	enum step_found live = STEP_ABSENT;
	if (step_write(c, TRAEFIK_MANIFEST, text, strlen(text), 0600, e))
		return -1;
	if (!step_dry_run(c) && kube_check(c, all, &live, e))
		return -1;
	*ret_same = live == STEP_PRESENT;
	return *ret_same ? 0 : kube_apply(c, config, e);
}

/* Where the settings are there but not their effect, nobody else would run helm. */
static int run_helm(struct step_ctx *c, const struct traefik_in *in, unsigned major, bool same,
		    struct err *e)
{
	_cleanup_free_ char *seen = NULL;
	int right = traefik_effect(c, in, major, &seen, e);
	if (right)
		return right < 0 ? -1 : 0;
	return traefik_rerun(c, same, e);
}

static int own_apply(struct step_ctx *c, struct err *e)
{
	_cleanup_free_ char *version = NULL;
	struct traefik_in in;
	unsigned major;
	if (step_wait(c, CHART_WAIT_S, 2000, FAULT_TRAEFIK_MISSING, chart_there, &version, e))
		return -1;
	/* A plan knows no chart yet. */
	_cleanup_json_ json_t *config = wanted(c, version ? version : "39", &in, &major, e);
	if (!config)
		return -1;
	bool same;
	_cleanup_free_ char *job = NULL;
	if ((!step_dry_run(c) && traefik_job(c, &job, e)) || put_config(c, config, &same, e) ||
	    (!step_dry_run(c) && run_helm(c, &in, major, same, e)))
		return -1;
	struct effect_wait w = { .in = &in, .major = major, .job = job };
	if (step_wait(c, EFFECT_WAIT_S, 3000, FAULT_TRAEFIK_EFFECT, effect_there, &w, e))
		return -1;
	if (version)
		step_fact_set(c, "traefik.chart", version);
	return 0;
}

static int foreign_there(struct step_ctx *c, void *arg, char **ret_seen, struct err *e)
{
	return foreign_right(c, ret_seen, e);
}

static int apply(struct step_ctx *c, struct err *e)
{
	if (gather_own_k3s(c))
		return own_apply(c, e);
	return step_wait(c, 60, 2000, FAULT_KUBE_INGRESS, foreign_there, NULL, e);
}

const struct step step_traefik = {
	.id = "traefik",
	.number = 50,
	.title = N_("Entry point (Traefik)"),
	.version = 1,
	.estimate_s = 60,
	.inputs = inputs,
	.check = check,
	.apply = apply,
};
