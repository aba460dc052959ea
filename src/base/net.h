/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* IPv4 addresses, sockets, and the map that sends a connection elsewhere. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

/* Strict dotted quad (no leading zeros); host byte order. */
bool net_parse_ipv4(const char *s, uint32_t *ret);

/* "10.42.0.0/16" with no host bits set. */
bool net_parse_cidr(const char *s, uint32_t *ret_base, unsigned *ret_bits);
bool net_in_cidr(uint32_t addr, uint32_t base, unsigned bits);
bool net_cidr_overlap(const char *a, const char *b);

enum net_kind { NET_PUBLIC, NET_PRIVATE, NET_CGNAT, NET_LOOPBACK, NET_LINK_LOCAL, NET_RESERVED };
/* What an address is, by the IANA special-purpose registry (RFC 1918, RFC 6598, RFC 6890). */
enum net_kind net_classify(uint32_t addr);

/* Rules of the form curl's --connect-to has: "HOST:PORT:HOST2:PORT2", empty HOST or PORT match
 * any, empty HOST2 or PORT2 keep theirs; first match wins. Rehearsals and tests use it.
 * *ret_host is new; rules may be NULL. */
void net_map(const char *const *rules, const char *host, unsigned port, char **ret_host, unsigned *ret_port);

/* TCP connect to an IPv4 address within timeout_ms, after net_map. Descriptor, or -1 with errno. */
int net_connect(const char *const *rules, const char *addr, unsigned port, unsigned timeout_ms);
