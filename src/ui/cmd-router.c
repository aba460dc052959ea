/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* ess-setup router: what the home router has to forward to this machine. */
#include <stdlib.h>

#include "base/mem.h"
#include "model/config.h"
#include "model/state.h"
#include "ui/preview.h"
#include "ui/show.h"

static int print_json(const struct router_row *rows, size_t n, const char *to)
{
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		_cleanup_free_ char *ports = router_ports(rows[i].machine, rows[i].count);
		json_array_append_new(list, json_pack("{s:s, s:s, s:b, s:s}", "protocol", rows[i].protocol,
						      "ports", ports, "required", rows[i].required,
						      "reason", _(rows[i].reason)));
	}
	show_json(json_pack("{s:s?, s:o}", "to", to, "forward", list));
	return EXIT_OK;
}

static int run(struct ui *ui, int argc, char **argv)
{
	_cleanup_config_ struct config c = { 0 };
	_cleanup_state_ struct state s = { 0 };
	struct problems problems = { 0 };
	struct router_row rows[ROUTER_ROWS];
	struct err e = ERR_INIT;

	argc = opt_parse(&cmd_router, NULL, argc, argv);
	if (argc < 0)
		return EXIT_INVALID;
	if (argc > 1)
		return usage(&cmd_router, _("there is one word too many: %s"), argv[1]);
	if (config_load(&c, &e) < 0 || state_load(&s, &e) < 0)
		return show_failure(ui, &e);
	bool valid = config_check(&c, CONFIG_REHEARSE, &problems) == 0;
	if (!valid)
		show_problems(&problems);
	problems_done(&problems);
	if (!valid)
		return EXIT_INVALID;
	size_t n = router_table(&c, rows);
	const char *to = json_string_value(json_object_get(state_facts(&s), "machine.address"));
	if (ui->json)
		return print_json(rows, n, to);
	preview_router(stdout, rows, n, to);
	return EXIT_OK;
}

const struct command cmd_router = {
	.name = "router",
	.args = NULL,
	.summary = N_("what the router has to forward to this machine"),
	.run = run,
};
