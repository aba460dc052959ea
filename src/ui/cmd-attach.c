/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* ess-setup attach: watches the run that goes on in the background, or shows how the last one went. */
#include "ui/follow.h"
#include "ui/page.h"
#include "ui/show.h"

static int run(struct ui *ui, int argc, char **argv)
{
	struct err e = ERR_INIT;
	int status = EXIT_OK;

	argc = opt_parse(&cmd_attach, NULL, argc, argv);
	if (argc < 0)
		return EXIT_INVALID;
	if (argc > 1)
		return usage(&cmd_attach, _("there is one word too many: %s"), argv[1]);
	if (pages_possible(ui))
		return pages_attach(ui);
	if (follow_run(ui, &status, &e) < 0)
		return show_failure(ui, &e);
	return status;
}

const struct command cmd_attach = {
	.name = "attach",
	.args = NULL,
	.summary = N_("watch the run that goes on in the background, or see the last one"),
	.run = run,
};
