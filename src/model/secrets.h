/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Given and generated secrets: secrets.json (0600), each value sealed with AES-256-GCM under the key
 * file (0400); {format, values: {NAME: base64}}, the name is bound to the value. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "base/redact.h"

struct secrets;

/* Opens (makes the key at first use); a missing secrets.json is empty. FAULT_SECRETS_BAD when a
 * value does not open. secrets_close takes NULL, returns NULL and overwrites what it held. */
struct secrets *secrets_open(struct err *e);
struct secrets *secrets_close(struct secrets *s);

/* Borrowed, NULL when there is none. */
const char *secrets_get(const struct secrets *s, const char *name);

/* Sets (NULL removes) and writes the file at once, so that a generated secret is saved before use. */
int secrets_set(struct secrets *s, const char *name, const char *value, struct err *e);

/* Seals and opens what is kept in a file of its own, under the same key (crypto.h). */
char *secrets_seal(const struct secrets *s, const void *plain, size_t len, const char *name,
		   struct err *e);
int secrets_unseal(const struct secrets *s, const char *sealed, const char *name, char **ret,
		   size_t *ret_len, struct err *e);

/* The key for keyed digests (CRYPTO_KEY_LEN bytes, derived from the key file). Borrowed. */
const unsigned char *secrets_digest_key(const struct secrets *s);

/* Adds every value to r. */
void secrets_redact(const struct secrets *s, struct redact *r);

/* Calls fn with each name. */
void secrets_each(const struct secrets *s, void (*fn)(void *arg, const char *name), void *arg);
