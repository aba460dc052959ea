/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* A look of the engine at something that answers belong to (ess-engine probe token|dns|ports), while the
 * frontend goes on: it is started, and asked now and then whether it is done. */
#pragma once

#include <jansson.h>

#include "base/err.h"

struct probe;

/* Starts one; input (borrowed) goes to its stdin, so that secrets in it are seen by nobody. New. */
struct probe *probe_start(const char *what, const json_t *input, struct err *e);

/* 1: *ret is its answer, new; 0: not yet; -1: it ended without one. Never waits. */
int probe_poll(struct probe *p, json_t **ret, struct err *e);

/* Ends it if need be. NULL is fine. */
void probe_free(struct probe *p);

/* The environment of our helper programs: only what they read. New vector. */
char **probe_environment(void);
