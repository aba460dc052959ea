/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The server of a world. */
#pragma once

#include "world/tls.h"
#include "world/world.h"

struct server {
	struct world w;
	struct tls *tls;
	int http, udp, tcp;
	int stun; /* UDP at the number of http, where all the world is; -1: it was taken */
	unsigned http_port, dns_port;
};

/* Answers one STUN question; the length of the answer, 0: none. */
#define STUN_ANSWER 32
size_t stun_answer(const struct world *w, const unsigned char *in, size_t len, unsigned char out[STUN_ANSWER]);

/* Answers until nobody needs the world any more; the exit status. */
int serve_loop(const struct server *s);
