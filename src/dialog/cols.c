/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Columns, and line breaking: at blanks exactly as newt breaks, in Chinese as a typesetter does. */
#include <limits.h>
#include <locale.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <wchar.h>
#include <wctype.h>

#include <slang.h>

#include "base/mem.h"
#include "dialog/cols.h"

#define TAB 8

/* No line begins with one of these, none ends with one of those (GB/T 15834, JIS X 4051). */
static const wchar_t not_first[] = L"，。、；：！？）」』】》〉〕｝…—·～％”’,.;:!?)]}%";
static const wchar_t not_last[] = L"（「『【《〈〔｛“‘([{";

/* mbrtowc() with an invalid or unfinished sequence as one byte: then *wc is WEOF. */
static size_t next_wc(const char *s, wint_t *wc)
{
	mbstate_t state;
	wchar_t c;
	memset(&state, 0, sizeof(state));
	size_t len = mbrtowc(&c, s, strnlen(s, MB_LEN_MAX), &state);
	if (len == 0 || len == (size_t)-1 || len == (size_t)-2) {
		*wc = WEOF;
		return 1;
	}
	*wc = (wint_t)c;
	return len;
}

static int wc_width(wint_t wc, unsigned char byte)
{
	if (wc == WEOF)
		return SLutf8_is_utf8_mode() || byte < 0xa0 ? 4 : 1;
	int w = wcwidth((wchar_t)wc);
	return w >= 0 ? w : wc < 0x20 || wc == 0x7f ? 2 : 4;
}

size_t cols_char(const char *s, int *width)
{
	wint_t wc;
	size_t len = next_wc(s, &wc);
	*width = wc_width(wc, (unsigned char)*s);
	return len;
}

int cols_n(const char *s, size_t max)
{
	int sum = 0;
	const char *end = s + strnlen(s, max);
	while (s < end) {
		int w;
		s += cols_char(s, &w);
		sum += w;
	}
	return sum;
}

int cols(const char *s)
{
	return cols_n(s, SIZE_MAX);
}

size_t cols_cut(const char *s, int max, int *used)
{
	int sum = 0, w;
	size_t at = 0;
	while (s[at]) {
		size_t len = cols_char(s + at, &w);
		if (sum + w > max)
			break;
		sum += w;
		at += len;
	}
	if (used)
		*used = sum;
	return at;
}

char *cols_newlines(const char *s)
{
	char *out = xstrdup(s), *q = out;
	for (const char *p = s; *p; p++) {
		if (p[0] == '\\' && p[1] == 'n') {
			*q++ = '\n';
			p++;
		} else {
			*q++ = *p;
		}
	}
	*q = '\0';
	return out;
}

char *cols_row(const char *s)
{
	char *out = xstrdup(s);
	for (char *p = out; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = ' ';
	return out;
}

/* Tabs to blanks; carriage returns before a newline are dropped (files from elsewhere). */
static char *without_tabs(const char *s)
{
	size_t n = 0;
	for (const char *p = s; *p; p++)
		n += *p == '\t' ? TAB : 1;
	char *out = xcalloc(n + 1, 1), *q = out;
	int col = 0;
	while (*s) {
		int w;
		size_t len = cols_char(s, &w);
		if (*s == '\t') {
			w = TAB - col % TAB;
			memset(q, ' ', (size_t)w);
			q += w;
		} else if (*s != '\r' || s[1] != '\n') {
			memcpy(q, s, len);
			q += len;
		}
		col = *s == '\n' ? 0 : col + w;
		s += len;
	}
	*q = '\0';
	return out;
}

static bool may_break(wint_t before, wint_t after)
{
	if (before == WEOF || after == WEOF)
		return false;
	if (wcwidth((wchar_t)before) < 2 && wcwidth((wchar_t)after) < 2)
		return false;
	return wcwidth((wchar_t)after) > 0 && !wcschr(not_first, (wchar_t)after) &&
	       !wcschr(not_last, (wchar_t)before);
}

/* Bytes of the first line of a paragraph that is wider than width. */
static size_t first_line(const char *s, size_t n, int width)
{
	size_t at = 0, best = 0;
	bool in_blank = false, found = false;
	wint_t before = WEOF;
	for (int col = 0; at < n;) {
		wint_t wc;
		size_t len = next_wc(s + at, &wc);
		int w = wc_width(wc, (unsigned char)s[at]);
		bool blank = wc != WEOF && iswspace(wc);
		if ((blank && !in_blank) || (at && !blank && may_break(before, wc))) {
			best = at;
			found = true;
		}
		in_blank = blank;
		if (at && col + w > width)
			break;
		at += len;
		col += w;
		before = wc;
	}
	return found ? best : at;
}

/* strv_add() counts anew each time, and files have many lines. */
struct lines {
	char **v;
	size_t n, size;
};

static void add_line(struct lines *l, const char *s, size_t n)
{
	if (l->n + 1 >= l->size) {
		l->size = l->size * 2 + 16;
		l->v = xreallocarray(l->v, l->size, sizeof(*l->v));
	}
	l->v[l->n++] = xstrndup(s, n);
	l->v[l->n] = NULL;
}

static void add_paragraph(struct lines *lines, const char *s, size_t n, int width, bool last)
{
	do {
		if (cols_cut(s, width, NULL) >= n) {
			add_line(lines, s, n);
			return;
		}
		size_t take = first_line(s, n, width);
		add_line(lines, s, take);
		s += take;
		n -= take;
		wint_t wc;
		for (size_t len; n && (len = next_wc(s, &wc)) && wc != WEOF && iswspace(wc);) {
			s += len;
			n -= len;
		}
		/* newt gives blanks that hang over the end of a paragraph a line of their own */
	} while (n || !last);
}

char **cols_wrap(const char *text, int width)
{
	_cleanup_free_ char *flat = without_tabs(text);
	struct lines lines = {.v = xcalloc(1, sizeof(char *))};
	if (width < 1)
		width = 1;
	for (const char *p = flat; *p;) {
		const char *end = strchrnul(p, '\n');
		add_paragraph(&lines, p, (size_t)(end - p), width, !*end);
		p = *end ? end + 1 : end;
	}
	return lines.v;
}

/* A locale that is not installed here: its charset if that is UTF-8, and through LANGUAGE its
 * messages, which gettext finds without the locale. */
static void without_locale(void)
{
	static const char *const vars[] = {"LC_ALL", "LC_CTYPE", "LANG"};
	const char *name = NULL;
	for (size_t i = 0; i < ARRAY_LEN(vars) && (!name || !*name); i++)
		name = getenv(vars[i]);
	const char *dot = name ? strchr(name, '.') : NULL;
	if (!dot || (strncasecmp(dot, ".utf-8", 6) && strncasecmp(dot, ".utf8", 5)))
		return;
	setlocale(LC_ALL, "C.UTF-8");
	_cleanup_free_ char *language = xstrndup(name, (size_t)(dot - name));
	setenv("LANGUAGE", language, 0);
}

bool cols_locale(void)
{
	if (!setlocale(LC_ALL, ""))
		without_locale();
	return MB_CUR_MAX > 1;
}
