/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "steps/hairpin.h"

#include <arpa/inet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/mem.h"
#include "base/net.h"

#define PATIENCE_MS 3000
#define NONCE 32

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
