/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Validators for names and addresses. */
#include "model/keys-check.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/net.h"
#include "base/text.h"

#define DIGITS "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

static bool has_byte_above(const char *s, unsigned char limit)
{
	for (; *s; s++)
		if ((unsigned char)*s > limit)
			return true;
	return false;
}

static bool only(const char *s, const char *set)
{
	return s[strspn(s, set)] == '\0';
}

/* The mistakes that people make, each with its own sentence: before the rules themselves, because
 * "a character is not allowed" helps nobody who pasted a whole address. */
static const char *host_mistake(const char *s)
{
	if (!*s)
		return N_("%s is empty (%s); write a name such as %s");
	if (strstr(s, "://"))
		return N_(
			"%s: \"%s\" is an address with a scheme; write the name alone, such as %s");
	if (strchr(s, '/'))
		return N_("%s: \"%s\" contains a slash; write the name alone, such as %s");
	if (strchr(s, '@'))
		return N_("%s: \"%s\" looks like an e-mail address; write a host name such as %s");
	if (strchr(s, ':'))
		return N_("%s: \"%s\" contains a port; ports have their own settings. Write the "
			  "name alone, "
			  "such as %s");
	if (has_byte_above(s, 0x7e))
		return N_("%s: \"%s\" contains characters outside ASCII; write the punycode form "
			  "(xn--...). A plain name looks like %s");
	if (strpbrk(s, " \t\r\n"))
		return N_("%s: \"%s\" contains white space; a right name is %s");
	if (strchr(s, '*'))
		return N_("%s: \"%s\" is a wildcard; write one name, such as %s");
	if (strchr(s, '_'))
		return N_("%s: \"%s\" contains an underscore, which host names cannot have; a "
			  "right name is "
			  "%s");
	if (strpbrk(s, UPPER))
		return N_("%s: \"%s\" contains capital letters; write it in small letters, such as "
			  "%s");
	return NULL;
}

static const char *labels_wrong(const char *s, unsigned *ret_labels)
{
	*ret_labels = 0;
	for (;;) {
		size_t n = strcspn(s, ".");
		if (n == 0)
			return N_("%s: \"%s\" has nothing between two dots; a right name is %s");
		if (n > 63)
			return N_("%s: \"%s\" has a part of more than 63 characters; a right name "
				  "is %s");
		if (s[0] == '-' || s[n - 1] == '-')
			return N_("%s: \"%s\" has a part that begins or ends with a hyphen; a "
				  "right name is %s");
		++*ret_labels;
		if (!s[n])
			return NULL;
		s += n + 1;
	}
}

const char *host_wrong(const char *s, bool one_label)
{
	const char *wrong = host_mistake(s);
	unsigned labels;

	if (wrong)
		return wrong;
	if (!only(s, LOWER DIGITS "-."))
		return N_("%s: \"%s\" contains a character that a name cannot have (only a-z, 0-9, "
			  "- and dots); "
			  "a right name is %s");
	if (only(s, DIGITS "."))
		return N_(
			"%s: \"%s\" is a number or an IP address, not a name; a right name is %s");
	if (s[0] == '.')
		return N_("%s: \"%s\" begins with a dot; a right name is %s");
	if (text_ends(s, "."))
		return N_("%s: \"%s\" ends with a dot; leave it out, as in %s");
	wrong = labels_wrong(s, &labels);
	if (wrong)
		return wrong;
	if (strlen(s) > 253)
		return N_("%s: \"%s\" has more than 253 characters; a right name is %s");
	if (labels == 1)
		return one_label ? NULL
				 : N_("%s: \"%s\" is only one word; write the whole name, such as "
				      "%s");
	if (only(strrchr(s, '.') + 1, DIGITS))
		return N_("%s: \"%s\" ends in a number, as no domain does; a right name is %s");
	return NULL;
}

