/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Cloudflare's answers, each with its own card, and the comparison of DNS records. */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "steps/cloudflare.h"
#include "steps/dns-plan.h"
#include "tests/unit/unit.h"

#define ERROR(code, message)                                                                       \
	"{\"success\":false,\"errors\":[{\"code\":" #code ",\"message\":\"" message                \
	"\"}],\"result\":null}"
#define CHAIN(code, inner)                                                                         \
	"{\"success\":false,\"errors\":[{\"code\":" #code                                          \
	",\"message\":\"Invalid request headers\",\"error_chain\":[{\"code\":" #inner              \
	",\"message\":\"x\"}]}],\"result\":null}"

START_TEST(answers)
{
	static const struct {
		long status;
		const char *body;
		bool writing;
		int result;
		enum fault fault;
	} rows[] = {
		{ 200, "{\"success\":true,\"errors\":[],\"result\":[]}", false, CF_OK, FAULT_NONE },
		{ 400, CHAIN(6003, 6111), false, -1, FAULT_CF_TOKEN_FORMAT },
		{ 400, CHAIN(6003, 6103), false, -1, FAULT_CF_KEY_HEADER },
		{ 400, ERROR(1001, "Missing Authorization header"), false, -1, FAULT_CF_NO_HEADER },
		{ 401, ERROR(1000, "Invalid API Token"), false, -1, FAULT_CF_TOKEN_UNKNOWN },
		{ 403, ERROR(9109, "Invalid access token"), false, -1, FAULT_CF_TOKEN_UNKNOWN },
		{ 403, ERROR(9109, "Unauthorized to access requested resource"), false, -1,
		  FAULT_CF_TOKEN_REFUSED },
		{ 403, ERROR(9109, "Cannot use the access token from location: 81.2.69.142"), false,
		  -1, FAULT_CF_IP_FILTER },
		{ 400, ERROR(10000, "Authentication error"), false, -1, FAULT_CF_AUTH },
		{ 403, ERROR(10000, "Authentication error"), false, -1, FAULT_CF_AUTH },
		{ 403, ERROR(10000, "Authentication error"), true, -1, FAULT_CF_DNS_WRITE },
		{ 403,
		  ERROR(0, "Actor requires permission com.cloudflare.api.account.zone.list to list "
			   "zones"),
		  false, -1, FAULT_CF_ZONE_READ },
		{ 400, ERROR(81057, "Record already exists."), true, CF_ALREADY, FAULT_NONE },
		{ 400, ERROR(81058, "An identical record already exists."), true, CF_ALREADY,
		  FAULT_NONE },
		{ 400, ERROR(81053, "A CNAME record with that host already exists."), true, -1,
		  FAULT_CF_CONFLICT },
		{ 404, ERROR(81044, "Record does not exist."), true, CF_GONE, FAULT_NONE },
		{ 429, "{}", false, -1, FAULT_CF_RATE_LIMIT },
		{ 502, "<html>", false, -1, FAULT_CF_DOWN },
		{ 200, "<html>", false, -1, FAULT_CF_DOWN },
		{ 200, "{}", false, -1, FAULT_CF_DOWN },
		{ 400, ERROR(1038, "You cannot use this API for domains with a .tk TLD"), true, -1,
		  FAULT_CF_TLD },
		{ 403, ERROR(7, "?"), false, -1, FAULT_CF_AUTH },
		{ 400, ERROR(7, "?"), false, -1, FAULT_CF_OTHER },
		{ 400, "{\"success\":false,\"errors\":[]}", false, -1, FAULT_CF_OTHER },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err e = ERR_INIT;
		_cleanup_json_ json_t *body = json_loads(rows[i].body, 0, NULL);
		int r = cf_judge(rows[i].status, body, rows[i].writing, "GET /zones", &e);
		ck_assert_msg(r == rows[i].result && e.fault == rows[i].fault,
			      "row %zu: %d, fault %d", i, r, (int)e.fault);
	}
}
END_TEST

