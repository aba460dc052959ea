/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What DNS says, judged: the public address at several resolvers, CAA, aliases and IPv6 in the way. */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "steps/address.h"
#include "steps/caa.h"
#include "steps/dns-plan.h"
#include "steps/resolver.h"
#include "tests/unit/unit.h"

/* What a resolver says: addresses, or one of these words. */
static struct address_seen says(const char *server, const char *said)
{
	static const struct {
		const char *word;
		enum address_kind kind;
	} words[] = { { "silent", ADDRESS_SILENT },
		      { "refused", ADDRESS_REFUSED },
		      { "missing", ADDRESS_MISSING },
		      { "empty", ADDRESS_EMPTY },
		      { "dangling", ADDRESS_DANGLING } };
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (!strcmp(said, words[i].word))
			return (struct address_seen){ .server = server, .kind = words[i].kind,
						      .alias = xstrdup("gone.example"), .rcode = DNS_SERVFAIL };
	/* "=198.51.100.7 81.2.69.142": it gives the first for a name that cannot exist */
	const char *lie = *said == '=' ? said + 1 : NULL, *real = lie ? strchr(lie, ' ') + 1 : said;
	return (struct address_seen){ .server = server, .kind = ADDRESS_FOUND, .addresses = text_split(real, ','),
				      .lie = lie ? xstrndup(lie, strcspn(lie, " ")) : NULL };
}

START_TEST(public_addresses)
{
	static const struct {
		const char *first, *second;
		enum fault fault;
	} rows[] = {
		{ "81.2.69.142", "81.2.69.142", FAULT_NONE },
		{ "silent", "81.2.69.142", FAULT_NONE },
		{ "refused", "81.2.69.142", FAULT_NONE },
		{ "silent", "silent", FAULT_IP_NO_RESOLVER },
		{ "refused", "silent", FAULT_IP_REFUSED },
		{ "missing", "missing", FAULT_IP_NO_NAME },
		{ "empty", "silent", FAULT_IP_NO_NAME },
		{ "dangling", "silent", FAULT_IP_CNAME },
		{ "81.2.69.142", "81.2.69.143", FAULT_IP_DISAGREE },
		{ "81.2.69.142", "missing", FAULT_IP_DISAGREE },
		{ "81.2.69.142,81.2.69.143", "81.2.69.142,81.2.69.143", FAULT_IP_SEVERAL },
		{ "192.168.1.10", "192.168.1.10", FAULT_IP_PRIVATE },
		{ "100.64.3.4", "100.64.3.4", FAULT_IP_CGNAT },
		{ "203.0.113.1", "203.0.113.1", FAULT_IP_RESERVED },
		{ "127.0.0.1", "127.0.0.1", FAULT_IP_RESERVED },
		{ "192.168.1.10", "81.2.69.142", FAULT_IP_SPLIT },
		{ "81.2.69.142", "10.0.0.7", FAULT_IP_SPLIT },
		{ "192.168.1.10", "missing", FAULT_IP_SPLIT },
		{ "192.168.1.10", "192.168.1.11", FAULT_IP_DISAGREE },
		/* who invents addresses is not believed, as long as somebody else speaks */
		{ "=5.6.7.8 5.6.7.8", "81.2.69.142", FAULT_NONE },
		{ "81.2.69.142", "=5.6.7.8 5.6.7.8", FAULT_NONE },
		{ "=5.6.7.8 5.6.7.8", "silent", FAULT_DNS_HIJACKED },
		{ "=5.6.7.8 5.6.7.8", "=5.6.7.8 5.6.7.8", FAULT_DNS_HIJACKED },
		{ "=5.6.7.8 81.2.69.142", "silent", FAULT_NONE },
		{ "=5.6.7.8 81.2.69.142", "missing", FAULT_IP_DISAGREE },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err e = ERR_INIT;
		struct address_seen *seen = xcalloc(2, sizeof(*seen));
		seen[0] = says("8.8.8.8", rows[i].first);
		seen[1] = says("1.1.1.1", rows[i].second);
		_cleanup_free_ char *address = address_judge(seen, 2, "ip.example.org", &e);
		ck_assert_msg(e.fault == rows[i].fault, "row %zu: fault %d", i, (int)e.fault);
		ck_assert_int_eq(address != NULL, rows[i].fault == FAULT_NONE);
		address_free(seen, 2);
	}
}
END_TEST

START_TEST(own_address)
{
	static const struct {
		const char *own, *shown;
		enum fault fault;
	} rows[] = {
		{ "192.168.1.10", "81.2.69.142", FAULT_NONE }, { "81.2.69.142", "81.2.69.142", FAULT_NONE },
		{ "100.64.1.1", "81.2.69.142", FAULT_NONE },   { "nonsense", "81.2.69.142", FAULT_NONE },
		{ "81.2.69.143", "81.2.69.142", FAULT_IP_STALE },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err e = ERR_INIT;
		ck_assert_int_eq(address_compare(rows[i].own, rows[i].shown, &e), rows[i].fault ? -1 : 0);
		ck_assert_int_eq(e.fault, rows[i].fault);
	}
}
END_TEST

/* --- CAA --------------------------------------------------------------------------------------- */

