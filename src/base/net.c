/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* IPv4 addresses, sockets, and the map that sends a connection elsewhere. */
#include "base/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"

bool net_parse_ipv4(const char *s, uint32_t *ret)
{
	struct in_addr in;
	/* inet_pton takes no short forms, but leading zeros pass in some versions of libc. */
	for (const char *p = s; *p; p++)
		if (*p == '0' && (p == s || p[-1] == '.') && p[1] >= '0' && p[1] <= '9')
			return false;
	if (inet_pton(AF_INET, s, &in) != 1)
		return false;
	*ret = ntohl(in.s_addr);
	return true;
}

static uint32_t netmask(unsigned bits)
{
	return bits ? UINT32_MAX << (32 - bits) : 0;
}

bool net_parse_cidr(const char *s, uint32_t *ret_base, unsigned *ret_bits)
{
	const char *slash = strchr(s, '/');
	if (!slash || slash - s > INET_ADDRSTRLEN)
		return false;
	_cleanup_free_ char *addr = xstrndup(s, (size_t)(slash - s));
	uint32_t base;
	long bits;
	if (!net_parse_ipv4(addr, &base) || slash[1] < '0' || slash[1] > '9' ||
	    (slash[1] == '0' && slash[2]) || !text_to_long(slash + 1, 0, 32, &bits) ||
	    (base & ~netmask((unsigned)bits)))
		return false;
	*ret_base = base;
	*ret_bits = (unsigned)bits;
	return true;
}

bool net_in_cidr(uint32_t addr, uint32_t base, unsigned bits)
{
	return ((addr ^ base) & netmask(bits)) == 0;
}

bool net_cidr_overlap(const char *a, const char *b)
{
	uint32_t base_a, base_b;
	unsigned bits_a, bits_b;
	if (!net_parse_cidr(a, &base_a, &bits_a) || !net_parse_cidr(b, &base_b, &bits_b))
		return false;
	return net_in_cidr(base_a, base_b, bits_a < bits_b ? bits_a : bits_b);
}

enum net_kind net_classify(uint32_t addr)
{
	static const struct {
		uint32_t base;
		unsigned bits;
		enum net_kind kind;
	} special[] = {
	    {0x00000000, 8, NET_RESERVED},    /* 0.0.0.0/8, this network */
	    {0x0a000000, 8, NET_PRIVATE},     /* 10.0.0.0/8 */
	    {0x64400000, 10, NET_CGNAT},      /* 100.64.0.0/10 */
	    {0x7f000000, 8, NET_LOOPBACK},    /* 127.0.0.0/8 */
	    {0xa9fe0000, 16, NET_LINK_LOCAL}, /* 169.254.0.0/16 */
	    {0xac100000, 12, NET_PRIVATE},    /* 172.16.0.0/12 */
	    {0xc0000000, 24, NET_RESERVED},   /* 192.0.0.0/24, protocol assignments */
	    {0xc0000200, 24, NET_RESERVED},   /* 192.0.2.0/24, documentation */
	    {0xc0586300, 24, NET_RESERVED},   /* 192.88.99.0/24, former 6to4 relays */
	    {0xc0a80000, 16, NET_PRIVATE},    /* 192.168.0.0/16 */
	    {0xc6120000, 15, NET_RESERVED},   /* 198.18.0.0/15, benchmarks */
	    {0xc6336400, 24, NET_RESERVED},   /* 198.51.100.0/24, documentation */
	    {0xcb007100, 24, NET_RESERVED},   /* 203.0.113.0/24, documentation */
	    {0xe0000000, 4, NET_RESERVED},    /* 224.0.0.0/4, multicast */
	    {0xf0000000, 4, NET_RESERVED},    /* 240.0.0.0/4 and broadcast */
	};
	for (size_t i = 0; i < ARRAY_LEN(special); i++)
		if (net_in_cidr(addr, special[i].base, special[i].bits))
			return special[i].kind;
	return NET_PUBLIC;
}

/* Splits a rule at its three colons into f[0..3]; false when it has another form. */
static bool split_rule(const char *rule, char *f[4], char **buf)
{
	*buf = xstrdup(rule);
	char *p = *buf;
	for (int i = 0; i < 4; i++) {
		f[i] = strsep(&p, ":");
		if (!f[i])
			return false;
	}
	return !p;
}

void net_map(const char *const *rules, const char *host, unsigned port, char **ret_host,
	     unsigned *ret_port)
{
	for (size_t i = 0; rules && rules[i]; i++) {
		char *f[4];
		long from = port, to = port;
		_cleanup_free_ char *buf = NULL;
		if (!split_rule(rules[i], f, &buf) || (*f[0] && strcasecmp(f[0], host) != 0) ||
		    (*f[1] && !text_to_long(f[1], 1, 65535, &from)) || from != (long)port ||
		    (*f[3] && !text_to_long(f[3], 1, 65535, &to)))
			continue;
		*ret_host = xstrdup(*f[2] ? f[2] : host);
		*ret_port = (unsigned)to;
		return;
	}
	*ret_host = xstrdup(host);
	*ret_port = port;
}

/* Waits for a connect that is under way; 0, or -1 with errno. */
static int await_connect(int fd, unsigned timeout_ms)
{
	long deadline = clock_ms() + (long)timeout_ms;
	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLOUT};
		long left = deadline - clock_ms();
		int n = poll(&p, 1, left > 0 ? (int)left : 0);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		int so = 0;
		socklen_t len = sizeof(so);
		if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &so, &len) < 0)
			return -1;
		errno = so;
		return so ? -1 : 0;
	}
}

int net_connect(const char *const *rules, const char *addr, unsigned port, unsigned timeout_ms)
{
	_cleanup_free_ char *host = NULL;
	uint32_t ip;
	net_map(rules, addr, port, &host, &port);
	if (!net_parse_ipv4(host, &ip) || port > 65535) {
		errno = EINVAL;
		return -1;
	}
	struct sockaddr_in sa = {
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(ip)};
	_cleanup_close_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 &&
	    (errno != EINPROGRESS || await_connect(fd, timeout_ms) < 0))
		return -1;
	if (fcntl(fd, F_SETFL, 0) < 0)
		return -1;
	int ret = fd;
	fd = -1;
	return ret;
}
