/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Text: UTF-8, numbers, lines, versions, differences. */
#include "base/text.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* Length of the well-formed character at s (RFC 3629), 0 when there is none. */
static size_t char_len(const char *text, size_t len)
{
	const unsigned char *s = (const unsigned char *)text;
	unsigned char low = 0x80, high = 0xbf;
	size_t n;
	if (len == 0 || s[0] == 0)
		return 0;
	if (s[0] < 0x80)
		return 1;
	if (s[0] >= 0xc2 && s[0] <= 0xdf)
		n = 2;
	else if (s[0] >= 0xe0 && s[0] <= 0xef)
		n = 3;
	else if (s[0] >= 0xf0 && s[0] <= 0xf4)
		n = 4;
	else
		return 0;
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f; /* no surrogates */
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (len < n || s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	return n;
}

bool text_is_utf8(const char *s, size_t len)
{
	for (size_t i = 0, n; i < len; i += n) {
		n = char_len(s + i, len - i);
		if (n == 0)
			return false;
	}
	return true;
}

size_t text_cut(const char *s, size_t max)
{
	size_t n = strnlen(s, max + 1);
	if (n <= max)
		return n;
	n = max;
	/* Back to the start of the character that stands across the cut; 4 bytes are the longest.
	 */
	for (size_t back = 0; back < 4 && n > 0 && ((unsigned char)s[n] & 0xc0) == 0x80; back++)
		n--;
	return n;
}

/* The shared body of text_utf8 and text_clean: keeps what is valid. */
static char *copy_valid(const char *s, size_t len, bool mask_controls)
{
	char *out = xcalloc(len + 1, 3);
	char *o = out;
	for (size_t i = 0; i < len;) {
		unsigned char c = (unsigned char)s[i];
		size_t n = char_len(s + i, len - i);
		bool c1 = n == 2 && c == 0xc2 && (unsigned char)s[i + 1] < 0xa0;
		if (mask_controls && ((c < 0x20 && c != '\t') || c == 0x7f || c1)) {
			*o++ = '?';
			n = n ? n : 1;
		} else if (n == 0) {
			o = stpcpy(o, REPLACEMENT);
			n = 1;
		} else {
			memcpy(o, s + i, n);
			o += n;
		}
		i += n;
	}
	*o = '\0';
	return out;
}

char *text_utf8(const char *s, size_t len)
{
	return copy_valid(s, len, false);
}

char *text_clean(const char *s, size_t len)
{
	return copy_valid(s, len, true);
}

bool text_to_long(const char *s, long min, long max, long *ret)
{
	char *end;
	if (!isdigit((unsigned char)s[*s == '-']))
		return false;
	errno = 0;
	long v = strtol(s, &end, 10);
	if (errno || *end || v < min || v > max)
		return false;
	*ret = v;
	return true;
}

bool text_starts(const char *s, const char *prefix)
{
	return strncmp(s, prefix, strlen(prefix)) == 0;
}

bool text_ends(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);
	return n >= m && memcmp(s + n - m, suffix, m) == 0;
}

static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

char *text_trim(const char *s)
{
	while (is_space(*s))
		s++;
	size_t n = strlen(s);
	while (n > 0 && is_space(s[n - 1]))
		n--;
	return xstrndup(s, n);
}

char *text_join(const char *const *v, const char *sep)
{
	size_t size = 1;
	for (size_t i = 0; v && v[i]; i++)
		size += strlen(v[i]) + strlen(sep);
	char *out = xcalloc(size, 1);
	char *o = out;
	for (size_t i = 0; v && v[i]; i++)
		o = stpcpy(stpcpy(o, i ? sep : ""), v[i]);
	return out;
}

char **text_split(const char *s, char sep)
{
	size_t pieces = 1;
	for (const char *p = s; *p; p++)
		pieces += *p == sep;
	char **v = xcalloc(pieces + 1, sizeof(*v));
	size_t n = 0;
	for (const char *p = s;;) {
		const char *end = strchrnul(p, sep);
		if (end > p)
			v[n++] = xstrndup(p, (size_t)(end - p));
		if (!*end)
			return v;
		p = end + 1;
	}
}

static int sign(long v)
{
	return (v > 0) - (v < 0);
}

/* Runs of digits compare as numbers of any length, all else byte by byte; [a, a_end) and [b,
 * b_end). */
static int natural_cmp(const char *a, const char *a_end, const char *b, const char *b_end)
{
	while (a < a_end && b < b_end) {
		if (!isdigit((unsigned char)*a) || !isdigit((unsigned char)*b)) {
			if (*a != *b)
				return sign((unsigned char)*a - (unsigned char)*b);
			a++, b++;
			continue;
		}
		while (a < a_end && *a == '0')
			a++;
		while (b < b_end && *b == '0')
			b++;
		const char *x = a, *y = b;
		while (a < a_end && isdigit((unsigned char)*a))
			a++;
		while (b < b_end && isdigit((unsigned char)*b))
			b++;
		int c =
		    a - x != b - y ? sign((a - x) - (b - y)) : sign(memcmp(x, y, (size_t)(a - x)));
		if (c)
			return c;
	}
	return sign((long)(a < a_end) - (long)(b < b_end));
}

/* The dotted part only: missing components count as 0. */
static int dotted_cmp(const char *a, const char *a_end, const char *b, const char *b_end)
{
	static const char zero[] = "0";
	while (a < a_end || b < b_end) {
		const char *x = a < a_end ? a : zero,
			   *x_end = a < a_end ? memchr(a, '.', (size_t)(a_end - a)) : zero + 1;
		const char *y = b < b_end ? b : zero,
			   *y_end = b < b_end ? memchr(b, '.', (size_t)(b_end - b)) : zero + 1;
		x_end = x_end ? x_end : a_end;
		y_end = y_end ? y_end : b_end;
		int c = natural_cmp(x, x_end, y, y_end);
		if (c)
			return c;
		a = a < a_end ? x_end + (x_end < a_end) : a_end;
		b = b < b_end ? y_end + (y_end < b_end) : b_end;
	}
	return 0;
}

int text_version_cmp(const char *a, const char *b)
{
	a += *a == 'v';
	b += *b == 'v';
	const char *a_end = a + strcspn(a, "-+"), *b_end = b + strcspn(b, "-+");
	int c = dotted_cmp(a, a_end, b, b_end);
	if (c)
		return c;
	const char *a_pre = a_end, *b_pre = b_end;
	a_end = strchrnul(a_pre, '+');
	b_end = strchrnul(b_pre, '+');
	if ((a_pre == a_end) != (b_pre == b_end))
		return a_pre == a_end ? 1 : -1;
	c = natural_cmp(a_pre, a_end, b_pre, b_end);
	return c ? c : natural_cmp(a_end, strchr(a_end, '\0'), b_end, strchr(b_end, '\0'));
}
