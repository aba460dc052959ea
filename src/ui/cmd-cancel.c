/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* ess-setup cancel: ends the run in order; what is done is kept. */
#include <poll.h>
#include <stdio.h>

#include "client/client.h"
#include "ui/show.h"

#define PATIENCE_MS 120000 /* as long as systemd gives the unit */
#define LOOK_EVERY_MS 100

/* 1 when the engine ended, 0 when it still does after all that time, -1 on failure. */
static int wait_for_end(struct err *e)
{
	for (int waited = 0; waited < PATIENCE_MS; waited += LOOK_EVERY_MS) {
		pid_t holder = client_holder(e);
		if (holder <= 0)
			return holder < 0 ? -1 : 1;
		poll(NULL, 0, LOOK_EVERY_MS);
	}
	return 0;
}

static int run(struct ui *ui, int argc, char **argv)
{
	struct err e = ERR_INIT;

	argc = opt_parse(&cmd_cancel, NULL, argc, argv);
	if (argc < 0)
		return EXIT_INVALID;
	if (argc > 1)
		return usage(&cmd_cancel, _("there is one word too many: %s"), argv[1]);
	if (client_cancel(&e) < 0)
		return show_failure(ui, &e);
	if (!ui->json)
		puts(_("The command that is running is ended in order..."));
	int ended = wait_for_end(&e);
	if (ended < 0)
		return show_failure(ui, &e);
	if (ui->json)
		show_json(json_pack("{s:b}", "cancelled", ended));
	else if (ended)
		puts(_("Cancelled. What is done is kept; continue with: ess-setup apply"));
	else
		puts(_("It takes longer. See how it ends with: ess-setup attach"));
	return ended ? EXIT_OK : EXIT_FAILED;
}

const struct command cmd_cancel = {
	.name = "cancel",
	.args = NULL,
	.summary = N_("end the run that goes on; what is done is kept"),
	.run = run,
};
