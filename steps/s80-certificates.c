/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Step 80, certificates: what each Ingress asks for is issued, by the issuer it names, and its Secret
 * is there. A failure is explained from Challenge and Order, never from time running out. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "steps/cert.h"
#include "steps/ess.h"
#include "steps/kept.h"
#include "steps/ledger.h"
#include "steps/steps.h"

#define CERTIFICATES "certificates.cert-manager.io"
#define WAIT_S 1800
#define POLL_MS 3000
/* Looks in a row at the same trouble before it counts: a bad token some 15 seconds, since one answer
 * may be a passing fault; a record that does not propagate 15 minutes. */
#define PATIENCE_SHORT 5
#define PATIENCE_LONG 300

struct certs {
	json_t *wanted, *live;
	size_t ready;
	const json_t *first; /* wanted entry that is not ready, borrowed */
	char *why;
	enum fault fault; /* seen last, and how often in a row */
	unsigned times;
};

static void certs_done(struct certs *s)
{
	json_decref(s->wanted);
	json_decref(s->live);
	free(s->why);
	s->wanted = s->live = NULL;
	s->why = NULL;
}

/* The one name that is asked for; a Secret's name where there is none. Borrowed. */
static const char *host_of(const json_t *want)
{
	const char *host = json_string_value(json_array_get(json_object_get(want, "hosts"), 0));
	return host ? host : json_str_at(want, "secret");
}

/* The Secret holds a certificate of the issuer that is asked for now, not of the one before. */
static int secret_fits(struct step_ctx *c, const char *name, const char *issuer, char **ret_why,
		       struct err *e)
{
	_cleanup_json_ json_t *secret = NULL;
	if (kube_get(c, "secrets", name, ESS_NS, &secret, e) < 0)
		return -1;
	const char *from = json_string_value(
		json_object_get(json_at(secret, "metadata.annotations"), "cert-manager.io/issuer-name"));
	const char *crt = json_string_value(json_object_get(json_object_get(secret, "data"), "tls.crt"));
	if (!secret)
		*ret_why = xasprintf("the Secret %s is missing", name);
	else if (!crt || !*crt)
		*ret_why = xasprintf("the Secret %s holds no certificate", name);
	else if (from && strcmp(from, issuer))
		*ret_why = xasprintf("the Secret %s still holds a certificate of %s", name, from);
	return !*ret_why;
}

static int judge(struct step_ctx *c, const json_t *want, const json_t *live, char **ret_why, struct err *e)
{
	const char *secret = json_str_at(want, "secret");
	const char *issuer = json_str_at(want, "issuer");
	const json_t *certificate = kube_named(live, secret);
	const char *asked = json_str_at(certificate, "spec.issuerRef.name");

	*ret_why = NULL;
	if (!certificate)
		*ret_why = xstrdup("cert-manager has not noticed the Ingress yet");
	else if (!asked || strcmp(asked, issuer))
		*ret_why = xasprintf("it is still ordered from %s", asked ? asked : "-");
	else if (!json_equal(json_at(certificate, "spec.dnsNames"), json_object_get(want, "hosts")))
		*ret_why = xstrdup("it is still ordered for another name");
	else if (cert_ready(certificate, ret_why))
		return secret_fits(c, secret, issuer, ret_why, e);
	return 0;
}

static int load(struct step_ctx *c, struct certs *s, struct err *e)
{
	_cleanup_json_ json_t *ingresses = NULL;
	size_t i;
	json_t *want;

	certs_done(s);
	s->ready = 0;
	s->first = NULL;
	if (kube_list(c, "ingresses", ESS_NS, NULL, &ingresses, e) < 0 ||
	    kube_list(c, CERTIFICATES, ESS_NS, NULL, &s->live, e) < 0)
		return -1;
	s->wanted = certs_wanted(ingresses);
	json_array_foreach (s->wanted, i, want) {
		_cleanup_free_ char *why = NULL;
		int ok = judge(c, want, s->live, &why, e);
		if (ok < 0)
			return -1;
		s->ready += (size_t)ok;
		if (!ok && !s->first) {
			s->first = want;
			s->why = steal(why);
		}
	}
	return 0;
}

