/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* A run: its steps with their marks, how far it is, what it does now. The page only reads events:
 * leaving it, or losing the line, does nothing to the run. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "client/client.h"
#include "model/events.h"
#include "ui/job.h"
#include "ui/page.h"
#include "ui/rehearse.h"
#include "ui/show.h"
#include "ui/store.h"

#define LOOK_EVERY_MS 200  /* at most five changes of the screen a second */
#define TELL_EVERY_MS 1000 /* of the clock and of what it does: each change is some 40 bytes on the line */

struct run {
	struct pages *p;
	const char *title;
	void *view;            /* NULL until its steps are known */
	json_t *steps;         /* of run.begin */
	struct run_step *rows; /* the same for the face */
	json_t *last;          /* run.end */
	size_t at;             /* the step at work, from 0 */
	long long began;       /* seconds since the epoch */
	long long done_s, sum_s; /* of the estimates: what is behind, and all */
	long long percent;     /* of the step at work; -1: not known */
	char *doing;           /* what it does now, in the chosen language */
	char *shown;           /* the text on the screen */
	long drawn_ms;         /* when it was */
	bool dirty, left, finished; /* dirty: a step began or ended, or another page lay above */
};

/* --- events ----------------------------------------------------------------------------------- */

static long long estimate(const struct run *r, size_t i)
{
	long long s = json_int_at(json_array_get(r->steps, i), "estimate_s", 1);
	return s > 0 ? s : 1;
}

static bool find_step(const struct run *r, const json_t *ev, size_t *ret)
{
	const char *id = json_str_at(ev, "step") ?: "";

	for (size_t i = 0; i < json_array_size(r->steps); i++) {
		if (!strcmp(json_str_at(json_array_get(r->steps, i), "id") ?: "", id)) {
			*ret = i;
			return true;
		}
	}
	return false;
}

static void on_begin(struct run *r, const json_t *ev)
{
	size_t n = json_array_size(json_object_get(ev, "steps"));

	if (r->steps)
		return;
	if (r->view) /* the page of before its steps were known */
		r->p->face->run_close(r->view);
	r->steps = json_incref(json_object_get(ev, "steps"));
	r->began = json_int_at(ev, "t", (long long)time(NULL));
	r->rows = xcalloc(n + 1, sizeof(*r->rows));
	for (size_t i = 0; i < n; i++) {
		const json_t *s = json_array_get(r->steps, i);
		r->rows[i] = (struct run_step){ json_int_at(s, "number", 0), show_text(json_str_at(s, "title")) };
		r->sum_s += estimate(r, i);
	}
	r->view = r->p->face->run_open(r->p, r->title, r->rows, n);
}

static void say(struct run *r, char *doing)
{
	free(r->doing);
	r->doing = doing;
}

static void on_step_start(struct run *r, const json_t *ev)
{
	if (!find_step(r, ev, &r->at))
		return;
	r->percent = -1;
	say(r, xstrdup(r->rows[r->at].title));
	r->p->face->run_mark(r->view, r->at, MARK_RUNNING, "");
}

static void on_progress(struct run *r, const json_t *ev)
{
	say(r, show_msg(json_str_at(ev, "msgid"), json_object_get(ev, "args")));
	r->percent = json_int_at(ev, "percent", -1);
}

static void on_step_end(struct run *r, const json_t *ev)
{
	const char *result = json_str_at(ev, "result") ?: "", *note = json_str_at(ev, "note") ?: "";
	_cleanup_free_ char *took = show_duration(json_int_at(ev, "elapsed_ms", 0));
	_cleanup_free_ char *behind = xasprintf("%s%s%s", took, *note ? "  " : "", note);
	size_t i;

	if (!find_step(r, ev, &i))
		return;
	r->finished = i + 1 == json_array_size(r->steps) && strcmp(result, "failed") != 0;
	r->done_s += estimate(r, i);
	r->percent = -1;
	r->at = i;
	if (!strcmp(result, "skipped"))
		r->p->face->run_mark(r->view, i, MARK_DONE, note);
	else
		r->p->face->run_mark(r->view, i, strcmp(result, "failed") ? MARK_DONE : MARK_FAILED, behind);
}

static void on_event(struct run *r, json_t *ev)
{
	const char *type = json_str_at(ev, "type") ?: "";

	if (!strcmp(type, "run.begin"))
		on_begin(r, ev);
	else if (!strcmp(type, "run.end"))
		r->last = json_incref(ev);
	else if (!r->steps)
		return;
	else if (!strcmp(type, "step.start"))
		on_step_start(r, ev);
	else if (!strcmp(type, "step.progress"))
		on_progress(r, ev);
	else if (!strcmp(type, "step.end"))
		on_step_end(r, ev);
	r->dirty |= !strcmp(type, "run.begin") || !strcmp(type, "step.start") || !strcmp(type, "step.end");
}

/* --- the picture ------------------------------------------------------------------------------ */

static char *clock_line(const struct run *r)
{
	long long now = (long long)time(NULL), left_s = r->sum_s - r->done_s;
	int at = (int)r->at + 1, total = (int)json_array_size(r->steps);
	_cleanup_free_ char *elapsed = show_duration((now - r->began) * 1000);

	/* A simulated world is faster than any estimate. */
	if (left_s < 60 || r->p->ui->rehearse)
		return xasprintf(_("Step %d/%d, %s so far"), at, total, elapsed);
	return xasprintf(_("Step %d/%d, %s so far, about %d min left"), at, total, elapsed,
			 (int)((left_s + 59) / 60));
}

