/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* A conversation with a program that only talks to a terminal: it gets one of its own, and what it is
 * told goes there instead of into an argument list that others can read. */
#pragma once

#include <signal.h>
#include <stddef.h>

#include "base/err.h"

struct talk_turn {
	const char *expect; /* waits until this is said; NULL ends the turns */
	const char *send;   /* then types this ("\r" is the Enter key) */
};

struct talk_spec {
	const char *const *argv;        /* as struct proc_spec's, like path and env */
	const char *path;
	const char *const *env;
	const struct talk_turn *turns;
	unsigned timeout_s;             /* for each turn, and for the end after the last; 0: 30 */
	const volatile sig_atomic_t *cancel;
};

/* 1: all turns took place and the program ended by itself, *ret_status as in struct proc_result. 0: it
 * did not say what was expected, or ended before; it does not run any more. -1: FAULT_COMMAND_MISSING,
 * FAULT_COMMAND_FAILED, FAULT_CANCELLED. *ret_said (new) is all that came over the terminal, up to
 * 64 KiB from its end; it may hold what was typed, if the program let the terminal echo it. */
int talk_run(const struct talk_spec *spec, int *ret_status, char **ret_said, struct err *e);
