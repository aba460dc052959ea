/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* DNS over HTTPS (RFC 8484) at the addresses of the resolvers that are known for it: GET /dns-query?dns=... */
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/mem.h"
#include "world/dns.h"
#include "world/http.h"

bool site_is_resolver(const char *host)
{
	static const char *const resolvers[] = { "1.1.1.1", "8.8.8.8", "223.5.5.5", "1.12.12.12" };
	for (size_t i = 0; i < ARRAY_LEN(resolvers); i++)
		if (strcmp(resolvers[i], host) == 0)
			return true;
	return false;
}

/* The padding that addresses leave out, and the two digits that they write differently. New. */
static char *usual_base64(const char *text)
{
	size_t pad = (4 - strlen(text) % 4) % 4;
	char *usual = xasprintf("%s%.*s", text, (int)pad, "===");
	for (char *p = usual; *p; p++)
		*p = *p == '-' ? '+' : *p == '_' ? '/' : *p;
	return usual;
}

bool site_dns(const struct request *rq, struct response *r)
{
	unsigned char out[4096];
	if (!site_is_resolver(rq->host))
		return false;
	_cleanup_free_ char *given = request_query(rq, "dns");
	_cleanup_free_ char *text = given ? usual_base64(given) : NULL;
	_cleanup_free_ unsigned char *question = NULL;
	size_t len = 0;
	if (strcmp(rq->path, "/dns-query") != 0 || !text || crypto_unbase64(text, &question, &len) < 0) {
		reply_text(r, 400, "text/plain", "bad request");
		return true;
	}
	size_t n = dns_answer_to(rq->w, question, len, out, sizeof(out), BY_HTTPS);
	if (n == 0) {
		r->status = 0;
		return true;
	}
	reply_text(r, 200, "application/dns-message", "");
	free(r->body);
	r->body = xcalloc(n + 1, 1);
	memcpy(r->body, out, n);
	r->len = n;
	return true;
}
