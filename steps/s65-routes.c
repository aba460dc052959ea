/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Step 65, routes: what stands around the chart: its namespace, the inner Service by which pods
 * reach the public names, the federation route, Secrets that the chart reads passwords from, and the
 * kept certificates, before an Ingress can order new ones. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "steps/gather.h"
#include "steps/kept.h"
#include "steps/kube.h"
#include "steps/steps.h"
#include "steps/values.h"

static const char *const inputs[] = {
	ROUTES_INPUTS,
	"config:certificates.environment",
	"config:domains.*",
	"config:postgres.mode",
	"config:smtp.*",
	"secret:postgres.auth_password",
	"secret:postgres.synapse_password",
	"secret:smtp.password",
	NULL,
};

/* The workloads that read a Secret of ours at their start. */
static const struct {
	const char *secret, *kind, *name;
} readers[] = {
	{ VALUES_POSTGRES_SECRET, "statefulsets", "ess-synapse-main" },
	{ VALUES_POSTGRES_SECRET, "deployments", "ess-matrix-authentication-service" },
	{ VALUES_EMAIL_SECRET, "deployments", "ess-matrix-authentication-service" },
};

/* --- what is wanted --------------------------------------------------------------------------- */

static int add_postgres(struct step_ctx *c, json_t *list, struct err *e)
{
	const struct postgres_secret_in in = { step_secret(c, "postgres.synapse_password"),
					       step_secret(c, "postgres.auth_password") };
	if (strcmp(step_str(c, "postgres.mode"), "external"))
		return 0;
	if (!in.synapse || !in.auth)
		return err_set(e, FAULT_CONFIG_VALUE, N_("%s is not set"),
			       in.synapse ? "postgres.auth_password" : "postgres.synapse_password");
	json_array_append_new(list, routes_postgres_secret(&in));
	return 0;
}

static int add_email(struct step_ctx *c, json_t *list, struct err *e)
{
	const struct email_secret_in in = {
		.host = step_str(c, "smtp.host"),
		.mode = step_str(c, "smtp.mode"),
		.username = step_str(c, "smtp.username"),
		.password = step_secret(c, "smtp.password"),
		.from = step_str(c, "smtp.from"),
		.port = (unsigned)step_int(c, "smtp.port"),
	};
	if (!in.host)
		return 0;
	if (!in.from)
		return err_set(e, FAULT_CONFIG_VALUE, N_("%s is not set"), "smtp.from");
	json_array_append_new(list, routes_email_secret(&in));
	return 0;
}

/* Array of Secrets; new. */
static json_t *wanted_secrets(struct step_ctx *c, struct err *e)
{
	json_t *list = json_array();
	if (add_postgres(c, list, e) || add_email(c, list, e)) {
		json_decref(list);
		return NULL;
	}
	return list;
}

/* --- check ------------------------------------------------------------------------------------ */

static bool terminating(const json_t *ns)
{
	const char *phase = json_str_at(ns, "status.phase");
	return phase && !strcmp(phase, "Terminating");
}

/* 1 when nothing is there that should not be. */
static int no_leftovers(struct step_ctx *c, struct err *e)
{
	_cleanup_json_ json_t *ingress = NULL, *ns = NULL;
	if (kube_get(c, "namespaces", ESS_NS, NULL, &ns, e) ||
	    kube_get(c, "ingresses", FEDERATION_INGRESS, ESS_NS, &ingress, e))
		return -1;
	if (terminating(ns))
		return 0;
	return !ingress || strcmp(step_str(c, "federation.plan"), "none");
}

static int look(struct step_ctx *c, enum step_found *ret, struct err *e)
{
	_cleanup_json_ json_t *routes = gather_routes(c, e);
	_cleanup_json_ json_t *secrets = routes ? wanted_secrets(c, e) : NULL;
	if (!secrets)
		return -1;
	json_array_extend(routes, secrets);
	if (kube_check(c, routes, ret, e))
		return -1;
	int clean = *ret == STEP_PRESENT ? no_leftovers(c, e) : 1;
	int missing = clean == 1 && *ret == STEP_PRESENT ? kept_missing_tls(c, e) : 0;
	if (clean == 0 || missing > 0)
		*ret = STEP_DIFFERENT;
	return clean < 0 || missing < 0 ? -1 : 0;
}

static int check(struct step_ctx *c, enum step_found *ret, struct err *e)
{
	struct err own = ERR_INIT;
	if (look(c, ret, &own) == 0 || kube_absent(&own, ret) == 0)
		return 0;
	*e = own;
	return -1;
}

