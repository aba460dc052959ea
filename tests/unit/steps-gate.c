/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The gate: lets right manifests pass, and names the place in every sabotaged one. */
#include "steps/gate.h"

#include <ctype.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "steps/ess.h"
#include "steps/gate-own.h"
#include "steps/postrender.h"
#include "steps/url.h"
#include "tests/unit/manifest-fixture.h"
#include "tests/unit/unit.h"

#define NAME_SETS 3 /* of random names, for each sabotage */

static char *rendered(const struct fixture *f)
{
	_cleanup_free_ char *in = fixture_manifest(f);
	char *out = NULL;
	size_t len;
	ck_assert_int_eq(postrender(in, strlen(in), &out, &len, NULL), 0);
	return out;
}

static int check(const char *text, const struct fixture *f, struct gate_report *r, struct err *e)
{
	struct gate_names names = fixture_names(f);
	return gate_check(text, strlen(text), &names, r, e);
}

static void expect_pass(const char *text, const struct fixture *f)
{
	_cleanup_gate_report_ struct gate_report r = { 0 };
	struct err e = ERR_INIT;
	if (check(text, f, &r, &e) == 0)
		return;
	ck_assert_msg(r.n > 0, "%s", e.msgid);
	ck_abort_msg("%s %s: %s (%s)", r.v[0].object, r.v[0].field, r.v[0].text, r.v[0].reason);
}

/* %synapse% is the bare host, %SYNAPSE% host:port; find is a text of the post-rendered manifest. */
struct sabotage {
	const char *find, *with;
	unsigned nth; /* which of the places, from 1; 0: all */
	enum gate_rule rule;
	const char *object, *field, *text;
};

#define HOME "04-homeserver-overrides.yaml > "
#define LONG "ConfigMap/ess-matrix-authentication-service"

