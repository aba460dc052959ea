/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* A window with widgets in it: who has the focus, where the keys go, when it is drawn. */
#pragma once

#include "dialog/widget.h"

enum box_kind {
	BOX_MESSAGE,
	BOX_YESNO,
	BOX_INFO,
	BOX_INPUT,
	BOX_MENU,
	BOX_CHECK,
	BOX_GAUGE,
	BOX_STEPS,
	BOX_FORM,
};

#define BOX_BUTTONS 4

struct box {
	const struct dialog *d;
	enum box_kind kind;
	int top, left, h, w; /* the inside, on the screen; set by layout_place() */
	struct widget **widgets; /* owned; in the order of Tab */
	size_t n, focus;
	struct w_text *text;     /* borrowed from widgets, like the following */
	struct w_menu *menu;
	struct w_check *check;
	struct w_entry *entry;
	struct w_scale *scale;
	struct w_button *buttons[BOX_BUTTONS];
	size_t nbuttons;
	int text_rows;           /* 0, or the most rows that the text gets */
	bool placed;
	bool auto_scroll;        /* the automatic size found no room: the text has the focus first */
	/* form */
	struct w_text **labels;
	struct w_entry **entries;
	size_t nfields, field_top;
	int label_cols;          /* of the steps, with their notes: the window keeps its width */
	struct w_text *note;
	enum dialog_mark *marks; /* of the steps */
	/* Asked before any other use of a key; true: used, and *done says whether it ends the box. */
	bool (*key)(struct box *b, const struct key *key, bool *done, enum dialog_end *end);
	bool (*leave)(struct box *b, enum dialog_end end); /* false: stay (a wrong answer) */
	void (*before_draw)(struct box *b);
	void *data;
};

/* An empty box with its text. d and text are borrowed; free with box_free(). */
void box_init(struct box *b, const struct dialog *d, enum box_kind kind, const char *text);
void box_free(struct box *b);

/* Appends; takes the widget. */
void box_add(struct box *b, struct widget *w);

/* Ok, Cancel and what else d wants, appended in that order. */
void box_add_buttons(struct box *b);
void box_add_button(struct box *b, const char *label, enum dialog_end end);

void box_focus(struct box *b, const struct widget *w);

/* Places and draws everything. */
void box_draw(struct box *b);

/* Gives a key to who wants it. True when it answers the box. */
bool box_key(struct box *b, const struct key *key, enum dialog_end *end);

/* Draws, and lets keys do their work until the box is answered. */
enum dialog_end box_run(struct box *b);
