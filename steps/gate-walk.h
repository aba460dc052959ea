/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What the parts of the gate share: one check of a manifest while it goes on. */
#pragma once

#include <stdbool.h>

#include "steps/gate.h"
#include "steps/manifest.h"

#define GATE_PATH_LEN 512

struct gate {
	const struct gate_names *names;
	struct gate_report *report;
	char *object;		  /* "Kind/name" of the object at hand */
	bool secret;		  /* it is a Secret: its data are base64, and nothing of it may be told */
	unsigned deep;		  /* 0: in the manifest itself, 1: in a text of it ... */
	char path[GATE_PATH_LEN]; /* of the node at hand; cut when too long */
	bool server_seen;	  /* there was an m.server */
};

/* Notes an offence at the object and path at hand; the text may be NULL. */
void gate_offend(struct gate *g, enum gate_rule rule, const char *text, size_t len);
void gate_offend_text(struct gate *g, enum gate_rule rule, const char *text);

/* Adds to the path; returns the length to go back to. */
size_t gate_enter(struct gate *g, const char *sep, const char *name);
size_t gate_enter_item(struct gate *g, size_t index);
void gate_leave(struct gate *g, size_t len);

/* Checks every scalar of an object, or of any other tree. */
void gate_walk(struct gate *g, const struct manifest *m, size_t object);
