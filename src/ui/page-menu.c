/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The start menu: where one stands, what comes next, and everything else under a number. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "model/paths.h"
#include "model/state.h"
#include "ui/checks.h"
#include "ui/page.h"
#include "ui/show.h"
#include "ui/standing.h"
#include "ui/terminal.h"

/* The step up to which the check of the environment goes. */
#define CHECK_UNTIL "dns"

static bool is(const struct standing *s, const char *status)
{
	return !strcmp(s->status, status);
}

/* --- the items -------------------------------------------------------------------------------- */

static void configure(struct pages *p, const struct standing *s)
{
	(void)s;
	if (page_ask(p))
		page_preview(p);
}

static void check(struct pages *p, const struct standing *s)
{
	_cleanup_free_ char *answers = NULL;
	const struct page_question q = {
		.title = _("Check the environment"),
		.text = _("This looks at the machine, its network, the names and the token. Nothing is installed. For a moment a TXT record is written at Cloudflare, to try the token."),
		.yes = _("Check"),
		.no = _("Back"),
	};

	(void)s;
	/* A rehearsal takes example answers where there are none. */
	if (!p->ui->rehearse && !page_ready(p, &answers))
		return;
	if (page_confirm(p, &q) == DIALOG_OK)
		page_run(p, CHECK_UNTIL);
}

static void install(struct pages *p, const struct standing *s)
{
	if (is(s, "running"))
		page_watch(p);
	else
		page_preview(p);
}

static void rehearse(struct pages *p, const struct standing *s)
{
	(void)s;
	page_rehearse(p);
}

static void language(struct pages *p, const struct standing *s)
{
	(void)s;
	page_language(p);
}

static const char *install_label(const struct standing *s)
{
	return is(s, "running") ? N_("Watch the installation") :
	       is(s, "none")	? N_("Install") :
	       s->at		? N_("Continue the installation") :
				  N_("Install again");
}

static const char *install_note(const struct standing *s)
{
	return s->configured	      ? NULL :
	       is(s, "none")	      ? N_("after 1") :
					NULL;
}

static const char *language_label(const struct standing *s)
{
	(void)s;
	return terminal_draws_chinese() ? "语言 / Language" : "Language";
}

enum item { ITEM_CONFIGURE, ITEM_CHECK, ITEM_INSTALL, ITEM_STATUS, ITEM_REHEARSE, ITEM_LANGUAGE, ITEMS };

/* In the order of their numbers, from 1 on. */
static const struct {
	const char *label, *note;
	const char *(*label_now)(const struct standing *), *(*note_now)(const struct standing *);
	void (*run)(struct pages *, const struct standing *);
} items[ITEMS] = {
	[ITEM_CONFIGURE] = { N_("Configure"), N_("names, ports, certificates, administrator"), .run = configure },
	[ITEM_CHECK] = { N_("Check"), N_("machine, network, names, token"), .run = check },
	[ITEM_INSTALL] = { .label_now = install_label, .note_now = install_note, .run = install },
	[ITEM_STATUS] = { N_("Status"), N_("steps, addresses, password, log"), .run = page_status },
	[ITEM_REHEARSE] = { N_("Rehearse"), N_("all of it, without changing this machine"), .run = rehearse },
	[ITEM_LANGUAGE] = { .label_now = language_label, .run = language },
};

static const char help[] =
	N_("Type the number of an item to choose it at once, or go to it with the arrows and press Enter. 0 and Esc lead back everywhere.\n\nThe usual way: 1, 2, 3. Nothing on this machine is changed before you confirm the start on a page of its own. What runs goes on when you leave or the line breaks; start ess-setup again to come back to it.\n\nRehearse does the whole installation in a simulated world: good for practice.");

/* --- where one stands ------------------------------------------------------------------------- */

/* What makes sense now. last: chosen before, or ITEMS. */
static enum item next_item(const struct standing *s, enum item last)
{
	if (is(s, "degraded") || (is(s, "done") && !s->at))
		return ITEM_STATUS;
	/* A failure leads back to where it happened. */
	if (is(s, "failed") && last == ITEM_CHECK)
		return ITEM_CHECK;
	if (!is(s, "none") || s->configured)
		return ITEM_INSTALL;
	return ITEM_CONFIGURE;
}

