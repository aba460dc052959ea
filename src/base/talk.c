/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* See talk.h. */
#include "base/talk.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/proc.h"

#define TICK_MS 50
#define TIMEOUT_S 30
#define GRACE_MS 5000
#define SAID_MAX ((size_t)64 << 10)
/* A prompt stands before its program has switched the echo off: typing waits until it is quiet. */
#define QUIET_MS 200

struct talk {
	const struct talk_spec *spec;
	pid_t pid;
	int tty;            /* our end; -1 when closed */
	char *said;
	size_t len, from;   /* from: what was not matched yet begins here */
	long last_ms;       /* when something was said last */
	bool ended;
	int status;
};

/* Wide, so that no prompt is wrapped. */
static int open_terminal(char name[64])
{
	const struct winsize size = { .ws_row = 24, .ws_col = 250 };
	int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (grantpt(fd) == 0 && unlockpt(fd) == 0 && ptsname_r(fd, name, 64) == 0 &&
	    ioctl(fd, TIOCSWINSZ, &size) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0)
		return fd;
	close(fd);
	return -1;
}

/* In a session of its own: the terminal that it opens first becomes its controlling one. */
static int spawn(struct talk *t, const char *program, const char *terminal)
{
	posix_spawn_file_actions_t fa;
	posix_spawnattr_t attr;
	sigset_t all, none;
	int r;

	sigfillset(&all);
	sigemptyset(&none);
	posix_spawn_file_actions_init(&fa);
	posix_spawnattr_init(&attr);
	posix_spawnattr_setflags(&attr,
				 POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigdefault(&attr, &all);
	posix_spawnattr_setsigmask(&attr, &none);
	r = posix_spawn_file_actions_addopen(&fa, 0, terminal, O_RDWR, 0);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(&fa, 0, 1);
	if (r == 0)
		r = posix_spawn_file_actions_adddup2(&fa, 0, 2);
	if (r == 0)
		r = posix_spawn_file_actions_addclosefrom_np(&fa, 3);
	if (r == 0)
		r = posix_spawn_file_actions_addchdir_np(&fa, "/");
	if (r == 0)
		r = posix_spawn(&t->pid, program, &fa, &attr, (char **)t->spec->argv,
				(char **)t->spec->env);
	posix_spawnattr_destroy(&attr);
	posix_spawn_file_actions_destroy(&fa);
	return r;
}

static int start(struct talk *t, struct err *e)
{
	const char *name = t->spec->argv[0];
	_cleanup_free_ char *program = proc_find(name, t->spec->path);
	char terminal[64];

	if (!program)
		return err_set(e, FAULT_COMMAND_MISSING, N_("The program %s was not found"), name);
	t->tty = open_terminal(terminal);
	if (t->tty < 0)
		return err_set(e, FAULT_COMMAND_FAILED, N_("No terminal for %s: %s"), name, strerror(errno));
	int r = spawn(t, program, terminal);
	if (r != 0)
		return err_set(e, FAULT_COMMAND_FAILED, N_("%s could not be started: %s"), name, strerror(r));
	return 0;
}

/* Forgets the beginning when there is too much; what was matched goes first. */
static void keep(struct talk *t, const char *data, size_t n)
{
	if (t->len + n > SAID_MAX) {
		size_t drop = t->len + n - SAID_MAX;
		drop = drop < t->len ? drop : t->len;
		memmove(t->said, t->said + drop, t->len - drop);
		t->len -= drop;
		t->from = t->from > drop ? t->from - drop : 0;
	}
	for (size_t i = 0; i < n; i++)
		t->said[t->len++] = data[i] ? data[i] : ' ';
	t->said[t->len] = '\0';
	t->last_ms = clock_ms();
}

static void collect(struct talk *t, int flags)
{
	int wstatus;
	if (t->ended || waitpid(t->pid, &wstatus, flags) != t->pid)
		return;
	t->ended = true;
	t->status = WIFEXITED(wstatus) ? WEXITSTATUS(wstatus) : 128 + WTERMSIG(wstatus);
}

/* Listens for a moment. When the last program has closed the terminal, reading it is an error. */
static void listen_once(struct talk *t)
{
	struct pollfd p = { .fd = t->tty, .events = POLLIN };
	char buf[4096];
	ssize_t n;

	poll(&p, 1, TICK_MS);
	while ((n = read(t->tty, buf, sizeof(buf))) > 0)
		keep(t, buf, (size_t)n);
	if (n < 0 && errno == EIO && !t->ended)
		clock_pause(TICK_MS, t->spec->cancel); /* poll() does not wait at a closed terminal */
	collect(t, WNOHANG);
}

static bool cancelled(const struct talk *t)
{
	return t->spec->cancel && *t->spec->cancel;
}

static void type(struct talk *t, const char *text)
{
	size_t left = strlen(text);
	while (left > 0 && !t->ended && !cancelled(t)) {
		ssize_t n = write(t->tty, text, left);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return;
		if (n > 0) {
			text += n;
			left -= (size_t)n;
		} else {
			listen_once(t);
		}
	}
}

/* True once the turn took place. */
static bool take_turn(struct talk *t, const struct talk_turn *turn, long deadline)
{
	while (!cancelled(t) && clock_ms() < deadline) {
		const char *at = strstr(t->said + t->from, turn->expect);
		if (at && clock_ms() - t->last_ms >= QUIET_MS) {
			t->from = (size_t)(at - t->said) + strlen(turn->expect);
			type(t, turn->send);
			return true;
		}
		if (t->ended)
			return false;
		listen_once(t);
	}
	return false;
}

static void end(struct talk *t)
{
	long kill_at = clock_ms() + GRACE_MS;
	if (t->ended)
		return;
	kill(-t->pid, SIGTERM);
	while (!t->ended && clock_ms() < kill_at)
		listen_once(t);
	if (t->ended)
		return;
	kill(-t->pid, SIGKILL);
	collect(t, 0);
}

static int converse(struct talk *t, struct err *e)
{
	const long patience = 1000L * (t->spec->timeout_s ? t->spec->timeout_s : TIMEOUT_S);
	bool whole = true;

	for (const struct talk_turn *turn = t->spec->turns; turn->expect && whole; turn++)
		whole = take_turn(t, turn, clock_ms() + patience);
	for (long until = clock_ms() + patience; whole && !t->ended && !cancelled(t) && clock_ms() < until;)
		listen_once(t);
	whole = whole && t->ended;
	end(t);
	if (cancelled(t))
		return err_set(e, FAULT_CANCELLED, N_("%s was ended because the run was cancelled"), t->spec->argv[0]);
	return whole;
}

int talk_run(const struct talk_spec *spec, int *ret_status, char **ret_said, struct err *e)
{
	struct talk t = { .spec = spec, .tty = -1, .said = xcalloc(SAID_MAX + 1, 1), .last_ms = clock_ms() };
	int r = start(&t, e);

	if (r == 0)
		r = converse(&t, e);
	if (t.tty >= 0)
		close(t.tty);
	*ret_status = t.status;
	*ret_said = t.said;
	return r;
}
