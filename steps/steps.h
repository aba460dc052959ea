/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Every step, in the order of the install job. */
#pragma once

#include "steps/step.h"

extern const struct step step_preflight, step_supply, step_public_address, step_dns, step_packages, step_helm;
extern const struct step step_values, step_k3s, step_traefik, step_cert_manager, step_issuer, step_routes;
extern const struct step step_ess, step_ess_ready, step_certificates, step_admin_user, step_verify, step_handover;

/* Those of the jobs about bundles. */
extern const struct step step_bundle_target, step_bundle_helm, step_bundle_images, step_bundle_pack;
extern const struct step step_bundle_use;
