/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What the answers lead to, for people. The answers are valid (config_check()). */
#pragma once

#include <stdio.h>

#include "model/config.h"
#include "model/discovery.h"
#include "model/router.h"

/* Everything that is worth knowing before the start: versions, size, time, what works from where, what
 * the router has to forward. problems (may be NULL): their warnings stand above. */
void preview_write(FILE *out, const struct config *c, const struct problems *problems);

/* Its tables alone: apps and router. New. */
char *preview_tables(const struct config *c);

/* Each of them. */
void preview_discovery(FILE *out, const struct discovery *d, bool any_measured);
void preview_router(FILE *out, const struct router_row *rows, size_t n, const char *to);

/* "yes", "no", "yes, if", "-" in the chosen language. Borrowed. */
const char *preview_verdict(enum discovery_verdict v);
