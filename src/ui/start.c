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
#include "ui/page.h"
#include "ui/show.h"
#include "ui/standing.h"
#include "ui/start.h"
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

const char *start_check_text(void)
{
	return _("The steps up to the names are run: they look at this machine, its network, the names and the\n"
		 "token. The only thing they change is a TXT record, written for a moment to try the token.");
}

static void check_environment(const struct ui *ui)
{
	puts(start_check_text());
	run_job(ui, START_CHECK_UNTIL);
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

const char *const start_language_names[START_LANGUAGES] = { "简体中文", "English" };
const char *const start_languages[START_LANGUAGES] = { "zh_CN", "en" };

int start_set_language(const char *lang, struct err *e)
{
	_cleanup_config_ struct config c = { 0 };

	lang_set(lang);
	if (config_load(&c, e) < 0 || config_set(&c, "ui.language", lang, e) < 0)
		return -1;
	return store_config(&c, e);
}

static void choose_language(const struct ui *ui)
{
	struct err e = ERR_INIT;

	puts("语言 / Language");
	unsigned n = ask_choice(start_language_names, START_LANGUAGES, _("back"),
				!strcmp(lang_get(), "en") ? 2 : 1);
	if (n > 0 && start_set_language(start_languages[n - 1], &e) < 0)
		show_failure(ui, &e);
}

bool start_language_is_open(const struct ui *ui)
{
	_cleanup_config_ struct config c = { 0 };
	return !ui->lang && config_load(&c, NULL) == 0 && !config_is_set(&c, "ui.language");
}

/* --- the items -------------------------------------------------------------------------------- */

static bool is(const struct standing *s, const char *status)
{
	return !strcmp(s->status, status);
}

bool start_is_running(const struct standing *s)
{
	return is(s, "running");
}

enum start_item start_next(const struct standing *s)
{
	_cleanup_config_ struct config c = { 0 };

	if (is(s, "degraded") || (is(s, "done") && !s->at))
		return START_STATUS;
	if (!is(s, "none"))
		return START_INSTALL;
	return config_load(&c, NULL) == 0 && config_is_set(&c, "domains.server_name") ? START_INSTALL :
											START_CONFIGURE;
}

void start_texts(const struct standing *s, const char *ret[START_ITEMS])
{
	ret[START_CONFIGURE] = _("Configure: names, ports, certificates, administrator");
	ret[START_CHECK] = _("Check: machine, network, names, token");
	ret[START_INSTALL] = is(s, "running") ? _("Watch the installation") :
			     is(s, "none")    ? _("Start the installation") :
						_("Continue the installation");
	ret[START_STATUS] = _("Status");
	ret[START_REHEARSE] = _("Rehearse: the whole installation, without changing this machine");
	ret[START_LANGUAGE] = "语言 / Language";
}

static void do_item(const struct ui *ui, enum start_item item, bool running)
{
	switch (item) {
	case START_CONFIGURE:
		ask_configuration(ui);
		break;
	case START_CHECK:
		check_environment(ui);
		break;
	case START_INSTALL:
		if (running)
			run_simple(ui, "attach");
		else
			run_job(ui, NULL);
		break;
	case START_STATUS:
		run_simple(ui, "status");
		break;
	case START_REHEARSE:
		rehearse(ui);
		break;
	case START_LANGUAGE:
		choose_language(ui);
		break;
	case START_ITEMS:
		break;
	}
}

/* False when the user leaves; *ret_status is what the page ends with then. */
static bool one_turn(const struct ui *ui, int *ret_status)
{
	_cleanup_standing_ struct standing s = { 0 };
	const char *items[START_ITEMS];
	struct err e = ERR_INIT;

	if (standing_get(&s, &e) < 0) {
		*ret_status = show_failure(ui, &e);
		return false;
	}
	start_texts(&s, items);
	_cleanup_free_ char *sentence = standing_sentence(&s);
	printf("\n%s  %s\n", _("Matrix video conference server."), sentence);
	unsigned n = ask_choice(items, START_ITEMS, _("leave"), start_next(&s) + 1);
	if (n > 0)
		do_item(ui, n - 1, start_is_running(&s));
	return n > 0;
}

int start_page(struct ui *ui)
{
	struct err e = ERR_INIT;

	if (!*path_root() && geteuid() != 0) {
		err_set(&e, FAULT_PRE_ROOT, N_("this needs the rights of root: put sudo in front of the command"));
		return show_failure(ui, &e);
	}
	if (pages_possible(ui))
		return pages_run(ui);
	if (start_language_is_open(ui))
		choose_language(ui);
	notice_show();
	int status = EXIT_OK;
	while (one_turn(ui, &status))
		;
	return status;
}
