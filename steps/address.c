/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "steps/address.h"

#include <stdlib.h>
#include <string.h>

#include "base/dns.h"
#include "base/mem.h"
#include "base/net.h"
#include "base/text.h"
#include "steps/resolver.h"

static void add_once(char ***v, const char *s)
{
	for (char **p = *v; p && *p; p++)
		if (!strcmp(*p, s))
			return;
	strv_add(v, xstrdup(s));
}

static void read_answer(const struct dns_answer *a, struct address_seen *s)
{
	s->rcode = a->rcode;
	const struct dns_record *alias = dns_first(a, DNS_CNAME);
	for (size_t i = 0; i < a->n; i++)
		if (a->records[i].type == DNS_A)
			add_once(&s->addresses, a->records[i].data);
	if (alias)
		s->alias = xstrdup(alias->data);
	if (s->addresses)
		s->kind = ADDRESS_FOUND;
	else if (a->rcode != DNS_OK && a->rcode != DNS_NXDOMAIN)
		s->kind = ADDRESS_REFUSED;
	else if (alias)
		s->kind = ADDRESS_DANGLING;
	else
		s->kind = a->rcode == DNS_NXDOMAIN ? ADDRESS_MISSING : ADDRESS_EMPTY;
}

static int ask_one(struct step_ctx *c, const char *name, struct address_seen *s, struct err *e)
{
	struct dns_answer a _cleanup_dns_ = { 0 };
	struct err seen = ERR_INIT;
	if (step_cancelled(c))
		return err_set(e, FAULT_CANCELLED, N_("cancelled while asking for %s"), name);
	if (resolver_ask(c, s->server, name, DNS_A, &a, &seen) < 0) {
		_cleanup_free_ char *text = err_text(&seen);
		step_log(c, "%s", text);
		return 0;
	}
	read_answer(&a, s);
	_cleanup_free_ char *code = dns_rcode_name(a.rcode);
	_cleanup_free_ char *all = s->addresses ? text_join((const char *const *)s->addresses, ", ")
						: xasprintf("no address (%s)", code);
	step_log(c, "%s says of %s: %s%s%s", s->server, name, all, s->alias ? ", an alias of " : "",
		 s->alias ? s->alias : "");
	if (s->kind == ADDRESS_FOUND && resolver_lies(c, s->server, &s->lie, e) < 0)
		return -1;
	if (s->lie)
		step_log(c, "%s gives %s for a name that cannot exist: its answers are not to be trusted",
			 s->server, s->lie);
	return 0;
}

int address_ask(struct step_ctx *c, const json_t *resolvers, const char *name,
		struct address_seen **ret, struct err *e)
{
	size_t n = json_array_size(resolvers);
	struct address_seen *v = xcalloc(n + 1, sizeof(*v));
	for (size_t i = 0; i < n; i++) {
		v[i].server = json_string_value(json_array_get(resolvers, i));
		if (ask_one(c, name, &v[i], e) < 0) {
			address_free(v, n);
			return -1;
		}
	}
	*ret = v;
	return 0;
}

void address_free(struct address_seen *v, size_t n)
{
	for (size_t i = 0; v && i < n; i++) {
		strv_free(v[i].addresses);
		free(v[i].alias);
		free(v[i].lie);
	}
	free(v);
}

int address_is_public(const char *address, const char *where, struct err *e)
{
	uint32_t addr;
	if (!net_parse_ipv4(address, &addr))
		return err_set(e, FAULT_IP_RESERVED,
			       N_("%s gives \"%s\", which is no IPv4 address"), where, address);
	switch (net_classify(addr)) {
	case NET_PUBLIC:
		return 0;
	case NET_PRIVATE:
	case NET_LINK_LOCAL:
		return err_set(e, FAULT_IP_PRIVATE, N_("%s gives the private address %s"), where,
			       address);
	case NET_CGNAT:
		return err_set(e, FAULT_IP_CGNAT, N_("%s gives the shared address %s"), where,
			       address);
	default:
		return err_set(e, FAULT_IP_RESERVED, N_("%s gives the reserved address %s"), where,
			       address);
	}
}

static const struct address_seen *first_of(const struct address_seen *v, size_t n,
					   enum address_kind kind)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].kind == kind)
			return &v[i];
	return NULL;
}

