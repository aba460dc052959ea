/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* How a page is shown. There is one set of pages and two renderings of it: dialogs on a terminal, and
 * plain numbered text for speech, pipes, dumb and small terminals. What can be done in one can be done
 * in the other, because a page only knows these calls. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "dialog/dialog.h"

struct pages;

/* A numbered list: 1..n, or 0. */
struct page_list {
	const char *title, *text;
	const char *const *labels; /* at most nine */
	const char *const *notes;  /* behind the labels, or NULL; each may be NULL */
	size_t n;
	const char *zero;          /* what 0 does */
	unsigned first;            /* highlighted, or meant by Enter; from 1, 0: the last line */
	const char *help;          /* F1 or ?; NULL: none */
	/* Asked now and then where the rendering can change what it shows; true: it is old, PAGE_OLD is
	 * the answer. NULL: it stays. *at (or NULL): what is highlighted in the end, as first. */
	bool (*is_old)(void *data);
	void *data;
	unsigned *at;
};
#define PAGE_OLD (~0u)

/* A text with a decision at its end. */
struct page_question {
	const char *title, *text;
	const char *yes, *no, *extra; /* extra may be NULL */
	bool default_no;
};

/* Several answers on one page. */
struct page_form {
	const char *title, *text;
	struct dialog_field *fields;
	const bool *zero;   /* of each field: 0 is a right answer and does not lead back */
	const bool *wanted; /* of each field: it may be empty, but should not be */
	size_t n, field;    /* field: with the focus, first and in the end */
	bool skippable;     /* it may be passed over with what stands there */
	bool single;        /* one answer is changed: there is no page after this one */
	dialog_check_fn check;
	bool (*tick)(void *data); /* called often; true: hints have changed */
	bool (*pending)(void *data, size_t field); /* a check of it is still going on */
	void (*explain)(void *data, size_t field); /* shows the help of a field */
	void *data;
};

struct run_step {
	long long number;
	const char *title;
};

enum run_wish { RUN_WATCH, RUN_LEAVE, RUN_LOG, RUN_CANCEL };

struct face {
	/* 0, or -1 when it cannot be had on this terminal. */
	int (*begin)(struct pages *p);
	void (*end)(struct pages *p);

	void (*say)(struct pages *p, const char *title, const char *text);
	void (*wait)(struct pages *p, const char *text);
	unsigned (*choose)(struct pages *p, const struct page_list *l);
	enum dialog_end (*confirm)(struct pages *p, const struct page_question *q);
	enum dialog_end (*form)(struct pages *p, struct page_form *f);
	/* -1 with errno when the file cannot be read. */
	int (*log)(struct pages *p, const char *title, const char *path);

	/* A run: opened once its steps are known. note may be "". percent is of the whole run. */
	void *(*run_open)(struct pages *p, const char *title, const struct run_step *steps, size_t n);
	void (*run_mark)(void *view, size_t step, enum dialog_mark mark, const char *note);
	void (*run_say)(void *view, const char *doing, const char *when, unsigned percent);
	enum run_wish (*run_wait)(void *view, int ms);
	void (*run_close)(void *view);
};

extern const struct face face_dialog, face_plain;
