/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Takes secrets out of text: every form in which one may stand there is searched for. */
#include "base/redact.h"

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/mem.h"
#include "base/text.h"

#define MIN_LEN 6
#define MASK "[secret]"

struct redact {
	struct pattern {
		char *text;
		size_t len;
	} * patterns;
	size_t n;
};

struct redact *redact_new(void)
{
	return xcalloc(1, sizeof(struct redact));
}

struct redact *redact_free(struct redact *r)
{
	for (size_t i = 0; r && i < r->n; i++)
		free_secret(r->patterns[i].text);
	if (r)
		free(r->patterns);
	free(r);
	return NULL;
}

/* Takes s. */
static void add_pattern(struct redact *r, char *s)
{
	size_t len = strlen(s);
	bool known = len < MIN_LEN;
	for (size_t i = 0; i < r->n && !known; i++)
		known = strcmp(r->patterns[i].text, s) == 0;
	if (known) {
		free_secret(s);
		return;
	}
	r->patterns = xreallocarray(r->patterns, r->n + 1, sizeof(*r->patterns));
	r->patterns[r->n++] = (struct pattern){s, len};
}

/* The base64 characters that only the secret decides, when it starts at a byte number that is
 * shift modulo 3 within what was encoded; then the same in the URL alphabet. */
static void add_base64(struct redact *r, const char *s, size_t shift)
{
	size_t len = strlen(s), first = (shift * 8 + 5) / 6, end = (shift + len) * 8 / 6;
	_cleanup_secret_ char *shifted = xcalloc(shift + len + 1, 1);
	memset(shifted, 'x', shift);
	memcpy(shifted + shift, s, len);
	_cleanup_secret_ char *coded = crypto_base64(shifted, shift + len);
	char *plain = xstrndup(coded + first, end - first);
	char *url = xstrdup(plain);
	for (char *p = url; *p; p++)
		*p = *p == '+' ? '-' : *p == '/' ? '_' : *p;
	add_pattern(r, plain);
	add_pattern(r, url);
}

static bool is_unreserved(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("-._~", c));
}

/* RFC 3986, and the form encoding of a space. */
static void add_url(struct redact *r, const char *s, const char *digits, bool plus)
{
	char *out = xcalloc(strlen(s) + 1, 3);
	char *o = out;
	for (; *s; s++) {
		if (is_unreserved(*s)) {
			*o++ = *s;
		} else if (plus && *s == ' ') {
			*o++ = '+';
		} else {
			*o++ = '%';
			*o++ = digits[(unsigned char)*s >> 4];
			*o++ = digits[(unsigned char)*s & 15];
		}
	}
	add_pattern(r, out);
}

/* As a JSON string without its quotes, in the ways that jansson, Python and Go write it. */
static void add_json(struct redact *r, const char *s)
{
	static const size_t flags[] = {0, JSON_ENSURE_ASCII, JSON_ESCAPE_SLASH};
	if (!text_is_utf8(s, strlen(s)))
		return;
	json_t *j = json_string(s);
	for (size_t i = 0; i < ARRAY_LEN(flags); i++) {
		_cleanup_secret_ char *quoted = json_dumps(j, JSON_ENCODE_ANY | flags[i]);
		add_pattern(r, xstrndup(quoted + 1, strlen(quoted) - 2));
		if (flags[i] != JSON_ENSURE_ASCII)
			continue;
		_cleanup_secret_ char *lower = xstrdup(quoted);
		for (char *p = strstr(lower, "\\u"); p; p = strstr(p + 2, "\\u"))
			for (int k = 2; k < 6 && p[k]; k++)
				p[k] = p[k] >= 'A' && p[k] <= 'F' ? (char)(p[k] + 32) : p[k];
		add_pattern(r, xstrndup(lower + 1, strlen(lower) - 2));
	}
	json_decref(j);
}

static void add_forms(struct redact *r, const char *s)
{
	if (strlen(s) < MIN_LEN)
		return;
	add_pattern(r, xstrdup(s));
	for (size_t shift = 0; shift < 3; shift++)
		add_base64(r, s, shift);
	add_url(r, s, "0123456789ABCDEF", false);
	add_url(r, s, "0123456789abcdef", false);
	add_url(r, s, "0123456789ABCDEF", true);
	add_json(r, s);
}

void redact_add(struct redact *r, const char *secret)
{
	add_forms(r, secret);
	if (!strpbrk(secret, "\r\n"))
		return;
	_cleanup_secret_ char *copy = xstrdup(secret);
	char *rest = copy;
	for (char *line; (line = strsep(&rest, "\r\n"));)
		add_forms(r, line);
}

/* Marks every byte that belongs to a secret, so that overlapping finds leave nothing between them.
 */
static bool mark(const struct redact *r, const char *text, char *marks)
{
	bool any = false;
	for (size_t i = 0; i < r->n; i++) {
		const struct pattern *p = &r->patterns[i];
		for (const char *at = strstr(text, p->text); at; at = strstr(at + 1, p->text)) {
			memset(marks + (at - text), 1, p->len);
			any = true;
		}
	}
	return any;
}

char *redact_text(const struct redact *r, const char *text)
{
	size_t len = strlen(text);
	_cleanup_free_ char *marks = xcalloc(len + 1, 1);
	if (!r || !mark(r, text, marks))
		return xstrdup(text);
	char *out = xcalloc(len + 1, sizeof(MASK));
	char *o = out;
	for (size_t i = 0; i < len; i++) {
		if (!marks[i])
			*o++ = text[i];
		else if (i == 0 || !marks[i - 1])
			o = stpcpy(o, MASK);
	}
	return out;
}

void redact_err(const struct redact *r, struct err *e)
{
	for (unsigned i = 0; i < e->nargs; i++) {
		_cleanup_free_ char *safe = redact_text(r, e->args[i]);
		size_t n = text_cut(safe, ERR_ARG_LEN - 1);
		memcpy(e->args[i], safe, n);
		e->args[i][n] = '\0';
	}
}
