/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What the answers lead to, before the machine is changed: addresses, what works from where, what the
 * router has to forward. */
#pragma once

#include "model/config.h"
#include "model/discovery.h"
#include "model/router.h"

/* On stdout. The answers are valid (config_check()). */
void preview_show(const struct config *c);

/* The discovery table, as text on stdout. */
void preview_discovery(const struct discovery *d, bool any_measured);

/* The router's table, as text on stdout. */
void preview_router(const struct router_row *rows, size_t n, const char *to);

/* "yes", "yes, if", "no" or "-", in the chosen language. Borrowed. */
const char *preview_verdict(enum discovery_verdict v);
