/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What the finished server must answer, and the page that remains. */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "steps/handover.h"
#include "steps/probes.h"
#include "tests/unit/unit.h"

static const struct probe_names plain = { "neighbour.org",	 "matrix.neighbour.org",  "account.neighbour.org",
					  "mrtc.neighbour.org", "element.neighbour.org", "admin.neighbour.org",
					  8443,			 8448,			  "srv" };

static const struct probe *find(const char *id)
{
	for (const struct probe *p = probes; p->id; p++)
		if (!strcmp(p->id, id))
			return p;
	ck_abort_msg("no probe %s", id);
}

#define SY "https://matrix.neighbour.org"
#define AU "https://account.neighbour.org"
#define RTC "https://mrtc.neighbour.org"
#define KEYS(name) "{\"server_name\":\"" name "\",\"verify_keys\":{\"ed25519:a\":{\"key\":\"x\"}}}"
#define CLIENT(base, focus) \
	"{\"m.homeserver\":{\"base_url\":\"" base "\"},\"org.matrix.msc4143.rtc_foci\":[{\"type\":\"livekit\"," \
	"\"livekit_service_url\":\"" focus "\"}]}"
#define META(issuer, token) "{\"issuer\":\"" issuer "\",\"token_endpoint\":\"" token "\"}"
#define CONFIG(base) "{\"default_server_config\":{\"m.homeserver\":{\"base_url\":\"" base "\",\"server_name\":\"neighbour.org\"}}}"

static const struct {
	const char *id;
	long status;
	const char *body, *location;
	enum fault want; /* FAULT_NONE: right */
} answers[] = {
	{ "synapse", 200, "{\"versions\":[\"v1.11\"]}", NULL, FAULT_NONE },
	{ "synapse", 200, "{\"versions\":[]}", NULL, FAULT_VERIFY_SYNAPSE },
	{ "synapse", 200, "<html>It works!</html>", NULL, FAULT_VERIFY_SYNAPSE },
	{ "synapse", 502, "Bad Gateway", NULL, FAULT_VERIFY_SYNAPSE },
	{ "login", 200, "{\"flows\":[{\"type\":\"m.login.password\"}]}", NULL, FAULT_NONE },
	{ "login", 404, "{\"errcode\":\"M_UNRECOGNIZED\"}", NULL, FAULT_VERIFY_LOGIN },
	{ "auth-metadata", 200, META(AU ":8443/", AU ":8443/oauth2/token"), NULL, FAULT_NONE },
	{ "auth-metadata", 200, META(AU "/", AU ":8443/oauth2/token"), NULL, FAULT_VERIFY_PORT },
	{ "auth-metadata", 200, META(AU ":8443/", AU "/oauth2/token"), NULL, FAULT_VERIFY_PORT },
	{ "auth-metadata", 200, META(AU ":8443/", AU ":84430/oauth2/token"), NULL, FAULT_VERIFY_PORT },
	{ "auth-metadata", 200, META(AU ":8443/", AU ":844/oauth2/token"), NULL, FAULT_VERIFY_PORT },
	{ "auth-metadata", 200, META(AU ":8443/", "https:\\/\\/account.neighbour.org\\/oauth2"), NULL, FAULT_VERIFY_PORT },
	{ "auth-metadata", 200, "{}", NULL, FAULT_VERIFY_AUTH },
	{ "openid", 200, META(AU ":8443/", AU ":8443/t"), NULL, FAULT_NONE },
	{ "openid", 404, "", NULL, FAULT_VERIFY_AUTH },
	{ "rtc-authoriser", 405, "", NULL, FAULT_NONE },
	{ "rtc-authoriser", 200, "", NULL, FAULT_VERIFY_RTC },
	{ "rtc-sfu", 200, "OK", NULL, FAULT_NONE },
	{ "rtc-sfu", 503, "no available server", NULL, FAULT_VERIFY_RTC },
	{ "well-known-client", 200, CLIENT(SY ":8443", RTC ":8443"), NULL, FAULT_NONE },
	{ "well-known-client", 200, CLIENT(SY ":8443/", RTC ":8443"), NULL, FAULT_NONE },
	{ "well-known-client", 200, CLIENT(SY, RTC ":8443"), NULL, FAULT_VERIFY_PORT },
	{ "well-known-client", 200, CLIENT(SY ":8443", RTC), NULL, FAULT_VERIFY_PORT },
	{ "well-known-client", 200, CLIENT(SY ":8443:443", RTC ":8443"), NULL, FAULT_VERIFY_PORT },
	{ "well-known-client", 200, "{}", NULL, FAULT_VERIFY_WELL_KNOWN },
	{ "well-known-server", 200, "{\"m.server\":\"matrix.neighbour.org:8443\"}", NULL, FAULT_NONE },
	{ "well-known-server", 200, "{\"m.server\":\"matrix.neighbour.org:443\"}", NULL, FAULT_VERIFY_PORT },
	{ "well-known-server", 200, "{\"m.server\":\"matrix.neighbour.org:8443:443\"}", NULL, FAULT_VERIFY_PORT },
	{ "well-known-server", 404, "{}", NULL, FAULT_VERIFY_WELL_KNOWN },
	{ "apex", 301, "", "https://element.neighbour.org:8443/", FAULT_NONE },
	{ "apex", 301, "", "https://element.neighbour.org/", FAULT_VERIFY_PORT },
	{ "apex", 301, "", "https://somewhere-else.example.net/", FAULT_NONE },
	{ "apex", 404, "", NULL, FAULT_NONE },
	{ "web-config", 200, CONFIG(SY ":8443"), NULL, FAULT_NONE },
	{ "web-config", 200, CONFIG(SY), NULL, FAULT_VERIFY_PORT },
	{ "web-config", 200, "{}", NULL, FAULT_VERIFY_WEB },
	{ "web", 200, "<html>", NULL, FAULT_NONE },
	{ "web", 404, "", NULL, FAULT_VERIFY_WEB },
	{ "admin", 200, "<html>", NULL, FAULT_NONE },
	{ "admin", 200, "<a href=\"" SY "\">", NULL, FAULT_VERIFY_PORT },
	{ "admin", 403, "", NULL, FAULT_VERIFY_ADMIN },
	{ "encoded-slash", 404, "{\"errcode\":\"M_NOT_FOUND\"}", NULL, FAULT_NONE },
	{ "encoded-slash", 400, "Bad Request", NULL, FAULT_VERIFY_SLASH },
	{ "federation-keys", 200, KEYS("neighbour.org"), NULL, FAULT_NONE },
	{ "federation-keys", 200, KEYS("other.org"), NULL, FAULT_VERIFY_FEDERATION },
	{ "federation-port", 200, KEYS("neighbour.org"), NULL, FAULT_NONE },
	{ "federation-port", 404, "", NULL, FAULT_VERIFY_FEDERATION },
};

