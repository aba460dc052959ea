/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Let's Encrypt's memory, acme.json: it outlives every cluster. */
#pragma once

#include "world/world.h"

/* The address of the account that a key (PEM) has at a directory; it is registered at first sight. New. */
char *acme_account(const struct world *w, const char *directory, const char *key);

/* A new order for names (NULL-terminated): NULL when it is accepted, else the server's refusal. New. */
char *acme_order(const struct world *w, bool staging, const char *const *names);

/* The certificate of an accepted order was issued. */
void acme_issued(const struct world *w, bool staging, const char *const *names);
