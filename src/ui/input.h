/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Lines typed on stdin, also while something else is going on. */
#pragma once

#include <stdbool.h>

/* One line without white space at its ends, new (free_secret); NULL when stdin has ended. secret: not
 * shown while it is typed. */
char *input_line(const char *prompt, bool secret);

/* True when input_line() will not have to wait, within ms; false too when a signal came, and always once
 * stdin has ended (then the time is waited for). */
bool input_waits(int ms);

/* Stdin has ended. */
bool input_ended(void);
