/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The post-renderer: its edits, what it keeps, and what it refuses. */
#include "steps/postrender.h"

#include "steps/manifest.h"
#include "tests/unit/manifest-fixture.h"
#include "tests/unit/unit.h"

static char *render(const char *in, unsigned *edits)
{
	struct err e = ERR_INIT;
	char *out = NULL;
	size_t len = 0;
	int r = postrender_counted(in, strlen(in), &out, &len, edits, &e);
	ck_assert_msg(r == 0, "%s: %s %s %s", e.msgid, e.args[0], e.args[1], e.args[2]);
	ck_assert_uint_eq(len, strlen(out));
	return out;
}

static bool same_scalar(const yaml_event_t *a, const yaml_event_t *b)
{
	bool plain = a->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	/* an empty plain scalar inside { } is null either way */
	if (plain && !*a->data.scalar.value && strcmp((char *)b->data.scalar.value, "null") == 0)
		return true;
	/* inside { } libyaml quotes what has a colon in it; a text stays a text */
	if (plain && strchr((char *)a->data.scalar.value, ':') &&
	    b->data.scalar.style == YAML_SINGLE_QUOTED_SCALAR_STYLE)
		plain = false;
	else
		ck_assert_int_eq(a->data.scalar.style, b->data.scalar.style);
	return strcmp((char *)a->data.scalar.value, (char *)b->data.scalar.value) == 0;
}

/* Number of scalars that differ; everything else must be equal, styles too. */
static unsigned differences(const char *before, const char *after, char **first)
{
	_cleanup_manifest_ struct manifest a = { 0 }, b = { 0 };
	struct err e = ERR_INIT;
	unsigned n = 0;
	ck_assert_int_eq(manifest_parse(&a, before, strlen(before), &e), 0);
	ck_assert_int_eq(manifest_parse(&b, after, strlen(after), &e), 0);
	ck_assert_uint_eq(a.n, b.n);
	ck_assert_uint_eq(a.nobjects, b.nobjects);
	for (size_t i = 0; i < a.n; i++) {
		ck_assert_int_eq(a.ev[i].type, b.ev[i].type);
		if (a.ev[i].type == YAML_SCALAR_EVENT && !same_scalar(&a.ev[i], &b.ev[i])) {
			if (n++ == 0 && first)
				*first = xasprintf("%s -> %s", manifest_text(&a, i),
						   manifest_text(&b, i));
		}
	}
	return n;
}

START_TEST(edits_are_made)
{
	_cleanup_free_ char *in = fixture_manifest(&fixture_plain);
	unsigned edits;
	_cleanup_free_ char *out = render(in, &edits);
	_cleanup_free_ char *first = NULL;
	ck_assert_uint_eq(edits, 11);
	ck_assert_uint_eq(differences(in, out, &first), 11);
	ck_assert_str_eq(first, "{\n  \"m.server\": \"matrix.neighbour.org:8443:443\"\n}\n -> "
				"{\n  \"m.server\": \"matrix.neighbour.org:8443\"\n}\n");
	ck_assert_ptr_nonnull(strstr(out, "- host: \"matrix.neighbour.org\"\n"));
	ck_assert_ptr_nonnull(strstr(out, "- host: 'account.neighbour.org'\n"));
	ck_assert_ptr_nonnull(strstr(out, "- host: mrtc.neighbour.org\n"));
	ck_assert_ptr_nonnull(strstr(out, "rules: [{host: \"admin.neighbour.org\"}]\n"));
	ck_assert_ptr_nonnull(strstr(out, "public_baseurl: https://matrix.neighbour.org:8443/\n"));
	ck_assert_ptr_nonnull(strstr(out, "appProtocol: null"));
}
END_TEST

