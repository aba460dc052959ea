/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Hashes, random values and sealed boxes, all by OpenSSL's libcrypto. */
#include "base/crypto.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"

#define HASH_LEN (CRYPTO_HEX_LEN / 2)
#define NONCE_LEN 12
#define TAG_LEN 16

static char *hex(const unsigned char *p, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	char *s = xcalloc(2 * n + 1, 1);
	for (size_t i = 0; i < n; i++) {
		s[2 * i] = digits[p[i] >> 4];
		s[2 * i + 1] = digits[p[i] & 15];
	}
	return s;
}

char *crypto_sha256(const void *data, size_t len)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	if (EVP_Digest(data, len, md, NULL, EVP_sha256(), NULL) != 1)
		abort(); /* out of memory, or an OpenSSL without SHA-256 */
	return hex(md, HASH_LEN);
}

struct crypto_hash {
	EVP_MD_CTX *ctx;
};

struct crypto_hash *crypto_hash_new(void)
{
	struct crypto_hash *h = xcalloc(1, sizeof(*h));
	h->ctx = EVP_MD_CTX_new();
	if (!h->ctx)
		abort();
	crypto_hash_restart(h);
	return h;
}

struct crypto_hash *crypto_hash_free(struct crypto_hash *h)
{
	if (h)
		EVP_MD_CTX_free(h->ctx);
	free(h);
	return NULL;
}

void crypto_hash_restart(struct crypto_hash *h)
{
	if (EVP_DigestInit_ex(h->ctx, EVP_sha256(), NULL) != 1)
		abort();
}

void crypto_hash_add(struct crypto_hash *h, const void *data, size_t len)
{
	if (EVP_DigestUpdate(h->ctx, data, len) != 1)
		abort();
}

char *crypto_hash_text(const struct crypto_hash *h)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	EVP_MD_CTX *copy = EVP_MD_CTX_new();
	if (!copy || EVP_MD_CTX_copy_ex(copy, h->ctx) != 1 ||
	    EVP_DigestFinal_ex(copy, md, NULL) != 1)
		abort();
	EVP_MD_CTX_free(copy);
	return hex(md, HASH_LEN);
}

char *crypto_sha256_file(const char *path, struct err *e)
{
	char buf[65536];
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct crypto_hash *h = crypto_hash_new();
	ssize_t n = fd < 0 ? -1 : 1;
	while (n > 0 || (n < 0 && fd >= 0 && errno == EINTR)) {
		n = read(fd, buf, sizeof(buf));
		if (n > 0)
			crypto_hash_add(h, buf, (size_t)n);
	}
	if (n < 0)
		err_set(e, FAULT_IO, N_("%s cannot be read: %s"), path, strerror(errno));
	char *text = n < 0 ? NULL : crypto_hash_text(h);
	crypto_hash_free(h);
	return text;
}

char *crypto_hmac(const unsigned char *key, const void *data, size_t len)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	if (!HMAC(EVP_sha256(), key, CRYPTO_KEY_LEN, data, len, md, NULL))
		abort();
	return hex(md, HASH_LEN);
}

int crypto_random(void *buf, size_t len, struct err *e)
{
	if (len > INT_MAX || RAND_bytes(buf, (int)len) != 1)
		return err_set(e, FAULT_INTERNAL, N_("There are no random numbers"));
	return 0;
}

char *crypto_uuid(struct err *e)
{
	unsigned char b[16];
	if (crypto_random(b, sizeof(b), e) < 0)
		return NULL;
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40); /* RFC 9562: version 4 */
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80); /* and variant 10 */
	_cleanup_free_ char *h = hex(b, sizeof(b));
	return xasprintf("%.8s-%.4s-%.4s-%.4s-%.12s", h, h + 8, h + 12, h + 16, h + 20);
}

/* --- passwords -------------------------------------------------------------------------------- */

