/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The zone at Cloudflare, as its owner set it up before he starts us. */
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/dns.h"

#define DOMAIN "example.com"

static void add_record(json_t *list, const char *type, const char *name, const char *content)
{
	_cleanup_free_ char *seed = xasprintf("%s %s", type, name);
	_cleanup_free_ char *sum = crypto_sha256(seed, strlen(seed));
	_cleanup_free_ char *id = xstrndup(sum, 32);
	_cleanup_free_ char *now = world_now();
	json_array_append_new(
		list,
		json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:i, s:n, s:[], s:{}, s:{}, s:s, s:s}",
			  "id", id, "type", type, "name", name, "content", content, "proxiable",
			  strcmp(type, "A") == 0, "proxied", 0, "ttl", 60, "comment", "tags",
			  "settings", "meta", "created_on", now, "modified_on", now));
}

static void add_host(json_t *list, const char *name, const char *domain, const char *address)
{
	_cleanup_free_ char *full =
		strchr(name, '.') ? xstrdup(name) : xasprintf("%s.%s", name, domain);
	json_t *r;
	size_t i;
	json_array_foreach(list, i, r)
		if (strcmp(json_str_at(r, "name"), full) == 0)
			return;
	if (text_ends(full, domain))
		add_record(list, "A", full, address);
}

static void set_srv(json_t *list, const char *domain, const char *target, long long port)
{
	_cleanup_free_ char *name = xasprintf("_matrix-fed._tcp.%s", domain);
	_cleanup_free_ char *full =
		strchr(target, '.') ? xstrdup(target) : xasprintf("%s.%s", target, domain);
	_cleanup_free_ char *content = xasprintf("5 %lld %s", port, full);
	json_t *r;
	size_t i;
	json_array_foreach(list, i, r)
		if (strcmp(json_str_at(r, "name"), name) == 0) {
			json_array_remove(list, i);
			break;
		}
	add_record(list, "SRV", name, content);
	r = json_array_get(list, json_array_size(list) - 1);
	json_object_set_new(r, "priority", json_integer(10));
	json_object_set_new(r, "data",
			    json_pack("{s:i, s:i, s:I, s:s}", "priority", 10, "weight", 5, "port",
				      (json_int_t)port, "target", full));
}

/* What the household's own answers ask of DNS; new. */
static json_t *wishes(const struct world *w, const char *domain)
{
	static const char *const keys[] = { "synapse", "auth", "rtc", "web", "admin" };
	static const char *const usual[] = {
		"ip", "matrix", "account", "mrtc", "element", "admin"
	};
	_cleanup_free_ char *text = world_read(w, "/var/lib/ess-setup/config.json", NULL);
	_cleanup_json_ json_t *config = text ? json_loads(text, 0, NULL) : NULL;
	json_t *hosts = json_array();
	for (size_t i = 0; i < ARRAY_LEN(usual); i++)
		json_array_append_new(hosts, json_string(usual[i]));
	for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
		const char *host =
			json_string_value(json_object_get(json_at(config, "domains"), keys[i]));
		if (host && strcmp(host, "off") != 0)
			json_array_append_new(hosts, json_string(host));
	}
	const char *target = json_str_at(config, "domains.synapse");
	return json_pack("{s:s, s:o, s:s, s:I}", "domain", domain, "hosts", hosts, "target",
			 target ? target : "matrix", "port",
			 (json_int_t)json_int_at(config, "ports.federation", 8448));
}

static void new_zone(json_t *dns, const char *domain)
{
	_cleanup_free_ char *secret = crypto_uuid(NULL);
	_cleanup_free_ char *sum = crypto_sha256(secret, strlen(secret));
	_cleanup_free_ char *token = xasprintf("rehearsal_%.30s", sum),
			    *zone = xstrndup(sum + 32, 32);
	json_object_set_new(dns, "zone", json_string(domain));
	json_object_set_new(dns, "records", json_array());
	if (!json_object_get(dns, "token")) {
		json_object_set_new(dns, "token", json_string(token));
		json_object_set_new(dns, "zone_id", json_string(zone));
	}
}

void dns_setup(const struct world *w, const char *domain, const char *address)
{
	struct store dns;
	store_open(w, "dns", &dns);
	const char *zone = json_str_at(dns.j, "zone");
	if (!domain)
		domain = zone ? zone : DOMAIN;
	_cleanup_json_ json_t *wish = wishes(w, domain);
	if (!zone || strcmp(zone, domain) != 0)
		new_zone(dns.j, domain);
	domain = json_str_at(dns.j, "zone");
	/* Only what is asked for newly: what somebody took away stays away. */
	bool news = !json_equal(wish, json_object_get(dns.j, "wishes"));
	if (news) {
		json_t *list = json_object_get(dns.j, "records"), *host;
		size_t i;
		add_host(list, domain, domain, address);
		json_array_foreach(json_object_get(wish, "hosts"), i, host)
			add_host(list, json_string_value(host), domain, address);
		set_srv(list, domain, json_str_at(wish, "target"), json_int_at(wish, "port", 8448));
		json_object_set(dns.j, "wishes", wish);
	}
	store_close(&dns, news);
}
