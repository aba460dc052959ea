/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* ess-setup log: the log of the newest run. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "model/paths.h"
#include "ui/show.h"

static int copy_out(const char *path, struct err *e)
{
	char buf[16384];
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT)
		return err_set(e, FAULT_NOT_RUNNING, N_("there is no log: nothing was run yet"));
	if (fd < 0)
		return err_set(e, FAULT_IO, N_("%s: %s"), path, strerror(errno));
	for (;;) {
		ssize_t n = read(fd, buf, sizeof(buf));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(e, FAULT_IO, N_("%s: %s"), path, strerror(errno));
		if (n == 0 || fwrite(buf, 1, (size_t)n, stdout) != (size_t)n)
			return 0;
	}
}

static int run(struct ui *ui, int argc, char **argv)
{
	struct err e = ERR_INIT;
	_cleanup_free_ char *dir = path_get(PATH_LOG_CURRENT);
	bool path_only = false;
	const struct opt opts[] = { { "path", NULL, &path_only }, { 0 } };

	argc = opt_parse(&cmd_log, opts, argc, argv);
	if (argc < 0)
		return EXIT_INVALID;
	if (argc > 1)
		return usage(&cmd_log, _("there is one word too many: %s"), argv[1]);
	_cleanup_free_ char *path = xasprintf("%s/%s", dir, ui->json ? "events.jsonl" : "install.log");
	if (path_only) {
		puts(path);
		return EXIT_OK;
	}
	return copy_out(path, &e) < 0 ? show_failure(ui, &e) : EXIT_OK;
}

const struct command cmd_log = {
	.name = "log",
	.args = "[--path]",
	.summary = N_("the log of the newest run (--json: its events, --path: where it is)"),
	.run = run,
};
