/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The questions, straight from the table of keys, one page a topic. Each answer is judged while it is
 * typed, alone and together with the others. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ui/ask.h"
#include "ui/checks.h"
#include "ui/rehearse.h"
#include "ui/show.h"

/* --- judging ---------------------------------------------------------------------------------- */

/* A copy of the answers with those of this page as far as they are right. */
static void take_typed(const struct ask *a, struct config *c)
{
	config_new(c);
	json_decref(c->root);
	c->root = json_deep_copy(a->c.root);
	for (size_t i = 0; i < a->n; i++) {
		_cleanup_secret_ char *value = text_trim(a->typed[i]);
		if (!(a->keys[i]->flags & KEY_SECRET))
			config_set(c, a->keys[i]->name, *value ? value : NULL, NULL);
	}
}

/* A rule between keys is broken: it is said at the one it is noted for, and at those that it names. */
static bool concerns(const struct problem *p, const struct key *key)
{
	if (p->warning)
		return false;
	bool named = p->key && !strcmp(p->key, key->name);
	for (unsigned i = 0; i < p->err.nargs && !named; i++)
		named = !strcmp(p->err.args[i], key->name);
	return named;
}

/* What the answer does together with the others, as far as they are right. New, or NULL. */
static char *conflict(const struct ask *a, const struct key *key)
{
	_cleanup_config_ struct config c;
	struct problems all = { 0 };
	char *why = NULL;

	take_typed(a, &c);
	config_check(&c, a->p->ui->rehearse ? CONFIG_REHEARSE : 0, &all);
	for (size_t i = 0; i < all.n && !why; i++)
		if (concerns(&all.v[i], key))
			why = show_reason(&all.v[i].err);
	problems_done(&all);
	return why;
}

static char *judge(void *data, size_t field, const char *value)
{
	struct ask *a = data;
	const struct key *key = a->keys[field];
	_cleanup_secret_ char *answer = text_trim(value);
	struct err e = ERR_INIT;

	free_secret(a->typed[field]);
	a->typed[field] = xstrdup(value);
	if (!*answer && key->flags & KEY_REQUIRED)
		return xasprintf(_("This answer is needed. Example: %s"), key->example);
	if (*answer && key_check(key, answer, &e) < 0)
		return show_reason(&e);
	return key->flags & KEY_SECRET ? NULL : conflict(a, key);
}

/* --- what the network says ------------------------------------------------------------------- */

/* The token as it is typed, if it can be one; else the one that a rehearsal's world knows. */
static const char *token_of(const struct ask *a)
{
	for (size_t i = 0; i < a->n; i++)
		if (!strcmp(a->keys[i]->name, "cloudflare.token") && *a->typed[i] &&
		    key_check(a->keys[i], a->typed[i], NULL) == 0)
			return a->typed[i];
	return json_string_value(json_object_get(json_object_get(a->world, "secrets"), "cloudflare.token"));
}

/* A rehearsal's world knows the domain that was stored when it was started; the real network is none of
 * its business. */
static bool may_ask(const struct ask *a, const struct config *c)
{
	const char *typed = config_str(c, "domains.server_name"), *stored = config_str(&a->c, "domains.server_name");
	return !a->p->ui->rehearse || (a->world && typed && stored && !strcmp(typed, stored));
}

/* True when what is known has become old. */
static bool want_checks(struct ask *a)
{
	_cleanup_config_ struct config c;
	enum key_page page = a->keys[0]->page;

	take_typed(a, &c);
	if (!may_ask(a, &c) || rehearse_overlay(&c, a->world, NULL) < 0)
		return checks_forget(a->p->checks, page);
	return checks_want(a->p->checks, page, &c, token_of(a));
}

static void take_notes(struct ask *a)
{
	for (size_t i = 0; i < a->n; i++) {
		const char *name = a->keys[i]->name;
		bool bad = false, going_on = checks_pending(a->p->checks, name);
		_cleanup_free_ char *known = checks_note(a->p->checks, name, &bad);
		const char *note = known ? known : going_on ? _("It is being checked...") : NULL;
		free(a->notes[i]);
		a->notes[i] = !note ? NULL : bad ? xstrdup(note) : xasprintf(_("%s  %s"), note, a->hints[i]);
		a->fields[i].warn = bad;
		a->fields[i].hint = note ? a->notes[i] : a->hints[i];
	}
}

static bool tick(void *data)
{
	struct ask *a = data;

	bool changed = want_checks(a);
	if (!checks_tick(a->p->checks) && !changed)
		return false;
	take_notes(a);
	return true;
}

static bool pending(void *data, size_t field)
{
	const struct ask *a = data;
	want_checks(data);
	return checks_pending(a->p->checks, a->keys[field]->name);
}

/* In a rehearsal the world answers in the place of the network. */
static void prepare_checks(struct ask *a)
{
	struct pages *p = a->p;

	bool first = !p->checks;

	if (first)
		p->checks = checks_new();
	if (!p->ui->rehearse || !config_is_set(&a->c, "domains.server_name"))
		return;
	if (first)
		page_wait(p, _("One moment..."));
	a->world = rehearse_world(p->ui, NULL);
}

