/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "world/dns.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/http.h"

#define ELSEWHERE "1.2.3.80" /* where the hosts outside are said to be */
#define PROXY "104.16.1.1"   /* what a proxied record shows */
#define UDP_MAX 512

enum {
	T_A = 1,
	T_NS = 2,
	T_CNAME = 5,
	T_SOA = 6,
	T_TXT = 16,
	T_AAAA = 28,
	T_SRV = 33,
	T_CAA = 257
};
enum { R_OK, R_SERVFAIL = 2, R_NXDOMAIN = 3, R_REFUSED = 5 };

static const struct {
	const char *name;
	unsigned code;
} types[] = {
	{ "A", T_A },	  { "NS", T_NS },     { "CNAME", T_CNAME }, { "SOA", T_SOA },
	{ "TXT", T_TXT }, { "AAAA", T_AAAA }, { "SRV", T_SRV },	    { "CAA", T_CAA },
};

static const char *type_name(unsigned code)
{
	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (types[i].code == code)
			return types[i].name;
	return "?";
}

/* --- messages --- */

struct msg {
	unsigned char *buf;
	size_t len, max;
	unsigned count;
};

static void put(struct msg *m, const void *data, size_t len)
{
	if (m->len + len <= m->max)
		memcpy(m->buf + m->len, data, len);
	m->len += len;
}

static void put16(struct msg *m, unsigned v)
{
	uint16_t n = htons((uint16_t)v);
	put(m, &n, 2);
}

static void put32(struct msg *m, uint32_t v)
{
	uint32_t n = htonl(v);
	put(m, &n, 4);
}

static size_t encode(unsigned char *out, const char *name)
{
	size_t at = 0;
	for (const char *label = name; *label;
	     label += label[strcspn(label, ".")] ? strcspn(label, ".") + 1 : strcspn(label, ".")) {
		size_t n = strcspn(label, ".");
		out[at++] = (unsigned char)n;
		memcpy(out + at, label, n);
		at += n;
	}
	out[at++] = 0;
	return at;
}

static void put_record(struct msg *m, const char *owner, unsigned type, unsigned ttl,
		       const unsigned char *data, size_t len)
{
	unsigned char name[300];
	put(m, name, encode(name, owner));
	put16(m, type);
	put16(m, 1);
	put32(m, ttl);
	put16(m, (unsigned)len);
	put(m, data, len);
	m->count++;
}

static void put_address(struct msg *m, const char *owner, const char *address)
{
	unsigned char data[4];
	if (inet_pton(AF_INET, address, data) == 1)
		put_record(m, owner, T_A, 60, data, 4);
}

static void put_name(struct msg *m, const char *owner, unsigned type, const char *to)
{
	unsigned char data[300];
	put_record(m, owner, type, 60, data, encode(data, to));
}

static void put_text(struct msg *m, const char *owner, const char *content)
{
	unsigned char data[2048];
	size_t at = 0, n = strlen(content);
	if (n >= 2 && *content == '"' && content[n - 1] == '"') {
		content++;
		n -= 2;
	}
	for (size_t part; n > 0 && at + 256 < sizeof(data); n -= part, content += part) {
		part = n < 255 ? n : 255;
		data[at++] = (unsigned char)part;
		memcpy(data + at, content, part);
		at += part;
	}
	put_record(m, owner, T_TXT, 60, data, at);
}

static void put_ipv6(struct msg *m, const char *owner, const char *address)
{
	unsigned char data[16];
	if (inet_pton(AF_INET6, address, data) == 1)
		put_record(m, owner, T_AAAA, 60, data, 16);
}

/* "0 issue \"letsencrypt.org\"", as Cloudflare writes it. */
static void put_caa(struct msg *m, const char *owner, const char *content)
{
	unsigned char data[300];
	unsigned flags;
	char tag[32], value[256] = "";
	if (sscanf(content, "%u %31s \"%255[^\"]\"", &flags, tag, value) < 2)
		return;
	data[0] = (unsigned char)flags;
	data[1] = (unsigned char)strlen(tag);
	memcpy(data + 2, tag, strlen(tag));
	memcpy(data + 2 + strlen(tag), value, strlen(value));
	put_record(m, owner, T_CAA, 60, data, 2 + strlen(tag) + strlen(value));
}

static void put_srv(struct msg *m, const char *owner, const json_t *d)
{
	unsigned char data[310];
	static const char *const parts[] = { "priority", "weight", "port" };
	for (size_t i = 0; i < 3; i++) {
		uint16_t v = htons((uint16_t)json_int_at(d, parts[i], 0));
		memcpy(data + 2 * i, &v, 2);
	}
	put_record(m, owner, T_SRV, 60, data, 6 + encode(data + 6, json_str_at(d, "target")));
}

static void put_soa(struct msg *m, const char *zone)
{
	unsigned char data[400];
	static const uint32_t numbers[] = { 2400000001, 10000, 2400, 604800, 1800 };
	size_t at = encode(data, "ada.ns.cloudflare.com");
	at += encode(data + at, "dns.cloudflare.com");
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++, at += 4) {
		uint32_t v = htonl(numbers[i]);
		memcpy(data + at, &v, 4);
	}
	put_record(m, zone, T_SOA, 1800, data, at);
}

/* --- answers --- */

static bool below(const char *name, const char *zone)
{
	size_t n = strlen(name), z = strlen(zone);
	return n >= z && strcasecmp(name + n - z, zone) == 0 && (n == z || name[n - z - 1] == '.');
}

/* True when a record has this name, or a name below it. */
static bool exists(const json_t *records, const char *name)
{
	json_t *r;
	size_t i;
	json_array_foreach(records, i, r)
		if (below(json_str_at(r, "name"), name))
			return true;
	return false;
}

