/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* ess-engine fetch: has files in place before a step needs them (steps/fetch.h). Reads arrays of items
 * from stdin, a line each, and ends when all are fetched and stdin has ended; "--with PID": at once when
 * that process ends. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "engine/engine.h"
#include "engine/fetch-worker.h"
#include "model/exit.h"

#define AT_ONCE 4
#define A_HOST 3 /* of these at once from the same server: as many as containerd takes */
#define NICE 5
#define LINE_MAX_LEN ((size_t)4 << 20)
#define LOOK_MS 200

struct queued {
	json_t *item;
	char *host;
	enum { WAITING, RUNNING, ENDED } state;
};

struct queue {
	struct queued *v;
	size_t n;
	struct worker workers[AT_ONCE];
	size_t at[AT_ONCE]; /* which of v each is at */
	char *text;         /* of stdin, up to the next end of a line */
	size_t len;
	bool ended;         /* stdin */
};

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
		q->v[q->n++] = (struct queued){ json_incref(item), host_of(item), WAITING };
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

static size_t count(const struct queue *q, int state, const char *host)
{
	size_t n = 0;
	for (size_t i = 0; i < q->n; i++)
		n += (int)q->v[i].state == state && (!host || !strcmp(q->v[i].host, host));
	return n;
}

/* In order, but a server that is busy enough does not hold up the others. */
static struct queued *next(struct queue *q)
{
	for (size_t i = 0; i < q->n; i++)
		if (q->v[i].state == WAITING && count(q, RUNNING, q->v[i].host) < A_HOST)
			return &q->v[i];
	return NULL;
}

static void start_some(struct queue *q, const struct config *config)
{
	struct queued *j;
	for (size_t w = 0; w < AT_ONCE; w++) {
		if (q->workers[w].busy || !(j = next(q)))
			continue;
		if (worker_give(&q->workers[w], config, j->item) < 0) {
			j->state = ENDED; /* whoever needs the file gets it */
			continue;
		}
		j->state = RUNNING;
		q->at[w] = (size_t)(j - q->v);
	}
}

static void end_workers(struct queue *q)
{
	for (size_t w = 0; w < AT_ONCE; w++)
		worker_end(&q->workers[w]);
}

static void work_off(struct queue *q, const struct config *config)
{
	while (!engine_cancelled && (!q->ended || count(q, RUNNING, NULL) || count(q, WAITING, NULL))) {
		struct pollfd p[1 + AT_ONCE] = { { q->ended ? -1 : STDIN_FILENO, POLLIN, 0 } };
		start_some(q, config);
		if (count(q, RUNNING, NULL) == 0)
			end_workers(q); /* nothing to do for now */
		for (size_t w = 0; w < AT_ONCE; w++)
			p[w + 1] = (struct pollfd){ q->workers[w].busy ? q->workers[w].fd : -1,
						    POLLIN, 0 };
		if (poll(p, ARRAY_LEN(p), LOOK_MS) <= 0)
			continue;
		if (p[0].revents)
			read_more(q);
		for (size_t w = 0; w < AT_ONCE; w++)
			if (p[w + 1].revents) {
				worker_hear(&q->workers[w]);
				q->v[q->at[w]].state = ENDED;
			}
	}
	end_workers(q);
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
	struct queue q = { 0 };

	if (argc != 1 && !(argc == 3 && !strcmp(argv[1], "--with"))) {
		err_set(&e, FAULT_USAGE, N_("fetch takes no arguments but --with PID"));
		return engine_fail(&e);
	}
	if (argc == 3 && !end_with(argv[2]))
		return EXIT_FAILED;
	if (config_load(&config, &e) < 0)
		return engine_fail(&e);
	errno = 0;
	if (nice(NICE) < 0 && errno)
		errno = 0; /* then not */
	work_off(&q, &config);
	queue_done(&q);
	config_done(&config);
	return engine_cancelled ? EXIT_CANCELLED : EXIT_OK;
}
