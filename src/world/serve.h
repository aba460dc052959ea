/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The server of a world. */
#pragma once

#include "world/tls.h"
#include "world/world.h"

struct server {
	struct world w;
	struct tls *tls;
	int http, udp, tcp;
	unsigned http_port, dns_port;
};

/* Answers until nobody needs the world any more; the exit status. */
int serve_loop(const struct server *s);
