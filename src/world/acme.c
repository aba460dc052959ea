/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* {accounts: {DIGEST: number}, orders: [{environment, names}], issued: [{environment, names, at}]}.
 * Of the limits (letsencrypt.org/docs/rate-limits) the one that reinstalling hits: five certificates of
 * production for the same set of names at once, one more every 34 hours. */
#include "world/acme.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"

#define SET_MAX 5
#define REFILL_S (34LL * 3600)

static json_t *member(struct store *s, const char *name, json_t *fresh)
{
	json_t *have = json_object_get(s->j, name);
	if (have) {
		json_decref(fresh);
		return have;
	}
	json_object_set_new(s->j, name, fresh);
	return fresh;
}

char *acme_account(const struct world *w, const char *directory, const char *key)
{
	_cleanup_free_ char *both = xasprintf("%s %s", directory, key);
	_cleanup_free_ char *sum = crypto_sha256(both, strlen(both));
	const char *path = strstr(directory, "/directory");
	struct store s;
	store_open(w, "acme", &s);
	json_t *accounts = member(&s, "accounts", json_object());
	json_t *known = json_object_get(accounts, sum);
	json_int_t number = known ? json_integer_value(known) : (json_int_t)json_object_size(accounts) + 1;
	if (!known)
		json_object_set_new(accounts, sum, json_integer(number));
	store_close(&s, !known);
	return xasprintf("%.*s/acme/acct/%lld", path ? (int)(path - directory) : 0, directory,
			 (long long)number);
}

static json_t *entry(bool staging, const char *const *names)
{
	_cleanup_free_ char *all = text_join(names, ",");
	return json_pack("{s:s, s:s, s:I}", "environment", staging ? "staging" : "production",
			 "names", all, "at", (json_int_t)time(NULL));
}

/* When the next certificate for the same names is possible; 0: now. A bucket of SET_MAX places. */
static time_t set_frees_at(const json_t *issued, const json_t *one)
{
	long long level = SET_MAX * REFILL_S, at = 0;
	size_t i;
	json_t *old;
	json_array_foreach((json_t *)issued, i, old) {
		if (strcmp(json_str_at(old, "names"), json_str_at(one, "names")) ||
		    strcmp(json_str_at(old, "environment"), json_str_at(one, "environment")))
			continue;
		level += at ? json_int_at(old, "at", 0) - at : 0;
		level = (level > SET_MAX * REFILL_S ? SET_MAX * REFILL_S : level) - REFILL_S;
		at = json_int_at(old, "at", 0);
	}
	level += at ? time(NULL) - at : 0;
	return level >= REFILL_S ? 0 : time(NULL) + (time_t)(REFILL_S - level);
}

char *acme_order(const struct world *w, bool staging, const char *const *names)
{
	_cleanup_json_ json_t *one = entry(staging, names);
	struct store s;
	store_open(w, "acme", &s);
	time_t t = set_frees_at(member(&s, "issued", json_array()), one);
	json_array_append(member(&s, "orders", json_array()), one);
	store_close(&s, true);
	if (staging || !t)
		return NULL;
	char when[32];
	struct tm tm;
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S UTC", gmtime_r(&t, &tm));
	return xasprintf("429 urn:ietf:params:acme:error:rateLimited: too many certificates (%d) already "
			 "issued for this exact set of identifiers in the last 168h0m0s, retry after %s: see "
			 "https://letsencrypt.org/docs/rate-limits/#new-certificates-per-exact-set-of-identifiers",
			 SET_MAX, when);
}

void acme_issued(const struct world *w, bool staging, const char *const *names)
{
	struct store s;
	store_open(w, "acme", &s);
	json_array_append_new(member(&s, "issued", json_array()), entry(staging, names));
	store_close(&s, true);
}
