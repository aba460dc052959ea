/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The files that the chart's values come from: values.json, then the user's own (ess.extra_values).
 * What step values judged is what step ess must hand to helm: the fact values.sha256 says which. */
#pragma once

#include "steps/gate.h"
#include "steps/step.h"

#define VALUES_FILES_INPUTS "config:ess.extra_values", "file:ess.extra_values"
#define VALUES_FILES_FACT "values.sha256"

/* Their paths below the root; helm lets later ones win. New vector. */
char **values_files(struct step_ctx *c);

/* True when the user has files of his own. */
bool values_files_extra(struct step_ctx *c);

/* SHA-256 over all of them. generated: what values.json is to hold, NULL: what it holds. New. A file
 * that does not exist is FAULT_EXTRA_VALUES. */
char *values_files_digest(struct step_ctx *c, const char *generated, struct err *e);

/* Judges each of the user's (steps/extra-values.h). */
int values_files_judge(struct step_ctx *c, const struct gate_names *names, struct err *e);
