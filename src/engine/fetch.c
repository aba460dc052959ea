/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* ess-engine fetch: has files in place before a step needs them (steps/fetch.h). Reads arrays of items
 * from stdin, a line each, and ends when all are fetched and stdin has ended; "--with PID": at once when
 * that process ends. Each file is fetched by a process of its own, since a transfer that is cut, hangs or
 * runs out of memory must not touch the others. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "engine/engine.h"
#include "model/events.h"
#include "model/exit.h"
#include "steps/fetch.h"

#define AT_ONCE 4
#define A_HOST 2        /* of these at once from the same server: more gains nothing and is bad manners */
#define NICE 5
#define LINE_MAX_LEN ((size_t)4 << 20)
#define LOOK_MS 500

struct job_item {
	json_t *item;
	char *host;
	pid_t pid;      /* 0: not started, -1: ended */
	int pidfd;
};

struct queue {
	const struct config *config;
	struct job_item *v;
	size_t n, running;
	char *text;     /* of stdin, up to the next end of a line */
	size_t len;
	bool ended;     /* stdin */
};

/* --- a worker --------------------------------------------------------------------------------- */

static _Noreturn void work(const struct queue *q, const json_t *item, pid_t parent)
{
	static const char *const inputs[] = { NULL };
	static const struct step pretend = { .id = "fetch", .inputs = inputs };
	_cleanup_json_ json_t *facts = json_object();
	struct step_ctx c = { .cancel = &engine_cancelled, .give_way = true };
	struct err e = ERR_INIT;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EXIT_FAILED);
	const long start = clock_ms();
	ctx_init(&c, q->config, NULL, facts);
	ctx_begin(&c, &pretend);
	int r = step_fetch(&c, item, &e);
	if (r == 0 || (e.fault != FAULT_LOCKED && e.fault != FAULT_CANCELLED)) {
		_cleanup_json_ json_t *o =
			json_pack("{s:O?, s:o, s:I}", "name", json_object_get(item, "name"), "error",
				  r < 0 ? events_error(&e) : json_null(), "elapsed_ms",
				  (json_int_t)(clock_ms() - start));
		_cleanup_free_ char *text = json_dumps(o, JSON_COMPACT);
		_cleanup_free_ char *line = xasprintf("%s\n", text);
		/* Whoever does not listen misses it. */
		if (write(STDOUT_FILENO, line, strlen(line)) < 0)
			r = -1;
	}
	_exit(r < 0 ? EXIT_FAILED : EXIT_OK);
}

/* --- the queue -------------------------------------------------------------------------------- */

static char *host_of(const json_t *item)
{
	const char *url = json_str_at(item, "url") ?: json_str_at(item, "registry");
	const char *host = url ? strstr(url, "://") : NULL;
	return host ? xstrndup(host + 3, strcspn(host + 3, "/?#")) : xstrdup("");
}

static bool is_known(const struct queue *q, const json_t *item)
{
	const char *path = json_str_at(item, "path");
	for (size_t i = 0; path && i < q->n; i++)
		if (!strcmp(json_str_at(q->v[i].item, "path"), path))
			return true;
	return !path;
}

static void add(struct queue *q, const char *line, size_t len)
{
	_cleanup_json_ json_t *items = json_parse(line, len, FAULT_USAGE, "fetch", NULL);
	json_t *item;
	size_t i;
	json_array_foreach(items, i, item) {
		if (!json_str_at(item, "sha256") || is_known(q, item))
			continue;
		q->v = xreallocarray(q->v, q->n + 1, sizeof(*q->v));
		q->v[q->n++] = (struct job_item){ .item = json_incref(item), .host = host_of(item) };
	}
}

