/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Dialogs on a terminal, with whiptail's look. Every function draws one box, runs it until it is
 * answered, and returns how. Strings that go in are borrowed for the time of the call; strings that
 * come out are new (the caller frees). Nothing here prints or writes files. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum dialog_end {
	DIALOG_OK,      /* Ok, Yes, F12, Enter in a list */
	DIALOG_CANCEL,  /* Cancel, No; ^C in a gauge */
	DIALOG_EXTRA,   /* the third button */
	DIALOG_HELP,    /* the help button, F1 */
	DIALOG_ESC,
	DIALOG_TIMEOUT, /* nobody answered in time */
	DIALOG_GONE,    /* the terminal is no more */
	DIALOG_EVENT,   /* dialog_gauge_wait: the descriptor is readable */
};

/* How a box looks and behaves. Zero is the default of everything; labels may be NULL. */
struct dialog {
	const char *title, *backtitle;
	const char *right, *foot;       /* at the top right, and in the last row */
	int height, width, list_height; /* with the frame; 0: as needed, and what is given is a minimum */
	const char *ok, *cancel, *yes, *no;
	const char *extra, *help; /* these buttons are only there when they are named */
	bool no_cancel, default_no, full_buttons, top_left, no_tags;
	bool scroll;              /* the text has the focus first and always */
	bool spare_text;          /* it has not, also when an automatic size found no room for it */
	bool buttons;             /* steps: the buttons that have labels are there, see dialog_gauge_wait */
	bool digits_choose;       /* menu: a digit chooses its item at once instead of going to it;
				   * message, yesno: 0 is Esc; steps: 0 and Esc end the wait */
	int timeout_ms;           /* 0: none */
	int tick_ms;              /* 0: none; else tick() is called that often */
	bool (*tick)(void *data); /* true: something changed, draw again */
	void *data;
	size_t *field;            /* form: the field with the focus, first and in the end; NULL: the first */
};

/* One row of a list. tag is the stable value, text what people read. */
struct dialog_item {
	const char *tag, *text;
	bool on;
};

/* One field of a form. value is owned by the caller's struct: the form replaces it by a new string
 * (also when it is left by Esc, so that no answer is lost); free it with free_secret(). */
struct dialog_field {
	const char *label;
	char *value;
	const char *hint;  /* shown below while the field has the focus; NULL: nothing. tick may change it */
	bool warn;         /* the hint tells of something wrong that is no reason to refuse Ok */
	int width;         /* columns; 0: what is free */
	bool secret;
	const char *const *choices; /* the values that there are, NULL-terminated: Space, Left and Right go
				     * round them, a letter to the next that begins with it; NULL: any text */
	const char *const *shown;   /* what people read in their place, as many; NULL: the values */
};

/* Why a field's value is wrong: new, or NULL when it is right. Called after every change and, with
 * tick_ms, on every tick: a check that takes long answers from what it knows so far. */
typedef char *(*dialog_check_fn)(void *data, size_t field, const char *value);

/* The text, and an Ok button. */
enum dialog_end dialog_message(const struct dialog *d, const char *text);

/* Draws the text and returns at once. */
void dialog_info(const struct dialog *d, const char *text);

/* Yes: DIALOG_OK, No: DIALOG_CANCEL. */
enum dialog_end dialog_yesno(const struct dialog *d, const char *text);

/* *value (NULL: empty) is the first value; on DIALOG_OK, _EXTRA and _HELP it is replaced by what was
 * typed (new), else left. secret: stars. */
enum dialog_end dialog_input(const struct dialog *d, const char *text, char **value, bool secret);

/* *cur is the row that is highlighted first, and in the end. n may not be 0. */
enum dialog_end dialog_menu(const struct dialog *d, const char *text, const struct dialog_item *items,
			    size_t n, size_t *cur);

/* Marks: items[].on goes in and comes out, also after Cancel. *cur (may be NULL): the focused row. */
enum dialog_end dialog_checklist(const struct dialog *d, const char *text, struct dialog_item *items,
				 size_t n, bool radio, size_t *cur);

/* check (may be NULL) is asked about each field; Ok is refused while it finds a fault. */
enum dialog_end dialog_form(const struct dialog *d, const char *text, struct dialog_field *fields,
			    size_t n, dialog_check_fn check);

/* The end of a file that may grow, up to some 200 KiB of it. -1 with errno when it cannot be read
 * at first. */
int dialog_tail(const struct dialog *d, const char *path, enum dialog_end *end);

/* A gauge that stays open. Percent at most 100. Free with dialog_gauge_free(). New. */
struct dialog_gauge;
struct dialog_gauge *dialog_gauge_new(const struct dialog *d, const char *text, unsigned long percent);
void dialog_gauge_set(struct dialog_gauge *g, const char *text, unsigned long percent);
/* whiptail's contract: the text gets the rows of its first version, or those that this one has as it
 * was written, before \n became newlines. */
void dialog_gauge_room(struct dialog_gauge *g, const char *written);
void dialog_gauge_draw(struct dialog_gauge *g);
void dialog_gauge_free(struct dialog_gauge *g);

/* The same with a list of steps above the bar. */
enum dialog_mark { MARK_WAITING, MARK_RUNNING, MARK_DONE, MARK_FAILED, MARK_SKIPPED };
struct dialog_gauge *dialog_steps_new(const struct dialog *d, const char *text,
				      const char *const *steps, size_t n);
void dialog_steps_set(struct dialog_gauge *g, size_t step, enum dialog_mark mark, const char *note);

/* Waits until fd is readable (DIALOG_EVENT), ms have passed (DIALOG_TIMEOUT; -1: for ever), ^C cancels
 * (DIALOG_CANCEL), or the terminal goes (DIALOG_GONE). Without buttons no other key does anything; with
 * them, their ends and DIALOG_ESC are returned too. Follows changes of the screen by itself. Draws
 * nothing else: call dialog_gauge_draw() after dialog_gauge_set(), as often as the line can bear. */
enum dialog_end dialog_gauge_wait(struct dialog_gauge *g, int fd, int ms);
