/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "steps/selfcheck.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "steps/resolver.h"

#define WAIT_S 120 /* for servers that are slow to be silent; a look counts, not the time */
#define POLL_MS 2000
/* Looks at the zone's own servers before others are asked too: Cloudflare's show a record within seconds,
 * unless the network answers in their place. */
#define AUTHORITY_FIRST 6
/* Looks at the user's own resolvers before others are asked: a new record takes some seconds. */
#define OWN_FIRST 3
/* Looks after which who does not show it will not: nobody remembers a name that was never asked for. */
#define LOOKS_MAX 6
#define SERVERS_MAX 16

/* Asked by address, so that no DNS is needed to reach them: Cloudflare, Google, AliDNS and DNSPod, the
 * last two because the others are blocked in some countries. */
static const char *const over_https[] = {
	"https://1.1.1.1/dns-query",
	"https://8.8.8.8/dns-query",
	"https://223.5.5.5/dns-query",
	"https://1.12.12.12/dns-query",
};

enum shown { UNASKED, SILENT, OTHER, SHOWN };

struct hunt {
	const struct selfcheck *s;
	enum shown authority[SERVERS_MAX], own[SERVERS_MAX], https[ARRAY_LEN(over_https)];
	unsigned rounds, looks;
};

static const char *text_at(const json_t *list, size_t i)
{
	return json_string_value(json_array_get(list, i));
}

static size_t count(const json_t *list)
{
	size_t n = json_array_size(list);
	return n < SERVERS_MAX ? n : SERVERS_MAX;
}

/* Looks again where it may have changed: not where it was seen, nor where nobody answers. */
static bool worth_asking(enum shown shown)
{
	return shown == UNASKED || shown == OTHER;
}

static enum shown judge(int rc, const struct dns_answer *a, const struct selfcheck *s)
{
	return rc < 0 ? SILENT : resolver_has(a, DNS_TXT, s->proof) ? SHOWN : OTHER;
}

static void ask_authorities(struct step_ctx *c, struct hunt *h)
{
	const struct selfcheck *s = h->s;
	for (size_t i = 0; i < count(s->authorities); i++) {
		struct dns_answer a _cleanup_dns_ = { 0 };
		if (!worth_asking(h->authority[i]) || step_cancelled(c))
			continue;
		int rc = resolver_ask_authority(c, s->resolvers, text_at(s->authorities, i), s->name,
						DNS_TXT, &a, NULL);
		h->authority[i] = judge(rc, &a, s);
	}
}

static void ask_one(struct step_ctx *c, const struct selfcheck *s, const char *server, enum shown *ret)
{
	struct dns_answer a _cleanup_dns_ = { 0 };
	if (!worth_asking(*ret) || step_cancelled(c))
		return;
	int rc = resolver_ask(c, server, s->name, DNS_TXT, &a, NULL);
	*ret = judge(rc, &a, s);
}

static bool any(const enum shown *v, size_t n, enum shown what)
{
	for (size_t i = 0; i < n; i++)
		if (v[i] == what)
			return true;
	return false;
}

static const char *word(enum shown shown)
{
	static const char *const words[] = {
		[UNASKED] = "not asked", [SILENT] = "no answer", [OTHER] = "does not show it", [SHOWN] = "shows it"
	};
	return words[shown];
}

static void add_word(char **text, const char *server, enum shown shown)
{
	char *longer = xasprintf("%s%s%s: %s", *text, **text ? "; " : "", server, word(shown));
	free(*text);
	*text = longer;
}

/* What everybody said, in one line; new. */
static char *told(const struct hunt *h, bool authorities)
{
	const json_t *list = authorities ? h->s->authorities : h->s->resolvers;
	char *text = xstrdup("");
	for (size_t i = 0; i < count(list); i++)
		add_word(&text, text_at(list, i), authorities ? h->authority[i] : h->own[i]);
	for (size_t i = 0; !authorities && i < ARRAY_LEN(over_https); i++)
		if (h->https[i] != UNASKED)
			add_word(&text, over_https[i], h->https[i]);
	return text;
}

/* Nobody shows it: is it nowhere, or is it only kept from us? */
static int refuse(const struct hunt *h, struct err *e)
{
	const size_t na = count(h->s->authorities);
	const bool nowhere = any(h->authority, na, OTHER) && !any(h->authority, na, SHOWN) &&
			     any(h->https, ARRAY_LEN(over_https), OTHER);
	_cleanup_free_ char *seen = told(h, nowhere);
	return err_set(e, nowhere ? FAULT_CF_TXT_LOST : FAULT_DNS_NO_PROOF, N_("%s at %s"), h->s->name,
		       seen);
}

