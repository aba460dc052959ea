/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* A catalogue of translations in the form that msgfmt writes (.mo), read without the C library's
 * gettext: under C.UTF-8, the one locale of a minimal machine, Debian 13's gettext translates
 * nothing. */
#pragma once

#include <stdbool.h>

struct catalogue;

/* Reads a .mo file; NULL when there is none or it is damaged. */
struct catalogue *catalogue_open(const char *path);
struct catalogue *catalogue_close(struct catalogue *c);

/* The translation, borrowed; msgid itself when there is none or c is NULL. */
const char *catalogue_text(const struct catalogue *c, const char *msgid) __attribute__((format_arg(2)));