static int check_name(const struct key *key, const char *value, bool one_label, struct err *e)
{
	const char *wrong = host_wrong(value, one_label);
	return wrong ? key_bad(key, value, wrong, e) : 0;
}

int check_domain(const struct key *key, const char *value, struct err *e)
{
	return check_name(key, value, false, e);
}

int check_host_part(const struct key *key, const char *value, struct err *e)
{
	return check_name(key, value, true, e);
}

int check_admin_host(const struct key *key, const char *value, struct err *e)
{
	if (!strcmp(value, "off"))
		return 0;
	if (!strcmp(value, "false") || !strcmp(value, "no") || !strcmp(value, "none"))
		return key_bad(
			key, value,
			N_("%s: to do without, write off instead of \"%s\"; otherwise a name "
			   "such as %s"),
			e);
	return check_name(key, value, true, e);
}

int check_peer(const struct key *key, const char *value, struct err *e)
{
	uint32_t addr;
	return net_parse_ipv4(value, &addr) ? 0 : check_name(key, value, true, e);
}

static bool port_ok(const char *s)
{
	long port;
	return *s && only(s, DIGITS) && *s != '0' && text_to_long(s, 1, 65535, &port);
}

int check_peer_port(const struct key *key, const char *value, struct err *e)
{
	const char *colon = strrchr(value, ':');
	if (!colon || !port_ok(colon + 1))
		return key_bad(key, value,
			       N_("%s: \"%s\" needs a port from 1 to 65535 at its end, as in %s"),
			       e);
	_cleanup_free_ char *host = xstrndup(value, (size_t)(colon - value));
	return check_peer(key, host, e);
}

int check_email(const struct key *key, const char *value, struct err *e)
{
	const char *at = strchr(value, '@');
	const char *wrong = NULL;

	if (!*value)
		wrong = N_("%s is empty (%s); write an address such as %s");
	else if (!at)
		wrong = N_("%s: \"%s\" has no @; a right address looks like %s");
	else if (strchr(at + 1, '@') || strpbrk(value, ",; \t\r\n<>"))
		wrong = N_("%s: \"%s\" is not exactly one address; a right one looks like %s");
	else if (at == value || at - value > 64 || value[0] == '.' || at[-1] == '.' ||
		 strstr(value, ".."))
		wrong = N_("%s: \"%s\" has no usable name before the @; a right address looks like "
			   "%s");
	else if (strspn(value, LOWER UPPER DIGITS "!#$%&'*+-/=?^_`{|}~.") != (size_t)(at - value))
		wrong = N_("%s: \"%s\" has a character before the @ that addresses cannot have; a "
			   "right one "
			   "looks like %s");
	else if (strlen(value) > 254)
		wrong = N_(
			"%s: \"%s\" has more than 254 characters; a right address looks like %s");
	else if (host_wrong(at + 1, false))
		wrong = N_("%s: \"%s\" has no usable domain behind the @; a right address looks "
			   "like %s");
	return wrong ? key_bad(key, value, wrong, e) : 0;
}

int check_ipv4(const struct key *key, const char *value, struct err *e)
{
	uint32_t addr;
	if (net_parse_ipv4(value, &addr))
		return 0;
	if (strchr(value, ':') && only(value, "0123456789abcdefABCDEF:."))
		return key_bad(
			key, value,
			N_("%s: \"%s\" is no IPv4 address, and IPv6 is not used here; a right "
			   "one is %s"),
			e);
	return key_bad(key, value, N_("%s: \"%s\" is no IPv4 address; a right one is %s"), e);
}

