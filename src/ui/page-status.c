/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Where the installation stands, step by step, and what there is to see about it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/state.h"
#include "ui/handover.h"
#include "ui/page.h"
#include "ui/preview.h"
#include "ui/show.h"
#include "ui/standing.h"

static void show_addresses(struct pages *p)
{
	_cleanup_free_ char *text = handover_text();
	page_say(p, _("Addresses"), text ? text : "");
}

void page_router(struct pages *p)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_config_ struct config c = { 0 };
	struct problems problems = { 0 };
	struct err e = ERR_INIT;

	/* The tables are made of right answers only. */
	if (config_load(&c, &e) < 0)
		page_failure(p, &e);
	else if (config_check(&c, p->ui->rehearse ? CONFIG_REHEARSE : 0, &problems) < 0)
		page_say(p, _("Router and apps"), _("The answers are not complete yet: choose Configure in the menu."));
	else
		page_say(p, _("Router and apps"), text = preview_tables(&c));
	problems_done(&problems);
}

void page_password(struct pages *p)
{
	_cleanup_secret_ char *text = handover_credentials();
	page_say(p, _("Administrator"), text ? text : "");
}

static char *steps_text(const struct standing *s)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		abort();
	standing_write(s, out);
	fclose(out);
	return text;
}

/* What there is to see now; the others are left out. Returns how many. */
static size_t collect(const struct standing *s, const char *labels[], void (*runs[])(struct pages *))
{
	_cleanup_free_ char *handover = handover_text();
	_cleanup_secret_ char *credentials = handover_credentials();
	bool ran = strcmp(s->status, "none") != 0, failed = !strcmp(s->status, "failed");
	size_t n = 0;

	if (ran) {
		labels[n] = failed ? _("Why it failed, and what to do") : _("How the last run went");
		runs[n++] = page_watch;
	}
	if (handover) {
		labels[n] = _("Addresses");
		runs[n++] = show_addresses;
	}
	if (s->configured) {
		labels[n] = _("Router and apps");
		runs[n++] = page_router;
	}
	if (credentials) {
		labels[n] = _("Show the administrator's password");
		runs[n++] = page_password;
	}
	if (ran) {
		labels[n] = _("Log");
		runs[n++] = page_log;
	}
	return n;
}

void page_status(struct pages *p, const struct standing *sketch)
{
	const char *labels[5];
	void (*runs[5])(struct pages *);
	_cleanup_standing_ struct standing whole = { 0 };
	const struct standing *s = sketch->steps ? sketch : &whole;
	struct err e = ERR_INIT;

	if (s == &whole && standing_get(&whole, &e) < 0) {
		page_failure(p, &e);
		return;
	}
	_cleanup_free_ char *text = steps_text(s);
	size_t n = collect(s, labels, runs);
	unsigned at = 0;

	while ((at = page_choose(p, _("Status"), text, labels, n, _("back"), at)) > 0) {
		runs[at - 1](p);
		/* Trying again changes what stands here. */
		if (runs[at - 1] == page_watch)
			return;
	}
}