/* Twice changes nothing more, to the byte; with 443 nothing is edited at all; the gate agrees. */
START_TEST(random_names)
{
	struct fixture f = fixture_random((unsigned)_i);
	struct gate_names names = fixture_names(&f);
	_cleanup_gate_report_ struct gate_report report = { 0 };
	_cleanup_free_ char *in = fixture_manifest(&f);
	unsigned edits, want = f.port == 443 ? 0 : *f.admin ? 11 : 9, again;
	_cleanup_free_ char *out = render(in, &edits);
	_cleanup_free_ char *twice = render(out, &again);
	ck_assert_uint_eq(edits, want);
	ck_assert_uint_eq(differences(in, out, NULL), want);
	ck_assert_uint_eq(again, 0);
	ck_assert_str_eq(twice, out);
	int r = gate_check(out, strlen(out), &names, &report, NULL);
	ck_assert_msg(r == 0, "%s %s %s", f.server, report.n ? report.v[0].field : "",
		      report.n ? report.v[0].text : "");
}
END_TEST

static const struct {
	const char *find, *with;
	unsigned nth;
	enum fault fault;
} refused[] = {
	{ "kind: Ingress", "kind: HTTPRoute", 0, FAULT_RENDER_NO_INGRESS },
	{ "host: \"%SYNAPSE%\"", "host: \"%synapse%:https\"", 1, FAULT_RENDER_HOST },
	{ "host: \"%SYNAPSE%\"", "host: \"%SYNAPSE%:443\"", 1, FAULT_RENDER_HOST },
	{ "host: \"%SYNAPSE%\"", "host: \"%synapse%:\"", 1, FAULT_RENDER_HOST },
	{ "host: \"%SYNAPSE%\"", "host: \"%synapse%:0\"", 1, FAULT_RENDER_HOST },
	{ "host: \"%SYNAPSE%\"", "host: \"%synapse%:08443\"", 1, FAULT_RENDER_HOST },
	{ "host: \"%SYNAPSE%\"", "host: \"%synapse%:65536\"", 1, FAULT_RENDER_HOST },
	{ "host: \"%SYNAPSE%\"", "host: \":8443\"", 1, FAULT_RENDER_HOST },
	{ "host: \"%SYNAPSE%\"", "host: \"[::1]:8443\"", 1, FAULT_RENDER_HOST },
	{ "host: \"%SYNAPSE%\"", "host: \"\"", 1, FAULT_RENDER_HOST },
	{ "host: \"%SYNAPSE%\"", "host: {a: b}", 1, FAULT_RENDER_HOST },
	{ "- \"%SYNAPSE%\"\n", "- [\"%SYNAPSE%\"]\n", 1, FAULT_RENDER_HOST },
	{ "hosts:\n    - \"%SYNAPSE%\"\n", "hosts: \"%SYNAPSE%\"\n", 1, FAULT_RENDER_HOST },
	{ "host: \"%SYNAPSE%\"", "host: &h \"%SYNAPSE%\"\n  - host: *h", 1, FAULT_RENDER_HOST },
	{ "host: \"%SYNAPSE%\"", "host: \"%synapse%:8444\"", 1, FAULT_RENDER_PORTS },
	{ "host: \"%SYNAPSE%\"", "host: \"%synapse%\"", 1, FAULT_RENDER_PORTS },
	{ "- \"%SYNAPSE%\"\n", "- \"%synapse%:8444\"\n", 1, FAULT_RENDER_PORTS },
	{ "- %RTC%\n", "- %rtc%\n", 1, FAULT_RENDER_PORTS },
	{ "name: ess-well-known-haproxy", "name: ess-well-known", 1, FAULT_RENDER_WELL_KNOWN },
	{ "name: ess-synapse-hook", "name: ess-2-well-known-haproxy", 1, FAULT_RENDER_WELL_KNOWN },
	{ "\"m.server\"", "\"m.home\"", 1, FAULT_RENDER_SERVER },
	{ "\"%SYNAPSE%:443\"", "\"%SYNAPSE%:8448\"", 1, FAULT_RENDER_SERVER },
	{ "\"%SYNAPSE%:443\"", "\"%synapse%\"", 1, FAULT_RENDER_SERVER },
	{ "\"%SYNAPSE%:443\"", "\"%SYNAPSE%:443:443\"", 1, FAULT_RENDER_SERVER },
	{ "\"%SYNAPSE%:443\"", "\"%synapse%:x:443\"", 1, FAULT_RENDER_SERVER },
	{ "\"%SYNAPSE%:443\"", "[\"%SYNAPSE%:443\"]", 1, FAULT_RENDER_SERVER },
	{ "\"%SYNAPSE%:443\"", "\"%SYNAPSE%\\u003a443\"", 1, FAULT_RENDER_SERVER },
	{ "\"%SYNAPSE%:443\"", "\"%SYNAPSE%:443\",", 1, FAULT_RENDER_SERVER },
	{ "  support: |\n    {}", "  support: '{\"m.server\": \"a:1\"}'", 1, FAULT_RENDER_SERVER },
	{ "\"%SYNAPSE%:443\"", "\"%synapse%:443\"", 1, FAULT_RENDER_PORTS },
	{ "\"%SYNAPSE%:443\"", "\"%synapse%:8444:443\"", 1, FAULT_RENDER_PORTS },
	{ "replicas: 1\n", "replicas: 1\n  replicas: 1\n", 1, FAULT_RENDER_DUPLICATE },
	{ "replicas: 1\n", "replicas: 1\n  \"replicas\": 2\n", 1, FAULT_RENDER_DUPLICATE },
	{ "{memory: 4Gi}", "{memory: 4Gi, 'memory': 5Gi}", 1, FAULT_RENDER_DUPLICATE },
	{ "kind: Job\n", "kin: Job\n", 1, FAULT_RENDER_OBJECT },
	{ "kind: Job\n", "kind: [Job]\n", 1, FAULT_RENDER_OBJECT },
	{ "---\napiVersion: batch/v1\n", "---\n- a\n---\napiVersion: batch/v1\n", 1,
	  FAULT_RENDER_OBJECT },
	{ "replicas: 1\n", "replicas: {1\n", 1, FAULT_RENDER_YAML },
	{ "replicas: 1\n", "\treplicas: 1\n", 1, FAULT_RENDER_YAML },
	{ "replicas: 1\n", "replicas: *nowhere1 x\n", 1, FAULT_RENDER_YAML },
	{ "neighbour/821", "neighbour\xff/821", 1, FAULT_RENDER_UTF8 },
	{ "neighbour/821", "neighbour\xed\xa0\x80/821", 1, FAULT_RENDER_UTF8 },
};

