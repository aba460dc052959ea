/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Exit statuses of the commands; a contract with scripts. */
#pragma once

#include "base/err.h"

enum exit_status {
	EXIT_OK = 0,
	EXIT_FAILED = 1,
	EXIT_INVALID = 2,     /* usage, configuration or a file of ours that cannot be used */
	EXIT_DEGRADED = 3,    /* everything required works, something else does not */
	EXIT_LOCKED = 75,     /* another run holds the lock (EX_TEMPFAIL of sysexits.h) */
	EXIT_CANCELLED = 130  /* 128 + SIGINT, as shells have it */
};

/* The status that a fault ends the program with. */
int exit_status(enum fault fault);
