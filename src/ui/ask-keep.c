/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* However a page is left, what is right is stored and what is not is kept to be mended. */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ui/ask.h"
#include "ui/store.h"

static void set_draft(const struct ask *a, size_t i, const char *value)
{
	char **draft = ask_draft(a, a->keys[i]);
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

int ask_keep(struct ask *a, struct err *e)
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
