/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Config files for people: YAML (libyaml) in the shape of requirements 5.3.2, or JSON. */
#pragma once

#include "model/config.h"

/* A secret met in the file, to be put into secrets.json by the caller. */
struct yaml_secret {
	char *key;
	char *value;
};
struct yaml_secrets {
	struct yaml_secret *v;
	size_t n;
};
void yaml_secrets_done(struct yaml_secrets *s);

/* Reads text into c (which keeps what the text does not name). "auto-generated-32-chars" as a
 * password means: generate one. Refused, all at once, each with line and column: unknown keys,
 * duplicate keys, aliases and anchors, tabs, NUL bytes, more than 1 MiB, more than one document,
 * wrong types, keys with KEY_NO_YAML. "name" is the file's name for messages. -1 with problems. */
int config_import(struct config *c, const char *text, size_t len, const char *name,
		  struct yaml_secrets *ret_secrets, struct problems *ret);

/* The config as YAML with every set key and, as comments, label and default of the others; secrets
 * left out. New. */
char *config_export(const struct config *c);
