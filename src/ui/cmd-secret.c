/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* ess-setup secret: which secrets are stored, and one of them in plain text. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "model/secrets.h"
#include "ui/show.h"

static void add_name(void *arg, const char *name)
{
	json_array_append_new(arg, json_text(name));
}

static int list(const struct ui *ui, const struct secrets *s)
{
	_cleanup_json_ json_t *names = json_array();
	secrets_each(s, add_name, names);
	if (ui->json) {
		show_json(json_incref(names));
		return EXIT_OK;
	}
	for (size_t i = 0; i < json_array_size(names); i++)
		puts(json_string_value(json_array_get(names, i)));
	return EXIT_OK;
}

/* A pipe or a log is no place for a password, unless it is asked for by name. */
static int show(const struct ui *ui, const struct secrets *s, const char *name, bool force)
{
	const char *value = secrets_get(s, name);

	if (!value)
		return usage(&cmd_secret, _("there is no secret %s"), name);
	if (!force && !isatty(STDOUT_FILENO))
		return usage(&cmd_secret, _("this is no terminal; --force prints the secret all the same"));
	if (ui->json)
		show_json(json_pack("{s:s, s:o}", "name", name, "value", json_text(value)));
	else
		puts(value);
	return EXIT_OK;
}

static int run(struct ui *ui, int argc, char **argv)
{
	struct err e = ERR_INIT;
	bool force = false;
	const struct opt opts[] = { { "force", NULL, &force }, { 0 } };

	argc = opt_parse(&cmd_secret, opts, argc, argv);
	if (argc < 0)
		return EXIT_INVALID;
	bool is_list = argc == 2 && !strcmp(argv[1], "list");
	bool is_show = argc == 3 && !strcmp(argv[1], "show");
	if (!is_list && !is_show)
		return usage(&cmd_secret, _("what to do with the secrets is missing"));
	struct secrets *s = secrets_open(&e);
	if (!s)
		return show_failure(ui, &e);
	int status = is_list ? list(ui, s) : show(ui, s, argv[2], force);
	secrets_close(s);
	return status;
}

const struct command cmd_secret = {
	.name = "secret",
	.args = "list|show NAME [--force]",
	.summary = N_("the stored secrets: their names, or one in plain text"),
	.run = run,
};
