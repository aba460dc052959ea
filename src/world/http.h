/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* One HTTP request and its answer, and who answers for which host. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "world/world.h"

struct request {
	const struct world *w;
	bool tls;
	char *method, *host; /* host in lower case, without the port */
	unsigned port;	     /* as the client names it; 443 or 80 when it names none */
	char *path, *query;  /* path undecoded; query without "?", "" when there is none */
	char **headers;	     /* "name: value", names in lower case */
	char *body;
	size_t len;
};

struct response {
	int status; /* 0: close without an answer */
	char **headers;
	char *body;
	size_t len;
};

/* The head of a request, which is cut into pieces; false when it is none. request_done()
 * afterwards. */
bool request_parse(struct request *rq, char *head);
void request_done(struct request *rq);

const char *request_header(const struct request *rq, const char *name); /* borrowed or NULL */
char *request_query(const struct request *rq, const char *name);	/* decoded, new, or NULL */

/* Answers; each sets the whole response. */
void reply_text(struct response *r, int status, const char *type, const char *text);
void reply_json(struct response *r, int status, json_t *j); /* steals j */
void reply_file(const struct request *rq, struct response *r, const char *rel, const char *type);
void reply_header(struct response *r, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void reply_redirect(struct response *r, int status, const char *to);

/* Waits for a connection's first byte, reads one request, answers, returns. */
struct tls;
void http_serve(const struct world *w, const struct tls *t, int fd);

/* --- the sites --- */
bool site_supply(const struct request *rq,
		 struct response *r); /* update.k3s.io, github.com, get.helm.sh ... */
bool site_registry(const struct request *rq, struct response *r); /* ghcr.io, quay.io ... */
/* Images at a registry: is there one in this repository, and the answer behind "/v2/REPOSITORY/". */
bool image_site_has(const char *host, const char *repository);
void image_site(const struct request *rq, struct response *r, const char *repository, const char *rest);
bool site_cloudflare(const struct request *rq, struct response *r);
bool site_misc(const struct request *rq,
	       struct response *r); /* Let's Encrypt, the federation tester */
bool site_ess(const struct request *rq, struct response *r); /* the installed server itself */
bool site_dns(const struct request *rq, struct response *r); /* DNS over HTTPS */
/* True for the address of a resolver that is asked over HTTPS. */
bool site_is_resolver(const char *host);
/* True for a host outside that the world plays: DNS gives it an address. */
bool site_known(const char *host);

/* The certificate that Traefik would show for a name: which authority, or CA_NONE for its own. -1:
 * the name is not served by the cluster. */
int site_ess_ca(const struct world *w, const char *name);
