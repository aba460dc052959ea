/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The world's own certificate authorities and what they sign. */
#pragma once

#include <openssl/ssl.h>
#include <stdbool.h>

#include "world/world.h"

enum tls_ca { CA_REAL, CA_STAGING, CA_NONE }; /* CA_NONE: self-signed, as Traefik's default */

struct tls;

/* The authorities of a world; made and written to DIR/world when they are not there yet. A process
 * that forks loads them first: what OpenSSL looks up once is then there for all. tls_free takes
 * NULL. */
struct tls *tls_load(const struct world *w);
struct tls *tls_free(struct tls *t);

/* A certificate for names (NULL-terminated) with its key, as PEM; new. It began an hour ago and
 * ends after so many days. */
void tls_mint(const struct tls *t, enum tls_ca ca, const char *const *names, int days,
	      char **ret_chain, char **ret_key);

/* A new RSA key as PEM, as cert-manager makes for an account. New. */
char *tls_rsa_key(void);

/* True when the PEM certificate carries all the names and is in its time. */
bool tls_covers(const char *pem, const char *const *names);

/* The server's half of TLS on fd; choose names the authority for what the client asks for. NULL:
 * the client went away. */
SSL *tls_accept(const struct tls *t, int fd, enum tls_ca (*choose)(void *arg, const char *name),
		void *arg);