/* --- apply: namespace ------------------------------------------------------------------------- */

static int ns_gone(struct step_ctx *c, void *arg, char **ret_seen, struct err *e)
{
	_cleanup_json_ json_t *ns = NULL;
	if (kube_get(c, "namespaces", ESS_NS, NULL, &ns, e))
		return -1;
	*ret_seen = xstrdup("Terminating");
	return !terminating(ns);
}

/* --- apply: the inner Service ----------------------------------------------------------------- */

/* An address cannot be changed in place. */
static int make_way(struct step_ctx *c, const json_t *service, struct err *e)
{
	const char *ns = json_str_at(service, "metadata.namespace");
	const char *want = json_str_at(service, "spec.clusterIP");
	_cleanup_json_ json_t *live = NULL;
	if (kube_get(c, "services", INTERNAL_SERVICE, ns, &live, e))
		return -1;
	const char *have = json_str_at(live, "spec.clusterIP");
	if (!have || !strcmp(have, want))
		return 0;
	return kube_delete(c, "services", INTERNAL_SERVICE, ns, e);
}

static int put_service(struct step_ctx *c, const json_t *service, struct err *e)
{
	_cleanup_free_ char *reason = NULL;
	if (!step_dry_run(c) && make_way(c, service, e))
		return -1;
	int fine = kube_would_apply(c, service, &reason, e);
	if (fine < 0)
		return -1;
	if (!fine)
		return err_set(e, strstr(reason, "clusterIP") ? FAULT_KUBE_ADDRESS : FAULT_KUBE,
			       N_("the inner service is refused: %s"), reason);
	return kube_apply(c, service, e);
}

/* --- apply: Secrets --------------------------------------------------------------------------- */

static int restart_readers(struct step_ctx *c, const char *secret, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(readers); i++) {
		_cleanup_json_ json_t *workload = NULL;
		if (strcmp(readers[i].secret, secret))
			continue;
		if (kube_get(c, readers[i].kind, readers[i].name, ESS_NS, &workload, e))
			return -1;
		_cleanup_free_ char *name = xasprintf(
			"%s/%s", *readers[i].kind == 's' ? "sts" : "deploy", readers[i].name);
		if (workload && kube_restart(c, ESS_NS, name, e))
			return -1;
	}
	return 0;
}

/* Pods notice a new password at their next start. The annotation says so in the cluster itself
 * until they were started anew, so that a run which dies in between is taken up again. */
static int put_secret(struct step_ctx *c, const json_t *secret, struct err *e)
{
	const char *name = json_str_at(secret, "metadata.name");
	_cleanup_json_ json_t *live = NULL;
	if (!step_dry_run(c) && kube_get(c, "secrets", name, ESS_NS, &live, e))
		return -1;
	if (live && kube_matches(live, secret))
		return 0;
	if (live) {
		_cleanup_json_ json_t *stale = json_deep_copy(secret);
		json_object_set_new(json_at(stale, "metadata.annotations"), ROUTES_READERS,
				    json_string("stale"));
		if (kube_apply(c, stale, e) || restart_readers(c, name, e))
			return -1;
	}
	return kube_apply(c, secret, e);
}

static int apply(struct step_ctx *c, struct err *e)
{
	_cleanup_json_ json_t *routes = gather_routes(c, e);
	_cleanup_json_ json_t *secrets = routes ? wanted_secrets(c, e) : NULL;
	size_t i;
	json_t *object;
	if (!secrets || step_wait(c, 300, 2000, FAULT_KUBE_TERMINATING, ns_gone, NULL, e) ||
	    kube_apply(c, json_array_get(routes, 0), e) ||
	    put_service(c, json_array_get(routes, 1), e))
		return -1;
	json_array_foreach(secrets, i, object)
		if (put_secret(c, object, e))
			return -1;
	/* Saved first: what stands in the way of a kept one may be newer than anything kept. */
	if (!step_dry_run(c) && (kept_save_tls(c, e) < 0 || kept_restore_tls(c, e) < 0))
		return -1;
	const json_t *ingress = json_array_get(routes, 2);
	if (ingress)
		return kube_apply(c, ingress, e);
	return step_dry_run(c) ? 0 : kube_delete(c, "ingresses", FEDERATION_INGRESS, ESS_NS, e);
}

const struct step step_routes = {
	.id = "routes",
	.number = 65,
	.title = N_("Routes inside the cluster"),
	.version = 1,
	.estimate_s = 5,
	.inputs = inputs,
	.check = check,
	.apply = apply,
};
