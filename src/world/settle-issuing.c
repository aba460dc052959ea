/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* A Certificate gets its Secret by a request, an order and a challenge in DNS at Cloudflare. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/cluster.h"
#include "world/tls.h"

#define STAGING_URL "https://acme-staging-v02.api.letsencrypt.org/directory"

/* Why the challenge cannot be solved, in cert-manager's words; NULL: it can. New. */
static char *challenge_trouble(const struct cluster *c, const json_t *issuer, const char *host)
{
	char *knob = scenario_knob(c->w, "challenge.reason");
	if (knob)
		return knob;
	const json_t *ref = json_at(json_array_get(json_at(issuer, "spec.acme.solvers"), 0),
				    "dns01.cloudflare.apiTokenSecretRef");
	const char *name = json_str_at(ref, "name"), *key = json_str_at(ref, "key");
	if (!name || !key)
		return xasprintf("no configured challenge solvers can be used for this challenge");
	const json_t *secret = cluster_get(c, "secrets", "cert-manager", name);
	const char *b64 = json_string_value(json_object_get(json_object_get(secret, "data"), key));
	if (!b64)
		return xasprintf("error getting cloudflare secret: secrets \"%s\" not found", name);
	unsigned char *token = NULL;
	size_t len;
	struct store dns;
	store_open(c->w, "dns", &dns);
	const char *good = json_str_at(dns.j, "token"), *zone = json_str_at(dns.j, "zone");
	char *why = NULL;
	if (crypto_unbase64(b64, &token, &len) < 0 || !good || strcmp((char *)token, good) != 0)
		why = xasprintf("Error presenting challenge: while querying the Cloudflare API for "
				"GET \"/zones?name=%s\" \n\t "
				"Error: 9109: Invalid access token<- ",
				host);
	else if (!text_ends(host, zone))
		why = xasprintf("Error presenting challenge: Found no Zones for domain "
				"_acme-challenge.%s. (neither in the "
				"sub-domain nor in the SLD) please make sure your domain-entries "
				"in the config are correct and "
				"the API key is correctly setup with Zone.read rights.",
				host);
	store_close(&dns, false);
	free(token);
	return why;
}

static const char **name_list(const json_t *certificate)
{
	const json_t *names = json_at(certificate, "spec.dnsNames");
	const char **v = xcalloc(json_array_size(names) + 1, sizeof(*v));
	for (size_t i = 0; i < json_array_size(names); i++)
		v[i] = json_string_value(json_array_get(names, i));
	return v;
}

static bool secret_fits(const struct cluster *c, const json_t *certificate)
{
	const json_t *s = cluster_get(c, "secrets", json_str_at(certificate, "metadata.namespace"),
				      json_str_at(certificate, "spec.secretName"));
	const char *crt = json_string_value(json_object_get(json_object_get(s, "data"), "tls.crt"));
	const char *issuer = json_string_value(
		json_object_get(json_at(s, "metadata.annotations"), "cert-manager.io/issuer-name"));
	if (!crt || !issuer || strcmp(issuer, json_str_at(certificate, "spec.issuerRef.name")) != 0)
		return false;
	_cleanup_free_ const char **names = name_list(certificate);
	unsigned char *pem = NULL;
	size_t len;
	bool ok = crypto_unbase64(crt, &pem, &len) == 0 && tls_covers((char *)pem, names);
	free(pem);
	return ok;
}

/* Looking into a Secret is slow: once it fitted, only another version of it is looked at again. */
static bool fits(struct cluster *c, const json_t *certificate)
{
	const char *secret = json_str_at(certificate, "spec.secretName"),
		   *uid = json_str_at(certificate, "metadata.uid");
	const json_t *s =
		cluster_get(c, "secrets", json_str_at(certificate, "metadata.namespace"), secret);
	_cleanup_free_ char *seen = xasprintf("%s %lld", json_str_at(s, "metadata.resourceVersion"),
					      json_int_at(certificate, "metadata.generation", 0));
	json_t *known = json_object_get(c->st.j, "secrets_seen");
	if (!known) {
		known = json_object();
		json_object_set_new(c->st.j, "secrets_seen", known);
	}
	const char *before = json_string_value(json_object_get(known, uid));
	if (s && before && strcmp(before, seen) == 0)
		return true;
	if (!secret_fits(c, certificate))
		return false;
	json_object_set_new(known, uid, json_string(seen));
	c->changed = true;
	return true;
}