int check_cidr(const struct key *key, const char *value, struct err *e)
{
	uint32_t base;
	unsigned bits;

	if (!net_parse_cidr(value, &base, &bits))
		return key_bad(
			key, value,
			N_("%s: \"%s\" is no network in the form address/bits with zeros after "
			   "the bits; a right one is %s"),
			e);
	/* K3s gives each node a /24 of it, and the address of our Service is chosen from 256. */
	if (bits < 8 || bits > 24)
		return key_bad(key, value,
			       N_("%s: \"%s\" must have from 8 to 24 bits; a right one is %s"), e);
	enum net_kind kind = net_classify(base);
	if (kind != NET_PRIVATE && kind != NET_CGNAT)
		return key_bad(key, value,
			       N_("%s: \"%s\" is not a private network; a right one is %s"), e);
	return 0;
}

int check_resolver(const struct key *key, const char *value, struct err *e)
{
	const char *colon = strrchr(value, ':');
	_cleanup_free_ char *addr =
		colon ? xstrndup(value, (size_t)(colon - value)) : xstrdup(value);
	uint32_t ip;

	if (net_parse_ipv4(addr, &ip) && (!colon || port_ok(colon + 1)))
		return 0;
	return key_bad(
		key, value,
		N_("%s: \"%s\" is not an IPv4 address with or without a port; right ones are "
		   "%s"),
		e);
}

/* What stands behind "scheme://": [user@]host[:port][/path]. */
static const char *url_rest_wrong(const char *rest, bool path)
{
	size_t n = strcspn(rest, "/");
	_cleanup_free_ char *host = xstrndup(rest, n);
	uint32_t addr;

	if (strchr(host, '@'))
		return N_("%s: \"%s\" contains a user name or password, which would be stored in "
			  "the clear; a "
			  "right value is %s");
	char *colon = strchr(host, ':');
	if (colon) {
		if (!port_ok(colon + 1))
			return N_("%s: \"%s\" has no usable port; a right value is %s");
		*colon = '\0';
	}
	if (!net_parse_ipv4(host, &addr) && host_wrong(host, true))
		return N_("%s: \"%s\" has no usable host name; a right value is %s");
	if (!path && rest[n] && strcmp(rest + n, "/"))
		return N_("%s: \"%s\" must end after the port; a right value is %s");
	if (!only(rest + n, LOWER UPPER DIGITS "/.-_~:%+"))
		return N_("%s: \"%s\" has a character in its path that is not allowed; a right "
			  "value is %s");
	return NULL;
}

int check_url(const struct key *key, const char *value, struct err *e)
{
	const char *rest = text_starts(value, "https://")  ? value + 8
			   : text_starts(value, "http://") ? value + 7
							   : NULL;
	const char *wrong = rest ? url_rest_wrong(rest, true)
				 : N_("%s: \"%s\" does not begin with https:// or http://; a right "
				      "value is %s");
	return wrong ? key_bad(key, value, wrong, e) : 0;
}

int check_proxy(const struct key *key, const char *value, struct err *e)
{
	const char *rest = strstr(value, "://");
	if (!text_starts(value, "http://") && !text_starts(value, "https://") &&
	    !text_starts(value, "socks5h://"))
		return key_bad(
			key, value,
			N_("%s: \"%s\" does not begin with http://, https:// or socks5h://; a "
			   "right value is %s"),
			e);
	const char *wrong = url_rest_wrong(rest + 3, false);
	return wrong ? key_bad(key, value, wrong, e) : 0;
}

int check_connect_to(const struct key *key, const char *value, struct err *e)
{
	unsigned colons = 0;
	bool ok = only(value, LOWER UPPER DIGITS "-.:");
	for (const char *p = value; *p; p++)
		colons += *p == ':';
	if (ok && colons == 3) {
		const char *port = strchr(value, ':') + 1;
		_cleanup_free_ char *first = xstrndup(port, strcspn(port, ":"));
		const char *last = strrchr(value, ':') + 1;
		ok = (!*first || port_ok(first)) && (!*last || port_ok(last));
	}
	if (ok && colons == 3)
		return 0;
	return key_bad(
		key, value,
		N_("%s: \"%s\" is not HOST:PORT:HOST2:PORT2 (each may be empty); a right value "
		   "is %s"),
		e);
}
