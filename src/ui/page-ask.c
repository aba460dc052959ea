/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The questions, straight from the table of keys, one page a topic. Each answer is judged while it is
 * typed, alone and together with the others. However a page is left, what is right is stored and what
 * is not is kept to be mended. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "model/secrets.h"
#include "ui/ask.h"
#include "ui/page.h"
#include "ui/show.h"
#include "ui/store.h"

struct ask {
	struct pages *p;
	struct config c;
	const struct key **keys;     /* of this page */
	struct dialog_field *fields;
	char **typed;                /* what the fields hold at the moment */
	bool *stored;                /* a secret that is there already */
	size_t n;
};

/* --- the fields ------------------------------------------------------------------------------- */

static char **draft_of(const struct ask *a, const struct key *key)
{
	size_t n;
	return &a->p->drafts[key - keys(&n)];
}

static char *hint_for(const struct key *key, bool stored)
{
	_cleanup_free_ char *example = xasprintf(_("Example: %s"), key->example ? key->example : "");
	_cleanup_free_ char *all = key->choices ? text_join(key->choices, ", ") :
				   key->type == KEY_BOOL ? xstrdup("true, false") : NULL;
	_cleanup_free_ char *choices = all ? xasprintf(_("One of: %s"), all) : NULL;

	if (key->flags & KEY_SECRET)
		return xstrdup(stored ? _("It is stored. Left empty it stays as it is.") :
					_("It is shown as stars and stored encrypted."));
	return xstrdup(choices ? choices : key->example ? example : "");
}

static void add_key(struct ask *a, const struct key *key, const struct secrets *secrets)
{
	size_t i = a->n++;
	bool secret = key->flags & KEY_SECRET;
	const char *draft = *draft_of(a, key);

	a->keys[i] = key;
	a->stored[i] = secret && secrets && secrets_get(secrets, key->name);
	a->typed[i] = draft ? xstrdup(draft) : secret ? xstrdup("") : config_text(&a->c, key->name);
	a->fields[i] = (struct dialog_field){
		.label = _(key->label),
		.value = xstrdup(a->typed[i]),
		.hint = hint_for(key, a->stored[i]),
		.secret = secret,
	};
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
	return 0;
}

static void ask_end(struct ask *a)
{
	for (size_t i = 0; i < a->n; i++) {
		free_secret(a->fields[i].value);
		free((char *)a->fields[i].hint);
		free_secret(a->typed[i]);
	}
	free(a->keys);
	free(a->fields);
	free(a->typed);
	free(a->stored);
	config_done(&a->c);
}

/* --- judging ---------------------------------------------------------------------------------- */

static void take_typed(const struct ask *a, struct config *c)
{
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

	config_new(&c);
	json_decref(c.root);
	c.root = json_deep_copy(a->c.root);
	take_typed(a, &c);
	config_check(&c, a->p->ui->rehearse ? CONFIG_REHEARSE : 0, &all);
	for (size_t i = 0; i < all.n && !why; i++)
		if (concerns(&all.v[i], key))
			why = show_err(&all.v[i].err);
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
		return xstrdup(_("This answer is needed."));
	if (*answer && key_check(key, answer, &e) < 0)
		return show_err(&e);
	return key->flags & KEY_SECRET ? NULL : conflict(a, key);
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

static void explain(struct ask *a, size_t field)
{
	const struct key *key = a->keys[field < a->n ? field : 0];
	_cleanup_free_ char *text = xasprintf(_("%s\n\nName of the answer in files: %s"), _(key->help), key->name);
	page_say(a->p, _(key->label), text);
}

/* The form until it is left by something else than its help; the answers are kept then. */
static enum dialog_end ask_form(struct ask *a, struct dialog *d, const char *text)
{
	struct err e = ERR_INIT;
	enum dialog_end end;
	size_t field = 0;

	d->data = a;
	d->field = &field;
	d->help = _("Help");
	for (;;) {
		end = page_end(a->p, dialog_form(d, text, a->fields, a->n, judge));
		if (end != DIALOG_HELP)
			break;
		explain(a, field);
		if (a->p->gone)
			break;
	}
	if (keep_all(a, &e) < 0)
		page_failure(a->p, &e);
	return end;
}

static enum dialog_end one_page(struct pages *p, enum key_page page)
{
	_cleanup_free_ char *title = xasprintf("%d/%d  %s", (int)page + 1, PAGE_MAX, ask_page_title(page));
	struct dialog d = page_box(p, title);
	struct err e = ERR_INIT;
	struct ask a;
	size_t all;
	const struct key *list = keys(&all);

	if (ask_begin(&a, p, &e) < 0) {
		page_failure(p, &e);
		return DIALOG_ESC;
	}
	struct secrets *secrets = secrets_open(NULL);
	for (size_t i = 0; i < all; i++)
		if (list[i].page == page)
			add_key(&a, &list[i], secrets);
	secrets_close(secrets);
	d.ok = _("Next");
	d.extra = page >= PAGE_STORAGE ? _("Skip") : NULL;
	enum dialog_end end =
		ask_form(&a, &d, page >= PAGE_STORAGE ?
					 _("Usual values stand here already; this page may be skipped.") :
					 _("Enter: next field. Esc: menu, the answers are kept."));
	ask_end(&a);
	return end;
}

bool page_ask(struct pages *p)
{
	int page = 0;

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
	struct dialog d = page_box(p, _("Change an answer"));
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
	enum dialog_end end = ask_form(&a, &d, _(key->help));
	bool done = end == DIALOG_OK && !*draft_of(&a, key);
	ask_end(&a);
	return done;
}
