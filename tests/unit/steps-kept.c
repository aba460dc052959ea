/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* steps/kept and model/vault: which Secret cert-manager would take, and where it is kept. */
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>
#include <time.h>

#include "base/crypto.h"
#include "base/json.h"
#include "model/vault.h"
#include "steps/kept.h"
#include "tests/unit/root.h"

#define DAY 86400L
#define NAME "ess-synapse-certmanager-tls"
#define HOST "matrix.home.test"

struct mint {
	const char *cn, *alt;     /* alt: "DNS:a,DNS:b" */
	const char *issuer;
	long from, to;            /* days from now */
	bool rsa, other_key;
};

static char *bio_text(BIO *bio)
{
	char *data;
	long len = BIO_get_mem_data(bio, &data);
	char *text = xstrndup(data, (size_t)len);
	BIO_free(bio);
	return text;
}

static EVP_PKEY *new_key(bool rsa)
{
	return rsa ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
}

static void add_cn(X509_NAME *name, const char *cn)
{
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)cn, -1, -1, 0);
}

/* A leaf certificate, signed by a key that nobody asks for. */
static void mint(const struct mint *m, char **ret_crt, char **ret_key)
{
	EVP_PKEY *key = new_key(m->rsa), *other = new_key(m->rsa);
	X509 *cert = X509_new();
	X509_NAME *issuer = X509_NAME_new();
	BIO *crt = BIO_new(BIO_s_mem()), *pem = BIO_new(BIO_s_mem());
	X509_set_version(cert, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(cert), 7);
	X509_gmtime_adj(X509_getm_notBefore(cert), m->from * DAY);
	X509_gmtime_adj(X509_getm_notAfter(cert), m->to * DAY);
	if (m->cn)
		add_cn(X509_get_subject_name(cert), m->cn);
	add_cn(issuer, m->issuer ? m->issuer : "R11");
	X509_set_issuer_name(cert, issuer);
	X509_set_pubkey(cert, key);
	if (m->alt) {
		X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, m->alt);
		X509_add_ext(cert, ext, -1);
		X509_EXTENSION_free(ext);
	}
	X509_sign(cert, other, EVP_sha256());
	PEM_write_bio_X509(crt, cert);
	PEM_write_bio_PrivateKey(pem, m->other_key ? other : key, NULL, NULL, 0, NULL, NULL);
	*ret_crt = bio_text(crt);
	*ret_key = bio_text(pem);
	X509_NAME_free(issuer);
	X509_free(cert);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
}

static json_t *secret(const struct mint *m, const char *issuer, const char *certificate)
{
	_cleanup_free_ char *crt = NULL, *key = NULL;
	mint(m, &crt, &key);
	_cleanup_free_ char *crt64 = crypto_base64(crt, strlen(crt)), *key64 = crypto_base64(key, strlen(key));
	return json_pack("{s:s, s:{s:s, s:s, s:{s:s, s:s, s:s, s:s, s:s}, s:{s:s}}, s:{s:s, s:s}}", "type",
			 "kubernetes.io/tls", "metadata", "name", NAME, "namespace", "ess", "annotations",
			 "cert-manager.io/issuer-name", issuer, "cert-manager.io/issuer-kind", "ClusterIssuer",
			 "cert-manager.io/issuer-group", "cert-manager.io", "cert-manager.io/certificate-name",
			 certificate, "kubectl.kubernetes.io/x", "y", "labels", "controller.cert-manager.io/fao",
			 "true", "data", "tls.crt", crt64, "tls.key", key64);
}

#define GOOD { .cn = HOST, .alt = "DNS:" HOST, .from = -1, .to = 89 }