static const struct sabotage sabotages[] = {
	/* Ingress hosts */
	{ "host: \"%synapse%\"", "host: \"%synapse%:%port%\"", 1, GATE_HOST_PORT,
	  "Ingress/ess-synapse", "spec.rules[0].host", "%synapse%:%port%" },
	{ "- %rtc%\n", "- %rtc%:443\n", 1, GATE_HOST_PORT, "Ingress/ess-matrix-rtc",
	  "spec.tls[0].hosts[0]", "%rtc%:443" },
	{ "- \"%server%\"\n", "- \"%server%\"\n    - \"%server%:8448\"\n", 1, GATE_HOST_PORT,
	  "Ingress/ess-well-known", "spec.tls[0].hosts[1]", "%server%:8448" },
	{ "host: '%auth%'", "host: 'evil.net'", 1, GATE_FOREIGN, LONG, "spec.rules[0].host",
	  "evil.net" },
	{ "host: '%auth%'", "host: '*.%server%'", 1, GATE_FOREIGN, LONG, "spec.rules[0].host",
	  "*.%server%" },
	{ "host: '%auth%'", "host: '%auth%.net'", 1, GATE_FOREIGN, LONG, "spec.rules[0].host",
	  "%auth%.net" },
	{ "host: '%auth%'", "host: 'y%auth%'", 1, GATE_FOREIGN, LONG, "spec.rules[0].host",
	  "y%auth%" },
	{ "host: '%auth%'", "host: 'account.changeme.com'", 1, GATE_PLACEHOLDER, LONG,
	  "spec.rules[0].host", "account.changeme.com" },
	{ "host: '%auth%'", "host: 'account.example.org'", 1, GATE_EXAMPLE, LONG,
	  "spec.rules[0].host", "account.example.org" },
	{ "host: '%auth%'", "host: ''", 1, GATE_PLACEHOLDER, LONG, "spec.rules[0].host", "" },
	{ "host: '%auth%'", "host: [a]", 1, GATE_UNREADABLE, LONG, "spec.rules[0].host", "" },
	{ "kind: Ingress\n", "kind: Ingres\n", 0, GATE_MISSING, "Ingress", "spec.rules", "" },
	/* ports of addresses */
	{ "public_baseurl: https://%SYNAPSE%/", "public_baseurl: https://%synapse%/", 1,
	  GATE_URL_PORT, "ConfigMap/ess-synapse", "data." HOME "public_baseurl",
	  "https://%synapse%" },
	{ "public_baseurl: https://%SYNAPSE%/", "public_baseurl: https://%synapse%:443/", 1,
	  GATE_URL_PORT, "ConfigMap/ess-synapse", "data." HOME "public_baseurl",
	  "https://%synapse%:443" },
	{ "public_baseurl: https://%SYNAPSE%/", "public_baseurl: https://%synapse%:%port%:%port%/",
	  1, GATE_URL_PORT, "ConfigMap/ess-synapse", "data." HOME "public_baseurl",
	  "https://%synapse%:%port%:%port%" },
	{ "public_baseurl: https://%SYNAPSE%/", "public_baseurl: https://%synapse%:%port%1/", 1,
	  GATE_URL_PORT, "ConfigMap/ess-synapse", "data." HOME "public_baseurl",
	  "https://%synapse%:%port%1" },
	{ "public_baseurl: https://%SYNAPSE%/", "public_baseurl: https://%synapse%:0%port%/", 1,
	  GATE_URL_PORT, "ConfigMap/ess-synapse", "data." HOME "public_baseurl",
	  "https://%synapse%:0%port%" },
	{ "public_baseurl: https://%SYNAPSE%/", "public_baseurl: https://%synapse%:/", 1,
	  GATE_URL_PORT, "ConfigMap/ess-synapse", "data." HOME "public_baseurl",
	  "https://%synapse%:" },
	{ "public_baseurl: https://%SYNAPSE%/", "public_baseurl: https://%synapse%${PORT}/", 1,
	  GATE_URL_PORT, "ConfigMap/ess-synapse", "data." HOME "public_baseurl",
	  "https://%synapse%${PORT" },
	{ "public_baseurl: https://%SYNAPSE%/", "public_baseurl: HTTPS://u@%synapse%./", 1,
	  GATE_URL_PORT, "ConfigMap/ess-synapse", "data." HOME "public_baseurl",
	  "HTTPS://" GATE_HIDDEN "@%synapse%." },
	{ "public_baseurl: https://%SYNAPSE%/", "public_baseurl: https:\\/\\/u:p@%synapse%/", 1,
	  GATE_URL_PORT, "ConfigMap/ess-synapse", "data." HOME "public_baseurl",
	  "https:\\/\\/" GATE_HIDDEN "@%synapse%" },
	{ "public_baseurl: https://%SYNAPSE%/", "public_baseurl: https://%synapse%/", 2,
	  GATE_URL_PORT, "ConfigMap/ess-synapse-hook", "data." HOME "public_baseurl",
	  "https://%synapse%" },
	{ "web_client_location: https://%WEB%/", "web_client_location: http://%web%/", 1,
	  GATE_URL_PORT, "ConfigMap/ess-synapse",
	  "data.01-homeserver-underrides.yaml > web_client_location", "http://%web%" },
	{ "public_base: \"https://%AUTH%\"", "public_base: \"https://%auth%\"", 1, GATE_URL_PORT,
	  LONG, "data.mas-config-overrides.yaml > http.public_base", "https://%auth%" },
	{ "livekit_service_url: https://%RTC%", "livekit_service_url: https://%rtc%", 1,
	  GATE_URL_PORT, "ConfigMap/ess-synapse",
	  "data." HOME "matrix_rtc.transports[0].livekit_service_url", "https://%rtc%" },
	{ "url\": \"https://%RTC%\"", "url\": \"https://%rtc%\"", 1, GATE_URL_PORT,
	  "ConfigMap/ess-well-known-haproxy",
	  "data.client > org.matrix.msc4143.rtc_foci[0].livekit_service_url", "https://%rtc%" },
	{ "url\": \"https://%RTC%\"", "url\": \"https:\\/\\/%rtc%\\/\"", 1, GATE_URL_PORT,
	  "ConfigMap/ess-well-known-haproxy",
	  "data.client > org.matrix.msc4143.rtc_foci[0].livekit_service_url", "https://%rtc%" },
	{ "base_url\": \"https://%SYNAPSE%\"", "base_url\": \"https://%synapse%\"", 1,
	  GATE_URL_PORT, "ConfigMap/ess-element-web",
	  "data.config.json > default_server_config.m.homeserver.base_url", "https://%synapse%" },
	{ "location https://%WEB% ", "location https://%web% ", 1, GATE_URL_PORT,
	  "ConfigMap/ess-haproxy", "data.haproxy.cfg", "https://%web%" },
	{ "wss://%RTC%", "wss://%rtc%", 1, GATE_URL_PORT,
	  "Deployment/ess-matrix-rtc-authorisation-service",
	  "spec.template.spec.containers[0].env[2].value", "wss://%rtc%" },
	{ "see https://docs.neighbour.net/", "see https://%server%/support", 1, GATE_URL_PORT,
	  "Secret/ess-matrix-authentication-service", "stringData.note", GATE_HIDDEN },
	{ "annotations:\n    cert-manager.io/cluster-issuer: letsencrypt-prod",
	  "annotations:\n    last: '{\"a\": \"{\\\"b\\\": [\\\"https://%web%/x\\\"]}\"}'", 1,
	  GATE_URL_PORT, "Ingress/ess-element-web", "metadata.annotations.last > a > b[0]",
	  "https://%web%" },
	{ "annotations:\n    cert-manager.io/cluster-issuer: letsencrypt-prod",
	  "annotations:\n    script: 'x=https://%web% y=\\nhttps:\\/\\/%auth%'", 1, GATE_URL_PORT,
	  "Ingress/ess-element-web", "metadata.annotations.script", "https:\\/\\/%auth%" },
	/* names at the sites */
	{ "public_base: \"https://%AUTH%\"",
	  "public_base: \"https://account.neighbour.com:%port%\"",
	  1, GATE_FOREIGN, LONG, "data.mas-config-overrides.yaml > http.public_base",
	  "https://account.neighbour.com:%port%" },
	{ "public_base: \"https://%AUTH%\"", "public_base: \"https://%RTC%\"", 1, GATE_OTHER, LONG,
	  "data.mas-config-overrides.yaml > http.public_base", "https://%RTC%" },
	{ "public_base: \"https://%AUTH%\"", "public_base: \"%AUTH%\"", 1, GATE_UNREADABLE, LONG,
	  "data.mas-config-overrides.yaml > http.public_base", "%AUTH%" },
	{ "public_base: \"https://%AUTH%\"", "public_base:", 1, GATE_PLACEHOLDER, LONG,
	  "data.mas-config-overrides.yaml > http.public_base", "" },
	{ "public_base: \"https://%AUTH%\"", "public_base: {a: b}", 1, GATE_UNREADABLE, LONG,
	  "data.mas-config-overrides.yaml > http.public_base", "" },
	{ "public_base: \"https://%AUTH%\"", "public_base: \"https://${AUTH_HOST}:%port%\"", 1,
	  GATE_PLACEHOLDER, LONG, "data.mas-config-overrides.yaml > http.public_base",
	  "https://${AUTH_HOST" },
	{ "livekit_service_url: https://%RTC%",
	  "livekit_service_url: https://mrtc.example.com:%port%", 1, GATE_EXAMPLE,
	  "ConfigMap/ess-synapse", "data." HOME "matrix_rtc.transports[0].livekit_service_url",
	  "https://mrtc.example.com:%port%" },
	{ "base_url\": \"https://%SYNAPSE%\"",
	  "base_url\": \"https://matrix.yourdomain.net:%port%\"", 2, GATE_PLACEHOLDER,
	  "ConfigMap/ess-well-known-haproxy", "data.client > m.homeserver.base_url",
	  "https://matrix.yourdomain.net:%port%" },
	{ "location https://%WEB% ", "location https://www.neighbour.net ", 1, GATE_FOREIGN,
	  "ConfigMap/ess-haproxy", "data.haproxy.cfg", "https://www.neighbour.net" },
	{ "wss://%RTC%", "wss://%rtc%.neighbour.net:%port%", 1, GATE_FOREIGN,
	  "Deployment/ess-matrix-rtc-authorisation-service",
	  "spec.template.spec.containers[0].env[2].value", "wss://%rtc%.neighbour.net:%port%" },
	{ "value: %server%\n", "value: neighbour.net\n", 1, GATE_FOREIGN,
	  "Deployment/ess-element-admin", "spec.template.spec.containers[0].env[0].value",
	  "neighbour.net" },
	{ "    server_name: %server%\n", "    server_name: %synapse%\n", 1, GATE_OTHER,
	  "ConfigMap/ess-synapse", "data." HOME "server_name", "%synapse%" },
	{ "homeserver: \"%server%\"", "homeserver: \"example.com\"", 1, GATE_EXAMPLE, LONG,
	  "data.mas-config-overrides.yaml > matrix.homeserver", "example.com" },
	/* m.server */
	{ "server\": \"%SYNAPSE%\"", "server\": \"%synapse%:443\"", 1, GATE_SERVER,
	  "ConfigMap/ess-well-known-haproxy", "data.server > m.server", "%synapse%:443" },
	{ "server\": \"%SYNAPSE%\"", "server\": \"%SYNAPSE%:443\"", 1, GATE_SERVER,
	  "ConfigMap/ess-well-known-haproxy", "data.server > m.server", "%SYNAPSE%:443" },
	{ "server\": \"%SYNAPSE%\"", "server\": \"%synapse%\"", 1, GATE_SERVER,
	  "ConfigMap/ess-well-known-haproxy", "data.server > m.server", "%synapse%" },
	{ "server\": \"%SYNAPSE%\"", "server\": \"%AUTH%\"", 1, GATE_SERVER,
	  "ConfigMap/ess-well-known-haproxy", "data.server > m.server", "%AUTH%" },
	{ "server\": \"%SYNAPSE%\"", "server\": \"https://%SYNAPSE%\"", 1, GATE_SERVER,
	  "ConfigMap/ess-well-known-haproxy", "data.server > m.server", "https://%SYNAPSE%" },
	{ "\"m.server\": ", "\"m.servers\": ", 1, GATE_MISSING, "ConfigMap",
	  "data.server > m.server", "" },
	{ "\"m.server\": ", "\"m.server\": {", 1, GATE_UNREADABLE,
	  "ConfigMap/ess-well-known-haproxy", "data.server", "{" },
};

