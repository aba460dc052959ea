/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Step 75, ess-ready: every workload of the release is rolled out. Asked are the owners (Deployment,
 * StatefulSet), never pods by label: a finished job's pod is never ready. Pods only explain. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "steps/ess.h"
#include "steps/steps.h"

#define WAIT_S 3600
#define POLL_MS 3000
/* So many looks in a row at the same trouble, some 10 minutes: kubelet tries an image again within 5. */
#define PATIENCE 200
/* The same for what no further try mends. */
#define PATIENCE_FINAL 5
/* kubelet doubles the pause between restarts: the sixth comes after some 5 minutes. */
#define RESTARTS_MAX 6

struct readiness {
	size_t total, ready;
	char *why;          /* the first that is not: "ess-haproxy: 0 of 1 pods ready, ..." */
	enum fault trouble; /* seen last, and how often in a row */
	unsigned times;
};

static bool of_release(const json_t *workload)
{
	const json_t *notes = json_at(workload, "metadata.annotations");
	const char *release = json_string_value(json_object_get(notes, "meta.helm.sh/release-name"));
	return release && !strcmp(release, ESS_RELEASE);
}

static int count(struct step_ctx *c, const char *kind, struct readiness *r, struct err *e)
{
	_cleanup_json_ json_t *list = NULL;
	size_t i;
	json_t *workload;

	if (kube_list(c, kind, ESS_NS, NULL, &list, e) < 0)
		return -1;
	json_array_foreach (json_object_get(list, "items"), i, workload) {
		_cleanup_free_ char *why = NULL;
		if (!of_release(workload))
			continue;
		r->total++;
		if (kube_workload_ready(workload, &why))
			r->ready++;
		else if (!r->why)
			r->why = xasprintf("%s: %s", json_str_at(workload, "metadata.name"),
					   why ? why : "-");
	}
	return 0;
}

static int look(struct step_ctx *c, struct readiness *r, struct err *e)
{
	r->total = r->ready = 0;
	free(r->why);
	r->why = NULL;
	return count(c, "statefulsets", r, e) < 0 ? -1 : count(c, "deployments", r, e);
}

static int check(struct step_ctx *c, enum step_found *ret, struct err *e)
{
	struct readiness r = { 0 };
	struct err own = ERR_INIT;
	int rc = look(c, &r, &own);

	free(r.why);
	if (rc < 0) {
		if (kube_absent(&own, ret) == 0)
			return 0;
		*e = own;
		return -1;
	}
	*ret = r.total == 0 ? STEP_ABSENT : r.ready == r.total ? STEP_PRESENT : STEP_DIFFERENT;
	return 0;
}

/* The SFU asks STUN servers at its start and ends without a word when none answers
 * (ess-helm docs/troubleshooting.md). */
static enum fault refine(struct step_ctx *c, const struct pod_trouble *t)
{
	if (t->fault == FAULT_ESS_CRASH && strstr(t->pod, "-matrix-rtc-sfu-") &&
	    !strcmp(step_str(c, "network.public_address_mode"), "stun"))
		return FAULT_ESS_SFU_ADDRESS;
	return t->fault;
}

/* Synapse's and MAS' words for a database that was made with other passwords (PostgreSQL, SQLSTATE
 * 28P01). */
static bool is_old_data(const char *words)
{
	return words && strstr(words, "password authentication failed");
}

static int give_up(struct step_ctx *c, const struct pod_trouble *t, struct err *e)
{
	bool crashed = t->fault == FAULT_ESS_CRASH && *t->container;
	_cleanup_free_ char *words = crashed ? kube_last_words(c, ESS_NS, t->pod, t->container) : NULL;
	if (words)
		return err_set(e, is_old_data(words) ? FAULT_ESS_OLD_DATA : refine(c, t),
			       N_("pod %s; its last words: %s"), t->said, words);
	return err_set(e, refine(c, t), N_("pod %s"), t->said);
}

/* Looks at the pods: -1 with the fault when there is no point in waiting any longer. */
static int explain(struct step_ctx *c, struct readiness *r, bool now, struct err *e)
{
	struct pod_trouble t __attribute__((cleanup(pod_trouble_done))) = { 0 };
	_cleanup_json_ json_t *pods = NULL;

	if (kube_list(c, "pods", ESS_NS, NULL, &pods, e) < 0)
		return -1;
	pod_trouble_find(pods, &t);
	r->times = t.fault != FAULT_NONE && t.fault == r->trouble ? r->times + 1 : 0;
	r->trouble = t.fault;
	if (t.fault == FAULT_NONE)
		return 0;
	step_progress(c, -1, N_("waiting: %s"), t.said);
	if (now || r->times >= PATIENCE || (t.final && r->times >= PATIENCE_FINAL) ||
	    t.restarts >= RESTARTS_MAX)
		return give_up(c, &t, e);
	return 0;
}

static int all_ready(struct step_ctx *c, void *arg, char **ret_seen, struct err *e)
{
	struct readiness *r = arg;
	struct err own = ERR_INIT;

	if (look(c, r, &own) < 0) {
		/* On a small machine the API server may be gone for a moment while images are unpacked. */
		if (own.fault == FAULT_KUBE_UNREACHABLE) {
			*ret_seen = err_text(&own);
			return 0;
		}
		*e = own;
		return -1;
	}
	if (r->total > 0 && r->ready == r->total)
		return 1;
	*ret_seen = xstrdup(r->why ? r->why : "no workload of the release");
	/* What is in the way says more than a number: it is told first, and only one is shown. */
	if (explain(c, r, false, e) < 0)
		return -1;
	step_progress(c, r->total ? (int)(100 * r->ready / r->total) : 0,
		      N_("%zu of %zu parts are ready; %s"), r->ready, r->total, r->why ? r->why : "-");
	return 0;
}

static int apply(struct step_ctx *c, struct err *e)
{
	struct readiness r = { 0 };
	struct err own = ERR_INIT;
	int rc = step_wait(c, WAIT_S, POLL_MS, FAULT_ESS_NOT_READY, all_ready, &r, &own);

	/* Time alone explains nothing: what the pods say is better, where they say something. */
	if (rc < 0 && own.fault == FAULT_ESS_NOT_READY)
		explain(c, &r, true, e);
	if (rc < 0 && !err_is_set(e))
		*e = own;
	free(r.why);
	return rc;
}

static const char *const inputs[] = { "config:network.public_address_mode", "fact:values.sha256", NULL };

const struct step step_ess_ready = {
	.id = "ess-ready",
	.number = 75,
	.title = N_("All parts running"),
	.version = 1,
	.estimate_s = 600,
	.inputs = inputs,
	.check = check,
	.apply = apply,
};
