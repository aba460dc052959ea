/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* A config file as bytes: what is refused before libyaml sees it, and where it stands. */
#pragma once

#include <stddef.h>

#include "model/config.h"

#define YAML_TEXT_MAX ((size_t)1 << 20)
#define YAML_PROBLEMS_MAX 100

/* Adds an error at a place (line and column from 0). */
void yaml_text_note(struct problems *p, const char *name, size_t line, size_t column,
		    const char *key, const struct err *e);

void yaml_text_position(const char *text, size_t offset, size_t *line, size_t *column);

/* Size, NUL bytes, UTF-8, tabs; text is NUL-terminated beyond len. -1 with problems. */
int yaml_text_check(struct problems *p, const char *name, const char *text, size_t len);
