/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Downloads: resumed, patient, and put in place only when whole and right. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/http-priv.h"
#include "base/mem.h"
#include "base/text.h"

#define MAX_DEFAULT (1ull << 30)
#define SLOW_BYTES 1000L  /* below this many bytes a second ... */
#define SLOW_TIME_S 60L	  /* ... for so long, a try is given up */
#define FRUITLESS_MAX 6	  /* tries in a row that brought nothing new */
#define FRUIT (64u << 10) /* what counts as something new */
#define BACKOFF_MS 1000
#define BACKOFF_CAP_MS 15000
#define PROGRESS_MS 250

struct download {
	struct http *h;
	const char *url, *sha256, *dest;
	const char *const *headers;
	char *part;
	char *shown;
	int fd;
	curl_off_t max;
	curl_off_t have;     /* bytes in the part; the next one's place */
	curl_off_t range_at; /* from the last Content-Range, -1: none */
	long status;	     /* 0: no body yet */
	bool resumed;	     /* the part holds bytes of an earlier answer */
	enum { GOING, BROKEN_RANGE, TOO_BIG, REFUSED, WRITE_FAILED } stop;
	int write_errno;
	long progress_at;
};

static void download_done(struct download *d)
{
	cleanup_close(&d->fd);
	free(d->part);
	free(d->shown);
}

static int disk_error(struct download *d, int number, struct err *e)
{
	enum fault fault = number == ENOSPC || number == EDQUOT ? FAULT_NO_SPACE : FAULT_IO;
	return err_set(e, fault, N_("%s cannot be written: %s"), d->part, strerror(number));
}

static int restart(struct download *d)
{
	d->have = 0;
	d->resumed = false;
	return ftruncate(d->fd, 0);
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

/* Where does this answer's body belong? GOING, or why not to take it. */
static int begin_body(struct download *d)
{
	curl_easy_getinfo(d->h->easy, CURLINFO_RESPONSE_CODE, &d->status);
	if (d->status == 206)
		return d->range_at == d->have ? GOING : BROKEN_RANGE;
	if (d->status != 200)
		return REFUSED;
	if (d->have > 0 && restart(d) < 0) { /* the server does not know Range */
		d->write_errno = errno;
		return WRITE_FAILED;
	}
	return GOING;
}

static size_t on_body(char *data, size_t one, size_t n, void *arg)
{
	struct download *d = arg;
	if (d->status == 0)
		d->stop = begin_body(d);
	if (d->stop == GOING && d->have + (curl_off_t)n > d->max)
		d->stop = TOO_BIG;
	if (d->stop != GOING)
		return 0;
	for (size_t done = 0; done < n;) {
		ssize_t w = pwrite(d->fd, data + done, n - done, d->have);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0) {
			d->write_errno = errno;
			d->stop = WRITE_FAILED;
			return 0;
		}
		done += (size_t)w;
		d->have += w;
	}
	return n;
}

static int on_progress(void *arg, curl_off_t total, curl_off_t now, curl_off_t up_total,
		       curl_off_t up_now)
{
	struct download *d = arg;
	if (http_cancelled(d->h))
		return 1;
	if (!d->h->opts.progress || d->status == 0 || d->stop != GOING)
		return 0;
	if (clock_ms() >= d->progress_at) {
		d->progress_at = clock_ms() + PROGRESS_MS;
		d->h->opts.progress(d->h->opts.arg, d->have,
				    total > 0 ? d->have - now + total : -1);
	}
	return 0;
}

static int try_once(struct download *d, struct http_transfer *t, CURLcode *ret_code, struct err *e)
{
	const struct http_request rq = {.url = d->url, .headers = d->headers, .follow = true};
	CURL *c = d->h->easy;
	if (http_prepare(d->h, t, &rq, e) < 0)
		return -1;
	char range[32];
	snprintf(range, sizeof(range), "%lld-", (long long)d->have);
	if (d->have > 0) { /* not CURLOPT_RESUME_FROM: that fails where the server ignores Range */
		curl_easy_setopt(c, CURLOPT_RANGE, range);
		d->resumed = true;
	}
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, SLOW_TIME_S);
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
		d->stop = begin_body(d);
	return 0;
}

/* Judges a try: 1 whole, 0 try again, -1 given up (all by e). */
static int judge(struct download *d, const struct http_transfer *t, CURLcode code, struct err *e)
{
	bool again;
	switch (d->stop) {
	case GOING:
		if (code == CURLE_OK)
			return 1;
		http_fault(d->h, t, code, d->url, e);
		again = http_fault_is_transient(d->h, e->fault) || e->fault == FAULT_HTTP_TIMEOUT;
		return again ? 0 : -1;
	case BROKEN_RANGE:
		err_set(e, FAULT_HTTP_PROTOCOL, N_("%s sent another part than was asked for"),
			d->shown);
		return restart(d) < 0 ? disk_error(d, errno, e) : 0;
	case TOO_BIG:
		unlink(d->part);
		return err_set(e, FAULT_HTTP_TOO_BIG, N_("%s sent more than is allowed"), d->shown);
	case WRITE_FAILED:
		return disk_error(d, d->write_errno, e);
	case REFUSED:
		break;
	}
	err_set(e, FAULT_HTTP_STATUS, N_("%s answered with status %ld"), d->shown, d->status);
	again = http_status_is_transient(d->status) || d->status == 500 || d->status == 408;
	if (d->status == 416 && d->have > 0) /* the part is longer than the file, so not of it */
		return restart(d) < 0 ? disk_error(d, errno, e) : 0;
	return again ? 0 : -1;
}

