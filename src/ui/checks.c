/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "ui/checks.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "client/probe.h"
#include "model/events.h"
#include "model/secrets.h"
#include "ui/show.h"

#define PAUSE_MS 700 /* of typing, before the network is asked */

/* Which look belongs to which page, and to which answers on it. */
static const struct look {
	const char *what;
	enum key_page page;
	const char *keys; /* the beginning of their names */
} looks[] = {
	{ "dns", PAGE_DOMAIN, "domains." },
	{ "ports", PAGE_PORTS, "ports." },
	{ "token", PAGE_CERTIFICATE, "cloudflare.token" },
};

struct check {
	char *wanted;         /* what it is about, compared; may hold the token */
	json_t *input;        /* the same, for the engine */
	long due_ms;          /* when it is asked; 0: it was */
	struct probe *probe;  /* at work */
	json_t *answer;
};

struct checks {
	struct check v[ARRAY_LEN(looks)];
};

struct checks *checks_new(void)
{
	return xcalloc(1, sizeof(struct checks));
}

static void forget(struct check *k)
{
	probe_free(k->probe);
	json_decref(k->answer);
	json_decref(k->input);
	free_secret(k->wanted);
	*k = (struct check){ 0 };
}

void checks_free(struct checks *k)
{
	for (size_t i = 0; k && i < ARRAY_LEN(looks); i++)
		forget(&k->v[i]);
	free(k);
}

/* The members of the config that a look depends on. */
static json_t *relevant(const struct look *l, const struct config *c)
{
	static const char *const groups[][4] = {
		{ "domains", "network", "dns", NULL }, { "ports", "cluster", NULL }, { "domains", "network", NULL },
	};
	json_t *part = json_object();

	for (const char *const *g = groups[l - looks]; *g; g++) {
		json_t *v = json_object_get(c->root, *g);
		if (v)
			json_object_set(part, *g, v);
	}
	return part;
}

/* Nothing to look at: a name or a token is missing. */
static bool is_empty(const struct look *l, const struct config *c, const char *token)
{
	if (l->page == PAGE_PORTS)
		return false;
	if (!config_is_set(c, "domains.server_name"))
		return true;
	if (l->page == PAGE_DOMAIN || (token && *token))
		return false;
	struct secrets *s = secrets_open(NULL);
	bool none = !s || !secrets_get(s, "cloudflare.token");
	secrets_close(s);
	return none;
}

static bool want(struct check *k, const struct look *l, const struct config *c, const char *token)
{
	_cleanup_json_ json_t *input = json_pack("{s:o, s:s?}", "config", relevant(l, c), "token", token);
	_cleanup_secret_ char *wanted = json_canonical(input);

	if (k->wanted && !strcmp(k->wanted, wanted))
		return false;
	forget(k);
	k->wanted = steal(wanted);
	if (is_empty(l, c, token))
		return true;
	k->input = steal(input);
	k->due_ms = clock_ms() + PAUSE_MS;
	return true;
}

bool checks_want(struct checks *k, enum key_page page, const struct config *c, const char *token)
{
	bool changed = false;

	for (size_t i = 0; i < ARRAY_LEN(looks); i++)
		if (looks[i].page == page)
			changed |= want(&k->v[i], &looks[i], c, page == PAGE_CERTIFICATE ? token : NULL);
	return changed;
}

bool checks_forget(struct checks *k, enum key_page page)
{
	bool changed = false;

	for (size_t i = 0; i < ARRAY_LEN(looks); i++) {
		if (looks[i].page != page)
			continue;
		changed |= k->v[i].wanted != NULL;
		forget(&k->v[i]);
	}
	return changed;
}

/* A look that cannot be had is no news: the engine looks again before it installs. */
static bool tick(struct check *k, const struct look *l)
{
	if (k->due_ms && clock_ms() >= k->due_ms) {
		k->due_ms = 0;
		k->probe = probe_start(l->what, k->input, NULL);
		return true;
	}
	int r = k->probe ? probe_poll(k->probe, &k->answer, NULL) : 0;
	if (r == 0)
		return false;
	probe_free(k->probe);
	k->probe = NULL;
	return true;
}

bool checks_tick(struct checks *k)
{
	bool news = false;

	for (size_t i = 0; i < ARRAY_LEN(looks); i++)
		news |= tick(&k->v[i], &looks[i]);
	return news;
}

static const struct check *check_of(const struct checks *k, const char *key)
{
	for (size_t i = 0; k && i < ARRAY_LEN(looks); i++)
		if (!strncmp(key, looks[i].keys, strlen(looks[i].keys)))
			return &k->v[i];
	return NULL;
}

bool checks_pending(const struct checks *k, const char *key)
{
	const struct check *c = check_of(k, key);
	return c && (c->due_ms || c->probe);
}

char *checks_note(const struct checks *k, const char *key, bool *ret_bad)
{
	const struct check *c = check_of(k, key);
	const json_t *results = c ? json_object_get(c->answer, "results") : NULL;

	*ret_bad = false;
	for (size_t i = 0; i < json_array_size(results); i++) {
		const json_t *r = json_array_get(results, i), *error = json_object_get(r, "error");
		if (strcmp(json_str_at(r, "key") ?: "", key))
			continue;
		if (!error)
			return show_msg(json_str_at(r, "msgid"), json_object_get(r, "args"));
		const struct fault_card *card = fault_card_by_id(json_str_at(error, "card") ?: "");
		struct err seen;
		events_error_read(error, &seen);
		*ret_bad = true;
		/* What Cloudflare said is for the log; what it means is for people. */
		if (card && !strcmp(key, "cloudflare.token"))
			return xasprintf(_("%s (%s)"), show_text(card->title), card->id);
		return show_reason(&seen);
	}
	return NULL;
}
