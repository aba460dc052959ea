/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* STUN (RFC 8489): asking a server under which address it sees us. */
#pragma once

#include <stdint.h>

#include "steps/step.h"

#define STUN_HEADER 20
#define STUN_ID 12

/* The address in a Binding success response to our request; false for anything else. Pure. */
bool stun_parse(const unsigned char *buf, size_t len, const unsigned char id[STUN_ID],
		uint32_t *ret);

/* Asks one server at an IPv4 address, three tries of one second. *ret "203.0.113.7", new.
 * FAULT_IP_STUN. */
int stun_ask(struct step_ctx *c, const char *host, const char *address, unsigned port, char **ret,
	     struct err *e);