START_TEST(answer)
{
	const struct probe *p = find(answers[_i].id);
	_cleanup_strv_ char **headers = NULL;
	struct http_response r = { .status = answers[_i].status, .body = xstrdup(answers[_i].body) };
	struct err e = ERR_INIT;

	if (answers[_i].location)
		strv_add(&headers, xasprintf("location: %s", answers[_i].location));
	r.headers = headers;
	r.len = strlen(r.body);
	int rc = probe_judge(p, &plain, &r, &e);
	free(r.body);
	ck_assert_int_eq(e.fault, answers[_i].want);
	ck_assert_int_eq(rc, answers[_i].want == FAULT_NONE ? 0 : -1);
	if (rc < 0) {
		_cleanup_free_ char *url = probe_url(p, &plain);
		_cleanup_free_ char *text = err_text(&e);
		ck_assert_ptr_nonnull(strstr(text, url));
	}
}
END_TEST

/* With the port 443 no address carries a port, but m.server does. */
START_TEST(port_443)
{
	struct probe_names n = plain;
	struct err e = ERR_INIT;
	char good[] = CLIENT(SY, RTC), bad[] = CLIENT(SY ":443", RTC), server[] = "{\"m.server\":\"matrix.neighbour.org:443\"}";
	struct http_response r = { .status = 200, .body = good, .len = strlen(good) };

	n.https = 443;
	_cleanup_free_ char *url = probe_url(find("synapse"), &n);
	ck_assert_str_eq(url, SY "/_matrix/client/versions");
	ck_assert_int_eq(probe_judge(find("well-known-client"), &n, &r, &e), 0);
	r.body = bad;
	r.len = strlen(bad);
	ck_assert_int_eq(probe_judge(find("well-known-client"), &n, &r, &e), -1);
	ck_assert_int_eq(e.fault, FAULT_VERIFY_PORT);
	err_clear(&e);
	r.body = server;
	r.len = strlen(server);
	ck_assert_int_eq(probe_judge(find("well-known-server"), &n, &r, &e), 0);
}
END_TEST

