/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* A rehearsal from the menu: the whole installation with this machine's answers, in a simulated world
 * below a folder of its own. */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "client/client.h"
#include "model/paths.h"
#include "ui/page.h"
#include "ui/rehearse.h"

/* The answers of this machine, where there are any; a rehearsal without them has the example's. */
static int begin(struct pages *p, const struct config *answers, struct err *e)
{
	page_wait(p, _("One moment..."));
	if (rehearse_wipe(e) < 0)
		return -1;
	return config_is_set(answers, "domains.server_name") ? rehearse_take(answers, e) : 0;
}

static void in_the_world(struct pages *p, const struct config *answers)
{
	const char *const labels[] = { _("Begin anew"), _("Go on with it") };
	struct err e = ERR_INIT;

	if (client_holder(NULL) > 0) {
		page_watch(p);
		return;
	}
	unsigned n = 1;
	if (rehearse_used())
		n = page_choose(p, _("Rehearsal"), _("There is a rehearsal from before."), labels,
				ARRAY_LEN(labels), _("back"), 1);
	if (n == 1 && begin(p, answers, &e) < 0)
		page_failure(p, &e);
	else if (n > 0)
		page_run(p, NULL);
}

void page_rehearse(struct pages *p)
{
	struct ui here = *p->ui, *real = p->ui;
	_cleanup_free_ char *root = xstrdup(path_root());
	_cleanup_config_ struct config answers = { 0 };
	struct err e = ERR_INIT;

	if (real->rehearse) {
		page_run(p, NULL);
		return;
	}
	if (config_load(&answers, &e) < 0 || rehearse_enter(NULL, &e) < 0) {
		page_failure(p, &e);
		return;
	}
	here.rehearse = true;
	p->ui = &here;
	in_the_world(p, &answers);
	p->ui = real;
	if (*root)
		setenv("ESS_SETUP_ROOT", root, 1);
	else
		unsetenv("ESS_SETUP_ROOT");
}