/* The names must carry a port: what is sabotage with 443 stands in its own table. */
static struct fixture with_port(unsigned i)
{
	struct fixture f = i ? fixture_random(i) : fixture_plain;
	if (f.port == 443)
		f.port = 8443;
	return f;
}

static const struct gate_offence *find_offence(const struct gate_report *r, enum gate_rule rule,
					       const char *text)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->v[i].rule == rule && (!text || strcmp(r->v[i].text, text) == 0))
			return &r->v[i];
	return NULL;
}

/* The manifest as the live objects that kubectl would list. */
static char *as_live(const char *manifest)
{
	_cleanup_json_ json_t *all = ess_manifest_objects(manifest, NULL);
	_cleanup_json_ json_t *live = json_object();
	size_t i;
	json_t *o;
	ck_assert_ptr_nonnull(all);
	json_array_foreach (all, i, o) {
		const char *kind = json_str_at(o, "kind");
		if (!json_object_get(live, kind))
			json_object_set_new(live, kind, json_pack("{s:[]}", "items"));
		json_array_append(json_at(json_object_get(live, kind), "items"), o);
	}
	return gate_live_list(live);
}

static void expect_offence(const char *bad, const struct fixture *f, const struct sabotage *s)
{
	_cleanup_gate_report_ struct gate_report r = { 0 };
	_cleanup_free_ char *text = s->text ? fixture_fill(f, s->text) : NULL;
	struct err e = ERR_INIT;
	ck_assert_int_eq(check(bad, f, &r, &e), -1);
	ck_assert_int_eq(e.fault, FAULT_RENDER_GATE);
	const struct gate_offence *o = find_offence(&r, s->rule, text);
	ck_assert_msg(o != NULL, "%s: %zu offences, first %s %s: %s", text, r.n, r.v[0].object,
		      r.v[0].field, r.v[0].text);
	/* LONG is the name of both an Ingress and a ConfigMap */
	ck_assert_str_eq(strchr(s->object, '/') ? strchr(o->object, '/') : o->object,
			 strchr(s->object, '/') ? strchr(s->object, '/') : s->object);
	ck_assert_str_eq(o->field, s->field);
	ck_assert_ptr_nonnull(o->reason);
	for (size_t i = 0; i < r.n && s->rule != GATE_MISSING && s->nth; i++)
		ck_assert_msg(strcmp(r.v[i].object, o->object) == 0 || r.v[i].rule == GATE_MISSING,
			      "also %s %s", r.v[i].object, r.v[i].field);
	/* and in the cluster they are found as well */
	_cleanup_gate_report_ struct gate_report again = { 0 };
	_cleanup_free_ char *live = as_live(bad);
	ck_assert_int_eq(check(live, f, &again, NULL), -1);
	const struct gate_offence *l = find_offence(&again, s->rule, text);
	ck_assert_ptr_nonnull(l);
	ck_assert_str_eq(l->field, s->field);
	ck_assert_uint_eq(again.n, r.n);
}

