/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* ess-engine: runs numbered, resumable steps; no terminal, asks nothing. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "engine/engine.h"
#include "model/events.h"
#include "model/exit.h"

volatile sig_atomic_t engine_cancelled;

static const struct {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} commands[] = {
	{ "run", engine_run, "run the job of request.json" },
	{ "plan", engine_plan, "print as JSON what run would do" },
	{ "render", engine_render, "-o DIR: write every generated file" },
	{ "invite", engine_invite, "--uses N --expires-in SECONDS: make a registration token" },
	{ "fetch", engine_fetch, "[--with PID]: fetch the files that stdin names" },
	{ "probe", engine_probe, "[token|dns|ports]: print as JSON what each step finds, or how answers on stdin look" },
	{ "post-render", engine_post_render, "helm's post-renderer: manifest in, manifest out" },
};

static void on_cancel(int sig)
{
	(void)sig;
	engine_cancelled = 1;
}

static void set_up_process(void)
{
	const struct sigaction cancel = { .sa_handler = on_cancel };
	const struct sigaction ignore = { .sa_handler = SIG_IGN };

	fs_open_std_fds();
	/* Children such as apt and dpkg inherit it and want this; our own files state their mode. */
	umask(022);
	prctl(PR_SET_DUMPABLE, 0); /* a core file would hold the secrets */
	sigaction(SIGTERM, &cancel, NULL);
	sigaction(SIGINT, &cancel, NULL);
	sigaction(SIGHUP, &ignore, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
}

int engine_fail(const struct err *e)
{
	_cleanup_json_ json_t *o = json_pack("{s:o}", "error", events_error(e));
	_cleanup_free_ char *line = json_canonical(o);
	puts(line);
	fflush(stdout);
	return exit_status(e->fault);
}

static int usage(void)
{
	fputs("usage: ess-engine COMMAND\n", stderr);
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		fprintf(stderr, "  %-12s %s\n", commands[i].name, commands[i].help);
	return EXIT_INVALID;
}

int main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');

	set_up_process();
	/* Helm 3 takes a post-renderer as the path of an executable without arguments. */
	if (!strcmp(name ? name + 1 : argv[0], "ess-post-render"))
		return engine_post_render(argc, argv);
	if (argc < 2)
		return usage();
	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (!strcmp(argv[1], commands[i].name))
			return commands[i].run(argc - 1, argv + 1);
	return usage();
}
