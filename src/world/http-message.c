/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Taking a request apart, and putting an answer together. */
#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "world/http.h"

const char *request_header(const struct request *rq, const char *name)
{
	size_t len = strlen(name);
	for (char **h = rq->headers; h && *h; h++)
		if (strncmp(*h, name, len) == 0 && (*h)[len] == ':')
			return *h + len + 2;
	return NULL;
}

static char *decode(const char *s, size_t len)
{
	char *out = xcalloc(len + 1, 1), *at = out;
	for (size_t i = 0; i < len; i++) {
		unsigned byte;
		if (s[i] == '%' && i + 2 < len + 0 + 1 && sscanf(s + i + 1, "%2x", &byte) == 1) {
			*at++ = (char)byte;
			i += 2;
		} else {
			*at++ = (char)(s[i] == '+' ? ' ' : s[i]);
		}
	}
	return out;
}

char *request_query(const struct request *rq, const char *name)
{
	size_t len = strlen(name);
	_cleanup_strv_ char **pairs = text_split(rq->query, '&');
	for (char **p = pairs; p && *p; p++)
		if (strncmp(*p, name, len) == 0 && (*p)[len] == '=')
			return decode(*p + len + 1, strlen(*p + len + 1));
	return NULL;
}

static void set_host(struct request *rq)
{
	const char *host = request_header(rq, "host");
	rq->host = xstrdup(host ? host : "");
	rq->port = rq->tls ? 443 : 80;
	char *colon = strrchr(rq->host, ':');
	if (colon) {
		rq->port = (unsigned)atoi(colon + 1);
		*colon = '\0';
	}
	for (char *at = rq->host; *at; at++)
		*at = (char)tolower((unsigned char)*at);
}

bool request_parse(struct request *rq, char *head)
{
	char *line = strsep(&head, "\n");
	char *method = strsep(&line, " "), *target = line ? strsep(&line, " ") : NULL;
	if (!target || !line || !text_starts(line, "HTTP/1."))
		return false;
	rq->method = xstrdup(method);
	char *query = strchr(target, '?');
	rq->path = query ? xstrndup(target, (size_t)(query - target)) : xstrdup(target);
	rq->query = xstrdup(query ? query + 1 : "");
	while (head && *head) {
		line = strsep(&head, "\n");
		char *colon = strchr(line, ':');
		if (!colon)
			continue;
		for (char *at = line; at < colon; at++)
			*at = (char)tolower((unsigned char)*at);
		*colon = '\0';
		_cleanup_free_ char *value = text_trim(colon + 1);
		strv_add(&rq->headers, xasprintf("%s: %s", line, value));
	}
	set_host(rq);
	return true;
}

void request_done(struct request *rq)
{
	free(rq->method);
	free(rq->host);
	free(rq->path);
	free(rq->query);
	free_secret(rq->body);
	strv_free(rq->headers);
}

void reply_header(struct response *r, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	strv_add(&r->headers, xvasprintf(fmt, ap));
	va_end(ap);
}

void reply_text(struct response *r, int status, const char *type, const char *text)
{
	r->status = status;
	r->body = xstrdup(text);
	r->len = strlen(text);
	reply_header(r, "Content-Type: %s", type);
}

void reply_json(struct response *r, int status, json_t *j)
{
	_cleanup_free_ char *text = json_dumps(j, JSON_COMPACT);
	json_decref(j);
	reply_text(r, status, "application/json", text);
}

void reply_redirect(struct response *r, int status, const char *to)
{
	reply_text(r, status, "text/html; charset=utf-8", "");
	reply_header(r, "Location: %s", to);
}

void reply_file(const struct request *rq, struct response *r, const char *rel, const char *type)
{
	r->body = world_read(rq->w, rel, &r->len);
	if (!r->body) {
		reply_text(r, 404, "text/plain", "Not Found");
		return;
	}
	r->status = 200;
	reply_header(r, "Content-Type: %s", type);
	reply_header(r, "Accept-Ranges: bytes");
	reply_header(r, "ETag: \"%zx\"", r->len);
	const char *range = request_header(rq, "range");
	size_t from = 0;
	if (!range || sscanf(range, "bytes=%zu-", &from) != 1)
		return;
	if (from >= r->len) {
		r->status = 416;
		reply_header(r, "Content-Range: bytes */%zu", r->len);
		r->len = 0;
		return;
	}
	r->status = 206;
	reply_header(r, "Content-Range: bytes %zu-%zu/%zu", from, r->len - 1, r->len);
	r->len -= from;
	memmove(r->body, r->body + from, r->len);
}
