/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* ess-setup bundle-use: checks a bundle and puts it in place; what is installed from then on comes
 * from it. --forget goes back to fetching. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "client/client.h"
#include "model/paths.h"
#include "model/request.h"
#include "ui/bundle.h"
#include "ui/follow.h"
#include "ui/rehearse.h"
#include "ui/show.h"
#include "ui/store.h"

#define RECORD_MAX ((size_t)4 << 20)

static int forget(const struct ui *ui, struct err *e)
{
	_cleanup_free_ char *record = path_get(PATH_BUNDLE);
	_cleanup_close_ int lock = store_lock(e);
	const bool was = fs_exists(record);
	if (lock < 0 || fs_remove(record, e) < 0)
		return -1;
	if (ui->json)
		show_json(json_pack("{s:b}", "forgotten", was));
	else
		puts(was ? _("The bundle is no longer used. What is missing is fetched from the "
			     "network again.")
			 : _("No bundle was in use."));
	return 0;
}

static int request(const struct ui *ui, const char *file, struct err *e)
{
	_cleanup_request_ struct request rq = {
		.job = xstrdup("bundle-use"),
		.bundle = xstrdup(file),
		.rehearse = ui->rehearse,
	};
	_cleanup_close_ int lock = store_lock(e);
	return lock < 0 ? -1 : request_save(&rq, e);
}

static int tell(const struct ui *ui, struct err *e)
{
	_cleanup_free_ char *record = path_get(PATH_BUNDLE);
	_cleanup_free_ char *text = NULL;
	size_t len;
	if (fs_read(record, RECORD_MAX, &text, &len, e) < 0)
		return -1;
	_cleanup_json_ json_t *j = json_parse(text, len, FAULT_BUN_MANIFEST, record, e);
	if (!j)
		return -1;
	if (ui->json)
		show_json(json_pack("{s:O, s:O, s:i}", "made", json_object_get(j, "made"), "parts",
				    json_object_get(j, "parts"), "images",
				    (int)json_object_size(json_object_get(j, "images"))));
	else
		printf(_("The bundle of %s is in use: K3s %s, Helm %s, cert-manager %s, ESS %s, "
			 "%zu images.\n"
			 "The file is not needed any more. Go on with: ess-setup apply\n"),
		       json_str_at(j, "made") ?: "-", json_str_at(j, "parts.k3s.version") ?: "-",
		       json_str_at(j, "parts.helm.version") ?: "-",
		       json_str_at(j, "parts.cert_manager.version") ?: "-",
		       json_str_at(j, "parts.chart.version") ?: "-",
		       json_object_size(json_object_get(j, "images")));
	return 0;
}

static int use(const struct ui *ui, const char *name, int *ret_status, struct err *e)
{
	_cleanup_free_ char *file = bundle_absolute(name, e);
	if (!file || (ui->rehearse && rehearse_prepare(ui, e) < 0) || request(ui, file, e) < 0 ||
	    follow_foreground(ui, ret_status, e) < 0)
		return -1;
	return *ret_status == EXIT_OK ? tell(ui, e) : 0;
}

static int run(struct ui *ui, int argc, char **argv)
{
	bool gone = false;
	const struct opt opts[] = { { "forget", NULL, &gone }, { 0 } };
	struct err e = ERR_INIT;
	int status = EXIT_OK;

	argc = opt_parse(&cmd_bundle_use, opts, argc, argv);
	if (argc < 0)
		return EXIT_INVALID;
	if (argc > (gone ? 1 : 2))
		return usage(&cmd_bundle_use, _("there is one word too many: %s"), argv[argc - 1]);
	if (!gone && argc < 2)
		return usage(&cmd_bundle_use, _("the name of the file is missing"));
	if (!*path_root() && geteuid() != 0)
		err_set(&e, FAULT_PRE_ROOT,
			N_("this needs the rights of root: put sudo in front of the command"));
	if (err_is_set(&e) || (gone ? forget(ui, &e) : use(ui, argv[1], &status, &e)) < 0)
		return show_failure(ui, &e);
	return status;
}

const struct command cmd_bundle_use = {
	.name = "bundle-use",
	.args = "FILE|--forget",
	.summary = N_("install from a bundle; --forget: from the network again"),
	.run = run,
};
