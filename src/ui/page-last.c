/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* "Use what I answered last time": before anything is answered on this machine, the answers of a rehearsal
 * and of exported files that lie about are offered. */
#include <pwd.h>
#include <stdlib.h>

#include "base/fs.h"
#include "base/mem.h"
#include "ui/page.h"
#include "ui/rehearse.h"
#include "ui/show.h"
#include "ui/store.h"

/* As the manual has it: ess-setup config export > ess-setup.yaml */
#define EXPORTED "ess-setup.yaml"

/* In the current folder, root's, and that of who called sudo. NULL when there is none. New. */
static char *exported_file(void)
{
	const char *user = getenv("SUDO_USER");
	const struct passwd *pw = user ? getpwnam(user) : NULL;
	const char *dirs[] = { ".", getenv("HOME"), pw ? pw->pw_dir : NULL };

	for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
		char *path = dirs[i] ? xasprintf("%s/" EXPORTED, dirs[i]) : NULL;
		if (path && fs_exists(path))
			return path;
		free(path);
	}
	return NULL;
}

static bool is_answered(void)
{
	_cleanup_config_ struct config c = { 0 };
	return config_load(&c, NULL) < 0 || config_is_set(&c, "domains.server_name");
}

static const struct problem *first_error(const struct problems *p)
{
	size_t i = 0;

	while (p->v[i].warning)
		i++;
	return &p->v[i];
}

static void take_file(struct pages *p, const char *file)
{
	struct problems problems = { 0 };
	struct err e = ERR_INIT;

	if (store_import(file, &problems, &e) < 0 && err_is_set(&e)) {
		page_failure(p, &e);
	} else if (problems.nerrors) {
		const struct problem *first = first_error(&problems);
		_cleanup_free_ char *why = show_err(&first->err);
		_cleanup_free_ char *seen = xasprintf(_("%s: %s"), first->where ? first->where : file, why);
		page_card(p, NULL, first->err.fault, seen);
	}
	problems_done(&problems);
}

static void take_rehearsal(struct pages *p, const struct config *c)
{
	struct err e = ERR_INIT;

	if (store_config(c, &e) < 0)
		page_failure(p, &e);
}

bool page_last(struct pages *p)
{
	_cleanup_free_ char *file = exported_file();
	_cleanup_config_ struct config rehearsed = { 0 };
	const char *labels[3] = { _("Answer the questions") };
	size_t n = 1, from_rehearsal = 0;

	if (is_answered())
		return true;
	bool found = !p->ui->rehearse && rehearse_answers(&rehearsed);
	_cleanup_free_ char *rehearsal = found ? xasprintf(_("Take over the answers of the rehearsal (%s)"),
							   config_str(&rehearsed, "domains.server_name")) :
						 NULL;
	_cleanup_free_ char *import = file ? xasprintf(_("Take over the answers in %s"), file) : NULL;
	if (rehearsal) {
		from_rehearsal = n + 1;
		labels[n++] = rehearsal;
	}
	if (import)
		labels[n++] = import;
	if (n == 1)
		return true;
	unsigned at = page_choose(p, _("Configure"), _("Use what you answered last time? All of it is shown again and can be changed."),
				  labels, n, _("back"), 2);
	if (at == from_rehearsal && at)
		take_rehearsal(p, &rehearsed);
	else if (at > 1)
		take_file(p, file);
	return at > 0;
}
