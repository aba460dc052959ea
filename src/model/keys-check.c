/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Validators for ports, paths, sizes, versions, user names and free text. */
#include "model/keys-check.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

#define DIGITS "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define SHOWN_MAX 60

/* As many as the chart's own default range has (31000-32000); each port is a Service port with its
 * own packet filter rules. */
#define RANGE_PORTS_MAX 1001

static bool only(const char *s, const char *set)
{
	return s[strspn(s, set)] == '\0';
}

int key_bad(const struct key *key, const char *value, const char *msgid, struct err *e)
{
	if (key->flags & KEY_SECRET)
		return err_set(e, FAULT_CONFIG_VALUE, msgid, key->name, "***", key->example);
	_cleanup_free_ char *clean = text_clean(value, strlen(value));
	size_t n = text_cut(clean, SHOWN_MAX);
	_cleanup_free_ char *shown = xasprintf("%.*s%s", (int)n, clean, clean[n] ? "..." : "");
	return err_set(e, FAULT_CONFIG_VALUE, msgid, key->name, shown, key->example);
}

/* "4.1.4" and the like: groups of digits without leading zeros, between them the dots. */
static const char *skip_numbers(const char *s, unsigned groups)
{
	for (unsigned i = 0; i < groups; i++) {
		size_t n = strspn(s, DIGITS);
		if (n == 0 || n > 6 || (n > 1 && *s == '0'))
			return NULL;
		s += n;
		if (i + 1 < groups && *s++ != '.')
			return NULL;
	}
	return s;
}

bool range_parse(const char *s, long *ret_from, long *ret_to)
{
	const char *dash = strchr(s, '-');
	if (!dash || !only(s, DIGITS "-") || s[0] == '0' || dash[1] == '0')
		return false;
	_cleanup_free_ char *from = xstrndup(s, (size_t)(dash - s));
	return text_to_long(from, 1, 65535, ret_from) && text_to_long(dash + 1, 1, 65535, ret_to);
}

int check_range(const struct key *key, const char *value, struct err *e)
{
	long from, to;
	if (!range_parse(value, &from, &to))
		return key_bad(
			key, value,
			N_("%s: \"%s\" is not a range FIRST-LAST of ports from 1 to 65535; a "
			   "right one is %s"),
			e);
	if (from > to)
		return key_bad(key, value,
			       N_("%s: \"%s\" ends before it begins; a right range is %s"), e);
	if (to - from + 1 > RANGE_PORTS_MAX)
		return key_bad(
			key, value,
			N_("%s: \"%s\" has more than 1001 ports, which no home router forwards "
			   "well; a right range is %s"),
			e);
	return 0;
}