static const struct {
	struct mint m;
	const char *issuer, *certificate;
	bool staging;
	const char *why; /* part of the sentence; NULL: fits */
} cases[] = {
	{ GOOD, "letsencrypt-prod", NAME, false, NULL },
	{ { .alt = "DNS:" HOST, .from = -1, .to = 89 }, "letsencrypt-prod", NAME, false, NULL },
	{ { .cn = HOST, .alt = "DNS:Matrix.home.test", .from = -1, .to = 89, .rsa = true }, "letsencrypt-prod", NAME, false,
	  NULL },
	{ { .alt = "DNS:" HOST, .issuer = "(STAGING) Counterfeit Cashew R10", .from = -1, .to = 89 }, "letsencrypt-staging",
	  NAME, true, NULL },
	/* environments are never mixed, whatever the annotation says */
	{ { .alt = "DNS:" HOST, .issuer = "(STAGING) Counterfeit Cashew R10", .from = -1, .to = 89 }, "letsencrypt-prod", NAME,
	  false, "which is of staging" },
	{ GOOD, "letsencrypt-staging", NAME, true, "which is of production" },
	{ GOOD, "letsencrypt-prod", NAME, true, "not of letsencrypt-staging" },
	{ GOOD, "letsencrypt-prod", "ess-element-web-certmanager-tls", false, "of the certificate ess-element-web" },
	/* names */
	{ { .cn = HOST, .alt = "DNS:" HOST ",DNS:home.test", .from = -1, .to = 89 }, "letsencrypt-prod", NAME, false,
	  "home.test, not for" },
	{ { .alt = "DNS:other.home.test", .from = -1, .to = 89 }, "letsencrypt-prod", NAME, false, "other.home.test, not for" },
	{ { .alt = "DNS:*.home.test", .from = -1, .to = 89 }, "letsencrypt-prod", NAME, false, "*.home.test, not for" },
	{ { .from = -1, .to = 89 }, "letsencrypt-prod", NAME, false, "no name" },
	/* time */
	{ { .alt = "DNS:" HOST, .from = -100, .to = -10 }, "letsencrypt-prod", NAME, false, "ended 10 days ago" },
	{ { .alt = "DNS:" HOST, .from = -86, .to = 4 }, "letsencrypt-prod", NAME, false, "ends within 4 days" },
	{ { .alt = "DNS:" HOST, .from = -80, .to = 8 }, "letsencrypt-prod", NAME, false, NULL },
	{ { .alt = "DNS:" HOST, .from = 2, .to = 89 }, "letsencrypt-prod", NAME, false, "not valid yet" },
	/* keys */
	{ { .alt = "DNS:" HOST, .from = -1, .to = 89, .other_key = true }, "letsencrypt-prod", NAME, false, "its key is not" },
	{ { .alt = "DNS:" HOST, .from = -1, .to = 89, .other_key = true, .rsa = true }, "letsencrypt-prod", NAME, false,
	  "its key is not" },
};

START_TEST(fits)
{
	_cleanup_json_ json_t *s = secret(&cases[_i].m, cases[_i].issuer, cases[_i].certificate);
	_cleanup_free_ char *why = kept_tls_misfit(s, NAME, HOST, cases[_i].staging, time(NULL));
	if (!cases[_i].why)
		ck_assert_msg(!why, "%s", why);
	else
		ck_assert_msg(why && strstr(why, cases[_i].why), "%s", why);
}
END_TEST

START_TEST(broken)
{
	static const char *const data[] = { "", "AAAA", "!", "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCg==" };
	const struct mint good = GOOD;
	for (size_t i = 0; i < ARRAY_LEN(data); i++) {
		_cleanup_json_ json_t *a = secret(&good, "letsencrypt-prod", NAME), *b = json_deep_copy(a);
		json_object_set_new(json_object_get(a, "data"), "tls.crt", json_string(data[i]));
		json_object_set_new(json_object_get(b, "data"), "tls.key", json_string(data[i]));
		_cleanup_free_ char *no_crt = kept_tls_misfit(a, NAME, HOST, false, 0);
		_cleanup_free_ char *no_key = kept_tls_misfit(b, NAME, HOST, false, 0);
		ck_assert_str_eq(no_crt, "it holds no certificate");
		ck_assert_str_eq(no_key, "its key is not the one of its certificate");
	}
	_cleanup_free_ char *none = kept_tls_misfit(NULL, NAME, HOST, false, 0);
	ck_assert_str_eq(none, "it holds no certificate");
}
END_TEST

START_TEST(no_annotations)
{
	static const char *const names[] = { "issuer-name", "issuer-kind", "issuer-group", "certificate-name" };
	const struct mint good = GOOD;
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		_cleanup_json_ json_t *s = secret(&good, "letsencrypt-prod", NAME);
		_cleanup_free_ char *note = xasprintf("cert-manager.io/%s", names[i]);
		json_object_del(json_at(s, "metadata.annotations"), note);
		_cleanup_free_ char *why = kept_tls_misfit(s, NAME, HOST, false, time(NULL));
		ck_assert_ptr_nonnull(why);
	}
}
END_TEST

START_TEST(account)
{
	const struct mint rsa = { .rsa = true }, ec = { 0 };
	_cleanup_json_ json_t *good = secret(&rsa, "x", "x"), *bad = secret(&ec, "x", "x");
	_cleanup_free_ char *why = kept_account_misfit(good, false), *why_not = kept_account_misfit(bad, false),
			    *none = kept_account_misfit(NULL, true);
	ck_assert_ptr_null(why);
	ck_assert_ptr_nonnull(strstr(why_not, "no RSA key"));
	ck_assert_ptr_nonnull(strstr(none, "staging"));
}
END_TEST

