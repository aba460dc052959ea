/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The pure half: see ledger.h. Each of Let's Encrypt's limits is a bucket of places of which one is
 * filled again every so many seconds. Each of our certificates has one name. */
#include "steps/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"


#define WEEK_S (7L * 86400)

struct limit {
	long places, refill_s;
};
static const struct limit same_set = { 5, 34 * 3600 };
static const struct limit domain_limit = { 50, 202 * 60 };
static const struct limit failures = { 5, 12 * 60 };

static const char *const lists[] = { "issued", "failed", "refused" };

static time_t parse_time(const char *text, const char *format)
{
	struct tm tm = { 0 };
	return text && strptime(text, format, &tm) ? timegm(&tm) : 0;
}

static time_t time_of(const json_t *entry, const char *member)
{
	return parse_time(json_str_at(entry, member), "%Y-%m-%dT%H:%M:%SZ");
}

static bool is_production(const json_t *entry)
{
	const char *environment = json_str_at(entry, "environment");
	return environment && !strcmp(environment, "production");
}

static bool is_of(const json_t *entry, const char *name)
{
	const char *n = json_str_at(entry, "name");
	return n && !strcasecmp(n, name) && is_production(entry);
}

/* --- buckets ----------------------------------------------------------------------------------- */

struct times {
	time_t *v;
	size_t n;
};

/* Let's Encrypt's time: where ours says earlier, our clock went back, and it counts as just now. Times
 * that are further ahead are nobody's. */
static void add_time(struct times *t, time_t when, time_t now)
{
	if (when <= 0 || when > now + WEEK_S)
		return;
	t->v = xreallocarray(t->v, t->n + 1, sizeof(*t->v));
	t->v[t->n++] = when < now ? when : now;
}

static int earlier(const void *a, const void *b)
{
	time_t x = *(const time_t *)a, y = *(const time_t *)b;
	return x < y ? -1 : x > y;
}

/* When need places are free: 0 now. Counted in seconds of filling, so that nothing is rounded. Takes t. */
static time_t free_at(struct times t, const struct limit *l, size_t need, time_t now)
{
	const long long full = (long long)l->places * l->refill_s;
	const long long want = (long long)need * l->refill_s;
	long long level = full;
	time_t at = t.n ? 0 : now;

	if (t.n)
		qsort(t.v, t.n, sizeof(*t.v), earlier);
	for (size_t i = 0; i <= t.n; i++) {
		time_t when = i < t.n ? t.v[i] : now;
		level += i ? when - at : 0;
		level = level > full ? full : level;
		at = when;
		if (i < t.n)
			level = level > l->refill_s ? level - l->refill_s : 0;
	}
	free(t.v);
	return level >= want || want > full ? 0 : now + (time_t)(want - level);
}

/* When another entry of this name may come into a list. */
static time_t name_frees_at(const json_t *ledger, const char *list, const char *name, const struct limit *l,
			    time_t now)
{
	struct times t = { 0 };
	size_t i;
	json_t *entry;
	json_array_foreach(json_object_get(ledger, list), i, entry)
		if (is_of(entry, name))
			add_time(&t, time_of(entry, "at"), now);
	return free_at(t, l, 1, now);
}

time_t ledger_frees_at(const json_t *ledger, const char *name, time_t now)
{
	return name_frees_at(ledger, "issued", name, &same_set, now);
}

time_t ledger_failures_free_at(const json_t *ledger, const char *name, time_t now)
{
	return name_frees_at(ledger, "failed", name, &failures, now);
}

static bool below(const char *name, const char *domain)
{
	size_t n = strlen(name), d = strlen(domain);
	return n >= d && !strcasecmp(name + n - d, domain) && (n == d || name[n - d - 1] == '.');
}

/* True when an entry before this one, or at an earlier time, is of the same name: a renewal. */
static bool is_renewal(const json_t *issued, size_t at)
{
	const json_t *entry = json_array_get(issued, at), *other;
	const char *name = json_str_at(entry, "name");
	for (size_t i = 0; i < json_array_size(issued); i++) {
		other = json_array_get(issued, i);
		if (i == at || !is_of(other, name))
			continue;
		time_t a = time_of(other, "at"), b = time_of(entry, "at");
		if (a < b || (a == b && i < at))
			return true;
	}
	return false;
}

