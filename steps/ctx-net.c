/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* How a step asks over the network, tells what it does, and waits. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/net.h"
#include "steps/ctx.h"

#define PROGRESS_EVERY_MS 200 /* a frontend over a bad line draws at most five times a second */
#define CANCEL_LOOK_MS 100

static long long now_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static int do_request(struct step_ctx *c, const struct http_request *rq, struct http_response *ret,
		      struct err *e)
{
	int r = http_do(c->http, rq, ret, e);
	_cleanup_free_ char *line = r < 0 ? xasprintf("%s %s: no answer", rq->method ?: "GET", rq->url)
					  : xasprintf("%s %s: %ld", rq->method ?: "GET", rq->url, ret->status);
	events_log(c->events, c->step->id, "http", line);
	return r;
}

int step_http(struct step_ctx *c, const struct http_request *rq, struct http_response *ret, struct err *e)
{
	return do_request(c, rq, ret, e);
}

int step_http_change(struct step_ctx *c, const struct http_request *rq, struct http_response *ret, struct err *e)
{
	if (!c->dry_run)
		return do_request(c, rq, ret, e);
	ctx_plan(c, "requests", json_pack("{s:s, s:s}", "method", rq->method, "url", rq->url));
	*ret = (struct http_response){ .body = xstrdup("") };
	return 0;
}

const char *const *step_connect_to(struct step_ctx *c)
{
	return (const char *const *)c->connect_to;
}

void step_progress(struct step_ctx *c, int percent, const char *msgid, ...)
{
	long long now = now_ms();
	if (!c->events || now - c->last_progress_ms < PROGRESS_EVERY_MS)
		return;
	c->last_progress_ms = now;

	/* The same splitting into msgid and arguments as an err has. */
	struct err text = ERR_INIT;
	va_list ap;
	va_start(ap, msgid);
	err_vset(&text, FAULT_INTERNAL, msgid, ap);
	va_end(ap);
	json_t *args = json_array();
	for (unsigned i = 0; i < text.nargs; i++)
		json_array_append_new(args, json_text(text.args[i]));
	events_emit(c->events, "step.progress",
		    json_pack("{s:s, s:i, s:s, s:o}", "step", c->step->id, "percent", percent, "msgid", msgid,
			      "args", args));
}

void step_log(struct step_ctx *c, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	_cleanup_free_ char *line = xvasprintf(fmt, ap);
	va_end(ap);
	events_log(c->events, c->step->id, "step", line);
}

static void sleep_ms(struct step_ctx *c, unsigned ms)
{
	while (ms > 0 && !step_cancelled(c)) {
		unsigned part = ms < CANCEL_LOOK_MS ? ms : CANCEL_LOOK_MS;
		const struct timespec ts = { .tv_nsec = (long)part * 1000000 };
		nanosleep(&ts, NULL);
		ms -= part;
	}
}

int step_wait(struct step_ctx *c, unsigned timeout_s, unsigned interval_ms, enum fault on_timeout,
	      int (*fn)(struct step_ctx *c, void *arg, char **ret_seen, struct err *e), void *arg,
	      struct err *e)
{
	if (c->dry_run)
		return 0;
	const long long until = now_ms() + timeout_s * 1000LL;
	/* Starts quickly, since what is waited for is often there at once. */
	unsigned pause = interval_ms < 50 ? interval_ms : 50;

	for (;;) {
		_cleanup_free_ char *seen = NULL;
		int r = fn(c, arg, &seen, e);
		if (r != 0)
			return r > 0 ? 0 : -1;
		if (step_cancelled(c))
			return err_set(e, FAULT_CANCELLED, N_("cancelled while waiting"));
		if (now_ms() >= until)
			return err_set(e, on_timeout, N_("not ready after %u s; last seen: %s"), timeout_s,
				       seen ? seen : "-");
		sleep_ms(c, pause);
		pause = pause * 2 < interval_ms ? pause * 2 : interval_ms;
	}
}
