/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What the answers lead to, before anything is changed: versions, what works from where, what the router
 * has to forward; and from here the start. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "model/state.h"
#include "ui/page.h"
#include "ui/preview.h"
#include "ui/show.h"
#include "ui/store.h"

static void write_versions(FILE *out, const json_t *facts)
{
	static const struct { const char *name, *fact; } parts[] = {
		{ "K3s", "supply.k3s.version" },
		{ "Helm", "supply.helm.version" },
		{ "cert-manager", "supply.cert_manager.version" },
		{ "ESS", "supply.chart.version" },
	};
	const char *sep = "";

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		const char *version = json_str_at(facts, parts[i].fact);
		if (!version)
			continue;
		fprintf(out, "%s%s %s", *sep ? sep : _("Installs: "), parts[i].name, version);
		sep = ", ";
	}
	if (*sep)
		fputs("\n\n", out);
}

static void write_row(FILE *out, const char *title, const char *home, const char *outside)
{
	_cleanup_free_ char *first = show_pad(title, 30);
	_cleanup_free_ char *second = show_pad(home, 11);
	fprintf(out, "%s%s%s\n", first, second, outside);
}

static void write_line(FILE *out, const struct discovery_line *l)
{
	const struct discovery_cell *home = &l->cell[DISCOVERY_LAN], *outside = &l->cell[DISCOVERY_OUTSIDE];

	if (home->verdict == DISCOVERY_NONE && outside->verdict == DISCOVERY_NONE)
		return;
	write_row(out, _(l->title), preview_verdict(home->verdict), preview_verdict(outside->verdict));
	if (l->type) {
		const char *args[] = { l->value ? l->value : "" };
		_cleanup_free_ char *text = err_expand(_(l->type), args, 1);
		fprintf(out, "  %s\n", text);
	}
	if (home->note)
		fprintf(out, _("  %s: %s\n"), _("at home"), _(home->note));
	if (outside->note && outside->note != home->note)
		fprintf(out, _("  %s: %s\n"), _("outside"), _(outside->note));
}

static void write_discovery(FILE *out, const struct config *c, const json_t *facts)
{
	_cleanup_discovery_ struct discovery d = { 0 };

	discovery_plan(c, discovery_hairpin(json_str_at(facts, "public.hairpin")), &d);
	discovery_measure(&d, json_object_get(facts, "verify.results"));
	write_row(out, _("What will work"), _("at home"), _("outside"));
	for (size_t i = 0; i < DISCOVERY_ROWS; i++)
		write_line(out, &d.line[i]);
	fprintf(out, "%s\n", _(d.summary));
	if (!d.improve)
		return;
	const char *args[] = { d.improve_value ? d.improve_value : "" };
	_cleanup_free_ char *text = err_expand(_(d.improve), args, 1);
	fprintf(out, "%s\n", text);
}

static void write_router(FILE *out, const struct config *c, const json_t *facts)
{
	struct router_row rows[ROUTER_ROWS];
	const char *to = json_str_at(facts, "machine.address");
	size_t n = router_table(c, rows);

	fputc('\n', out);
	fprintf(out, _("Forward these on the router, each to the same port of %s:\n"),
		to ? to : _("this machine"));
	for (size_t i = 0; i < n; i++) {
		_cleanup_free_ char *ports = router_ports(rows[i].machine, rows[i].count);
		_cleanup_free_ char *padded = show_pad(ports, 12);
		fprintf(out, "%s %s %s%s%s\n", rows[i].protocol, padded, _(rows[i].reason),
			rows[i].required ? "" : " ", rows[i].required ? "" : _("(may be left out)"));
	}
}

static void write_warnings(FILE *out, const struct problems *problems)
{
	for (size_t i = 0; i < problems->n; i++) {
		_cleanup_free_ char *text = show_err(&problems->v[i].err);
		fprintf(out, _("Note: %s\n"), text);
	}
	if (problems->n)
		fputc('\n', out);
}

static char *preview_text(const struct config *c, const struct problems *problems)
{
	_cleanup_state_ struct state s = { 0 };
	const json_t *facts = state_load(&s, NULL) == 0 ? state_facts(&s) : NULL;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		abort();
	fprintf(out,
		_("Server name: %s, HTTPS port %ld. Important data on this machine should be backed up first.\n"),
		config_str(c, "domains.server_name"), config_int(c, "ports.https"));
	fputc('\n', out);
	write_warnings(out, problems);
	write_versions(out, facts);
	write_discovery(out, c, facts);
	write_router(out, c, facts);
	fclose(out);
	return text;
}

/* --- what is wrong ---------------------------------------------------------------------------- */

/* The first wrong answer is offered for change; true when it was. */
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
		_cleanup_free_ char *why = show_err(&problems->v[i].err);
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
	return n == 2 && page_ask_key(p, key);
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
	struct dialog d = page_box(p, _("Confirm"));

	d.yes = _("Start");
	d.no = _("Back");
	d.extra = p->ui->rehearse ? NULL : _("Rehearse");
	return page_end(p, dialog_yesno(&d, text));
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
