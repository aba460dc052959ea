/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The pages as plain text: everything has a number, a comma makes a speaking terminal pause, and nothing
 * is drawn over. 0 leads back; in an answer so does <, where 0 is an answer itself. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"
#include "base/text.h"
#include "dialog/cols.h"
#include "ui/input.h"
#include "ui/lines.h"
#include "ui/page.h"
#include "ui/show.h"

#define LOG_LINES 20
#define LOG_MAX ((size_t)64 << 20)
#define CHECK_PATIENCE_MS 20000
#define LOOK_MS 100

static int face_begin(struct pages *p)
{
	(void)p;
	return 0;
}

static void face_end(struct pages *p)
{
	(void)p;
}

static void print_head(const char *title, const char *text)
{
	puts("");
	if (title)
		puts(title);
	show_wrapped(stdout, text);
}

static void face_say(struct pages *p, const char *title, const char *text)
{
	(void)p;
	print_head(title, text);
	fflush(stdout);
}

static void face_wait(struct pages *p, const char *text)
{
	(void)p;
	puts(text);
	fflush(stdout);
}

/* A number from 0 to most; -1: help is wanted. The end of input is 0. */
static long ask_number(size_t most, unsigned def, bool has_help)
{
	_cleanup_free_ char *prompt = xasprintf(has_help ? _("Type a number [%u], ? for help:") :
							   _("Type a number [%u]:"), def);
	for (;;) {
		_cleanup_free_ char *line = input_line(prompt, false);
		long v;
		if (!line)
			return 0;
		if (!*line)
			return (long)def;
		if (has_help && !strcmp(line, "?"))
			return -1;
		if (text_to_long(line, 0, (long)most, &v))
			return v;
		printf(_("Please type a number from 0 to %zu.\n"), most);
	}
}

static void print_items(const struct page_list *l)
{
	for (size_t i = 0; i < l->n; i++) {
		const char *note = l->notes && l->notes[i] ? l->notes[i] : "";
		_cleanup_free_ char *item = *note ? xasprintf(_("%s: %s"), l->labels[i], note) : xstrdup(l->labels[i]);
		printf(_("%zu %s,\n"), i + 1, item);
	}
	printf("0 %s\n", l->zero);
}

static unsigned face_choose(struct pages *p, const struct page_list *l)
{
	(void)p;
	print_head(l->title, l->text);
	for (;;) {
		print_items(l);
		long n = ask_number(l->n, l->first, l->help != NULL);
		if (n >= 0)
			return (unsigned)n;
		print_head(NULL, l->help);
	}
}

static enum dialog_end face_confirm(struct pages *p, const struct page_question *q)
{
	const char *labels[] = { q->yes, q->extra };
	const struct page_list l = {
		.title = q->title, .text = q->text, .labels = labels, .n = q->extra ? 2 : 1, .zero = q->no,
		.first = q->default_no ? 0 : 1,
	};
	unsigned n = face_choose(p, &l);
	return n == 1 ? DIALOG_OK : n == 2 ? DIALOG_EXTRA : DIALOG_CANCEL;
}

/* --- several answers -------------------------------------------------------------------------- */

static char *fault_of(const struct page_form *f, size_t i, const char *value)
{
	return f->check ? f->check(f->data, i, value) : NULL;
}

static bool typed_meanwhile(void)
{
	if (isatty(STDIN_FILENO))
		return input_waits(LOOK_MS);
	clock_pause(LOOK_MS, NULL); /* on a pipe all of it is there from the start */
	return false;
}

/* A check that asks the network is waited for here, until something else is typed. */
static void wait_for_check(const struct page_form *f, size_t i)
{
	long until = clock_ms() + CHECK_PATIENCE_MS;

	if (!f->tick)
		return;
	if (f->pending && f->pending(f->data, i))
		puts(_("It is being checked..."));
	fflush(stdout);
	while (f->pending && f->pending(f->data, i) && clock_ms() < until && !typed_meanwhile())
		f->tick(f->data);
	f->tick(f->data);
}

/* What people read in the place of the value. */
static const char *shown_value(const struct dialog_field *field)
{
	for (size_t n = 0; field->choices && field->shown && field->choices[n]; n++)
		if (!strcmp(field->choices[n], field->value))
			return field->shown[n];
	return field->value;
}

