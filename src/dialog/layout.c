/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The sizes and places are whiptail's where they fit. Where they do not, the window grows as far
 * as the screen lets it, lists get shorter, and text scrolls: nothing is cut or drawn over. */
#include <string.h>

#include "dialog/cols.h"
#include "dialog/layout.h"
#include "dialog/screen.h"

#define OUR_LINES 4   /* of text above fields and steps, before these have to scroll */
#define ENTRY_COLS 16 /* what a field keeps beside a long label */

static int min(int a, int b)
{
	return a < b ? a : b;
}

static int max(int a, int b)
{
	return a > b ? a : b;
}

/* Rows of buttons; boxes without any keep the room, as whiptail's do. */
static int button_rows(const struct box *b)
{
	return b->d->full_buttons ? 3 : 1;
}

static int button_cols(const struct box *b)
{
	int sum = 0;
	for (size_t i = 0; i < b->nbuttons; i++)
		sum += b->buttons[i]->w.w + (i ? 1 : 0);
	return sum;
}

static bool has_list(const struct box *b)
{
	return b->kind == BOX_MENU || b->kind == BOX_CHECK || b->kind == BOX_FORM || b->kind == BOX_STEPS;
}

static bool is_message(const struct box *b)
{
	return b->kind == BOX_MESSAGE || b->kind == BOX_YESNO || b->kind == BOX_INFO;
}

static size_t list_rows(const struct box *b)
{
	return b->menu ? b->menu->n : b->check ? b->check->n : b->nfields;
}

/* Columns of the widest tag and text of the list. */
static void item_cols(const struct box *b, int *tag, int *text)
{
	const struct dialog_item *items = b->menu ? b->menu->items : b->check->items;
	size_t n = b->menu ? b->menu->n : b->check->n;
	*tag = *text = 0;
	for (size_t i = 0; i < n; i++) {
		*tag = max(*tag, cols(items[i].tag));
		*text = max(*text, cols(items[i].text));
	}
	if (b->d->no_tags)
		*tag = 0;
}

/* --- automatic size ---------------------------------------------------------------------------- */
struct size {
	int h, w, list;
	bool scroll;    /* the screen was too small */
	bool first;     /* and the text has the focus first: whiptail has a row for it */
};

static void text_size(const char *text, int widest, int *h, int *w)
{
	*h = 2;
	*w = 0;
	while (*text) {
		const char *end = strchrnul(text, '\n');
		int n = cols_n(text, (size_t)(end - text));
		*h += 1 + n / widest;
		*w = max(*w, n);
		text = *end ? end + 1 : end;
	}
	*w = min(*w + 2, widest);
}

static void form_cols(const struct box *b, int *label, int *entry)
{
	*label = b->label_cols;
	*entry = 0;
	for (size_t i = 0; i < b->nfields; i++) {
		if (!b->label_cols)
			*label = max(*label, cols(b->labels[i]->text));
		*entry = max(*entry, b->entries ? max(b->entries[i]->cols, 12) : 0);
	}
}

static void list_size(const struct box *b, int *h, int *w, int *list)
{
	int tag, text;
	if (b->menu || b->check) {
		item_cols(b, &tag, &text);
		int extra = b->menu ? (b->d->no_tags ? 4 : 5) : (b->d->no_tags ? 8 : 10);
		*w = max(*w, tag + text + extra);
	} else {
		form_cols(b, &tag, &text);
		*w = max(*w, b->entries ? tag + max(text, 24) + 6 : tag + 4);
	}
	*w = min(*w, screen_cols());
	/* whiptail goes on with a list of no rows, and finds room for the text then */
	int rows = min((int)list_rows(b), screen_rows() - *h - 4);
	*list = max(rows, 1);
	*h += rows + 1;
	if (b->kind == BOX_FORM)
		*h += 1;
	if (b->kind == BOX_STEPS)
		*h += b->nbuttons ? 1 : 2;
}