START_TEST(caa)
{
	static const struct {
		const char *records; /* separated by | */
		enum caa want;
		const char *why;
	} rows[] = {
		{ "", CAA_NONE, NULL },
		{ "0 issue letsencrypt.org", CAA_ALLOWS, NULL },
		{ "0 issue LetsEncrypt.org", CAA_ALLOWS, NULL },
		{ "0 ISSUE letsencrypt.org; validationmethods=dns-01", CAA_ALLOWS, NULL },
		{ "0 issue letsencrypt.org; validationmethods=http-01,dns-01; accounturi=https://x", CAA_ALLOWS, NULL },
		{ "0 issue letsencrypt.org; validationmethods=http-01", CAA_FORBIDS, "0 issue letsencrypt.org; validation" },
		{ "0 issue ca.example", CAA_FORBIDS, "0 issue ca.example" },
		{ "0 issue ca.example|0 issue letsencrypt.org", CAA_ALLOWS, NULL },
		{ "0 issue ;", CAA_FORBIDS, "0 issue ;" },
		{ "0 issue notletsencrypt.org", CAA_FORBIDS, "not" },
		{ "0 issuewild ;", CAA_ALLOWS, NULL }, /* ours are no wildcards */
		{ "0 iodef mailto:a@b.c", CAA_ALLOWS, NULL },
		{ "128 future x|0 issue letsencrypt.org", CAA_FORBIDS, "128 future x" },
		{ "0 future x", CAA_ALLOWS, NULL },
		{ "128 issue letsencrypt.org", CAA_ALLOWS, NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_strv_ char **records = text_split(rows[i].records, '|');
		struct dns_record v[4] = { { .type = DNS_A, .data = (char *)"81.2.69.142" } };
		struct dns_answer a = { .records = v, .n = 1 };
		for (char **r = records; r && *r && **r; r++)
			v[a.n++] = (struct dns_record){ .type = DNS_CAA, .data = *r };
		_cleanup_free_ char *why = NULL;
		ck_assert_msg(caa_judge(&a, &why) == rows[i].want, "%s", rows[i].records);
		ck_assert_msg(rows[i].why ? why && strstr(why, rows[i].why) != NULL : !why, "%s: %s", rows[i].records, why);
	}
}
END_TEST

/* --- records ----------------------------------------------------------------------------------- */

#define REC(type, name, content, proxied)                                                                \
	"{\"type\":\"" type "\",\"name\":\"" name "\",\"content\":\"" content "\",\"proxied\":" proxied "}"

START_TEST(in_the_way)
{
	static const struct {
		enum dns_role role;
		const char *records, *ipv6, *alias;
	} rows[] = {
		{ DNS_HOST, "[" REC("AAAA", "m.e.org", "2001:db8::1", "false") "]", "m.e.org AAAA 2001:db8::1", NULL },
		{ DNS_RTC, "[" REC("AAAA", "M.e.org", "2001:db8::1", "false") "]", "m.e.org AAAA 2001:db8::1", NULL },
		{ DNS_HOST, "[" REC("AAAA", "m.e.org", "2001:db8::1", "true") "]", NULL, NULL },
		{ DNS_ANY, "[" REC("AAAA", "m.e.org", "2001:db8::1", "false") "]", NULL, NULL },
		{ DNS_HOST, "[" REC("AAAA", "x.e.org", "2001:db8::1", "false") "]", NULL, NULL },
		{ DNS_HOST, "[" REC("CNAME", "_acme-challenge.m.e.org", "old.example", "false") "]", NULL,
		  "_acme-challenge.m.e.org CNAME old.example" },
		{ DNS_HOST, "[" REC("NS", "_acme-challenge.m.e.org", "ns.old.example", "false") "]", NULL,
		  "_acme-challenge.m.e.org NS ns.old.example" },
		{ DNS_HOST, "[" REC("TXT", "_acme-challenge.m.e.org", "leftover", "false") "]", NULL, NULL },
		{ DNS_HOST, "[" REC("CNAME", "*.e.org", "elsewhere.example", "false") "]", NULL, NULL },
		{ DNS_HOST, "[]", NULL, NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_json_ json_t *records = json_loads(rows[i].records, 0, NULL);
		char name[] = "m.e.org", content[] = "81.2.69.142";
		const struct dns_want w = { rows[i].role, name, content, 0 };
		_cleanup_free_ char *ipv6 = dns_ipv6(records, &w), *alias = dns_proof_alias(records, &w);
		ck_assert_pstr_eq(ipv6, rows[i].ipv6);
		ck_assert_pstr_eq(alias, rows[i].alias);
	}
}
END_TEST

START_TEST(rcodes)
{
	static const struct {
		int rcode;
		const char *name;
	} rows[] = { { 0, "NOERROR" }, { 2, "SERVFAIL" }, { 3, "NXDOMAIN" }, { 5, "REFUSED" }, { 9, "code 9" }, { -1, "code -1" } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_free_ char *name = dns_rcode_name(rows[i].rcode);
		ck_assert_str_eq(name, rows[i].name);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("steps-dns");
	TCase *t = tcase_create("all");
	tcase_add_test(t, public_addresses);
	tcase_add_test(t, own_address);
	tcase_add_test(t, caa);
	tcase_add_test(t, in_the_way);
	tcase_add_test(t, rcodes);
	suite_add_tcase(s, t);
	return unit_run(s);
}
