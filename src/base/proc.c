/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Child processes: started by posix_spawn, fed and read in one poll loop. */
#include "base/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/proc-lines.h"
#include "base/text.h"

#define TICK_MS 100
#define GRACE_S 5
#define DRAIN_MAX (1u << 20) /* Linux' largest pipe: all that the child can have left behind */

/* Everything of one running child. */
struct child {
	const struct proc_spec *spec;
	pid_t pid;
	int pidfd, in, out, err; /* our ends; -1 when closed */
	size_t fed;
	struct proc_lines out_lines, err_lines;
	char *capture;
	size_t captured, capture_size;
	enum fault stopping;	/* why we ended it; FAULT_NONE while it may run */
	long deadline, kill_at; /* clock_ms(); 0: none */
};

char *proc_find(const char *name, const char *path)
{
	struct stat st;
	if (strchr(name, '/'))
		return access(name, X_OK) == 0 ? xstrdup(name) : NULL;
	_cleanup_strv_ char **dirs = text_split(path ? path : "", ':');
	for (size_t i = 0; dirs[i]; i++) {
		_cleanup_free_ char *full = xasprintf("%s/%s", dirs[i], name);
		if (access(full, X_OK) == 0 && stat(full, &st) == 0 && S_ISREG(st.st_mode))
			return steal(full);
	}
	return NULL;
}

/* --- starting --------------------------------------------------------------------------------- */

int proc_start(const char *program, const char *const *argv, const char *const *env, const char *cwd,
	       const int fds[3], pid_t *ret)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	sigset_t all, none;
	sigfillset(&all);
	sigemptyset(&none);
	posix_spawn_file_actions_init(&fa);
	posix_spawnattr_init(&attr);
	int r = 0;
	for (int i = 0; i < 3 && r == 0; i++)
		r = posix_spawn_file_actions_adddup2(&fa, fds[i], i);
	if (r == 0)
		r = posix_spawn_file_actions_addclosefrom_np(&fa, 3);
	if (r == 0)
		r = posix_spawn_file_actions_addchdir_np(&fa, cwd ? cwd : "/");
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF |
					    POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setpgroup(&attr, 0);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setsigmask(&attr, &none);
	static const char *const empty[] = {NULL};
	if (r == 0)
		r = posix_spawn(ret, program, &fa, &attr, (char **)argv,
				(char **)(env ? env : empty));
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&fa);
	return r;
}

static int non_blocking_pipe(int ours_theirs[2], bool we_write)
{
	int p[2];
	if (pipe2(p, O_CLOEXEC) < 0)
		return -1;
	ours_theirs[0] = p[we_write];
	ours_theirs[1] = p[!we_write];
	return fcntl(ours_theirs[0], F_SETFL, O_NONBLOCK);
}

static int start(struct child *c, struct err *e)
{
	const char *name = c->spec->argv[0];
	_cleanup_free_ char *program = proc_find(name, c->spec->path);
	_cleanup_close_ int in = -1, out = -1, err = -1;
	int p[2];
	if (!program)
		return err_set(e, FAULT_COMMAND_MISSING, N_("The program %s was not found"), name);
	if (c->spec->input) {
		if (non_blocking_pipe(p, true) < 0)
			return err_set(e, FAULT_INTERNAL, N_("No pipe for %s: %s"), name,
				       strerror(errno));
		c->in = p[0];
		in = p[1];
	} else {
		in = open("/dev/null", O_RDONLY | O_CLOEXEC);
	}
	if (in < 0 || non_blocking_pipe(p, false) < 0)
		return err_set(e, FAULT_INTERNAL, N_("No pipe for %s: %s"), name, strerror(errno));
	c->out = p[0];
	out = p[1];
	if (non_blocking_pipe(p, false) < 0)
		return err_set(e, FAULT_INTERNAL, N_("No pipe for %s: %s"), name, strerror(errno));
	c->err = p[0];
	err = p[1];
	int r = proc_start(program, c->spec->argv, c->spec->env, c->spec->cwd,
			   (int[]){in, out, err}, &c->pid);
	if (r != 0) /* ENOENT here: the script's interpreter or the folder is missing */
		return err_set(e, r == ENOENT ? FAULT_COMMAND_MISSING : FAULT_COMMAND_FAILED,
			       N_("%s could not be started: %s"), name, strerror(r));
	c->pidfd = pidfd_open(c->pid, 0);
	if (c->pidfd < 0) {
		err_set(e, FAULT_INTERNAL, N_("%s cannot be watched: %s"), name, strerror(errno));
		kill(-c->pid, SIGKILL);
		waitpid(c->pid, NULL, 0);
		return -1;
	}
	return 0;
}

