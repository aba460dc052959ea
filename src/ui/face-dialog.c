/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The pages as dialogs, made of the boxes of src/dialog. */
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/mem.h"
#include "dialog/cols.h"
#include "dialog/screen.h"
#include "ui/page.h"
#include "ui/show.h"

#define MIN_ROWS 18
#define MIN_COLS 60
#define MOST_ITEMS 9
#define ROW_MARGIN 8 /* what a row of a list leaves of the screen for frame, number and blanks */
#define TICK_MS 100
#define OLD_MS 2000
#define NOTE_COLS 22 /* behind a step: how long it took, what it found */
#define TEXT_COLS 52 /* a line of text never breaks, so that the box keeps its height */

bool pages_possible(const struct ui *ui)
{
	const char *term = getenv("TERM"), *plain = getenv("ESS_SETUP_PLAIN");
	struct winsize size;

	if (ui->plain || ui->json || (plain && *plain))
		return false;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return false;
	if (!term || !*term || !strcmp(term, "dumb"))
		return false;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row >= MIN_ROWS &&
	       size.ws_col >= MIN_COLS;
}

static int face_begin(struct pages *p)
{
	(void)p;
	screen_stoppable();
	return screen_open() == SCREEN_OK ? 0 : -1;
}

static void face_end(struct pages *p)
{
	(void)p;
	screen_close();
}

/* The look of a box; title is borrowed. */
static struct dialog box(const struct pages *p, const char *title)
{
	return (struct dialog){
		.title = title,
		.backtitle = p->ui->rehearse ? _("ess-setup   REHEARSAL: nothing on this machine is changed") :
					       PACKAGE_STRING,
		.right = p->ui->rehearse ? NULL : p->right,
		.ok = _("Ok"),
		.cancel = _("Back"),
		.yes = _("Yes"),
		.no = _("No"),
		.digits_choose = true,
	};
}

static void face_say(struct pages *p, const char *title, const char *text)
{
	struct dialog d = box(p, title);
	p->gone |= dialog_message(&d, text) == DIALOG_GONE;
}

static void face_wait(struct pages *p, const char *text)
{
	struct dialog d = box(p, NULL);
	dialog_info(&d, text);
}

/* Label and note in two columns. New vector. */
static char **item_rows(const struct page_list *l, size_t n)
{
	char **rows = NULL;
	int widest = 0;

	for (size_t i = 0; l->notes && i < n; i++) {
		int width = cols(l->labels[i]);
		widest = width > widest ? width : widest;
	}
	for (size_t i = 0; i < n; i++) {
		const char *note = l->notes && l->notes[i] ? l->notes[i] : "";
		if (widest + 2 + cols(note) > screen_cols() - ROW_MARGIN)
			note = ""; /* rather than a part of it */
		_cleanup_free_ char *label = show_pad(l->labels[i], *note ? widest + 2 : 0);
		strv_add(&rows, xasprintf("%s%s", label, note));
	}
	return rows;
}

static unsigned face_choose(struct pages *p, const struct page_list *l)
{
	static const char *const digits[] = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9" };
	struct dialog_item items[MOST_ITEMS + 1];
	struct dialog d = box(p, l->title);
	size_t n = l->n > MOST_ITEMS ? MOST_ITEMS : l->n, cur = l->first ? l->first - 1 : n;
	_cleanup_strv_ char **rows = item_rows(l, n);
	enum dialog_end end;

	d.no_cancel = true; /* item 0 says it */
	d.help = l->help ? _("Help") : NULL;
	d.foot = l->help ? _("Digits choose at once   Arrows move   Enter accepts   F1 helps") : NULL;
	for (size_t i = 0; i < n; i++)
		items[i] = (struct dialog_item){ .tag = digits[i + 1], .text = rows[i] };
	items[n] = (struct dialog_item){ .tag = digits[0], .text = l->zero };
	d.timeout_ms = l->is_old ? OLD_MS : 0;
	do {
		end = dialog_menu(&d, l->text, items, n + 1, &cur);
		if (end == DIALOG_HELP)
			face_say(p, l->title, l->help);
	} while (end == DIALOG_HELP || (end == DIALOG_TIMEOUT && !l->is_old(l->data)));
	p->gone |= end == DIALOG_GONE;
	if (l->at)
		*l->at = cur < n ? (unsigned)cur + 1 : 0;
	if (end == DIALOG_TIMEOUT)
		return PAGE_OLD;
	return end == DIALOG_OK && cur < n ? (unsigned)cur + 1 : 0;
}

