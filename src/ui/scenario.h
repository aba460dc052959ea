/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The scenarios of a rehearsal: what goes wrong in the field, as files for the simulated world. */
#pragma once

#include "ui/ui.h"

/* --list-scenarios: name, row in the list of field problems, and a sentence. Exit status. */
int scenario_list(const struct ui *ui);

/* The file of a scenario by its name; with a slash in it, it is a path already. New; NULL with e set. */
char *scenario_file(const char *name, struct err *e);

/* Sets the answers that belong to the scenario: some troubles begin with an answer. */
int scenario_answers(const char *file, struct err *e);
