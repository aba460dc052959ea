/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* An error on a page of its own: what was seen, why it may be, and the ways out as numbers. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "ui/call.h"
#include "ui/page.h"
#include "ui/show.h"

struct choice {
	const struct remedy *remedy;
	char *label;  /* new */
};

static const struct remedy log_remedy = { .kind = REMEDY_LOG };

static char *card_text(const struct fault_card *card, const char *seen)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		abort();
	fprintf(out, "%s\n", show_text(card->title));
	if (seen && *seen && strcmp(seen, show_text(card->title))) {
		fputc('\n', out);
		fprintf(out, _("Seen: %s\n"), seen);
	}
	fprintf(out, "\n%s\n", _("Causes, the most likely first:"));
	for (unsigned i = 0; card->causes[i]; i++)
		fprintf(out, "%u. %s\n", i + 1, show_text(card->causes[i]));
	/* Commands of their own are not run from in here: they are typed. */
	for (unsigned i = 0; i < card->nremedies; i++) {
		if (card->remedies[i].kind != REMEDY_COMMAND)
			continue;
		_cleanup_free_ char *typed = show_remedy(&card->remedies[i]);
		fputc('\n', out);
		fprintf(out, _("After leaving, type: %s\n"), typed);
	}
	fclose(out);
	return text;
}

/* New; NULL for what cannot be done from a page. */
static char *choice_label(const struct remedy *r)
{
	const struct key *key;

	switch (r->kind) {
	case REMEDY_RETRY:
		return xstrdup(_("Try again; what is done is kept"));
	case REMEDY_EDIT:
		key = key_find(r->object);
		return key ? xasprintf(_("Change the answer: %s"), _(key->label)) : NULL;
	case REMEDY_LOG:
		return xstrdup(_("Read the log"));
	case REMEDY_BUNDLE:
		return command_find("bundle") ? xstrdup(_("Collect what is needed for a report")) : NULL;
	case REMEDY_COMMAND:
		break;
	}
	return NULL;
}

static size_t collect(const struct fault_card *card, struct choice *ret)
{
	bool has_log = false;
	size_t n = 0;

	for (unsigned i = 0; i < card->nremedies; i++) {
		char *label = choice_label(&card->remedies[i]);
		if (!label)
			continue;
		has_log |= card->remedies[i].kind == REMEDY_LOG;
		ret[n++] = (struct choice){ .remedy = &card->remedies[i], .label = label };
	}
	if (!has_log)
		ret[n++] = (struct choice){ .remedy = &log_remedy, .label = choice_label(&log_remedy) };
	return n;
}

/* As "ess-setup bundle" does it, and what it says. */
static void make_bundle(struct pages *p)
{
	const char *const argv[] = { "/proc/self/exe", "--lang", lang_get(), "bundle", NULL };
	_cleanup_free_ char *said = NULL;
	struct err e = ERR_INIT;
	int status;

	page_wait(p, _("One moment..."));
	if (call_helper(argv, &said, &status, &e) < 0)
		page_failure(p, &e);
	else
		page_say(p, _("Report"), said);
}

static bool card_loop(struct pages *p, const char *title, const char *text, const struct choice *choices,
		      size_t n)
{
	const char *labels[FAULT_REMEDIES + 1];
	unsigned at = 1;

	for (size_t i = 0; i < n; i++)
		labels[i] = choices[i].label;
	while ((at = page_choose(p, title, text, labels, n, _("back"), at)) > 0) {
		const struct remedy *r = choices[at - 1].remedy;
		if (r->kind == REMEDY_RETRY)
			return true;
		if (r->kind == REMEDY_EDIT && page_ask_key(p, key_find(r->object)))
			return true;
		if (r->kind == REMEDY_LOG)
			page_log(p);
		if (r->kind == REMEDY_BUNDLE)
			make_bundle(p);
	}
	return false;
}

bool page_card(struct pages *p, const char *title, enum fault fault, const char *seen)
{
	const struct fault_card *card = fault_card(fault);
	struct choice choices[FAULT_REMEDIES + 1];

	if (!card) {
		page_say(p, title, seen ? seen : "");
		return false;
	}
	_cleanup_free_ char *text = card_text(card, seen);
	_cleanup_free_ char *head = xasprintf("%s%s%s", title ? title : "", title ? " - " : "", card->id);
	size_t n = collect(card, choices);
	bool again = card_loop(p, head, text, choices, n);
	for (size_t i = 0; i < n; i++)
		free(choices[i].label);
	return again;
}

bool page_failure(struct pages *p, const struct err *e)
{
	_cleanup_free_ char *seen = show_err(e);
	return page_card(p, NULL, e->fault, seen);
}
