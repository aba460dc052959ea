/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Where the chart puts m.server: a JSON text inside the well-known ConfigMap. */
#pragma once

#include "base/err.h"
#include "steps/manifest.h"

struct wellknown {
	size_t object; /* the ConfigMap */
	size_t node;   /* the scalar in its data that holds the JSON text */
	const char *
		value; /* m.server inside that text, without its quotes; borrowed, not terminated */
	size_t len;
};

/* Looks in the ConfigMap RELEASE-well-known-haproxy (ess-helm,
 * templates/well-known/configmap.yaml). FAULT_RENDER_WELL_KNOWN when it is missing or renamed,
 * FAULT_RENDER_SERVER when its m.server is missing, doubled, or no plain JSON string. */
int wellknown_find(const struct manifest *m, struct wellknown *ret, struct err *e);
