/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* steps/ledger: when Let's Encrypt would refuse, and until when. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "steps/ledger.h"
#include "tests/unit/unit.h"

#define HOUR 3600L
#define T0 1795000000 /* 2026-11-18T11:06:40Z */

static json_t *empty(void)
{
	return json_pack("{s:i, s:[]}", "format", 1, "issued");
}

static const char *text_of(time_t at)
{
	static char text[32];
	struct tm tm;
	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&at, &tm));
	return text;
}

static void issue(json_t *ledger, const char *name, const char *environment, time_t at)
{
	ck_assert(ledger_add(ledger, name, environment, text_of(at)));
	ck_assert(!ledger_add(ledger, name, environment, text_of(at)));
}

START_TEST(same_set)
{
	_cleanup_json_ json_t *l = empty();

	ck_assert_int_eq(ledger_frees_at(l, "a.org", T0), 0);
	for (int i = 4; i >= 0; i--) { /* noted in any order */
		ck_assert_int_eq(ledger_frees_at(l, "a.org", T0 + 5 * HOUR), 0);
		issue(l, "a.org", "production", T0 + i * HOUR);
		issue(l, "a.org", "staging", T0 + i * HOUR);
		issue(l, "b.org", "production", T0 + (i + 900) * HOUR); /* weeks ahead: not to be believed */
	}
	/* Five are gone; 4 of the 34 hours of the next place are over at T0 + 4 h. */
	ck_assert_int_eq(ledger_frees_at(l, "a.org", T0 + 5 * HOUR), T0 + 34 * HOUR);
	ck_assert_int_eq(ledger_frees_at(l, "A.org", T0 + 5 * HOUR), T0 + 34 * HOUR);
	ck_assert_int_eq(ledger_frees_at(l, "a.org", T0 + 34 * HOUR - 1), T0 + 34 * HOUR);
	ck_assert_int_eq(ledger_frees_at(l, "a.org", T0 + 34 * HOUR), 0);
	ck_assert_int_eq(ledger_frees_at(l, "b.org", T0 + 5 * HOUR), 0);
	issue(l, "a.org", "production", T0 + 34 * HOUR);
	ck_assert_int_eq(ledger_frees_at(l, "a.org", T0 + 35 * HOUR), T0 + 68 * HOUR);
	ck_assert_int_eq(ledger_frees_at(l, "a.org", T0 + 500 * HOUR), 0);
}
END_TEST

START_TEST(clock_went_back)
{
	/* Issued "tomorrow": our clock is wrong, the certificates are not. */
	_cleanup_json_ json_t *l = empty();
	for (int i = 0; i < 5; i++)
		issue(l, "a.org", "production", T0 + (20 + i) * HOUR);
	ck_assert_int_eq(ledger_frees_at(l, "a.org", T0), T0 + 34 * HOUR);
	/* Five in one second are five as well. */
	_cleanup_json_ json_t *same = json_pack("{s:i, s:[]}", "format", 1, "issued");
	for (int i = 0; i < 5; i++)
		json_array_append_new(json_object_get(same, "issued"),
				      json_pack("{s:s, s:s, s:s}", "name", "a.org", "environment", "production", "at",
						text_of(T0)));
	ck_assert_int_eq(ledger_frees_at(same, "a.org", T0), T0 + 34 * HOUR);
	ck_assert_int_eq(ledger_frees_at(same, "a.org", 0), 0); /* 1970: everything is decades ahead */
}
END_TEST

START_TEST(domain)
{
	_cleanup_json_ json_t *l = empty();
	char name[32];
	for (int i = 0; i < 48; i++) {
		snprintf(name, sizeof(name), "h%d.a.org", i);
		issue(l, name, "production", T0);
		issue(l, name, "production", T0 + HOUR); /* renewals count for the name only */
		issue(l, name, "staging", T0);
	}
	issue(l, "x.ba.org", "production", T0); /* another domain */
	ck_assert_int_eq(ledger_domain_frees_at(l, "a.org", 0, T0), 0);
	ck_assert_int_eq(ledger_domain_frees_at(l, "a.org", 2, T0), 0);
	ck_assert_int_eq(ledger_domain_frees_at(l, "a.org", 3, T0), T0 + 202 * 60);
	ck_assert_int_eq(ledger_domain_frees_at(l, "a.org", 6, T0), T0 + 4 * 202 * 60);
	ck_assert_int_eq(ledger_domain_frees_at(l, "a.org", 6, T0 + 4 * 202 * 60), 0);
	issue(l, "a.org", "production", T0 + 1);
	ck_assert_int_eq(ledger_domain_frees_at(l, "A.ORG", 2, T0 + 1), T0 + 202 * 60);
	ck_assert(ledger_knows(l, "a.org") && ledger_knows(l, "h7.A.org"));
	ck_assert(!ledger_knows(l, "h48.a.org"));
}
END_TEST

