/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What people are shown, by every command alike: errors, problems, durations, tables. */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "model/config.h"
#include "ui/ui.h"

/* A msgid from a file (NULL is ""), in the chosen language. Borrowed. */
const char *show_text(const char *msgid);

/* A msgid of the engine with its arguments, in the chosen language. New. */
char *show_msg(const char *msgid, const json_t *args);

/* The sentence of an error in the chosen language. New. */
char *show_err(const struct err *e);

/* The same for pages, where an answer is known by its label and not by its name in files. New. */
char *show_reason(const struct err *e);

/* "0:04", "1:12", "1:02:03". New. */
char *show_duration(long long ms);

/* s padded with blanks to a width in columns of the screen. New. */
char *show_pad(const char *s, int columns);

/* Prints a text; on a terminal its lines are broken where words and punctuation allow it. */
void show_wrapped(FILE *out, const char *text);

/* A command that gets out of a fault, as it is typed. New. */
char *show_remedy(const struct remedy *r);

/* The title, causes and remedies of a card on stdout. */
void show_card(const struct fault_card *card);

/* Says on stderr (with --json: on stdout as {"error": ...}) what went wrong and how to get on.
 * Returns the exit status that belongs to it. */
int show_failure(const struct ui *ui, const struct err *e);

/* Every problem on stderr, one line each: key, what is wrong. */
void show_problems(const struct problems *p);

/* The same as an array of {key, warning, code, card, msgid, args, text}. New. */
json_t *show_problems_json(const struct problems *p);

/* Prints j on stdout for programs; j is stolen. */
void show_json(json_t *j);

/* A banner on stderr when this is a rehearsal. */
void show_banner(const struct ui *ui);
