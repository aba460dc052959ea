/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The loop of a box. Keys go to the box's own keys, Tab, the focused widget, then to whoever else
 * can use them: arrows move the focus, and text that did not fit scrolls. */
#include <stdlib.h>
#include <string.h>

#include <newt.h>

#include "base/clock.h"
#include "base/mem.h"
#include "dialog/box.h"
#include "dialog/layout.h"
#include "dialog/screen.h"

void box_init(struct box *b, const struct dialog *d, enum box_kind kind, const char *text)
{
	memset(b, 0, sizeof(*b));
	b->d = d;
	b->kind = kind;
	b->text = text_new(text);
	box_add(b, &b->text->w);
}

void box_free(struct box *b)
{
	for (size_t i = 0; i < b->n; i++)
		widget_free(b->widgets[i]);
	free(b->widgets);
	free(b->labels);
	free(b->entries);
	free(b->marks);
	memset(b, 0, sizeof(*b));
}

void box_add(struct box *b, struct widget *w)
{
	b->widgets = xreallocarray(b->widgets, b->n + 1, sizeof(struct widget *));
	b->widgets[b->n++] = w;
}

void box_add_button(struct box *b, const char *label, enum dialog_end end)
{
	struct w_button *button = button_new(label, b->d->full_buttons, end);
	b->buttons[b->nbuttons++] = button;
	box_add(b, &button->w);
}

void box_add_buttons(struct box *b)
{
	const struct dialog *d = b->d;
	if (b->kind == BOX_YESNO) {
		box_add_button(b, d->yes ? d->yes : "Yes", DIALOG_OK);
		box_add_button(b, d->no ? d->no : "No", DIALOG_CANCEL);
	} else {
		box_add_button(b, d->ok ? d->ok : "Ok", DIALOG_OK);
		if (b->kind != BOX_MESSAGE && !d->no_cancel)
			box_add_button(b, d->cancel ? d->cancel : "Cancel", DIALOG_CANCEL);
	}
	if (d->extra)
		box_add_button(b, d->extra, DIALOG_EXTRA);
	if (d->help)
		box_add_button(b, d->help, DIALOG_HELP);
}

void box_focus(struct box *b, const struct widget *w)
{
	for (size_t i = 0; i < b->n; i++)
		if (b->widgets[i] == w)
			b->focus = i;
}

/* The text scrolls only because it did not fit. */
static bool spare_text(const struct box *b)
{
	return !b->d->scroll && !b->auto_scroll;
}

/* The next that takes the focus; without wrapping the focus stays where there is none. */
static bool move_focus(struct box *b, int dir, bool wrap)
{
	long i = (long)b->focus, n = (long)b->n;
	for (long k = 0; k < n; k++) {
		i += dir;
		if (wrap)
			i = (i + n) % n;
		if (i < 0 || i >= n)
			return false;
		/* only Tab goes to text that nobody asked to scroll: keys do as in whiptail */
		if (b->widgets[i]->focusable && (wrap || i || !spare_text(b))) {
			b->focus = (size_t)i;
			return true;
		}
	}
	return false;
}

static void move_to_end(struct box *b, int dir)
{
	while (move_focus(b, dir, false))
		;
}

/* Which of the fields or steps are seen, where not all of them are. */
static void draw_fields_bar(const struct box *b)
{
	size_t seen = 0;
	int y = 0;
	for (size_t i = 0; i < b->nfields; i++) {
		if (b->labels[i]->w.h > 0 && seen++ == 0)
			y = b->labels[i]->w.y;
	}
	if (seen && seen < b->nfields)
		draw_bar(b->top + y, b->left + b->w - 1, (int)seen, b->field_top, b->nfields - seen, NEWT_COLORSET_TEXTBOX);
}

void box_draw(struct box *b)
{
	layout_place(b);
	if (b->before_draw)
		b->before_draw(b);
	if (!b->widgets[b->focus]->focusable)
		move_focus(b, 1, true);
	/* below the window and its shadow, or not at all */
	bool room = b->top + b->h + 1 < screen_rows() - 1;
	screen_clear(b->d->right, room ? b->d->foot : NULL);
	screen_window(b->top, b->left, b->h, b->w, b->d->title);
	screen_backtitle(b->d->backtitle);
	for (size_t i = 0; i < b->n; i++)
		if (b->widgets[i]->h > 0)
			b->widgets[i]->ops->draw(b->widgets[i], b->top, b->left,
						 i == b->focus && b->widgets[i]->focusable);
	draw_fields_bar(b);
	struct widget *w = b->widgets[b->focus];
	if (!w->focusable && b->scale)
		w = &b->scale->w;
	int y, x;
	bool visible = w->ops->cursor(w, &y, &x);
	screen_refresh(b->top + y, b->left + x, visible && w->focusable);
}

