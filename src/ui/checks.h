/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What the network says to the answers, found out beside the pages: the engine looks (client/probe.h) a
 * moment after something was typed, and the pages go on meanwhile. */
#pragma once

#include <stdbool.h>

#include "model/config.h"

struct checks;

/* New; free with checks_free(), which takes NULL. */
struct checks *checks_new(void);
void checks_free(struct checks *k);

/* The answers of this page as they stand now (token: typed and not stored yet, or NULL); what is wrong by
 * itself must not be among them. Starts a look when they are others than the last time: true then. */
bool checks_want(struct checks *k, enum key_page page, const struct config *c, const char *token);

/* Nothing of this page is looked at any more. True when something was. */
bool checks_forget(struct checks *k, enum key_page page);

/* To be called often. True when something is known that was not. Never waits. */
bool checks_tick(struct checks *k);

/* What is known about an answer: new, or NULL. *ret_bad: it tells of something that is wrong. */
char *checks_note(const struct checks *k, const char *key, bool *ret_bad);

/* A look at this answer is still going on. */
bool checks_pending(const struct checks *k, const char *key);
