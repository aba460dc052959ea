/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The user's own values files: what they may set, and what is refused with file, line and key. */
#include "steps/extra-values.h"

#include "tests/unit/manifest-fixture.h"
#include "tests/unit/unit.h"

#define FILE_NAME "/root/extra.yaml"

static const struct {
	const char *text;
	const char *key, *said; /* of the refusal; NULL: fine */
} cases[] = {
	{ "", NULL, NULL },
	{ "# nothing\n", NULL, NULL },
	{ "---\n", NULL, NULL },
	{ "null\n", NULL, NULL },
	{ "synapse: {}\n", NULL, NULL },
	{ "synapse:\n  ingress:\n    annotations: {a: b}\n", NULL, NULL },
	{ "synapse: {additional: {x: {config: 'max_upload: 1'}}}\n", NULL, NULL },
	{ "{\"synapse\": {\"resources\": {\"requests\": {\"memory\": \"1Gi\"}}}}", NULL, NULL },
	{ "synapseX: {ingress: {host: a}}\nserverNames: x\n", NULL, NULL },
	{ "ingress: {annotations: {x: y}}\nhookshot: {enabled: true, ingress: {host: hooks.neighbour.org}}\n", NULL, NULL },
	{ "matrixRTC: {sfu: {resources: {}, additional: {a: {config: 'x: 1'}}}}\n", NULL, NULL },
	{ "elementWeb: {additional: {a: '{\"a\": \"https://matrix.neighbour.org:8443\"}'}}\n", NULL, NULL },
	{ "base: &b {memory: 1Gi}\nsynapse: {resources: {requests: *b}}\n", NULL, NULL },
	/* names */
	{ "serverName: neighbour.net\n", "serverName", "domains.server_name" },
	{ "a: 1\n\nserverName: neighbour.org\n", "serverName", "line 3" },
	{ "\"serverName\": null\n", "serverName", "domains.server_name" },
	{ "a: b\n---\nserverName: x\n", "serverName", "line 3" },
	{ "synapse: {ingress: {host: m.neighbour.net}}\n", "synapse.ingress.host", "domains.synapse" },
	{ "matrixAuthenticationService: {ingress: {host: x}}\n", "matrixAuthenticationService.ingress.host", "domains.auth" },
	{ "matrixRTC: {ingress: {host: x}}\n", "matrixRTC.ingress.host", "domains.rtc" },
	{ "elementWeb: {ingress: {host: x}}\n", "elementWeb.ingress.host", "domains.web" },
	{ "elementAdmin: {enabled: false}\n", "elementAdmin.enabled", "domains.admin" },
	{ "elementAdmin: {ingress: {host: x}}\n", "elementAdmin.ingress.host", "domains.admin" },
	/* what is above is taken away, or replaced as a whole */
	{ "synapse:\n", "synapse", "domains.synapse" },
	{ "synapse: {ingress: null}\n", "synapse.ingress", "domains.synapse" },
	{ "matrixRTC: {sfu: []}\n", "matrixRTC.sfu", "must not be set" },
	{ "matrixRTC: off\n", "matrixRTC", "domains.rtc" },
	/* ports of calls, the way inside the cluster, the rest */
	{ "matrixRTC: {sfu: {exposedServices: {rtcTcp: {port: 30009}}}}\n", "matrixRTC.sfu.exposedServices", "ports.rtc_mode" },
	{ "matrixRTC: {sfu: {manualIP: 1.2.3.4}}\n", "matrixRTC.sfu.manualIP", "network.public_address_mode" },
	{ "matrixRTC: {hostAliases: []}\n", "matrixRTC.hostAliases", "must not be set" },
	{ "synapse: {extraArgs: [-c, /x.yaml]}\n", "synapse.extraArgs", "must not be set" },
	{ "wellKnownDelegation: {enabled: false}\n", "wellKnownDelegation.enabled", "must not be set" },
	{ "certManager: {issuer: mine}\n", "certManager", "certificates.environment" },
	{ "ingress: {className: nginx}\n", "ingress.className", "cluster.ingress_class" },
	{ "ingress: {tlsEnabled: false}\n", "ingress.tlsEnabled", "must not be set" },
	/* by way of anchors and merge keys */
	{ "x: &i {host: a}\nsynapse: {ingress: *i}\n", "synapse.ingress.host", "domains.synapse" },
	{ "x: &i {host: a}\nsynapse: {ingress: {<<: *i}}\n", "synapse.ingress.host", "domains.synapse" },
	{ "x: &s {ingress: {host: a}}\nsynapse: {<<: [*s], replicas: 1}\n", "synapse.ingress.host", "domains.synapse" },
	{ "x: &k serverName\n*k : other.net\n", "serverName", "domains.server_name" },
	{ "x: &n null\nsynapse: *n\n", "synapse", "domains.synapse" },
	/* addresses with our names, wherever */
	{ "wellKnownDelegation: {baseDomainRedirect: {url: https://element.neighbour.org/}}\n",
	  "wellKnownDelegation.baseDomainRedirect.url", "https://element.neighbour.org" },
	{ "elementWeb: {additional: {a.json: '{\"default_server_config\": {\"m.homeserver\": {\"base_url\": "
	  "\"https://matrix.neighbour.org\"}}}'}}\n",
	  "elementWeb.additional.a.json > default_server_config.m.homeserver.base_url", "https://matrix.neighbour.org" },
	{ "elementWeb: {additional: {a.json: '{\"default_server_config\": {\"m.homeserver\": {\"base_url\": "
	  "\"https://matrix.elsewhere.net:8443\"}}}'}}\n",
	  "elementWeb.additional.a.json > default_server_config.m.homeserver.base_url", "elsewhere" },
	{ "a: [{b: 'x https://account.neighbour.org:443 y'}]\n", "a[0].b", "https://account.neighbour.org:443" },
	/* no values at all */
	{ "a: b: c\n", "is no valid YAML", FILE_NAME },
	{ "synapse: {ingress: \xff}\n", "is no valid YAML", FILE_NAME },
};

