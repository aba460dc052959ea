/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Downloads: resumed, patient, and put in place only when whole and right. */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/http-part.h"
#include "base/http-priv.h"
#include "base/mem.h"
#include "base/text.h"

#define MAX_DEFAULT (1ull << 30)
#define SLOW_BYTES 1000L /* below this many bytes a second ... */
#define SLOW_TIME_S 60   /* ... for so long, a try is given up */
#define FRUITLESS_MAX 6  /* tries in a row that brought nothing new */
#define FRUITLESS_HEAD_START 2 /* of one that gives way: whoever needs the file is more patient */
#define FRUIT (64u << 10) /* what counts as something new */
#define BACKOFF_MS 1000
#define BACKOFF_CAP_MS 15000
#define RETRY_AFTER_MAX_S 60
#define PROGRESS_MS 250
#define NETWORK_LOGIN 511 /* RFC 6585, section 6 */

struct download {
	struct http *h;
	const char *url;
	const char *const *headers;
	struct part part;
	char *shown;
	curl_off_t max;
	curl_off_t range_at; /* from the last Content-Range, -1: none */
	curl_off_t total;    /* of the whole file, as those who wait were told; 0: not yet */
	long status;	     /* 0: no body yet */
	bool resumed;	     /* the part holds bytes of an earlier answer */
	enum { GOING, BROKEN_RANGE, TOO_BIG, REFUSED, A_PAGE, WRITE_FAILED } stop;
	int write_errno;
	long progress_at;
};

static void download_done(struct download *d)
{
	part_done(&d->part);
	free(d->shown);
}

static int restart(struct download *d)
{
	d->resumed = false;
	return part_restart(&d->part);
}

/* --- one try ---------------------------------------------------------------------------------- */

static size_t on_header(char *data, size_t one, size_t n, void *arg)
{
	struct download *d = arg;
	static const char range[] = "content-range: bytes ";
	if (n > 5 && strncasecmp(data, "HTTP/", 5) == 0)
		d->range_at = -1;
	if (n >= sizeof(range) && strncasecmp(data, range, sizeof(range) - 1) == 0) {
		_cleanup_free_ char *value =
		    xstrndup(data + sizeof(range) - 1, n - sizeof(range) + 1);
		char *end;
		errno = 0;
		long long at = strtoll(value, &end, 10);
		d->range_at = errno == 0 && end != value && *end == '-' ? at : -1;
	}
	return n;
}

/* A page for people in the place of a file: of a network's log-in, of a proxy, of a mirror that is out
 * of order. No file that is fetched here begins so. */
static bool is_page(const char *data, size_t n)
{
	static const char *const starts[] = { "<!doctype html", "<html" };
	while (n > 0 && (isspace((unsigned char)*data) || (*data && strchr("\xef\xbb\xbf", *data)))) {
		data++;
		n--;
	}
	for (size_t i = 0; i < ARRAY_LEN(starts); i++)
		if (n >= strlen(starts[i]) && strncasecmp(data, starts[i], strlen(starts[i])) == 0)
			return true;
	return false;
}

/* Where does this answer's body belong? GOING, or why not to take it. What lies there is touched only
 * by an answer that is taken. */
static int begin_body(struct download *d, const char *data, size_t n)
{
	curl_easy_getinfo(d->h->easy, CURLINFO_RESPONSE_CODE, &d->status);
	if (d->status == NETWORK_LOGIN || (d->status == 200 && is_page(data, n)))
		return A_PAGE;
	if (d->status == 206)
		return d->range_at == d->part.have ? GOING : BROKEN_RANGE;
	if (d->status != 200)
		return REFUSED;
	d->write_errno = d->part.have > 0 ? restart(d) : 0; /* the server does not know Range */
	return d->write_errno ? WRITE_FAILED : GOING;
}