static void guess(const struct box *b, struct size *s)
{
	int h, w;
	text_size(b->text->text, screen_cols() - 4, &h, &w);
	w = max(w, b->d->title ? cols(b->d->title) : 0) + 4;
	size_t buttons = b->kind == BOX_INFO ? 1 : b->nbuttons;
	if (buttons) {
		h += b->d->full_buttons ? 4 : 2;
		w = max(w, buttons == 1 ? 7 : b->d->full_buttons ? 20 : 19);
		if (buttons > 2)
			w = max(w, button_cols(b) + 4);
	}
	if (has_list(b))
		list_size(b, &h, &w, &s->list);
	else if (b->kind == BOX_INPUT)
		h += 1;
	else if (b->kind == BOX_GAUGE)
		h += 2;
	w += 2;
	h += 2;
	if (h > screen_rows() - 1) {
		h = screen_rows() - 1;
		s->scroll = true;
		w += 2;
	}
	s->w = min(max(s->w, w), screen_cols());
	s->h = max(s->h, h);
	const char *back = b->d->backtitle;
	if (!b->d->top_left && back && screen_rows() > 10 && s->h + 1 == screen_rows() &&
	    cols(back) > (screen_cols() - s->w) / 2) {
		s->h--;
		s->list--;
	}
}

/* --- vertical ---------------------------------------------------------------------------------- */

/* Rows of the inside that are not text, with a list of that height. */
static int other_rows(const struct box *b, int list)
{
	int buttons = button_rows(b);
	switch (b->kind) {
	case BOX_MENU: return 4 + buttons + list;
	case BOX_CHECK: return 3 + buttons + list;
	case BOX_FORM: return 5 + buttons + list;
	case BOX_STEPS: return 4 + list + (b->nbuttons ? 1 + buttons : 0);
	case BOX_GAUGE: return 3;
	default: return 3 + buttons;
	}
}

static bool is_ours(const struct box *b)
{
	return b->kind == BOX_FORM || b->kind == BOX_STEPS;
}

/* Makes room: for a row of text, or a list as long as can be. */
static void fit_rows(const struct box *b, struct size *s, int lines)
{
	/* the frame stays below the backtitle; whiptail's own boxes draw over it */
	bool below = b->d->backtitle && (is_ours(b) || b->d->digits_choose);
	int rows = max(screen_rows() - (below ? 4 : 2), 1);
	int need = lines > 0 ? 1 : 0;
	s->h = min(s->h, rows);
	if (is_message(b) || !has_list(b)) {
		s->h = min(max(s->h, other_rows(b, 0) + need), rows);
	} else {
		/* a list that leaves no row for the text is whiptail's way to hide it */
		bool ours = is_ours(b);
		if (ours)
			need = min(lines, OUR_LINES);
		if (b->menu && b->d->digits_choose) /* numbers that are chosen at once are all seen */
			s->list = min((int)list_rows(b), max(rows - other_rows(b, 0) - need, 1));
		if (ours)
			s->h = min(max(s->h, other_rows(b, s->list) + need), rows);
		if (s->h < other_rows(b, s->list) + (ours ? need : 0))
			s->list = max(min(s->list, s->h - other_rows(b, 0) - need), min(s->list, 1));
		s->h = min(max(s->h, other_rows(b, s->list)), rows);
	}
	s->h = max(s->h, 1);
}

/* With an automatic height the text is shown whole while the screen has room. */
static void grow_rows(const struct box *b, struct size *s, int lines)
{
	int want = other_rows(b, s->list) + lines;
	if (s->h < want)
		s->h = max(s->h, min(want, screen_rows() - 3));
}

static void place_text(struct box *b, const struct size *s)
{
	struct w_text *t = b->text;
	int room = max(s->h - other_rows(b, s->list), 0);
	int lines = (int)t->n;
	t->w.y = is_message(b) ? 1 : 0;
	t->w.x = 1;
	t->w.h = is_message(b) ? room : min(lines, room);
	if (b->text_rows)
		t->w.h = min(t->w.h, b->text_rows);
	t->bar_x = s->w - 1;
	if (!b->placed)
		b->auto_scroll = s->first && !b->d->spare_text;
	b->placed = true;
	bool keys = b->kind != BOX_INFO && b->kind != BOX_GAUGE && b->kind != BOX_STEPS;
	t->bar = keys;
	t->w.focusable = keys && t->w.h > 0 && (b->d->scroll || (s->scroll && b->kind != BOX_FORM) || text_more(t));
	/* after a change of size the first line may be too far down */
	if (t->top && t->top > lines - t->w.h)
		t->top = max(lines - t->w.h, 0);
}