/* Which button F12 stands for: Ok, in a yes/no box the focused one. */
static enum dialog_end accept(const struct box *b)
{
	for (size_t i = 0; i < b->nbuttons; i++)
		if (b->kind == BOX_YESNO && &b->buttons[i]->w == b->widgets[b->focus])
			return b->buttons[i]->end;
	return DIALOG_OK;
}

static enum dialog_end pressed(const struct box *b, const struct widget *w)
{
	for (size_t i = 0; i < b->nbuttons; i++) {
		if (&b->buttons[i]->w == w) {
			button_press(b->buttons[i], b->top, b->left);
			return b->buttons[i]->end;
		}
	}
	return DIALOG_OK;
}

/* Keys that the focused widget did not want. */
static void spare_key(struct box *b, const struct key *key)
{
	/* text that did not fit scrolls from anywhere, but takes no key that moves the focus in whiptail */
	bool page = key->code == NEWT_KEY_PGUP || key->code == NEWT_KEY_PGDN;
	if (text_more(b->text) && (b->nbuttons == 1 || page) && text_scroll(b->text, key->code) == ACT_TAKEN)
		return;
	switch (key->code) {
	case NEWT_KEY_UP:
	case NEWT_KEY_LEFT:
	case NEWT_KEY_BKSPC: move_focus(b, -1, false); break;
	case NEWT_KEY_DOWN:
	case NEWT_KEY_RIGHT: move_focus(b, 1, false); break;
	case NEWT_KEY_ENTER:
		if (b->kind == BOX_FORM)
			move_focus(b, 1, false);
		break;
	case NEWT_KEY_PGUP: move_to_end(b, -1); break;
	case NEWT_KEY_PGDN: move_to_end(b, 1); break;
	default: break;
	}
}

bool box_key(struct box *b, const struct key *key, enum dialog_end *end)
{
	bool done = false;
	if (b->key && b->key(b, key, &done, end))
		return done;
	switch (key->code) {
	case NEWT_KEY_ESCAPE: *end = DIALOG_ESC; return true;
	case NEWT_KEY_F12: *end = accept(b); return true;
	case NEWT_KEY_F1:
		*end = DIALOG_HELP;
		if (b->d->help)
			return true;
		break;
	case NEWT_KEY_TAB: move_focus(b, 1, true); return false;
	case NEWT_KEY_UNTAB: move_focus(b, -1, true); return false;
	default: break;
	}
	struct widget *w = b->widgets[b->focus];
	enum act act = w->ops->key && w->focusable ? w->ops->key(w, key) : ACT_IGNORED;
	if (act == ACT_DONE) {
		*end = pressed(b, w);
		return true;
	}
	if (act == ACT_IGNORED && w == &b->text->w && spare_text(b) && key->code == NEWT_KEY_ENTER) {
		*end = DIALOG_OK;
		return true;
	}
	if (act == ACT_IGNORED)
		spare_key(b, key);
	return false;
}

static int until(long when)
{
	long left = when - clock_ms();
	return left > 0 ? (int)left : 0;
}

enum dialog_end box_run(struct box *b)
{
	const struct dialog *d = b->d;
	long deadline = d->timeout_ms > 0 ? clock_ms() + d->timeout_ms : 0;
	long tick = d->tick_ms > 0 ? clock_ms() + d->tick_ms : 0;
	layout_place(b);
	if (b->auto_scroll && !d->default_no && b->kind != BOX_FORM &&
	    !(b->menu && d->digits_choose))
		box_focus(b, &b->text->w);
	screen_flush_keys();
	box_draw(b);
	for (;;) {
		struct key key;
		enum dialog_end end = DIALOG_OK;
		long next = tick && (!deadline || tick < deadline) ? tick : deadline;
		enum key_event ev = key_wait(&key, -1, next ? until(next) : -1);
		if (ev == KEY_GONE)
			return DIALOG_GONE;
		if (ev == KEY_TIMEOUT && deadline && clock_ms() >= deadline)
			return DIALOG_TIMEOUT;
		bool draw = ev != KEY_TIMEOUT;
		if (tick && clock_ms() >= tick) {
			draw |= d->tick(d->data);
			tick = clock_ms() + d->tick_ms;
		}
		if (ev == KEY_PRESSED && box_key(b, &key, &end) && (!b->leave || b->leave(b, end)))
			return end;
		if (draw)
			box_draw(b);
	}
}