/* Puts the records of a name under owner, following aliases inside the zone. */
static void put_matching(struct msg *m, const json_t *records, const char *name, const char *owner,
			 unsigned type, int depth)
{
	json_t *r;
	size_t i;
	json_array_foreach(records, i, r) {
		const char *kind = json_str_at(r, "type"), *content = json_str_at(r, "content");
		if (strcasecmp(json_str_at(r, "name"), name) != 0)
			continue;
		bool proxied = json_is_true(json_object_get(r, "proxied"));
		bool alias = strcmp(kind, "CNAME") == 0;
		if (proxied && type == T_A && (alias || strcmp(kind, "A") == 0)) {
			put_address(m, owner, PROXY);
		} else if (alias && !proxied) {
			put_name(m, owner, T_CNAME, content);
			if (type != T_CNAME && depth < 8)
				put_matching(m, records, content, content, type, depth + 1);
		} else if (strcmp(kind, type_name(type)) == 0) {
			if (type == T_A)
				put_address(m, owner, content);
			else if (type == T_TXT)
				put_text(m, owner, content);
			else if (type == T_SRV)
				put_srv(m, owner, json_object_get(r, "data"));
			else if (type == T_NS)
				put_name(m, owner, T_NS, content);
			else if (type == T_AAAA)
				put_ipv6(m, owner, content);
			else if (type == T_CAA)
				put_caa(m, owner, content);
		}
	}
}

static unsigned zone_answer(struct msg *m, const json_t *dns, const char *name, unsigned type)
{
	const json_t *records = json_object_get(dns, "records");
	const char *zone = json_str_at(dns, "zone"), *dot = strchr(name, '.');
	_cleanup_free_ char *star = xasprintf("*%s", dot ? dot : "");
	bool apex = strcasecmp(name, zone) == 0;
	if (apex && type == T_SOA)
		put_soa(m, zone);
	if (apex && type == T_NS) {
		put_name(m, zone, T_NS, "ada.ns.cloudflare.com");
		put_name(m, zone, T_NS, "bob.ns.cloudflare.com");
	}
	if (apex || exists(records, name))
		put_matching(m, records, name, name, type, 0);
	else if (exists(records, star))
		put_matching(m, records, star, name, type, 0);
	else
		return R_NXDOMAIN;
	return R_OK;
}

static unsigned answer(const struct world *w, struct msg *m, const char *name, unsigned type,
		       const json_t *rule)
{
	const char *action = json_str_at(rule, "action"), *data = json_str_at(rule, "data");
	if (action && strcmp(action, "servfail") == 0)
		return R_SERVFAIL;
	if (action && strcmp(action, "refused") == 0)
		return R_REFUSED;
	if (action && strcmp(action, "nxdomain") == 0)
		return R_NXDOMAIN;
	if (action && strcmp(action, "answer") == 0 && data) {
		_cleanup_strv_ char **all = text_split(data, ',');
		for (char **a = all; a && *a; a++)
			put_address(m, name, *a);
		return R_OK;
	}
	if (action && strcmp(action, "names") == 0 && data) {
		put_name(m, name, T_NS, data);
		return R_OK;
	}
	if (site_known(name) || text_ends(name, ".ns.cloudflare.com")) {
		if (type == T_A)
			put_address(m, name, ELSEWHERE);
		return R_OK;
	}
	struct store dns;
	store_open(w, "dns", &dns);
	unsigned rcode = below(name, json_str_at(dns.j, "zone")) ? zone_answer(m, dns.j, name, type)
								 : R_NXDOMAIN;
	store_close(&dns, false);
	return rcode;
}

/* The name of the first question in lower case; the place behind it, 0 when there is none. */
static size_t question(const unsigned char *in, size_t len, char name[256])
{
	size_t at = 12, to = 0;
	while (at < len && in[at] && in[at] < 64) {
		unsigned n = in[at++];
		if (at + n > len || to + n + 1 >= 255)
			return 0;
		for (unsigned i = 0; i < n; i++)
			name[to++] = (char)tolower(in[at + i]);
		name[to++] = '.';
		at += n;
	}
	name[to ? to - 1 : 0] = '\0';
	return at + 5 <= len ? at + 5 : 0;
}

size_t dns_answer_to(const struct world *w, const unsigned char *in, size_t in_len,
		     unsigned char *out, size_t max, enum dns_way way)
{
	static const char *const ways[] = { [BY_UDP] = "udp", [BY_TCP] = "tcp", [BY_HTTPS] = "https" };
	const bool tcp = way != BY_UDP;
	char name[256];
	size_t end = in_len > 12 ? question(in, in_len, name) : 0;
	if (!end || (in[2] & 0x80))
		return 0;
	unsigned type = (unsigned)(in[end - 4] << 8 | in[end - 3]);
	_cleanup_free_ char *what = xasprintf("%s/%s", type_name(type), ways[way]);
	_cleanup_json_ json_t *rule = scenario_dns(w, name, what);
	const char *action = json_str_at(rule, "action");
	if (action && strcmp(action, "drop") == 0)
		return 0;
	struct msg m = { .buf = out, .max = max };
	put(&m, in, end);
	unsigned rcode = answer(w, &m, name, type, rule);
	bool cut = m.len > max || (!tcp && m.len > UDP_MAX);
	if (cut) {
		m.len = end;
		m.count = 0;
	}
	/* QR, RD as asked, RA; TC when cut */
	out[2] = (unsigned char)(0x80 | (in[2] & 0x79) | (cut ? 0x02 : 0));
	out[3] = (unsigned char)(0x80 | rcode);
	out[4] = 0;
	out[5] = 1;
	out[6] = (unsigned char)(m.count >> 8);
	out[7] = (unsigned char)m.count;
	memset(out + 8, 0, 4);
	return m.len;
}
