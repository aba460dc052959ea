/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* ess-setup discovery: what works from where, and what a person types into each client. Before the
 * installation it is concluded from the answers, afterwards measured where step verify could. */
#include "base/mem.h"
#include "model/state.h"
#include "ui/preview.h"
#include "ui/show.h"

static const char *const ids[DISCOVERY_ROWS] = {
	[DISCOVERY_WEB] = "element-web",
	[DISCOVERY_X] = "element-x",
	[DISCOVERY_DESKTOP] = "element-desktop",
	[DISCOVERY_FEDERATION_IN] = "federation-in",
	[DISCOVERY_FEDERATION_OUT] = "federation-out",
	[DISCOVERY_CALLS] = "calls",
	[DISCOVERY_ADMIN] = "element-admin",
};

static json_t *cell_json(const struct discovery_cell *cell)
{
	static const char *const words[] = {
		[DISCOVERY_YES] = "yes",
		[DISCOVERY_PARTLY] = "partly",
		[DISCOVERY_NO] = "no",
		[DISCOVERY_NONE] = "none",
	};
	return json_pack("{s:s, s:b, s:s?}", "works", words[cell->verdict], "measured", cell->measured,
			 "note", cell->note ? _(cell->note) : NULL);
}

static void print_json(const struct discovery *d)
{
	json_t *rows = json_array();
	for (size_t i = 0; i < DISCOVERY_ROWS; i++)
		json_array_append_new(
			rows, json_pack("{s:s, s:s, s:o, s:o, s:s?}", "id", ids[i], "title",
					_(d->line[i].title), "home",
					cell_json(&d->line[i].cell[DISCOVERY_LAN]), "outside",
					cell_json(&d->line[i].cell[DISCOVERY_OUTSIDE]), "type",
					d->line[i].value));
	show_json(json_pack("{s:o, s:s, s:s?}", "rows", rows, "summary", _(d->summary), "improve",
			    d->improve_value));
}

static int run(struct ui *ui, int argc, char **argv)
{
	_cleanup_config_ struct config c = { 0 };
	_cleanup_state_ struct state s = { 0 };
	_cleanup_discovery_ struct discovery d = { 0 };
	struct problems problems = { 0 };
	struct err e = ERR_INIT;

	argc = opt_parse(&cmd_discovery, NULL, argc, argv);
	if (argc < 0)
		return EXIT_INVALID;
	if (argc > 1)
		return usage(&cmd_discovery, _("there is one word too many: %s"), argv[1]);
	if (config_load(&c, &e) < 0 || state_load(&s, &e) < 0)
		return show_failure(ui, &e);
	bool valid = config_check(&c, CONFIG_REHEARSE, &problems) == 0;
	if (!valid)
		show_problems(&problems);
	problems_done(&problems);
	if (!valid)
		return EXIT_INVALID;
	const json_t *facts = state_facts(&s);
	discovery_plan(&c, discovery_hairpin(json_string_value(json_object_get(facts, "public.hairpin"))), &d);
	bool any = discovery_measure(&d, json_object_get(facts, "verify.results"));
	if (ui->json)
		print_json(&d);
	else
		preview_discovery(stdout, &d, any);
	return EXIT_OK;
}

const struct command cmd_discovery = {
	.name = "discovery",
	.args = NULL,
	.summary = N_("what works from where, and what to type into each app"),
	.run = run,
};
