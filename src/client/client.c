/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "client/client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/proc.h"
#include "model/events.h"
#include "model/paths.h"

#define UNIT "ess-engine.service"
#define START_TIMEOUT_MS 10000
#define LOOK_EVERY_MS 20

pid_t client_holder(struct err *e)
{
	_cleanup_free_ char *lock = path_get(PATH_LOCK);
	return fs_lock_holder(lock, e);
}

/* The folder name that "current" points to: changes when a new run has opened its log. New. */
static char *current_run(void)
{
	_cleanup_free_ char *link = path_get(PATH_LOG_CURRENT);
	char target[256];
	ssize_t n = readlink(link, target, sizeof(target) - 1);
	return n < 0 ? xstrdup("") : xstrndup(target, (size_t)n);
}

static void pause_a_little(void)
{
	const struct timespec ts = { .tv_nsec = LOOK_EVERY_MS * 1000000L };
	nanosleep(&ts, NULL);
}

/* --- systemd ---------------------------------------------------------------------------------- */

static bool systemd_runs(void)
{
	/* sd_booted(3); with another root the machine's own systemd has no business in it. */
	return !*path_root() && access("/run/systemd/system", F_OK) == 0;
}

static int systemctl(const char *const *argv, struct proc_result *ret, struct err *e)
{
	static const char *const env[] = { "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", NULL };
	const struct proc_spec spec = {
		.argv = argv,
		.path = "/usr/sbin:/usr/bin:/sbin:/bin",
		.env = env,
		.timeout_s = 30,
		.capture_max = 65536,
	};
	return proc_run(&spec, ret, e);
}

static bool unit_failed(void)
{
	_cleanup_proc_ struct proc_result r = { 0 };
	static const char *const argv[] = { "systemctl", "is-failed", UNIT, NULL };
	return systemctl(argv, &r, NULL) == 0 && r.status == 0;
}

static int start_unit(struct err *e)
{
	static const char *const argv[] = { "systemctl", "start", "--no-block", UNIT, NULL };
	_cleanup_free_ char *before = current_run();
	_cleanup_proc_ struct proc_result r = { 0 };

	if (systemctl(argv, &r, e) < 0)
		return -1;
	if (r.status != 0)
		return err_set(e, FAULT_COMMAND_FAILED, N_("%s ended with status %d: %s"), "systemctl start",
			       r.status, r.last_err);
	for (int waited = 0; waited < START_TIMEOUT_MS; waited += LOOK_EVERY_MS) {
		_cleanup_free_ char *now = current_run();
		if (strcmp(now, before))
			return 0;
		if (unit_failed())
			return err_set(e, FAULT_ENGINE_START, N_("%s failed: see journalctl -u %s"), UNIT, UNIT);
		pause_a_little();
	}
	return err_set(e, FAULT_ENGINE_START, N_("%s did not begin within %d s"), UNIT, START_TIMEOUT_MS / 1000);
}

/* --- without systemd: setsid and a double fork ------------------------------------------------ */

static void exec_engine(int out)
{
	_cleanup_free_ char *engine = xasprintf("%s/ess-engine", path_libexec());
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	dup2(null, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	if (chdir("/") < 0)
		_exit(126);
	execl(engine, "ess-engine", "run", (char *)NULL);
	_exit(127);
}

static int spawn_detached(int *ret_fd, struct err *e)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_set(e, FAULT_INTERNAL, N_("pipe: %s"), strerror(errno));
	pid_t pid = fork();
	if (pid == 0) {
		setsid();
		if (fork() == 0)
			exec_engine(fds[1]);
		_exit(0);
	}
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		return err_set(e, FAULT_INTERNAL, N_("fork: %s"), strerror(errno));
	}
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	*ret_fd = fds[0];
	return 0;
}

/* The engine's one line: {"run": ID}, or {"error": ...}. New; NULL when it ended without a word. */
static json_t *first_line(int fd)
{
	_cleanup_fclose_ FILE *fp = fdopen(dup(fd), "re");
	_cleanup_free_ char *line = NULL;
	size_t cap = 0;

	if (!fp || getline(&line, &cap, fp) <= 0)
		return NULL;
	return json_loads(line, 0, NULL);
}

static int start_detached(struct err *e)
{
	_cleanup_close_ int fd = -1;

	if (spawn_detached(&fd, e) < 0)
		return -1;
	_cleanup_json_ json_t *line = first_line(fd);
	if (json_str_at(line, "run"))
		return 0;
	const json_t *error = json_object_get(line, "error");
	if (!error)
		return err_set(e, FAULT_ENGINE_START, N_("%s/ess-engine ended without a word"), path_libexec());
	struct err theirs;
	events_error_read(error, &theirs);
	_cleanup_free_ char *text = err_text(&theirs);
	return err_set(e, theirs.fault, N_("%s"), text);
}

int client_start(struct err *e)
{
	pid_t holder = client_holder(e);

	if (holder < 0)
		return -1;
	if (holder > 0)
		return err_set(e, FAULT_LOCKED, N_("process %d is running"), (int)holder);
	return systemd_runs() ? start_unit(e) : start_detached(e);
}

int client_run_foreground(int *ret_status, struct err *e)
{
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return err_set(e, FAULT_INTERNAL, N_("pipe: %s"), strerror(errno));
	pid_t pid = fork();
	if (pid == 0)
		exec_engine(fds[1]);
	close(fds[1]);
	_cleanup_close_ int fd = fds[0];
	if (pid < 0)
		return err_set(e, FAULT_INTERNAL, N_("fork: %s"), strerror(errno));
	_cleanup_json_ json_t *line = first_line(fd);
	int status;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_set(e, FAULT_INTERNAL, N_("waitpid: %s"), strerror(errno));
	*ret_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	const json_t *error = json_object_get(line, "error");
	if (!error)
		return 0;
	struct err theirs;
	events_error_read(error, &theirs);
	_cleanup_free_ char *text = err_text(&theirs);
	return err_set(e, theirs.fault, N_("%s"), text);
}

int client_cancel(struct err *e)
{
	_cleanup_close_ int fd = -1;
	pid_t pid = client_holder(e);

	if (pid < 0)
		return -1;
	if (pid > 0)
		fd = pidfd_open(pid, 0);
	/* Asked again with the descriptor in hand: the pid cannot have become another process's. */
	if (fd < 0 || client_holder(NULL) != pid)
		return err_set(e, FAULT_NOT_RUNNING, N_("no run is at work"));
	if (pidfd_send_signal(fd, SIGTERM, NULL, 0) < 0)
		return err_set(e, FAULT_IO, N_("process %d cannot be told to stop: %s"), (int)pid, strerror(errno));
	return 0;
}
