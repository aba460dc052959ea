/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What stands in a certificate and whether a private key is its own, by OpenSSL. Pure. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

struct x509_facts {
	char **names;      /* common name and DNS names, each once, lower case; new */
	char *issuer;      /* its issuer's distinguished name in one line; new */
	time_t from, to;   /* first and last second of its validity */
};
void x509_facts_done(struct x509_facts *f);
#define _cleanup_x509_ __attribute__((cleanup(x509_facts_done)))

/* The first certificate of a PEM text (the leaf of a chain). False when there is none. */
bool x509_read(const void *pem, size_t len, struct x509_facts *ret);

/* True when the PEM private key (RSA, EC or any other kind) is that of the first certificate. */
bool x509_key_fits(const void *pem, size_t len, const void *key, size_t key_len);

/* True when the PEM text holds an RSA private key, the only kind that cert-manager takes for an
 * account (pkg/issuer/acme/setup.go). */
bool x509_is_rsa_key(const void *key, size_t key_len);
