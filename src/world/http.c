/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* One connection: TLS with a certificate made for the name asked for, or plain HTTP; one request after
 * the other, until the other side has no more. */
#include "world/http.h"

#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/tls.h"

#define HEAD_MAX 65536
#define BODY_MAX (4 << 20)

struct conn {
	int fd;
	SSL *ssl; /* NULL: plain */
};

static ssize_t conn_read(struct conn *c, void *buf, size_t len)
{
	return c->ssl ? SSL_read(c->ssl, buf, (int)len) : recv(c->fd, buf, len, 0);
}

static bool conn_write(struct conn *c, const char *buf, size_t len)
{
	while (len > 0) {
		ssize_t n = c->ssl ? SSL_write(c->ssl, buf, (int)len)
				   : send(c->fd, buf, len, MSG_NOSIGNAL);
		if (n <= 0)
			return false;
		buf += n;
		len -= (size_t)n;
	}
	return true;
}

static bool read_request(struct conn *c, struct request *rq)
{
	char *buf = xcalloc(HEAD_MAX + 1, 1), *end = NULL;
	size_t have = 0;
	while (!end && have < HEAD_MAX) {
		ssize_t n = conn_read(c, buf + have, HEAD_MAX - have);
		if (n <= 0)
			break;
		have += (size_t)n;
		end = strstr(buf, "\r\n\r\n");
	}
	if (!end) {
		free(buf);
		return false;
	}
	size_t body_at = (size_t)(end - buf) + 4;
	_cleanup_free_ char *head = xstrndup(buf, (size_t)(end - buf));
	for (char *at = head; (at = strchr(at, '\r')); at++)
		*at = ' ';
	bool ok = request_parse(rq, head);
	const char *length = ok ? request_header(rq, "content-length") : NULL;
	size_t want = length ? (size_t)strtoul(length, NULL, 10) : 0;
	if (want > BODY_MAX)
		ok = false;
	if (ok) {
		rq->body = xcalloc(want + 1, 1);
		rq->len = have - body_at < want ? have - body_at : want;
		memcpy(rq->body, buf + body_at, rq->len);
		for (ssize_t n; rq->len < want; rq->len += (size_t)n)
			if ((n = conn_read(c, rq->body + rq->len, want - rq->len)) <= 0)
				break;
	}
	free(buf);
	return ok;
}

static void sleep_ms(long ms)
{
	struct timespec ts = { .tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000 };
	nanosleep(&ts, NULL);
}

/* True when the connection can take another request. */
static bool send_response(struct conn *c, const struct request *rq, const struct response *r,
			  const json_t *rule)
{
	char *head = xasprintf("HTTP/1.1 %d %s\r\nContent-Length: %zu\r\n", r->status,
			       r->status < 300 ? "OK" : "Answer", r->len);
	for (char **h = r->headers; h && *h; h++) {
		char *more = xasprintf("%s%s\r\n", head, *h);
		free(head);
		head = more;
	}
	bool ok = conn_write(c, head, strlen(head)) && conn_write(c, "\r\n", 2);
	free(head);
	const char *action = json_str_at(rule, "action");
	size_t len = strcmp(rq->method, "HEAD") == 0 ? 0 : r->len;
	if (action && strcmp(action, "cut") == 0 && (size_t)json_int_at(rule, "bytes", 0) < len)
		len = (size_t)json_int_at(rule, "bytes", 0);
	size_t rate = action && strcmp(action, "slow") == 0
			      ? (size_t)json_int_at(rule, "rate", 100000)
			      : 0;
	for (size_t at = 0, part; ok && at < len; at += part) {
		part = rate ? rate / 20 + 1 : len;
		if (part > len - at)
			part = len - at;
		ok = conn_write(c, r->body + at, part);
		if (rate)
			sleep_ms(50);
	}
	const char *wish = request_header(rq, "connection");
	return ok && (len == r->len || strcmp(rq->method, "HEAD") == 0) &&
	       !(wish && strcasecmp(wish, "close") == 0);
}