static enum dialog_end face_confirm(struct pages *p, const struct page_question *q)
{
	struct dialog d = box(p, q->title);

	d.yes = q->yes;
	d.no = q->no;
	d.extra = q->extra;
	d.default_no = q->default_no;
	return dialog_yesno(&d, q->text);
}

static enum dialog_end face_form(struct pages *p, struct page_form *f)
{
	struct dialog d = box(p, f->title);
	enum dialog_end end;

	d.ok = f->single ? _("Ok") : _("Next");
	d.extra = f->skippable ? _("Skip") : NULL;
	d.help = _("Help");
	d.foot = _("Enter next   Space changes a choice   F1 helps   Esc back");
	d.field = &f->field;
	d.data = f->data;
	d.tick = f->tick;
	d.tick_ms = f->tick ? TICK_MS : 0;
	while ((end = dialog_form(&d, f->text, f->fields, f->n, f->check)) == DIALOG_HELP && !p->gone)
		f->explain(f->data, f->field);
	return p->gone ? DIALOG_GONE : end;
}

static int face_log(struct pages *p, const char *title, const char *path)
{
	struct dialog d = box(p, title);
	enum dialog_end end = DIALOG_OK;

	if (dialog_tail(&d, path, &end) < 0)
		return -1;
	p->gone |= end == DIALOG_GONE;
	return 0;
}

/* --- a run ------------------------------------------------------------------------------------ */

struct view {
	struct pages *p;
	struct dialog look;
	struct dialog_gauge *gauge;
};

static char **step_names(const struct run_step *steps, size_t n)
{
	char **names = NULL;
	int widest = 0;

	for (size_t i = 0; i < n; i++) {
		int width = cols(steps[i].title);
		widest = width > widest ? width : widest;
	}
	for (size_t i = 0; i < n; i++) {
		_cleanup_free_ char *title = show_pad(steps[i].title, widest);
		strv_add(&names, xasprintf("%2lld %s", steps[i].number, title));
	}
	return names;
}

static void *face_run_open(struct pages *p, const char *title, const struct run_step *steps, size_t n)
{
	struct view *v = xcalloc(1, sizeof(*v));
	_cleanup_strv_ char **names = step_names(steps, n);

	v->p = p;
	v->look = box(p, title);
	v->look.ok = _("Leave");
	v->look.extra = _("Log");
	v->look.cancel = _("Cancel");
	v->look.buttons = true;
	v->gauge = dialog_steps_new(&v->look, "\n", (const char *const *)names, n);
	return v;
}

static void face_run_mark(void *view, size_t step, enum dialog_mark mark, const char *note)
{
	struct view *v = view;
	_cleanup_free_ char *cut = xstrdup(note);

	cut[cols_cut(cut, NOTE_COLS, NULL)] = '\0';
	dialog_steps_set(v->gauge, step, mark, cut);
}

static void face_run_say(void *view, const char *doing, const char *when, unsigned percent)
{
	struct view *v = view;
	_cleanup_free_ char *cut = xstrdup(doing);

	cut[cols_cut(cut, TEXT_COLS, NULL)] = '\0';
	_cleanup_free_ char *text = xasprintf("%s\n%s", cut, when);
	dialog_gauge_set(v->gauge, text, percent);
	dialog_gauge_draw(v->gauge);
}

static enum run_wish face_run_wait(void *view, int ms)
{
	struct view *v = view;

	switch (dialog_gauge_wait(v->gauge, -1, ms)) {
	case DIALOG_OK:
	case DIALOG_ESC:
		return RUN_LEAVE;
	case DIALOG_EXTRA:
		return RUN_LOG;
	case DIALOG_CANCEL:
		return RUN_CANCEL;
	case DIALOG_GONE:
		v->p->gone = true;
		break;
	case DIALOG_HELP:
	case DIALOG_TIMEOUT:
	case DIALOG_EVENT:
		break;
	}
	return RUN_WATCH;
}

static void face_run_close(void *view)
{
	struct view *v = view;
	dialog_gauge_free(v->gauge);
	free(v);
}

const struct face face_dialog = {
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
