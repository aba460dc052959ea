/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The questions, straight from the table of keys, one page a topic. Each answer is judged while it is
 * typed, alone and together with the others. However a page is left, what is right is stored and what
 * is not is kept to be mended. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "model/secrets.h"
#include "ui/checks.h"
#include "ui/page.h"
#include "ui/rehearse.h"
#include "ui/show.h"
#include "ui/store.h"

struct ask {
	struct pages *p;
	struct config c;
	const struct key **keys;     /* of this page */
	struct dialog_field *fields;
	char **typed;                /* what the fields hold at the moment */
	const char ***choices, ***shown; /* of those that have them: values, and what people read */
	char **hints, **notes;       /* below each: what always stands there, what the network says */
	bool *zero, *wanted;         /* 0 is a right answer; it is needed before the start */
	bool *stored;                /* a secret that is there already */
	json_t *world;               /* what a rehearsal's world wants of the answers; NULL: it is none */
	size_t n;
};

/* --- the fields ------------------------------------------------------------------------------- */

static void prepare_checks(struct ask *a);

static char **draft_of(const struct ask *a, const struct key *key)
{
	size_t n;
	return &a->p->drafts[key - keys(&n)];
}

static const struct key_choice yes_no[] = { { "true", N_("Yes") }, { "false", N_("No") }, { NULL, NULL } };

static const struct key_choice *choices_of(const struct key *key)
{
	return key->type == KEY_BOOL ? yes_no : key->choices;
}

/* The default as people read it; borrowed. */
static const char *shown_default(const struct key *key)
{
	for (const struct key_choice *c = choices_of(key); c && c->value; c++)
		if (!strcmp(c->value, key->def))
			return c->label ? _(c->label) : c->value;
	return key->def;
}

static void add_choices(struct ask *a, size_t i)
{
	const struct key_choice *all = choices_of(a->keys[i]);
	size_t n = 0;

	while (all && all[n].value)
		n++;
	if (!n)
		return;
	a->choices[i] = xcalloc(n + 1, sizeof(*a->choices[i]));
	a->shown[i] = xcalloc(n + 1, sizeof(*a->shown[i]));
	for (size_t c = 0; c < n; c++) {
		a->choices[i][c] = all[c].value;
		a->shown[i][c] = all[c].label ? _(all[c].label) : all[c].value;
	}
}

static char *hint_for(const struct key *key, const char *const *shown, bool stored)
{
	_cleanup_free_ char *all = shown ? text_join(shown, _(", ")) : NULL;

	if (key->flags & KEY_SECRET)
		return xstrdup(stored ? _("It is stored. Left empty it stays as it is.") :
					_("It is shown as stars and stored encrypted."));
	_cleanup_free_ char *example = all ? xasprintf(_("One of: %s"), all) : xasprintf(_("Example: %s"), key->example);
	if (!key->def)
		return xasprintf(key->flags & KEY_REQUIRED ? "%s" : _("%s (may stay empty)"), example);
	return xasprintf(_("%s (default: %s)"), example, shown_default(key));
}

static void add_key(struct ask *a, const struct key *key, const struct secrets *secrets)
{
	size_t i = a->n++;
	bool secret = key->flags & KEY_SECRET;
	const char *draft = *draft_of(a, key);

	a->keys[i] = key;
	add_choices(a, i);
	a->stored[i] = secret && secrets && secrets_get(secrets, key->name);
	a->typed[i] = draft ? xstrdup(draft) : secret ? xstrdup("") : config_text(&a->c, key->name);
	a->fields[i] = (struct dialog_field){
		.label = _(key->label),
		.value = xstrdup(a->typed[i]),
		.secret = secret,
		.choices = a->choices[i],
		.shown = a->shown[i],
	};
	a->fields[i].hint = a->hints[i] = hint_for(key, a->shown[i], a->stored[i]);
	a->zero[i] = key->type == KEY_INT && key->min <= 0;
	/* Without it no certificate can be had; a rehearsal's world brings its own. */
	a->wanted[i] = !strcmp(key->name, "cloudflare.token") && !a->stored[i] && !a->p->ui->rehearse;
}

