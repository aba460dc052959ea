/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* ess-setup state reset: sets the record of what is done aside, so that every step is looked at anew. */
#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "base/mem.h"
#include "model/paths.h"
#include "model/state.h"
#include "ui/show.h"
#include "ui/store.h"

static int run(struct ui *ui, int argc, char **argv)
{
	struct err e = ERR_INIT;
	_cleanup_free_ char *aside = NULL;

	argc = opt_parse(&cmd_state, NULL, argc, argv);
	if (argc < 0)
		return EXIT_INVALID;
	if (argc != 2 || strcmp(argv[1], "reset"))
		return usage(&cmd_state, _("what to do with the state is missing"));
	_cleanup_free_ char *path = path_get(PATH_STATE);
	if (!fs_exists(path)) {
		if (ui->json)
			show_json(json_pack("{s:n}", "aside"));
		else
			puts(_("There is no record to set aside."));
		return EXIT_OK;
	}
	_cleanup_close_ int lock = store_lock(&e);
	if (lock < 0 || state_reset(&aside, &e) < 0)
		return show_failure(ui, &e);
	if (ui->json)
		show_json(json_pack("{s:s?}", "aside", aside));
	else
		printf(_("The old record is now %s. The next run looks at every step anew.\n"), aside);
	return EXIT_OK;
}

const struct command cmd_state = {
	.name = "state",
	.args = "reset",
	.summary = N_("set the record of what is done aside"),
	.run = run,
};