START_TEST(sabotage_is_named)
{
	const struct sabotage *s = &sabotages[(unsigned)_i / NAME_SETS];
	struct fixture f = with_port((unsigned)_i % NAME_SETS * 7);
	_cleanup_free_ char *good = rendered(&f);
	_cleanup_free_ char *find = fixture_fill(&f, s->find), *with = fixture_fill(&f, s->with);
	_cleanup_free_ char *bad = fixture_replace(good, find, with, s->nth);
	expect_offence(bad, &f, s);
}
END_TEST

static const struct sabotage sabotages_443[] = {
	{ "public_baseurl: https://%synapse%/", "public_baseurl: https://%synapse%:443/", 1,
	  GATE_URL_PORT, "ConfigMap/ess-synapse", "data." HOME "public_baseurl",
	  "https://%synapse%:443" },
	{ "public_baseurl: https://%synapse%/", "public_baseurl: https://%synapse%:8443/", 1,
	  GATE_URL_PORT, "ConfigMap/ess-synapse", "data." HOME "public_baseurl",
	  "https://%synapse%:8443" },
	{ "%synapse%:443\"", "%synapse%\"", 1, GATE_SERVER, "ConfigMap/ess-well-known-haproxy",
	  "data.server > m.server", "%synapse%" },
	{ "%synapse%:443\"", "%synapse%:8448\"", 1, GATE_SERVER, "ConfigMap/ess-well-known-haproxy",
	  "data.server > m.server", "%synapse%:8448" },
	{ "host: \"%synapse%\"", "host: \"%synapse%:443\"", 1, GATE_HOST_PORT,
	  "Ingress/ess-synapse", "spec.rules[0].host", "%synapse%:443" },
	{ "public_baseurl: https://%synapse%/", "public_baseurl: https://%synapse%${PORT}/", 1,
	  GATE_URL_PORT, "ConfigMap/ess-synapse", "data." HOME "public_baseurl",
	  "https://%synapse%${PORT" },
};

