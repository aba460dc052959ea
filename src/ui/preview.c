/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "ui/preview.h"

#include <stdio.h>

#include "base/mem.h"
#include "model/discovery.h"
#include "model/state.h"
#include "ui/show.h"

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

static void print_line(const struct discovery_line *l)
{
	static const char *const columns[DISCOVERY_COLUMNS] = { N_("at home"), N_("outside") };

	if (l->cell[DISCOVERY_LAN].verdict == DISCOVERY_NONE && l->cell[DISCOVERY_OUTSIDE].verdict == DISCOVERY_NONE)
		return;
	printf("  %s\n", _(l->title));
	for (size_t i = 0; i < DISCOVERY_COLUMNS; i++) {
		const char *note = l->cell[i].note;
		if (l->cell[i].verdict == DISCOVERY_NONE)
			continue;
		printf("    %s: %s%s%s%s\n", _(columns[i]), preview_verdict(l->cell[i].verdict),
		       l->cell[i].measured ? _(" (measured)") : "", note ? "; " : "", note ? _(note) : "");
	}
	if (!l->type)
		return;
	const char *args[] = { l->value ? l->value : "" };
	_cleanup_free_ char *text = err_expand(_(l->type), args, 1);
	printf("    %s\n", text);
}

void preview_router(const struct router_row *rows, size_t n, const char *to)
{
	printf(_("Forward these on the router, each to the same port of %s:\n"), to ? to : _("this machine"));
	for (size_t i = 0; i < n; i++) {
		_cleanup_free_ char *ports = router_ports(rows[i].machine, rows[i].count);
		_cleanup_free_ char *padded = show_pad(ports, 12);
		printf("  %s  %s  %s%s%s\n", rows[i].protocol, padded, _(rows[i].reason),
		       rows[i].required ? "" : " ", rows[i].required ? "" : _("(may be left out)"));
	}
}

void preview_discovery(const struct discovery *d, bool any_measured)
{
	printf("%s\n", any_measured ? _("What works, as far as it was measured:")
				    : _("What will work afterwards:"));
	for (size_t i = 0; i < DISCOVERY_ROWS; i++)
		print_line(&d->line[i]);
	printf("%s\n", _(d->summary));
	if (d->improve) {
		const char *args[] = { d->improve_value ? d->improve_value : "" };
		_cleanup_free_ char *text = err_expand(_(d->improve), args, 1);
		printf("%s\n", text);
	}
}

void preview_show(const struct config *c)
{
	_cleanup_state_ struct state s = { 0 };
	_cleanup_discovery_ struct discovery d = { 0 };
	struct router_row rows[ROUTER_ROWS];
	const json_t *facts = state_load(&s, NULL) == 0 ? state_facts(&s) : NULL;

	discovery_plan(c, discovery_hairpin(json_string_value(json_object_get(facts, "public.hairpin"))), &d);
	preview_discovery(&d, false);
	preview_router(rows, router_table(c, rows),
		       json_string_value(json_object_get(facts, "machine.address")));
}
