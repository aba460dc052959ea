/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* ess-setup render -o DIR: every file that the installation generates, secrets left out. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "ui/call.h"
#include "ui/job.h"
#include "ui/show.h"

/* The engine's working directory is not the user's. New. */
static char *absolute(const char *dir)
{
	char cwd[PATH_MAX];
	if (dir[0] == '/' || !getcwd(cwd, sizeof(cwd)))
		return xstrdup(dir);
	return xasprintf("%s/%s", cwd, dir);
}

static int run(struct ui *ui, int argc, char **argv)
{
	const char *dir = NULL;
	const struct opt opts[] = { { "o", &dir, NULL }, { 0 } };
	const struct job_options o = { .without_secrets = true };
	struct err e = ERR_INIT;

	argc = opt_parse(&cmd_render, opts, argc, argv);
	if (argc < 0)
		return EXIT_INVALID;
	if (argc > 1 || !dir)
		return usage(&cmd_render, _("the folder is missing"));
	int status = job_prepare(ui, &o);
	if (status != EXIT_OK)
		return status;
	_cleanup_free_ char *path = absolute(dir);
	const char *const ask[] = { "ess-engine", "render", "-o", path, NULL };
	_cleanup_json_ json_t *answer = call_json(ask, &e);
	if (!answer)
		return show_failure(ui, &e);
	if (ui->json) {
		show_json(json_incref(answer));
		return EXIT_OK;
	}
	const json_t *files = json_object_get(answer, "files");
	for (size_t i = 0; i < json_array_size(files); i++)
		printf("%s/%s\n", dir, json_string_value(json_array_get(files, i)) ?: "");
	const char *fact;
	json_t *value;
	json_object_foreach(json_object_get(answer, "assumed"), fact, value)
		printf(_("Not known before the installation, so assumed: %s = %s\n"), fact,
		       json_string_value(value) ?: "");
	return EXIT_OK;
}

const struct command cmd_render = {
	.name = "render",
	.args = "-o DIR",
	.summary = N_("write every generated file to a folder, to look at"),
	.run = run,
};
