/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Shared by the rules between keys; config_check() is in model/config.h. */
#pragma once

#include "model/config.h"
#include "model/keys-check.h"

struct check {
	const struct config *c;
	unsigned flags;
	struct problems *p;
};

/* The key has a value (its default counts) that no rule has refused so far. */
bool check_usable(const struct check *ck, const char *key);

/* Usable and equal to value. */
bool check_is(const struct check *ck, const char *key, const char *value);

void check_note(struct check *ck, const char *key, bool warning, struct err *e);

/* config-check-ports.c */
void check_ports(struct check *ck);
