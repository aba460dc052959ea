/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Step 25, DNS: the zone is found and served by Cloudflare, the token is proven to write, somebody is
 * found who shows what it wrote, and every record leads where it must, or, with consent, is made so. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "steps/caa.h"
#include "steps/cloudflare.h"
#include "steps/dns-plan.h"
#include "steps/selfcheck.h"
#include "steps/steps.h"
#include "steps/tool.h"

#define WANTS_MAX 10

static const char *const inputs[] = {
	"config:domains.*",	  "config:dns.manage",
	"config:federation.plan", "config:ports.federation",
	"config:ports.https",	  "secret:cloudflare.token",
	"fact:public.address",	  "fact:dns.zone",
	"fact:dns.zone_id",	  "fact:dns.selfcheck",
	"config:network.resolvers", NULL,
};

struct wants {
	struct dns_want v[WANTS_MAX];
	size_t n;
	char **aliases; /* names that an alias may lead to */
};

static void wants_done(struct wants *w)
{
	for (size_t i = 0; i < w->n; i++) {
		free(w->v[i].name);
		free(w->v[i].content);
	}
	strv_free(w->aliases);
}

/* Takes name. */
static void want(struct wants *w, enum dns_role role, char *name, const char *content,
		 unsigned port)
{
	w->v[w->n++] = (struct dns_want){ role, name, xstrdup(content), port };
}

static void make_wants(struct step_ctx *c, struct wants *w)
{
	static const struct {
		const char *which;
		enum dns_role role;
	} hosts[] = { { "synapse", DNS_HOST },
		      { "auth", DNS_HOST },
		      { "rtc", DNS_RTC },
		      { "web", DNS_HOST },
		      { "admin", DNS_HOST } };
	const char *server = step_str(c, "domains.server_name");
	const char *address = step_fact(c, "public.address") ?: "<public address>";
	const char *plan = step_str(c, "federation.plan");
	const bool srv = !strcmp(plan, "srv");

	*w = (struct wants){ 0 };
	want(w, !strcmp(plan, "apex") ? DNS_ANY : DNS_HOST, xstrdup(server), address, 0);
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
		char *host = step_host(c, hosts[i].which);
		/* Cloudflare's proxy does not serve the federation port, so its target stays out of
		 * it. */
		const bool target = srv && !strcmp(hosts[i].which, "synapse");
		if (host)
			want(w, target ? DNS_RTC : hosts[i].role, host, address, 0);
	}
	/* An apex that something else answers for leads elsewhere, and so would its aliases. */
	for (size_t i = 0; i < w->n; i++)
		if (w->v[i].role != DNS_ANY)
			strv_add(&w->aliases, xstrdup(w->v[i].name));
	char *ip = xasprintf("ip.%s", server);
	strv_add(&w->aliases, xstrdup(ip));
	want(w, DNS_ADDRESS, ip, "", 0);
	if (srv) {
		_cleanup_free_ char *synapse = step_host(c, "synapse");
		want(w, DNS_SERVICE, xasprintf("_matrix-fed._tcp.%s", server), synapse,
		     (unsigned)step_int(c, "ports.federation"));
	}
}

/* --- looking ---------------------------------------------------------------------------------- */

struct look {
	struct cf cf;
	struct cf_zone zone;
	json_t *records;
	struct wants wants;
	struct dns_finding found[WANTS_MAX];
};

static void look_done(struct look *l)
{
	cf_zone_done(&l->zone);
	json_decref(l->records);
	for (size_t i = 0; i < l->wants.n; i++)
		dns_finding_done(&l->found[i]);
	wants_done(&l->wants);
}

static void compare_all(struct step_ctx *c, struct look *l)
{
	for (size_t i = 0; i < l->wants.n; i++) {
		dns_finding_done(&l->found[i]);
		dns_compare(l->records, &l->wants.v[i], (const char *const *)l->wants.aliases,
			    (unsigned)step_int(c, "ports.https"), &l->found[i]);
	}
}

static int look_zone(struct step_ctx *c, struct look *l, struct err *e)
{
	*l = (struct look){ .cf = { c, step_secret(c, "cloudflare.token") } };
	if (cf_token_check(l->cf.token, e) < 0)
		return -1;
	return cf_zone_find(&l->cf, step_str(c, "domains.server_name"), &l->zone, e);
}

static int look_records(struct step_ctx *c, struct look *l, struct err *e)
{
	if (cf_records(&l->cf, l->zone.id, &l->records, e) < 0)
		return -1;
	make_wants(c, &l->wants);
	compare_all(c, l);
	return 0;
}

static bool all_right(const struct look *l)
{
	for (size_t i = 0; i < l->wants.n; i++)
		if (l->found[i].verdict != DNS_RIGHT)
			return false;
	return true;
}

