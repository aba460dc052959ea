/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The terminal: taken over by newt, given back as it was whatever happens. */
#pragma once

#include <stdbool.h>

enum screen_fault {
	SCREEN_OK,
	SCREEN_NO_TERM,      /* TERM is unset */
	SCREEN_DUMB,         /* the terminal cannot place the cursor */
	SCREEN_UNKNOWN,      /* no description of this terminal, nor of one like it */
	SCREEN_NO_TTY,       /* there is no terminal to read keys from */
};

/* Takes the terminal over. Signals that end the program restore it first from then on. */
enum screen_fault screen_open(void);

/* Gives it back. May be called without screen_open(). */
void screen_close(void);

/* Sets everything to the root colour, with a text that ends at the right of the first row, and one in
 * the last row (NULL: none); what is drawn next lies on top. */
void screen_clear(const char *right, const char *foot);

/* A text at the left of the first row: whiptail draws it over the window. */
void screen_backtitle(const char *text);

/* A frame with title around h rows and w columns whose first is at (top, left), with a shadow. */
void screen_window(int top, int left, int h, int w, const char *title);

/* Sends what changed. The cursor stands at (row, col); visible or not. */
void screen_refresh(int row, int col, bool cursor);

int screen_rows(void);
int screen_cols(void);

/* Descriptors: of the keys; readable when a signal wants attention. -1 before screen_open(). */
int screen_tty(void);
int screen_wake(void);

/* True once after each change of size or return to the foreground: the screen has been measured
 * again and is blank. */
bool screen_changed(void);

/* Before screen_open(): SIGTSTP and ^Z give the terminal back while the program is stopped. (whiptail
 * leaves it raw, with the picture on it, and knows no ^Z; ess-dialog does as whiptail.) */
void screen_stoppable(void);
/* What ^Z does. False when it does nothing. */
bool screen_stop(void);

/* Forgets what was typed ahead. */
void screen_flush_keys(void);

/* Sends all that follows up to screen_keep_end() to the main screen of a terminal that has two:
 * the picture stays there when the program ends. Before screen_open(). */
void screen_keep_begin(void);
void screen_keep_end(void);