START_TEST(unknown_is_refused)
{
	_cleanup_free_ char *in = fixture_manifest(&fixture_plain);
	_cleanup_free_ char *find = fixture_fill(&fixture_plain, refused[_i].find);
	_cleanup_free_ char *with = fixture_fill(&fixture_plain, refused[_i].with);
	_cleanup_free_ char *bad = fixture_replace(in, find, with, refused[_i].nth);
	char *out = NULL;
	size_t len = 0;
	struct err e = ERR_INIT;
	ck_assert_int_eq(postrender(bad, strlen(bad), &out, &len, &e), -1);
	ck_assert_msg(e.fault == refused[_i].fault, "%s: %s", fault_card(e.fault)->name, e.msgid);
	ck_assert_ptr_null(out);
}
END_TEST

static const struct {
	const char *text;
	enum fault fault;
} no_manifests[] = {
	{ "", FAULT_RENDER_OBJECT },
	{ "\n\n# nothing\n", FAULT_RENDER_OBJECT },
	{ "---\n---\n", FAULT_RENDER_OBJECT },
	{ "hello world", FAULT_RENDER_OBJECT },
	{ "Error: rendering failed", FAULT_RENDER_OBJECT },
	{ "<html><body>503</body></html>", FAULT_RENDER_OBJECT },
	{ "a: b: c", FAULT_RENDER_YAML },
	{ "*alias", FAULT_RENDER_OBJECT },
	{ "{\"kind\": \"Ingress\"", FAULT_RENDER_YAML },
};

