/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The answers of one page: keys of the table as fields of a form, and what becomes of what was typed. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "model/config.h"
#include "model/secrets.h"
#include "ui/page.h"

struct ask {
	struct pages *p;
	struct config c;
	const struct key **keys;     /* of this page */
	struct dialog_field *fields;
	char **typed;                /* what the fields hold at the moment */
	const char ***choices, ***shown; /* of those that have them: values, and what people read */
	char **hints, **notes;       /* below each: what always stands there, what the network says */
	bool *zero, *wanted;         /* 0 is a right answer; it is needed before the start */
	bool *stored;                /* a secret that is there already */
	json_t *world;               /* what a rehearsal's world wants of the answers; NULL: it is none */
	size_t n;
};

/* Loads the answers that are stored; there is room for all keys, ask_add() says which are asked. ask_end()
 * frees what it owns. */
int ask_begin(struct ask *a, struct pages *p, struct err *e);
void ask_end(struct ask *a);

/* Adds a key with what was typed before, else what is stored. secrets may be NULL. */
void ask_add(struct ask *a, const struct key *key, const struct secrets *secrets);

/* What was typed for a key and could not be stored; *it is new, or NULL. */
char **ask_draft(const struct ask *a, const struct key *key);

/* Stores what is right of the fields; what is not is kept as drafts. */
int ask_keep(struct ask *a, struct err *e);
