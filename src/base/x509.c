/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "base/x509.h"

#include <ctype.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

static void free_cert(X509 **x)
{
	X509_free(*x);
}

static void free_key(EVP_PKEY **k)
{
	EVP_PKEY_free(*k);
}
#define _cleanup_cert_ __attribute__((cleanup(free_cert)))
#define _cleanup_key_ __attribute__((cleanup(free_key)))

/* An encrypted key is none of ours: nobody is asked on the terminal. */
static int no_password(char *buf, int size, int writing, void *arg)
{
	return -1;
}

static X509 *read_cert(const void *pem, size_t len)
{
	BIO *bio = BIO_new_mem_buf(pem, (int)len);
	X509 *cert = bio ? PEM_read_bio_X509(bio, NULL, no_password, NULL) : NULL;
	BIO_free(bio);
	ERR_clear_error();
	return cert;
}

static EVP_PKEY *read_key(const void *pem, size_t len)
{
	BIO *bio = BIO_new_mem_buf(pem, (int)len);
	EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL) : NULL;
	BIO_free(bio);
	ERR_clear_error();
	return key;
}

void x509_facts_done(struct x509_facts *f)
{
	strv_free(f->names);
	free(f->issuer);
	*f = (struct x509_facts){ 0 };
}

/* A name with a NUL inside is nobody's: it is left out, and so never equals a wanted one. */
static void add_name(char ***names, const ASN1_STRING *s)
{
	unsigned char *utf8 = NULL;
	int len = ASN1_STRING_to_UTF8(&utf8, s);
	if (len > 0 && strlen((char *)utf8) == (size_t)len) {
		char *name = xstrdup((char *)utf8);
		for (char *p = name; *p; p++)
			*p = (char)tolower((unsigned char)*p);
		for (char **n = *names; n && *n; n++)
			if (!strcmp(*n, name))
				cleanup_free(&name), name = NULL;
		if (name)
			strv_add(names, name);
	}
	OPENSSL_free(utf8);
}

static void read_names(X509 *cert, char ***names)
{
	const X509_NAME *subject = X509_get_subject_name(cert);
	int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
	if (at >= 0)
		add_name(names, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
	GENERAL_NAMES *alt = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
	for (int i = 0; i < sk_GENERAL_NAME_num(alt); i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(alt, i);
		if (g->type == GEN_DNS)
			add_name(names, g->d.dNSName);
	}
	GENERAL_NAMES_free(alt);
}

static bool read_time(const ASN1_TIME *t, time_t *ret)
{
	struct tm tm = { 0 };
	if (ASN1_TIME_to_tm(t, &tm) != 1)
		return false;
	*ret = timegm(&tm);
	return true;
}

bool x509_read(const void *pem, size_t len, struct x509_facts *ret)
{
	X509 *cert _cleanup_cert_ = read_cert(pem, len);
	time_t from, to;
	if (!cert || !read_time(X509_get0_notBefore(cert), &from) ||
	    !read_time(X509_get0_notAfter(cert), &to))
		return false;
	char *issuer = X509_NAME_oneline(X509_get_issuer_name(cert), NULL, 0);
	*ret = (struct x509_facts){ .issuer = xstrdup(issuer ? issuer : ""), .from = from, .to = to };
	OPENSSL_free(issuer);
	read_names(cert, &ret->names);
	return true;
}

bool x509_key_fits(const void *pem, size_t len, const void *key, size_t key_len)
{
	X509 *cert _cleanup_cert_ = read_cert(pem, len);
	EVP_PKEY *own _cleanup_key_ = read_key(key, key_len);
	bool fits = cert && own && X509_check_private_key(cert, own) == 1;
	ERR_clear_error();
	return fits;
}

bool x509_is_rsa_key(const void *key, size_t key_len)
{
	EVP_PKEY *own _cleanup_key_ = read_key(key, key_len);
	return own && EVP_PKEY_is_a(own, "RSA");
}
