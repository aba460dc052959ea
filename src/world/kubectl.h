/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Parts of the kubectl stand-in. */
#pragma once

#include "world/world.h"

/* True when the API server answers; else says what kubectl says. */
bool kubectl_server(const struct call *c, bool raw);

int kubectl_get(struct call *c);
int kubectl_exec(struct call *c);

/* Whether what is executed in the pod changes something. */
bool mas_changes(const struct call *c);

/* mas-cli and its arguments; the exit status of the command in the pod. */
int mas_run(const struct call *c, const char *const *argv, int argc, json_t *cluster);

/* The prompts of "register-user" without --yes, on the terminal: 1 created, 0 given up;
 * *ret_password is new, or NULL when none was set. */
int mas_ask(char **ret_password);
