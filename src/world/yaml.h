/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* YAML in and out, as Helm and K3s read and write it. */
#pragma once

#include <jansson.h>

/* Every document as an element of a new array; NULL with *ret_error (new) when it is no YAML. JSON
 * is YAML too. Empty documents are left out. */
json_t *yaml_load(const char *text, size_t len, char **ret_error);

/* The first document, or an empty object for an empty text; NULL with *ret_error. New. */
json_t *yaml_load_one(const char *text, size_t len, char **ret_error);

/* Block style, sorted, as Helm's toYaml. New. */
char *yaml_dump(const json_t *j);
