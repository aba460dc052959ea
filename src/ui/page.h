/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The pages of ess-setup. Each is written once, on top of the calls below; how they look, as dialogs or
 * as plain text, is in ui/face.h. 0 and Esc lead back everywhere (in a field 0 is a digit). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/config.h"
#include "ui/face.h"
#include "ui/ui.h"

struct checks;

struct pages {
	struct ui *ui;
	const struct face *face;
	bool gone;      /* the terminal is no more: every page returns at once */
	int run_status; /* exit status of the run that was watched last; 0 while it goes on */
	char **drafts;  /* by the place in keys(): what was typed and could not be stored; NULL: nothing */
	size_t ndrafts;
	struct checks *checks; /* what is known about the answers beside them; NULL until it is needed */
	char *right;    /* at the top right of every page: this machine's address; NULL: not known */
};

/* Runs the pages until the user leaves; exit status. The terminal is as it was afterwards. */
int pages_run(struct ui *ui);

/* Only the page of the run that is at work, or of the last one; exit status of the run. */
int pages_attach(struct ui *ui);

/* Stdin and stdout are a terminal that is large enough and can place its cursor, and nobody asked for
 * plain text. */
bool pages_possible(const struct ui *ui);

/* --- page.c: what the pages share ------------------------------------------------------------- */

/* A text to be read, with scrolling where it is long. */
void page_say(struct pages *p, const char *title, const char *text);

/* A line that stays while something takes a moment. */
void page_wait(struct pages *p, const char *text);

/* 1..n; 0 for item 0, Esc and a terminal that is gone. */
unsigned page_list(struct pages *p, const struct page_list *l);
unsigned page_choose(struct pages *p, const char *title, const char *text, const char *const *labels,
		     size_t n, const char *zero, unsigned first);

enum dialog_end page_confirm(struct pages *p, const struct page_question *q);
enum dialog_end page_form(struct pages *p, struct page_form *f);

/* What stands at the top right, in the language in use. Not while a page is shown. */
void page_corner(struct pages *p);

/* The log of the newest run, or the reason why there is none. */
void page_log(struct pages *p);

/* --- the others ------------------------------------------------------------------------------- */

/* page-start.c: the first start's language and notice, each once; and the language again. */
void page_first(struct pages *p);
void page_language(struct pages *p);

/* page-status.c: how the last run went, and what belongs to it: the tables of router and apps, the
 * administrator's password on request. */
struct standing;
void page_status(struct pages *p, const struct standing *s);
void page_router(struct pages *p);
void page_password(struct pages *p);

/* page-card.c: what went wrong, why, and what to do about it, as numbers. seen (may be NULL) is what
 * was seen. True when it is to be tried again. */
bool page_card(struct pages *p, const char *title, enum fault fault, const char *seen);
bool page_failure(struct pages *p, const struct err *e);

/* page-ask.c: all questions, topic by topic. True when the last page was answered: the preview is next.
 * page_ask_key() asks one again; true when it was stored. */
bool page_ask(struct pages *p);
bool page_ask_key(struct pages *p, const struct key *key);

/* page-last.c: before the first questions, answers of before are offered: of a rehearsal, or of an exported
 * file. False when the user goes back. */
bool page_last(struct pages *p);

/* page-preview.c: what the answers lead to; starts what is chosen there. page_ready(): wrong answers
 * are put right first, *ret_text (new) is what they lead to; false when the user goes back. */
bool page_ready(struct pages *p, char **ret_text);
void page_preview(struct pages *p);

/* page-result.c: how a run ended. last is its run.end, step the number of the step it ended at; finished
 * says that its last step is done. True when it is to be tried again. */
bool page_result(struct pages *p, const json_t *last, long long step, bool finished);

/* page-run.c: starts the job (until: the last step, or NULL) or watches the one that runs, to its end or
 * until the user leaves it; the last one is shown as it ended. */
void page_run(struct pages *p, const char *until);
void page_watch(struct pages *p);

/* page-rehearse.c: the same in the simulated world. */
void page_rehearse(struct pages *p);
