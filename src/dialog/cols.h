/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Text on a character screen: columns instead of bytes, and lines that fit. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the character at s (not empty), and the columns that slang draws it with: 0 to 2, a
 * control character 2 ("^X"), an invalid byte 4 ("<FF>"). */
size_t cols_char(const char *s, int *width);

/* Columns of the whole string, up to max bytes of it. */
int cols(const char *s);
int cols_n(const char *s, size_t max);

/* Bytes of the longest prefix of at most max columns. *used (may be NULL): its columns. */
size_t cols_cut(const char *s, int max, int *used);

/* A copy with \n (backslash, n) as a newline. New. */
char *cols_newlines(const char *s);

/* A copy with every control character as a blank: what stands in one row. New. */
char *cols_row(const char *s);

/* The lines of a text at a width: broken at blanks, between Chinese characters (never before
 * closing or after opening punctuation), and anywhere when nothing else is left. Tabs reach to the
 * next multiple of eight. New vector (strv_free). */
char **cols_wrap(const char *text, int width);

/* Puts the locale right for drawing: C.UTF-8 where the environment names one that is missing.
 * False when the text can only be ASCII. */
bool cols_locale(void);
