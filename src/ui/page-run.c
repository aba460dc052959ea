/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* A run on the screen: its steps with their marks, how far it is, what it does now. The page only reads
 * events: leaving it, or losing the line, does nothing to the run. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/mem.h"
#include "client/client.h"
#include "dialog/cols.h"
#include "model/events.h"
#include "model/paths.h"
#include "ui/handover.h"
#include "ui/job.h"
#include "ui/page.h"
#include "ui/rehearse.h"
#include "ui/show.h"
#include "ui/store.h"

#define LOOK_EVERY_MS 200 /* at most five changes of the screen a second */
#define TEXT_COLS 52      /* a line of text never breaks, so that the box keeps its height */

struct run {
	struct pages *p;
	struct dialog look;
	struct dialog_gauge *gauge;
	json_t *steps;         /* of run.begin */
	json_t *last;          /* run.end */
	size_t at;             /* the step at work, from 0 */
	long long began;       /* seconds since the epoch */
	long long done_s, sum_s; /* of the estimates: what is behind, and all */
	long long percent;     /* of the step at work; -1: not known */
	char *doing;           /* what it does now, in the chosen language */
	char *shown;           /* the text on the screen */
	bool dirty, left, finished;
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
	char **names = NULL;
	int widest = 0;

	json_decref(r->steps);
	r->steps = json_incref(json_object_get(ev, "steps"));
	r->began = json_int_at(ev, "t", (long long)time(NULL));
	for (size_t i = 0; i < n; i++) {
		int width = cols(show_text(json_str_at(json_array_get(r->steps, i), "title")));
		widest = width > widest ? width : widest;
	}
	for (size_t i = 0; i < n; i++) {
		const json_t *s = json_array_get(r->steps, i);
		_cleanup_free_ char *title = show_pad(show_text(json_str_at(s, "title")), widest);
		strv_add(&names, xasprintf("%2lld %s", json_int_at(s, "number", 0), title));
		r->sum_s += estimate(r, i);
	}
	dialog_gauge_free(r->gauge);
	r->gauge = dialog_steps_new(&r->look, "\n\n", (const char *const *)names, n);
	strv_free(names);
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
	say(r, xstrdup(show_text(json_str_at(json_array_get(r->steps, r->at), "title"))));
	dialog_steps_set(r->gauge, r->at, MARK_RUNNING, "");
}

static void on_progress(struct run *r, const json_t *ev)
{
	say(r, show_msg(json_str_at(ev, "msgid"), json_object_get(ev, "args")));
	r->percent = json_int_at(ev, "percent", -1);
}

static void on_step_end(struct run *r, const json_t *ev)
{
	const char *result = json_str_at(ev, "result") ?: "";
	_cleanup_free_ char *took = show_duration(json_int_at(ev, "elapsed_ms", 0));
	size_t i;

	if (!find_step(r, ev, &i))
		return;
	r->finished = i + 1 == json_array_size(r->steps) && strcmp(result, "failed") != 0;
	r->done_s += estimate(r, i);
	r->percent = -1;
	r->at = i;
	if (!strcmp(result, "skipped"))
		dialog_steps_set(r->gauge, i, MARK_DONE, "");
	else
		dialog_steps_set(r->gauge, i, strcmp(result, "failed") ? MARK_DONE : MARK_FAILED, took);
}

static void on_event(struct run *r, json_t *ev)
{
	const char *type = json_str_at(ev, "type") ?: "";

	if (!strcmp(type, "run.begin"))
		on_begin(r, ev);
	else if (!strcmp(type, "run.end"))
		r->last = json_incref(ev);
	else if (!r->gauge)
		return;
	else if (!strcmp(type, "step.start"))
		on_step_start(r, ev);
	else if (!strcmp(type, "step.progress"))
		on_progress(r, ev);
	else if (!strcmp(type, "step.end"))
		on_step_end(r, ev);
	else
		return;
	r->dirty = true;
}

/* --- the picture ------------------------------------------------------------------------------ */

static char *clock_line(const struct run *r)
{
	long long now = (long long)time(NULL), left_s = r->sum_s - r->done_s;
	int at = (int)r->at + 1, total = (int)json_array_size(r->steps);
	_cleanup_free_ char *elapsed = show_duration((now - r->began) * 1000);

	/* A simulated world is faster than any estimate. */
	if (left_s < 60 || r->p->ui->rehearse)
		return xasprintf(_("Step %d of %d, %s so far"), at, total, elapsed);
	return xasprintf(_("Step %d of %d, %s so far, about %d min left"), at, total, elapsed,
			 (int)((left_s + 59) / 60));
}