/* --- the whole -------------------------------------------------------------------------------- */

/* Tries until the part is whole. */
static int fetch(struct download *d, struct err *e)
{
	curl_off_t best = d->have;
	for (unsigned fruitless = 0;;) {
		struct err why = ERR_INIT;
		CURLcode code;
		__attribute__((cleanup(http_transfer_done))) struct http_transfer t = {.headers =
											   NULL};
		int r = try_once(d, &t, &code, &why);
		r = r < 0 ? r : judge(d, &t, code, &why);
		if (r > 0)
			return 0;
		if (d->have >= best + FRUIT) {
			best = d->have;
			fruitless = 0;
		}
		if (r < 0 || ++fruitless >= FRUITLESS_MAX) {
			if (e && !err_is_set(e))
				*e = why;
			return -1;
		}
		if (!d->sha256 &&
		    restart(d) < 0) /* nothing would notice two versions in one file */
			return disk_error(d, errno, e);
		if (clock_pause(
			http_backoff_ms(fruitless ? fruitless : 1, BACKOFF_MS, BACKOFF_CAP_MS),
			d->h->opts.cancel))
			return err_set(e, FAULT_CANCELLED, N_("The run was cancelled"));
	}
}

static int open_part(struct download *d, struct err *e)
{
	struct stat st;
	d->fd = open(d->part, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (d->fd < 0 || fstat(d->fd, &st) < 0)
		return disk_error(d, errno, e);
	d->have = st.st_size;
	if ((!d->sha256 || !S_ISREG(st.st_mode) || st.st_size > d->max) && restart(d) < 0)
		return disk_error(d, errno, e);
	return 0;
}

/* 1 when the part is what it should be, 0 when not, -1 when it cannot be read. */
static int part_fits(struct download *d, char **ret_found, struct err *e)
{
	if (!d->sha256)
		return 1;
	*ret_found = crypto_sha256_file(d->part, e);
	return *ret_found ? strcasecmp(*ret_found, d->sha256) == 0 : -1;
}

static int put_in_place(struct download *d, int mode, struct err *e)
{
	const char *slash = strrchr(d->dest, '/');
	_cleanup_free_ char *folder =
	    slash ? xstrndup(d->dest, (size_t)(slash - d->dest) + 1) : xstrdup(".");
	_cleanup_close_ int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || fchmod(d->fd, (mode_t)mode) < 0 || fsync(d->fd) < 0 ||
	    rename(d->part, d->dest) < 0 || fsync(dir) < 0)
		return disk_error(d, errno, e);
	if (d->h->opts.progress)
		d->h->opts.progress(d->h->opts.arg, d->have, d->have);
	return 0;
}

/* Fetches until the hash fits; a part of unknown origin gets one fresh start. */
static int complete(struct download *d, struct err *e)
{
	for (bool fresh = false;; fresh = true) {
		_cleanup_free_ char *found = NULL;
		if (fetch(d, e) < 0)
			return -1;
		int fits = part_fits(d, &found, e);
		if (fits != 0)
			return fits < 0 ? -1 : 0;
		if (!d->resumed || fresh) {
			unlink(d->part);
			return err_set(e, FAULT_HASH,
				       N_("%s: the SHA-256 is %s, but %s was expected"), d->shown,
				       found, d->sha256);
		}
		if (restart(d) < 0)
			return disk_error(d, errno, e);
	}
}

int http_download(struct http *h, const char *url, const char *const *headers, const char *sha256,
		  size_t max, const char *dest, int mode, struct err *e)
{
	_cleanup_free_ char *found = NULL;
	__attribute__((cleanup(download_done))) struct download d = {
	    .h = h,
	    .url = url,
	    .sha256 = sha256,
	    .dest = dest,
	    .headers = headers,
	    .fd = -1,
	    .part = xasprintf("%s.part", dest),
	    .shown = http_shown_url(url),
	    .max = (curl_off_t)(max ? max : MAX_DEFAULT),
	};
	if (open_part(&d, e) < 0)
		return -1;
	/* It may be whole already, if we died just before its renaming. */
	int whole = d.have > 0 ? part_fits(&d, &found, e) : 0;
	if (whole < 0 || (whole == 0 && complete(&d, e) < 0))
		return -1;
	return put_in_place(&d, mode, e);
}
