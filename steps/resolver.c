/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "steps/resolver.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/mem.h"
#include "base/net.h"
#include "base/text.h"

#define DOH_TIMEOUT_S 8
#define DOH_MAX ((size_t)64 << 10)
#define DNS_PORT 53

/* RFC 4648, 5: base64 for addresses, without padding as RFC 8484 wants it. */
static char *base64_url(const unsigned char *data, size_t len)
{
	char *text = crypto_base64(data, len);
	for (char *p = text; *p; p++)
		*p = *p == '+' ? '-' : *p == '/' ? '_' : *p;
	text[strcspn(text, "=")] = '\0';
	return text;
}

static int ask_https(struct step_ctx *c, const char *server, const char *name, enum dns_type type,
		     struct dns_answer *ret, struct err *e)
{
	struct http_response r _cleanup_http_ = { 0 };
	struct err seen = ERR_INIT;
	size_t len;
	_cleanup_free_ unsigned char *question = dns_question(name, type, &len, e);
	if (!question)
		return -1;
	_cleanup_free_ char *text = base64_url(question, len);
	_cleanup_free_ char *url = xasprintf("%s?dns=%s", server, text);
	const struct http_request rq = {
		.url = url,
		.headers = (const char *[]){ "Accept: application/dns-message", NULL },
		.timeout_s = DOH_TIMEOUT_S,
		.max = DOH_MAX,
	};
	if (step_http(c, &rq, &r, &seen) < 0 || r.status != 200)
		return err_set(e, seen.fault == FAULT_CANCELLED ? FAULT_CANCELLED : FAULT_DNS_TIMEOUT,
			       N_("The name server %s gave no answer about %s (%s)"), server, name,
			       dns_type_name(type));
	return dns_read(server, r.body, r.len, name, type, ret, e);
}

int resolver_ask(struct step_ctx *c, const char *server, const char *name, enum dns_type type,
		 struct dns_answer *ret, struct err *e)
{
	if (text_starts(server, "https://"))
		return ask_https(c, server, name, type, ret, e);
	return dns_query(server, name, type, ret, e);
}

/* Where an authority is asked: its address, or where the map sends this name. New; NULL: unknown. */
static char *authority_address(struct step_ctx *c, const json_t *servers, const char *authority)
{
	char *to = NULL;
	unsigned port;
	uint32_t unused;
	net_map(step_connect_to(c), authority, DNS_PORT, &to, &port);
	char *mapped = net_parse_ipv4(to, &unused) ? xasprintf("%s:%u", to, port) : NULL;
	free(to);
	for (size_t i = 0; !mapped && i < json_array_size(servers); i++) {
		struct dns_answer a _cleanup_dns_ = { 0 };
		const char *server = json_string_value(json_array_get(servers, i));
		if (resolver_ask(c, server, authority, DNS_A, &a, NULL) == 0 && dns_first(&a, DNS_A))
			mapped = xstrdup(dns_first(&a, DNS_A)->data);
	}
	return mapped;
}

int resolver_ask_authority(struct step_ctx *c, const json_t *servers, const char *authority,
			   const char *name, enum dns_type type, struct dns_answer *ret, struct err *e)
{
	_cleanup_free_ char *address = authority_address(c, servers, authority);
	if (!address)
		return err_set(e, FAULT_DNS_TIMEOUT,
			       N_("The name server %s gave no answer about %s (%s)"), authority, name,
			       dns_type_name(type));
	return dns_query(address, name, type, ret, e);
}

bool resolver_has(const struct dns_answer *a, enum dns_type type, const char *data)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->records[i].type == type && !strcmp(a->records[i].data, data))
			return true;
	return false;
}

int resolver_lies(struct step_ctx *c, const char *server, char **ret_address, struct err *e)
{
	struct dns_answer a _cleanup_dns_ = { 0 };
	_cleanup_free_ char *nonce = crypto_uuid(e);
	if (!nonce)
		return -1;
	/* RFC 6761, 6.4: nothing below "invalid" exists, and every resolver must say so. */
	_cleanup_free_ char *name = xasprintf("%.8s.invalid", nonce);
	if (resolver_ask(c, server, name, DNS_A, &a, NULL) < 0 || !dns_first(&a, DNS_A))
		return 0;
	*ret_address = xstrdup(dns_first(&a, DNS_A)->data);
	return 1;
}
