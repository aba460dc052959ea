/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Everything that is generated from config and facts, each by a pure function: steps write and compare
 * it, "render" prints it, tests read it. Secrets are never in it. */
#pragma once

#include "steps/step.h"

struct generated {
	const char *name;   /* "values.json" */
	/* The content, new; NULL with e set when a fact that it needs is not known yet (FAULT_NOT_YET). */
	char *(*build)(struct step_ctx *c, struct err *e);
	const char *const *inputs; /* as struct step's: what build reads */
};

/* values.json traefik.json k3s-config.yaml registries.yaml resolv.conf issuer.json routes.json
 * cert-manager-values.json ... NULL-terminated by .name. */
extern const struct generated generated_table[];

/* The content of one of them by name; NULL as .build. New. */
char *generated_build(struct step_ctx *c, const char *name, struct err *e);

/* Where the steps keep it, without the root: "/var/lib/ess-setup/generated/NAME". New. */
char *generated_path(const char *name);
