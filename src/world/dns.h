/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The resolver of the world: the zone that the Cloudflare stand-in edits, and the hosts it plays.
 */
#pragma once

#include <stddef.h>

#include "world/world.h"

/* DIR/world/dns.json for a domain, with the records of a household that did its homework: what its
 * own config.json asks for. Called again it adds only what is asked for newly. domain NULL: as it
 * is, else example.com. */
void dns_setup(const struct world *w, const char *domain, const char *address);

/* Answers one question; the length of the answer, 0: none. Only UDP has a limit of 512 bytes. */
enum dns_way { BY_UDP, BY_TCP, BY_HTTPS };
size_t dns_answer_to(const struct world *w, const unsigned char *in, size_t in_len,
		     unsigned char *out, size_t max, enum dns_way way);
