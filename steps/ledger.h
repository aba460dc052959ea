/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The ledger of issuances, /var/lib/ess-setup/issuances.json: which certificates were issued when. It
 * outlives a removed cluster, which is just when Let's Encrypt's limit is hit. */
#pragma once

#include <time.h>

#include "steps/step.h"

/* The certificates of production that a ledger ({format, issued: [{name, environment, at}]}) has for
 * exactly this one name: 0 when another may be ordered now, else the time from which it may. Pure. */
time_t ledger_frees_at(const json_t *ledger, const char *name, time_t now);

/* Adds an issuance unless it is there already; true when added. name is the DNS name, at the
 * beginning of its validity as Kubernetes writes it ("2026-11-22T23:31:15Z"). Pure. */
bool ledger_add(json_t *ledger, const char *name, const char *environment, const char *at);

/* The stored ledger, or an empty one. New; NULL with e set. */
json_t *ledger_load(struct step_ctx *c, struct err *e);
int ledger_save(struct step_ctx *c, const json_t *ledger, struct err *e);

/* Before helm makes an Ingress that orders a certificate: FAULT_CERT_LIMIT_SET when it would be refused.
 * Fine when its Secret is there, since then nothing is ordered. */
int ledger_consult(struct step_ctx *c, const char *secret, const char *host, struct err *e);
