/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Small helpers on jansson: clean-up of locals, paths, text that is surely UTF-8. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"

void cleanup_json(json_t **j);
#define _cleanup_json_ __attribute__((cleanup(cleanup_json)))

/* A JSON string of any bytes: invalid UTF-8 is replaced (jansson would return NULL). New. */
json_t *json_text(const char *s);

/* Walks object members by a dotted path ("spec.template.spec"); no escape for dots in a name.
 * Borrowed, NULL when a member is missing. */
json_t *json_at(const json_t *j, const char *path);

/* The string at path, or NULL when it is missing or no string. Borrowed. */
const char *json_str_at(const json_t *j, const char *path);

/* The integer at path, or fallback. */
long long json_int_at(const json_t *j, const char *path, long long fallback);

/* Parses len bytes; duplicate keys are refused. New, or NULL with e set: "what" names the origin. */
json_t *json_parse(const char *buf, size_t len, enum fault fault, const char *what, struct err *e);

/* Compact with sorted keys: the form that is hashed and compared. New. */
char *json_canonical(const json_t *j);

/* Indented by two, sorted, with a final newline: the form that people read. New. */
char *json_pretty(const json_t *j);
