/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "ui/preview.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "model/state.h"
#include "ui/call.h"
#include "ui/show.h"

#define TITLE_COLS 28
#define HOME_COLS 13
#define PORT_COLS 12

/* --- versions, size, time --------------------------------------------------------------------- */

static void write_versions(FILE *out, const struct config *c, const json_t *facts)
{
	static const struct { const char *name, *fact; } parts[] = {
		{ "K3s", "supply.k3s.version" },
		{ "Helm", "supply.helm.version" },
		{ "cert-manager", "supply.cert_manager.version" },
		{ "ESS", "supply.chart.version" },
	};
	const char *sep = "";

	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		const char *version = json_string_value(json_object_get(facts, parts[i].fact));
		if (!version)
			continue;
		fprintf(out, "%s%s %s", *sep ? sep : _("Installs: "), parts[i].name, version);
		sep = ", ";
	}
	if (*sep)
		fputc('\n', out);
	else
		fprintf(out, _("Installs: K3s %s, Helm, cert-manager and ESS, each the newest stable release.\n"),
			config_str(c, "supply.k3s_channel"));
}

/* The estimates of the engine's steps; 0 when it cannot be asked. */
static int minutes(void)
{
	static const char *const ask[] = { "ess-engine", "plan", "--steps", NULL };
	_cleanup_json_ json_t *steps = call_json(ask, NULL);
	long long s = 0;

	for (size_t i = 0; i < json_array_size(steps); i++)
		s += json_int_at(json_array_get(steps, i), "estimate_s", 0);
	return (int)((s + 59) / 60);
}

/* The images of ESS are most of it; the releases differ by some hundred MB. */
static void write_cost(FILE *out)
{
	int m = minutes();
	if (m > 0)
		fprintf(out, _("About 2 GB are downloaded; it takes about %d minutes.\n"), m);
}

/* --- what works from where -------------------------------------------------------------------- */

const char *preview_verdict(enum discovery_verdict v)
{
	switch (v) {
	case DISCOVERY_YES:
		return _("yes");
	case DISCOVERY_PARTLY:
		return _("yes, if");
	case DISCOVERY_NO:
		return _("no");
	case DISCOVERY_NONE:
		break;
	}
	return "-";
}

static void write_row(FILE *out, const char *title, const char *home, const char *outside)
{
	_cleanup_free_ char *first = show_pad(title, TITLE_COLS);
	_cleanup_free_ char *second = show_pad(home, HOME_COLS);
	fprintf(out, "%s%s%s\n", first, second, outside);
}

/* Conditions stand below the table, each once, under a number. */
struct footnotes {
	const char *note[DISCOVERY_ROWS * DISCOVERY_COLUMNS];
	size_t n;
};

static size_t number_of(struct footnotes *f, const char *note)
{
	for (size_t i = 0; i < f->n; i++)
		if (!strcmp(f->note[i], note))
			return i + 1;
	f->note[f->n++] = note;
	return f->n;
}

static char *cell_text(struct footnotes *f, const struct discovery_cell *cell)
{
	const char *word = preview_verdict(cell->verdict), *mark = cell->measured ? "*" : "";
	return cell->note ? xasprintf("%s%s (%zu)", word, mark, number_of(f, cell->note)) : xasprintf("%s%s", word, mark);
}

static void write_line(FILE *out, struct footnotes *f, const struct discovery_line *l)
{
	const struct discovery_cell *home = &l->cell[DISCOVERY_LAN], *outside = &l->cell[DISCOVERY_OUTSIDE];

	if (home->verdict == DISCOVERY_NONE && outside->verdict == DISCOVERY_NONE)
		return;
	_cleanup_free_ char *first = cell_text(f, home), *second = cell_text(f, outside);
	write_row(out, _(l->title), first, second);
	if (!l->type)
		return;
	const char *args[] = { l->value ? l->value : "" };
	_cleanup_free_ char *text = err_expand(_(l->type), args, 1);
	fprintf(out, "  %s\n", text);
}

void preview_discovery(FILE *out, const struct discovery *d, bool any_measured)
{
	struct footnotes f = { .n = 0 };

	write_row(out, any_measured ? _("What works (* measured)") : _("What will work"), _("at home"), _("outside"));
	for (size_t i = 0; i < DISCOVERY_ROWS; i++)
		write_line(out, &f, &d->line[i]);
	for (size_t i = 0; i < f.n; i++)
		fprintf(out, "(%zu) %s\n", i + 1, _(f.note[i]));
	fprintf(out, "%s\n", _(d->summary));
	if (!d->improve)
		return;
	const char *args[] = { d->improve_value ? d->improve_value : "" };
	_cleanup_free_ char *text = err_expand(_(d->improve), args, 1);
	fprintf(out, "%s\n", text);
}

void preview_router(FILE *out, const struct router_row *rows, size_t n, const char *to)
{
	fprintf(out, _("Forward these on the router, each to the same port of %s:\n"), to ? to : _("this machine"));
	for (size_t i = 0; i < n; i++) {
		_cleanup_free_ char *ports = router_ports(rows[i].machine, rows[i].count);
		_cleanup_free_ char *padded = show_pad(ports, PORT_COLS);
		fprintf(out, "%s %s %s%s%s\n", rows[i].protocol, padded, _(rows[i].reason),
			rows[i].required ? "" : " ", rows[i].required ? "" : _("(may be left out)"));
	}
}

/* --- whole texts ------------------------------------------------------------------------------ */

static void write_tables(FILE *out, const struct config *c, const json_t *facts)
{
	_cleanup_discovery_ struct discovery d = { 0 };
	struct router_row rows[ROUTER_ROWS];

	discovery_plan(c, discovery_hairpin(json_string_value(json_object_get(facts, "public.hairpin"))), &d);
	bool any = discovery_measure(&d, json_object_get(facts, "verify.results"));
	preview_discovery(out, &d, any);
	fputc('\n', out);
	preview_router(out, rows, router_table(c, rows), json_string_value(json_object_get(facts, "machine.address")));
}

char *preview_tables(const struct config *c)
{
	_cleanup_state_ struct state s = { 0 };
	const json_t *facts = state_load(&s, NULL) == 0 ? state_facts(&s) : NULL;
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		abort();
	write_tables(out, c, facts);
	fclose(out);
	return text;
}

void preview_write(FILE *out, const struct config *c, const struct problems *problems)
{
	_cleanup_state_ struct state s = { 0 };
	const json_t *facts = state_load(&s, NULL) == 0 ? state_facts(&s) : NULL;

	fprintf(out, _("Server name: %s, HTTPS port %ld. Important data on this machine should be backed up first.\n"),
		config_str(c, "domains.server_name"), config_int(c, "ports.https"));
	write_versions(out, c, facts);
	write_cost(out);
	for (size_t i = 0; problems && i < problems->n; i++) {
		_cleanup_free_ char *text = show_reason(&problems->v[i].err);
		fprintf(out, _("Note: %s\n"), text);
	}
	fputc('\n', out);
	write_tables(out, c, facts);
}
