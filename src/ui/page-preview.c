/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What the answers lead to, before anything is changed; and from here the start. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ui/page.h"
#include "ui/preview.h"
#include "ui/show.h"
#include "ui/store.h"

static char *preview_text(const struct config *c, const struct problems *problems)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		abort();
	preview_write(out, c, problems);
	fclose(out);
	return text;
}

/* --- what is wrong ---------------------------------------------------------------------------- */

/* The first wrong answer is offered for change; false when the user goes back. */
static bool mend(struct pages *p, const struct problems *problems)
{
	char *text = NULL;
	size_t len;
	const char *first = NULL;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		abort();
	fprintf(out, "%s\n", _("Before the start something has to be put right:"));
	for (size_t i = 0; i < problems->n; i++) {
		if (problems->v[i].warning)
			continue;
		_cleanup_free_ char *why = show_reason(&problems->v[i].err);
		fprintf(out, "- %s\n", why);
		first = first ? first : problems->v[i].key;
	}
	fclose(out);
	const struct key *key = first ? key_find(first) : NULL;
	_cleanup_free_ char *change = xasprintf(_("Change the answer: %s"), key ? _(key->label) : "");
	const char *labels[] = { _("All questions"), change };
	unsigned n = page_choose(p, _("Confirm"), text, labels, key ? 2 : 1, _("back"), key ? 2 : 1);
	free(text);
	if (n == 1)
		return page_ask(p);
	if (n == 2)
		page_ask_key(p, key); /* with or without a change: what is left is listed again */
	return n == 2;
}

/* 1: the answers are right, *ret_text says what they lead to; 0: they are not. */
static int look(struct pages *p, char **ret_text, struct problems *problems)
{
	_cleanup_config_ struct config c = { 0 };
	struct err e = ERR_INIT;

	if (config_load(&c, &e) < 0) {
		page_failure(p, &e);
		return -1;
	}
	int wrong = store_check(&c, p->ui->rehearse, problems, &e);
	if (err_is_set(&e)) {
		page_failure(p, &e);
		return -1;
	}
	if (wrong)
		return 0;
	*ret_text = preview_text(&c, problems);
	return 1;
}

static enum dialog_end confirm(struct pages *p, const char *text)
{
	const struct page_question q = {
		.title = _("Confirm"),
		.text = text,
		.yes = _("Start"),
		.no = _("Back"),
		.extra = p->ui->rehearse ? NULL : _("Rehearse"),
	};
	return page_confirm(p, &q);
}

bool page_ready(struct pages *p, char **ret_text)
{
	while (!p->gone) {
		struct problems problems = { 0 };
		int right = look(p, ret_text, &problems);
		bool again = right == 0 && mend(p, &problems);

		problems_done(&problems);
		if (right == 1)
			return true;
		if (!again)
			return false;
	}
	return false;
}

void page_preview(struct pages *p)
{
	for (;;) {
		_cleanup_free_ char *text = NULL;
		if (!page_ready(p, &text))
			return;
		switch (confirm(p, text)) {
		case DIALOG_OK:
			page_run(p, NULL);
			return;
		case DIALOG_EXTRA:
			page_rehearse(p);
			break;
		default:
			return;
		}
	}
}
