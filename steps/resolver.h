/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Asking DNS in either of the two ways that cert-manager knows too. */
#pragma once

#include "base/dns.h"
#include "steps/step.h"

/* server: "8.8.8.8", "127.0.0.1:5353", or DNS over HTTPS, "https://1.1.1.1/dns-query" (RFC 8484). As
 * dns_query(); a server that is not reached over HTTPS is FAULT_DNS_TIMEOUT. */
int resolver_ask(struct step_ctx *c, const char *server, const char *name, enum dns_type type,
		 struct dns_answer *ret, struct err *e);

/* The same at an authoritative name server, found by its name at the servers (array). */
int resolver_ask_authority(struct step_ctx *c, const json_t *servers, const char *authority,
			   const char *name, enum dns_type type, struct dns_answer *ret, struct err *e);

/* True when an answer has a record of this type with exactly this data. Pure. */
bool resolver_has(const struct dns_answer *a, enum dns_type type, const char *data);

/* 1 when the server gives an address for a name that cannot exist, *ret_address new; 0 when it does
 * not, or does not answer. */
int resolver_lies(struct step_ctx *c, const char *server, char **ret_address, struct err *e);