START_TEST(sabotage_is_named_with_443)
{
	const struct sabotage *s = &sabotages_443[_i];
	struct fixture f = fixture_random(5);
	ck_assert_uint_eq(f.port, 443);
	_cleanup_free_ char *good = rendered(&f);
	expect_pass(good, &f);
	_cleanup_free_ char *find = fixture_fill(&f, s->find), *with = fixture_fill(&f, s->with);
	_cleanup_free_ char *bad = fixture_replace(good, find, with, s->nth);
	expect_offence(bad, &f, s);
}
END_TEST

/* What a user may have there, and what only looks like an offence. */
static const char *const harmless[] = {
	"https://docs.neighbour.net:1234/",
	"https://%synapse%.neighbour.net/",
	"https://z%synapse%/",
	"https://z-%server%/",
	"http://your-domain/",
	"https://example.com/",
	"mailto:admin@%server%",
	"%synapse%",
	"%synapse%:1",
	"http://ess-synapse.ess.svc.cluster.local.:8008/",
	"postgres://%server%/db",
	"https://%SYNAPSE%/a?b=https://%RTC%",
	"wss://%RTC%",
	"https://neighbour.net/?u=%synapse%",
	"https://neighbour.net/%synapse%:2",
	"://%synapse%",
	"https:/%synapse%",
	"shttps://%synapse%",
	"turns:%server%:443",
	"https://%synapse%@neighbour.net/",
	"https://[::1]:1/",
	"https://",
};

START_TEST(harmless_passes)
{
	for (unsigned seed = 0; seed < 7; seed++) {
		struct fixture f = with_port(seed);
		_cleanup_free_ char *good = rendered(&f);
		_cleanup_free_ char *text = fixture_fill(&f, harmless[_i]);
		_cleanup_free_ char *changed =
			fixture_replace(good, "https://docs.neighbour.net/", text, 1);
		expect_pass(changed, &f);
	}
}
END_TEST

