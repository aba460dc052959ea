/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Text: UTF-8, numbers, lines. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* True for valid UTF-8 (no surrogates, no overlong forms, up to U+10FFFF) without NUL. */
bool text_is_utf8(const char *s, size_t len);

/* Length of the longest prefix of s of at most max bytes that ends at a character boundary. */
size_t text_cut(const char *s, size_t max);

/* A copy with every invalid byte (and NUL) as U+FFFD. New. */
char *text_utf8(const char *s, size_t len);

/* A copy with every invalid byte as U+FFFD and control characters but tab as '?'. New. */
char *text_clean(const char *s, size_t len);

/* Whole-string decimal numbers; false when anything else stands there or it is out of range. */
bool text_to_long(const char *s, long min, long max, long *ret);

bool text_starts(const char *s, const char *prefix);
bool text_ends(const char *s, const char *suffix);

/* A copy without white space at both ends. New. */
char *text_trim(const char *s);

/* Joins a NULL-terminated vector. New. */
char *text_join(const char *const *v, const char *sep);

/* Splits at every sep, empty pieces left out. New vector (strv_free). */
char **text_split(const char *s, char sep);

/* a < b: -1, equal: 0, a > b: 1, of dotted versions with optional leading v; numbers compare as
 * numbers; "-rc1" comes before its release; build metadata after + decides last (k3s1 < k3s2). */
int text_version_cmp(const char *a, const char *b);

/* Unified diff of two texts, at most some 200 lines of it; "" when equal. Labels stand in the head. New. */
char *text_diff(const char *a, const char *b, const char *label_a, const char *label_b);
