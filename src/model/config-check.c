/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The check of a whole config: every value, then the rules between keys. The rules about ports are
 * in config-check-ports.c. */
#include "model/config-check.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/net.h"
#include "base/text.h"

/* A domain to show where example.com is what is wrong. */
#define EXAMPLE_DOMAIN "smith-family.net"

void problems_done(struct problems *p)
{
	for (size_t i = 0; i < p->n; i++) {
		free(p->v[i].key);
		free(p->v[i].where);
	}
	free(p->v);
	*p = (struct problems){ 0 };
}

void problems_add(struct problems *p, const char *key, bool warning, const struct err *err)
{
	p->v = xreallocarray(p->v, p->n + 1, sizeof(*p->v));
	p->v[p->n++] =
		(struct problem){ .key = xstrdup(key ? key : ""), .warning = warning, .err = *err };
	p->nerrors += !warning;
}

bool check_usable(const struct check *ck, const char *key)
{
	for (size_t i = 0; i < ck->p->n; i++)
		if (!ck->p->v[i].warning && !strcmp(ck->p->v[i].key, key))
			return false;
	return config_is_set(ck->c, key) || key_find(key)->def;
}

void check_note(struct check *ck, const char *key, bool warning, struct err *e)
{
	problems_add(ck->p, key, warning, e);
}

bool check_is(const struct check *ck, const char *key, const char *value)
{
	return check_usable(ck, key) && !strcmp(config_str(ck->c, key), value);
}

/* --- every value by itself -------------------------------------------------------------------- */

static void check_values(struct check *ck)
{
	size_t n;
	const struct key *k = keys(&n);

	for (size_t i = 0; i < n; i++) {
		struct err e = ERR_INIT;
		if (k[i].flags & KEY_SECRET)
			continue;
		if (config_is_set(ck->c, k[i].name)) {
			_cleanup_free_ char *text = config_text(ck->c, k[i].name);
			key_check(&k[i], text, &e);
		} else if (k[i].flags & KEY_REQUIRED) {
			err_set(&e, FAULT_CONFIG_VALUE, N_("%s is missing; write for example %s"),
				k[i].name, k[i].example);
		}
		if (err_is_set(&e))
			check_note(ck, k[i].name, false, &e);
	}
}

/* --- names ------------------------------------------------------------------------------------ */

static bool below(const char *name, const char *domain)
{
	size_t n = strlen(name), d = strlen(domain);
	return n >= d && !strcmp(name + n - d, domain) && (n == d || name[n - d - 1] == '.');
}

/* RFC 2606 and what scripts and manuals put where a name of one's own belongs. */
static bool is_example(const char *name)
{
	static const char *const domains[] = { "example.com", "example.net", "example.org",
					       "example",     "test",	     "invalid",
					       "localhost" };
	static const char *const words[] = { "your-domain", "yourdomain" };
	for (size_t i = 0; i < ARRAY_LEN(domains); i++)
		if (below(name, domains[i]))
			return true;
	_cleanup_strv_ char **labels = text_split(name, '.');
	for (char **l = labels; l && *l; l++)
		for (size_t i = 0; i < ARRAY_LEN(words); i++)
			if (!strcmp(*l, words[i]))
				return true;
	return false;
}

/* Top-level domains that exist in no public DNS (RFC 6762, RFC 7686, RFC 8375, ICANN's "internal",
 * and those that home routers use). */
static bool is_private(const char *name)
{
	static const char *const domains[] = {
		"local", "lan",     "home",        "internal",  "intranet",
		"corp",  "private", "localdomain", "home.arpa", "onion",
	};
	for (size_t i = 0; i < ARRAY_LEN(domains); i++)
		if (below(name, domains[i]))
			return true;
	return false;
}

static void check_public_name(struct check *ck, const char *key, const char *name)
{
	struct err e = ERR_INIT;
	if (is_example(name))
		err_set(&e, FAULT_CONFIG_VALUE,
			N_("%s: \"%s\" is only an example name; write a domain of your own, such "
			   "as %s"),
			key, name, EXAMPLE_DOMAIN);
	else if (is_private(name))
		err_set(&e, FAULT_CONFIG_VALUE,
			N_("%s: \"%s\" does not exist in the public DNS, so there are no "
			   "certificates for it; write a "
			   "domain of your own, such as %s"),
			key, name, EXAMPLE_DOMAIN);
	if (err_is_set(&e))
		check_note(ck, key, ck->flags & CONFIG_REHEARSE, &e);
}