/* Room for all keys; which of them, add_key() says. */
static int ask_begin(struct ask *a, struct pages *p, struct err *e)
{
	size_t all;

	keys(&all);
	*a = (struct ask){ .p = p };
	if (config_load(&a->c, e) < 0)
		return -1;
	a->keys = xcalloc(all, sizeof(*a->keys));
	a->fields = xcalloc(all, sizeof(*a->fields));
	a->typed = xcalloc(all, sizeof(*a->typed));
	a->stored = xcalloc(all, sizeof(*a->stored));
	a->choices = xcalloc(all, sizeof(*a->choices));
	a->shown = xcalloc(all, sizeof(*a->shown));
	a->hints = xcalloc(all, sizeof(*a->hints));
	a->notes = xcalloc(all, sizeof(*a->notes));
	a->zero = xcalloc(all, sizeof(*a->zero));
	a->wanted = xcalloc(all, sizeof(*a->wanted));
	prepare_checks(a);
	return 0;
}

static void ask_end(struct ask *a)
{
	for (size_t i = 0; i < a->n; i++) {
		free_secret(a->fields[i].value);
		free(a->choices[i]);
		free(a->shown[i]);
		free(a->hints[i]);
		free(a->notes[i]);
		free_secret(a->typed[i]);
	}
	free(a->keys);
	free(a->fields);
	free(a->typed);
	free(a->stored);
	free(a->choices);
	free(a->shown);
	free(a->hints);
	free(a->notes);
	free(a->zero);
	free(a->wanted);
	json_decref(a->world);
	config_done(&a->c);
}

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

/* --- keeping ---------------------------------------------------------------------------------- */

static void set_draft(const struct ask *a, size_t i, const char *value)
{
	char **draft = draft_of(a, a->keys[i]);
	free_secret(*draft);
	*draft = value ? xstrdup(value) : NULL;
}

static int keep_secret(struct ask *a, size_t i, const char *value, struct err *e)
{
	const struct key *key = a->keys[i];

	if (*value && key_check(key, value, NULL) < 0) {
		set_draft(a, i, value);
		return 0;
	}
	if (*value && store_secret(key->name, value, e) < 0) {
		set_draft(a, i, value);
		return -1;
	}
	set_draft(a, i, NULL);
	return 0;
}

/* True when the config has changed. An empty required answer leaves the one from before. */
static bool keep_plain(struct ask *a, size_t i, const char *value)
{
	const struct key *key = a->keys[i];
	_cleanup_free_ char *before = config_text(&a->c, key->name);

	set_draft(a, i, NULL);
	if (!strcmp(before, value) || (!*value && key->flags & KEY_REQUIRED))
		return false;
	if (config_set(&a->c, key->name, *value ? value : NULL, NULL) == 0)
		return true;
	set_draft(a, i, value);
	return false;
}

static int keep_all(struct ask *a, struct err *e)
{
	bool changed = false;
	int r = 0;

	for (size_t i = 0; i < a->n; i++) {
		_cleanup_secret_ char *value = text_trim(a->fields[i].value);
		if (a->keys[i]->flags & KEY_SECRET)
			r |= keep_secret(a, i, value, e);
		else
			changed |= keep_plain(a, i, value);
	}
	if (changed && store_config(&a->c, e) < 0) {
		for (size_t i = 0; i < a->n; i++)
			if (!(a->keys[i]->flags & KEY_SECRET))
				set_draft(a, i, a->fields[i].value);
		return -1;
	}
	return r;
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
	if (keep_all(a, &e) < 0)
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
			add_key(a, &list[i], secrets);
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

	if (ask_begin(&a, p, &e) < 0) {
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
	if (ask_begin(&a, p, &e) < 0) {
		page_failure(p, &e);
		return false;
	}
	struct secrets *secrets = secrets_open(NULL);
	add_key(&a, key, secrets);
	secrets_close(secrets);
	f.text = _(key->help);
	bool done = ask_form(&a, &f) == DIALOG_OK && !*draft_of(&a, key);
	ask_end(&a);
	return done;
}