static int look(struct step_ctx *c, void *arg, char **ret_seen, struct err *e)
{
	struct hunt *h = arg;
	const struct selfcheck *s = h->s;
	const size_t na = count(s->authorities), no = count(s->resolvers);

	step_progress(c, -1, N_("waiting until the test record is visible in DNS"));
	ask_authorities(c, h);
	/* Asked too early, a resolver would remember for minutes that there is none. */
	const bool shown = any(h->authority, na, SHOWN);
	const bool ready = shown || !any(h->authority, na, OTHER) || ++h->rounds > AUTHORITY_FIRST;
	if (ready) {
		for (size_t i = 0; i < no; i++)
			ask_one(c, s, text_at(s->resolvers, i), &h->own[i]);
		h->looks++;
	}
	const bool own = any(h->own, no, SHOWN), hope = any(h->own, no, OTHER);
	if (ready && !own && (h->looks > OWN_FIRST || !hope || h->rounds > AUTHORITY_FIRST))
		for (size_t i = 0; i < ARRAY_LEN(over_https) && !any(h->https, i, SHOWN); i++)
			ask_one(c, s, over_https[i], &h->https[i]);
	*ret_seen = told(h, !ready);
	const bool found = own || any(h->https, ARRAY_LEN(over_https), SHOWN);
	if (ready && !found && h->looks >= LOOKS_MAX)
		return refuse(h, e);
	return ready && found;
}

/* "8.8.8.8:53", as cert-manager wants it. */
static void add_server(json_t *list, const char *server)
{
	_cleanup_free_ char *with_port =
		xasprintf("%s%s", server,
			  text_starts(server, "https://") || strchr(server, ':') ? "" : ":53");
	json_array_append_new(list, json_string(with_port));
}

int selfcheck_find(struct step_ctx *c, const struct selfcheck *s, json_t **ret, struct err *e)
{
	struct hunt h = { .s = s };
	if (step_wait(c, WAIT_S, POLL_MS, FAULT_DNS_NO_PROOF, look, &h, e) < 0)
		return -1;
	json_t *good = json_array();
	for (size_t i = 0; i < count(s->resolvers); i++)
		if (h.own[i] == SHOWN)
			add_server(good, text_at(s->resolvers, i));
	for (size_t i = 0; i < ARRAY_LEN(over_https); i++)
		if (h.https[i] == SHOWN)
			add_server(good, over_https[i]);
	*ret = good;
	return 0;
}

/* --- delegation -------------------------------------------------------------------------------- */

static bool is_in(const json_t *list, const char *name)
{
	for (size_t i = 0; i < json_array_size(list); i++)
		if (!strcasecmp(text_at(list, i), name))
			return true;
	return false;
}

/* 1 when a record names one of the authorities, 0 when only others; -1 when none names any. */
static int compare(const struct dns_answer *a, const json_t *authorities, char **ret_named)
{
	int found = -1;
	*ret_named = xstrdup("");
	for (size_t i = 0; i < a->n; i++) {
		if (a->records[i].type != DNS_NS)
			continue;
		char *longer = xasprintf("%s%s%s", *ret_named, **ret_named ? ", " : "", a->records[i].data);
		free(*ret_named);
		*ret_named = longer;
		found = found == 1 || is_in(authorities, a->records[i].data);
	}
	return found;
}

int selfcheck_delegation(struct step_ctx *c, const json_t *resolvers, const json_t *authorities,
			 const char *zone, struct err *e)
{
	for (size_t i = 0; i < json_array_size(resolvers) && json_array_size(authorities) > 0; i++) {
		struct dns_answer a _cleanup_dns_ = { 0 };
		_cleanup_free_ char *named = NULL;
		const char *server = text_at(resolvers, i);
		if (resolver_ask(c, server, zone, DNS_NS, &a, NULL) < 0)
			continue;
		int found = compare(&a, authorities, &named);
		if (found == 1)
			return 0;
		if (found == 0)
			return err_set(e, FAULT_DNS_DELEGATION,
				       N_("%s says that %s is served by %s, but Cloudflare says %s and others"),
				       server, zone, named, text_at(authorities, 0));
	}
	return 0;
}
