/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* steps/cert: what cert-manager, Cloudflare and Let's Encrypt say, and which object knows it. */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "steps/cert.h"
#include "tests/unit/unit.h"

#define CF "while querying the Cloudflare API for GET \"/zones?name=example.com\" \n\t Error: "
#define ORDER "Failed to create Order: 429 urn:ietf:params:acme:error:rateLimited: "
#define DNS "Waiting for DNS-01 challenge propagation: "

static const struct {
	const char *said;
	enum fault fault;
	bool passes;
} sentences[] = {
	{ DNS "DNS record for \"matrix.example.com\" not yet propagated", FAULT_CERT_PROPAGATION, true },
	{ DNS "Could not determine authoritative nameservers for \"_acme-challenge.example.com.\"",
	  FAULT_CERT_DNS_ZONE, true },
	{ DNS "Could not find the SOA record in the DNS tree for the domain \"example.com.\"", FAULT_CERT_DNS_ZONE,
	  true },
	{ DNS "NS ada.ns.cloudflare.com.:53 returned SERVFAIL for _acme-challenge.example.com.",
	  FAULT_CERT_DNS_SERVER, true },
	{ DNS "NS ada.ns.cloudflare.com.:53 returned REFUSED for _acme-challenge.example.com.", FAULT_CERT_DNS_SERVER,
	  true },
	{ DNS "read udp 10.42.0.9:52111->108.162.192.1:53: i/o timeout", FAULT_CERT_DNS_BLOCKED, true },
	{ CF "9109: Invalid access token<- 9109: Invalid access token", FAULT_CF_TOKEN_REFUSED, false },
	{ CF "10000: Authentication error", FAULT_CF_AUTH, false },
	{ CF "6003: Invalid request headers<- 6111: Invalid format for Authorization header", FAULT_CF_TOKEN_FORMAT,
	  false },
	{ CF "6003: Invalid request headers<- 6103: Invalid format for X-Auth-Key header", FAULT_CF_KEY_HEADER, false },
	{ CF "1000: Invalid API Token", FAULT_CF_TOKEN_UNKNOWN, false },
	{ CF "0: Actor 'com.cloudflare.api.token.x' requires permission 'com.cloudflare.api.account.zone.list' to list zones",
	  FAULT_CF_ZONE_READ, false },
	{ CF "1038: You cannot use this API for domains with a .cf, .ga, .gq, .ml, or .tk TLD", FAULT_CF_TLD, false },
	{ CF "4242: something new", FAULT_CF_OTHER, true },
	{ "while querying the Cloudflare API for GET \"/zones?name=example.com\": Get \"https://api.cloudflare.com/client/v4/zones\": dial tcp: lookup api.cloudflare.com on 10.43.0.10:53: no such host",
	  FAULT_CERT_CF_UNREACHABLE, true },
	{ "Found no Zones for domain _acme-challenge.example.com. (neither in the sub-domain nor in the SLD) please make sure your domain-entries in the config are correct and the API key is correctly setup with Zone.read rights.",
	  FAULT_CF_NO_ZONE, false },
	{ "error instantiating cloudflare challenge solver: the Cloudflare API token is invalid (does the API token contain a newline?)",
	  FAULT_CF_TOKEN_SHAPE, false },
	{ "error getting cloudflare secret: secrets \"cloudflare-api-token\" not found", FAULT_CERT_SECRET, false },
	{ "specified key \"api-token\" not found in secret cert-manager/cloudflare-api-token", FAULT_CERT_SECRET, false },
	{ ORDER "too many certificates (5) already issued for this exact set of identifiers in the last 168h0m0s, retry after 2026-11-25 10:00:00 UTC",
	  FAULT_CERT_LIMIT_SET, false },
	{ ORDER "too many certificates (50) already issued for \"example.com\" in the last 168h0m0s, retry after 2026-11-25 10:00:00 UTC",
	  FAULT_CERT_LIMIT_DOMAIN, false },
	{ ORDER "too many failed authorizations (5) for \"matrix.example.com\" in the last 1h0m0s", FAULT_CERT_LIMIT_FAILED,
	  false },
	{ ORDER "too many new orders (300) from this account in the last 3h0m0s", FAULT_CERT_LIMIT, false },
	{ "Error accepting authorization: acme: authorization error for matrix.example.com: 403 urn:ietf:params:acme:error:unauthorized: Incorrect TXT record \"abc\" found at _acme-challenge.matrix.example.com",
	  FAULT_CERT_TXT_WRONG, false },
	{ "Error accepting authorization: acme: authorization error for example.com: 400 urn:ietf:params:acme:error:dns: DNS problem: NXDOMAIN looking up TXT for _acme-challenge.example.com",
	  FAULT_CERT_ACME_DNS, false },
	{ "acme: authorization error for example.com: 403 urn:ietf:params:acme:error:caa: CAA record for example.com prevents issuance",
	  FAULT_CERT_CAA, false },
	{ "Failed to create Order: 400 urn:ietf:params:acme:error:rejectedIdentifier: Invalid identifiers requested :: Cannot issue for \"x.home.arpa\"",
	  FAULT_CERT_REJECTED, false },
	{ "Failed to create Order: 503 urn:ietf:params:acme:error:serverInternal: Service busy; retry later", FAULT_CERT_ACME_DOWN,
	  true },
	{ "Get \"https://acme-v02.api.letsencrypt.org/directory\": dial tcp: lookup acme-v02.api.letsencrypt.org: i/o timeout",
	  FAULT_CERT_ACME_UNREACHABLE, true },
	{ "Get \"https://acme-v02.api.letsencrypt.org/directory\": tls: failed to verify certificate: x509: certificate has expired or is not yet valid",
	  FAULT_CERT_CLOCK, false },
	{ "Internal error occurred: failed calling webhook \"webhook.cert-manager.io\": no endpoints available for service \"cert-manager-webhook\"",
	  FAULT_CERT_MANAGER_WEBHOOK, true },
	{ "Failed to create Order: 403 urn:ietf:params:acme:error:unauthorized: Account is not valid, has status \"deactivated\"",
	  FAULT_CERT_ACCOUNT, false },
	{ "403 urn:ietf:params:acme:error:unauthorized: An account with the provided public key exists but is deactivated",
	  FAULT_CERT_ACCOUNT, false },
	{ "Failed to finalize Order: 400 urn:ietf:params:acme:error:badNonce: JWS has an invalid anti-replay nonce",
	  FAULT_CERT_ACME_DOWN, true },
	{ "acme: authorization error for example.com: 403 urn:ietf:params:acme:error:unauthorized: During secondary validation: Incorrect TXT record \"x\" found at _acme-challenge.example.com",
	  FAULT_CERT_TXT_WRONG, false },
	{ "acme: authorization error for example.com: 400 urn:ietf:params:acme:error:dns: During secondary validation: DNS problem: query timed out looking up CAA for example.com",
	  FAULT_CERT_ACME_DNS, false },
	{ "acme: authorization error for example.com: 403 urn:ietf:params:acme:error:unauthorized: No TXT record found at _acme-challenge.example.com",
	  FAULT_CERT_TXT_WRONG, false },
	{ DNS "Found recursive CNAME record to \"x.example.\" when looking up \"_acme-challenge.example.com.\"",
	  FAULT_DNS_ACME_ALIAS, false },
	{ DNS "dns: server returned HTTP 403 error: \"403 Forbidden\"", FAULT_CERT_DNS_BLOCKED, true },
	{ DNS "dns: unexpected Content-Type \"text/html\"; expected \"application/dns-message\"", FAULT_CERT_DNS_BLOCKED, true },
	{ DNS "Post \"https://1.1.1.1/dns-query\": dial tcp 1.1.1.1:443: i/o timeout", FAULT_CERT_DNS_BLOCKED, true },
	{ "Issuing certificate as Secret does not exist", FAULT_CERT_NOT_READY, true },
	{ "", FAULT_CERT_NOT_READY, true },
};

