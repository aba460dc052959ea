/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Finds the URLs in any text, to look at their hosts and ports. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct url {
	const char *start; /* its scheme; borrowed from the text, as all here */
	size_t len;	   /* up to the end of the authority: "https://host:port" */
	const char *host;
	size_t host_len;  /* without a final dot */
	const char *port; /* NULL: none */
	size_t port_len;
	bool odd; /* behind the host stands something that is no port: "h:1:1", "h${PORT}" */
};

/* The next http, https, ws or wss URL at or behind *pos (in any case, also with the slashes escaped
 * as JSON may); moves *pos behind its authority. text: where the text begins, for the look back. */
bool url_next(const char *text, const char **pos, struct url *ret);

/* Is this its host? Case does not count. */
bool url_host_is(const struct url *url, const char *host);