static size_t on_body(char *data, size_t one, size_t n, void *arg)
{
	struct download *d = arg;
	if (d->status == 0)
		d->stop = begin_body(d, data, n);
	if (d->stop == GOING && d->part.have + (curl_off_t)n > d->max)
		d->stop = TOO_BIG;
	if (d->stop != GOING)
		return 0;
	d->write_errno = part_add(&d->part, data, n);
	if (d->write_errno)
		d->stop = WRITE_FAILED;
	return d->stop == GOING ? n : 0;
}

static int on_progress(void *arg, curl_off_t total, curl_off_t now, curl_off_t up_total,
		       curl_off_t up_now)
{
	struct download *d = arg;
	if (http_cancelled(d->h))
		return 1;
	if (d->status == 0 || d->stop != GOING || clock_ms() < d->progress_at)
		return 0;
	curl_off_t whole = total > 0 ? d->part.have - now + total : -1;
	d->progress_at = clock_ms() + PROGRESS_MS;
	if (whole > 0 && whole != d->total)
		part_tell_total(&d->part, d->total = whole);
	if (d->h->opts.progress)
		d->h->opts.progress(d->h->opts.arg, d->part.have, whole);
	return 0;
}

static int try_once(struct download *d, struct http_transfer *t, CURLcode *ret_code, struct err *e)
{
	const struct http_request rq = {.url = d->url, .headers = d->headers, .follow = true};
	CURL *c = d->h->easy;
	if (http_prepare(d->h, t, &rq, e) < 0)
		return -1;
	char range[32];
	snprintf(range, sizeof(range), "%lld-", (long long)d->part.have);
	if (d->part.have > 0) { /* not CURLOPT_RESUME_FROM: that fails where the server ignores Range */
		curl_easy_setopt(c, CURLOPT_RANGE, range);
		d->resumed = true;
	}
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME,
			 (long)(d->h->opts.slow_s ? d->h->opts.slow_s : SLOW_TIME_S));
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_body);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, d);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, d);
	curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(c, CURLOPT_XFERINFODATA, d);
	d->status = 0;
	d->stop = GOING;
	*ret_code = http_perform(d->h);
	if (*ret_code == CURLE_OK && d->status == 0) /* an answer without a body */
		d->stop = begin_body(d, "", 0);
	return 0;
}

/* Begins anew, to try again: 0 as judge(). */
static int anew(struct download *d, struct err *e)
{
	int number = restart(d);
	return number ? part_error(&d->part, number, e) : 0;
}

static int judge_status(struct download *d, struct err *e)
{
	err_set(e, FAULT_HTTP_STATUS, N_("%s answered with status %ld"), d->shown, d->status);
	if (d->status == 416 && d->part.have > 0) /* longer than the file, so not a part of it */
		return anew(d, e);
	return http_status_is_transient(d->status) || d->status == 500 || d->status == 408 ? 0 : -1;
}

/* Judges a try: 1 whole, 0 try again, -1 given up (all by e). */
static int judge(struct download *d, const struct http_transfer *t, CURLcode code, struct err *e)
{
	switch (d->stop) {
	case GOING:
		if (code == CURLE_OK)
			return 1;
		http_fault(d->h, t, code, d->url, e);
		return http_fault_is_transient(d->h, e->fault) || e->fault == FAULT_HTTP_TIMEOUT
			       ? 0
			       : -1;
	case BROKEN_RANGE:
		err_set(e, FAULT_HTTP_PROTOCOL, N_("%s sent another part than was asked for"),
			d->shown);
		return anew(d, e);
	case TOO_BIG:
		unlink(d->part.path);
		return err_set(e, FAULT_HTTP_TOO_BIG, N_("%s sent more than is allowed"), d->shown);
	case A_PAGE:
		return err_set(e, FAULT_HTTP_PAGE, N_("%s answered with a web page (status %ld)"),
			       d->shown, d->status);
	case WRITE_FAILED:
		return part_error(&d->part, d->write_errno, e);
	case REFUSED:
		break;
	}
	return judge_status(d, e);
}

