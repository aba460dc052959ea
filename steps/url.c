/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Finds URLs by their "scheme://" and takes the authority apart (RFC 3986, 3.2). */
#include "steps/url.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"

/* What ends an authority in running text: the delimiters of URLs, quotes, brackets, punctuation.
 * Not '$', '%' and '{': these begin placeholders, which must be seen. */
#define AUTHORITY_ENDS "/?#\"'<>`\\()[]},;|^*&=! \t\r\n\v\f"

/* Length of the scheme that ends at the colon; 0 when there is none of ours. */
static size_t scheme_before(const char *text, const char *colon)
{
	static const char *const schemes[] = { "https", "http", "wss", "ws" };
	for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
		size_t len = strlen(schemes[i]), room = (size_t)(colon - text);
		if (room < len || strncasecmp(colon - len, schemes[i], len) != 0)
			continue;
		/* A letter before it makes it another word, unless it is the n of "\n". */
		if (room == len || !isalpha((unsigned char)colon[-(ptrdiff_t)len - 1]) ||
		    (room > len + 1 && colon[-(ptrdiff_t)len - 2] == '\\'))
			return len;
	}
	return 0;
}

/* Behind "//" or "\/\/"; NULL when neither is there. */
static const char *skip_slashes(const char *s)
{
	if (strncmp(s, "//", 2) == 0)
		return s + 2;
	return strncmp(s, "\\/\\/", 4) == 0 ? s + 4 : NULL;
}

static size_t authority_len(const char *s)
{
	size_t n = 0;
	while (s[n] && (unsigned char)s[n] < 0x80 && !strchr(AUTHORITY_ENDS, s[n]))
		n++;
	return n;
}

static void split_authority(const char *authority, size_t len, struct url *url)
{
	const char *end = authority + len;
	const char *at = memrchr(authority, '@', len);
	const char *host = at ? at + 1 : authority, *s = host;
	while (s < end && (isalnum((unsigned char)*s) || *s == '.' || *s == '-' || *s == '_'))
		s++;
	url->host = host;
	url->host_len = (size_t)(s - host);
	if (url->host_len && host[url->host_len - 1] == '.')
		url->host_len--;
	if (s == end)
		return;
	const char *digits = s + 1;
	size_t n = *s == ':' ? strspn(digits, "0123456789") : 0;
	if (n == 0 || digits + n != end) {
		url->odd = true;
		return;
	}
	url->port = digits;
	url->port_len = n;
}

bool url_next(const char *text, const char **pos, struct url *ret)
{
	for (const char *colon = *pos; (colon = strchr(colon, ':')); colon++) {
		size_t scheme = scheme_before(text, colon);
		const char *authority = scheme ? skip_slashes(colon + 1) : NULL;
		if (!authority)
			continue;
		size_t len = authority_len(authority);
		*ret = (struct url){ .start = colon - scheme,
				     .len = scheme + (size_t)(authority - colon) + len };
		split_authority(authority, len, ret);
		*pos = authority + len;
		return true;
	}
	return false;
}

bool url_host_is(const struct url *url, const char *host)
{
	return strlen(host) == url->host_len && strncasecmp(url->host, host, url->host_len) == 0;
}
