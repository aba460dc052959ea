/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Watches a run in its events and prints it as plain lines; leaving does nothing to the run. */
#pragma once

#include "ui/ui.h"

/* Follows the newest run to its end. *ret_status is the exit status that the run ended with, EXIT_OK
 * when the user left (^C, hang-up). */
int follow_run(const struct ui *ui, int *ret_status, struct err *e);

/* Runs the engine as our child and shows the run while it goes on; ^C cancels it. */
int follow_foreground(const struct ui *ui, int *ret_status, struct err *e);