static void draw(struct run *r)
{
	if (!r->steps || (!r->dirty && clock_ms() - r->drawn_ms < TELL_EVERY_MS))
		return;
	_cleanup_free_ char *when = clock_line(r);
	char *text = xasprintf("%s\n%s", r->doing ? r->doing : "", when);
	if (!r->dirty && r->shown && !strcmp(r->shown, text)) {
		free(text);
		return;
	}
	free(r->shown);
	r->shown = text;
	long long done = r->done_s * 100;
	if (r->percent > 0 && r->done_s < r->sum_s)
		done += estimate(r, r->at) * r->percent;
	r->p->face->run_say(r->view, r->doing ? r->doing : "", when, (unsigned)(r->sum_s ? done / r->sum_s : 0));
	r->dirty = false;
	r->drawn_ms = clock_ms();
}

/* --- leaving ---------------------------------------------------------------------------------- */

static void cancel(struct pages *p)
{
	const struct page_question q = {
		.title = _("Cancel the run"),
		.text = _("Really end it? What is done is kept, and it can be continued later."),
		.yes = _("End it"),
		.no = _("Go on"),
		.default_no = true,
	};
	struct err e = ERR_INIT;

	if (page_confirm(p, &q) == DIALOG_OK && client_cancel(&e) < 0 && e.fault != FAULT_NOT_RUNNING)
		page_failure(p, &e);
}

static void obey(struct run *r, enum run_wish wish)
{
	switch (wish) {
	case RUN_LEAVE:
		r->left = true;
		page_say(r->p, r->title,
			 _("It goes on in the background. Come back at any time with: ess-setup"));
		break;
	case RUN_LOG:
		page_log(r->p);
		break;
	case RUN_CANCEL:
		cancel(r->p);
		break;
	case RUN_WATCH:
		return;
	}
	r->dirty = true;
}

/* Until the run or the watching ends. */
static int follow(struct run *r, struct events_reader *events, struct err *e)
{
	while (!r->last && !r->left && !r->p->gone) {
		/* Asked before reading: what the engine wrote until its death is then surely read. */
		pid_t holder = client_holder(e);
		json_t *ev;
		while (!r->last && (ev = events_reader_next(events))) {
			on_event(r, ev);
			json_decref(ev);
		}
		if (holder < 0)
			return -1;
		if (!r->last && holder == 0)
			return err_set(e, FAULT_ENGINE_DIED,
				       N_("the engine ended without saying how the run went"));
		draw(r);
		if (!r->view)
			r->view = r->p->face->run_open(r->p, r->title, NULL, 0);
		if (!r->last)
			obey(r, r->p->face->run_wait(r->view, LOOK_EVERY_MS));
	}
	return 0;
}

static void run_done(struct run *r)
{
	if (r->view)
		r->p->face->run_close(r->view);
	json_decref(r->steps);
	json_decref(r->last);
	free(r->rows);
	free(r->doing);
	free(r->shown);
}

/* True when it is to be tried again. */
static bool watch(struct pages *p, const char *until)
{
	const char *title = until	   ? _("Check the environment") :
			    p->ui->rehearse ? _("Rehearsal") :
					      _("Installation");
	struct run r = { .p = p, .percent = -1, .title = title };
	struct err e = ERR_INIT;
	struct events_reader *events = events_reader_open(NULL, &e);
	bool again = false;

	if (events)
		follow(&r, events, &e);
	p->run_status = err_is_set(&e) ? exit_status(e.fault) : r.last ? events_exit(r.last) : EXIT_OK;
	if (err_is_set(&e))
		again = page_failure(p, &e);
	else if (r.last && !p->gone)
		again = page_result(p, r.last, json_int_at(json_array_get(r.steps, r.at), "number", 0), r.finished);
	events_reader_close(events);
	run_done(&r);
	return again;
}

/* --- starting --------------------------------------------------------------------------------- */

static int start(struct pages *p, const char *until, struct err *e)
{
	_cleanup_config_ struct config c = { 0 };
	struct problems problems = { 0 };
	const struct job_options o = { .until = until };

	page_wait(p, _("One moment..."));
	if (p->ui->rehearse && rehearse_prepare(p->ui, e) < 0)
		return -1;
	if (config_load(&c, e) < 0)
		return -1;
	if (store_check(&c, p->ui->rehearse, &problems, e) < 0 && !err_is_set(e))
		for (size_t i = 0; i < problems.n && !err_is_set(e); i++)
			if (!problems.v[i].warning)
				*e = problems.v[i].err;
	problems_done(&problems);
	return err_is_set(e) || job_request(p->ui, &o, e) < 0 || client_start(e) < 0 ? -1 : 0;
}

void page_run(struct pages *p, const char *until)
{
	for (bool again = true; again && !p->gone;) {
		struct err e = ERR_INIT;
		again = start(p, until, &e) < 0 ? page_failure(p, &e) : watch(p, until);
	}
}

void page_watch(struct pages *p)
{
	if (watch(p, NULL))
		page_run(p, NULL);
}