static json_t *child(struct cluster *c, const char *kind, const char *api, const char *name,
		     const json_t *owner, json_t *spec)
{
	return cluster_put(
		c,
		json_pack("{s:s, s:s, s:{s:s, s:s, s:[{s:s, s:s, s:s, s:s, s:b}]}, s:o}",
			  "apiVersion", api, "kind", kind, "metadata", "name", name, "namespace",
			  json_str_at(owner, "metadata.namespace"), "ownerReferences", "apiVersion",
			  json_str_at(owner, "apiVersion"), "kind", json_str_at(owner, "kind"),
			  "name", json_str_at(owner, "metadata.name"), "uid",
			  json_str_at(owner, "metadata.uid"), "controller", 1, "spec", spec));
}

/* Request, order and challenge, as far as they get: state "pending" with a reason, or "valid". */
static void order(struct cluster *c, const json_t *certificate, const char *state,
		  const char *reason)
{
	const char *name = json_str_at(certificate, "metadata.name");
	json_t *names = json_object_get(json_object_get(certificate, "spec"), "dnsNames");
	json_t *ref = json_object_get(json_object_get(certificate, "spec"), "issuerRef");
	_cleanup_free_ char *request_name = xasprintf("%s-1", name);
	_cleanup_free_ char *order_name = xasprintf("%s-1-2763919571", name);
	_cleanup_free_ char *challenge_name = xasprintf("%s-1-2763919571-1", name);
	bool valid = strcmp(state, "valid") == 0;
	json_t *request =
		child(c, "CertificateRequest", "cert-manager.io/v1", request_name, certificate,
		      json_pack("{s:O, s:s}", "issuerRef", ref, "request", "LS0t"));
	status_condition(request, "Ready", valid ? "True" : "False", valid ? "Issued" : "Pending",
			 valid ? "Certificate fetched from issuer successfully"
			       : "Waiting on certificate issuance from order: \"pending\"");
	json_t *o = child(c, "Order", "acme.cert-manager.io/v1", order_name, request,
			  json_pack("{s:O, s:O}", "dnsNames", names, "issuerRef", ref));
	json_object_set_new(o, "status", json_pack("{s:s}", "state", state));
	cluster_touch(c, request);
	cluster_touch(c, o);
	const char *ns = json_str_at(certificate, "metadata.namespace");
	if (valid) {
		cluster_delete(c, "challenges", ns, challenge_name);
		return;
	}
	json_t *ch = child(c, "Challenge", "acme.cert-manager.io/v1", challenge_name, o,
			   json_pack("{s:s, s:s, s:O}", "dnsName",
				     json_string_value(json_array_get(names, 0)), "type", "DNS-01",
				     "issuerRef", ref));
	json_object_set_new(ch, "status",
			    json_pack("{s:s, s:b, s:b, s:s}", "state", "pending", "processing", 1,
				      "presented", text_starts(reason, "Waiting"), "reason",
				      reason));
	cluster_touch(c, ch);
}

static char *time_in_days(int days)
{
	char buf[32];
	time_t t = time(NULL) + days * 86400 - 3600 * (days == 0);
	struct tm tm;
	strftime(buf, sizeof(buf), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &tm));
	return xstrdup(buf);
}