static void read_more(struct queue *q)
{
	char buf[16384];
	ssize_t n = read(STDIN_FILENO, buf, sizeof(buf));
	if (n < 0 && errno == EINTR)
		return;
	if (n > 0 && q->len + (size_t)n < LINE_MAX_LEN) {
		q->text = xreallocarray(q->text, q->len + (size_t)n, 1);
		memcpy(q->text + q->len, buf, (size_t)n);
		q->len += (size_t)n;
	} else {
		q->ended = true;
	}
	for (char *end; q->len && (end = memchr(q->text, '\n', q->len));) {
		size_t line = (size_t)(end - q->text) + 1;
		add(q, q->text, line);
		q->len -= line;
		memmove(q->text, q->text + line, q->len);
	}
}

static size_t running_from(const struct queue *q, const char *host)
{
	size_t n = 0;
	for (size_t i = 0; i < q->n; i++)
		n += q->v[i].pid > 0 && !strcmp(q->v[i].host, host);
	return n;
}

static void start(struct queue *q, struct job_item *j)
{
	const pid_t parent = getpid();
	fflush(stdout);
	j->pid = fork();
	if (j->pid == 0)
		work(q, j->item, parent);
	j->pidfd = j->pid > 0 ? pidfd_open(j->pid, 0) : -1;
	if (j->pid > 0)
		q->running++;
}

/* In order, but a server that is busy enough does not hold up the others. */
static void start_some(struct queue *q)
{
	for (size_t i = 0; i < q->n && q->running < AT_ONCE; i++)
		if (q->v[i].pid == 0 && running_from(q, q->v[i].host) < A_HOST)
			start(q, &q->v[i]);
}

static void reap(struct queue *q, int options)
{
	for (size_t i = 0; i < q->n; i++) {
		struct job_item *j = &q->v[i];
		if (j->pid <= 0 || waitpid(j->pid, NULL, options) != j->pid)
			continue;
		j->pid = -1;
		cleanup_close(&j->pidfd);
		q->running--;
	}
}

static bool is_waiting(const struct queue *q)
{
	for (size_t i = 0; i < q->n; i++)
		if (q->v[i].pid == 0)
			return true;
	return false;
}

static void work_off(struct queue *q)
{
	while (!engine_cancelled && (!q->ended || q->running || is_waiting(q))) {
		struct pollfd p[1 + AT_ONCE] = { { .fd = q->ended ? -1 : STDIN_FILENO,
						   .events = POLLIN } };
		nfds_t n = 1;
		start_some(q);
		for (size_t i = 0; i < q->n; i++)
			if (q->v[i].pid > 0)
				p[n++] = (struct pollfd){ .fd = q->v[i].pidfd, .events = POLLIN };
		if (poll(p, n, LOOK_MS) > 0 && p[0].revents)
			read_more(q);
		reap(q, WNOHANG);
	}
	for (size_t i = 0; i < q->n; i++)
		if (q->v[i].pid > 0)
			kill(q->v[i].pid, SIGTERM);
	reap(q, 0);
}

static void queue_done(struct queue *q)
{
	for (size_t i = 0; i < q->n; i++) {
		json_decref(q->v[i].item);
		free(q->v[i].host);
	}
	free(q->v);
	free(q->text);
}

/* --- the command ------------------------------------------------------------------------------ */

/* False when the process that we belong to has ended already. */
static bool end_with(const char *pid)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	return getppid() == (pid_t)strtol(pid, NULL, 10);
}

int engine_fetch(int argc, char **argv)
{
	struct config config = { 0 };
	struct err e = ERR_INIT;
	struct queue q = { .config = &config };

	if (argc != 1 && !(argc == 3 && !strcmp(argv[1], "--with"))) {
		err_set(&e, FAULT_USAGE, N_("fetch takes no arguments but --with PID"));
		return engine_fail(&e);
	}
	if (argc == 3 && !end_with(argv[2]))
		return EXIT_FAILED;
	if (config_load(&config, &e) < 0)
		return engine_fail(&e);
	if (nice(NICE) < 0)
		errno = 0; /* then not */
	work_off(&q);
	queue_done(&q);
	config_done(&config);
	return engine_cancelled ? EXIT_CANCELLED : EXIT_OK;
}
