/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* ess-setup: the options that every command has, and the table of commands. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/mem.h"
#include "model/config.h"
#include "ui/page.h"
#include "ui/rehearse.h"
#include "ui/scenario.h"
#include "ui/show.h"
#include "ui/ui.h"

static const struct command *const commands[] = {
	&cmd_config,
	&cmd_plan,
	&cmd_apply,
	&cmd_render,
	&cmd_status,
	&cmd_attach,
	&cmd_cancel,
	&cmd_log,
	&cmd_explain,
	&cmd_router,
	&cmd_discovery,
	&cmd_user,
	&cmd_secret,
	&cmd_kept,
	&cmd_state,
	&cmd_bundle_make,
	&cmd_bundle_use,
};

struct global {
	const char *rehearse_dir; /* NULL: the usual one */
	bool help, version, list_scenarios;
};

static void print_help(void)
{
	puts(_("ess-setup sets up a Matrix video conference server on this machine, and looks after it."));
	puts("");
	puts(_("Usage: ess-setup [OPTION...] [COMMAND [ARGUMENT...]]"));
	puts(_("Without a command: a numbered menu, 0 leads back."));
	puts("");
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		_cleanup_free_ char *name = show_pad(commands[i]->name, 12);
		printf("  %s %s\n", name, _(commands[i]->summary));
		if (commands[i]->args)
			printf("  %12s %s\n", "", commands[i]->args);
	}
	puts("");
	puts(_("  --rehearse[=DIR]  practise in a simulated world; nothing on this machine is changed\n"
	       "  --scenario NAME   with a trouble of the field; --list-scenarios names them all\n"
	       "  --json            answers for programs\n"
	       "  --plain           text line by line instead of dialogs\n"
	       "  --lang LANGUAGE   zh_CN, en or auto\n"
	       "  --help, --version"));
}

static void print_command_help(const struct command *cmd)
{
	printf("%s\n", _(cmd->summary));
	printf(_("Usage: ess-setup %s %s\n"), cmd->name, cmd->args ? cmd->args : "");
}

static const char *value_of(const char *word, const char *option)
{
	size_t n = strlen(option);
	return !strncmp(word, option, n) && word[n] == '=' ? word + n + 1 : NULL;
}

/* Takes the common options out of argv wherever they stand. Returns how many words are left, -1 when
 * an option is wrong. */
static int take_options(struct ui *ui, struct global *g, int argc, char **argv)
{
	int left = 1;
	for (int i = 1; i < argc; i++) {
		const char *v, *word = argv[i];
		if (!strcmp(word, "--")) {
			while (i < argc)
				argv[left++] = argv[i++];
			break;
		}
		if (!strcmp(word, "--json"))
			ui->json = true;
		else if (!strcmp(word, "--plain"))
			ui->plain = true;
		else if (!strcmp(word, "--help") || !strcmp(word, "-h"))
			g->help = true;
		else if (!strcmp(word, "--version"))
			g->version = true;
		else if (!strcmp(word, "--rehearse"))
			ui->rehearse = true;
		else if ((v = value_of(word, "--rehearse"))) {
			ui->rehearse = true;
			g->rehearse_dir = v;
		} else if (!strcmp(word, "--list-scenarios"))
			g->list_scenarios = true;
		else if (!strcmp(word, "--scenario") && i + 1 < argc)
			ui->scenario = argv[++i];
		else if ((v = value_of(word, "--scenario")))
			ui->scenario = v;
		else if (!strcmp(word, "--lang") && i + 1 < argc)
			ui->lang = argv[++i];
		else if ((v = value_of(word, "--lang")))
			ui->lang = v;
		else
			argv[left++] = argv[i];
	}
	argv[left] = NULL;
	if (ui->lang && !lang_known(ui->lang)) {
		lang_set(NULL);
		usage(NULL, _("the language %s is not known; there are: zh_CN, en, auto"), ui->lang);
		return -1;
	}
	if (ui->scenario && !ui->rehearse) {
		usage(NULL, _("--scenario needs --rehearse: it is for the simulated world only"));
		return -1;
	}
	return left;
}

/* A config that cannot be read is met again, and explained, by the command. */
static void choose_language(const struct ui *ui)
{
	_cleanup_config_ struct config c = { 0 };
	if (ui->lang)
		lang_set(ui->lang);
	else
		lang_set(config_load(&c, NULL) == 0 ? config_str(&c, "ui.language") : NULL);
}

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (!strcmp(commands[i]->name, name))
			return commands[i];
	return NULL;
}

int main(int argc, char **argv)
{
	struct ui ui = { 0 };
	struct global g = { 0 };
	struct err e = ERR_INIT;

	fs_open_std_fds();
	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0); /* so that a log of ours keeps the order of both streams */
	argc = take_options(&ui, &g, argc, argv);
	if (argc < 0)
		return EXIT_INVALID;
	lang_set(ui.lang);
	if (g.version) {
		puts(PACKAGE_STRING);
		return EXIT_OK;
	}
	const struct command *cmd = argc > 1 ? command_find(argv[1]) : NULL;
	if (argc > 1 && !cmd)
		return usage(NULL, _("there is no command %s; see: ess-setup --help"), argv[1]);
	if (g.list_scenarios)
		return scenario_list(&ui);
	if (g.help) {
		if (cmd)
			print_command_help(cmd);
		else
			print_help();
		return EXIT_OK;
	}
	if (ui.rehearse && rehearse_enter(g.rehearse_dir, &e) < 0)
		return show_failure(&ui, &e);
	choose_language(&ui);
	show_banner(&ui);
	return cmd ? cmd->run(&ui, argc - 1, argv + 1) : pages_run(&ui);
}