START_TEST(tokens)
{
	static const struct {
		const char *token;
		enum fault fault;
	} rows[] = {
		{ "YQSn-xWAQiiEh9qM58wZNnyQS7FUdoqGIUAbrh7T", FAULT_NONE },
		{ "cfat_abcDEF0123456789abcDEF0123456789", FAULT_NONE },
		{ NULL, FAULT_CF_NO_TOKEN },
		{ "", FAULT_CF_NO_TOKEN },
		{ "0123456789abcdef0123456789abcdef01234", FAULT_CF_GLOBAL_KEY },
		{ "YQSn-xWAQiiEh9qM58wZNnyQS7FUdoqGIUAbrh7T\n", FAULT_CF_TOKEN_SHAPE },
		{ " YQSn", FAULT_CF_TOKEN_SHAPE },
		{ "\"YQSn\"", FAULT_CF_TOKEN_SHAPE },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct err e = ERR_INIT;
		int r = cf_token_check(rows[i].token, &e);
		ck_assert_msg(e.fault == rows[i].fault && r == (rows[i].fault ? -1 : 0), "row %zu",
			      i);
	}
}
END_TEST

#define A(name, content, proxied)                                                                  \
	"{\"id\":\"1\",\"type\":\"A\",\"name\":\"" name "\",\"content\":\"" content                \
	"\",\"proxied\":" proxied "}"
#define R(type, name, content)                                                                     \
	"{\"id\":\"2\",\"type\":\"" type "\",\"name\":\"" name "\",\"content\":\"" content "\"}"
#define SRV(port, target)                                                                          \
	"{\"id\":\"3\",\"type\":\"SRV\",\"name\":\"_matrix-fed._tcp.e.org\",\"content\":\"5 8448 " \
	"x\",\"data\":{\"priority\":10,"                                                           \
	"\"weight\":5,\"port\":" port ",\"target\":\"" target "\"}}"

