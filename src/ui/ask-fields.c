/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Keys of the table as fields of a form. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ui/ask.h"

char **ask_draft(const struct ask *a, const struct key *key)
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

void ask_add(struct ask *a, const struct key *key, const struct secrets *secrets)
{
	size_t i = a->n++;
	bool secret = key->flags & KEY_SECRET;
	const char *draft = *ask_draft(a, key);

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

int ask_begin(struct ask *a, struct pages *p, struct err *e)
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
	return 0;
}

void ask_end(struct ask *a)
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