START_TEST(sentence)
{
	ck_assert_int_eq(cert_fault(sentences[_i].said), sentences[_i].fault);
	ck_assert_int_eq(cert_fault_passes(sentences[_i].fault), sentences[_i].passes);
}
END_TEST

/* --- which object knows ----------------------------------------------------------------------------- */

static json_t *object(const char *name, const char *uid, const char *created, const char *owner_kind,
		      const char *owner, const char *owner_uid, json_t *status)
{
	json_t *o = json_pack("{s:{s:s, s:s, s:s}, s:o}", "metadata", "name", name, "uid", uid, "creationTimestamp",
			      created, "status", status);
	if (owner)
		json_object_set_new(json_object_get(o, "metadata"), "ownerReferences",
				    json_pack("[{s:s, s:s, s:s}]", "kind", owner_kind, "name", owner, "uid", owner_uid));
	return o;
}

static json_t *certificate(const char *ready, const char *issuing, bool failed)
{
	json_t *status = json_pack("{s:[{s:s, s:s, s:s, s:i}]}", "conditions", "type", "Ready", "status", ready,
				   "message", "Issuing certificate as Secret does not exist", "observedGeneration", 1);
	if (issuing)
		json_array_append_new(json_object_get(status, "conditions"),
				      json_pack("{s:s, s:s, s:s}", "type", "Issuing", "status", issuing, "message",
						"The certificate request has failed to complete and will be retried"));
	if (failed)
		json_object_set_new(status, "lastFailureTime", json_string("2026-11-22T23:31:15Z"));
	json_t *c = object("tls", "u-cert", "2026-11-22T23:00:00Z", NULL, NULL, NULL, status);
	json_object_set_new(json_object_get(c, "metadata"), "generation", json_integer(1));
	return c;
}