START_TEST(records)
{
	static const struct {
		enum dns_role role;
		const char *name, *records;
		unsigned https;
		enum dns_verdict verdict;
	} rows[] = {
		{ DNS_HOST, "m.e.org", "[" A("m.e.org", "81.2.69.142", "false") "]", 8443,
		  DNS_RIGHT },
		{ DNS_HOST, "m.e.org", "[" A("M.E.org", "81.2.69.142", "false") "]", 8443,
		  DNS_RIGHT },
		{ DNS_HOST, "m.e.org", "[]", 8443, DNS_CREATE },
		{ DNS_HOST, "m.e.org", "[" A("x.e.org", "81.2.69.142", "false") "]", 8443,
		  DNS_CREATE },
		{ DNS_HOST, "m.e.org", "[" A("*.e.org", "81.2.69.142", "false") "]", 8443,
		  DNS_RIGHT },
		{ DNS_HOST, "m.e.org", "[" A("*.e.org", "9.9.9.9", "false") "]", 8443, DNS_CREATE },
		{ DNS_HOST, "m.e.org", "[" A("m.e.org", "9.9.9.9", "false") "]", 8443, DNS_CHANGE },
		{ DNS_HOST, "m.e.org",
		  "[" A("m.e.org", "81.2.69.142", "false") "," A("m.e.org", "9.9.9.9", "false") "]",
		  8443, DNS_IN_THE_WAY },
		{ DNS_HOST, "m.e.org",
		  "[" A("m.e.org", "9.9.9.8", "false") "," A("m.e.org", "9.9.9.9", "false") "]",
		  8443, DNS_IN_THE_WAY },
		{ DNS_HOST, "m.e.org", "[" R("AAAA", "m.e.org", "2001:db8::1") "]", 8443,
		  DNS_CREATE },
		{ DNS_HOST, "m.e.org",
		  "[" R("AAAA", "m.e.org", "2001:db8::1") "," A("m.e.org", "81.2.69.142", "false") "]", 8443,
		  DNS_RIGHT },
		{ DNS_HOST, "m.e.org", "[" R("CNAME", "m.e.org", "elsewhere.org") "]", 8443,
		  DNS_IN_THE_WAY },
		{ DNS_HOST, "m.e.org", "[" R("CNAME", "m.e.org", "ip.e.org") "]", 8443, DNS_RIGHT },
		{ DNS_HOST, "m.e.org",
		  "[" R("TXT", "m.e.org", "x") "," A("m.e.org", "81.2.69.142", "false") "]", 8443,
		  DNS_RIGHT },
		{ DNS_HOST, "m.e.org", "[" A("m.e.org", "81.2.69.142", "true") "]", 8443,
		  DNS_RIGHT },
		{ DNS_HOST, "m.e.org", "[" A("m.e.org", "81.2.69.142", "true") "]", 9443,
		  DNS_UNPROXY },
		{ DNS_RTC, "m.e.org", "[" A("m.e.org", "81.2.69.142", "true") "]", 8443,
		  DNS_UNPROXY },
		{ DNS_RTC, "m.e.org", "[" A("m.e.org", "81.2.69.142", "false") "]", 8443,
		  DNS_RIGHT },
		{ DNS_ADDRESS, "ip.e.org", "[" A("ip.e.org", "81.2.69.142", "true") "]", 8443,
		  DNS_UNPROXY },
		{ DNS_ADDRESS, "ip.e.org", "[" A("ip.e.org", "9.9.9.9", "false") "]", 8443,
		  DNS_RIGHT },
		{ DNS_ADDRESS, "ip.e.org", "[]", 8443, DNS_RIGHT },
		{ DNS_ANY, "e.org", "[" R("CNAME", "e.org", "x.pages.dev") "]", 8443, DNS_RIGHT },
		{ DNS_ANY, "e.org", "[]", 8443, DNS_CREATE },
		{ DNS_SERVICE, "_matrix-fed._tcp.e.org", "[]", 8443, DNS_CREATE },
		{ DNS_SERVICE, "_matrix-fed._tcp.e.org", "[" SRV("8448", "m.e.org") "]", 8443,
		  DNS_RIGHT },
		{ DNS_SERVICE, "_matrix-fed._tcp.e.org", "[" SRV("8448", "M.E.org.") "]", 8443,
		  DNS_RIGHT },
		{ DNS_SERVICE, "_matrix-fed._tcp.e.org", "[" SRV("8443", "m.e.org") "]", 8443,
		  DNS_CHANGE },
		{ DNS_SERVICE, "_matrix-fed._tcp.e.org",
		  "[" SRV("8448", "m.e.org") "," SRV("8448", "x.org") "]", 8443, DNS_IN_THE_WAY },
	};
	static const char *const aliases[] = { "e.org", "ip.e.org", NULL };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct dns_want w = {
			rows[i].role, (char *)rows[i].name,
			(char *)(rows[i].role == DNS_SERVICE ? "m.e.org" : "81.2.69.142"), 8448
		};
		struct dns_finding f;
		_cleanup_json_ json_t *j = json_loads(rows[i].records, 0, NULL);
		ck_assert_ptr_nonnull(j);
		dns_compare(j, &w, aliases, rows[i].https, &f);
		ck_assert_msg(f.verdict == rows[i].verdict, "row %zu: %d", i, (int)f.verdict);
		ck_assert_int_eq(f.text != NULL, f.verdict != DNS_RIGHT);
		ck_assert_int_eq(f.change != NULL, f.verdict == DNS_CREATE ||
							   f.verdict == DNS_CHANGE ||
							   f.verdict == DNS_UNPROXY);
		dns_finding_done(&f);
	}
}
END_TEST

START_TEST(changes)
{
	static const char *const none[] = { NULL };
	_cleanup_json_ json_t *wrong = json_loads("[" A("m.e.org", "9.9.9.9", "true") "]", 0, NULL);
	const struct dns_want rtc = { DNS_RTC, (char *)"m.e.org", (char *)"81.2.69.142", 0 };
	struct dns_finding f;

	dns_compare(wrong, &rtc, none, 8443, &f);
	_cleanup_free_ char *patch = json_canonical(f.change);
	ck_assert_str_eq(patch, "{\"content\":\"81.2.69.142\",\"proxied\":false}");
	ck_assert_str_eq(f.id, "1");
	dns_finding_done(&f);

	dns_compare(NULL, &rtc, none, 8443, &f);
	_cleanup_free_ char *post = json_canonical(f.change);
	ck_assert_str_eq(post, "{\"comment\":\"ess-setup\",\"content\":\"81.2.69.142\",\"name\":"
			       "\"m.e.org\",\"proxied\":false,"
			       "\"ttl\":60,\"type\":\"A\"}");
	dns_finding_done(&f);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("steps-cloudflare");
	TCase *t = tcase_create("all");
	tcase_add_test(t, answers);
	tcase_add_test(t, tokens);
	tcase_add_test(t, records);
	tcase_add_test(t, changes);
	suite_add_tcase(s, t);
	return unit_run(s);
}
