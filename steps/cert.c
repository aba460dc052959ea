/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* See cert.h. The sentences are those of cert-manager v1.21 (pkg/issuer/acme/dns, pkg/controller/acme*),
 * of Cloudflare's API and of Let's Encrypt (RFC 8555 problem types, boulder's texts). */
#include "steps/cert.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "steps/kube.h"

/* In this order: the first whose words are all in the sentence decides. Lower case. */
static const struct {
	const char *words[2];
	enum fault fault;
} sentences[] = {
	/* Let's Encrypt's limits: the kind first, then any. */
	{ { "ratelimited", "exact same set of" }, FAULT_CERT_LIMIT_SET },
	{ { "ratelimited", "exact set of" }, FAULT_CERT_LIMIT_SET },
	{ { "ratelimited", "already issued for" }, FAULT_CERT_LIMIT_DOMAIN },
	{ { "ratelimited", "failed authorizations" }, FAULT_CERT_LIMIT_FAILED },
	{ { "error:ratelimited" }, FAULT_CERT_LIMIT },
	/* The other problem types of RFC 8555. */
	{ { "error:caa" }, FAULT_CERT_CAA },
	{ { "caa record for", "prevents issuance" }, FAULT_CERT_CAA },
	{ { "incorrect txt record" }, FAULT_CERT_TXT_WRONG },
	{ { "no txt record found" }, FAULT_CERT_TXT_WRONG },
	{ { "error:rejectedidentifier" }, FAULT_CERT_REJECTED },
	{ { "policy forbids issuing" }, FAULT_CERT_REJECTED },
	{ { "error:dns" }, FAULT_CERT_ACME_DNS },
	{ { "dns problem:" }, FAULT_CERT_ACME_DNS },
	{ { "error:invalidcontact" }, FAULT_ISSUER_EMAIL },
	{ { "error:invalidemail" }, FAULT_ISSUER_EMAIL },
	{ { "error:accountdoesnotexist" }, FAULT_CERT_ACCOUNT },
	{ { "error:useractionrequired" }, FAULT_CERT_ACCOUNT },
	{ { "account is not valid, has status" }, FAULT_CERT_ACCOUNT },
	{ { "account with the provided public key exists but is" }, FAULT_CERT_ACCOUNT },
	{ { "error:serverinternal" }, FAULT_CERT_ACME_DOWN },
	{ { "error:badnonce" }, FAULT_CERT_ACME_DOWN },
	{ { "service busy; retry later" }, FAULT_CERT_ACME_DOWN },
	/* Cloudflare, by the codes in "Error: CODE: text<- CODE: text". */
	{ { "token is invalid (does the api token contain a newline" }, FAULT_CF_TOKEN_SHAPE },
	{ { "error getting cloudflare secret" }, FAULT_CERT_SECRET },
	{ { "specified key", "not found in secret" }, FAULT_CERT_SECRET },
	{ { "failed to load secret" }, FAULT_CERT_SECRET },
	{ { "api.cloudflare.com", "dial tcp" }, FAULT_CERT_CF_UNREACHABLE },
	{ { "api.cloudflare.com", "no such host" }, FAULT_CERT_CF_UNREACHABLE },
	{ { "api.cloudflare.com", "i/o timeout" }, FAULT_CERT_CF_UNREACHABLE },
	{ { "cloudflare api", "dial tcp" }, FAULT_CERT_CF_UNREACHABLE },
	{ { "cloudflare api", "client.timeout exceeded" }, FAULT_CERT_CF_UNREACHABLE },
	{ { "cloudflare api", "context deadline exceeded" }, FAULT_CERT_CF_UNREACHABLE },
	{ { "cloudflare api", "x509:" }, FAULT_CERT_CLOCK },
	{ { "cloudflare", "zone.list" }, FAULT_CF_ZONE_READ },
	{ { "cloudflare api", " 6103:" }, FAULT_CF_KEY_HEADER },
	{ { "cloudflare api", " 6111:" }, FAULT_CF_TOKEN_FORMAT },
	{ { "cloudflare api", " 6003:" }, FAULT_CF_TOKEN_FORMAT },
	{ { "cloudflare api", " 1000:" }, FAULT_CF_TOKEN_UNKNOWN },
	{ { "cloudflare api", " 9109:" }, FAULT_CF_TOKEN_REFUSED },
	{ { "cloudflare api", " 10000:" }, FAULT_CF_AUTH },
	{ { "cloudflare api", " 81053:" }, FAULT_CF_CONFLICT },
	{ { "cloudflare api", "cannot use this api for domains" }, FAULT_CF_TLD },
	{ { "cloudflare api", "rate limit" }, FAULT_CF_RATE_LIMIT },
	{ { "found no zones for domain" }, FAULT_CF_NO_ZONE },
	{ { "while querying the cloudflare api" }, FAULT_CF_OTHER },
	/* cert-manager's own look at DNS. */
	{ { "could not determine authoritative nameservers" }, FAULT_CERT_DNS_ZONE },
	{ { "could not find the soa record" }, FAULT_CERT_DNS_ZONE },
	{ { "could not determine the zone" }, FAULT_CERT_DNS_ZONE },
	{ { "could not find the start of authority" }, FAULT_CERT_DNS_ZONE },
	{ { "returned servfail for" }, FAULT_CERT_DNS_SERVER },
	{ { "returned refused for" }, FAULT_CERT_DNS_SERVER },
	{ { "found recursive cname record" }, FAULT_DNS_ACME_ALIAS },
	{ { "dns: server returned http" }, FAULT_CERT_DNS_BLOCKED },
	{ { "dns: unexpected content-type" }, FAULT_CERT_DNS_BLOCKED },
	{ { "/dns-query" }, FAULT_CERT_DNS_BLOCKED },
	{ { ":53:", "i/o timeout" }, FAULT_CERT_DNS_BLOCKED },
	{ { ":53:", "connection refused" }, FAULT_CERT_DNS_BLOCKED },
	{ { "not yet propagated" }, FAULT_CERT_PROPAGATION },
	/* The way to Let's Encrypt, and cert-manager's webhook. */
	{ { "letsencrypt.org", "dial tcp" }, FAULT_CERT_ACME_UNREACHABLE },
	{ { "letsencrypt.org", "no such host" }, FAULT_CERT_ACME_UNREACHABLE },
	{ { "letsencrypt.org", "i/o timeout" }, FAULT_CERT_ACME_UNREACHABLE },
	{ { "letsencrypt.org", "tls handshake timeout" }, FAULT_CERT_ACME_UNREACHABLE },
	{ { "letsencrypt.org", "context deadline exceeded" }, FAULT_CERT_ACME_UNREACHABLE },
	{ { "letsencrypt.org", "x509:" }, FAULT_CERT_CLOCK },
	{ { "failed calling webhook" }, FAULT_CERT_MANAGER_WEBHOOK },
	{ { "no endpoints available for service" }, FAULT_CERT_MANAGER_WEBHOOK },
};

enum fault cert_fault(const char *said)
{
	_cleanup_free_ char *low = xstrdup(said ? said : "");
	for (char *p = low; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	for (size_t i = 0; i < ARRAY_LEN(sentences); i++)
		if (strstr(low, sentences[i].words[0]) &&
		    (!sentences[i].words[1] || strstr(low, sentences[i].words[1])))
			return sentences[i].fault;
	return FAULT_CERT_NOT_READY;
}

static bool is_one_of(enum fault fault, const enum fault *faults, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (faults[i] == fault)
			return true;
	return false;
}

bool cert_fault_passes(enum fault fault)
{
	static const enum fault passing[] = {
		FAULT_CERT_NOT_READY,	FAULT_CERT_PROPAGATION,	     FAULT_CERT_DNS_ZONE,
		FAULT_CERT_DNS_SERVER,	FAULT_CERT_DNS_BLOCKED,	     FAULT_CERT_ACME_DOWN,
		FAULT_CERT_ACME_UNREACHABLE, FAULT_CERT_CF_UNREACHABLE, FAULT_CERT_MANAGER_WEBHOOK,
		FAULT_CF_RATE_LIMIT,	FAULT_CF_OTHER,
	};
	return is_one_of(fault, passing, ARRAY_LEN(passing));
}

bool cert_fault_is_limit(enum fault fault)
{
	static const enum fault limits[] = { FAULT_CERT_LIMIT_SET, FAULT_CERT_LIMIT_DOMAIN,
					     FAULT_CERT_LIMIT_FAILED, FAULT_CERT_LIMIT };
	return is_one_of(fault, limits, ARRAY_LEN(limits));
}

bool cert_fault_is_authorization(enum fault fault)
{
	static const enum fault failed[] = { FAULT_CERT_CAA, FAULT_CERT_TXT_WRONG, FAULT_CERT_ACME_DNS };
	return is_one_of(fault, failed, ARRAY_LEN(failed));
}

bool cert_ready(const json_t *certificate, char **ret_why)
{
	const json_t *ready = kube_condition(certificate, "Ready");
	const char *status = json_str_at(ready, "status");
	const char *message = json_str_at(ready, "message");
	long long generation = json_int_at(certificate, "metadata.generation", 0);

	*ret_why = NULL;
	if (!status)
		*ret_why = xstrdup("cert-manager has not looked at it yet");
	else if (strcmp(status, "True"))
		*ret_why = xstrdup(message ? message : "not issued yet");
	else if (json_int_at(ready, "observedGeneration", generation) < generation)
		*ret_why = xstrdup("it was changed and is not issued anew yet");
	return !*ret_why;
}

void cert_why_done(struct cert_why *w)
{
	free(w->said);
	free(w->failed_at);
	*w = (struct cert_why){ 0 };
}

static bool same_text(const char *a, const char *b)
{
	return a && b && !strcmp(a, b);
}

/* By uid too: what a deleted Certificate left behind is collected only after a while. */
static bool owned_by(const json_t *object, const char *kind, const json_t *owner)
{
	const char *uid = json_str_at(owner, "metadata.uid");
	size_t i;
	json_t *ref;

	json_array_foreach(json_at(object, "metadata.ownerReferences"), i, ref)
		if (same_text(json_str_at(ref, "kind"), kind) &&
		    same_text(json_str_at(ref, "name"), json_str_at(owner, "metadata.name")))
			return !uid || same_text(json_str_at(ref, "uid"), uid);
	return false;
}

/* The youngest object of a list that belongs to another: after retries there are several. */
static const json_t *youngest(const json_t *list, const char *kind, const json_t *owner)
{
	const json_t *best = NULL;
	const char *best_time = "";
	size_t i;
	json_t *o;

	json_array_foreach(json_object_get(list, "items"), i, o) {
		const char *t = json_str_at(o, "metadata.creationTimestamp");
		if (owned_by(o, kind, owner) && strcmp(t ? t : "", best_time) >= 0) {
			best = o;
			best_time = t ? t : "";
		}
	}
	return best;
}

/* Keeps the first sentence that is given; one that means something replaces one that does not. */
static void offer(struct cert_why *w, const char *said)
{
	if (!said || !*said)
		return;
	enum fault fault = cert_fault(said);
	if (w->said && (w->fault != FAULT_CERT_NOT_READY || fault == FAULT_CERT_NOT_READY))
		return;
	free(w->said);
	w->said = xstrdup(said);
	w->fault = fault;
}

static bool is_state(const json_t *object, const char *const *states, size_t n)
{
	const char *state = json_str_at(object, "status.state");
	for (size_t i = 0; state && i < n; i++)
		if (!strcmp(state, states[i]))
			return true;
	return false;
}

void cert_diagnose(const json_t *certificate, const json_t *requests, const json_t *orders,
		   const json_t *challenges, struct cert_why *ret)
{
	static const char *const lost[] = { "invalid", "expired", "errored" };
	const json_t *request = youngest(requests, "Certificate", certificate);
	const json_t *order = youngest(orders, "CertificateRequest", request);
	const json_t *challenge = youngest(challenges, "Order", order);
	const char *issuing = json_str_at(kube_condition(certificate, "Issuing"), "status");

	*ret = (struct cert_why){ .fault = FAULT_CERT_NOT_READY };
	offer(ret, json_str_at(challenge, "status.reason"));
	offer(ret, json_str_at(order, "status.reason"));
	offer(ret, json_str_at(kube_condition(request, "Ready"), "message"));
	offer(ret, json_str_at(kube_condition(certificate, "Issuing"), "message"));
	offer(ret, json_str_at(kube_condition(certificate, "Ready"), "message"));
	const char *failed = json_str_at(order, "status.failureTime") ?:
			     json_str_at(certificate, "status.lastFailureTime");
	ret->failed_at = failed ? xstrdup(failed) : NULL;
	/* cert-manager faq: failed for good for now when it no longer issues and remembers a failure. */
	ret->final = is_state(order, lost, ARRAY_LEN(lost)) ||
		     (json_at(certificate, "status.lastFailureTime") && (!issuing || strcmp(issuing, "True")));
}

json_t *certs_wanted(const json_t *ingresses)
{
	json_t *all = json_array();
	size_t i, k;
	json_t *ingress, *tls;

	json_array_foreach(json_object_get(ingresses, "items"), i, ingress) {
		const json_t *notes = json_at(ingress, "metadata.annotations");
		const char *issuer = json_string_value(json_object_get(notes, "cert-manager.io/cluster-issuer"));
		json_array_foreach(json_at(ingress, "spec.tls"), k, tls) {
			const char *secret = json_str_at(tls, "secretName");
			json_t *hosts = json_object_get(tls, "hosts");
			if (issuer && secret)
				json_array_append_new(all, json_pack("{s:s, s:s, s:O}", "secret", secret, "issuer",
								     issuer, "hosts", hosts ? hosts : json_null()));
		}
	}
	return all;
}