static bool all_ready(const struct certs *s)
{
	return json_array_size(s->wanted) > 0 && s->ready == json_array_size(s->wanted);
}

/* True when the ledger got an entry that it did not have. */
static bool note_issuances(struct step_ctx *c, const struct certs *s, json_t *ledger)
{
	const char *environment = step_str(c, "certificates.environment");
	bool added = false;
	size_t i;
	json_t *want;

	json_array_foreach (s->wanted, i, want) {
		const json_t *certificate = kube_named(s->live, json_str_at(want, "secret"));
		const char *host = host_of(want);
		const char *at = json_str_at(certificate, "status.notBefore");
		if (at && ledger_add(ledger, host, environment, at))
			added = true;
	}
	return added;
}

static int look(struct step_ctx *c, enum step_found *ret, struct err *e)
{
	struct certs s __attribute__((cleanup(certs_done))) = { 0 };

	if (load(c, &s, e) < 0)
		return -1;
	*ret = s.ready == 0 ? STEP_ABSENT : STEP_DIFFERENT;
	if (!all_ready(&s)) {
		step_log(c, "certificate %s: %s", s.first ? json_str_at(s.first, "secret") : "-",
			 s.why ? s.why : "-");
		return 0;
	}
	_cleanup_json_ json_t *ledger = ledger_load(c, e);
	if (!ledger)
		return -1;
	int unsaved = kept_unsaved_tls(c, e);
	if (!note_issuances(c, &s, ledger) && unsaved == 0)
		*ret = STEP_PRESENT;
	return unsaved < 0 ? -1 : 0;
}

static int check(struct step_ctx *c, enum step_found *ret, struct err *e)
{
	struct err own = ERR_INIT;

	if (look(c, ret, &own) == 0 || kube_absent(&own, ret) == 0)
		return 0;
	*e = own;
	return -1;
}

/* The certificate that failed for good is ordered anew at once: cert-manager itself waits for an hour
 * and doubles that. Taking away its last CertificateRequest does not shorten the wait (trigger_controller.go,
 * shouldBackoffReissuingOnFailure looks at the Certificate's own status); the Certificate is made anew
 * for its Ingress, and the Secret, which it does not own, stays. */
static int retry_failed(struct step_ctx *c, const struct certs *s, struct err *e)
{
	_cleanup_json_ json_t *ledger = ledger_load(c, e);
	size_t i;
	json_t *want;

	if (!ledger)
		return -1;
	json_array_foreach (s->wanted, i, want) {
		const char *name = json_str_at(want, "secret");
		const json_t *certificate = kube_named(s->live, name);
		const char *issuing = json_str_at(kube_condition(certificate, "Issuing"), "status");
		if (!json_at(certificate, "status.lastFailureTime") ||
		    (issuing && !strcmp(issuing, "True")))
			continue;
		if (ledger_allows(c, ledger, host_of(want), e) < 0)
			return -1;
		step_log(c, "certificate %s failed before: it is ordered anew", name);
		if (kube_delete(c, CERTIFICATES, name, ESS_NS, e) < 0)
			return -1;
	}
	return 0;
}

/* What is not to be tried again before its time. */
static int note_failure(struct step_ctx *c, const struct cert_why *w, const char *host, struct err *e)
{
	const char *environment = step_str(c, "certificates.environment");
	const time_t until = ledger_retry_after(w->said);
	_cleanup_json_ json_t *ledger = ledger_load(c, e);
	bool added = false;

	if (!ledger)
		return -1;
	if (cert_fault_is_limit(w->fault) && until)
		added = ledger_add_refused(ledger, host, environment, w->fault, until);
	else if (cert_fault_is_authorization(w->fault) && w->failed_at)
		added = ledger_add_failed(ledger, host, environment, w->failed_at);
	return added ? ledger_save(c, ledger, e) : 0;
}

