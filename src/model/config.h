/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The answers: config.json, a nested object in the shape of requirements 5.3.2, typed by the table
 * of keys. A key that is not set has its default. Secrets are not in it (model/secrets.h). */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"
#include "model/keys.h"

struct config {
	json_t *root;      /* only keys that were set; canonical types (KEY_INT: integer, ...) */
	json_t *defaults;  /* of the lists, by name, for config_list() to lend */
};

void config_done(struct config *c);
#define _cleanup_config_ __attribute__((cleanup(config_done)))

/* An empty one, or the stored one (a missing file is an empty config, not an error).
 * FAULT_CONFIG_BAD names the file and what is wrong in it. */
void config_new(struct config *c);
int config_load(struct config *c, struct err *e);

/* One in this form (shared with the caller), which came from what. */
int config_take(struct config *c, json_t *root, const char *what, struct err *e);

/* Writes config.json (0600). The caller holds the lock or knows that no engine runs. */
int config_save(const struct config *c, struct err *e);

/* Value by type; the default when unset. Borrowed from c or static; NULL/0/false/empty when there
 * is no default either. A name that is not in the table, or of another type, aborts. */
const char *config_str(const struct config *c, const char *name);
long config_int(const struct config *c, const char *name);
bool config_bool(const struct config *c, const char *name);
const json_t *config_list(const struct config *c, const char *name);
bool config_is_set(const struct config *c, const char *name);

/* Any value as JSON, canonical, default included; json_null() when there is none. New. */
json_t *config_json(const struct config *c, const char *name);

/* The text form of a value ("" when none). New. */
char *config_text(const struct config *c, const char *name);

/* Sets from the text form after key_check(); unsets for NULL. Secret keys are refused here.
 * FAULT_CONFIG_KEY (unknown; names the nearest) or FAULT_CONFIG_VALUE. */
int config_set(struct config *c, const char *name, const char *value, struct err *e);

/* Full host name of one of "synapse", "auth", "rtc", "web", "admin": domains.NAME completed with
 * the server name where it is a mere prefix. New; NULL where it is switched off ("admin: off"). */
char *config_host(const struct config *c, const char *which);

/* A problem list: all that is wrong at once. */
struct problem {
	char *key;
	bool warning;
	char *where;    /* "site.yaml:3:9" of an imported file, or NULL */
	struct err err;
};
struct problems {
	struct problem *v;
	size_t n;
	size_t nerrors;
};
void problems_done(struct problems *p);
void problems_add(struct problems *p, const char *key, bool warning, const struct err *err);

enum config_check_flag {
	CONFIG_REHEARSE = 1 << 0   /* reserved example domains are warnings instead of errors */
};

/* Every value by itself, then the rules between keys (ports that overlap, hosts that are equal,
 * open registration without SMTP ...). 0 when there is no error, -1 otherwise; problems in both. */
int config_check(const struct config *c, unsigned flags, struct problems *ret);