START_TEST(no_manifest_is_refused)
{
	char *out = NULL;
	size_t len = 0;
	struct err e = ERR_INIT;
	ck_assert_int_eq(
		postrender(no_manifests[_i].text, strlen(no_manifests[_i].text), &out, &len, &e),
		-1);
	ck_assert_msg(e.fault == no_manifests[_i].fault, "%s: %s", fault_card(e.fault)->name,
		      e.msgid);
}
END_TEST

static void expect_fault(const char *in, size_t len, enum fault fault)
{
	char *out = NULL;
	size_t out_len;
	struct err e = ERR_INIT;
	ck_assert_int_eq(postrender(in, len, &out, &out_len, &e), -1);
	ck_assert_msg(e.fault == fault, "%s: %s", fault_card(e.fault)->name, e.msgid);
}

START_TEST(bounds)
{
	size_t big = MANIFEST_MAX + 1;
	_cleanup_free_ char *in = xcalloc(big + 1, 1);
	memset(in, '#', big);
	expect_fault(in, big, FAULT_RENDER_SIZE);
	expect_fault(in, big - 1, FAULT_RENDER_OBJECT);
	expect_fault("kind: a\0b", 9, FAULT_RENDER_UTF8);
	memset(in, '[', 5000);
	expect_fault(in, 5000, FAULT_RENDER_YAML);
	memset(in, 0, big);
	for (size_t i = 0; i < 2200000; i += 2)
		memcpy(in + i, i ? "a," : "[ ", 2);
	expect_fault(in, strlen(in), FAULT_RENDER_SIZE);
}
END_TEST

/* Scalars that YAML emitters like to change; all of them must survive, beside the edits. */
static const char *const hard[] = {
	"yes",
	"'yes'",
	"\"yes\"",
	"null",
	"~",
	"'~'",
	"\"\"",
	"''",
	"0o14",
	"014",
	"1e3",
	"\"1e3\"",
	"1:30",
	"2001-12-14",
	"- ",
	"[a, {b: }]",
	"{a: 1:30, b: http://x/, c: }",
	"!!str 5",
	"!!binary aGVsbG8=",
	"&anchor text",
	"{a: &b [1], c: *b}",
	"a#b",
	"'a: b'",
	"\"\\u00e9\\t\\n\"",
	"中文，冒号：",
	"\"\\U0001F600\"",
	"😀 plain",
	"'it''s'",
	"|\n    a\n    b",
	"|-\n    a",
	"|+\n    a\n\n",
	"|2\n       indented first\n    b",
	"|\n\n    starts with an empty line\n",
	"|\n    ends with blanks  \n    b\n",
	">\n    folded\n    text\n\n    more\n",
	">-\n    folded  two\n      more indented\n    back\n",
	"plain over\n    two lines",
	"\"quoted over\n    two lines\"",
	"|\n    tab\there\n",
	"|\n    # no comment\n",
	"? complex\n  : value",
	"<<",
	"=",
	"@",
};

START_TEST(hard_scalars_survive)
{
	_cleanup_free_ char *in = fixture_manifest(&fixture_plain);
	_cleanup_free_ char *with = xasprintf("replicas: 1\n  hard: %s\n  after: 1\n", hard[_i]);
	_cleanup_free_ char *odd = fixture_replace(in, "replicas: 1\n", with, 1);
	char *out = NULL, *twice = NULL;
	size_t len, len2;
	struct err e = ERR_INIT;
	_cleanup_manifest_ struct manifest a = { 0 }, b = { 0 };
	if (manifest_parse(&a, odd, strlen(odd), NULL) < 0) {
		expect_fault(odd, strlen(odd),
			     FAULT_RENDER_YAML); /* "@" and the like are no YAML */
		return;
	}
	ck_assert_msg(postrender(odd, strlen(odd), &out, &len, &e) == 0, "%s", e.msgid);
	ck_assert_int_eq(manifest_parse(&b, out, len, &e), 0);
	ck_assert_uint_eq(a.n, b.n);
	unsigned changed = 0;
	for (size_t i = 0; i < a.n; i++) {
		const char *x = manifest_text(&a, i), *y = manifest_text(&b, i);
		ck_assert_int_eq(a.ev[i].type, b.ev[i].type);
		changed +=
			x && strcmp(x, y) != 0 && !(strcmp(x, "") == 0 && strcmp(y, "null") == 0);
	}
	ck_assert_uint_eq(changed, 11);
	ck_assert_int_eq(postrender(out, len, &twice, &len2, &e), 0);
	ck_assert_str_eq(out, twice);
	free(out);
	free(twice);
}
END_TEST