/* --- the scenario --- */

/* True when the rule answers instead of the site. */
static bool intervene(const struct world *w, const json_t *rule, struct response *r)
{
	const char *action = json_str_at(rule, "action"), *body = json_str_at(rule, "body");
	if (!action || strcmp(action, "cut") == 0)
		return false;
	if (strcmp(action, "slow") == 0) {
		sleep_ms(json_int_at(rule, "ms", 0));
		return false;
	}
	if (strcmp(action, "kill-parent") == 0) {
		scenario_kill_engine(w);
		return false;
	}
	if (strcmp(action, "hang") == 0)
		for (;;)
			pause();
	if (strcmp(action, "close") == 0)
		return true;
	if (strcmp(action, "html") == 0)
		reply_text(r, (int)json_int_at(rule, "status", 200), "text/html; charset=utf-8",
			   "<!DOCTYPE html><html><head><title>Login</title></head><body>Please log "
			   "in to this network.</body></html>");
	else if (strcmp(action, "redirect") == 0)
		reply_redirect(r, 302, json_str_at(rule, "location"));
	else if (strcmp(action, "fail") == 0)
		reply_text(r, (int)json_int_at(rule, "status", 500),
			   body && *body == '{' ? "application/json" : "text/plain",
			   body ? body : "Internal Server Error");
	else
		world_die("a scenario rule for HTTP has the unknown action %s", action);
	return true;
}

static void respond(const struct request *rq, const json_t *rule, struct response *r)
{
	if (intervene(rq->w, rule, r))
		return;
	bool (*const sites[])(const struct request *,
			      struct response *) = { site_supply, site_registry, site_cloudflare,
						     site_misc, site_ess };
	for (size_t i = 0; i < ARRAY_LEN(sites); i++)
		if (sites[i](rq, r))
			return;
}

static void note_request(const struct request *rq)
{
	_cleanup_free_ char *url =
		xasprintf("%s://%s:%u%s%s%s", rq->tls ? "https" : "http", rq->host, rq->port,
			  rq->path, *rq->query ? "?" : "", rq->query);
	const char *range = request_header(rq, "range");
	char *const argv[] = { rq->method, url, (char *)range };
	bool changes = strcmp(rq->method, "GET") != 0 && strcmp(rq->method, "HEAD") != 0;
	call_note(rq->w, "http", range ? 3 : 2, argv, changes, rq->len ? rq->body : NULL, rq->len);
}

static enum tls_ca choose_authority(void *arg, const char *name)
{
	const struct world *w = arg;
	int ca = site_known(name) ? CA_REAL : site_ess_ca(w, name);
	return ca < 0 ? CA_NONE : (enum tls_ca)ca;
}

/* One request; true when another one may follow. */
static bool serve_one(const struct world *w, struct conn *c)
{
	struct request rq = { .w = w, .tls = c->ssl != NULL };
	struct response r = { 0 };
	bool more = false;
	if (read_request(c, &rq)) {
		note_request(&rq);
		_cleanup_json_ json_t *rule = scenario_http(w, rq.host, rq.path);
		respond(&rq, rule, &r);
		more = r.status && send_response(c, &rq, &r, rule);
	}
	request_done(&rq);
	strv_free(r.headers);
	free(r.body);
	return more;
}

void http_serve(const struct world *w, const struct tls *t, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	unsigned char first;
	/* A bare connect asks only whether the port is open. */
	if (poll(&p, 1, 60000) <= 0 || recv(fd, &first, 1, MSG_PEEK) != 1)
		return;
	struct conn c = { .fd = fd };
	if (first == 0x16 && !(c.ssl = tls_accept(t, fd, choose_authority, (void *)(uintptr_t)w)))
		return;
	while (serve_one(w, &c))
		;
	if (c.ssl) {
		SSL_shutdown(c.ssl);
		SSL_free(c.ssl);
	}
	shutdown(fd, SHUT_WR);
}
