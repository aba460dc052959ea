/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The pieces of a box. Each draws itself whole whenever asked: slang sends only what differs. They
 * look and behave like newt's, except where newt is wrong (see tests/data/dialog-better.json). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "dialog/dialog.h"
#include "dialog/key.h"

enum act { ACT_IGNORED, ACT_TAKEN, ACT_DONE };

struct widget;

struct widget_ops {
	/* (oy, ox): where the inside of the window begins on the screen. */
	void (*draw)(const struct widget *w, int oy, int ox, bool focus);
	/* NULL: takes no keys. */
	enum act (*key)(struct widget *w, const struct key *key);
	/* Where the cursor stands while it has the focus, for braille displays; true: visible. */
	bool (*cursor)(const struct widget *w, int *y, int *x);
	void (*free)(struct widget *w);
};

/* First member of every widget. Owned by its box. */
struct widget {
	const struct widget_ops *ops;
	int y, x, h, w; /* inside the window */
	bool focusable;
};

void widget_free(struct widget *w);

/* --- text: wraps at the width that text_fit() gave it ------------------------------------------ */
struct w_text {
	struct widget w;
	char **lines;
	size_t n;
	int width;      /* of the lines; -1 when they must be made again */
	char *text;
	int top;        /* first line shown */
	bool bar;       /* shows a scroll bar when there is more than fits */
	int bar_x;      /* its column */
	int color;
};
struct w_text *text_new(const char *text);
void text_set(struct w_text *t, const char *text);
/* Wraps to width; returns the number of lines. */
int text_fit(struct w_text *t, int width);
bool text_more(const struct w_text *t);
void text_to_end(struct w_text *t);
/* Up, Down, PgUp, PgDn, Home, End: ACT_TAKEN when the text moved. */
enum act text_scroll(struct w_text *t, int code);

/* --- buttons ---------------------------------------------------------------------------------- */
struct w_button {
	struct widget w;
	char *label;
	bool full;
	enum dialog_end end; /* what pressing it means */
};
struct w_button *button_new(const char *label, bool full, enum dialog_end end);
/* A full button is seen to go down and up again, as newt shows it; others do nothing. */
void button_press(const struct w_button *b, int oy, int ox);

/* --- a line of input -------------------------------------------------------------------------- */
struct w_entry {
	struct widget w;
	char *buf;      /* overwritten when freed: it may be a password */
	size_t len, size;
	size_t at;      /* cursor, bytes */
	size_t first;   /* first byte shown */
	bool secret;
	int cols;       /* in a form: how wide it wants to be, 0: as wide as it can */
	bool enter_moves; /* Enter goes to the next widget instead of ending the box */
	void (*changed)(void *data);
	void *data;
};
struct w_entry *entry_new(const char *value, bool secret);
void entry_set(struct w_entry *e, const char *value);

/* --- a list with one row chosen ---------------------------------------------------------------- */
struct w_menu {
	struct widget w;
	const struct dialog_item *items; /* borrowed */
	size_t n, cur, top;
	bool tags;
	int tag_cols, text_cols, cols; /* columns of the parts, of the whole row */
	bool bar;
	bool digits;    /* digit keys jump */
};
struct w_menu *menu_new(const struct dialog_item *items, size_t n, bool tags);
/* The only item whose tag begins with the character c, or n. */
size_t menu_hot(const struct w_menu *m, int c);
void menu_goto(struct w_menu *m, size_t cur);

/* --- a list with marks -------------------------------------------------------------------------- */
struct w_check {
	struct widget w;
	struct dialog_item *items; /* borrowed; .on is changed */
	size_t n, cur, top;
	bool tags, radio;
	int tag_cols, row_cols, cols; /* row_cols: as wide as the widest row */
	int bar_x;
};
struct w_check *check_new(struct dialog_item *items, size_t n, bool tags, bool radio);

/* --- a gauge ------------------------------------------------------------------------------------ */
struct w_scale {
	struct widget w;
	unsigned long percent; /* at most 100 */
};
struct w_scale *scale_new(unsigned long percent);

/* --- drawing, shared ------------------------------------------------------------------------------ */
void draw_at(int y, int x);
/* Text cut and padded to exactly w columns. */
void draw_padded(const char *s, int w);
/* As newt's scroll bar: arrows, and a thumb at where of total. */
void draw_bar(int y, int x, int h, size_t where, size_t total, int color);
