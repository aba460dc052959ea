/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* ess-setup status: the steps, what was done, what failed. */
#include <stdio.h>

#include "ui/show.h"
#include "ui/standing.h"

static int run(struct ui *ui, int argc, char **argv)
{
	_cleanup_standing_ struct standing s = { 0 };
	struct err e = ERR_INIT;

	argc = opt_parse(&cmd_status, NULL, argc, argv);
	if (argc < 0)
		return EXIT_INVALID;
	if (argc > 1)
		return usage(&cmd_status, _("there is one word too many: %s"), argv[1]);
	if (standing_get(&s, &e) < 0)
		return show_failure(ui, &e);
	if (ui->json) {
		show_json(json_pack("{s:s, s:s, s:O}", "job", s.job, "status", s.status, "steps", s.steps));
		return EXIT_OK;
	}
	standing_write(&s, stdout);
	return EXIT_OK;
}

const struct command cmd_status = {
	.name = "status",
	.args = NULL,
	.summary = N_("where the installation stands, step by step"),
	.run = run,
};
