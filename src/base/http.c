/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* HTTP requests by libcurl. */
#include "base/http.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/http-priv.h"
#include "base/mem.h"
#include "base/text.h"

#define TRIES 3
#define TIMEOUT_S 30
#define BODY_MAX (4u << 20)
#define BACKOFF_MS 500
#define BACKOFF_CAP_MS 8000

/* One answer as it comes in. */
struct answer {
	struct http_response *r;
	size_t size, max;
	bool too_big;
};

static size_t on_body(char *data, size_t one, size_t n, void *arg)
{
	struct answer *a = arg;
	struct http_response *r = a->r;
	if (n > a->max - r->len) {
		a->too_big = true;
		return 0;
	}
	if (r->len + n + 1 > a->size) {
		a->size = 2 * (r->len + n + 1);
		r->body = xreallocarray(r->body, a->size, one);
	}
	memcpy(r->body + r->len, data, n);
	r->len += n;
	return n;
}

static size_t on_header(char *data, size_t one, size_t n, void *arg)
{
	struct answer *a = arg;
	_cleanup_free_ char *clean = text_clean(data, n);
	char *colon = strchr(clean, ':');
	if (strncasecmp(data, "HTTP/", n < 5 ? n : 5) ==
	    0) { /* of a redirect before: forget them */
		strv_free(a->r->headers);
		a->r->headers = NULL;
	}
	if (!colon || strv_len(a->r->headers) >= 200)
		return n;
	*colon = '\0';
	for (char *p = clean; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	char *end = colon + 1 + strlen(colon + 1);
	while (end > colon + 1 && (end[-1] == '?' || end[-1] == ' ')) /* CR and LF, cleaned */
		end--;
	*end = '\0';
	_cleanup_free_ char *value = text_trim(colon + 1);
	strv_add(&a->r->headers, xasprintf("%s: %s", clean, value));
	return n;
}

const char *http_header(const struct http_response *r, const char *name)
{
	size_t n = strlen(name);
	for (size_t i = 0; r->headers && r->headers[i]; i++)
		if (text_starts(r->headers[i], name) && text_starts(r->headers[i] + n, ": "))
			return r->headers[i] + n + 2;
	return NULL;
}

void http_response_done(struct http_response *r)
{
	free(r->body);
	strv_free(r->headers);
	free(r->remote);
	*r = (struct http_response){0};
}

static void set_method(CURL *c, const struct http_request *rq)
{
	const char *method = rq->method ? rq->method : "GET";
	if (strcmp(method, "HEAD") == 0) {
		curl_easy_setopt(c, CURLOPT_NOBODY, 1L);
	} else if (rq->body || strcmp(method, "POST") == 0) {
		curl_easy_setopt(c, CURLOPT_POSTFIELDS, rq->body ? rq->body : "");
		curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, method);
	} else if (strcmp(method, "GET") != 0) {
		curl_easy_setopt(c, CURLOPT_CUSTOMREQUEST, method);
	}
}

/* One try; left_ms bounds it. */
static int try_once(struct http *h, const struct http_request *rq, long left_ms,
		    struct http_response *ret, struct err *e)
{
	__attribute__((cleanup(http_transfer_done))) struct http_transfer t = {.headers = NULL};
	struct answer a = {.r = ret, .max = rq->max ? rq->max : BODY_MAX};
	char *remote = NULL;
	if (http_prepare(h, &t, rq, e) < 0)
		return -1;
	CURL *c = h->easy;
	set_method(c, rq);
	curl_easy_setopt(c, CURLOPT_TIMEOUT_MS, left_ms);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, &a);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, &a);
	CURLcode code = http_perform(h);
	if (code != CURLE_OK)
		return http_fault(h, &t, a.too_big ? CURLE_FILESIZE_EXCEEDED : code, rq->url, e);
	curl_easy_getinfo(c, CURLINFO_RESPONSE_CODE, &ret->status);
	curl_easy_getinfo(c, CURLINFO_PRIMARY_IP, &remote);
	ret->remote = xstrdup(remote ? remote : "");
	ret->body = xreallocarray(ret->body, ret->len + 1, 1);
	ret->body[ret->len] = '\0';
	return 0;
}

/* How long to wait before the next try; what the server asks for, if that is more. */
static long wait_ms(struct http *h, int result, unsigned nth)
{
	long wait = http_backoff_ms(nth, BACKOFF_MS, BACKOFF_CAP_MS);
	curl_off_t after = 0;
	if (result == 0 && curl_easy_getinfo(h->easy, CURLINFO_RETRY_AFTER, &after) == CURLE_OK &&
	    after > 0 && after < 3600 && after * 1000 > wait)
		wait = (long)after * 1000;
	return wait;
}

int http_do(struct http *h, const struct http_request *rq, struct http_response *ret, struct err *e)
{
	bool safe =
	    !rq->method || strcmp(rq->method, "GET") == 0 || strcmp(rq->method, "HEAD") == 0;
	long deadline = clock_ms() + 1000 * (long)(rq->timeout_s ? rq->timeout_s : TIMEOUT_S);
	memset(ret, 0, sizeof(*ret));
	for (unsigned nth = 1;; nth++) {
		struct err why = ERR_INIT;
		long left = deadline - clock_ms();
		int r = try_once(h, rq, left > 1 ? left : 1, ret, &why);
		bool again = r == 0 ? http_status_is_transient(ret->status)
				    : http_fault_is_transient(h, why.fault);
		long wait = again && safe && nth < TRIES ? wait_ms(h, r, nth) : -1;
		if (r < 0)
			http_response_done(ret);
		if (wait < 0 || clock_ms() + wait >= deadline) {
			if (r < 0 && e && !err_is_set(e))
				*e = why;
			return r;
		}
		http_response_done(ret);
		if (clock_pause(wait, h->opts.cancel))
			return err_set(e, FAULT_CANCELLED, N_("The run was cancelled"));
	}
}
