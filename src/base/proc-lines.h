/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Cuts a child's output into lines, as it comes in pieces; part of proc.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/proc.h"

#define PROC_LINE_MAX 2000 /* bytes; longer lines are split at a character boundary */
#define PROC_TAIL_MAX 8192 /* more than the longest clean line */

/* Zero-initialised but for the first three. */
struct proc_lines {
	void (*fn)(void *arg, enum proc_stream stream, const char *line); /* or NULL */
	void *arg;
	enum proc_stream stream;
	char buf[PROC_LINE_MAX + 1]; /* the line so far */
	size_t len;
	bool after_cr;
	char last[3 * PROC_LINE_MAX + 1]; /* the last line with more than white space, clean */
	char tail[PROC_TAIL_MAX + 1];	  /* the last whole lines, clean, each with its newline */
	size_t tail_len;
};

void proc_lines_add(struct proc_lines *l, const char *data, size_t n);

/* Hands out a last line without newline. */
void proc_lines_end(struct proc_lines *l);
