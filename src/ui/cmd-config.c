/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* ess-setup config: the answers, one by one or as a file. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "model/config-yaml.h"
#include "ui/show.h"
#include "ui/store.h"

/* Problems for people or programs; 0 or EXIT_INVALID. */
static int report(const struct ui *ui, const struct problems *p)
{
	if (ui->json)
		show_json(json_pack("{s:b, s:o}", "ok", p->nerrors == 0, "problems", show_problems_json(p)));
	else
		show_problems(p);
	return p->nerrors ? EXIT_INVALID : EXIT_OK;
}

static int check(struct ui *ui, char **words)
{
	_cleanup_config_ struct config c = { 0 };
	struct problems problems = { 0 };
	struct err e = ERR_INIT;

	(void)words;
	if (config_load(&c, &e) < 0)
		return show_failure(ui, &e);
	store_check(&c, ui->rehearse, &problems, &e);
	int status = err_is_set(&e) ? show_failure(ui, &e) : report(ui, &problems);
	if (status == EXIT_OK && !ui->json)
		puts(_("The configuration is complete and valid."));
	problems_done(&problems);
	return status;
}

static int import(struct ui *ui, char **words)
{
	struct problems problems = { 0 };
	struct err e = ERR_INIT;
	int status;

	if (store_import(words[0], &problems, &e) < 0 && err_is_set(&e))
		status = show_failure(ui, &e);
	else
		status = report(ui, &problems);
	if (!ui->json)
		puts(status == EXIT_OK ? _("The configuration was taken over.") : _("Nothing was changed."));
	problems_done(&problems);
	return status;
}

static int export(struct ui *ui, char **words)
{
	_cleanup_config_ struct config c = { 0 };
	struct err e = ERR_INIT;

	(void)words;
	if (config_load(&c, &e) < 0)
		return show_failure(ui, &e);
	if (ui->json) {
		show_json(json_incref(c.root));
		return EXIT_OK;
	}
	_cleanup_free_ char *text = config_export(&c);
	fputs(text, stdout);
	return EXIT_OK;
}

static int get(struct ui *ui, char **words)
{
	_cleanup_config_ struct config c = { 0 };
	struct err e = ERR_INIT;
	const struct key *key = key_find(words[0]);

	if (!key || key->flags & KEY_SECRET) {
		/* config_set() knows how to say it, and names the nearest key. */
		config_new(&c);
		config_set(&c, words[0], "", &e);
		return show_failure(ui, &e);
	}
	if (config_load(&c, &e) < 0)
		return show_failure(ui, &e);
	_cleanup_free_ char *text = config_text(&c, words[0]);
	if (ui->json)
		show_json(json_pack("{s:s, s:o}", "key", words[0], "value", config_json(&c, words[0])));
	else
		puts(text);
	return EXIT_OK;
}

static int set_secret(struct ui *ui, const struct key *key, const char *file)
{
	struct err e = ERR_INIT;
	_cleanup_secret_ char *value = store_read_secret(file, &e);

	if (!value || key_check(key, value, &e) < 0 || store_secret(key->name, value, &e) < 0)
		return show_failure(ui, &e);
	return EXIT_OK;
}

/* What this answer does together with the others; the value itself is right. */
static void note_conflicts(const struct ui *ui, const struct config *c, const char *name)
{
	struct problems all = { 0 };

	config_check(c, ui->rehearse ? CONFIG_REHEARSE : 0, &all);
	for (size_t i = 0; i < all.n; i++) {
		if (!all.v[i].key || strcmp(all.v[i].key, name))
			continue;
		_cleanup_free_ char *text = show_err(&all.v[i].err);
		fprintf(stderr, _("Note: %s\n"), text);
	}
	problems_done(&all);
}

static int set_plain(struct ui *ui, const char *name, const char *value)
{
	_cleanup_config_ struct config c = { 0 };
	struct err e = ERR_INIT;

	if (config_load(&c, &e) < 0 || config_set(&c, name, value, &e) < 0 || store_config(&c, &e) < 0)
		return show_failure(ui, &e);
	if (value)
		note_conflicts(ui, &c, name);
	return EXIT_OK;
}

static int unset(struct ui *ui, char **words)
{
	const struct key *key = key_find(words[0]);
	struct err e = ERR_INIT;

	if (!key || !(key->flags & KEY_SECRET))
		return set_plain(ui, words[0], NULL);
	return store_secret(words[0], NULL, &e) < 0 ? show_failure(ui, &e) : EXIT_OK;
}

static int set(struct ui *ui, const char *name, const char *value, const char *file)
{
	const struct key *key = key_find(name);

	if (!key || !(key->flags & KEY_SECRET)) {
		if (!value || file)
			return usage(&cmd_config, _("a value for %s is missing"), name);
		return set_plain(ui, name, value);
	}
	/* Whoever lists the processes sees the words of a command. */
	if (value && strcmp(value, "-"))
		return usage(&cmd_config, _("%s is a secret: give it with --file FILE, or type - and then the secret"), name);
	if (!value && !file)
		return usage(&cmd_config, _("a value for %s is missing"), name);
	return set_secret(ui, key, file ? file : "-");
}

static int run(struct ui *ui, int argc, char **argv)
{
	static const struct {
		const char *name;
		int words;
		int (*run)(struct ui *ui, char **words);
	} actions[] = {
		{ "check", 0, check }, { "import", 1, import }, { "export", 0, export },
		{ "get", 1, get },     { "unset", 1, unset },
	};
	const char *file = NULL;
	const struct opt opts[] = { { "file", &file, NULL }, { 0 } };

	argc = opt_parse(&cmd_config, opts, argc, argv);
	if (argc < 0)
		return EXIT_INVALID;
	if (argc < 2)
		return usage(&cmd_config, _("what to do with the configuration is missing"));
	if (!strcmp(argv[1], "set") && (argc == 3 || argc == 4))
		return set(ui, argv[2], argc == 4 ? argv[3] : NULL, file);
	for (size_t i = 0; i < ARRAY_LEN(actions); i++)
		if (!strcmp(actions[i].name, argv[1]) && argc == 2 + actions[i].words)
			return actions[i].run(ui, argv + 2);
	return usage(&cmd_config, _("this is not understood: %s"), argv[1]);
}

const struct command cmd_config = {
	.name = "config",
	.args = "check | import FILE | export | get KEY | set KEY VALUE | set SECRET -|--file FILE | unset KEY",
	.summary = N_("the answers: check, read, change them"),
	.run = run,
};
