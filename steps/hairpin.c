/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "steps/hairpin.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/ip.h>
#include <netinet/udp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/mem.h"
#include "base/net.h"

#define PATIENCE_MS 3000
#define NONCE 32
/* A router at home answers within some milliseconds. */
#define TRIES 3
#define TRY_MS 250

static int listen_at(const char *address, unsigned port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port) };
	const int on = 1;
	if (inet_pton(AF_INET, address, &sa.sin_addr) != 1)
		return -1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (const struct sockaddr *)&sa, sizeof(sa)) == 0 && listen(fd, 4) == 0)
		return fd;
	close(fd);
	return -1;
}

static bool readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	return poll(&p, 1, PATIENCE_MS) > 0;
}

const char *hairpin_try(struct step_ctx *c, const char *own, const char *public, unsigned port)
{
	unsigned char nonce[NONCE], got[NONCE];
	_cleanup_close_ int listener = listen_at(own, port);
	if (listener < 0 || crypto_random(nonce, sizeof(nonce), NULL) < 0) {
		step_log(c, "hairpin: cannot listen at %s:%u", own, port);
		return "unknown";
	}
	/* The kernel completes the connection before it is accepted, so one thread is enough. */
	_cleanup_close_ int client = net_connect(step_connect_to(c), public, port, PATIENCE_MS);
	if (client < 0 || !readable(listener)) {
		step_log(c, "hairpin: %s:%u does not lead back to this machine (yet)", public,
			 port);
		return "unknown";
	}
	_cleanup_close_ int server = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (server < 0 ||
	    send(server, nonce, sizeof(nonce), MSG_NOSIGNAL) != (ssize_t)sizeof(nonce) ||
	    !readable(client) ||
	    recv(client, got, sizeof(got), MSG_WAITALL) != (ssize_t)sizeof(got) ||
	    memcmp(nonce, got, sizeof(got)))
		return "unknown";
	return "yes";
}

/* --- UDP -------------------------------------------------------------------------------------- */

/* Sees the UDP packets to own:port as they come off the wire, before the packet filter hands them to
 * the cluster: packet(7), with a filter so that nothing else is copied. */
static int watch(uint32_t own, unsigned port)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 9), /* protocol */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, IPPROTO_UDP, 0, 6),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 16), /* to whom */
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, own, 0, 4),
		BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0), /* behind the header */
		BPF_STMT(BPF_LD | BPF_H | BPF_IND, 2),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, port, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0xffff),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	const struct sock_fprog program = { .len = ARRAY_LEN(code), .filter = code };
	int fd = socket(AF_PACKET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, htons(ETH_P_IP));
	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program)) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* A packet with the nonce that came in; what goes out is seen here too. */
static bool came_back(int fd, const unsigned char nonce[NONCE])
{
	unsigned char buf[2048];
	struct sockaddr_ll from;
	socklen_t from_len = sizeof(from);
	ssize_t n;
	while ((n = recvfrom(fd, buf, sizeof(buf), 0, (struct sockaddr *)&from, &from_len)) > 0) {
		const size_t head = (size_t)(buf[0] & 15) * 4 + sizeof(struct udphdr);
		if (from.sll_pkttype != PACKET_OUTGOING && (size_t)n >= head + NONCE &&
		    !memcmp(buf + head, nonce, NONCE))
			return true;
		from_len = sizeof(from);
	}
	return false;
}

static bool wait_back(int fd, const unsigned char nonce[NONCE])
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	while (poll(&p, 1, TRY_MS) > 0)
		if (came_back(fd, nonce))
			return true;
	return false;
}

static int send_to(const char *const *rules, const char *public, unsigned port)
{
	_cleanup_free_ char *to = NULL;
	unsigned to_port;
	net_map(rules, public, port, &to, &to_port);
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons((uint16_t)to_port) };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && (inet_pton(AF_INET, to, &sa.sin_addr) != 1 ||
			connect(fd, (const struct sockaddr *)&sa, sizeof(sa)) < 0)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

int hairpin_udp(struct step_ctx *c, const char *own, const char *public, unsigned port)
{
	unsigned char nonce[NONCE];
	uint32_t address;
	_cleanup_close_ int out = send_to(step_connect_to(c), public, port);
	_cleanup_close_ int in = net_parse_ipv4(own, &address) ? watch(address, port) : -1;
	if (out < 0 || in < 0 || crypto_random(nonce, sizeof(nonce), NULL) < 0)
		return -1;
	for (unsigned i = 0; i < TRIES && !step_cancelled(c); i++) {
		/* An ICMP answer to the one before ends a send, and is no answer. */
		if (send(out, nonce, sizeof(nonce), MSG_NOSIGNAL) < 0)
			(void)send(out, nonce, sizeof(nonce), MSG_NOSIGNAL);
		if (wait_back(in, nonce))
			return 1;
	}
	return 0;
}