static const char *path_wrong(const char *s)
{
	if (s[0] != '/')
		return N_("%s: \"%s\" does not begin with a slash; a right path is %s");
	for (const char *p = s; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			return N_("%s: \"%s\" contains a line break or another control character; "
				  "a right path "
				  "is %s");
	if (!only(s, LOWER UPPER DIGITS "/._-+@"))
		return N_("%s: \"%s\" contains a character other than letters, digits and / . _ - "
			  "+ @; a right path "
			  "is %s");
	for (const char *p = s; *p;) {
		size_t n = strcspn(p + 1, "/");
		if (n == 0 && p != s)
			return N_("%s: \"%s\" has two slashes in a row or one at its end; a right "
				  "path is %s");
		if ((n == 1 && p[1] == '.') || (n == 2 && p[1] == '.' && p[2] == '.'))
			return N_("%s: \"%s\" contains . or .. as a folder; write the whole path, "
				  "such as %s");
		p += n + 1;
	}
	if (strlen(s) > 200)
		return N_("%s: \"%s\" has more than 200 characters; a right path is %s");
	return NULL;
}

int check_path(const struct key *key, const char *value, struct err *e)
{
	const char *wrong = path_wrong(value);
	if (!wrong && !value[1])
		wrong = N_("%s: \"%s\" is the whole file system; a right path is %s");
	return wrong ? key_bad(key, value, wrong, e) : 0;
}

int check_home(const struct key *key, const char *value, struct err *e)
{
	/* Themselves, and what lies below those that the system empties or packages own. */
	static const char *const taken[] = {
		"/home",    "/mnt",	"/media",     "/opt", "/root", "/srv", "/usr", "/var",
		"/var/lib", "/var/log", "/usr/local", "/var/lib/rancher",
	};
	static const char *const below[] = {
		"/bin",     "/boot",     "/dev",     "/etc",       "/lib",       "/lib32",
		"/lib64",   "/proc",     "/run",     "/sbin",      "/sys",       "/tmp",
		"/var/tmp", "/var/run",  "/usr/bin", "/usr/sbin",  "/usr/lib",   "/usr/share",
		"/var/cache", "/var/lib/ess-setup",
	};
	bool bad = false;

	if (check_path(key, value, e) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(taken); i++)
		bad |= !strcmp(value, taken[i]);
	for (size_t i = 0; i < ARRAY_LEN(below); i++) {
		size_t n = strlen(below[i]);
		bad |= !strncmp(value, below[i], n) && (!value[n] || value[n] == '/');
	}
	return bad ? key_bad(key, value,
			     N_("%s: \"%s\" belongs to the system; choose a folder of its own, "
				"such as "
				"%s"),
			     e)
		   : 0;
}

/* What both accept: matrix-authentication-service policies/register/register.rego
 * (^[a-z0-9.=_/+-]+$, not all digits) and Synapse's RegistrationHandler.check_username (no "_" at
 * the start). */
int check_localpart(const struct key *key, const char *value, struct err *e)
{
	const char *wrong = NULL;
	if (!*value)
		wrong = N_("%s is empty (%s); write a user name such as %s");
	else if (value[0] == '@' || strchr(value, ':'))
		wrong = N_("%s: \"%s\" is a whole Matrix ID; write only the part between @ and the "
			   "colon, such as "
			   "%s");
	else if (strpbrk(value, UPPER))
		wrong = N_("%s: \"%s\" contains capital letters; Matrix names are in small "
			   "letters, such as %s");
	else if (!only(value, LOWER DIGITS "._=/+-"))
		wrong = N_("%s: \"%s\" contains a character that Matrix names cannot have (only "
			   "a-z, 0-9 and "
			   ". _ = / + -); a right name is %s");
	else if (value[0] == '_')
		wrong = N_("%s: \"%s\" begins with an underscore, which Synapse refuses; a right "
			   "name is %s");
	/* kubectl and mas-cli would take it for an option. */
	else if (value[0] == '-')
		wrong = N_("%s: \"%s\" begins with a hyphen; a right name is %s");
	else if (only(value, DIGITS))
		wrong = N_("%s: \"%s\" has digits only, and such names are reserved for guests; a "
			   "right name is %s");
	else if (strlen(value) > 255)
		wrong = N_("%s: \"%s\" has more than 255 characters; a right name is %s");
	return wrong ? key_bad(key, value, wrong, e) : 0;
}

int check_k8s_name(const struct key *key, const char *value, struct err *e)
{
	if (!strchr(value, '_') &&
	    (host_wrong(value, true) == NULL || (*value && only(value, DIGITS))))
		return 0;
	return key_bad(key, value,
		       N_("%s: \"%s\" is no name of Kubernetes (a-z, 0-9, - and dots, at most 253 "
			  "characters); a right one is %s"),
		       e);
}

int check_selector(const struct key *key, const char *value, struct err *e)
{
	_cleanup_strv_ char **terms = text_split(value, ',');
	bool ok = strv_len(terms) > 0 && only(value, LOWER UPPER DIGITS "-._/=,");
	for (char **t = terms; ok && t && *t; t++) {
		const char *eq = strchr(*t, '=');
		ok = eq && eq != *t && !strchr(eq + 1, '=') && !strchr(eq + 1, '/') &&
		     strlen(eq + 1) <= 63;
	}
	return ok ? 0
		  : key_bad(key, value,
			    N_("%s: \"%s\" is not a list of LABEL=VALUE separated by commas; a "
			       "right one "
			       "is %s"),
			    e);
}

/* IANA service name, as k8s.io/apimachinery IsValidPortName has it, or a number. */
int check_target_port(const struct key *key, const char *value, struct err *e)
{
	long port;
	bool number = only(value, DIGITS) && text_to_long(value, 1, 65535, &port);
	bool name = *value && strlen(value) <= 15 && only(value, LOWER DIGITS "-") &&
		    strpbrk(value, LOWER) && !strstr(value, "--") && value[0] != '-' &&
		    value[strlen(value) - 1] != '-';
	return number || name
		       ? 0
		       : key_bad(key, value,
				 N_("%s: \"%s\" is neither the name of a port (at most 15 of a-z, "
				    "0-9, -) nor a number; a right value is %s"),
				 e);
}

static bool amount_with_unit(const char *s, const char *const *units, size_t n)
{
	size_t digits = strspn(s, DIGITS);
	if (digits == 0 || digits > 9 || s[0] == '0')
		return false;
	for (size_t i = 0; i < n; i++)
		if (!strcmp(s + digits, units[i]))
			return true;
	return false;
}

int check_storage_size(const struct key *key, const char *value, struct err *e)
{
	static const char *const units[] = { "Mi", "Gi", "Ti", "M", "G", "T" };
	return amount_with_unit(value, units, ARRAY_LEN(units))
		       ? 0
		       : key_bad(key, value,
				 N_("%s: \"%s\" is no size: a number and Mi, Gi, Ti, M, G or T, "
				    "without "
				    "space; a right one is %s"),
				 e);
}

/* The chart's schema: ^[0-9]+[MK]$ (matrix-stack values.schema.json, synapse.media.maxUploadSize).
 */
int check_upload_size(const struct key *key, const char *value, struct err *e)
{
	static const char *const units[] = { "M", "K" };
	return amount_with_unit(value, units, ARRAY_LEN(units))
		       ? 0
		       : key_bad(key, value,
				 N_("%s: \"%s\" is no size: a number and M or K, nothing else; a "
				    "right one "
				    "is %s"),
				 e);
}

int check_pg_name(const struct key *key, const char *value, struct err *e)
{
	bool ok = *value && strlen(value) <= 63 && only(value, LOWER UPPER DIGITS "_-") &&
		  !strchr(DIGITS "-", value[0]);
	return ok ? 0
		  : key_bad(key, value,
			    N_("%s: \"%s\" is no name for PostgreSQL (letters, digits, _ and -, a "
			       "letter or "
			       "_ first, at most 63); a right one is %s"),
			    e);
}

static bool printable(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < 0x20 || *s == 0x7f)
			return false;
	return true;
}

