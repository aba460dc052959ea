/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Progress: a bar, or steps with their marks and a bar. Only what changed is sent. */
#include <stdlib.h>
#include <string.h>

#include <newt.h>

#include "base/clock.h"
#include "base/mem.h"
#include "dialog/box.h"
#include "dialog/cols.h"

#define CTRL_C 3
#define NOTE_COLS 24

struct dialog_gauge {
	struct box box;
	struct dialog look;
	char **names, **notes;
};

static struct dialog_gauge *gauge_new(const struct dialog *d, const char *text, enum box_kind kind)
{
	struct dialog_gauge *g = xcalloc(1, sizeof(*g));
	g->look = *d;
	box_init(&g->box, &g->look, kind, text);
	g->box.scale = scale_new(0);
	box_add(&g->box, &g->box.scale->w);
	return g;
}

struct dialog_gauge *dialog_gauge_new(const struct dialog *d, const char *text, unsigned long percent)
{
	struct dialog_gauge *g = gauge_new(d, text, BOX_GAUGE);
	dialog_gauge_set(g, NULL, percent);
	return g;
}

void dialog_gauge_set(struct dialog_gauge *g, const char *text, unsigned long percent)
{
	if (text)
		text_set(g->box.text, text);
	g->box.scale->percent = percent > 100 ? 100 : percent;
}

void dialog_gauge_room(struct dialog_gauge *g, const char *written)
{
	struct box *b = &g->box;
	if (b->w <= 2)
		box_draw(b);
	char **lines = cols_wrap(written, b->w - 2);
	int rows = (int)strv_len(lines);
	strv_free(lines);
	if (!b->text_rows)
		b->text_rows = b->text->w.h;
	if (rows > b->text_rows)
		b->text_rows = rows;
}

void dialog_gauge_draw(struct dialog_gauge *g)
{
	struct box *b = &g->box;
	/* the window grows with its text, so that none is cut; it never shrinks: that would flicker */
	if (b->w > 2) {
		int lines = text_fit(b->text, b->w - 2);
		if (b->text_rows && lines > b->text_rows)
			lines = b->text_rows;
		if (b->kind == BOX_GAUGE && lines > b->h - 3 && g->look.height > 0 && g->look.height < lines + 5)
			g->look.height = lines + 5;
	}
	box_draw(b);
}

void dialog_gauge_free(struct dialog_gauge *g)
{
	if (!g)
		return;
	box_free(&g->box);
	strv_free(g->names);
	strv_free(g->notes);
	free(g);
}

/* --- steps ----------------------------------------------------------------------------------------- */
static void label_step(struct dialog_gauge *g, size_t i)
{
	/* ambiguous widths and fonts: these are one column everywhere, and ASCII where UTF-8 is not */
	static const char *const marks[] = {"·", "▶", "✓", "✗", "-"};
	static const char *const ascii[] = {".", ">", "+", "x", "-"};
	bool utf8 = MB_CUR_MAX > 1;
	enum dialog_mark m = g->box.marks[i];
	const char *note = g->notes[i];
	_cleanup_free_ char *row = xasprintf("%s %s%s%s", utf8 ? marks[m] : ascii[m], g->names[i],
					     *note ? "  " : "", note);
	text_set(g->box.labels[i], row);
}

struct dialog_gauge *dialog_steps_new(const struct dialog *d, const char *text,
				      const char *const *steps, size_t n)
{
	struct dialog_gauge *g = gauge_new(d, text, BOX_STEPS);
	struct box *b = &g->box;
	b->nfields = n;
	b->labels = xcalloc(n + 1, sizeof(struct w_text *));
	b->marks = xcalloc(n + 1, sizeof(*b->marks));
	for (size_t i = 0; i < n; i++) {
		strv_add(&g->names, cols_row(steps[i]));
		strv_add(&g->notes, xstrdup(""));
		b->labels[i] = text_new("");
		box_add(b, &b->labels[i]->w);
		label_step(g, i);
		int wide = cols(b->labels[i]->text) + NOTE_COLS;
		b->label_cols = wide > b->label_cols ? wide : b->label_cols;
	}
	const char *const labels[] = {d->ok, d->cancel, d->extra, d->help};
	static const enum dialog_end ends[] = {DIALOG_OK, DIALOG_CANCEL, DIALOG_EXTRA, DIALOG_HELP};
	for (size_t i = 0; d->buttons && i < ARRAY_LEN(labels); i++)
		if (labels[i])
			box_add_button(b, labels[i], ends[i]);
	if (b->nbuttons)
		box_focus(b, &b->buttons[0]->w);
	return g;
}

void dialog_steps_set(struct dialog_gauge *g, size_t step, enum dialog_mark mark, const char *note)
{
	if (step >= g->box.nfields)
		return;
	g->box.marks[step] = mark;
	if (note) {
		free(g->notes[step]);
		g->notes[step] = cols_row(note);
	}
	label_step(g, step);
}

enum dialog_end dialog_gauge_wait(struct dialog_gauge *g, int fd, int ms)
{
	long until = clock_ms() + ms;
	for (;;) {
		struct key key;
		long left = until - clock_ms();
		switch (key_wait(&key, fd, ms < 0 ? -1 : left > 0 ? (int)left : 0)) {
		case KEY_FD: return DIALOG_EVENT;
		case KEY_TIMEOUT: return DIALOG_TIMEOUT;
		case KEY_GONE: return DIALOG_GONE;
		case KEY_CHANGED: dialog_gauge_draw(g); break;
		case KEY_PRESSED:
			if (key.code == CTRL_C)
				return DIALOG_CANCEL;
			enum dialog_end end;
			if (g->box.nbuttons && box_key(&g->box, &key, &end))
				return end;
			if (g->box.nbuttons)
				dialog_gauge_draw(g);
			if (g->look.digits_choose && (key.code == '0' || key.code == NEWT_KEY_ESCAPE))
				return DIALOG_ESC;
		}
	}
}
