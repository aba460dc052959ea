/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The pages of ess-setup on a terminal, made of the boxes of src/dialog. Same items and same words as
 * the plain text; 0 and Esc lead back everywhere (in a field 0 is a digit). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "dialog/dialog.h"
#include "model/config.h"
#include "ui/ui.h"

struct pages {
	struct ui *ui;
	bool gone;      /* the terminal is no more: every page returns at once */
	char **drafts;  /* by the place in keys(): what was typed and could not be stored; NULL: nothing */
	size_t ndrafts;
};

/* Stdin and stdout are a terminal that is large enough and can place its cursor, and nobody asked for
 * plain text. */
bool pages_possible(const struct ui *ui);

/* Runs the pages until the user leaves; exit status. The terminal is as it was afterwards. */
int pages_run(struct ui *ui);

/* --- page.c: what the pages share ------------------------------------------------------------- */

/* The look of a box; title is borrowed. */
struct dialog page_box(const struct pages *p, const char *title);

/* Notes when the terminal is gone, and hands the end on. */
enum dialog_end page_end(struct pages *p, enum dialog_end end);

/* A text to be read, with scrolling where it is long. */
void page_say(struct pages *p, const char *title, const char *text);

/* A line that stays while something takes a moment. */
void page_wait(const struct pages *p, const char *text);

/* A numbered list: 1..n, or 0 (which says zero), Esc and Cancel for going back. first: the highlighted
 * one, from 1. At most nine labels. */
unsigned page_choose(struct pages *p, const char *title, const char *text, const char *const *labels,
		     size_t n, const char *zero, unsigned first);

/* The log of the newest run, or the reason why there is none. */
void page_log(struct pages *p);

/* --- the others ------------------------------------------------------------------------------- */

/* page-card.c: what went wrong, why, and what to do about it, as numbers. seen (may be NULL) is what
 * was seen. True when it is to be tried again. */
bool page_card(struct pages *p, const char *title, enum fault fault, const char *seen);
bool page_failure(struct pages *p, const struct err *e);

/* page-ask.c: all questions, topic by topic. True when the last page was answered: the preview is next.
 * page_ask_key() asks one again; true when it was stored. */
bool page_ask(struct pages *p);
bool page_ask_key(struct pages *p, const struct key *key);

/* page-preview.c: what the answers lead to; starts what is chosen there. page_ready(): wrong answers
 * are put right first, *ret_text (new) is what they lead to; false when the user goes back. */
bool page_ready(struct pages *p, char **ret_text);
void page_preview(struct pages *p);

/* page-run.c: starts the job (until: the last step, or NULL) or watches the one that runs, to its end or
 * until the user leaves it. page_rehearse() does it in the simulated world. */
void page_run(struct pages *p, const char *until);
void page_watch(struct pages *p);
void page_rehearse(struct pages *p);
