/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* A run as lines of text: for logs, pipes, and for who listens to them. A line is said once; progress
 * only every tenth part or every minute. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "dialog/dialog.h"

struct lines {
	char *said;            /* the last progress, without its number */
	long long tenth;       /* of it */
	long when_ms;
};

void lines_done(struct lines *l);

/* "[7/18] 45 K3s (attempt 2)". */
void lines_begin(struct lines *l, size_t at, size_t n, long long number, const char *title, long long attempt);

/* What it does now; percent -1: not known. */
void lines_progress(struct lines *l, const char *text, long long percent);

/* How it ended; note (may be "") is what it took and found. */
void lines_end(struct lines *l, enum dialog_mark mark, const char *note);

/* A step that was already there. */
void lines_skipped(size_t at, size_t n, long long number, const char *title);
