/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* CAA records (RFC 8659): may Let's Encrypt issue for a name? */
#pragma once

#include "base/dns.h"
#include "steps/step.h"

enum caa { CAA_NONE, CAA_ALLOWS, CAA_FORBIDS };

/* What the CAA records of one answer say of Let's Encrypt and a proof by DNS; *ret_why (new) is the
 * record that forbids, "0 issue ca.example". CAA_NONE: there are none, the parent decides. Pure. */
enum caa caa_judge(const struct dns_answer *a, char **ret_why);

/* Asks the resolvers for host and its parents up to the zone: FAULT_CERT_CAA when the records forbid it.
 * Nobody answers: no fault, Let's Encrypt will tell. */
int caa_check(struct step_ctx *c, const json_t *resolvers, const char *zone, const char *host,
	      struct err *e);
