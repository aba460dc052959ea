/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Asks a helper program (ess-engine, ess-world) something and waits for its answer. */
#pragma once

#include <jansson.h>

#include "base/err.h"

/* Runs argv (argv[0] a name in the libexec folder); *ret_out (ret_out may be NULL) is its stdout,
 * new. *ret_status gets the exit status for the caller to judge; with NULL any but 0 is
 * FAULT_COMMAND_FAILED with the helper's last line. */
int call_helper(const char *const *argv, char **ret_out, int *ret_status, struct err *e);

/* The same for an answer in JSON, new. {"error": ...} and a status other than 0: the engine's own
 * fault. */
json_t *call_json(const char *const *argv, struct err *e);
