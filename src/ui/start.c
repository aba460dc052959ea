/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* ess-setup without a command: where one stands, what comes next, and a numbered list. Plain text, so
 * that it works on every terminal, in a pipe and spoken. */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/mem.h"
#include "model/config.h"
#include "model/paths.h"
#include "ui/ask.h"
#include "ui/notice.h"
#include "ui/show.h"
#include "ui/standing.h"
#include "ui/store.h"

extern char **environ;

/* One of our own commands as a child, so that ^C in it leads back here. */
static void run_self(const struct ui *ui, const char *const *words)
{
	const char *argv[12] = { "ess-setup", "--lang", lang_get() };
	size_t n = 3;
	pid_t pid;

	(void)ui;
	while (*words && n + 1 < ARRAY_LEN(argv))
		argv[n++] = *words++;
	fflush(NULL);
	if (posix_spawn(&pid, "/proc/self/exe", NULL, NULL, (char **)argv, environ) != 0)
		return;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* The world of this page's own rehearsal, or of a new one. New. */
static char *rehearse_option(const struct ui *ui)
{
	return ui->rehearse ? xasprintf("--rehearse=%s", path_root()) : NULL;
}

static void run_job(const struct ui *ui, const char *until)
{
	_cleanup_free_ char *rehearse = rehearse_option(ui);
	const char *words[8] = { "apply" };
	size_t n = 1;

	if (until) {
		words[n++] = "--until";
		words[n++] = until;
		words[n++] = "--yes";
	}
	if (rehearse)
		words[n++] = rehearse;
	run_self(ui, words);
}

static void check_environment(const struct ui *ui)
{
	puts(_("The steps up to the names are run: they look at this machine, its network, the names and the\n"
	       "token. The only thing they change is a TXT record, written for a moment to try the token."));
	run_job(ui, "dns");
}

/* A command without options of its own. */
static void run_simple(const struct ui *ui, const char *name)
{
	_cleanup_free_ char *rehearse = rehearse_option(ui);
	const char *words[] = { name, rehearse, NULL };
	run_self(ui, words);
}

static void rehearse(const struct ui *ui)
{
	_cleanup_free_ char *option = rehearse_option(ui);
	const char *words[] = { "apply", "--yes", option ? option : "--rehearse", NULL };
	run_self(ui, words);
}

static void choose_language(const struct ui *ui)
{
	static const char *const names[] = { "简体中文", "English" };
	static const char *const langs[] = { "zh_CN", "en" };
	_cleanup_config_ struct config c = { 0 };
	struct err e = ERR_INIT;

	puts("语言 / Language");
	unsigned n = ask_choice(names, 2, _("back"), !strcmp(lang_get(), "en") ? 2 : 1);
	if (n == 0)
		return;
	lang_set(langs[n - 1]);
	if (config_load(&c, &e) < 0 || config_set(&c, "ui.language", langs[n - 1], &e) < 0 ||
	    store_config(&c, &e) < 0)
		show_failure(ui, &e);
}

static bool language_is_open(const struct ui *ui)
{
	_cleanup_config_ struct config c = { 0 };
	return !ui->lang && config_load(&c, NULL) == 0 && !config_is_set(&c, "ui.language");
}

static bool is(const struct standing *s, const char *status)
{
	return !strcmp(s->status, status);
}

/* What makes sense now: the number of its item. */
static unsigned next_item(const struct standing *s)
{
	_cleanup_config_ struct config c = { 0 };

	if (is(s, "degraded") || (is(s, "done") && !s->at))
		return 4;
	if (!is(s, "none"))
		return 3;
	return config_load(&c, NULL) == 0 && config_is_set(&c, "domains.server_name") ? 3 : 1;
}

/* False when the user leaves; *ret_status is what the page ends with then. */
static bool one_turn(const struct ui *ui, int *ret_status)
{
	_cleanup_standing_ struct standing s = { 0 };
	struct err e = ERR_INIT;

	if (standing_get(&s, &e) < 0) {
		*ret_status = show_failure(ui, &e);
		return false;
	}
	const char *const items[] = {
		_("Configure: names, ports, certificates, administrator"),
		_("Check: machine, network, names, token"),
		is(&s, "running") ? _("Watch the installation") :
		is(&s, "none")	  ? _("Start the installation") :
				    _("Continue the installation"),
		_("Status"),
		_("Rehearse: the whole installation, without changing this machine"),
		"语言 / Language",
	};
	_cleanup_free_ char *sentence = standing_sentence(&s);
	printf("\n%s  %s\n", _("Matrix video conference server."), sentence);
	switch (ask_choice(items, ARRAY_LEN(items), _("leave"), next_item(&s))) {
	case 1:
		ask_configuration(ui);
		return true;
	case 2:
		check_environment(ui);
		return true;
	case 3:
		if (is(&s, "running"))
			run_simple(ui, "attach");
		else
			run_job(ui, NULL);
		return true;
	case 4:
		run_simple(ui, "status");
		return true;
	case 5:
		rehearse(ui);
		return true;
	case 6:
		choose_language(ui);
		return true;
	default:
		return false;
	}
}

int start_page(struct ui *ui)
{
	struct err e = ERR_INIT;

	if (!*path_root() && geteuid() != 0) {
		err_set(&e, FAULT_PRE_ROOT, N_("this needs the rights of root: put sudo in front of the command"));
		return show_failure(ui, &e);
	}
	if (language_is_open(ui))
		choose_language(ui);
	notice_show();
	int status = EXIT_OK;
	while (one_turn(ui, &status))
		;
	return status;
}