/* Secrets carry base64, wherever the address stands in the decoded text. */
START_TEST(secrets_are_read)
{
	struct fixture f = fixture_plain;
	_cleanup_free_ char *good = rendered(&f);
	static const char *const texts[] = { "a: https://matrix.neighbour.org/x\n",
					     "{\"a\": [\"https://matrix.neighbour.org\"]}",
					     "just https://matrix.neighbour.org." };
	_cleanup_free_ char *b64 = crypto_base64(texts[_i], strlen(texts[_i]));
	_cleanup_free_ char *line = xasprintf("user-auth.yaml: %s\n  x: ", b64);
	_cleanup_free_ char *bad = fixture_replace(good, "user-auth.yaml: ", line, 1);
	_cleanup_gate_report_ struct gate_report r = { 0 };
	ck_assert_int_eq(check(bad, &f, &r, NULL), -1);
	ck_assert_uint_eq(r.n, 1);
	ck_assert_str_eq(r.v[0].object, "Secret/ess-matrix-authentication-service");
	ck_assert_str_eq(r.v[0].field, "data.user-auth.yaml");
	ck_assert_str_eq(r.v[0].text, GATE_HIDDEN);
	ck_assert_int_eq(r.v[0].rule, GATE_URL_PORT);
}
END_TEST

/* What kubectl apply remembers of an earlier state, and what only the cluster writes, is not judged. */
START_TEST(live_past_does_not_count)
{
	struct fixture f = fixture_plain;
	_cleanup_free_ char *good = rendered(&f);
	static const char past[] = "annotations:\n    kubectl.kubernetes.io/last-applied-configuration: "
				   "'{\"a\": \"https://matrix.neighbour.org\"}'";
	_cleanup_free_ char *old = fixture_replace(
		good, "annotations:\n    cert-manager.io/cluster-issuer: letsencrypt-prod", past, 1);
	_cleanup_free_ char *live = as_live(old);
	_cleanup_gate_report_ struct gate_report r = { 0 };
	_cleanup_gate_report_ struct gate_report r2 = { 0 };
	ck_assert_int_eq(check(old, &f, &r, NULL), -1);
	ck_assert_int_eq(check(live, &f, &r2, NULL), 0);
	/* the object itself is left as it was */
	_cleanup_json_ json_t *o = json_pack("{s:{s:[{s:{s:{s:s}}, s:{}}]}}", "Ingress", "items", "metadata",
					     "annotations",
					     "kubectl.kubernetes.io/last-applied-configuration", "x", "status");
	_cleanup_json_ json_t *before = json_deep_copy(o);
	_cleanup_free_ char *text = gate_live_list(o);
	ck_assert(json_equal(o, before));
	ck_assert_ptr_null(strstr(text, "last-applied"));
	ck_assert_ptr_null(strstr(text, "status"));
}
END_TEST

/* A rehearsal may use reserved names: then they are the user's own. */
START_TEST(own_example_names_pass)
{
	struct fixture f = { "example.com",
			     "matrix.example.com",
			     "account.example.com",
			     "mrtc.example.com",
			     "your-domain.example",
			     "",
			     8443 };
	_cleanup_free_ char *good = rendered(&f);
	expect_pass(good, &f);
}
END_TEST

START_TEST(all_offences_are_told)
{
	struct fixture f = fixture_plain, other = fixture_plain;
	_cleanup_free_ char *good = rendered(&f);
	other.port = 9443;
	_cleanup_gate_report_ struct gate_report r = { 0 };
	struct err e = ERR_INIT;
	ck_assert_int_eq(check(good, &other, &r, &e), -1);
	/* base_url 2, redirect, public_base, web_client, public_baseurl 2, livekit 2, m.server,
	 * LIVEKIT_URL */
	ck_assert_uint_eq(r.n, 11);
	ck_assert_str_eq(e.args[0], "11");
}
END_TEST