static const char lower[] = "abcdefghijklmnopqrstuvwxyz";
static const char upper[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char digit[] = "0123456789";
static const char special[] =
    "!*+-.=@_"; /* none that YAML, JSON or a shell would trip over inside a word */

/* A number below n < 256, each equally likely. */
static int random_below(unsigned n, unsigned *ret, struct err *e)
{
	unsigned char b;
	do
		if (crypto_random(&b, 1, e) < 0)
			return -1;
	while (b >= 256 - 256 % n);
	*ret = b % n;
	return 0;
}

char *crypto_password(size_t len, struct err *e)
{
	_cleanup_free_ char *all = xasprintf("%s%s%s%s", lower, upper, digit, special);
	_cleanup_secret_ char *s = xcalloc(len + 1, 1);
	if (len < 4) {
		err_set(e, FAULT_INTERNAL,
			N_("A password of %zu characters cannot have all classes"), len);
		return NULL;
	}
	/* Whole passwords are drawn until all classes are there: no place and no class is favoured.
	 */
	do {
		for (size_t i = 0; i < len; i++) {
			unsigned k;
			if (random_below((unsigned)strlen(all), &k, e) < 0)
				return NULL;
			s[i] = all[k];
		}
	} while (!strpbrk(s, lower) || !strpbrk(s, upper) || !strpbrk(s, digit) ||
		 !strpbrk(s, special));
	return steal(s);
}

/* --- sealed boxes --------------------------------------------------------------------------- */

/* out receives len bytes; tag is written when sealing, checked when opening. False on failure. */
static bool gcm(bool seal, const unsigned char *key, const unsigned char *nonce, const char *aad,
		const unsigned char *in, size_t len, unsigned char *out, unsigned char *tag)
{
	EVP_CIPHER_CTX *c = EVP_CIPHER_CTX_new();
	int n = 0;
	if (!c)
		abort();
	bool ok =
	    len <= INT_MAX && EVP_CipherInit_ex(c, EVP_aes_256_gcm(), NULL, key, nonce, seal) == 1;
	ok = ok && EVP_CipherUpdate(c, NULL, &n, (const unsigned char *)aad, (int)strlen(aad)) == 1;
	ok = ok && (len == 0 || EVP_CipherUpdate(c, out, &n, in, (int)len) == 1);
	ok = ok && (seal || EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_SET_TAG, TAG_LEN, tag) == 1);
	ok = ok && EVP_CipherFinal_ex(c, out + len, &n) == 1;
	ok = ok && (!seal || EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_GCM_GET_TAG, TAG_LEN, tag) == 1);
	EVP_CIPHER_CTX_free(c);
	return ok;
}

char *crypto_seal(const unsigned char *key, const void *plain, size_t len, const char *aad,
		  struct err *e)
{
	/* One spare byte: EVP wants a valid place for its (empty) last block. */
	_cleanup_free_ unsigned char *box = xcalloc(NONCE_LEN + TAG_LEN + len + 1, 1);
	if (crypto_random(box, NONCE_LEN, e) < 0)
		return NULL;
	if (!gcm(true, key, box, aad ? aad : "", plain, len, box + NONCE_LEN + TAG_LEN,
		 box + NONCE_LEN)) {
		err_set(e, FAULT_INTERNAL, N_("A secret cannot be encrypted"));
		return NULL;
	}
	return crypto_base64(box, NONCE_LEN + TAG_LEN + len);
}

int crypto_open(const unsigned char *key, const char *sealed, const char *aad, char **ret,
		size_t *ret_len, struct err *e)
{
	_cleanup_free_ unsigned char *box = NULL;
	size_t n;
	if (crypto_unbase64(sealed, &box, &n) < 0 || n < NONCE_LEN + TAG_LEN)
		return err_set(e, FAULT_SECRETS_BAD, N_("A stored secret is damaged"));
	n -= NONCE_LEN + TAG_LEN;
	char *plain = xcalloc(n + 1, 1);
	if (!gcm(false, key, box, aad ? aad : "", box + NONCE_LEN + TAG_LEN, n,
		 (unsigned char *)plain, box + NONCE_LEN)) {
		explicit_bzero(plain, n); /* GCM decrypts before it can refuse */
		free(plain);
		return err_set(e, FAULT_SECRETS_BAD,
			       N_("A stored secret does not open with this key"));
	}
	*ret = plain;
	if (ret_len)
		*ret_len = n;
	return 0;
}

/* --- base64 ----------------------------------------------------------------------------------- */

static const char base64_digits[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

char *crypto_base64(const void *data, size_t len)
{
	const unsigned char *p = data;
	char *out = xcalloc((len + 2) / 3 * 4 + 1, 1);
	char *o = out;
	for (size_t i = 0; i < len; i += 3) {
		size_t n = len - i < 3 ? len - i : 3;
		unsigned v = (unsigned)p[i] << 16 | (n > 1 ? (unsigned)p[i + 1] << 8 : 0) |
			     (n > 2 ? (unsigned)p[i + 2] : 0);
		*o++ = base64_digits[v >> 18];
		*o++ = base64_digits[v >> 12 & 63];
		*o++ = n > 1 ? base64_digits[v >> 6 & 63] : '=';
		*o++ = n > 2 ? base64_digits[v & 63] : '=';
	}
	return out;
}

int crypto_unbase64(const char *text, unsigned char **ret, size_t *ret_len)
{
	size_t len = strlen(text), n = 0;
	if (len % 4 != 0)
		return -1;
	_cleanup_free_ unsigned char *out = xcalloc(len / 4 * 3 + 1, 1);
	for (size_t i = 0; i < len; i += 4) {
		size_t pad = 0;
		unsigned v = 0;
		for (size_t k = 0; k < 4; k++) {
			char c = text[i + k];
			const char *d = memchr(base64_digits, c, 64);
			bool may_pad = i + 4 == len && k >= 2 && c == '=';
			if ((!d && !may_pad) || (d && pad))
				return -1;
			pad += !d;
			v = v << 6 | (d ? (unsigned)(d - base64_digits) : 0);
		}
		if (v & ((1u << (8 * pad)) -
			 1)) /* bits that no encoder sets: only one text per value */
			return -1;
		for (size_t k = 0; k < 3 - pad; k++)
			out[n++] = (unsigned char)(v >> (16 - 8 * k));
	}
	*ret = steal(out);
	*ret_len = n;
	return 0;
}