START_TEST(failed)
{
	_cleanup_json_ json_t *l = empty();
	for (int i = 0; i < 5; i++) {
		ck_assert_int_eq(ledger_failures_free_at(l, "a.org", T0 + 300), 0);
		ck_assert(ledger_add_failed(l, "a.org", "production", text_of(T0 + i * 60)));
		ck_assert(!ledger_add_failed(l, "a.org", "production", text_of(T0 + i * 60)));
		ck_assert(ledger_add_failed(l, "b.org", "staging", text_of(T0 + i * 60)));
	}
	ck_assert_int_eq(ledger_failures_free_at(l, "a.org", T0 + 300), T0 + 720);
	ck_assert_int_eq(ledger_failures_free_at(l, "a.org", T0 + 720), 0);
	ck_assert_int_eq(ledger_failures_free_at(l, "b.org", T0 + 300), 0);
	ck_assert_int_eq(ledger_frees_at(l, "a.org", T0 + 300), 0);
}
END_TEST

START_TEST(refused)
{
	static const struct {
		const char *said;
		time_t at;
	} sentences[] = {
		{ "too many certificates (5) already issued, retry after 2026-11-18 12:06:40 UTC: see https://x", T0 + HOUR },
		{ "retry after 2026-11-18 12:06:40 UTC", T0 + HOUR },
		{ "retry after tomorrow", 0 },
		{ "retry after", 0 },
		{ "", 0 },
		{ NULL, 0 },
	};
	_cleanup_json_ json_t *l = empty();
	enum fault f = FAULT_NONE;
	for (size_t i = 0; i < ARRAY_LEN(sentences); i++)
		ck_assert_int_eq(ledger_retry_after(sentences[i].said), sentences[i].at);
	ck_assert(ledger_add_refused(l, "a.org", "production", FAULT_CERT_LIMIT_DOMAIN, T0 + HOUR));
	ck_assert(ledger_add_refused(l, "a.org", "production", FAULT_CERT_LIMIT_SET, T0 + 2 * HOUR));
	ck_assert(ledger_add_refused(l, "a.org", "production", FAULT_CERT_LIMIT_SET, T0 + 9000 * HOUR));
	ck_assert(ledger_add_refused(l, "b.org", "staging", FAULT_CERT_LIMIT_SET, T0 + HOUR));
	ck_assert_int_eq(ledger_refused_until(l, "a.org", T0, &f), T0 + 2 * HOUR);
	ck_assert_int_eq(f, FAULT_CERT_LIMIT_SET);
	ck_assert_int_eq(ledger_refused_until(l, "a.org", T0 + 2 * HOUR, &f), 0);
	ck_assert_int_eq(ledger_refused_until(l, "b.org", T0, &f), 0);
}
END_TEST

START_TEST(understand)
{
	static const struct {
		const char *text;
		size_t n;
		bool sound;
	} cases[] = {
		{ "{\"format\": 1, \"issued\": []}", 0, true },
		{ "{\"issued\": [{\"name\": \"a\", \"environment\": \"production\", \"at\": \"2026-11-18T11:06:40Z\"}]}", 1, true },
		{ "{\"issued\": [{\"name\": \"a\", \"environment\": \"production\", \"at\": \"2026-11-18T11:06:40Z\"}, 7, "
		  "{\"name\": \"b\"}, {\"name\": \"c\", \"environment\": \"production\", \"at\": \"now\"}]}", 1, false },
		{ "{\"issued\": [], \"failed\": [null]}", 0, false },
		{ "{\"issued\": {}}", 0, false },
		{ "{\"issued\": [{\"na", 0, false },
		{ "", 0, false },
		{ "[]", 0, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		bool sound;
		_cleanup_json_ json_t *l = ledger_understand(cases[i].text, strlen(cases[i].text), &sound);
		ck_assert_int_eq(sound, cases[i].sound);
		ck_assert_int_eq(json_array_size(json_object_get(l, "issued")), cases[i].n);
		ck_assert_int_eq(ledger_frees_at(l, "a", T0), 0);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ledger");
	TCase *t = tcase_create("all");
	tcase_add_test(t, same_set);
	tcase_add_test(t, clock_went_back);
	tcase_add_test(t, domain);
	tcase_add_test(t, failed);
	tcase_add_test(t, refused);
	tcase_add_test(t, understand);
	suite_add_tcase(s, t);
	return unit_run(s);
}