static int judge(const char *text, struct err *e)
{
	struct gate_names names = fixture_names(&fixture_plain);
	return extra_values_judge(FILE_NAME, text, strlen(text), &names, e);
}

START_TEST(judged)
{
	struct err e = ERR_INIT;
	int rc = judge(cases[_i].text, &e);
	_cleanup_free_ char *said = err_is_set(&e) ? err_text(&e) : xstrdup("");
	ck_assert_msg((rc < 0) == (cases[_i].key != NULL), "%s: %s", cases[_i].text, said);
	if (rc == 0)
		return;
	ck_assert_int_eq(e.fault, FAULT_EXTRA_VALUES);
	ck_assert_msg(strstr(said, FILE_NAME) && strstr(said, cases[_i].said), "%s", said);
	/* the key is told whole, not the beginning of another one */
	const char *at = strstr(said, cases[_i].key);
	ck_assert_msg(at && strchr(" :", at[strlen(cases[_i].key)]) != NULL, "%s", said);
}
END_TEST

/* A file may hold passwords: none of them is told. */
START_TEST(passwords_stay)
{
	static const char text[] = "a:\n  dsn: postgres://u:c4nary@matrix.neighbour.org/db\n"
				   "  url: https://u:c4nary@matrix.neighbour.org/\n";
	struct err e = ERR_INIT;
	ck_assert_int_eq(judge(text, &e), -1);
	_cleanup_free_ char *said = err_text(&e);
	ck_assert_msg(strstr(said, "key a.url") && !strstr(said, "c4nary"), "%s", said);
}
END_TEST

/* Aliases that stand for what they stand in must not go on for ever. */
START_TEST(endless)
{
	static const char *const texts[] = { "synapse: &s {<<: *s}\n",
					     "synapse: &s {ingress: &i {<<: [*s, *i]}}\n" };
	struct err none = ERR_INIT;
	ck_assert_int_eq(judge("synapse: &s {ingress: *s}\n", &none), 0); /* ends by itself */
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		struct err e = ERR_INIT;
		ck_assert_int_eq(judge(texts[i], &e), -1);
		ck_assert_int_eq(e.fault, FAULT_EXTRA_VALUES);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("steps-extra-values");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, judged, 0, ARRAY_LEN(cases));
	tcase_add_test(t, passwords_stay);
	tcase_add_test(t, endless);
	suite_add_tcase(s, t);
	return unit_run(s);
}
