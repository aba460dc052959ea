/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Formats: Linux, net/ipv4/tcp_ipv4.c tcp4_seq_show, udp.c udp4_format_sock, fib_trie.c
 * fib_route_seq_show and fib_trie_seq_show. Addresses are printed in network byte order as a native
 * integer. */
#include "steps/procnet.h"

#include <arpa/inet.h>
#include <net/route.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/net.h"

#define TCP_STATE_LISTEN 0x0A
#define UDP_STATE_UNCONNECTED 0x07 /* TCP_CLOSE */

bool port_set_has(const struct port_set *s, unsigned port)
{
	return port < 65536 && (s->bits[port / 8] & (1U << (port % 8)));
}

static const char *next_line(const char *p)
{
	p = strchr(p, '\n');
	return p ? p + 1 : NULL;
}

void procnet_ports(const char *text, bool udp, struct port_set *s)
{
	const unsigned wanted = udp ? UDP_STATE_UNCONNECTED : TCP_STATE_LISTEN;
	for (const char *line = text; line && *line; line = next_line(line)) {
		unsigned port, state;
		/* "  0: 00000000:1770 00000000:0000 0A ..."; the head line does not fit. */
		if (sscanf(line, " %*d: %*[0-9A-Fa-f]:%4x %*[0-9A-Fa-f]:%*x %2x", &port, &state) ==
			    2 &&
		    state == wanted)
			s->bits[port / 8] |= (uint8_t)(1U << (port % 8));
	}
}

size_t procnet_routes(const char *text, struct procnet_route **ret)
{
	struct procnet_route *v = NULL;
	size_t n = 0;
	for (const char *line = text; line && *line; line = next_line(line)) {
		struct procnet_route r;
		unsigned dest, gateway, mask;
		if (sscanf(line, "%15s %8x %8x %4x %*d %*u %u %8x", r.interface, &dest, &gateway,
			   &r.flags, &r.metric, &mask) != 6 ||
		    !(r.flags & RTF_UP))
			continue;
		r.dest = ntohl(dest);
		r.gateway = ntohl(gateway);
		r.mask = ntohl(mask);
		v = xreallocarray(v, n + 1, sizeof(*v));
		v[n++] = r;
	}
	*ret = v;
	return n;
}

const struct procnet_route *procnet_default(const struct procnet_route *r, size_t n)
{
	const struct procnet_route *best = NULL;
	for (size_t i = 0; i < n; i++)
		if (r[i].dest == 0 && r[i].mask == 0 && !(r[i].flags & RTF_REJECT) &&
		    (!best || r[i].metric < best->metric))
			best = &r[i];
	return best;
}

char *procnet_dotted(uint32_t addr)
{
	return xasprintf("%u.%u.%u.%u", addr >> 24, (addr >> 16) & 255, (addr >> 8) & 255,
			 addr & 255);
}

char *procnet_cidr(const struct procnet_route *r)
{
	_cleanup_free_ char *dotted = procnet_dotted(r->dest);
	return xasprintf("%s/%d", dotted, __builtin_popcount(r->mask));
}

static bool has_address(const uint32_t *v, size_t n, uint32_t addr)
{
	for (size_t i = 0; i < n; i++)
		if (v[i] == addr)
			return true;
	return false;
}

size_t procnet_addresses(const char *fib_trie, uint32_t **ret)
{
	uint32_t *v = NULL, addr = 0;
	size_t n = 0;
	bool have = false;
	/* An address stands on a line of its own, what it is on the lines after it. */
	for (const char *line = fib_trie; line && *line; line = next_line(line)) {
		char dotted[16];
		if (sscanf(line, " |-- %15[0-9.]", dotted) == 1) {
			have = net_parse_ipv4(dotted, &addr);
			continue;
		}
		const char *end = strchr(line, '\n');
		_cleanup_free_ char *one = xstrndup(line,
						    end ? (size_t)(end - line) : strlen(line));
		if (!have || !strstr(one, "/32 host LOCAL") || net_classify(addr) == NET_LOOPBACK ||
		    has_address(v, n, addr))
			continue;
		v = xreallocarray(v, n + 1, sizeof(*v));
		v[n++] = addr;
	}
	*ret = v;
	return n;
}

bool procnet_address_of(const struct procnet_route *r, size_t n, const char *interface,
			const uint32_t *addresses, size_t naddresses, uint32_t *ret)
{
	for (size_t i = 0; i < n; i++) {
		if (strcmp(r[i].interface, interface) || (r[i].flags & RTF_GATEWAY) ||
		    r[i].mask == 0)
			continue;
		for (size_t j = 0; j < naddresses; j++)
			if ((addresses[j] & r[i].mask) == r[i].dest) {
				*ret = addresses[j];
				return true;
			}
	}
	return false;
}