time_t ledger_domain_frees_at(const json_t *ledger, const char *domain, size_t need, time_t now)
{
	const json_t *issued = json_object_get(ledger, "issued");
	struct times t = { 0 };
	size_t i;
	json_t *entry;
	json_array_foreach((json_t *)issued, i, entry) {
		const char *name = json_str_at(entry, "name");
		if (name && is_production(entry) && below(name, domain) && !is_renewal(issued, i))
			add_time(&t, time_of(entry, "at"), now);
	}
	return need ? free_at(t, &domain_limit, need, now) : (free(t.v), 0);
}

bool ledger_knows(const json_t *ledger, const char *name)
{
	size_t i;
	json_t *entry;
	json_array_foreach(json_object_get(ledger, "issued"), i, entry)
		if (is_of(entry, name))
			return true;
	return false;
}

/* --- what Let's Encrypt says ------------------------------------------------------------------- */

time_t ledger_retry_after(const char *said)
{
	static const char words[] = "retry after ";
	const char *at = said ? strstr(said, words) : NULL;
	return at ? parse_time(at + strlen(words), "%Y-%m-%d %H:%M:%S UTC") : 0;
}

time_t ledger_refused_until(const json_t *ledger, const char *name, time_t now, enum fault *ret)
{
	time_t latest = 0;
	size_t i;
	json_t *entry;
	json_array_foreach(json_object_get(ledger, "refused"), i, entry) {
		const struct fault_card *card = fault_card_by_id(json_str_at(entry, "fault") ?: "");
		time_t until = time_of(entry, "until");
		/* No limit lasts longer than a week: what says so is not to be believed. */
		if (!card || !is_of(entry, name) || until <= now || until > now + WEEK_S ||
		    until <= latest)
			continue;
		latest = until;
		for (enum fault f = FAULT_NONE + 1; f < FAULT_MAX; f++)
			if (fault_card(f) == card)
				*ret = f;
	}
	return latest;
}

/* --- entries ----------------------------------------------------------------------------------- */

static bool add(json_t *ledger, const char *list, json_t *entry)
{
	json_t *entries = json_object_get(ledger, list), *old;
	size_t i;
	if (!entries)
		json_object_set_new(ledger, list, entries = json_array());
	json_array_foreach(entries, i, old)
		if (json_equal(old, entry)) {
			json_decref(entry);
			return false;
		}
	json_array_append_new(entries, entry);
	return true;
}

static json_t *entry_at(const char *name, const char *environment, const char *at)
{
	return json_pack("{s:s, s:s, s:s}", "name", name, "environment", environment, "at", at);
}

bool ledger_add(json_t *ledger, const char *name, const char *environment, const char *at)
{
	return add(ledger, "issued", entry_at(name, environment, at));
}

bool ledger_add_failed(json_t *ledger, const char *name, const char *environment, const char *at)
{
	return add(ledger, "failed", entry_at(name, environment, at));
}

bool ledger_add_refused(json_t *ledger, const char *name, const char *environment, enum fault fault,
			time_t until)
{
	char text[32];
	struct tm tm;
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&until, &tm));
	return add(ledger, "refused",
		   json_pack("{s:s, s:s, s:s, s:s}", "name", name, "environment", environment,
			     "fault", fault_card(fault)->id, "until", text));
}

static bool entry_is_sound(const json_t *entry)
{
	return json_str_at(entry, "name") && json_str_at(entry, "environment") &&
	       (time_of(entry, "at") > 0 || time_of(entry, "until") > 0);
}

json_t *ledger_understand(const char *text, size_t len, bool *ret_sound)
{
	_cleanup_json_ json_t *found = json_parse(text, len, FAULT_IO, "-", NULL);
	json_t *ledger = json_pack("{s:i, s:[]}", "format", 1, "issued");
	size_t k, i;
	json_t *entry;

	*ret_sound = json_is_array(json_object_get(found, "issued"));
	for (k = 0; k < ARRAY_LEN(lists); k++)
		json_array_foreach(json_object_get(found, lists[k]), i, entry) {
			if (entry_is_sound(entry))
				add(ledger, lists[k], json_incref(entry));
			else
				*ret_sound = false;
		}
	return ledger;
}