int check_text(const struct key *key, const char *value, struct err *e)
{
	if (!*value || strlen(value) > 512 || !text_is_utf8(value, strlen(value)))
		return key_bad(
			key, value,
			N_("%s: \"%s\" is empty, longer than 512 bytes or not UTF-8; a right value "
			   "is %s"),
			e);
	if (!printable(value))
		return key_bad(
			key, value,
			N_("%s: \"%s\" contains a line break or another control character; a right "
			   "value is %s"),
			e);
	return 0;
}

int check_no_proxy(const struct key *key, const char *value, struct err *e)
{
	if (*value && strlen(value) <= 512 && only(value, LOWER UPPER DIGITS "-._/*,"))
		return 0;
	return key_bad(key, value,
		       N_("%s: \"%s\" is not a list of names, addresses and networks separated by "
			  "commas; a "
			  "right one is %s"),
		       e);
}

int check_password(const struct key *key, const char *value, struct err *e)
{
	if (!printable(value) || !text_is_utf8(value, strlen(value)))
		return key_bad(key, value,
			       N_("%s: the password (%s) contains a line break or another control "
				  "character; "
				  "a right one is %s"),
			       e);
	if (strlen(value) < 8 || strlen(value) > 256)
		return key_bad(key, value,
			       N_("%s: the password (%s) has fewer than 8 or more than 256 "
				  "characters; a right "
				  "one is %s"),
			       e);
	return 0;
}

