/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "steps/dns-plan.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"

#define TTL 60 /* the shortest: the address changes */
#define COMMENT "ess-setup"
#define SRV_PRIORITY 10
#define SRV_WEIGHT 5

void dns_finding_done(struct dns_finding *f)
{
	json_decref(f->change);
	free(f->text);
	*f = (struct dns_finding){ 0 };
}

bool dns_proxy_serves(unsigned port)
{
	/* Cloudflare, "Network ports compatible with the proxy", HTTPS. */
	static const unsigned ports[] = { 443, 2053, 2083, 2087, 2096, 8443 };
	for (size_t i = 0; i < ARRAY_LEN(ports); i++)
		if (ports[i] == port)
			return true;
	return false;
}

static bool is_type(const json_t *r, const char *type)
{
	const char *t = json_str_at(r, "type");
	return t && !strcmp(t, type);
}

static bool has_name(const json_t *r, const char *name)
{
	const char *n = json_str_at(r, "name");
	return n && !strcasecmp(n, name);
}

static bool is_proxied(const json_t *r)
{
	return json_is_true(json_object_get(r, "proxied"));
}

static const char *content_of(const json_t *r)
{
	return json_str_at(r, "content") ?: "";
}

/* The records of a name that decide where it leads over IPv4; new array of borrowed objects. */
static json_t *leading(const json_t *records, const char *name)
{
	json_t *found = json_array();
	size_t i;
	json_t *r;
	json_array_foreach(records, i, r)
		if (has_name(r, name) &&
		    (is_type(r, "A") || is_type(r, "CNAME")))
			json_array_append(found, r);
	return found;
}

static char *host_text(const struct dns_want *w)
{
	return xasprintf("%s A %s%s", w->name, w->content, w->role == DNS_RTC ? " (DNS only)" : "");
}

static void set(struct dns_finding *f, enum dns_verdict verdict, const json_t *record,
		json_t *change, char *text)
{
	f->verdict = verdict;
	f->id = json_str_at(record, "id");
	f->change = change;
	f->text = text;
}

static void in_the_way(struct dns_finding *f, const json_t *r)
{
	set(f, DNS_IN_THE_WAY, r, NULL,
	    xasprintf("%s %s %s", json_str_at(r, "name"), json_str_at(r, "type"), content_of(r)));
}

static bool leads_to(const json_t *alias, const char *const *aliases)
{
	for (; *aliases; aliases++)
		if (!strcasecmp(content_of(alias), *aliases))
			return true;
	return false;
}

static void compare_proxy(const json_t *r, const struct dns_want *w, unsigned https,
			  struct dns_finding *f)
{
	if (!is_proxied(r) || (w->role == DNS_HOST && dns_proxy_serves(https)))
		return;
	set(f, DNS_UNPROXY, r, json_pack("{s:b}", "proxied", 0),
	    xasprintf("%s %s %s: DNS only, not proxied", w->name, json_str_at(r, "type"),
		      content_of(r)));
}

/* One or more records of the name, none of them an alias. */
static void compare_addresses(const json_t *found, const struct dns_want *w, unsigned https,
			      struct dns_finding *f)
{
	const json_t *right = NULL, *wrong = NULL;
	size_t i;
	json_t *r;
	json_array_foreach(found, i, r) {
		if (!strcmp(content_of(r), w->content))
			right = r;
		else
			wrong = r;
	}
	if (right && wrong)
		in_the_way(f, wrong);
	else if (json_array_size(found) > 1 && wrong)
		in_the_way(f, json_array_get(found, 1));
	else if (wrong)
		set(f, DNS_CHANGE, wrong, json_pack("{s:s}", "content", w->content), host_text(w));
	else
		compare_proxy(right, w, https, f);
	/* A record that is changed anyway gets its proxy right in the same go. */
	if (f->verdict == DNS_CHANGE && is_proxied(wrong) &&
	    (w->role == DNS_RTC || !dns_proxy_serves(https)))
		json_object_set_new(f->change, "proxied", json_false());
}

static void compare_host(const json_t *found, const struct dns_want *w, const char *const *aliases,
			 unsigned https, struct dns_finding *f)
{
	size_t i;
	json_t *r;
	json_array_foreach(found, i, r) {
		if (is_type(r, "A"))
			continue;
		if (is_type(r, "CNAME") && leads_to(r, aliases))
			compare_proxy(r, w, https, f);
		else
			in_the_way(f, r);
		return;
	}
	compare_addresses(found, w, https, f);
}