/* --- horizontal: lists -------------------------------------------------------------------------- */
static void place_menu(struct box *b, const struct size *s)
{
	struct w_menu *m = b->menu;
	int tag, text;
	item_cols(b, &tag, &text);
	m->w.y = b->text->w.h + 1;
	m->w.h = s->list;
	m->bar = (size_t)max(s->list, 0) < m->n;
	int bar = m->bar ? 2 : 0;
	int line = min(tag + text + bar + 1, screen_cols() - 6);
	line = min(line, s->w - (m->bar ? 1 : 0));
	m->w.x = max((s->w - line) / 2, 0);
	int text_w = text, tag_w = tag;
	if (!text) {
		tag_w = line;
	} else {
		tag_w++;
		while (text_w + tag_w + bar > line && (text_w > 0 || tag_w > 0)) {
			if (text_w >= tag_w && text_w > 0)
				text_w--;
			else
				tag_w--;
		}
	}
	if (b->d->no_tags) {
		tag_w = 0;
		text_w = text;
	}
	m->tag_cols = tag_w;
	m->cols = 5;
	for (size_t i = 0; i < m->n; i++) {
		int used;
		cols_cut(m->items[i].text, text_w, &used);
		m->cols = max(m->cols, tag_w + used);
	}
	m->cols = max(min(m->cols, s->w - m->w.x - (m->bar ? 3 : 0)), 1);
	m->w.w = m->cols;
	menu_goto(m, m->cur);
}

static void place_check(struct box *b, const struct size *s)
{
	struct w_check *c = b->check;
	int tag, text;
	item_cols(b, &tag, &text);
	c->w.y = b->text->w.h + 1;
	c->w.x = 2;
	c->w.h = max(s->list, 0);
	c->tag_cols = tag;
	bool bar = c->n > (size_t)c->w.h;
	c->bar_x = s->w - 4;
	int want = 4 + text + (b->d->no_tags ? 0 : tag + 2);
	int room = (bar ? c->bar_x : s->w) - c->w.x;
	if (want > room && bar) {
		/* nearer to the frame, for the sake of the text */
		c->bar_x = s->w - 1;
		room = c->bar_x - c->w.x;
	}
	c->cols = max(min(want, room), 0);
	c->w.w = c->cols;
	size_t h = c->w.h > 0 ? (size_t)c->w.h : 1;
	if (c->cur >= c->top + h)
		c->top = c->cur - h + 1;
}

/* --- horizontal: fields, bar --------------------------------------------------------------------- */
static void place_form(struct box *b, const struct size *s)
{
	int label, entry;
	form_cols(b, &label, &entry);
	label = min(label, max(s->w / 2, s->w - ENTRY_COLS - 3));
	size_t rows = (size_t)max(s->list, 1);
	for (size_t i = 0; i < b->nfields; i++) {
		if (&b->entries[i]->w == b->widgets[b->focus]) {
			if (i < b->field_top)
				b->field_top = i;
			if (i >= b->field_top + rows)
				b->field_top = i - rows + 1;
		}
	}
	if (b->field_top + rows > b->nfields)
		b->field_top = b->nfields > rows ? b->nfields - rows : 0;
	int y = b->text->w.h + 1;
	for (size_t i = 0; i < b->nfields; i++) {
		bool seen = i >= b->field_top && i < b->field_top + rows;
		struct widget *l = &b->labels[i]->w, *e = &b->entries[i]->w;
		text_fit(b->labels[i], label);
		l->h = e->h = seen ? 1 : 0;
		l->y = e->y = seen ? y++ : y;
		l->x = 1;
		e->x = label + 2;
		int want = b->entries[i]->cols;
		e->w = want ? min(want, s->w - label - 3) : s->w - label - 3;
	}
	text_fit(b->note, s->w - 2);
	b->note->w.y = y;
	b->note->w.x = 1;
	b->note->w.h = min(3, s->h - y - button_rows(b) - 1);
	b->note->bar_x = s->w - 1;
}