START_TEST(garbage_is_a_fault)
{
	struct gate_names names = fixture_names(&fixture_plain);
	_cleanup_gate_report_ struct gate_report r = { 0 };
	struct err e = ERR_INIT;
	ck_assert_int_eq(gate_check("a: b: c", 7, &names, &r, &e), -1);
	ck_assert_int_eq(e.fault, FAULT_RENDER_YAML);
	ck_assert_uint_eq(r.n, 0);
}
END_TEST

START_TEST(official_manifests_pass)
{
	struct fixture f = { "example.com",
			     "matrix.example.com",
			     "account.example.com",
			     "mrtc.example.com",
			     "chat.example.com",
			     "admin.example.com",
			     443 };
	_cleanup_free_ char *plain = fixture_official("ess-rendered.yaml");
	_cleanup_free_ char *ports = fixture_official("ess-rendered-with-ports.yaml");
	if (!plain || !ports) {
		fprintf(stderr, "# skip: no official manifest here\n");
		return;
	}
	_cleanup_free_ char *out = NULL;
	size_t len;
	ck_assert_int_eq(postrender(ports, strlen(ports), &out, &len, NULL), 0);
	expect_pass(plain, &f);
	f.port = 8443;
	expect_pass(out, &f);
	_cleanup_gate_report_ struct gate_report r = { 0 };
	ck_assert_int_eq(check(ports, &f, &r, NULL), -1);
	ck_assert_uint_eq(r.n, 11); /* before the post-renderer: exactly its edits */
}
END_TEST

static const struct {
	const char *text, *url, *host, *port;
	bool odd;
} urls[] = {
	{ "see https://a.b:1/x", "https://a.b:1", "a.b", "1", false },
	{ "HTTP://A.b.", "HTTP://A.b.", "A.b", NULL, false },
	{ "x=wss://u:p@a.b:12\"", "wss://u:p@a.b:12", "a.b", "12", false },
	{ "(ws://a)", "ws://a", "a", NULL, false },
	{ "https://a:1:2/", "https://a:1:2", "a", NULL, true },
	{ "https://a${P}", "https://a${P", "a", NULL, true },
	{ "https://{{h}}:1", "https://{{h", "", NULL, true },
	{ "https:\\/\\/a.b\\/", "https:\\/\\/a.b", "a.b", NULL, false },
	{ "\\nhttps://a", "https://a", "a", NULL, false },
	{ "https://a\xe3\x80\x82", "https://a", "a", NULL, false },
	{ "https: //a ://b ftp://c xhttps://d", NULL, NULL, NULL, false },
};

START_TEST(urls_are_found)
{
	struct url u;
	const char *pos = urls[_i].text;
	bool found = url_next(urls[_i].text, &pos, &u);
	ck_assert_int_eq(found, urls[_i].url != NULL);
	if (!found)
		return;
	ck_assert_int_eq(u.len, strlen(urls[_i].url));
	ck_assert_int_eq(strncmp(u.start, urls[_i].url, u.len), 0);
	ck_assert(url_host_is(&u, urls[_i].host));
	_cleanup_free_ char *longer = xasprintf("%s.c", urls[_i].host);
	ck_assert(!url_host_is(&u, longer));
	ck_assert(!*urls[_i].host || !url_host_is(&u, urls[_i].host + 1));
	ck_assert_int_eq(u.odd, urls[_i].odd);
	ck_assert_int_eq(u.port != NULL, urls[_i].port != NULL);
	if (u.port)
		ck_assert_int_eq(strncmp(u.port, urls[_i].port, u.port_len), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("steps-gate");
	TCase *t = tcase_create("gate");
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, sabotage_is_named, 0, ARRAY_LEN(sabotages) * NAME_SETS);
	tcase_add_loop_test(t, sabotage_is_named_with_443, 0, ARRAY_LEN(sabotages_443));
	tcase_add_loop_test(t, harmless_passes, 0, ARRAY_LEN(harmless));
	tcase_add_loop_test(t, secrets_are_read, 0, 3);
	tcase_add_test(t, live_past_does_not_count);
	tcase_add_test(t, own_example_names_pass);
	tcase_add_test(t, all_offences_are_told);
	tcase_add_test(t, garbage_is_a_fault);
	tcase_add_test(t, official_manifests_pass);
	tcase_add_loop_test(t, urls_are_found, 0, ARRAY_LEN(urls));
	suite_add_tcase(s, t);
	return unit_run(s);
}