START_TEST(which)
{
	struct probe_names n = plain;
	_cleanup_free_ char *port = probe_url(find("federation-port"), &n);
	_cleanup_free_ char *slash = probe_url(find("encoded-slash"), &n);

	ck_assert_str_eq(port, "https://neighbour.org:8448/_matrix/key/v2/server");
	ck_assert_str_eq(slash, SY ":8443/_matrix/client/v3/directory/room/%23ess-setup-probe%2Fx%3Aneighbour.org");
	ck_assert(probe_applies(find("admin"), &n));
	ck_assert(probe_applies(find("federation-port"), &n));
	n.admin = NULL;
	n.plan = "apex";
	ck_assert(!probe_applies(find("admin"), &n));
	ck_assert(!probe_applies(find("federation-port"), &n));
	ck_assert(probe_applies(find("federation-keys"), &n));
	n.plan = "none";
	ck_assert(!probe_applies(find("federation-port"), &n));
}
END_TEST

/* --- handover ----------------------------------------------------------------------------------------- */

static struct handover page(void)
{
	return (struct handover){
		.server_name = "neighbour.org", .synapse = "matrix.neighbour.org", .auth = "account.neighbour.org",
		.rtc = "mrtc.neighbour.org", .web = "element.neighbour.org", .admin = "admin.neighbour.org",
		.http = 8080, .https = 8443, .federation = 8448, .node_http = 30080, .node_https = 30443,
		.node_federation = 30448, .rtc_tcp = 30001, .rtc_udp = 30002, .udp_range = "30152-30352", .plan = "srv",
		.registration = "invite", .machine = "192.168.7.20", .hairpin = "no", .username = "boss",
		.by_argument = true,
	};
}

static int count(const char *text, const char *word)
{
	int n = 0;
	for (const char *p = text; (p = strstr(p, word)); p += strlen(word))
		n++;
	return n;
}

static void in_both(const char *text, const char *word)
{
	ck_assert_msg(count(text, word) >= 2, "%s stands %d times in:\n%s", word, count(text, word), text);
}

START_TEST(page_says)
{
	static const char *const words[] = {
		"https://element.neighbour.org:8443", "https://account.neighbour.org:8443", "https://matrix.neighbour.org:8443",
		"https://admin.neighbour.org:8443", "192.168.7.20", "TCP 8443 ", "TCP 8448 ", "TCP 30001 ", "TCP 8080 ",
		"UDP 30152-30352 ", "30443", "@boss:neighbour.org", "ess-setup secret show admin.password",
		"_matrix-fed._tcp.neighbour.org",
	};
	struct handover h = page();
	_cleanup_free_ char *text = handover_text(&h);
	_cleanup_free_ char *again = handover_text(&h);

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		in_both(text, words[i]);
	ck_assert_str_eq(text, again);
	ck_assert_int_eq(count(text, "argument"), 1);
	ck_assert_int_eq(count(text, "命令参数"), 1);
	ck_assert_int_eq(count(text, "(null)"), 0);
	/* No web address of ours without its port; "https://" alone stands once in each language. */
	ck_assert_int_eq(count(text, ".neighbour.org:8443") + 2, count(text, "https://"));
}
END_TEST

START_TEST(page_varies)
{
	struct handover h = page();
	h.plan = "none";
	h.udp_range = NULL;
	h.admin = NULL;
	h.by_argument = false;
	h.hairpin = "yes";
	h.staging = true;
	_cleanup_free_ char *text = handover_text(&h);
	in_both(text, "UDP 30002 ");
	ck_assert_int_eq(count(text, "TCP 8448 "), 0);
	ck_assert_int_eq(count(text, "admin.neighbour.org"), 0);
	ck_assert_int_eq(count(text, "argument"), 0);
	ck_assert_int_eq(count(text, "hairpin"), 0);
	in_both(text, "certificates.environment production");

	h = page();
	h.https = 443;
	h.existed = true;
	_cleanup_free_ char *plain_port = handover_text(&h);
	in_both(plain_port, "https://matrix.neighbour.org\n");
	in_both(plain_port, "TCP 443 ");
	ck_assert_int_eq(count(plain_port, "secret show"), 0);

	h = page();
	h.plan = "apex";
	_cleanup_json_ json_t *warnings = json_pack("[s]", "the router does not play along");
	h.warnings = warnings;
	_cleanup_free_ char *apex = handover_text(&h);
	ck_assert_int_eq(count(apex, "Homeserver:  neighbour.org\n"), 1);
	ck_assert_int_eq(count(apex, "主服务器：neighbour.org\n"), 1);
	in_both(apex, "- the router does not play along\n");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("steps-verify");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, answer, 0, ARRAY_LEN(answers));
	tcase_add_test(t, port_443);
	tcase_add_test(t, which);
	tcase_add_test(t, page_says);
	tcase_add_test(t, page_varies);
	suite_add_tcase(s, t);
	return unit_run(s);
}