static char *prompt_for(const struct page_form *f, size_t i)
{
	const struct dialog_field *field = &f->fields[i];
	const char *back = f->zero && f->zero[i] ? "<" : "0";

	if (field->secret || !*field->value)
		return xasprintf(_("(%s = back, ? = help):"), back);
	return xasprintf(_("[%s] (Enter keeps it, %s = back, ? = help):"), shown_value(field), back);
}

static bool is_back(const struct page_form *f, size_t i, const char *line)
{
	return !strcmp(line, "<") || (!strcmp(line, "0") && !(f->zero && f->zero[i]));
}

/* The number of a choice stands for it. New. */
static char *meant(const struct dialog_field *field, const char *line)
{
	size_t n = 0;
	long v;

	while (field->choices && field->choices[n])
		n++;
	if (n && text_to_long(line, 1, (long)n, &v))
		return xstrdup(field->choices[v - 1]);
	return xstrdup(!strcmp(line, "!") ? "" : *line ? line : field->value);
}

static void print_choices(const struct dialog_field *field)
{
	for (size_t n = 0; field->choices && field->choices[n]; n++)
		printf(_("%zu %s,\n"), n + 1, field->shown ? field->shown[n] : field->choices[n]);
}

/* False when the user wants back. */
static bool ask_field(const struct page_form *f, size_t i)
{
	struct dialog_field *field = &f->fields[i];

	printf("\n%s\n", field->label);
	if (field->hint && *field->hint)
		printf("  %s\n", field->hint);
	print_choices(field);
	for (;;) {
		_cleanup_free_ char *prompt = prompt_for(f, i);
		_cleanup_secret_ char *line = input_line(prompt, field->secret);
		if (!line || is_back(f, i, line))
			return false;
		if (!strcmp(line, "?")) {
			f->explain(f->data, i);
			continue;
		}
		_cleanup_secret_ char *value = meant(field, line);
		_cleanup_free_ char *why = fault_of(f, i, value);
		if (why) {
			printf(_("Wrong: %s\n"), why);
			continue;
		}
		free_secret(field->value);
		field->value = steal(value);
		wait_for_check(f, i);
		if (field->hint && field->warn)
			printf("  %s\n", field->hint);
		return true;
	}
}

static void print_fields(const struct page_form *f)
{
	puts("");
	for (size_t i = 0; i < f->n; i++) {
		const struct dialog_field *field = &f->fields[i];
		_cleanup_free_ char *why = fault_of(f, i, field->value);
		printf(_("%zu %s: %s,\n"), i + 1, field->label,
		       field->secret && *field->value ? "*****" : *field->value ? field->value : "-");
		if (why)
			printf(_("  Wrong: %s\n"), why);
		else if (field->warn && field->hint)
			printf("  %s\n", field->hint);
	}
}

/* What has no right answer yet, one after the other. False when the user wants back. */
static bool ask_open_fields(const struct page_form *f)
{
	for (size_t i = 0; i < f->n;) {
		_cleanup_free_ char *why = f->single ? xstrdup("") : fault_of(f, i, f->fields[i].value);
		bool wanted = f->wanted && f->wanted[i] && !*f->fields[i].value;
		if ((!why && !wanted) || ask_field(f, i))
			i++;
		else
			return false;
	}
	return true;
}

/* The first field that is wrong, or n. */
static size_t first_wrong(const struct page_form *f)
{
	for (size_t i = 0; i < f->n; i++) {
		_cleanup_free_ char *why = fault_of(f, i, f->fields[i].value);
		if (why)
			return i;
	}
	return f->n;
}

static enum dialog_end change_fields(const struct page_form *f)
{
	for (;;) {
		print_fields(f);
		_cleanup_free_ char *line = input_line(_("Number to change, Enter = next, 0 = back:"), false);
		long v = 0;
		if (!line)
			return DIALOG_ESC;
		size_t wrong = *line ? f->n : first_wrong(f);
		if (!*line && wrong == f->n)
			return DIALOG_OK;
		if (!*line)
			ask_field(f, wrong);
		else if (!text_to_long(line, 0, (long)f->n, &v))
			printf(_("Please type a number from 0 to %zu.\n"), f->n);
		else if (v == 0)
			return DIALOG_CANCEL;
		else
			ask_field(f, (size_t)v - 1);
	}
}

static enum dialog_end face_form(struct pages *p, struct page_form *f)
{
	const char *const labels[] = { _("keep what stands there, and go on"), _("see and change it") };

