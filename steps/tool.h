/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Looking at a machine that may lack anything: a missing tool or a broken answer is "not there". */
#pragma once

#include "steps/step.h"

/* 1 when the command ran and ended with status 0, 0 when it is missing, cannot run or ended
 * otherwise, -1 when the run must end (cancelled). proc_result_done() in every case. */
int tool_ask(struct step_ctx *c, const char *const *argv, struct proc_result *ret, struct err *e);

/* For a check whose look failed with seen: notes it in the log, answers *ret = as and returns 0, or
 * hands the fault on and returns -1 when the run must end. */
int tool_lost(struct step_ctx *c, const struct err *seen, enum step_found as, enum step_found *ret,
	      struct err *e);

/* A plan goes on without what only the network knows: in a dry run as tool_lost(), else hands the
 * fault on and returns -1. */
int tool_excuse(struct step_ctx *c, const struct err *seen, struct err *e);

/* True when a fact has this value; both may be NULL. */
bool tool_fact_is(struct step_ctx *c, const char *name, const char *value);

/* Reads a small text file; missing or unreadable is NULL. New. */
char *tool_read(struct step_ctx *c, const char *path);