static int begin(struct ask *a, struct pages *p, struct err *e)
{
	if (ask_begin(a, p, e) < 0)
		return -1;
	prepare_checks(a);
	return 0;
}

/* --- the pages -------------------------------------------------------------------------------- */

static void explain(void *data, size_t field)
{
	struct ask *a = data;
	size_t i = field < a->n ? field : 0;
	const struct key *key = a->keys[i];
	char *text = xasprintf(_("%s\n\n%s\nName of the answer in files: %s"), _(key->help), a->fields[i].hint,
			       key->name);

	/* What is read here and what is written there. */
	for (size_t n = 0; a->choices[i] && a->choices[i][n]; n++) {
		char *more = xasprintf("%s\n  %s: %s", text, a->choices[i][n], a->shown[i][n]);
		free(text);
		text = more;
	}
	page_say(a->p, _(key->label), text);
	free(text);
}

/* The form until it is left; the answers are kept then. */
static enum dialog_end ask_form(struct ask *a, struct page_form *f)
{
	struct err e = ERR_INIT;

	f->fields = a->fields;
	f->zero = a->zero;
	f->wanted = a->wanted;
	f->n = a->n;
	f->check = judge;
	f->tick = tick;
	f->pending = pending;
	f->explain = explain;
	f->data = a;
	want_checks(a);
	take_notes(a);
	enum dialog_end end = page_form(a->p, f);
	if (ask_keep(a, &e) < 0)
		page_failure(a->p, &e);
	return end;
}

static void add_page(struct ask *a, enum key_page page)
{
	struct secrets *secrets = secrets_open(NULL);
	size_t all;
	const struct key *list = keys(&all);

	for (size_t i = 0; i < all; i++)
		if (list[i].page == page)
			ask_add(a, &list[i], secrets);
	secrets_close(secrets);
}

static const char *page_title(enum key_page page)
{
	static const char *const titles[PAGE_MAX] = {
		[PAGE_DOMAIN] = N_("Names"),
		[PAGE_PORTS] = N_("Ports"),
		[PAGE_CERTIFICATE] = N_("Certificates and Cloudflare"),
		[PAGE_ADMIN] = N_("Administrator and registration"),
		[PAGE_STORAGE] = N_("Storage and database"),
		[PAGE_ADVANCED] = N_("Advanced: mirrors, proxy, firewall, cluster"),
	};
	return _(titles[page]);
}

static const char *page_text(enum key_page page)
{
	static const char *const texts[PAGE_MAX] = {
		[PAGE_DOMAIN] = N_("Your own domain, managed at Cloudflare, and the names of the services in it."),
		[PAGE_PORTS] = N_("Where the provider blocks 80 and 443, these ports serve in their place."),
		[PAGE_CERTIFICATE] = N_("Let's Encrypt gives the certificates; the Cloudflare token proves that the domain is yours."),
		[PAGE_ADMIN] = N_("The first user, and who may become one. A password left empty is made."),
		[PAGE_STORAGE] = N_("Usual values stand here already; this page may be skipped."),
		[PAGE_ADVANCED] = N_("Usual values stand here already; this page may be skipped."),
	};
	return _(texts[page]);
}

static enum dialog_end one_page(struct pages *p, enum key_page page)
{
	_cleanup_free_ char *title = xasprintf("%d/%d  %s", (int)page + 1, PAGE_MAX, page_title(page));
	struct page_form f = { .title = title, .text = page_text(page), .skippable = page >= PAGE_STORAGE };
	struct err e = ERR_INIT;
	struct ask a;

	if (begin(&a, p, &e) < 0) {
		page_failure(p, &e);
		return DIALOG_ESC;
	}
	add_page(&a, page);
	enum dialog_end end = ask_form(&a, &f);
	ask_end(&a);
	return end;
}

bool page_ask(struct pages *p)
{
	int page = page_last(p) ? 0 : -1;

	while (page >= 0 && page < PAGE_MAX && !p->gone) {
		switch (one_page(p, (enum key_page)page)) {
		case DIALOG_OK:
		case DIALOG_EXTRA:
			page++;
			break;
		case DIALOG_CANCEL:
			page--;
			break;
		default:
			return false;
		}
	}
	return page == PAGE_MAX && !p->gone;
}

bool page_ask_key(struct pages *p, const struct key *key)
{
	struct page_form f = { .title = _("Change an answer"), .single = true };
	struct err e = ERR_INIT;
	struct ask a;

	if (!key || p->gone)
		return false;
	if (begin(&a, p, &e) < 0) {
		page_failure(p, &e);
		return false;
	}
	struct secrets *secrets = secrets_open(NULL);
	ask_add(&a, key, secrets);
	secrets_close(secrets);
	f.text = _(key->help);
	bool done = ask_form(&a, &f) == DIALOG_OK && !*ask_draft(&a, key);
	ask_end(&a);
	return done;
}