/* Sets FAULT_DNS_ACME_ALIAS for the first; 0 when there is none. */
static int proof_alias(const struct look *l, struct err *e)
{
	for (size_t i = 0; i < l->wants.n; i++) {
		_cleanup_free_ char *alias = dns_proof_alias(l->records, &l->wants.v[i]);
		if (alias)
			return err_set(e, FAULT_DNS_ACME_ALIAS, N_("in the way: %s"), alias);
	}
	return 0;
}

static int check(struct step_ctx *c, enum step_found *ret, struct err *e)
{
	struct look l __attribute__((cleanup(look_done))) = { 0 };
	struct err seen = ERR_INIT;

	if (!step_fact(c, "public.address")) {
		*ret = STEP_ABSENT;
		return 0;
	}
	if (look_zone(c, &l, &seen) < 0 || look_records(c, &l, &seen) < 0)
		return tool_lost(c, &seen, STEP_ABSENT, ret, e);
	if (!step_fact(c, "dns.zone_id") || !step_fact_json(c, "dns.selfcheck"))
		*ret = STEP_ABSENT;
	else
		*ret = all_right(&l) && !proof_alias(&l, NULL) && tool_fact_is(c, "dns.zone_id", l.zone.id) ? STEP_PRESENT
										  : STEP_DIFFERENT;
	return 0;
}

/* --- telling ---------------------------------------------------------------------------------- */

#define CHUNKS 4

/* A list may be longer than one argument of an err: it is cut between its entries into several. */
static void make_chunks(const struct look *l, enum dns_verdict a, enum dns_verdict b,
			char *chunks[CHUNKS])
{
	size_t at = 0;
	for (size_t i = 0; i < CHUNKS; i++)
		chunks[i] = xstrdup("");
	for (size_t i = 0; i < l->wants.n; i++) {
		const struct dns_finding *f = &l->found[i];
		if (f->verdict != a && f->verdict != b)
			continue;
		if (strlen(chunks[at]) + strlen(f->text) + 2 >= ERR_ARG_LEN && at + 1 < CHUNKS)
			at++;
		const bool first = at == 0 && !*chunks[0];
		char *longer = xasprintf("%s%s%s", chunks[at], first ? "" : "; ", f->text);
		free(chunks[at]);
		chunks[at] = longer;
	}
}

static int refuse_list(const struct look *l, enum fault fault, enum dns_verdict a,
		       enum dns_verdict b, struct err *e)
{
	char *chunks[CHUNKS];
	make_chunks(l, a, b, chunks);
	int r = fault == FAULT_DNS_CONFLICT ? err_set(e, fault, N_("in the way: %s%s%s%s"),
						      chunks[0], chunks[1], chunks[2], chunks[3])
					    : err_set(e, fault, N_("there must be: %s%s%s%s"),
						      chunks[0], chunks[1], chunks[2], chunks[3]);
	for (size_t i = 0; i < CHUNKS; i++)
		free(chunks[i]);
	return r;
}

static const struct dns_finding *first_with(const struct look *l, enum dns_verdict v,
					    enum dns_role *ret_role)
{
	for (size_t i = 0; i < l->wants.n; i++)
		if (l->found[i].verdict == v) {
			*ret_role = l->wants.v[i].role;
			return &l->found[i];
		}
	return NULL;
}

/* The card for what is not right; 0 when all is. */
static int refuse(struct step_ctx *c, const struct look *l, struct err *e)
{
	enum dns_role role;
	const struct dns_finding *f;

	for (size_t i = 0; i < l->wants.n; i++)
		if (l->found[i].text)
			step_log(c, "DNS: %s", l->found[i].text);
	if (first_with(l, DNS_IN_THE_WAY, &role))
		return refuse_list(l, FAULT_DNS_CONFLICT, DNS_IN_THE_WAY, DNS_IN_THE_WAY, e);
	if (first_with(l, DNS_CREATE, &role) || first_with(l, DNS_CHANGE, &role))
		return refuse_list(l, FAULT_DNS_RECORDS, DNS_CREATE, DNS_CHANGE, e);
	f = first_with(l, DNS_UNPROXY, &role);
	if (!f)
		return 0;
	return err_set(e,
		       role == DNS_ADDRESS ? FAULT_DNS_PROXIED_IP
		       : role == DNS_RTC   ? FAULT_DNS_PROXIED_RTC
					   : FAULT_DNS_PROXIED_PORT,
		       N_("wrong at Cloudflare: %s"), f->text);
}

/* Before anything is written: the address that is known then is Cloudflare's, not the router's. */
static int refuse_proxied_ip(const struct look *l, struct err *e)
{
	for (size_t i = 0; i < l->wants.n; i++)
		if (l->wants.v[i].role == DNS_ADDRESS && l->found[i].verdict == DNS_UNPROXY)
			return err_set(e, FAULT_DNS_PROXIED_IP, N_("wrong at Cloudflare: %s"),
				       l->found[i].text);
	return 0;
}

