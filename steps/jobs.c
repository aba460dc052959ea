/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The jobs: ordered tables of steps. */
#include <string.h>

#include "base/mem.h"
#include "steps/steps.h"

static const struct step *const install_steps[] = {
	&step_preflight,    &step_supply,	&step_public_address, &step_dns,    &step_packages,
	&step_helm,	    &step_values,	&step_k3s,	      &step_traefik, &step_cert_manager,
	&step_issuer,	    &step_routes,	&step_ess,	      &step_ess_ready, &step_certificates,
	&step_admin_user,   &step_verify,	&step_handover,	      NULL,
};

static const struct step *const bundle_make_steps[] = {
	&step_bundle_target, &step_supply, &step_bundle_helm, &step_values, &step_bundle_images, &step_bundle_pack,
	NULL,
};

static const struct step *const bundle_use_steps[] = { &step_bundle_use, NULL };

static const struct job jobs[] = {
	{ "install", N_("Install"), install_steps, false },
	{ "bundle-make", N_("Make a bundle"), bundle_make_steps, true },
	{ "bundle-use", N_("Use a bundle"), bundle_use_steps, true },
};

const struct job *job_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(jobs); i++)
		if (!strcmp(jobs[i].name, name))
			return &jobs[i];
	return NULL;
}