/* --- the whole -------------------------------------------------------------------------------- */

/* Before the next try; what the server asks for, if that is more. */
static long wait_ms(struct download *d, unsigned fruitless)
{
	long wait = http_backoff_ms(fruitless ? fruitless : 1, BACKOFF_MS, BACKOFF_CAP_MS);
	curl_off_t after = 0;
	if (curl_easy_getinfo(d->h->easy, CURLINFO_RETRY_AFTER, &after) == CURLE_OK && after > 0) {
		after = after < RETRY_AFTER_MAX_S ? after : RETRY_AFTER_MAX_S;
		wait = after * 1000 > wait ? (long)after * 1000 : wait;
	}
	return wait;
}

/* Tries until the part is whole. */
static int fetch(struct download *d, struct err *e)
{
	const unsigned patience = d->h->opts.give_way ? FRUITLESS_HEAD_START : FRUITLESS_MAX;
	curl_off_t best = d->part.have;
	for (unsigned fruitless = 0;;) {
		struct err why = ERR_INIT;
		CURLcode code;
		__attribute__((cleanup(http_transfer_done))) struct http_transfer t = {.headers =
											   NULL};
		int r = try_once(d, &t, &code, &why);
		r = r < 0 ? r : judge(d, &t, code, &why);
		if (r > 0)
			return 0;
		if (d->part.have >= best + FRUIT) {
			best = d->part.have;
			fruitless = 0;
		}
		if (r < 0 || ++fruitless >= patience) {
			if (e && !err_is_set(e))
				*e = why;
			return -1;
		}
		/* Without a hash nothing would notice two versions in one file. */
		if (!d->part.sha256 && anew(d, e) < 0)
			return -1;
		if (clock_pause(wait_ms(d, fruitless), d->h->opts.cancel))
			return err_set(e, FAULT_CANCELLED, N_("The run was cancelled"));
	}
}

/* Fetches until the hash fits; a part of unknown origin gets one fresh start. */
static int complete(struct download *d, struct err *e)
{
	for (bool fresh = false;; fresh = true) {
		_cleanup_free_ char *found = NULL;
		if (fetch(d, e) < 0)
			return -1;
		int fits = part_fits(&d->part, &found, e);
		if (fits != 0)
			return fits < 0 ? -1 : 0;
		if (!d->resumed || fresh) {
			unlink(d->part.path);
			return err_set(e, FAULT_HASH,
				       N_("%s: the SHA-256 is %s, but %s was expected"), d->shown,
				       found, d->part.sha256);
		}
		if (anew(d, e) < 0)
			return -1;
	}
}

int http_download_wait(struct http *h, const char *dest, struct err *e)
{
	return part_wait(dest, &h->opts, e);
}

int http_download(struct http *h, const char *url, const char *const *headers, const char *sha256,
		  size_t max, const char *dest, int mode, struct err *e)
{
	_cleanup_free_ char *found = NULL;
	__attribute__((cleanup(download_done))) struct download d = {
	    .h = h,
	    .url = url,
	    .headers = headers,
	    .part = {.dest = dest, .sha256 = sha256, .fd = -1},
	    .shown = http_shown_url(url),
	    .max = (curl_off_t)(max ? max : MAX_DEFAULT),
	};
	int there = part_open(&d.part, &h->opts, d.max, e);
	if (there != 0)
		return there < 0 ? -1 : 0;
	/* It may be whole already, if we died just before its renaming. */
	int whole = d.part.have > 0 ? part_fits(&d.part, &found, e) : 0;
	if (whole < 0 || (whole == 0 && complete(&d, e) < 0) ||
	    part_put_in_place(&d.part, mode, e) < 0)
		return -1;
	if (h->opts.progress)
		h->opts.progress(h->opts.arg, d.part.have, d.part.have);
	return 0;
}