/* --- running ---------------------------------------------------------------------------------- */

static void stop(struct child *c, enum fault why)
{
	if (c->stopping != FAULT_NONE)
		return;
	c->stopping = why;
	kill(-c->pid, SIGTERM);
	c->kill_at = clock_ms() + 1000 * (c->spec->grace_s ? (long)c->spec->grace_s : GRACE_S);
}

static void close_end(int *fd)
{
	cleanup_close(fd);
	*fd = -1;
}

static void feed(struct child *c)
{
	const char *data = c->spec->input;
	while (c->fed < c->spec->input_len) {
		ssize_t n = write(c->in, data + c->fed, c->spec->input_len - c->fed);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0)
			break; /* EPIPE: it reads no more, which is its own business */
		c->fed += (size_t)n;
	}
	close_end(&c->in);
}

static void capture(struct child *c, const char *buf, size_t n)
{
	if (n > c->spec->capture_max - c->captured) {
		stop(c, FAULT_COMMAND_OUTPUT);
		return;
	}
	if (c->captured + n + 1 > c->capture_size) {
		c->capture_size = 2 * (c->captured + n + 1);
		c->capture = xreallocarray(c->capture, c->capture_size, 1);
	}
	memcpy(c->capture + c->captured, buf, n);
	c->captured += n;
}

/* Reads what is there, at most max bytes; false when nothing more can come or came. */
static bool take(struct child *c, int *fd, struct proc_lines *lines, size_t max)
{
	char buf[16384];
	while (*fd >= 0 && max > 0) {
		ssize_t n = read(*fd, buf, sizeof(buf) < max ? sizeof(buf) : max);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return false;
		if (n <= 0) {
			close_end(fd);
			return false;
		}
		if (fd == &c->out && c->spec->capture_max && c->stopping != FAULT_COMMAND_OUTPUT)
			capture(c, buf, (size_t)n);
		proc_lines_add(lines, buf, (size_t)n);
		max -= (size_t)n;
	}
	return true;
}

static void look_at_clock(struct child *c)
{
	long now = clock_ms();
	if (c->spec->cancel && *c->spec->cancel)
		stop(c, FAULT_CANCELLED);
	if (c->deadline && now >= c->deadline)
		stop(c, FAULT_TIMEOUT);
	if (c->kill_at && now >= c->kill_at) {
		kill(-c->pid, SIGKILL);
		c->kill_at = 0;
	}
}

/* Until the child has ended; its pipes may live on in its own children. */
static void attend(struct child *c)
{
	for (;;) {
		struct pollfd p[] = {
		    {.fd = c->pidfd, .events = POLLIN},
		    {.fd = c->out, .events = POLLIN},
		    {.fd = c->err, .events = POLLIN},
		    {.fd = c->in, .events = POLLOUT},
		};
		int n = poll(p, ARRAY_LEN(p), TICK_MS);
		look_at_clock(c);
		if (n <= 0)
			continue;
		if (p[1].revents)
			take(c, &c->out, &c->out_lines, 65536);
		if (p[2].revents)
			take(c, &c->err, &c->err_lines, 65536);
		if (p[3].revents)
			feed(c);
		if (p[0].revents)
			break;
	}
	take(c, &c->out, &c->out_lines, DRAIN_MAX);
	take(c, &c->err, &c->err_lines, DRAIN_MAX);
	proc_lines_end(&c->out_lines);
	proc_lines_end(&c->err_lines);
}

