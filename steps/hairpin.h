/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Does the router lead this machine back to itself by its public address (NAT hairpin)? */
#pragma once

#include "steps/step.h"

/* Listens for a moment at own:port, connects to public:port and looks for its own nonce. "yes", or
 * "unknown": a closed port, a missing forwarding rule and a router without hairpin look alike.
 * Static. */
const char *hairpin_try(struct step_ctx *c, const char *own, const char *public, unsigned port);

/* The same with UDP, on a port that the cluster has already: sends a nonce to public:port and looks at
 * the network whether it comes in again for own:port. 1: it does, 0: it does not, -1: nobody may look
 * here (packet(7) wants CAP_NET_RAW). The call server drops what is neither STUN nor media. */
int hairpin_udp(struct step_ctx *c, const char *own, const char *public, unsigned port);