/* --- mending ---------------------------------------------------------------------------------- */

/* Only A and SRV records, and never another person's ip. record. */
static int mend_one(struct look *l, size_t i, struct err *e)
{
	struct dns_finding *f = &l->found[i];
	_cleanup_free_ char *id = NULL;
	if (f->verdict == DNS_CREATE)
		return cf_create(&l->cf, l->zone.id, steal(f->change), &id, e);
	if (f->verdict == DNS_CHANGE ||
	    (f->verdict == DNS_UNPROXY && l->wants.v[i].role != DNS_ADDRESS))
		return cf_patch(&l->cf, l->zone.id, f->id, steal(f->change), e);
	return 0;
}

static int mend(struct step_ctx *c, struct look *l, struct err *e)
{
	for (size_t i = 0; i < l->wants.n; i++) {
		if (l->found[i].verdict == DNS_RIGHT)
			continue;
		step_progress(c, -1, N_("setting DNS: %s"), l->found[i].text);
		if (mend_one(l, i, e) < 0)
			return -1;
	}
	if (step_dry_run(c))
		return 0;
	json_decref(l->records);
	l->records = NULL;
	if (cf_records(&l->cf, l->zone.id, &l->records, e) < 0)
		return -1;
	compare_all(c, l);
	return 0;
}

/* --- what the world sees ------------------------------------------------------------------------ */

static int find_resolvers(struct step_ctx *c, const char *name, const char *content, void *arg,
			  struct err *e)
{
	const struct look *l = arg;
	const struct selfcheck s = { step_list(c, "network.resolvers"), l->zone.servers, name, content };
	json_t *good;
	if (selfcheck_find(c, &s, &good, e) < 0)
		return -1;
	step_fact_set_json(c, "dns.selfcheck", good);
	return 0;
}

static int check_caa(struct step_ctx *c, const struct look *l, struct err *e)
{
	for (size_t i = 0; i < l->wants.n; i++)
		if (l->wants.v[i].role != DNS_SERVICE && l->wants.v[i].role != DNS_ADDRESS &&
		    caa_check(c, step_list(c, "network.resolvers"), l->zone.name, l->wants.v[i].name, e) < 0)
			return -1;
	return 0;
}

/* What works, but not for everybody. */
static void warn(struct step_ctx *c, const struct look *l)
{
	json_t *warnings = json_array();
	for (size_t i = 0; i < l->wants.n; i++) {
		_cleanup_free_ char *ipv6 = dns_ipv6(l->records, &l->wants.v[i]);
		if (!ipv6)
			continue;
		_cleanup_free_ char *text =
			xasprintf("DNS: %s: visitors with IPv6 try this first, but only IPv4 is served here", ipv6);
		step_log(c, "%s", text);
		json_array_append_new(warnings, json_text(text));
	}
	step_fact_set_json(c, "dns.warnings", warnings);
}

static int apply_online(struct step_ctx *c, struct err *e)
{
	struct look l __attribute__((cleanup(look_done))) = { 0 };
	const json_t *resolvers = step_list(c, "network.resolvers");

	step_progress(c, -1, N_("asking Cloudflare for the zone"));
	if (look_zone(c, &l, e) < 0 ||
	    selfcheck_delegation(c, resolvers, l.zone.servers, l.zone.name, e) < 0 ||
	    cf_prove_write(&l.cf, l.zone.id, step_str(c, "domains.server_name"), find_resolvers, &l, e) < 0 ||
	    look_records(c, &l, e) < 0)
		return -1;
	if (!step_dry_run(c) && (proof_alias(&l, e) < 0 || check_caa(c, &l, e) < 0))
		return -1;
	if (refuse_proxied_ip(&l, e) < 0)
		return -1;
	if (!all_right(&l) && step_bool(c, "dns.manage") && mend(c, &l, e) < 0)
		return -1;
	if (!step_dry_run(c) && refuse(c, &l, e) < 0)
		return -1;
	warn(c, &l);
	step_fact_set(c, "dns.zone", l.zone.name);
	step_fact_set(c, "dns.zone_id", l.zone.id);
	step_note(c, l.zone.name);
	return 0;
}

static int apply(struct step_ctx *c, struct err *e)
{
	struct err seen = ERR_INIT;
	enum step_found unused;
	if (!step_dry_run(c))
		return apply_online(c, e);
	/* A plan goes on without what only the network knows. */
	return apply_online(c, &seen) < 0 ? tool_lost(c, &seen, STEP_ABSENT, &unused, e) : 0;
}

const struct step step_dns = {
	.id = "dns",
	.number = 25,
	.title = N_("Check DNS and the Cloudflare token"),
	.version = 1,
	.estimate_s = 15,
	.inputs = inputs,
	.check = check,
	.apply = apply,
};
