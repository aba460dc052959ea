/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The kernel's network tables as text of /proc/net: sockets, routes, own addresses. Pure parsing.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct port_set {
	uint8_t bits[65536 / 8];
};

bool port_set_has(const struct port_set *s, unsigned port);

/* Adds the local ports of /proc/net/tcp or tcp6 (listening ones only), udp or udp6 (unconnected
 * ones). */
void procnet_ports(const char *text, bool udp, struct port_set *s);

/* One line of /proc/net/route; addresses in host byte order. */
struct procnet_route {
	char interface[16];
	uint32_t dest, gateway, mask;
	unsigned flags, metric;
};

/* The routes that are up. *ret new. */
size_t procnet_routes(const char *text, struct procnet_route **ret);

/* The default route with the lowest metric, borrowed, or NULL. */
const struct procnet_route *procnet_default(const struct procnet_route *r, size_t n);

/* "192.168.1.0/24". New. */
char *procnet_cidr(const struct procnet_route *r);

/* Own unicast addresses but loopback, from /proc/net/fib_trie ("/32 host LOCAL"), each once. *ret
 * new. */
size_t procnet_addresses(const char *fib_trie, uint32_t **ret);

/* The own address that goes with an interface: the first inside one of its directly connected
 * networks. False when there is none. */
bool procnet_address_of(const struct procnet_route *r, size_t n, const char *interface,
			const uint32_t *addresses, size_t naddresses, uint32_t *ret);

/* "192.168.1.10". New. */
char *procnet_dotted(uint32_t addr);
