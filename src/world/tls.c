/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "world/tls.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

static const struct {
	const char *cert, *key, *name;
} cas[] = {
	[CA_REAL] = { "/world/ca.pem", "/world/ca.key", "Rehearsal Root" },
	[CA_STAGING] = { "/world/staging-ca.pem", "/world/staging-ca.key",
			 "(STAGING) Pretend Pear" },
	[CA_NONE] = { NULL, NULL, "TRAEFIK DEFAULT CERT" },
};

static void extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
	X509V3_CTX ctx;
	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
	X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
	if (!ext)
		world_die("no certificate extension for %s", value);
	X509_add_ext(cert, ext, -1);
	X509_EXTENSION_free(ext);
}

static X509 *new_cert(EVP_PKEY *key, const char *cn, long days)
{
	X509 *cert = X509_new();
	unsigned char serial[16];
	RAND_bytes(serial, sizeof(serial));
	serial[0] &= 0x7f;
	BIGNUM *n = BN_bin2bn(serial, sizeof(serial), NULL);
	BN_to_ASN1_INTEGER(n, X509_get_serialNumber(cert));
	BN_free(n);
	X509_set_version(cert, 2);
	X509_gmtime_adj(X509_getm_notBefore(cert), -3600);
	X509_gmtime_adj(X509_getm_notAfter(cert), days * 86400);
	X509_set_pubkey(cert, key);
	X509_NAME *name = X509_get_subject_name(cert);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)cn, -1, -1, 0);
	return cert;
}

static char *pem_of(X509 *cert, EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *data;
	if (cert)
		PEM_write_bio_X509(bio, cert);
	if (key)
		PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
	long len = BIO_get_mem_data(bio, &data);
	char *text = xstrndup(data, (size_t)len);
	BIO_free(bio);
	return text;
}

static X509 *read_cert(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	BIO_free(bio);
	return cert;
}

static EVP_PKEY *read_key(const char *pem)
{
	BIO *bio = BIO_new_mem_buf(pem, -1);
	EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
	BIO_free(bio);
	return key;
}

struct tls {
	X509 *cert[CA_NONE];
	EVP_PKEY *key[CA_NONE];
	SSL_CTX *ctx;
};

static void new_ca(const struct world *w, enum tls_ca ca)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = new_cert(key, cas[ca].name, 3650);
	X509_set_issuer_name(cert, X509_get_subject_name(cert));
	extension(cert, cert, NID_basic_constraints, "critical,CA:TRUE");
	extension(cert, cert, NID_key_usage, "critical,keyCertSign,cRLSign");
	extension(cert, cert, NID_subject_key_identifier, "hash");
	X509_sign(cert, key, EVP_sha256());
	_cleanup_free_ char *c = pem_of(cert, NULL), *k = pem_of(NULL, key);
	world_write(w, cas[ca].key, k, strlen(k), 0600);
	world_write(w, cas[ca].cert, c, strlen(c), 0644);
	X509_free(cert);
	EVP_PKEY_free(key);
}

struct tls *tls_load(const struct world *w)
{
	struct tls *t = xcalloc(1, sizeof(*t));
	for (enum tls_ca ca = CA_REAL; ca < CA_NONE; ca++) {
		if (!world_exists(w, cas[ca].cert))
			new_ca(w, ca);
		_cleanup_free_ char *cert = world_read(w, cas[ca].cert, NULL),
				    *key = world_read(w, cas[ca].key, NULL);
		t->cert[ca] = cert ? read_cert(cert) : NULL;
		t->key[ca] = key ? read_key(key) : NULL;
		if (!t->cert[ca] || !t->key[ca])
			world_die("%s is damaged", cas[ca].cert);
	}
	t->ctx = SSL_CTX_new(TLS_server_method());
	return t;
}

struct tls *tls_free(struct tls *t)
{
	for (enum tls_ca ca = CA_REAL; t && ca < CA_NONE; ca++) {
		X509_free(t->cert[ca]);
		EVP_PKEY_free(t->key[ca]);
	}
	if (t)
		SSL_CTX_free(t->ctx);
	free(t);
	return NULL;
}

static char *alt_names(const char *const *names)
{
	char *all = xstrdup("");
	for (; *names; names++) {
		bool ip = strspn(*names, "0123456789.") == strlen(*names);
		char *more =
			xasprintf("%s%s%s:%s", all, *all ? "," : "", ip ? "IP" : "DNS", *names);
		free(all);
		all = more;
	}
	return all;
}

static X509 *mint(const struct tls *t, enum tls_ca ca, const char *const *names, int days,
		  EVP_PKEY *key)
{
	X509 *cert = new_cert(key, ca == CA_NONE ? cas[ca].name : names[0], days);
	X509 *issuer = ca == CA_NONE ? cert : t->cert[ca];
	_cleanup_free_ char *alt = alt_names(names);
	X509_set_issuer_name(cert, X509_get_subject_name(issuer));
	extension(cert, issuer, NID_basic_constraints, "critical,CA:FALSE");
	extension(cert, issuer, NID_key_usage, "critical,digitalSignature");
	extension(cert, issuer, NID_ext_key_usage, "serverAuth");
	if (ca != CA_NONE)
		extension(cert, issuer, NID_authority_key_identifier, "keyid");
	extension(cert, issuer, NID_subject_alt_name, alt);
	X509_sign(cert, ca == CA_NONE ? key : t->key[ca], EVP_sha256());
	return cert;
}

void tls_mint(const struct tls *t, enum tls_ca ca, const char *const *names, int days,
	      char **ret_chain, char **ret_key)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = mint(t, ca, names, days, key);
	*ret_key = pem_of(NULL, key);
	*ret_chain = pem_of(cert, NULL);
	X509_free(cert);
	EVP_PKEY_free(key);
}

char *tls_rsa_key(void)
{
	EVP_PKEY *key = EVP_RSA_gen(2048);
	char *pem = pem_of(NULL, key);
	EVP_PKEY_free(key);
	return pem;
}

bool tls_covers(const char *pem, const char *const *names)
{
	X509 *cert = read_cert(pem);
	bool ok = cert && X509_cmp_current_time(X509_get0_notAfter(cert)) > 0;
	for (; ok && *names; names++)
		ok = X509_check_host(cert, *names, 0, 0, NULL) == 1;
	X509_free(cert);
	return ok;
}

struct choice {
	const struct tls *t;
	enum tls_ca (*choose)(void *arg, const char *name);
	void *arg;
};

static int choose_certificate(SSL *ssl, void *arg)
{
	const struct choice *c = arg;
	const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
	/* A client that asks for an address names no server: then all that are known. */
	const char *const names[] = { name ? name : "1.1.1.1", name ? NULL : "8.8.8.8", "223.5.5.5",
				      "1.12.12.12", "127.0.0.1", NULL };
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *cert = mint(c->t, c->choose(c->arg, names[0]), names, 90, key);
	int ok = SSL_use_certificate(ssl, cert) == 1 && SSL_use_PrivateKey(ssl, key) == 1;
	X509_free(cert);
	EVP_PKEY_free(key);
	return ok;
}

SSL *tls_accept(const struct tls *t, int fd, enum tls_ca (*choose)(void *arg, const char *name),
		void *arg)
{
	struct choice c = { t, choose, arg };
	SSL *ssl = SSL_new(t->ctx);
	SSL_set_cert_cb(ssl, choose_certificate, &c);
	SSL_set_fd(ssl, fd);
	if (SSL_accept(ssl) == 1)
		return ssl;
	SSL_free(ssl);
	return NULL;
}
