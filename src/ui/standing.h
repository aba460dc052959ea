/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Where one stands: the job's steps (from the engine) joined with the checkpoints (state.json). */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/err.h"

struct standing {
	char *job;
	char *status;      /* "none", "running", "interrupted", "done", "failed", "cancelled", "degraded" */
	json_t *steps;     /* [{id, number, title, status, attempts, elapsed_ms, error}] */
	json_t *notes;     /* {ID: what was seen} */
	size_t at, total;  /* the step that runs, failed or comes next, counted from 1; 0: all done */
	bool rebooted;     /* interrupted, and the machine was restarted since */
	bool configured;   /* the server name is answered */
};
void standing_done(struct standing *s);
#define _cleanup_standing_ __attribute__((cleanup(standing_done)))

int standing_get(struct standing *ret, struct err *e);

/* The same, but where there was no run yet the engine is not asked: steps is NULL and total 0 then. For the
 * menu, which is to be there at once. */
int standing_sketch(struct standing *ret, struct err *e);

/* One sentence: where one stands. New. */
char *standing_sentence(const struct standing *s);

/* What comes next, as a command that is typed. Borrowed; "" when nothing does. */
const char *standing_next(const struct standing *s);

/* The sentence, every step, and what went wrong, for people. */
void standing_write(const struct standing *s, FILE *out);