/* Nobody found an address: which of the reasons is it? */
static char *judge_none(const struct address_seen *v, size_t n, const char *name, struct err *e)
{
	const struct address_seen *s;
	if ((s = first_of(v, n, ADDRESS_DANGLING)))
		err_set(e, FAULT_IP_CNAME,
			N_("%s is an alias of %s, which has no address (asked at %s)"), name,
			s->alias, s->server);
	else if ((s = first_of(v, n, ADDRESS_EMPTY)))
		err_set(e, FAULT_IP_NO_NAME, N_("%s has no A record (asked at %s)"), name,
			s->server);
	else if ((s = first_of(v, n, ADDRESS_MISSING)))
		err_set(e, FAULT_IP_NO_NAME, N_("%s does not exist (asked at %s)"), name,
			s->server);
	else if ((s = first_of(v, n, ADDRESS_REFUSED))) {
		_cleanup_free_ char *code = dns_rcode_name(s->rcode);
		err_set(e, FAULT_IP_REFUSED, N_("%s cannot answer for %s: %s"), s->server, name, code);
	} else
		err_set(e, FAULT_IP_NO_RESOLVER, N_("no resolver answers for %s"), name);
	return NULL;
}

/* One that can be believed, else any: who invents addresses may tell the truth about names that exist. */
static const struct address_seen *best_found(const struct address_seen *v, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].kind == ADDRESS_FOUND && !v[i].lie)
			return &v[i];
	return first_of(v, n, ADDRESS_FOUND);
}

static bool is_private(const struct address_seen *s)
{
	uint32_t addr;
	return s->kind == ADDRESS_FOUND && net_parse_ipv4(s->addresses[0], &addr) &&
	       net_classify(addr) == NET_PRIVATE;
}

/* Two that answered differently: why? */
static int judge_pair(const struct address_seen *a, const struct address_seen *b, const char *name,
		      struct err *e)
{
	if (is_private(a) != is_private(b)) {
		const struct address_seen *in = is_private(a) ? a : b, *out = is_private(a) ? b : a;
		return err_set(e, FAULT_IP_SPLIT, N_("for %s %s says %s, but %s says %s"), name, in->server,
			       in->addresses[0], out->server,
			       out->kind == ADDRESS_FOUND ? out->addresses[0]
							  : "that there is no address");
	}
	return err_set(e, FAULT_IP_DISAGREE, N_("for %s %s says %s, but %s says %s"), name, a->server,
		       a->addresses[0], b->server,
		       b->kind == ADDRESS_FOUND ? b->addresses[0] : "that there is no address");
}

char *address_judge(const struct address_seen *v, size_t n, const char *name, struct err *e)
{
	const struct address_seen *found = best_found(v, n);
	if (!found)
		return judge_none(v, n, name, e);
	if (found->lie && !strcmp(found->lie, found->addresses[0])) {
		err_set(e, FAULT_DNS_HIJACKED,
			N_("%s says %s of %s, and the same of a name that cannot exist"), found->server,
			found->lie, name);
		return NULL;
	}
	for (size_t i = 0; i < n; i++) {
		if (v[i].kind == ADDRESS_SILENT || v[i].kind == ADDRESS_REFUSED ||
		    (v[i].lie && !found->lie))
			continue;
		if (strv_len(v[i].addresses) > 1) {
			_cleanup_free_ char *all = text_join((const char *const *)v[i].addresses,
							     ", ");
			err_set(e, FAULT_IP_SEVERAL, N_("%s has the addresses %s (asked at %s)"),
				name, all, v[i].server);
			return NULL;
		}
		if (v[i].kind != ADDRESS_FOUND || strcmp(v[i].addresses[0], found->addresses[0])) {
			judge_pair(found, &v[i], name, e);
			return NULL;
		}
	}
	return address_is_public(found->addresses[0], name, e) == 0 ? xstrdup(found->addresses[0])
								    : NULL;
}

int address_compare(const char *own, const char *shown, struct err *e)
{
	uint32_t addr;
	if (!net_parse_ipv4(own, &addr) || net_classify(addr) != NET_PUBLIC || !strcmp(own, shown))
		return 0;
	return err_set(e, FAULT_IP_STALE, N_("DNS shows %s, but this machine has the public address %s"),
		       shown, own);
}