static int explain(struct step_ctx *c, struct certs *s, bool now, struct err *e)
{
	struct cert_why w __attribute__((cleanup(cert_why_done))) = { 0 };
	_cleanup_json_ json_t *requests = NULL;
	_cleanup_json_ json_t *orders = NULL;
	_cleanup_json_ json_t *challenges = NULL;
	const char *name = json_str_at(s->first, "secret");
	const char *host = host_of(s->first);

	if (kube_list(c, "certificaterequests.cert-manager.io", ESS_NS, NULL, &requests, e) < 0 ||
	    kube_list(c, "orders.acme.cert-manager.io", ESS_NS, NULL, &orders, e) < 0 ||
	    kube_list(c, "challenges.acme.cert-manager.io", ESS_NS, NULL, &challenges, e) < 0)
		return -1;
	cert_diagnose(kube_named(s->live, name), requests, orders, challenges, &w);
	s->times = w.fault == s->fault ? s->times + 1 : 0;
	s->fault = w.fault;
	const char *said = w.said ? w.said : s->why;
	step_progress(c, (int)(100 * s->ready / json_array_size(s->wanted)),
		      N_("%zu of %zu certificates are issued; %s: %s"), s->ready,
		      json_array_size(s->wanted), host, said);
	bool hopeless = w.final || (!cert_fault_passes(w.fault) && s->times >= PATIENCE_SHORT) ||
			(w.fault != FAULT_CERT_NOT_READY && s->times >= PATIENCE_LONG);
	if ((now || hopeless) && note_failure(c, &w, host, e) < 0)
		return -1;
	if (now || hopeless)
		return err_set(e, w.fault, N_("certificate of %s: %s"), host, said);
	return 0;
}

static int issued(struct step_ctx *c, void *arg, char **ret_seen, struct err *e)
{
	struct certs *s = arg;
	struct err own = ERR_INIT;

	if (load(c, s, &own) < 0 || (!all_ready(s) && s->first && explain(c, s, false, &own) < 0)) {
		if (own.fault != FAULT_KUBE_UNREACHABLE) {
			*e = own;
			return -1;
		}
		*ret_seen = err_text(&own);
		return 0;
	}
	*ret_seen = xstrdup(s->why ? s->why : "no Ingress asks for a certificate");
	return all_ready(s);
}

static int wait_for_all(struct step_ctx *c, struct certs *s, struct err *e)
{
	struct err own = ERR_INIT;
	int rc = step_wait(c, WAIT_S, POLL_MS, FAULT_CERT_NOT_READY, issued, s, &own);

	if (rc < 0 && own.fault == FAULT_CERT_NOT_READY && s->first)
		explain(c, s, true, e);
	if (rc < 0 && !err_is_set(e))
		*e = own;
	return rc;
}

static int apply(struct step_ctx *c, struct err *e)
{
	struct certs s __attribute__((cleanup(certs_done))) = { 0 };

	if (step_dry_run(c))
		return 0;
	if (load(c, &s, e) < 0 || retry_failed(c, &s, e) < 0 || wait_for_all(c, &s, e) < 0)
		return -1;
	_cleanup_json_ json_t *ledger = ledger_load(c, e);
	if (!ledger || (note_issuances(c, &s, ledger) && ledger_save(c, ledger, e) < 0))
		return -1;
	return kept_save_tls(c, e) < 0 ? -1 : 0;
}

static const char *const inputs[] = { "config:certificates.environment", "config:domains.*", "fact:values.sha256",
				      NULL };

const struct step step_certificates = {
	.id = "certificates",
	.number = 80,
	.title = N_("Certificates"),
	.version = 1,
	.estimate_s = 180,
	.inputs = inputs,
	.check = check,
	.apply = apply,
};
