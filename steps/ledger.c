/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* See ledger.h. The limit: 5 certificates for the exact same set of names, one place refilled every 34
 * hours (letsencrypt.org/docs/rate-limits). Each of our certificates has one name. */
#include "steps/ledger.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "steps/ess.h"

#define LEDGER_FILE "/var/lib/ess-setup/issuances.json"
#define LEDGER_FILE_MAX ((size_t)1 << 20)
#define LIMIT 5
#define REFILL_S (34 * 3600)

static time_t parse_time(const char *text)
{
	struct tm tm = { 0 };
	if (!text || !strptime(text, "%Y-%m-%dT%H:%M:%SZ", &tm))
		return 0;
	return timegm(&tm);
}

static bool is_production(const json_t *entry, const char *name)
{
	const char *n = json_str_at(entry, "name");
	const char *environment = json_str_at(entry, "environment");
	return n && environment && !strcmp(n, name) && !strcmp(environment, "production");
}

/* A bucket of LIMIT places, filled one every REFILL_S. Counted in seconds, so that nothing is rounded. */
time_t ledger_frees_at(const json_t *ledger, const char *name, time_t now)
{
	const json_t *issued = json_object_get(ledger, "issued");
	long long level = (long long)LIMIT * REFILL_S;
	time_t at = 0;
	size_t i;
	json_t *entry;

	json_array_foreach (issued, i, entry) {
		time_t when = parse_time(json_str_at(entry, "at"));
		if (!is_production(entry, name) || when <= 0 || when > now)
			continue;
		if (at && when > at)
			level += when - at;
		if (level > (long long)LIMIT * REFILL_S)
			level = (long long)LIMIT * REFILL_S;
		at = when > at ? when : at;
		level = level > REFILL_S ? level - REFILL_S : 0;
	}
	if (!at)
		return 0;
	level += now - at;
	return level >= REFILL_S ? 0 : now + (time_t)(REFILL_S - level);
}

static int by_time(const void *a, const void *b)
{
	return strcmp(json_str_at(*(json_t *const *)a, "at"), json_str_at(*(json_t *const *)b, "at"));
}

/* ledger_frees_at() needs them in their order; renewals come in order, restored ones need not. */
static void sort(json_t *issued)
{
	size_t n = json_array_size(issued);
	_cleanup_free_ json_t **v = xcalloc(n ? n : 1, sizeof(*v));
	for (size_t i = 0; i < n; i++)
		v[i] = json_incref(json_array_get(issued, i));
	qsort(v, n, sizeof(*v), by_time);
	json_array_clear(issued);
	for (size_t i = 0; i < n; i++)
		json_array_append_new(issued, v[i]);
}

bool ledger_add(json_t *ledger, const char *name, const char *environment, const char *at)
{
	json_t *issued = json_object_get(ledger, "issued");
	_cleanup_json_ json_t *entry =
		json_pack("{s:s, s:s, s:s}", "name", name, "environment", environment, "at", at);
	size_t i;
	json_t *old;

	json_array_foreach (issued, i, old)
		if (json_equal(old, entry))
			return false;
	json_array_append(issued, entry);
	sort(issued);
	return true;
}

json_t *ledger_load(struct step_ctx *c, struct err *e)
{
	_cleanup_free_ char *text = NULL;
	size_t len;

	if (step_read(c, LEDGER_FILE, LEDGER_FILE_MAX, &text, &len, e) < 0)
		return NULL;
	json_t *ledger = text ? json_parse(text, len, FAULT_IO, LEDGER_FILE, NULL) : NULL;
	const json_t *issued = json_object_get(ledger, "issued");
	size_t i;
	json_t *entry;
	bool sound = json_is_array(issued);
	json_array_foreach (issued, i, entry)
		sound = sound && json_str_at(entry, "at") && json_str_at(entry, "name");
	if (sound)
		return ledger;
	/* Damaged: it only ever spares a refused order, so it must not stop the installation. */
	json_decref(ledger);
	return json_pack("{s:i, s:[]}", "format", 1, "issued");
}

int ledger_save(struct step_ctx *c, const json_t *ledger, struct err *e)
{
	_cleanup_free_ char *text = json_pretty(ledger);
	return step_write(c, LEDGER_FILE, text, strlen(text), 0600, e);
}

int ledger_consult(struct step_ctx *c, const char *secret, const char *host, struct err *e)
{
	_cleanup_json_ json_t *have = NULL;
	_cleanup_json_ json_t *ledger = ledger_load(c, e);

	if (!ledger)
		return -1;
	time_t free_at = ledger_frees_at(ledger, host, time(NULL));
	if (free_at == 0 || step_dry_run(c))
		return 0;
	if (kube_get(c, "secrets", secret, ESS_NS, &have, e) < 0)
		return -1;
	if (have)
		return 0;
	struct tm tm;
	char text[64];
	gmtime_r(&free_at, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", &tm);
	return err_set(e, FAULT_CERT_LIMIT_SET,
		       N_("%s got %d certificates within a week; the next one is possible from %s"), host,
		       LIMIT, text);
}