static json_t *new_host(const struct dns_want *w)
{
	return json_pack("{s:s, s:s, s:s, s:i, s:b, s:s}", "type", "A", "name", w->name, "content",
			 w->content, "ttl", w->role == DNS_ANY ? 1 : TTL, "proxied",
			 w->role == DNS_ANY, "comment", COMMENT);
}

/* "*.example.com" answers for a name that has no record of its own. */
static json_t *wildcard(const json_t *records, const char *name)
{
	const char *dot = strchr(name, '.');
	_cleanup_free_ char *star = xasprintf("*%s", dot ? dot : "");
	return leading(records, star);
}

static void compare_name(const json_t *records, const struct dns_want *w,
			 const char *const *aliases, unsigned https, struct dns_finding *f)
{
	_cleanup_json_ json_t *found = leading(records, w->name);
	if (json_array_size(found) > 0) {
		if (w->role != DNS_ANY)
			compare_host(found, w, aliases, https, f);
		return;
	}
	_cleanup_json_ json_t *star = wildcard(records, w->name);
	if (json_array_size(star) > 0) {
		struct dns_finding by_star __attribute__((cleanup(dns_finding_done))) = { 0 };
		compare_host(star, w, aliases, https, &by_star);
		if (by_star.verdict == DNS_RIGHT)
			return;
	}
	set(f, DNS_CREATE, NULL, new_host(w), host_text(w));
}

/* ip. is its owner's: only that it is not proxied matters here, the address was looked up by DNS.
 */
static void compare_ip(const json_t *records, const struct dns_want *w, struct dns_finding *f)
{
	_cleanup_json_ json_t *found = leading(records, w->name);
	size_t i;
	json_t *r;
	json_array_foreach(found, i, r)
		if (is_proxied(r)) {
			compare_proxy(r, w, 0, f);
			return;
		}
}

static void compare_service(const json_t *records, const struct dns_want *w, struct dns_finding *f)
{
	char *text = xasprintf("%s SRV %d %d %u %s", w->name, SRV_PRIORITY, SRV_WEIGHT, w->port,
			       w->content);
	json_t *data = json_pack("{s:i, s:i, s:i, s:s}", "priority", SRV_PRIORITY, "weight",
				 SRV_WEIGHT, "port", (int)w->port, "target", w->content);
	const json_t *other = NULL;
	size_t i, n = 0;
	json_t *r;
	json_array_foreach(records, i, r) {
		if (!has_name(r, w->name) || !is_type(r, "SRV"))
			continue;
		const char *target = json_str_at(r, "data.target");
		_cleanup_free_ char *bare = xstrdup(target ? target : "");
		if (text_ends(bare, "."))
			bare[strlen(bare) - 1] = '\0';
		n++;
		if (strcasecmp(bare, w->content) ||
		    json_int_at(r, "data.port", -1) != (long long)w->port)
			other = r;
	}
	if (n == 0)
		set(f, DNS_CREATE, NULL,
		    json_pack("{s:s, s:s, s:O, s:i, s:s}", "type", "SRV", "name", w->name, "data",
			      data, "ttl", TTL, "comment", COMMENT),
		    steal(text));
	else if (other && n > 1)
		in_the_way(f, other);
	else if (other)
		set(f, DNS_CHANGE, other, json_pack("{s:O}", "data", data), steal(text));
	json_decref(data);
	free(text);
}

void dns_compare(const json_t *records, const struct dns_want *w, const char *const *aliases,
		 unsigned https, struct dns_finding *ret)
{
	*ret = (struct dns_finding){ .verdict = DNS_RIGHT };
	if (w->role == DNS_SERVICE)
		compare_service(records, w, ret);
	else if (w->role == DNS_ADDRESS)
		compare_ip(records, w, ret);
	else
		compare_name(records, w, aliases, https, ret);
}

char *dns_ipv6(const json_t *records, const struct dns_want *w)
{
	size_t i;
	json_t *r;
	if (w->role == DNS_ANY || w->role == DNS_SERVICE)
		return NULL;
	json_array_foreach((json_t *)records, i, r)
		if (has_name(r, w->name) && is_type(r, "AAAA") && !is_proxied(r))
			return xasprintf("%s AAAA %s", w->name, content_of(r));
	return NULL;
}

char *dns_proof_alias(const json_t *records, const struct dns_want *w)
{
	_cleanup_free_ char *name = xasprintf("_acme-challenge.%s", w->name);
	size_t i;
	json_t *r;
	json_array_foreach((json_t *)records, i, r)
		if (has_name(r, name) && (is_type(r, "CNAME") || is_type(r, "NS")))
			return xasprintf("%s %s %s", name, json_str_at(r, "type"), content_of(r));
	return NULL;
}
