/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Certificates and account keys that are kept across clean-ups, and put back so that nothing is
 * ordered again. A step that knows them to be in the cluster saves them; renewals are seen by its
 * check at the next run. */
#pragma once

#include <time.h>

#include "steps/step.h"

/* Why cert-manager v1.21 would order anew although it finds this Secret, or why it must not be used:
 * a sentence (new); NULL: it fits. host: the one name; name: of Secret and Certificate; now 0: its
 * time is not looked at. Pure. */
char *kept_tls_misfit(const json_t *secret, const char *name, const char *host, bool staging, time_t now);

/* The same of an account's key. Pure. */
char *kept_account_misfit(const json_t *secret, bool staging);

/* What is kept of a Secret: type, data, and cert-manager's annotations and labels. New. Pure. */
json_t *kept_extract(const json_t *secret);

/* Saves each sound TLS Secret of the release, of whatever environment it is, that is not kept as it is;
 * how many that were or, in a dry run, would be. Needs "config:domains.*". */
int kept_save_tls(struct step_ctx *c, struct err *e);
int kept_unsaved_tls(struct step_ctx *c, struct err *e); /* only counts */

/* Puts back each kept TLS Secret that fits where the cluster has none that does. Only where there is no
 * Certificate yet: a living one orders at once when its Secret changes under it. Returns how many.
 * Needs "config:domains.*" and "config:certificates.environment". */
int kept_restore_tls(struct step_ctx *c, struct err *e);
int kept_missing_tls(struct step_ctx *c, struct err *e); /* only counts */

/* The key of the account at Let's Encrypt of one environment: put back (1) when the cluster has none that
 * can be used, and it fits; saved when it is another than the kept one. */
int kept_restore_account(struct step_ctx *c, bool staging, struct err *e);
int kept_save_account(struct step_ctx *c, bool staging, struct err *e);

/* 1 when the key in the cluster is the kept one, or there is none. */
int kept_has_account(struct step_ctx *c, bool staging, struct err *e);
