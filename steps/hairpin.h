/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Does the router lead this machine back to itself by its public address (NAT hairpin)? */
#pragma once

#include "steps/step.h"

/* Listens for a moment at own:port, connects to public:port and looks for its own nonce. "yes", or
 * "unknown": a closed port, a missing forwarding rule and a router without hairpin look alike.
 * Static. */
const char *hairpin_try(struct step_ctx *c, const char *own, const char *public, unsigned port);