static void write_secret(struct cluster *c, const json_t *certificate, bool staging)
{
	_cleanup_free_ const char **names = name_list(certificate);
	_cleanup_free_ char *chain = NULL;
	_cleanup_free_ char *key = NULL;
	struct tls *tls = tls_load(c->w);
	tls_mint(tls, staging ? CA_STAGING : CA_REAL, names, 90, &chain, &key);
	tls_free(tls);
	_cleanup_free_ char *chain64 = crypto_base64(chain, strlen(chain)),
			    *key64 = crypto_base64(key, strlen(key));
	_cleanup_free_ char *all = text_join(names, ",");
	cluster_put(c,
		    json_pack("{s:s, s:s, s:{s:s, s:s, s:{s:s}, s:{s:s, s:s, s:s, s:s, s:s, s:s}}, "
			      "s:s, s:{s:s, s:s}}",
			      "apiVersion", "v1", "kind", "Secret", "metadata", "name",
			      json_str_at(certificate, "spec.secretName"), "namespace",
			      json_str_at(certificate, "metadata.namespace"), "labels",
			      "controller.cert-manager.io/fao", "true", "annotations",
			      "cert-manager.io/alt-names", all, "cert-manager.io/certificate-name",
			      json_str_at(certificate, "metadata.name"),
			      "cert-manager.io/common-name", names[0],
			      "cert-manager.io/issuer-group", "cert-manager.io",
			      "cert-manager.io/issuer-kind", "ClusterIssuer",
			      "cert-manager.io/issuer-name",
			      json_str_at(certificate, "spec.issuerRef.name"), "type",
			      "kubernetes.io/tls", "data", "tls.crt", chain64, "tls.key", key64));
}

static void set_ready(struct cluster *c, json_t *certificate)
{
	_cleanup_free_ char *from = time_in_days(0), *to = time_in_days(90),
			    *renew = time_in_days(60);
	const char *was = json_str_at(certificate, "status.notBefore");
	json_t *st = json_pack("{s:s, s:s, s:s, s:i}", "notBefore", was ? was : from, "notAfter",
			       to, "renewalTime", renew, "revision", 1);
	json_object_set_new(certificate, "status", st);
	status_condition(certificate, "Ready", "True", "Ready",
			 "Certificate is up to date and has not expired");
	status_observe(certificate, "Ready");
	cluster_touch(c, certificate);
}

static void set_waiting(struct cluster *c, json_t *certificate)
{
	if (status_is(certificate, "Issuing", "True"))
		return;
	status_condition(certificate, "Ready", "False", "DoesNotExist",
			 "Issuing certificate as Secret does not exist");
	status_condition(certificate, "Issuing", "True", "DoesNotExist",
			 "Issuing certificate as Secret does not exist");
	status_observe(certificate, "Ready");
	status_observe(certificate, "Issuing");
	cluster_touch(c, certificate);
}

void settle_certificate(struct cluster *c, json_t *certificate)
{
	if (fits(c, certificate)) {
		if (!status_current(certificate) || !status_is(certificate, "Ready", "True"))
			set_ready(c, certificate);
		return;
	}
	json_t *issuer = cluster_get(c, "clusterissuers", NULL,
				     json_str_at(certificate, "spec.issuerRef.name"));
	bool waited = status_is(certificate, "Issuing", "True");
	set_waiting(c, certificate);
	if (!issuer || !status_is(issuer, "Ready", "True"))
		return;
	const char *host =
		json_string_value(json_array_get(json_at(certificate, "spec.dnsNames"), 0));
	_cleanup_free_ char *why = challenge_trouble(c, issuer, host);
	if (why || !waited) {
		_cleanup_free_ char *wait = xasprintf("Waiting for DNS-01 challenge propagation: "
						      "DNS record for \"%s\" not yet propagated",
						      host);
		order(c, certificate, "pending", why ? why : wait);
		return;
	}
	const char *url = json_str_at(issuer, "spec.acme.server");
	order(c, certificate, "valid", "");
	json_object_del(json_object_get(certificate, "status"), "notBefore");
	write_secret(c, certificate, url && strcmp(url, STAGING_URL) == 0);
	set_ready(c, certificate);
}
