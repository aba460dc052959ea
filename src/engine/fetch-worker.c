/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "engine/fetch-worker.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "engine/engine.h"
#include "model/events.h"
#include "model/exit.h"
#include "steps/fetch.h"

#define ITEM_MAX 65536

/* --- in the worker ---------------------------------------------------------------------------- */

/* A line for whoever started the head start; one that does not listen misses it. */
static void report(const json_t *item, const struct err *e, long elapsed_ms)
{
	_cleanup_json_ json_t *o =
		json_pack("{s:O?, s:o, s:I}", "name", json_object_get(item, "name"), "error",
			  err_is_set(e) ? events_error(e) : json_null(), "elapsed_ms",
			  (json_int_t)elapsed_ms);
	_cleanup_free_ char *text = json_dumps(o, JSON_COMPACT);
	_cleanup_free_ char *line = xasprintf("%s\n", text);
	if (write(STDOUT_FILENO, line, strlen(line)) < 0)
		return;
}

static void fetch_one(struct step_ctx *c, const char *text, size_t len)
{
	struct err e = ERR_INIT;
	_cleanup_json_ json_t *item = json_parse(text, len, FAULT_INTERNAL, "item", &e);
	const long start = clock_ms();
	if (item)
		step_fetch(c, item, &e);
	if (e.fault != FAULT_LOCKED && e.fault != FAULT_CANCELLED)
		report(item, &e, clock_ms() - start);
}

static _Noreturn void work(int fd, const struct config *config, pid_t parent)
{
	static const char *const inputs[] = { NULL };
	static const struct step pretend = { .id = "fetch", .inputs = inputs };
	static char text[ITEM_MAX];
	struct step_ctx c = { .cancel = &engine_cancelled, .give_way = true };
	json_t *facts = json_object();
	ssize_t n;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_FAILED);
	ctx_init(&c, config, NULL, facts);
	ctx_begin(&c, &pretend);
	while (!engine_cancelled && (n = recv(fd, text, sizeof(text), 0)) > 0) {
		fetch_one(&c, text, (size_t)n);
		if (send(fd, "", 1, MSG_NOSIGNAL) < 0)
			break;
	}
	_exit(EXIT_OK);
}

/* --- in who has it ---------------------------------------------------------------------------- */

static int start(struct worker *w, const struct config *config)
{
	const pid_t parent = getpid();
	int fds[2];
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -1;
	fflush(stdout);
	w->pid = fork();
	if (w->pid == 0) {
		close(fds[0]);
		work(fds[1], config, parent);
	}
	close(fds[1]);
	w->fd = fds[0];
	if (w->pid > 0)
		return 0;
	close(w->fd);
	*w = (struct worker){ 0 };
	return -1;
}

int worker_give(struct worker *w, const struct config *config, const json_t *item)
{
	_cleanup_free_ char *text = json_dumps(item, JSON_COMPACT);
	if (strlen(text) >= ITEM_MAX || (!w->pid && start(w, config) < 0))
		return -1;
	w->busy = send(w->fd, text, strlen(text), MSG_NOSIGNAL) >= 0;
	if (w->busy)
		return 0;
	worker_end(w);
	return -1;
}

void worker_hear(struct worker *w)
{
	char done;
	w->busy = false;
	if (recv(w->fd, &done, 1, 0) != 1)
		worker_end(w);
}

void worker_end(struct worker *w)
{
	if (!w->pid)
		return;
	close(w->fd);
	kill(w->pid, SIGTERM);
	waitpid(w->pid, NULL, 0);
	*w = (struct worker){ 0 };
}