int check_cf_token(const struct key *key, const char *value, struct err *e)
{
	/* It goes into an HTTP header: cert-manager and Cloudflare both refuse line breaks and
	 * spaces. */
	if (!only(value, LOWER UPPER DIGITS "-_.~+/="))
		return key_bad(key, value,
			       N_("%s: the token (%s) contains a space, a line break or another "
				  "character that "
				  "tokens do not have; copy it again. It looks like %s"),
			       e);
	if (strlen(value) == 37 && only(value, DIGITS "abcdef"))
		return key_bad(key, value,
			       N_("%s: this (%s) is the Global API Key; make an API token with "
				  "Zone:DNS:Edit "
				  "and Zone:Zone:Read instead. It looks like %s"),
			       e);
	if (strlen(value) < 20 || strlen(value) > 256)
		return key_bad(key, value,
			       N_("%s: the token (%s) is too short or too long; copy it again. It "
				  "looks like "
				  "%s"),
			       e);
	return 0;
}

int check_sha256(const struct key *key, const char *value, struct err *e)
{
	if (strlen(value) == 64 && only(value, DIGITS "abcdef"))
		return 0;
	return key_bad(
		key, value,
		N_("%s: \"%s\" is not a SHA-256 of 64 digits 0-9 and a-f; a right one is %s"), e);
}

int check_digest(const struct key *key, const char *value, struct err *e)
{
	const size_t n = strcspn(value, "=");
	if (n > 0 && value[n] && strlen(value + n + 1) == 64 && only(value + n + 1, DIGITS "abcdef") &&
	    !memchr(value, '/', n))
		return 0;
	return key_bad(key, value, N_("%s: \"%s\" is not FILE=SHA-256; a right one is %s"), e);
}

static int version(const struct key *key, const char *value, bool ok, struct err *e)
{
	return ok ? 0
		  : key_bad(key, value,
			    N_("%s: \"%s\" is not the name of a stable release; a right one is %s"),
			    e);
}

int check_k3s_channel(const struct key *key, const char *value, struct err *e)
{
	const char *end = text_starts(value, "v") ? skip_numbers(value + 1, 2) : NULL;
	if (!strcmp(value, "stable") || (end && !*end))
		return 0;
	return key_bad(key, value,
		       N_("%s: \"%s\" is neither stable nor the channel of a minor version; a "
			  "right one is "
			  "%s"),
		       e);
}

int check_k3s_version(const struct key *key, const char *value, struct err *e)
{
	const char *end = text_starts(value, "v1.") ? skip_numbers(value + 1, 3) : NULL;
	end = end && text_starts(end, "+k3s") ? skip_numbers(end + 4, 1) : NULL;
	return version(key, value, end && !*end, e);
}

int check_helm_version(const struct key *key, const char *value, struct err *e)
{
	bool known = text_starts(value, "v3.") || text_starts(value, "v4.");
	const char *end = known ? skip_numbers(value + 1, 3) : NULL;
	return version(key, value, end && !*end, e);
}

int check_cert_manager_version(const struct key *key, const char *value, struct err *e)
{
	const char *end = text_starts(value, "v1.") ? skip_numbers(value + 1, 3) : NULL;
	return version(key, value, end && !*end, e);
}

int check_chart_version(const struct key *key, const char *value, struct err *e)
{
	const char *end = skip_numbers(value, 3);
	return version(key, value, end && !*end, e);
}
