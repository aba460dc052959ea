/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Questions in plain text: a numbered choice, an answer of the config, a page of them. 0 leads back. */
#pragma once

#include <stddef.h>

#include "model/keys.h"
#include "ui/ui.h"

/* One line from stdin without white space at its ends, new; NULL at its end. secret: not shown. */
char *ask_line(const char *prompt, bool secret);

/* Prints "1 first, 2 second, ..., 0 back" and asks until a number of 0..n was typed; Enter means def.
 * The end of input is 0. */
unsigned ask_choice(const char *const *items, size_t n, const char *zero, unsigned def);

/* What a page of questions is about, in the chosen language. Borrowed. */
const char *ask_page_title(enum key_page page);

/* Asks every required answer, then offers the pages of the others. Said to stderr when it cannot be
 * saved. */
void ask_configuration(const struct ui *ui);
