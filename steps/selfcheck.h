/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Which name servers show the proofs that Let's Encrypt will ask for: cert-manager is told to look for
 * them there, since home networks often answer for others (cert-manager docs, dns01 self check). */
#pragma once

#include "steps/step.h"

struct selfcheck {
	const json_t *resolvers;   /* array: network.resolvers, borrowed */
	const json_t *authorities; /* array: the zone's name servers by name, borrowed */
	const char *name, *proof;  /* a TXT record that was just written, and its content */
};

/* Waits until the zone's own name servers show the proof, and finds who else does: *ret new array for
 * cert-manager, the user's resolvers first, and known servers over HTTPS only where none of those
 * does. FAULT_CF_TXT_LOST, FAULT_DNS_NO_PROOF. */
int selfcheck_find(struct step_ctx *c, const struct selfcheck *s, json_t **ret, struct err *e);

/* FAULT_DNS_DELEGATION when a resolver says that other servers than the authorities serve the zone. */
int selfcheck_delegation(struct step_ctx *c, const json_t *resolvers, const json_t *authorities,
			 const char *zone, struct err *e);