/* kubectl's and a rehearsal's form: JSON, and a List of objects. */
START_TEST(json_works)
{
	static const char in[] = "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[\n"
				 " {\"apiVersion\":\"networking.k8s.io/"
				 "v1\",\"kind\":\"Ingress\",\"metadata\":{\"name\":\"a\"},"
				 "\"spec\":{\"tls\":[{\"hosts\":[\"m.x.net:8443\"]}],\"rules\":[{"
				 "\"host\":\"m.x.net:8443\"},{}]}},\n"
				 " {\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{"
				 "\"name\":\"ess-well-known-haproxy\"},"
				 "\"data\":{\"server\":\"{\\\"x\\\":{\\\"m.server\\\":1},\\\"m."
				 "server\\\" : \\\"m.x.net:8443:443\\\"}\"}}\n]}\n";
	unsigned edits;
	_cleanup_free_ char *out = render(in, &edits);
	ck_assert_uint_eq(edits, 3);
	ck_assert_ptr_null(strstr(out, "\"m.x.net:8443\""));
	ck_assert_ptr_nonnull(strstr(out, "\\\"m.server\\\" : \\\"m.x.net:8443\\\"}"));
	_cleanup_free_ char *twice = render(out, &edits);
	ck_assert_uint_eq(edits, 0);
	ck_assert_str_eq(twice, out);
}
END_TEST

/* The real one, where it is at hand: the edits recorded on a real API server. */
START_TEST(official_manifest)
{
	static const char *const hosts[] = { "admin", "chat", "account", "mrtc", "matrix" };
	_cleanup_free_ char *in = fixture_official("ess-rendered-with-ports.yaml");
	_cleanup_free_ char *plain = fixture_official("ess-rendered.yaml");
	unsigned edits;
	if (!in || !plain) {
		fprintf(stderr, "# skip: no official manifest here\n");
		return;
	}
	_cleanup_free_ char *out = render(in, &edits);
	ck_assert_uint_eq(edits, 11);
	ck_assert_uint_eq(differences(in, out, NULL), 11);
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
		_cleanup_free_ char *rule = xasprintf("  - host: \"%s.example.com\"\n", hosts[i]);
		_cleanup_free_ char *tls = xasprintf("- \"%s.example.com\"\n", hosts[i]);
		ck_assert_msg(strstr(out, rule) && strstr(out, tls), "%s", hosts[i]);
	}
	ck_assert_ptr_nonnull(strstr(out, "\"m.server\": \"matrix.example.com:8443\"\n"));
	_cleanup_free_ char *untouched = render(plain, &edits);
	ck_assert_uint_eq(edits, 0);
	ck_assert_uint_eq(differences(plain, untouched, NULL), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("steps-postrender");
	TCase *t = tcase_create("postrender");
	tcase_set_timeout(t, 60);
	tcase_add_test(t, edits_are_made);
	tcase_add_loop_test(t, random_names, 0, 100);
	tcase_add_loop_test(t, unknown_is_refused, 0, ARRAY_LEN(refused));
	tcase_add_loop_test(t, no_manifest_is_refused, 0, ARRAY_LEN(no_manifests));
	tcase_add_test(t, bounds);
	tcase_add_loop_test(t, hard_scalars_survive, 0, ARRAY_LEN(hard));
	tcase_add_test(t, json_works);
	tcase_add_test(t, official_manifest);
	suite_add_tcase(s, t);
	return unit_run(s);
}
