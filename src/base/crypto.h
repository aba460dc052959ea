/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Hashes, random values and sealed boxes, all by OpenSSL's libcrypto. */
#pragma once

#include <stddef.h>

#include "base/err.h"

#define CRYPTO_KEY_LEN 32
#define CRYPTO_HEX_LEN 64 /* characters of a SHA-256 in hexadecimal, without NUL */

/* SHA-256, lower-case hexadecimal. New strings; the file form sets FAULT_IO. */
char *crypto_sha256(const void *data, size_t len);
char *crypto_sha256_file(const char *path, struct err *e);

/* SHA-256 of data that comes in pieces. New; free takes NULL and returns NULL. The text (new) is of all
 * that was added so far; more may be added after it. */
struct crypto_hash;
struct crypto_hash *crypto_hash_new(void);
struct crypto_hash *crypto_hash_free(struct crypto_hash *h);
void crypto_hash_restart(struct crypto_hash *h);
void crypto_hash_add(struct crypto_hash *h, const void *data, size_t len);
char *crypto_hash_text(const struct crypto_hash *h);

/* HMAC-SHA-256 under key (CRYPTO_KEY_LEN bytes), lower-case hexadecimal. New. */
char *crypto_hmac(const unsigned char *key, const void *data, size_t len);

/* len bytes of OpenSSL's generator. */
int crypto_random(void *buf, size_t len, struct err *e);

/* A random UUID (version 4). New. */
char *crypto_uuid(struct err *e);

/* A password of len >= 4 characters with a lower-case letter, an upper-case letter, a digit and a
 * special character, every character drawn without modulo bias. New (free_secret). */
char *crypto_password(size_t len, struct err *e);

/* AES-256-GCM: nonce (12) + tag (16) + ciphertext, as base64 text. New. aad is bound, not stored. */
char *crypto_seal(const unsigned char *key, const void *plain, size_t len, const char *aad, struct err *e);

/* Opens it: *ret is new and NUL-terminated (free_secret). A wrong key or changed text: FAULT_SECRETS_BAD. */
int crypto_open(const unsigned char *key, const char *sealed, const char *aad, char **ret, size_t *ret_len,
		struct err *e);

/* base64 as RFC 4648, one line. New. */
char *crypto_base64(const void *data, size_t len);
int crypto_unbase64(const char *text, unsigned char **ret, size_t *ret_len);