	if (f->skippable && first_wrong(f) == f->n) {
		switch (page_choose(p, f->title, f->text, labels, ARRAY_LEN(labels), _("back"), 1)) {
		case 1:
			return DIALOG_EXTRA;
		case 2:
			return change_fields(f);
		default:
			return input_ended() ? DIALOG_ESC : DIALOG_CANCEL;
		}
	}
	print_head(f->title, f->text);
	if (!ask_open_fields(f))
		return input_ended() ? DIALOG_ESC : DIALOG_CANCEL;
	return f->single ? DIALOG_OK : change_fields(f);
}

/* --- log -------------------------------------------------------------------------------------- */

static int face_log(struct pages *p, const char *title, const char *path)
{
	_cleanup_free_ char *text = NULL;
	size_t len;

	(void)p;
	if (fs_read(path, LOG_MAX, &text, &len, NULL) < 0)
		return -1;
	const char *from = text + len;
	for (int lines = 0; from > text && lines <= LOG_LINES; from--)
		lines += from[-1] == '\n';
	print_head(title, "");
	printf("%s%s", *from == '\n' ? from + 1 : from, text_ends(text, "\n") ? "" : "\n");
	printf(_("All of it: %s\n"), path);
	fflush(stdout);
	return 0;
}

/* --- a run ------------------------------------------------------------------------------------ */

struct view {
	const struct run_step *steps;
	size_t n, at;
	struct lines lines;
	bool begun;
	struct sigaction before;
};

static volatile sig_atomic_t interrupted;

static void on_interrupt(int sig)
{
	interrupted = sig;
}

/* steps is borrowed while the view is open. ^C leaves, as everywhere; the run goes on. */
static void *face_run_open(struct pages *p, const char *title, const struct run_step *steps, size_t n)
{
	struct view *v = xcalloc(1, sizeof(*v));
	const struct sigaction sa = { .sa_handler = on_interrupt };

	(void)p;
	*v = (struct view){ .steps = steps, .n = n };
	interrupted = 0;
	sigaction(SIGINT, &sa, &v->before);
	if (n)
		print_head(title, _("While it runs: 1 and Enter leaves it running, 2 shows the log, 3 cancels it."));
	return v;
}

static void face_run_mark(void *view, size_t step, enum dialog_mark mark, const char *note)
{
	struct view *v = view;

	if (step >= v->n)
		return;
	const struct run_step *s = &v->steps[step];
	if (mark == MARK_RUNNING) {
		lines_begin(&v->lines, step + 1, v->n, s->number, s->title, 1);
		v->begun = true;
		v->at = step;
	} else if (mark == MARK_DONE && !v->begun) {
		lines_skipped(step + 1, v->n, s->number, s->title);
	} else {
		lines_end(&v->lines, mark, note);
		v->begun = false;
	}
	fflush(stdout);
}

static void face_run_say(void *view, const char *doing, const char *when, unsigned percent)
{
	struct view *v = view;

	(void)when;
	if (v->begun && strcmp(doing, v->steps[v->at].title))
		lines_progress(&v->lines, doing, (long long)percent);
	fflush(stdout);
}

static enum run_wish face_run_wait(void *view, int ms)
{
	(void)view;
	if (interrupted) {
		interrupted = 0;
		return RUN_LEAVE;
	}
	/* The lines of a script are for the pages after the run. */
	if (!isatty(STDIN_FILENO))
		clock_pause(ms, NULL);
	if (!isatty(STDIN_FILENO) || !input_waits(ms))
		return interrupted ? RUN_LEAVE : RUN_WATCH;
	_cleanup_free_ char *line = input_line("", false);
	if (!line)
		return RUN_WATCH;
	return !strcmp(line, "1") || !strcmp(line, "0") ? RUN_LEAVE :
	       !strcmp(line, "2")			? RUN_LOG :
	       !strcmp(line, "3")			? RUN_CANCEL :
							  RUN_WATCH;
}

static void face_run_close(void *view)
{
	struct view *v = view;

	sigaction(SIGINT, &v->before, NULL);
	lines_done(&v->lines);
	free(v);
}

const struct face face_plain = {
	.begin = face_begin,
	.end = face_end,
	.say = face_say,
	.wait = face_wait,
	.choose = face_choose,
	.confirm = face_confirm,
	.form = face_form,
	.log = face_log,
	.run_open = face_run_open,
	.run_mark = face_run_mark,
	.run_say = face_run_say,
	.run_wait = face_run_wait,
	.run_close = face_run_close,
};
