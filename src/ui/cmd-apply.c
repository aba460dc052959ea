/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* ess-setup apply: starts the installation, or goes on with it where it stood. */
#include <stdio.h>

#include "client/client.h"
#include "ui/follow.h"
#include "ui/job.h"
#include "ui/show.h"

static int run(struct ui *ui, int argc, char **argv)
{
	struct job_options o = { 0 };
	bool yes = false, foreground = false;
	const struct opt opts[] = {
		{ "config", &o.config, NULL },
		{ "yes", NULL, &yes },
		{ "foreground", NULL, &foreground },
		{ "until", &o.until, NULL },
		{ "cloudflare-token-file", &o.token_file, NULL },
		{ 0 },
	};
	struct err e = ERR_INIT;
	int run_status = EXIT_OK;

	argc = opt_parse(&cmd_apply, opts, argc, argv);
	if (argc < 0)
		return EXIT_INVALID;
	if (argc > 1)
		return usage(&cmd_apply, _("there is one word too many: %s"), argv[1]);
	int status = job_prepare(ui, &o);
	if (status == EXIT_OK && !yes)
		status = job_confirm(ui);
	if (status != EXIT_OK)
		return status;
	int r = foreground ? follow_foreground(ui, &run_status, &e) : client_start(&e);
	if (r == 0 && !foreground)
		r = follow_run(ui, &run_status, &e);
	return r < 0 ? show_failure(ui, &e) : run_status;
}

const struct command cmd_apply = {
	.name = "apply",
	.args = "[--config FILE] [--cloudflare-token-file FILE] [--yes] [--foreground] [--until STEP]",
	.summary = N_("install, or continue where it stopped"),
	.run = run,
};
