/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What cert-manager's objects say about a certificate, understood. Pure. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"

/* The fault that a sentence of cert-manager, Cloudflare or Let's Encrypt means; FAULT_CERT_NOT_READY
 * when it means nothing known. */
enum fault cert_fault(const char *said);

/* True when waiting may help: cert-manager tries this again by itself, and it often passes. */
bool cert_fault_passes(enum fault fault);

/* Let's Encrypt refuses for a time, whatever is mended. */
bool cert_fault_is_limit(enum fault fault);

/* Let's Encrypt looked for the proof and was not content: this counts as a failed authorization. */
bool cert_fault_is_authorization(enum fault fault);

/* True when a Certificate is Ready for its newest generation; else *ret_why (new) in words. */
bool cert_ready(const json_t *certificate, char **ret_why);

struct cert_why {
	enum fault fault;
	bool final;       /* cert-manager gave up and backs off for an hour or more */
	char *said;       /* the sentence that tells most; new or NULL */
	char *failed_at;  /* when it failed for good, as Kubernetes writes it; new or NULL */
};
void cert_why_done(struct cert_why *w);

/* Why a Certificate is not ready, from the lists of its namespace: the Challenge knows most, then the
 * Order, the CertificateRequest, and last the Certificate itself. */
void cert_diagnose(const json_t *certificate, const json_t *requests, const json_t *orders,
		   const json_t *challenges, struct cert_why *ret);

/* What is expected of an Ingress with an issuer: [{secret, issuer, hosts}]. cert-manager names the
 * Certificate as the Secret (pkg/controller/certificate-shim/sync.go). New. */
json_t *certs_wanted(const json_t *ingresses);
