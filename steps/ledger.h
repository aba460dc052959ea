/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The ledger, /var/lib/ess-setup/issuances.json: which certificates were issued when, which attempts
 * failed, and what Let's Encrypt refused until when. It outlives a removed cluster, which is just when
 * the limits are hit. {format, issued: [{name, environment, at}], failed: [the same],
 * refused: [{name, environment, fault, until}]}; times as Kubernetes writes them. */
#pragma once

#include <time.h>

#include "steps/step.h"

/* --- pure: limits of the production environment (letsencrypt.org/docs/rate-limits) --- */

/* When another certificate for exactly this one name may be ordered: 0 now, else the time. Five at
 * once, one more every 34 hours. */
time_t ledger_frees_at(const json_t *ledger, const char *name, time_t now);

/* When so many certificates for names that had none before may be ordered below a registered domain:
 * 50 at once, one more every 202 minutes. Renewals do not count. */
time_t ledger_domain_frees_at(const json_t *ledger, const char *domain, size_t need, time_t now);

/* When another attempt to prove this name may fail: 5 at once, one more every 12 minutes. */
time_t ledger_failures_free_at(const json_t *ledger, const char *name, time_t now);

/* Until when Let's Encrypt itself refused this name, and as what; 0: it did not, or that is over. */
time_t ledger_refused_until(const json_t *ledger, const char *name, time_t now, enum fault *ret);

/* True when one certificate of this name was issued before. */
bool ledger_knows(const json_t *ledger, const char *name);

/* "... retry after 2026-11-25 10:00:00 UTC: see ...": that time, or 0. */
time_t ledger_retry_after(const char *said);

/* Each adds an entry unless it is there already; true when added. at: the beginning of its validity,
 * or the time of the failure ("2026-11-22T23:31:15Z"). */
bool ledger_add(json_t *ledger, const char *name, const char *environment, const char *at);
bool ledger_add_failed(json_t *ledger, const char *name, const char *environment, const char *at);
bool ledger_add_refused(json_t *ledger, const char *name, const char *environment, enum fault fault,
			time_t until);

/* What can be understood of a ledger's text; *ret_sound: all of it. New. */
json_t *ledger_understand(const char *text, size_t len, bool *ret_sound);

/* --- the file --- */

/* The stored ledger, or an empty one. New; NULL with e set. */
json_t *ledger_load(struct step_ctx *c, struct err *e);

/* A file that could not be understood whole is copied to issuances.json.damaged before. */
int ledger_save(struct step_ctx *c, const json_t *ledger, struct err *e);

/* Before Ingresses order certificates: FAULT_CERT_LIMIT_* with the time at which it frees when one of
 * those orders would be refused. What the cluster holds in a Secret that fits is not ordered. Needs
 * "config:certificates.environment", "config:domains.*" and "fact:dns.zone". */
int ledger_consult(struct step_ctx *c, struct err *e);

/* The same before one name is ordered anew, by the ledger alone. Needs "config:certificates.environment". */
int ledger_allows(struct step_ctx *c, const json_t *ledger, const char *name, struct err *e);