static void draw(struct run *r)
{
	if (!r->gauge)
		return;
	_cleanup_free_ char *when = clock_line(r);
	_cleanup_free_ char *doing = xstrdup(r->doing ? r->doing : "");
	doing[cols_cut(doing, TEXT_COLS, NULL)] = '\0';
	char *text = xasprintf("%s\n%s\n%s", doing, when, _("Esc or 0: leave, log, cancel"));
	if (!r->dirty && r->shown && !strcmp(r->shown, text)) {
		free(text);
		return;
	}
	free(r->shown);
	r->shown = text;
	long long done = r->done_s * 100;
	if (r->percent > 0 && r->done_s < r->sum_s)
		done += estimate(r, r->at) * r->percent;
	dialog_gauge_set(r->gauge, text, (unsigned long)(r->sum_s ? done / r->sum_s : 0));
	dialog_gauge_draw(r->gauge);
	r->dirty = false;
}

/* --- leaving ---------------------------------------------------------------------------------- */

static void cancel(struct pages *p)
{
	struct dialog d = page_box(p, _("Cancel the run"));
	struct err e = ERR_INIT;

	d.default_no = true;
	const char *text = _("Really end it? What is done is kept, and it can be continued later.");
	if (page_end(p, dialog_yesno(&d, text)) != DIALOG_OK)
		return;
	if (client_cancel(&e) < 0 && e.fault != FAULT_NOT_RUNNING)
		page_failure(p, &e);
}

static void ask_leave(struct run *r)
{
	struct pages *p = r->p;
	const char *const labels[] = { _("Leave; the work goes on in the background"), _("Read the log"),
				       _("Cancel the run") };

	switch (page_choose(p, r->look.title, _("The work goes on meanwhile."), labels, ARRAY_LEN(labels),
			    _("stay and watch"), 0)) {
	case 1:
		r->left = true;
		page_say(p, r->look.title,
			 _("The installation goes on in the background. Come back at any time with: ess-setup"));
		break;
	case 2:
		page_log(p);
		break;
	case 3:
		cancel(p);
		break;
	default:
		break;
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
		if (!r->gauge)
			r->gauge = dialog_steps_new(&r->look, "\n\n", NULL, 0);
		switch (r->last ? DIALOG_TIMEOUT : page_end(r->p, dialog_gauge_wait(r->gauge, -1, LOOK_EVERY_MS))) {
		case DIALOG_CANCEL:
		case DIALOG_ESC:
			ask_leave(r);
			break;
		default:
			break;
		}
	}
	return 0;
}

/* --- how it went ------------------------------------------------------------------------------ */

static void summary(struct run *r, bool all)
{
	_cleanup_free_ char *handover = r->finished ? handover_text() : NULL;
	_cleanup_free_ char *text = xasprintf(
		"%s\n%s\n%s",
		all ? _("All done.") :
		      _("Done, but something that is not essential does not work; the status shows what."),
		r->p->ui->rehearse ? _("This was a rehearsal: nothing on this machine was changed.") : "",
		handover ? handover : "");
	page_say(r->p, _("Summary"), text);
}

/* True when it is to be tried again. */
static bool result(struct run *r)
{
	const char *status = json_str_at(r->last, "status") ?: "";
	const json_t *error = json_object_get(r->last, "error");
	struct err e = ERR_INIT;

	if (!strcmp(status, "done") || !strcmp(status, "degraded")) {
		summary(r, !strcmp(status, "done"));
		return false;
	}
	if (!strcmp(status, "cancelled")) {
		page_say(r->p, _("Cancelled"), _("Cancelled. What is done is kept; it can be continued from the menu."));
		return false;
	}
	if (json_is_object(error))
		events_error_read(error, &e);
	_cleanup_free_ char *seen = show_err(&e);
	_cleanup_free_ char *title = xasprintf(_("Step %lld failed"),
					       json_int_at(json_array_get(r->steps, r->at), "number", 0));
	return page_card(r->p, title, e.fault, seen);
}

static bool watch(struct pages *p)
{
	struct run r = { .p = p, .percent = -1 };
	struct err e = ERR_INIT;
	struct events_reader *events = events_reader_open(NULL, &e);
	bool again = false;

	r.look = page_box(p, p->ui->rehearse ? _("Rehearsal") : _("Installation"));
	if (events)
		follow(&r, events, &e);
	if (err_is_set(&e))
		again = page_failure(p, &e);
	else if (r.last && !p->gone)
		again = result(&r);
	events_reader_close(events);
	dialog_gauge_free(r.gauge);
	json_decref(r.steps);
	json_decref(r.last);
	free(r.doing);
	free(r.shown);
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
		again = start(p, until, &e) < 0 ? page_failure(p, &e) : watch(p);
	}
}

void page_watch(struct pages *p)
{
	if (watch(p))
		page_run(p, NULL);
}

void page_rehearse(struct pages *p)
{
	struct ui here = *p->ui, *real = p->ui;
	_cleanup_free_ char *root = xstrdup(path_root());
	struct err e = ERR_INIT;

	if (real->rehearse) {
		page_run(p, NULL);
		return;
	}
	if (rehearse_enter(NULL, &e) < 0) {
		page_failure(p, &e);
		return;
	}
	here.rehearse = true;
	p->ui = &here;
	page_run(p, NULL);
	p->ui = real;
	if (*root)
		setenv("ESS_SETUP_ROOT", root, 1);
	else
		unsetenv("ESS_SETUP_ROOT");
}
