/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Cloudflare's API v4: zones and DNS records, and what its refusals mean. */
#pragma once

#include "steps/step.h"

/* Members are borrowed while the struct lives. */
struct cf {
	struct step_ctx *c;
	const char *token;
};

struct cf_zone {
	char *id, *name, *account; /* new */
	json_t *servers;           /* its name servers, array of names; new */
};
void cf_zone_done(struct cf_zone *z);

/* Refuses what can be seen to be no token: missing, Global API Key, white space. */
int cf_token_check(const char *token, struct err *e);

/* The zone that a name lies in, found by walking up its labels. */
int cf_zone_find(const struct cf *cf, const char *name, struct cf_zone *ret, struct err *e);

/* All records of a zone. *ret new array. */
int cf_records(const struct cf *cf, const char *zone_id, json_t **ret, struct err *e);

/* Creates a record (steals) and tells its id (new; may be NULL in a dry run or when it was there).
 */
int cf_create(const struct cf *cf, const char *zone_id, json_t *record, char **ret_id,
	      struct err *e);

/* Changes members of a record (steals). A record that is gone is no error: the next look will tell.
 */
int cf_patch(const struct cf *cf, const char *zone_id, const char *id, json_t *change,
	     struct err *e);

/* Deletes a record; a missing one is fine. */
int cf_delete(const struct cf *cf, const char *zone_id, const char *id, struct err *e);

/* Writes a TXT record with a nonce, reads it back, shows it to fn (content without quotes) and deletes it,
 * whatever came out; deletes those that a killed run left. Each run has a name of its own below
 * domain, since resolvers remember what they saw. */
typedef int (*cf_proof_fn)(struct step_ctx *c, const char *name, const char *content, void *arg,
			   struct err *e);
int cf_prove_write(const struct cf *cf, const char *zone_id, const char *domain, cf_proof_fn fn,
		   void *arg, struct err *e);

/* --- pure part --- */

enum cf_result { CF_OK, CF_ALREADY, CF_GONE };

/* What an answer means: an enum cf_result, or -1 with FAULT_CF_*. body NULL: it was no JSON. what
 * names the object for the text; writing tells a missing right to read from one to write. */
int cf_judge(long status, const json_t *body, bool writing, const char *what, struct err *e);
