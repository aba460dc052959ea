/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* A Certificate gets its Secret by a request, an order and a challenge in DNS at Cloudflare. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/x509.h"
#include "world/acme.h"
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

static bool note_is(const json_t *secret, const char *name, const char *want)
{
	const char *have = json_string_value(
		json_object_get(json_at(secret, "metadata.annotations"), name));
	return have && strcmp(have, want) == 0;
}

/* The names are exactly those asked for, and two thirds of its life are not over yet. */
static bool names_fit(const struct x509_facts *f, const json_t *names)
{
	for (size_t i = 0; i < json_array_size(names); i++) {
		bool there = false;
		for (char **n = f->names; n && *n; n++)
			there = there || strcasecmp(*n, json_string_value(json_array_get(names, i))) == 0;
		if (!there)
			return false;
	}
	return strv_len(f->names) == json_array_size(names) &&
	       time(NULL) < f->from + (f->to - f->from) / 3 * 2;
}

/* What makes the real one order (internal/controller/certificates/policies, NewTriggerPolicyChain);
 * kinds of keys are not looked at. */
static bool secret_fits(const struct cluster *c, const json_t *certificate)
{
	const json_t *s = cluster_get(c, "secrets", json_str_at(certificate, "metadata.namespace"),
				      json_str_at(certificate, "spec.secretName"));
	const json_t *data = json_object_get(s, "data");
	const char *crt64 = json_string_value(json_object_get(data, "tls.crt"));
	const char *key64 = json_string_value(json_object_get(data, "tls.key"));
	const char *issuer = json_str_at(certificate, "spec.issuerRef.name");
	const json_t *of = json_object_get(json_at(s, "metadata.annotations"),
					   "cert-manager.io/certificate-name");
	unsigned char *crt = NULL, *key = NULL;
	size_t crt_len, key_len;
	struct x509_facts facts _cleanup_x509_ = { 0 };
	if (!crt64 || !key64 || !note_is(s, "cert-manager.io/issuer-name", issuer) ||
	    !note_is(s, "cert-manager.io/issuer-kind", "ClusterIssuer") ||
	    (of && !note_is(s, "cert-manager.io/certificate-name",
			    json_str_at(certificate, "metadata.name"))))
		return false;
	bool ok = crypto_unbase64(crt64, &crt, &crt_len) == 0 &&
		  crypto_unbase64(key64, &key, &key_len) == 0 && x509_read(crt, crt_len, &facts) &&
		  x509_key_fits(crt, crt_len, key, key_len) &&
		  names_fit(&facts, json_at(certificate, "spec.dnsNames"));
	free(crt);
	free(key);
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

struct made {
	json_t *request, *order;
	char *challenge; /* its name */
};

/* Request and order of a Certificate; the members are borrowed but for challenge. */
static struct made make(struct cluster *c, const json_t *certificate)
{
	const char *name = json_str_at(certificate, "metadata.name");
	json_t *names = json_object_get(json_object_get(certificate, "spec"), "dnsNames");
	json_t *ref = json_object_get(json_object_get(certificate, "spec"), "issuerRef");
	_cleanup_free_ char *request_name = xasprintf("%s-1", name);
	_cleanup_free_ char *order_name = xasprintf("%s-1-2763919571", name);
	struct made m = { .challenge = xasprintf("%s-1-2763919571-1", name) };
	m.request = child(c, "CertificateRequest", "cert-manager.io/v1", request_name, certificate,
			  json_pack("{s:O, s:s}", "issuerRef", ref, "request", "LS0t"));
	m.order = child(c, "Order", "acme.cert-manager.io/v1", order_name, m.request,
			json_pack("{s:O, s:O}", "dnsNames", names, "issuerRef", ref));
	return m;
}

static void request_says(struct cluster *c, struct made *m, const char *status, const char *reason,
			 const char *message)
{
	status_condition(m->request, "Ready", status, reason, message);
	cluster_touch(c, m->request);
	cluster_touch(c, m->order);
	free(m->challenge);
}

static void put_challenge(struct cluster *c, const struct made *m, const char *state, const char *reason)
{
	const json_t *names = json_at(m->order, "spec.dnsNames");
	json_t *ch = child(c, "Challenge", "acme.cert-manager.io/v1", m->challenge, m->order,
			   json_pack("{s:s, s:s, s:O}", "dnsName",
				     json_string_value(json_array_get(names, 0)), "type", "DNS-01",
				     "issuerRef", json_at(m->order, "spec.issuerRef")));
	json_object_set_new(ch, "status",
			    json_pack("{s:s, s:b, s:b, s:s}", "state", state, "processing",
				      strcmp(state, "pending") == 0, "presented",
				      text_starts(reason, "Waiting"), "reason", reason));
	cluster_touch(c, ch);
}

static void order_pends(struct cluster *c, const json_t *certificate, const char *reason)
{
	struct made m = make(c, certificate);
	json_object_set_new(m.order, "status", json_pack("{s:s}", "state", "pending"));
	put_challenge(c, &m, "pending", reason);
	request_says(c, &m, "False", "Pending",
		     "Waiting on certificate issuance from order: \"pending\"");
}

static void order_is_valid(struct cluster *c, const json_t *certificate)
{
	struct made m = make(c, certificate);
	json_object_set_new(m.order, "status", json_pack("{s:s}", "state", "valid"));
	cluster_delete(c, "challenges", json_str_at(certificate, "metadata.namespace"), m.challenge);
	request_says(c, &m, "True", "Issued", "Certificate fetched from issuer successfully");
}

/* For good: the order was refused ("errored") or its proof was not found ("invalid"). cert-manager tries
 * again after an hour at the earliest, which a rehearsal does not see. */
static void order_fails(struct cluster *c, json_t *certificate, const char *state, const char *reason)
{
	_cleanup_free_ char *now = world_now();
	struct made m = make(c, certificate);
	const bool refused = strcmp(state, "errored") == 0;
	_cleanup_free_ char *why = refused ? xasprintf("Failed to create Order: %s", reason)
					   : xstrdup("");
	_cleanup_free_ char *said = xasprintf("Failed to wait for order resource \"%s\" to become ready: "
					      "order is in \"%s\" state: %s",
					      json_str_at(m.order, "metadata.name"), state, why);
	_cleanup_free_ char *message = xasprintf("The certificate request has failed to complete and will "
						 "be retried: %s", said);
	json_object_set_new(m.order, "status", json_pack("{s:s, s:s, s:s}", "state", state, "reason",
							 why, "failureTime", now));
	if (!refused)
		put_challenge(c, &m, "invalid", reason);
	request_says(c, &m, "False", "Failed", said);
	status_condition(certificate, "Issuing", "False", "Failed", message);
	status_observe(certificate, "Issuing");
	json_t *status = json_object_get(certificate, "status");
	json_object_set_new(status, "lastFailureTime", json_string(now));
	json_object_set_new(status, "failedIssuanceAttempts", json_integer(1));
	cluster_touch(c, certificate);
}

static void write_secret(struct cluster *c, const json_t *certificate, bool staging)
{
	_cleanup_free_ const char **names = name_list(certificate);
	_cleanup_free_ char *days = scenario_knob(c->w, "certificate.days");
	_cleanup_free_ char *chain = NULL;
	_cleanup_free_ char *key = NULL;
	struct tls *tls = tls_load(c->w);
	tls_mint(tls, staging ? CA_STAGING : CA_REAL, names, days ? atoi(days) : 90, &chain, &key);
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

static json_t *time_text(time_t t)
{
	char buf[32];
	struct tm tm;
	strftime(buf, sizeof(buf), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&t, &tm));
	return json_string(buf);
}

/* What the certificate in its Secret says, whoever ordered it (pkg/controller/certificates/readiness). */
static void set_ready(struct cluster *c, json_t *certificate)
{
	const json_t *s = cluster_get(c, "secrets", json_str_at(certificate, "metadata.namespace"),
				      json_str_at(certificate, "spec.secretName"));
	const char *crt64 = json_string_value(json_object_get(json_object_get(s, "data"), "tls.crt"));
	unsigned char *crt = NULL;
	size_t len;
	struct x509_facts f _cleanup_x509_ = { 0 };
	if (!crt64 || crypto_unbase64(crt64, &crt, &len) < 0 || !x509_read(crt, len, &f))
		world_die("a Secret that fits holds no certificate");
	free(crt);
	json_object_set_new(certificate, "status",
			    json_pack("{s:o, s:o, s:o, s:i}", "notBefore", time_text(f.from), "notAfter",
				      time_text(f.to), "renewalTime",
				      time_text(f.from + (f.to - f.from) / 3 * 2), "revision", 1));
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

/* It failed and was not changed since: only a new Certificate, or an hour, makes it try again. */
static bool backs_off(const json_t *certificate)
{
	const json_t *conditions = json_at(certificate, "status.conditions"), *o;
	if (!json_at(certificate, "status.lastFailureTime") ||
	    status_is(certificate, "Issuing", "True"))
		return false;
	for (size_t i = 0; i < json_array_size(conditions); i++) {
		o = json_array_get(conditions, i);
		if (strcmp(json_str_at(o, "type"), "Issuing") == 0)
			return json_int_at(o, "observedGeneration", 0) >=
			       json_int_at(certificate, "metadata.generation", 0);
	}
	return false;
}

static void issue(struct cluster *c, json_t *certificate, bool staging)
{
	_cleanup_free_ const char **names = name_list(certificate);
	order_is_valid(c, certificate);
	acme_issued(c->w, staging, names);
	write_secret(c, certificate, staging);
	set_ready(c, certificate);
}

/* What the server says to the order and to its proof; then it pends until somebody looks again. */
static void start_order(struct cluster *c, json_t *certificate, const json_t *issuer, bool staging)
{
	_cleanup_free_ const char **names = name_list(certificate);
	_cleanup_free_ char *refusal = acme_order(c->w, staging, names);
	_cleanup_free_ char *why = refusal ? NULL : challenge_trouble(c, issuer, names[0]);
	_cleanup_free_ char *wait = xasprintf("Waiting for DNS-01 challenge propagation: DNS record for "
					      "\"%s\" not yet propagated", names[0]);
	if (refusal || (why && strstr(why, "error:rateLimited")))
		order_fails(c, certificate, "errored", refusal ? refusal : why);
	else if (why && strstr(why, "authorization error"))
		order_fails(c, certificate, "invalid", why);
	else
		order_pends(c, certificate, why ? why : wait);
}

void settle_certificate(struct cluster *c, json_t *certificate)
{
	if (fits(c, certificate)) {
		if (!status_current(certificate) || !status_is(certificate, "Ready", "True"))
			set_ready(c, certificate);
		return;
	}
	if (backs_off(certificate))
		return;
	json_t *issuer = cluster_get(c, "clusterissuers", NULL,
				     json_str_at(certificate, "spec.issuerRef.name"));
	bool waited = status_is(certificate, "Issuing", "True");
	set_waiting(c, certificate);
	if (!issuer || !status_is(issuer, "Ready", "True"))
		return;
	const char *url = json_str_at(issuer, "spec.acme.server");
	const bool staging = url && strcmp(url, STAGING_URL) == 0;
	_cleanup_free_ char *request = xasprintf("%s-1", json_str_at(certificate, "metadata.name"));
	const json_t *open = cluster_get(c, "certificaterequests",
					 json_str_at(certificate, "metadata.namespace"), request);
	if (!waited || !open) {
		start_order(c, certificate, issuer, staging);
		return;
	}
	const char *host = json_string_value(json_array_get(json_at(certificate, "spec.dnsNames"), 0));
	_cleanup_free_ char *why = challenge_trouble(c, issuer, host);
	if (why)
		order_pends(c, certificate, why);
	else
		issue(c, certificate, staging);
}