static void check_server_name(struct check *ck)
{
	static const char *const refused[] = { "cf", "ga", "gq", "ml", "tk" };
	const char *server = config_str(ck->c, "domains.server_name");

	check_public_name(ck, "domains.server_name", server);
	for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
		struct err e = ERR_INIT;
		if (!below(server, refused[i]))
			continue;
		/* cert-manager documentation, Cloudflare issuer */
		err_set(&e, FAULT_CONFIG_VALUE,
			N_("%s: Cloudflare's API refuses changes for domains under .%s, so there "
			   "will be no "
			   "certificates; write a domain of another kind, such as %s"),
			"domains.server_name", refused[i], EXAMPLE_DOMAIN);
		check_note(ck, "domains.server_name", false, &e);
	}
}

struct host {
	char *key;
	char *name;
};

static void check_host(struct check *ck, const struct host *h, const char *server)
{
	struct err e = ERR_INIT;
	const char *wrong = host_wrong(h->name, false);

	if (wrong) {
		key_bad(key_find(h->key), h->name, wrong, &e);
		check_note(ck, h->key, false, &e);
		return;
	}
	if (below(h->name, server))
		return;
	check_public_name(ck, h->key, h->name);
	err_set(&e, FAULT_CONFIG_VALUE,
		N_("%s: \"%s\" is not below %s; the Cloudflare token must be good for that domain "
		   "too"),
		h->key, h->name, server);
	check_note(ck, h->key, true, &e);
}

static void check_same_hosts(struct check *ck, const struct host *hosts, size_t n)
{
	for (size_t i = 0; i < n; i++)
		for (size_t j = 0; j < i; j++) {
			struct err e = ERR_INIT;
			if (strcmp(hosts[i].name, hosts[j].name))
				continue;
			err_set(&e, FAULT_CONFIG_VALUE,
				N_("%s and %s are both \"%s\", but each service needs a name of "
				   "its own, for example %s"),
				hosts[i].key, hosts[j].key, hosts[i].name,
				key_find(hosts[i].key)->example);
			check_note(ck, hosts[i].key, false, &e);
		}
}

static void check_hosts(struct check *ck)
{
	static const char *const which[] = { "synapse", "auth", "rtc", "web", "admin" };
	struct host hosts[ARRAY_LEN(which) + 1];
	size_t n = 0;

	if (!check_usable(ck, "domains.server_name"))
		return;
	const char *server = config_str(ck->c, "domains.server_name");
	check_server_name(ck);
	hosts[n++] = (struct host){ xstrdup("domains.server_name"), xstrdup(server) };
	for (size_t i = 0; i < ARRAY_LEN(which); i++) {
		_cleanup_free_ char *key = xasprintf("domains.%s", which[i]);
		char *name = check_usable(ck, key) ? config_host(ck->c, which[i]) : NULL;
		if (!name)
			continue;
		hosts[n++] = (struct host){ steal(key), name };
		check_host(ck, &hosts[n - 1], server);
	}
	check_same_hosts(ck, hosts, n);
	for (size_t i = 0; i < n; i++) {
		free(hosts[i].key);
		free(hosts[i].name);
	}
}

/* Boulder's list of forbidden mail domains: example.com, .net and .org; the other names lead
 * nowhere either. */
static void check_mail(struct check *ck, const char *key)
{
	struct err e = ERR_INIT;
	if (!check_usable(ck, key))
		return;
	const char *mail = config_str(ck->c, key);
	const char *domain = strchr(mail, '@') + 1;
	if (!is_example(domain) && !is_private(domain))
		return;
	err_set(&e, FAULT_CONFIG_VALUE,
		!strcmp(key, "certificates.email") ? N_("%s: \"%s\" is an example address, and "
							"Let's Encrypt refuses it; write "
							"your own, such as %s")
						   : N_("%s: \"%s\" is an example address that no "
							"mail reaches; write your own, "
							"such as %s"),
		key, mail, "me@" EXAMPLE_DOMAIN);
	check_note(ck, key, ck->flags & CONFIG_REHEARSE, &e);
}

