/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Cloudflare publishes no list of its error codes: these are the ones that users reported, each
 * told apart because another thing must be done about it. */
#include <ctype.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "steps/cloudflare.h"

#define GLOBAL_KEY_LEN 37

static bool is_global_key(const char *s)
{
	return strlen(s) == GLOBAL_KEY_LEN && strspn(s, "0123456789abcdef") == GLOBAL_KEY_LEN;
}

int cf_token_check(const char *token, struct err *e)
{
	if (!token || !*token)
		return err_set(e, FAULT_CF_NO_TOKEN, N_("no Cloudflare API token is stored"));
	if (is_global_key(token))
		return err_set(e, FAULT_CF_GLOBAL_KEY,
			       N_("the stored value has the form of a Global API Key"));
	for (const char *p = token; *p; p++)
		if (!isalnum((unsigned char)*p) && *p != '_' && *p != '-' && *p != '.')
			return err_set(
				e, FAULT_CF_TOKEN_SHAPE,
				isspace((unsigned char)*p)
					? N_("the stored token contains white space at position %d")
					: N_("the stored token contains a character that no token "
					     "has at position %d"),
				(int)(p - token) + 1);
	return 0;
}

/* True when the error or one of its chain has this code. */
static bool has_code(const json_t *error, long long code)
{
	size_t i;
	json_t *link;
	if (json_int_at(error, "code", -1) == code)
		return true;
	json_array_foreach(json_at(error, "error_chain"), i, link)
		if (has_code(link, code))
			return true;
	return false;
}

static enum fault fault_of(long status, const json_t *error, const char *message, bool writing)
{
	static const struct {
		long long code;
		enum fault fault;
	} codes[] = {
		{ 6111, FAULT_CF_TOKEN_FORMAT },  { 6103, FAULT_CF_KEY_HEADER },
		{ 6003, FAULT_CF_TOKEN_FORMAT },  { 1001, FAULT_CF_NO_HEADER },
		{ 1000, FAULT_CF_TOKEN_UNKNOWN }, { 81053, FAULT_CF_CONFLICT },
		{ 81054, FAULT_CF_CONFLICT },
	};
	if (strstr(message, "You cannot use this API for domains"))
		return FAULT_CF_TLD;
	if (strstr(message, "from location"))
		return FAULT_CF_IP_FILTER;
	if (strstr(message, "requires permission") || strstr(message, "zone.list"))
		return writing ? FAULT_CF_DNS_WRITE : FAULT_CF_ZONE_READ;
	if (has_code(error, 9109))
		return strstr(message, "Invalid access token") ? FAULT_CF_TOKEN_UNKNOWN
							       : FAULT_CF_TOKEN_REFUSED;
	if (has_code(error, 10000))
		return writing ? FAULT_CF_DNS_WRITE : FAULT_CF_AUTH;
	for (size_t i = 0; i < ARRAY_LEN(codes); i++)
		if (has_code(error, codes[i].code))
			return codes[i].fault;
	if (status == 403)
		return writing ? FAULT_CF_DNS_WRITE : FAULT_CF_AUTH;
	return status == 401 ? FAULT_CF_AUTH : FAULT_CF_OTHER;
}

int cf_judge(long status, const json_t *body, bool writing, const char *what, struct err *e)
{
	const json_t *error = json_array_get(json_at(body, "errors"), 0);
	const json_t *success = json_at(body, "success");
	const char *message = json_str_at(error, "message") ?: "";

	if (status == 429)
		return err_set(e, FAULT_CF_RATE_LIMIT, N_("Cloudflare answered 429 to %s"), what);
	if (status >= 500 || !json_is_boolean(success))
		return err_set(e, FAULT_CF_DOWN,
			       N_("Cloudflare answered %ld to %s, and not in its usual form"),
			       status, what);
	if (json_is_true(success) && status < 300)
		return CF_OK;
	/* 81057 Record already exists, 81058 identical, 81044 does not exist. */
	if (has_code(error, 81057) || has_code(error, 81058))
		return CF_ALREADY;
	if (has_code(error, 81044))
		return CF_GONE;
	return err_set(e, fault_of(status, error, message, writing),
		       N_("Cloudflare answered %ld to %s: code %lld, %s"), status, what,
		       json_int_at(error, "code", -1), message);
}