static json_t *list(json_t *one, json_t *two)
{
	json_t *l = json_pack("{s:[]}", "items");
	json_array_append_new(json_object_get(l, "items"), one);
	if (two)
		json_array_append_new(json_object_get(l, "items"), two);
	return l;
}

static json_t *requests(void)
{
	return list(object("tls-2", "u-r2", "2026-11-22T23:02:00Z", "Certificate", "tls", "u-cert", json_object()),
		    object("tls-1", "u-r1", "2026-11-22T23:01:00Z", "Certificate", "tls", "u-cert", json_object()));
}

static json_t *orders(const char *state, const char *reason)
{
	json_t *status = json_pack("{s:s, s:s*}", "state", state, "reason", reason);
	return list(object("o1", "u-o1", "2026-11-22T23:01:01Z", "CertificateRequest", "tls-1", "u-r1",
			   json_pack("{s:s, s:s}", "state", "errored", "reason", "of an older attempt 9109:")),
		    object("o2", "u-o2", "2026-11-22T23:02:01Z", "CertificateRequest", "tls-2", "u-r2", status));
}

static json_t *challenges(const char *owner_uid, const char *reason)
{
	return list(object("c", "u-c", "2026-11-22T23:02:02Z", "Order", "o2", owner_uid,
			   json_pack("{s:s, s:s*}", "state", "pending", "reason", reason)),
		    NULL);
}

START_TEST(challenge_knows_most)
{
	_cleanup_json_ json_t *cert = certificate("False", "True", false);
	_cleanup_json_ json_t *r = requests();
	_cleanup_json_ json_t *o = orders("pending", NULL);
	_cleanup_json_ json_t *c = challenges("u-o2", CF "9109: Invalid access token");
	struct cert_why w;

	cert_diagnose(cert, r, o, c, &w);
	ck_assert_int_eq(w.fault, FAULT_CF_TOKEN_REFUSED);
	ck_assert_str_eq(w.said, CF "9109: Invalid access token");
	ck_assert(!w.final);
	cert_why_done(&w);
}
END_TEST

