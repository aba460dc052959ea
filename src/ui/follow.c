/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "ui/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "client/client.h"
#include "model/events.h"
#include "model/paths.h"
#include "ui/handover.h"
#include "ui/lines.h"
#include "ui/show.h"

#define LOOK_EVERY_MS 100

static volatile sig_atomic_t leaving;

static void on_leave(int sig)
{
	leaving = sig;
}

struct follow {
	const struct ui *ui;
	json_t *steps;      /* of run.begin */
	struct lines lines;
	int end_fd;         /* foreground: hung up when the engine ended; -1: ask the lock */
	bool finished;      /* the last step is there, so the summary is of now */
	bool over;
	int status;         /* exit status of the run */
};

static const json_t *find_step(const struct follow *f, const char *id, size_t *ret_at)
{
	for (size_t i = 0; i < json_array_size(f->steps); i++) {
		const json_t *s = json_array_get(f->steps, i);
		if (!strcmp(json_str_at(s, "id") ?: "", id)) {
			*ret_at = i + 1;
			return s;
		}
	}
	return NULL;
}

static void on_step_start(struct follow *f, const json_t *ev)
{
	size_t at = 0;
	const json_t *s = find_step(f, json_str_at(ev, "step") ?: "", &at);
	if (!s)
		return;
	long long attempt = json_int_at(ev, "attempt", 1);
	lines_begin(&f->lines, at, json_array_size(f->steps), json_int_at(s, "number", 0),
		    show_text(json_str_at(s, "title")), attempt);
}

static void on_progress(struct follow *f, const json_t *ev)
{
	_cleanup_free_ char *text = show_msg(json_str_at(ev, "msgid"), json_object_get(ev, "args"));
	lines_progress(&f->lines, text, json_int_at(ev, "percent", -1));
}

static void on_step_end(struct follow *f, const json_t *ev)
{
	const char *result = json_str_at(ev, "result") ?: "";
	const char *note = json_str_at(ev, "note");
	_cleanup_free_ char *took = show_duration(json_int_at(ev, "elapsed_ms", 0));
	size_t at = 0;
	const json_t *s = find_step(f, json_str_at(ev, "step") ?: "", &at);

	_cleanup_free_ char *behind = xasprintf("%s%s%s", took, note ? "  " : "", note ? note : "");
	f->finished = at == json_array_size(f->steps) && strcmp(result, "failed") != 0;
	if (!strcmp(result, "skipped") && s)
		lines_skipped(at, json_array_size(f->steps), json_int_at(s, "number", 0),
			      show_text(json_str_at(s, "title")));
	else if (strcmp(result, "skipped"))
		lines_end(&f->lines, strcmp(result, "failed") ? MARK_DONE : MARK_FAILED, behind);
}

static void on_run_end(struct follow *f, const json_t *ev)
{
	const json_t *error = json_object_get(ev, "error");

	f->over = true;
	f->status = events_exit(ev);
	struct err e = ERR_INIT;
	if (json_is_object(error))
		events_error_read(error, &e);
	if (f->ui->json)
		return;
	if (f->finished && (f->status == EXIT_OK || f->status == EXIT_DEGRADED))
		handover_show();
	if (f->status == EXIT_OK)
		puts(_("All done."));
	else if (f->status == EXIT_DEGRADED)
		puts(_("Done, but something that is not essential does not work; the lines above show what."));
	else if (f->status == EXIT_CANCELLED)
		puts(_("Cancelled. What is done is kept; continue with: ess-setup apply"));
	if (f->ui->rehearse)
		puts(_("This was a rehearsal: nothing on this machine was changed."));
	fflush(stdout);
	if (err_is_set(&e))
		show_failure(f->ui, &e);
}

static void on_event(struct follow *f, const json_t *ev)
{
	const char *type = json_str_at(ev, "type");

	if (f->ui->json) {
		_cleanup_free_ char *line = json_canonical(ev);
		puts(line);
	}
	if (!strcmp(type, "run.begin")) {
		json_decref(f->steps);
		f->steps = json_incref(json_object_get(ev, "steps"));
	} else if (!strcmp(type, "run.end")) {
		on_run_end(f, ev);
	} else if (f->ui->json) {
		;
	} else if (!strcmp(type, "step.start")) {
		on_step_start(f, ev);
	} else if (!strcmp(type, "step.progress")) {
		on_progress(f, ev);
	} else if (!strcmp(type, "step.end")) {
		on_step_end(f, ev);
	}
	fflush(stdout);
}

