/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What the home router has to forward to this machine: a pure function of the answers. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "model/config.h"

#define ROUTER_ROWS 5

struct router_row {
	const char *protocol; /* "TCP", "UDP" */
	unsigned outside,
		machine; /* first port; equal, because URLs and LiveKit tell the port they know */
	unsigned count;	 /* ports in a row from there, 1 for a single one */
	bool required;	 /* false: without it something is only less comfortable */
	const char *reason; /* msgid, static */
};

/* Fills the table in the order in which it is shown; returns the number of rows. The answers are
 * valid (config_check()). */
size_t router_table(const struct config *c, struct router_row ret[ROUTER_ROWS]);

/* "8443" or "30152-30352". New. */
char *router_ports(unsigned first, unsigned count);