START_TEST(foreign_challenge)
{
	/* Of an Order of the same name that is gone: its words are not about this certificate. */
	_cleanup_json_ json_t *cert = certificate("False", "True", false);
	_cleanup_json_ json_t *r = requests();
	_cleanup_json_ json_t *o = orders("pending", NULL);
	_cleanup_json_ json_t *c = challenges("u-gone", CF "9109: Invalid access token");
	struct cert_why w;

	cert_diagnose(cert, r, o, c, &w);
	ck_assert_int_eq(w.fault, FAULT_CERT_NOT_READY);
	cert_why_done(&w);
}
END_TEST

START_TEST(order_refused)
{
	_cleanup_json_ json_t *cert = certificate("False", "False", true);
	_cleanup_json_ json_t *r = requests();
	_cleanup_json_ json_t *o = orders("errored", ORDER "too many certificates (5) already issued for this exact set of identifiers");
	_cleanup_json_ json_t *c = json_pack("{s:[]}", "items");
	struct cert_why w;

	cert_diagnose(cert, r, o, c, &w);
	ck_assert_int_eq(w.fault, FAULT_CERT_LIMIT_SET);
	ck_assert(w.final);
	cert_why_done(&w);
}
END_TEST

START_TEST(nothing_yet)
{
	_cleanup_json_ json_t *cert = certificate("False", "True", false);
	_cleanup_json_ json_t *none = json_pack("{s:[]}", "items");
	struct cert_why w;

	cert_diagnose(cert, none, none, none, &w);
	ck_assert_int_eq(w.fault, FAULT_CERT_NOT_READY);
	ck_assert(!w.final);
	ck_assert_ptr_nonnull(w.said);
	cert_why_done(&w);
	cert_diagnose(NULL, none, none, none, &w);
	ck_assert_int_eq(w.fault, FAULT_CERT_NOT_READY);
	cert_why_done(&w);
}
END_TEST

START_TEST(ready)
{
	_cleanup_json_ json_t *yes = certificate("True", NULL, false);
	_cleanup_json_ json_t *no = certificate("False", "True", false);
	_cleanup_json_ json_t *stale = certificate("True", NULL, false);
	char *why;

	ck_assert(cert_ready(yes, &why));
	ck_assert_ptr_null(why);
	ck_assert(!cert_ready(no, &why));
	ck_assert_str_eq(why, "Issuing certificate as Secret does not exist");
	free(why);
	json_object_set_new(json_object_get(stale, "metadata"), "generation", json_integer(2));
	ck_assert(!cert_ready(stale, &why));
	free(why);
	ck_assert(!cert_ready(NULL, &why));
	free(why);
}
END_TEST

START_TEST(wanted)
{
	_cleanup_json_ json_t *ingresses = json_pack(
		"{s:[{s:{s:s, s:{s:s}}, s:{s:[{s:[s], s:s}]}}, {s:{s:s, s:{}}, s:{s:[{s:[s], s:s}]}}, {s:{s:s}}]}", "items",
		"metadata", "name", "ess-synapse", "annotations", "cert-manager.io/cluster-issuer", "letsencrypt-prod", "spec",
		"tls", "hosts", "matrix.example.com", "secretName", "ess-synapse-certmanager-tls", "metadata", "name",
		"ess-federation", "annotations", "spec", "tls", "hosts", "example.com", "secretName",
		"ess-well-known-certmanager-tls", "metadata", "name", "plain");
	_cleanup_json_ json_t *all = certs_wanted(ingresses);

	/* The federation route borrows a Secret and orders nothing. */
	ck_assert_uint_eq(json_array_size(all), 1);
	ck_assert_str_eq(json_str_at(json_array_get(all, 0), "secret"), "ess-synapse-certmanager-tls");
	ck_assert_str_eq(json_str_at(json_array_get(all, 0), "issuer"), "letsencrypt-prod");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("steps-cert");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, sentence, 0, ARRAY_LEN(sentences));
	tcase_add_test(t, challenge_knows_most);
	tcase_add_test(t, foreign_challenge);
	tcase_add_test(t, order_refused);
	tcase_add_test(t, nothing_yet);
	tcase_add_test(t, ready);
	tcase_add_test(t, wanted);
	suite_add_tcase(s, t);
	return unit_run(s);
}
