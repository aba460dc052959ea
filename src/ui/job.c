/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "ui/job.h"

#include <stdio.h>
#include <unistd.h>

#include "base/mem.h"
#include "client/client.h"
#include "model/paths.h"
#include "model/request.h"
#include "ui/notice.h"
#include "ui/preview.h"
#include "ui/rehearse.h"
#include "ui/show.h"
#include "ui/store.h"

static int import(const struct ui *ui, const char *file)
{
	struct problems problems = { 0 };
	struct err e = ERR_INIT;
	int status = EXIT_OK;

	if (store_import(file, &problems, &e) < 0) {
		if (err_is_set(&e))
			status = show_failure(ui, &e);
		else
			status = EXIT_INVALID;
	}
	if (status != EXIT_OK)
		show_problems(&problems);
	problems_done(&problems);
	return status;
}

static int take_token(const struct ui *ui, const char *file)
{
	struct err e = ERR_INIT;
	_cleanup_secret_ char *token = store_read_secret(file, &e);

	if (!token || key_check(key_find("cloudflare.token"), token, &e) < 0 ||
	    store_secret("cloudflare.token", token, &e) < 0)
		return show_failure(ui, &e);
	return EXIT_OK;
}

static int check(const struct ui *ui, bool without_secrets)
{
	_cleanup_config_ struct config c = { 0 };
	struct problems problems = { 0 };
	struct err e = ERR_INIT;
	int status = EXIT_OK;

	if (config_load(&c, &e) == 0 && without_secrets)
		config_check(&c, ui->rehearse ? CONFIG_REHEARSE : 0, &problems);
	else if (!err_is_set(&e))
		store_check(&c, ui->rehearse, &problems, &e);
	if (err_is_set(&e))
		status = show_failure(ui, &e);
	else if (problems.nerrors)
		status = EXIT_INVALID;
	if (ui->json && status == EXIT_INVALID && !err_is_set(&e))
		show_json(json_pack("{s:b, s:o}", "ok", 0, "problems", show_problems_json(&problems)));
	else if (!ui->json)
		show_problems(&problems);
	if (status == EXIT_INVALID && !err_is_set(&e) && !ui->json)
		fputs(_("Nothing was started. Change an answer with: ess-setup config set KEY VALUE\n"), stderr);
	problems_done(&problems);
	return status;
}

int job_request(const struct ui *ui, const struct job_options *o, struct err *e)
{
	_cleanup_request_ struct request rq = {
		.job = xstrdup("install"),
		.until = o->until ? xstrdup(o->until) : NULL,
		.rehearse = ui->rehearse,
	};
	_cleanup_close_ int lock = store_lock(e);
	return lock < 0 ? -1 : request_save(&rq, e);
}

int job_prepare(const struct ui *ui, const struct job_options *o)
{
	struct err e = ERR_INIT;
	int status = EXIT_OK;

	if (!*path_root() && geteuid() != 0)
		err_set(&e, FAULT_PRE_ROOT, N_("this needs the rights of root: put sudo in front of the command"));
	pid_t holder = err_is_set(&e) ? -1 : client_holder(&e);
	if (holder > 0)
		err_set(&e, FAULT_LOCKED, N_("process %d is running"), (int)holder);
	if (err_is_set(&e))
		return show_failure(ui, &e);

	if (o->config)
		status = import(ui, o->config);
	if (status == EXIT_OK && o->token_file)
		status = take_token(ui, o->token_file);
	if (status == EXIT_OK && ui->rehearse && rehearse_prepare(ui, &e) < 0)
		status = show_failure(ui, &e);
	if (status == EXIT_OK)
		status = check(ui, o->without_secrets);
	if (status == EXIT_OK && job_request(ui, o, &e) < 0)
		status = show_failure(ui, &e);
	return status;
}

int job_confirm(const struct ui *ui)
{
	_cleanup_config_ struct config c = { 0 };
	struct err e = ERR_INIT;
	char answer[16] = "";

	if (config_load(&c, &e) < 0)
		return show_failure(ui, &e);
	if (!isatty(STDIN_FILENO))
		return usage(&cmd_apply, _("there is no terminal to ask: add --yes"));
	notice_show();
	preview_write(stdout, &c, NULL);
	printf("%s ", _("Start? 1 = yes, 0 = no:"));
	fflush(stdout);
	if (fgets(answer, sizeof(answer), stdin) && (answer[0] == '1' || answer[0] == 'y'))
		return EXIT_OK;
	puts(_("Nothing was started."));
	return EXIT_CANCELLED;
}