static void check_user(struct check *ck)
{
	struct err e = ERR_INIT;
	if (!check_usable(ck, "admin.username") || !check_usable(ck, "domains.server_name"))
		return;
	/* Matrix specification, appendices, user identifiers: 255 bytes with @ and colon. */
	if (strlen(config_str(ck->c, "admin.username")) +
		    strlen(config_str(ck->c, "domains.server_name")) + 2 <=
	    255)
		return;
	err_set(&e, FAULT_CONFIG_VALUE,
		N_("%s: with the server name the Matrix ID has more than 255 characters; a right "
		   "name is %s"),
		"admin.username", "admin");
	check_note(ck, "admin.username", false, &e);
}

/* --- what one answer makes necessary ---------------------------------------------------------- */

static const struct {
	const char *key, *value;
	const char *needs;
	const char *msgid; /* key that is needed, example */
} needs[] = {
	{ "registration.mode", "open", "smtp.host",
	  N_("%s is missing: open registration must confirm e-mail addresses; write for example "
	     "%s") },
	{ "registration.mode", "open", "smtp.from",
	  N_("%s is missing: open registration must confirm e-mail addresses; write for example "
	     "%s") },
	{ "postgres.mode", "external", "postgres.host",
	  N_("%s is missing: with an external database it must be known; write for example %s") },
	{ "postgres.mode", "external", "postgres.synapse_user",
	  N_("%s is missing: with an external database it must be known; write for example %s") },
	{ "postgres.mode", "external", "postgres.synapse_database",
	  N_("%s is missing: with an external database it must be known; write for example %s") },
	{ "postgres.mode", "external", "postgres.auth_user",
	  N_("%s is missing: with an external database it must be known; write for example %s") },
	{ "postgres.mode", "external", "postgres.auth_database",
	  N_("%s is missing: with an external database it must be known; write for example %s") },
	{ "cluster.kind", "existing", "cluster.kubeconfig",
	  N_("%s is missing: an existing cluster is reached through it; write for example %s") },
	{ "network.public_address_mode", "manual", "network.public_address",
	  N_("%s is missing: the mode manual takes the address from it; write for example %s") },
	{ "network.public_address_mode", "stun", "network.stun_servers",
	  N_("%s is missing: the mode stun asks them; write for example %s") },
};

static bool is_there(const struct check *ck, const char *key)
{
	_cleanup_free_ char *text = config_text(ck->c, key);
	return *text != '\0';
}

static void check_needs(struct check *ck)
{
	for (size_t i = 0; i < ARRAY_LEN(needs); i++) {
		struct err e = ERR_INIT;
		if (!check_is(ck, needs[i].key, needs[i].value) || is_there(ck, needs[i].needs))
			continue;
		err_set(&e, FAULT_CONFIG_VALUE, needs[i].msgid, needs[i].needs,
			key_find(needs[i].needs)->example);
		check_note(ck, needs[i].needs, false, &e);
	}
	if (is_there(ck, "smtp.host") && !is_there(ck, "smtp.from") &&
	    !check_is(ck, "registration.mode", "open")) {
		struct err e = ERR_INIT;
		err_set(&e, FAULT_CONFIG_VALUE,
			N_("%s is missing: mail needs a sender; write for example %s"), "smtp.from",
			key_find("smtp.from")->example);
		check_note(ck, "smtp.from", false, &e);
	}
}

static void check_databases(struct check *ck)
{
	struct err e = ERR_INIT;
	if (!check_is(ck, "postgres.mode", "external") ||
	    !check_usable(ck, "postgres.synapse_database") ||
	    !check_is(ck, "postgres.auth_database", config_str(ck->c, "postgres.synapse_database")))
		return;
	err_set(&e, FAULT_CONFIG_VALUE,
		N_("%s: \"%s\" is also the database of Synapse, but two are needed; write for "
		   "example %s"),
		"postgres.auth_database", config_str(ck->c, "postgres.auth_database"), "mas");
	check_note(ck, "postgres.auth_database", false, &e);
}

/* --- parts of the chart ----------------------------------------------------------------------- */

static size_t word_length(const char *entry)
{
	return strcspn(entry, "=");
}

/* Of two entries for one part only the later would count. */
static void check_repeated(struct check *ck, const char *key)
{
	struct err e = ERR_INIT;
	if (!check_usable(ck, key))
		return;
	const json_t *list = config_list(ck->c, key);
	for (size_t i = 0; i < json_array_size(list); i++) {
		const char *entry = json_string_value(json_array_get(list, i));
		for (size_t k = 0; k < i; k++) {
			const char *other = json_string_value(json_array_get(list, k));
			const size_t n = word_length(entry);
			if (n != word_length(other) || strncmp(entry, other, n) != 0)
				continue;
			err_set(&e, FAULT_CONFIG_VALUE,
				N_("%s: \"%s\" says again what \"%s\" says; leave one of them "
				   "out"),
				key, entry, other);
			check_note(ck, key, false, &e);
			return;
		}
	}
}