/* --- the file ---------------------------------------------------------------------------------- */

static struct vault *open_both(struct secrets **ret)
{
	*ret = secrets_open(NULL);
	ck_assert_ptr_nonnull(*ret);
	struct vault *v = vault_open(*ret, NULL);
	ck_assert_ptr_nonnull(v);
	return v;
}

START_TEST(kept)
{
	const struct mint good = GOOD;
	_cleanup_json_ json_t *s = secret(&good, "letsencrypt-prod", NAME), *x = kept_extract(s);
	struct secrets *secrets;
	struct vault *v = open_both(&secrets);
	ck_assert_ptr_null(json_object_get(json_at(x, "metadata.annotations"), "kubectl.kubernetes.io/x"));
	ck_assert_str_eq(json_string_value(json_object_get(json_at(x, "metadata.labels"), "controller.cert-manager.io/fao")),
			 "true");
	ck_assert_int_eq(vault_put(v, "tls/production/a", x, NULL), 0);
	ck_assert_int_eq(vault_put(v, "tls/production/b", x, NULL), 0);
	ck_assert_int_eq(vault_put(v, "tls/production/b", NULL, NULL), 0);
	vault_close(v);
	secrets_close(secrets);

	v = open_both(&secrets);
	_cleanup_json_ json_t *back = vault_get(v, "tls/production/a"), *gone = vault_get(v, "tls/production/b");
	_cleanup_json_ json_t *names = vault_names(v);
	ck_assert(json_equal(back, x));
	ck_assert_ptr_null(gone);
	ck_assert_int_eq(json_array_size(names), 1);
	_cleanup_free_ char *why = kept_tls_misfit(back, NAME, HOST, false, time(NULL));
	ck_assert_ptr_null(why);
	vault_close(v);
	secrets_close(secrets);
}
END_TEST

START_TEST(damaged)
{
	static const char *const texts[] = { "", "{", "[]", "{\"format\": 2, \"kept\": {}}", "{\"format\": 1}",
					     "{\"format\": 1, \"kept\": {\"a\": 1}}", "\x01\xff" };
	_cleanup_free_ char *aside = path_under("/var/lib/ess-setup/kept.json.damaged");
	_cleanup_json_ json_t *x = json_pack("{s:s}", "a", "b");
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		_cleanup_free_ char *old = NULL;
		struct secrets *secrets;
		root_write(PATH_KEPT, texts[i], strlen(texts[i]));
		struct vault *v = open_both(&secrets);
		ck_assert(vault_is_damaged(v));
		ck_assert(!vault_has(v, "a"));
		ck_assert_int_eq(vault_put(v, "a", x, NULL), 0);
		ck_assert_int_eq(fs_read(aside, 100, &old, NULL, NULL), 0);
		ck_assert_str_eq(old, texts[i]);
		vault_close(v);
		secrets_close(secrets);
		v = open_both(&secrets);
		ck_assert(vault_has(v, "a") && !vault_is_damaged(v));
		vault_close(v);
		secrets_close(secrets);
	}
}
END_TEST

START_TEST(bound)
{
	/* Under another name the same text does not open: nothing can be exchanged. */
	_cleanup_json_ json_t *x = json_pack("{s:s}", "a", "b");
	_cleanup_free_ char *path = path_get(PATH_KEPT), *text = NULL;
	struct secrets *secrets;
	struct vault *v = open_both(&secrets);
	ck_assert_int_eq(vault_put(v, "tls/staging/a", x, NULL), 0);
	vault_close(v);
	ck_assert_int_eq(fs_read(path, 4096, &text, NULL, NULL), 0);
	char *at = strstr(text, "staging");
	memcpy(at, "prodsng", 7);
	root_write(PATH_KEPT, text, strlen(text));
	v = vault_open(secrets, NULL);
	ck_assert(vault_has(v, "tls/prodsng/a"));
	ck_assert_ptr_null(vault_get(v, "tls/prodsng/a"));
	vault_close(v);
	secrets_close(secrets);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kept");
	TCase *t = tcase_create("pure"), *f = tcase_create("file");
	tcase_add_loop_test(t, fits, 0, (int)ARRAY_LEN(cases));
	tcase_add_test(t, broken);
	tcase_add_test(t, no_annotations);
	tcase_add_test(t, account);
	suite_add_tcase(s, t);
	tcase_add_checked_fixture(f, root_make, root_remove);
	tcase_add_test(f, kept);
	tcase_add_test(f, damaged);
	tcase_add_test(f, bound);
	suite_add_tcase(s, f);
	return unit_run(s);
}