static char *advice(const struct standing *s, enum item next)
{
	if (is(s, "running"))
		return xasprintf(_("Press %d to watch it."), next + 1);
	if (is(s, "failed"))
		return xasprintf(_("Press %d to see why, %d to try again."), ITEM_STATUS + 1, next + 1);
	if (next == ITEM_STATUS)
		return xasprintf(_("Press %d for its addresses and steps."), next + 1);
	if (next == ITEM_CONFIGURE)
		return xstrdup(_("First: answer the questions (about 3 minutes)."));
	if (is(s, "none"))
		return xasprintf(_("Press %d to install, or %d to check first."), next + 1, ITEM_CHECK + 1);
	return xasprintf(_("Press %d to continue; nothing is lost."), next + 1);
}

struct menu {
	enum item last;     /* chosen before, or ITEMS */
	unsigned kept;      /* where the user went with the arrows, from 1; 0: nowhere yet */
	const char *shown;  /* the sentence on the screen; borrowed */
	int status;
};

/* A run has gone on or ended meanwhile: the sentence tells something else. */
static bool is_old(void *data)
{
	const struct menu *m = data;
	_cleanup_standing_ struct standing s = { 0 };

	if (standing_sketch(&s, NULL) < 0)
		return true;
	_cleanup_free_ char *now = standing_sentence(&s);
	return strcmp(now, m->shown) != 0;
}

/* The item that is chosen, from 1; 0 or PAGE_OLD. */
static unsigned ask_item(struct pages *p, struct menu *m, const struct standing *s)
{
	const char *labels[ITEMS], *notes[ITEMS];
	enum item next = next_item(s, m->last);
	_cleanup_free_ char *sentence = standing_sentence(s);
	_cleanup_free_ char *then = advice(s, next);
	_cleanup_free_ char *text = xasprintf(_("%s %s"), sentence, then);
	unsigned first = m->kept ? m->kept : next + 1, at = first;

	for (size_t i = 0; i < ITEMS; i++) {
		labels[i] = _(items[i].label_now ? items[i].label_now(s) : items[i].label);
		notes[i] = show_text(items[i].note_now ? items[i].note_now(s) : items[i].note);
	}
	m->shown = sentence;
	const struct page_list l = {
		.title = _("Matrix video conference server"), .text = text, .labels = labels, .notes = notes,
		.n = ITEMS, .zero = _("leave"), .first = first, .help = _(help), .is_old = is_old, .data = m, .at = &at,
	};
	unsigned n = page_list(p, &l);
	m->shown = NULL;
	m->kept = n == PAGE_OLD && at != first ? at : n == PAGE_OLD ? m->kept : 0;
	return n;
}

/* False when the user leaves. */
static bool one_turn(struct pages *p, struct menu *m)
{
	_cleanup_standing_ struct standing s = { 0 };
	struct err e = ERR_INIT;

	if (standing_sketch(&s, &e) < 0) {
		m->status = (int)exit_status(e.fault);
		return page_failure(p, &e);
	}
	m->status = EXIT_OK;
	unsigned n = ask_item(p, m, &s);
	if (n == PAGE_OLD)
		return true;
	if (n == 0)
		return false;
	m->last = n - 1;
	items[n - 1].run(p, &s);
	return !p->gone;
}

/* --- from the start --------------------------------------------------------------------------- */

static int menu(struct pages *p)
{
	struct menu m = { .last = ITEMS };

	page_first(p);
	while (!p->gone && one_turn(p, &m))
		;
	return p->gone ? EXIT_FAILED : m.status;
}

/* As the attach that goes line by line. */
static int attach(struct pages *p)
{
	page_watch(p);
	return p->run_status;
}

static int with_pages(struct ui *ui, int (*run)(struct pages *))
{
	struct pages p = { .ui = ui, .face = pages_possible(ui) ? &face_dialog : &face_plain };

	keys(&p.ndrafts);
	p.drafts = xcalloc(p.ndrafts, sizeof(char *));
	page_corner(&p);
	if (p.face->begin(&p) < 0) {
		p.face = &face_plain;
		p.face->begin(&p);
	}
	int status = run(&p);
	p.face->end(&p);
	for (size_t i = 0; i < p.ndrafts; i++)
		free_secret(p.drafts[i]);
	free(p.drafts);
	free(p.right);
	checks_free(p.checks);
	return status;
}

int pages_run(struct ui *ui)
{
	struct err e = ERR_INIT;

	if (!*path_root() && geteuid() != 0) {
		err_set(&e, FAULT_PRE_ROOT, N_("this needs the rights of root: put sudo in front of the command"));
		return show_failure(ui, &e);
	}
	return with_pages(ui, menu);
}

int pages_attach(struct ui *ui)
{
	return with_pages(ui, attach);
}