static void take_events(struct follow *f, struct events_reader *r)
{
	json_t *ev;
	while (!f->over && (ev = events_reader_next(r))) {
		on_event(f, ev);
		json_decref(ev);
	}
}

static bool at_work(const struct follow *f, struct err *e)
{
	if (f->end_fd < 0)
		return client_holder(e) > 0;
	struct pollfd p = { .fd = f->end_fd, .events = POLLIN };
	return poll(&p, 1, 0) == 0;
}

static void follow(struct follow *f, struct events_reader *r, struct err *e)
{
	while (!f->over && !leaving) {
		/* Asked before reading: what the engine wrote until its death is then surely read. */
		bool works = at_work(f, e);
		take_events(f, r);
		if (f->over || err_is_set(e))
			return;
		if (!works) {
			err_set(e, FAULT_ENGINE_DIED, N_("the engine ended without saying how the run went"));
			return;
		}
		if (!leaving)
			poll(NULL, 0, LOOK_EVERY_MS);
	}
}

static void follow_done(struct follow *f)
{
	json_decref(f->steps);
	lines_done(&f->lines);
}

int follow_run(const struct ui *ui, int *ret_status, struct err *e)
{
	static const int sigs[] = { SIGINT, SIGHUP, SIGTERM };
	struct sigaction sa = { .sa_handler = on_leave }, old[ARRAY_LEN(sigs)];
	struct follow f = { .ui = ui, .end_fd = -1 };
	struct events_reader *r = events_reader_open(NULL, e);

	if (!r)
		return -1;
	leaving = 0;
	for (size_t i = 0; i < ARRAY_LEN(sigs); i++)
		sigaction(sigs[i], &sa, &old[i]);
	follow(&f, r, e);
	for (size_t i = 0; i < ARRAY_LEN(sigs); i++)
		sigaction(sigs[i], &old[i], NULL);
	if (leaving && !f.over && !ui->json)
		puts(_("The installation goes on in the background. Come back at any time with: ess-setup attach"));
	*ret_status = f.status;
	follow_done(&f);
	events_reader_close(r);
	return err_is_set(e) ? -1 : 0;
}

/* --- in the foreground ------------------------------------------------------------------------ */

/* The name of the newest run, to tell a new one from it. New. */
static char *newest_run(void)
{
	_cleanup_free_ char *link = path_get(PATH_LOG_CURRENT);
	char target[PATH_MAX];
	ssize_t n = readlink(link, target, sizeof(target) - 1);
	target[n < 0 ? 0 : n] = '\0';
	return xstrdup(target);
}

/* Shows the run that is not the one from before, while another process waits for the engine. */
static void follow_new_run(const struct ui *ui, int end_fd, const char *before)
{
	struct follow f = { .ui = ui, .end_fd = end_fd };
	struct err e = ERR_INIT;
	bool works, began;

	do {
		works = at_work(&f, &e);
		_cleanup_free_ char *now = newest_run();
		began = strcmp(now, before) != 0;
		if (!began && works)
			poll(NULL, 0, LOOK_EVERY_MS);
	} while (works && !began);
	struct events_reader *r = began ? events_reader_open(NULL, &e) : NULL;
	if (r)
		follow(&f, r, &e);
	if (err_is_set(&e))
		show_failure(ui, &e);
	events_reader_close(r);
	follow_done(&f);
}

int follow_foreground(const struct ui *ui, int *ret_status, struct err *e)
{
	_cleanup_free_ char *before = newest_run();
	/* A handler, not SIG_IGN: the engine must not inherit an ignored ^C. */
	struct sigaction sa = { .sa_handler = on_leave, .sa_flags = SA_RESTART }, old;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_set(e, FAULT_INTERNAL, N_("pipe: %s"), strerror(errno));
	fflush(NULL);
	pid_t watcher = fork();
	if (watcher == 0) {
		signal(SIGINT, SIG_IGN);
		close(fds[1]);
		follow_new_run(ui, fds[0], before);
		fflush(NULL);
		_exit(0);
	}
	close(fds[0]);
	sigaction(SIGINT, &sa, &old);
	int r = client_run_foreground(ret_status, e);
	sigaction(SIGINT, &old, NULL);
	close(fds[1]);
	while (watcher > 0 && waitpid(watcher, NULL, 0) < 0 && errno == EINTR)
		;
	_cleanup_free_ char *after = newest_run();
	if (r == 0 && *ret_status != EXIT_OK && !strcmp(before, after))
		return err_set(e, FAULT_ENGINE_START, N_("%s/ess-engine ended without a word"), path_libexec());
	return r;
}
