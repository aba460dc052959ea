/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "steps/generated.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "steps/gather.h"

/* j is stolen, may be NULL. */
static char *pretty(json_t *j)
{
	char *text = j ? json_pretty(j) : NULL;
	json_decref(j);
	return text;
}

static char *values_json(struct step_ctx *c, struct err *e)
{
	return pretty(gather_values(c, e));
}

/* In the syntax of the charts that a supported K3s of today ships; the traefik step looks which one
 * it really is. */
static char *traefik_json(struct step_ctx *c, struct err *e)
{
	struct traefik_in in;
	return gather_traefik(c, &in, e) ? NULL : pretty(traefik_build(&in, TRAEFIK_CHART_HTTP));
}

static char *issuer_json(struct step_ctx *c, struct err *e)
{
	return pretty(gather_issuer(c, e));
}

static char *routes_json(struct step_ctx *c, struct err *e)
{
	return pretty(gather_routes(c, e));
}

static char *cert_manager_json(struct step_ctx *c, struct err *e)
{
	return pretty(gather_cert_manager(c, e));
}

static const char *const values_inputs[] = { VALUES_INPUTS, NULL };
static const char *const traefik_inputs[] = { TRAEFIK_INPUTS, NULL };
static const char *const k3s_inputs[] = { K3S_CONFIG_INPUTS, NULL };
static const char *const registries_inputs[] = { REGISTRIES_INPUTS, NULL };
static const char *const resolv_inputs[] = { RESOLV_INPUTS, NULL };
static const char *const cert_manager_inputs[] = { CERT_MANAGER_INPUTS, NULL };
static const char *const issuer_inputs[] = { ISSUER_INPUTS, NULL };
static const char *const routes_inputs[] = { ROUTES_INPUTS, NULL };

const struct generated generated_table[] = {
	{ "values.json", values_json, values_inputs },
	{ "traefik.json", traefik_json, traefik_inputs },
	{ "k3s-config.yaml", gather_k3s_config, k3s_inputs },
	{ "registries.yaml", gather_registries, registries_inputs },
	{ "resolv.conf", gather_resolv, resolv_inputs },
	{ "cert-manager-values.json", cert_manager_json, cert_manager_inputs },
	{ "issuer.json", issuer_json, issuer_inputs },
	{ "routes.json", routes_json, routes_inputs },
	{ NULL, NULL, NULL },
};

char *generated_build(struct step_ctx *c, const char *name, struct err *e)
{
	for (const struct generated *g = generated_table; g->name; g++)
		if (!strcmp(g->name, name))
			return g->build(c, e);
	err_set(e, FAULT_INTERNAL, N_("no generated file is named %s"), name);
	return NULL;
}

char *generated_path(const char *name)
{
	return xasprintf("/var/lib/ess-setup/generated/%s", name);
}
