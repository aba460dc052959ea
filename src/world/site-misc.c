/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Let's Encrypt's directory, the federation tester, and "not found" for other known hosts. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "world/http.h"

bool site_misc(const struct request *rq, struct response *r)
{
	bool acme = text_ends(rq->host, "letsencrypt.org");
	if (acme && strcmp(rq->path, "/directory") == 0) {
		_cleanup_free_ char *account = xasprintf("https://%s/acme/new-acct", rq->host);
		_cleanup_free_ char *nonce = xasprintf("https://%s/acme/new-nonce", rq->host);
		_cleanup_free_ char *order = xasprintf("https://%s/acme/new-order", rq->host);
		reply_json(
			r, 200,
			json_pack(
				"{s:s, s:s, s:s, s:{s:s}}", "newAccount", account, "newNonce",
				nonce, "newOrder", order, "meta", "termsOfService",
				"https://letsencrypt.org/documents/LE-SA-v1.6-August-18-2025.pdf"));
	} else if (strcmp(rq->host, "federationtester.matrix.org") == 0 &&
		   strcmp(rq->path, "/api/report") == 0) {
		reply_json(r, 200,
			   json_pack("{s:b, s:{}, s:{}}", "FederationOK", 1, "DNSResult",
				     "ConnectionReports"));
	} else if (acme || site_known(rq->host)) {
		reply_text(r, 404, "text/plain", "404 page not found");
	} else {
		return false;
	}
	return true;
}