static void check_smtp(struct check *ck)
{
	struct err e = ERR_INIT;
	if (!is_there(ck, "smtp.host") || !check_is(ck, "smtp.mode", "plain") ||
	    !is_there(ck, "smtp.username"))
		return;
	err_set(&e, FAULT_CONFIG_VALUE,
		N_("%s: with \"%s\" the mail password goes over the network unprotected; better is "
		   "%s"),
		"smtp.mode", "plain", "starttls");
	check_note(ck, "smtp.mode", true, &e);
}

static void check_public_address(struct check *ck)
{
	struct err e = ERR_INIT;
	uint32_t addr;
	if (!check_is(ck, "network.public_address_mode", "manual") ||
	    !check_usable(ck, "network.public_address"))
		return;
	const char *text = config_str(ck->c, "network.public_address");
	if (!net_parse_ipv4(text, &addr) || net_classify(addr) == NET_PUBLIC)
		return;
	err_set(&e, FAULT_CONFIG_VALUE,
		N_("%s: \"%s\" is not an address of the internet, so calls will work only inside "
		   "your network; a public "
		   "one looks like %s"),
		"network.public_address", text, "203.0.113.7");
	check_note(ck, "network.public_address", true, &e);
}

/* --- cluster networks ------------------------------------------------------------------------- */

static void check_networks(struct check *ck)
{
	struct err e = ERR_INIT;
	if (!check_usable(ck, "cluster.pod_cidr") || !check_usable(ck, "cluster.service_cidr"))
		return;
	const char *pods = config_str(ck->c, "cluster.pod_cidr");
	const char *services = config_str(ck->c, "cluster.service_cidr");
	if (!net_cidr_overlap(pods, services))
		return;
	err_set(&e, FAULT_CONFIG_VALUE, N_("%s: \"%s\" overlaps with %s (%s); a right value is %s"),
		"cluster.service_cidr", services, "cluster.pod_cidr", pods, "10.43.0.0/16");
	check_note(ck, "cluster.service_cidr", false, &e);
}

/* Kubernetes keeps .1 of the service network, K3s' DNS is .10, and addresses that are chosen by
 * hand belong into the lowest 256, from which Kubernetes itself takes none if it can. */
static void check_internal_address(struct check *ck)
{
	struct err e = ERR_INIT;
	uint32_t addr, base;
	unsigned bits;
	bool own = check_is(ck, "cluster.kind", "k3s");

	if (!check_usable(ck, "cluster.internal_address"))
		return;
	const char *cidr = check_usable(ck, "cluster.service_cidr")
				   ? config_str(ck->c, "cluster.service_cidr")
				   : NULL;
	if (!cidr && !own)
		return;
	cidr = cidr ? cidr : "10.43.0.0/16";
	const char *text = config_str(ck->c, "cluster.internal_address");
	if (!net_parse_ipv4(text, &addr) || !net_parse_cidr(cidr, &base, &bits))
		return;
	uint32_t offset = addr - base;
	if (net_in_cidr(addr, base, bits) && offset > 1 && offset != 10 && offset < 256)
		return;
	err_set(&e, FAULT_CONFIG_VALUE,
		N_("%s: \"%s\" is not free for it: it must be among the first 256 addresses of %s, "
		   "but not .0, .1 or .10, "
		   "for example the one that ends in %s"),
		"cluster.internal_address", text, cidr, ".200");
	check_note(ck, "cluster.internal_address", !own, &e);
}

int config_check(const struct config *c, unsigned flags, struct problems *ret)
{
	struct check ck = { .c = c, .flags = flags, .p = ret };

	*ret = (struct problems){ 0 };
	check_values(&ck);
	check_hosts(&ck);
	check_mail(&ck, "certificates.email");
	check_mail(&ck, "admin.email");
	check_mail(&ck, "smtp.from");
	check_user(&ck);
	check_ports(&ck);
	check_needs(&ck);
	check_databases(&ck);
	check_repeated(&ck, "images.registries");
	check_repeated(&ck, "scale.synapse_workers");
	check_smtp(&ck);
	check_public_address(&ck);
	check_networks(&ck);
	check_internal_address(&ck);
	return ret->nerrors ? -1 : 0;
}