/* After we ended the child: the rest of its group gets what is left of the grace, then SIGKILL. */
static void end_group(struct child *c)
{
	while (kill(-c->pid, 0) == 0 || errno == EPERM) {
		if (!c->kill_at || clock_ms() >= c->kill_at) {
			kill(-c->pid, SIGKILL);
			return;
		}
		clock_pause(TICK_MS / 5, NULL);
	}
}

static int exit_status(const struct child *c)
{
	int st = 0;
	while (waitpid(c->pid, &st, 0) < 0 && errno == EINTR)
		;
	return WIFSIGNALED(st) ? 128 + WTERMSIG(st) : WEXITSTATUS(st);
}

static int verdict(const struct child *c, struct err *e)
{
	const char *name = c->spec->argv[0];
	switch (c->stopping) {
	case FAULT_NONE:
		return 0;
	case FAULT_TIMEOUT:
		return err_set(e, FAULT_TIMEOUT, N_("%s did not end within %u seconds"), name,
			       c->spec->timeout_s);
	case FAULT_COMMAND_OUTPUT:
		return err_set(e, FAULT_COMMAND_OUTPUT, N_("%s printed more than %zu bytes"), name,
			       c->spec->capture_max);
	default:
		return err_set(e, c->stopping, N_("%s was ended because the run was cancelled"),
			       name);
	}
}

/* A child that closes its stdin must not end us by SIGPIPE: block it, and swallow ours. */
static bool block_sigpipe(sigset_t *old)
{
	sigset_t set, pending;
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	sigpending(&pending);
	sigprocmask(SIG_BLOCK, &set, old);
	return sigismember(&pending, SIGPIPE);
}

static void unblock_sigpipe(const sigset_t *old, bool was_pending)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	while (!was_pending && sigtimedwait(&set, NULL, &(struct timespec){0}) > 0)
		;
	sigprocmask(SIG_SETMASK, old, NULL);
}

int proc_run(const struct proc_spec *spec, struct proc_result *ret, struct err *e)
{
	sigset_t old;
	struct child c = {.spec = spec, .pidfd = -1, .in = -1, .out = -1, .err = -1};
	memset(ret, 0, sizeof(*ret));
	c.out_lines = (struct proc_lines){
	    .fn = spec->capture_max ? NULL : spec->line, .arg = spec->arg, .stream = PROC_OUT};
	c.err_lines = (struct proc_lines){.fn = spec->line, .arg = spec->arg, .stream = PROC_ERR};
	int r = -1;
	bool was_pending = block_sigpipe(&old);
	if (spec->cancel && *spec->cancel) {
		err_set(e, FAULT_CANCELLED, N_("%s was not started because the run was cancelled"),
			spec->argv[0]);
	} else if (start(&c, e) == 0) {
		c.deadline = spec->timeout_s ? clock_ms() + 1000 * (long)spec->timeout_s : 0;
		attend(&c);
		ret->status = exit_status(&c);
		if (c.stopping != FAULT_NONE)
			end_group(&c);
		ret->timed_out = c.stopping == FAULT_TIMEOUT;
		r = verdict(&c, e);
	}
	close_end(&c.pidfd);
	close_end(&c.in);
	close_end(&c.out);
	close_end(&c.err);
	unblock_sigpipe(&old, was_pending);
	if (spec->capture_max) {
		ret->out = c.capture ? c.capture : xcalloc(1, 1);
		ret->out[c.captured] = '\0';
		ret->out_len = c.captured;
	}
	ret->last_err = xstrdup(*c.err_lines.last ? c.err_lines.last : c.out_lines.last);
	ret->err_tail = xstrdup(c.err_lines.tail);
	return r;
}

void proc_result_done(struct proc_result *r)
{
	free(r->out);
	free(r->last_err);
	free(r->err_tail);
	*r = (struct proc_result){0};
}
