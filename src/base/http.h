/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* HTTP by libcurl: TLS verified (but see any_issuer), https only unless allowed, bounded in size and patience. */
#pragma once

#include <jansson.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* How to reach the network; from the config. All borrowed while the struct http lives. */
struct http_opts {
	const char *proxy;              /* NULL or "": none (the environment's proxies are never used) */
	const char *no_proxy;           /* curl's CURLOPT_NOPROXY list, or NULL */
	const char *ca_file;            /* further trusted CAs (PEM) besides the system's, or NULL */
	const char *const *connect_to;  /* net_map() rules, or NULL */
	bool allow_http;                /* plain http too, but never on the way from an https address */
	bool give_way;                  /* of downloads: FAULT_LOCKED at once for one that another process is
					   at, and less patience: it is only a head start */
	unsigned slow_s;                /* a download without progress for so long is tried anew; 0: 60 */
	const volatile sig_atomic_t *cancel;
	void (*progress)(void *arg, long long done, long long total); /* bytes; total -1: unknown */
	void *arg;
};

struct http;

/* New; borrowed pointers of opts must outlive it. http_free takes NULL and returns NULL. */
struct http *http_new(const struct http_opts *opts);
struct http *http_free(struct http *h);

struct http_request {
	const char *method;             /* NULL: GET */
	const char *url;
	const char *const *headers;     /* "Name: value", NULL-terminated, or NULL */
	const char *body;               /* or NULL */
	bool follow;                    /* follow redirects (https only) */
	bool bypass_proxy;
	unsigned timeout_s;             /* whole request, further tries included; 0: 30 */
	size_t max;                     /* of the body; 0: 4 MiB */
	const char *resolve_to;         /* connect to this IPv4 address instead of asking DNS, or NULL */
	bool any_issuer;                /* the name must fit, but nobody need vouch for it: only to look at
					   our own server with certificates that are known to be a trial */
};

struct http_response {
	long status;
	char *body;                     /* NUL-terminated, new */
	size_t len;
	char **headers;                 /* "name: value" with lower-case names, strv */
	char *remote;                   /* address that answered, new */
};

/* One request; retried with back-off only where that is safe and of use (GET and HEAD: no
 * connection, 429, 502-504; at most 3 tries). 0 with any HTTP status; -1 when there was no
 * answer: FAULT_HTTP_DNS, _PROXY, _CONNECT, _TLS, _TIMEOUT, _TOO_BIG, _PROTOCOL, FAULT_CANCELLED. */
int http_do(struct http *h, const struct http_request *rq, struct http_response *ret, struct err *e);
void http_response_done(struct http_response *r);
#define _cleanup_http_ __attribute__((cleanup(http_response_done)))

/* Value of a response header by lower-case name, borrowed, or NULL. */
const char *http_header(const struct http_response *r, const char *name);

/* Waits while another process downloads to dest, and tells that one's progress; 0 at once when none does.
 * FAULT_CANCELLED. */
int http_download_wait(struct http *h, const char *dest, struct err *e);

/* Downloads url into dest (mode): resumed with Range from dest.part, retried on what is transient,
 * ended by lack of progress (1 kB/s over 60 s) instead of a total time; hashed while it is written,
 * put in place only when sha256 (64 hex digits; NULL: unchecked, then never resumed) fits. max 0:
 * 1 GiB. headers as above, or NULL; redirects are followed. While another process is at the same
 * dest, it waits for that one and goes on where that stopped; a dest that is right already is kept.
 * Faults as http_do, and FAULT_HTTP_STATUS, FAULT_HTTP_PAGE (a web page came instead of the file),
 * FAULT_HASH, FAULT_NO_SPACE, FAULT_IO, FAULT_LOCKED (give_way). */
int http_download(struct http *h, const char *url, const char *const *headers, const char *sha256,
		  size_t max, const char *dest, int mode, struct err *e);
