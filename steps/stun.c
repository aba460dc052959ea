/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "steps/stun.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/mem.h"
#include "base/net.h"
#include "steps/procnet.h"

#define MAGIC 0x2112A442U
#define BINDING_REQUEST 0x0001
#define BINDING_SUCCESS 0x0101
#define MAPPED_ADDRESS 0x0001
#define XOR_MAPPED_ADDRESS 0x0020
#define FAMILY_IPV4 1
#define TRIES 3
#define TRY_MS 1000

static unsigned get16(const unsigned char *p)
{
	return (unsigned)(p[0] << 8 | p[1]);
}

static uint32_t get32(const unsigned char *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static void put32(unsigned char *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (unsigned char)(v >> (24 - 8 * i));
}

bool stun_parse(const unsigned char *buf, size_t len, const unsigned char id[STUN_ID],
		uint32_t *ret)
{
	bool found = false;
	if (len < STUN_HEADER || get16(buf) != BINDING_SUCCESS || get32(buf + 4) != MAGIC ||
	    memcmp(buf + 8, id, STUN_ID) || STUN_HEADER + get16(buf + 2) > len)
		return false;
	len = STUN_HEADER + get16(buf + 2);
	for (size_t at = STUN_HEADER; at + 4 <= len;) {
		const unsigned type = get16(buf + at), size = get16(buf + at + 2);
		const unsigned char *value = buf + at + 4;
		if (at + 4 + size > len)
			return false;
		if ((type == XOR_MAPPED_ADDRESS || (type == MAPPED_ADDRESS && !found)) &&
		    size >= 8 && value[1] == FAMILY_IPV4) {
			*ret = get32(value + 4) ^ (type == XOR_MAPPED_ADDRESS ? MAGIC : 0);
			found = true;
			if (type == XOR_MAPPED_ADDRESS)
				return true;
		}
		at += 4 + ((size + 3) & ~3U);
	}
	return found;
}

static bool wait_answer(int fd, const unsigned char id[STUN_ID], uint32_t *ret)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	while (poll(&p, 1, TRY_MS) > 0) {
		unsigned char buf[1500];
		ssize_t n = recv(fd, buf, sizeof(buf), 0);
		if (n < 0)
			return false;
		if (stun_parse(buf, (size_t)n, id, ret))
			return true;
	}
	return false;
}

int stun_ask(struct step_ctx *c, const char *host, const char *address, unsigned port, char **ret,
	     struct err *e)
{
	_cleanup_free_ char *to = NULL;
	unsigned to_port;
	unsigned char request[STUN_HEADER] = { 0, BINDING_REQUEST };
	net_map(step_connect_to(c), host, port, &to, &to_port);
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons((uint16_t)to_port) };
	if (inet_pton(AF_INET, strcmp(to, host) ? to : address, &sa.sin_addr) != 1)
		return err_set(e, FAULT_IP_STUN, N_("the STUN server %s has no IPv4 address"),
			       host);

	put32(request + 4, MAGIC);
	if (crypto_random(request + 8, STUN_ID, e) < 0)
		return -1;
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) < 0)
		return err_set(e, FAULT_IP_STUN, N_("the STUN server %s cannot be reached: %s"),
			       host, strerror(errno));
	for (int i = 0; i < TRIES && !step_cancelled(c); i++) {
		uint32_t seen;
		if (send(fd, request, sizeof(request), 0) == (ssize_t)sizeof(request) &&
		    wait_answer(fd, request + 8, &seen)) {
			*ret = procnet_dotted(seen);
			return 0;
		}
	}
	return err_set(e, FAULT_IP_STUN, N_("the STUN server %s does not answer"), host);
}