static void place_steps(struct box *b, const struct size *s)
{
	size_t rows = (size_t)max(s->list, 1), running = 0;
	for (size_t i = 0; i < b->nfields; i++)
		if (b->marks[i] != MARK_WAITING)
			running = i;
	b->field_top = running + 1 > rows ? running + 1 - rows : 0;
	int y = b->text->w.h + 1;
	for (size_t i = 0; i < b->nfields; i++) {
		struct widget *l = &b->labels[i]->w;
		text_fit(b->labels[i], s->w - 2);
		bool seen = i >= b->field_top && i < b->field_top + rows;
		l->h = seen ? 1 : 0;
		l->y = seen ? y++ : y;
		l->x = 1;
	}
}

static void place_scale(struct box *b, const struct size *s)
{
	b->scale->w.y = s->h - 2 - (b->nbuttons ? 1 + button_rows(b) : 0);
	b->scale->w.x = 2;
	b->scale->w.w = max(s->w - 4, 1);
}

/* --- buttons ------------------------------------------------------------------------------------ */

/* Columns are measured from what is drawn; whiptail's places are of one column further left. */
static bool buttons_collide(const struct box *b, int w)
{
	for (size_t i = 0; i < b->nbuttons; i++) {
		const struct widget *v = &b->buttons[i]->w;
		int from = v->x + (b->d->full_buttons ? 0 : 1);
		int next = i + 1 < b->nbuttons ? b->buttons[i + 1]->w.x + (b->d->full_buttons ? 0 : 1) : w;
		if (from < 0 || from + v->w > next)
			return true;
	}
	return false;
}

static void spread_buttons(struct box *b, int w)
{
	int gaps = (int)b->nbuttons + 1;
	int rest = max(w - button_cols(b) + (int)b->nbuttons - 1, 0), at = 0, given = 0;
	for (size_t i = 0; i < b->nbuttons; i++) {
		int upto = rest * ((int)i + 1) / gaps;
		at += upto - given;
		given = upto;
		b->buttons[i]->w.x = at - (b->d->full_buttons ? 0 : 1);
		at += b->buttons[i]->w.w;
	}
}

static void place_buttons(struct box *b, const struct size *s)
{
	for (size_t i = 0; i < b->nbuttons; i++)
		b->buttons[i]->w.y = s->h - 1 - button_rows(b);
	if (b->nbuttons == 1)
		b->buttons[0]->w.x = (s->w - 8) / 2;
	if (b->nbuttons == 2) {
		int third = (s->w - (b->kind == BOX_YESNO ? 16 : 18)) / 3;
		b->buttons[0]->w.x = third;
		b->buttons[1]->w.x = third * 2 + 9;
	}
	if (b->nbuttons > 2 || buttons_collide(b, s->w))
		spread_buttons(b, s->w);
}

void layout_place(struct box *b)
{
	const struct dialog *d = b->d;
	struct size s = {.h = d->height, .w = d->width, .list = has_list(b) ? d->list_height : 1};
	bool automatic = s.h <= 0 || s.w <= 0 || s.list <= 0;
	if (automatic)
		guess(b, &s);
	s.h -= 2;
	s.w -= 2;
	s.first = s.scroll && s.h > other_rows(b, s.list);
	int need = max(button_cols(b) + 2, b->kind == BOX_GAUGE || b->kind == BOX_STEPS ? 8 : 3);
	s.w = max(min(max(s.w, need), screen_cols() - 2), 1);
	int lines = text_fit(b->text, s.w - 2);
	if (automatic && !s.scroll)
		grow_rows(b, &s, lines);
	fit_rows(b, &s, lines);
	b->h = s.h;
	b->w = s.w;
	b->top = d->top_left ? 1 : max((screen_rows() - s.h) / 2, 1);
	b->left = d->top_left ? 1 : max((screen_cols() - s.w) / 2, 1);
	place_text(b, &s);
	if (b->menu)
		place_menu(b, &s);
	if (b->check)
		place_check(b, &s);
	if (b->entry) {
		b->entry->w.y = b->text->w.h + 1;
		b->entry->w.x = 1;
		b->entry->w.w = max(s.w - 2, 1);
	}
	if (b->kind == BOX_FORM)
		place_form(b, &s);
	if (b->kind == BOX_STEPS)
		place_steps(b, &s);
	if (b->scale)
		place_scale(b, &s);
	place_buttons(b, &s);
}
