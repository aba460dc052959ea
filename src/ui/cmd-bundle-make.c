/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* ess-setup bundle-make: everything that an installation fetches, in one file. It works in a folder
 * beside that file, which is a root of its own: nothing else on the machine is touched, and no
 * rights are needed. A run that was stopped goes on there. */
#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "model/paths.h"
#include "model/request.h"
#include "ui/bundle.h"
#include "ui/follow.h"
#include "ui/rehearse.h"
#include "ui/show.h"
#include "ui/store.h"

char *bundle_absolute(const char *file, struct err *e)
{
	const char *slash = strrchr(file, '/');
	_cleanup_free_ char *folder =
		slash ? xstrndup(file, (size_t)(slash - file) + 1) : xstrdup(".");
	char *real = realpath(folder, NULL);
	if (!real) {
		err_set(e, FAULT_IO, N_("%s: %s"), folder, strerror(errno));
		return NULL;
	}
	char *path = xasprintf("%s/%s", strcmp(real, "/") ? real : "", slash ? slash + 1 : file);
	free(real);
	return path;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	return remove(path);
}

/* In a rehearsal inside the simulated world, so that its stand-ins know where they are. */
static char *work_folder(const struct ui *ui, const char *file)
{
	return ui->rehearse ? path_under("/var/cache/ess-setup/bundle-make")
			    : xasprintf("%s.work", file);
}

/* The answers decide which images there are and through which mirrors they come: a file that was
 * given, else this machine's, else the example's, with every part that can be switched on. */
static int put_answers(const struct ui *ui, const char *config_file, const char *work,
		       struct err *e)
{
	_cleanup_config_ struct config c = { 0 };
	struct problems problems = { 0 };
	const char *data = secure_getenv("ESS_SETUP_DATADIR") ?: PKGDATADIR;
	_cleanup_free_ char *example = xasprintf("%s/site.yaml", data);

	if (config_load(&c, e) < 0)
		return -1;
	setenv("ESS_SETUP_ROOT", work, 1);
	_cleanup_free_ char *dir = path_get(PATH_STATE_DIR);
	if (fs_mkdir_p(dir, 0700, e) < 0 || store_config(&c, e) < 0)
		return -1;
	const char *file = config_file				      ? config_file
			   : config_is_set(&c, "domains.server_name") ? NULL
								      : example;
	int r = file ? store_import(file, &problems, e) : 0;
	if (r < 0 && !err_is_set(e) && problems.n > 0)
		*e = problems.v[0].err;
	problems_done(&problems);
	_cleanup_config_ struct config all = { 0 };
	if (r < 0 || config_load(&all, e) < 0 ||
	    /* An existing cluster's configuration would give a bundle without K3s. */
	    config_set(&all, "cluster.kind", "k3s", e) < 0 ||
	    (file == example &&
	     config_set(&all, "scale.synapse_workers", "client-reader", e) < 0))
		return -1;
	return store_config(&all, e);
}

/* The engine looks for tar and the like below its root. */
static int put_tools(const char *work, struct err *e)
{
	_cleanup_free_ char *usr = xasprintf("%s/usr", work);
	_cleanup_free_ char *bin = xasprintf("%s/bin", usr);
	return fs_mkdir_p(usr, 0755, e) < 0 ? -1 : fs_symlink("/usr/bin", bin, e);
}

static int make(const struct ui *ui, const char *file, const char *arch, const char *config,
		int *ret_status, struct err *e)
{
	_cleanup_free_ char *work = work_folder(ui, file);
	_cleanup_request_ struct request rq = {
		.job = xstrdup("bundle-make"),
		.bundle = xstrdup(file),
		.arch = arch ? xstrdup(arch) : NULL,
		.rehearse = true, /* the example's names may be in the answers */
	};
	if (fs_mkdir_p(work, 0700, e) < 0 || put_tools(work, e) < 0 ||
	    put_answers(ui, config, work, e) < 0 || request_save(&rq, e) < 0 ||
	    follow_foreground(ui, ret_status, e) < 0)
		return -1;
	if (*ret_status == EXIT_OK)
		nftw(work, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	else if (!ui->json)
		fprintf(stderr,
			_("What was fetched so far is kept in %s; the same command goes on "
			  "there.\n"),
			work);
	return 0;
}

static int run(struct ui *ui, int argc, char **argv)
{
	const char *arch = NULL, *config = NULL;
	const struct opt opts[] = { { "arch", &arch, NULL }, { "config", &config, NULL }, { 0 } };
	struct err e = ERR_INIT;
	int status = EXIT_OK;

	argc = opt_parse(&cmd_bundle_make, opts, argc, argv);
	if (argc < 0)
		return EXIT_INVALID;
	if (argc != 2)
		return argc < 2 ? usage(&cmd_bundle_make, _("the name of the file is missing"))
				: usage(&cmd_bundle_make, _("there is one word too many: %s"),
					argv[2]);
	if (arch && strcmp(arch, "amd64") && strcmp(arch, "arm64"))
		return usage(&cmd_bundle_make,
			     _("%s is no kind of machine that is known; there are: amd64, arm64"),
			     arch);
	_cleanup_free_ char *file = bundle_absolute(argv[1], &e);
	if (!file || (ui->rehearse && rehearse_prepare(ui, &e) < 0) ||
	    make(ui, file, arch, config, &status, &e) < 0)
		return show_failure(ui, &e);
	if (status == EXIT_OK && !ui->json)
		printf(_("The bundle is in %s. Carry it to the machine and run there: ess-setup "
			 "bundle-use FILE\n"),
		       file);
	return status;
}

const struct command cmd_bundle_make = {
	.name = "bundle-make",
	.args = "[--arch amd64|arm64] [--config FILE] FILE",
	.summary = N_(
		"everything that an installation fetches, in one file for a machine that cannot"),
	.run = run,
};
