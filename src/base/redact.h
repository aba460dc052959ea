/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Takes secrets out of text before it is written anywhere. */
#pragma once

#include "base/err.h"

struct redact;

/* New, empty; redact_free() overwrites what it held. Returns NULL from free, takes NULL. */
struct redact *redact_new(void);
struct redact *redact_free(struct redact *r);

/* Remembers a secret of at least 6 bytes (shorter ones would eat the log) in its plain, base64
 * (all three alignments), base64url, URL-encoded and JSON-escaped forms; multi-line secrets also
 * line by line. */
void redact_add(struct redact *r, const char *secret);

/* A copy of text with every form of every secret replaced by "[secret]". New. r may be NULL. */
char *redact_text(const struct redact *r, const char *text);

/* Takes the secrets out of the arguments of an err: a command's last words may quote one. */
void redact_err(const struct redact *r, struct err *e);
