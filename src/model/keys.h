/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The table of config keys: one row a key, with type, default, validator, label, help and example.
 * Dialogs, flags, YAML import, documentation and validation all come from it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum key_type {
	KEY_STRING,
	KEY_INT,
	KEY_BOOL,
	KEY_ENUM,   /* one of .choices */
	KEY_LIST    /* list of strings; in text form separated by commas */
};

enum key_page { PAGE_DOMAIN, PAGE_PORTS, PAGE_CERTIFICATE, PAGE_ADMIN, PAGE_STORAGE, PAGE_ADVANCED, PAGE_MAX };

enum key_flag {
	KEY_REQUIRED = 1 << 0,
	KEY_SECRET   = 1 << 1,  /* lives in secrets.json, never in config.json, never printed */
	KEY_NO_YAML  = 1 << 2   /* refused in YAML files (the Cloudflare token) */
};

struct key_choice {
	const char *value;
	const char *label;            /* N_(): what people read; NULL: the value itself */
};

struct key {
	const char *name;             /* dotted: "ports.https" */
	enum key_type type;
	enum key_page page;
	unsigned flags;
	const char *def;              /* text form; NULL: none */
	const struct key_choice *choices; /* KEY_ENUM: ended by a value of NULL */
	long min, max;                /* KEY_INT */
	/* Checks one value in text form (each element of a list); NULL: the type says all. */
	int (*check)(const struct key *key, const char *value, struct err *e);
	const char *label;            /* N_(): a few words */
	const char *help;             /* N_(): one to three sentences */
	const char *example;          /* a right value */
};

/* All keys, in the order in which they are asked. Static. */
const struct key *keys(size_t *ret_n);

/* By name; NULL when unknown. */
const struct key *key_find(const char *name);

/* The known name that is nearest to a misspelt one, or NULL. Borrowed. */
const char *key_nearest(const char *name);

/* Type and .check together, on the text form. FAULT_CONFIG_VALUE; the text names the key, what is
 * wrong and an example of a right value. */
int key_check(const struct key *key, const char *value, struct err *e);
