/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "model/events.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/exit.h"
#include "model/paths.h"

#define EVENT_MAX 8192
#define LINE_MAX_KEPT 4000 /* of a log line: leaves room for what JSON escaping may double */

struct events {
	int fd;      /* events.jsonl */
	int log_fd;  /* install.log */
	unsigned long seq;
	const struct redact *redact;
};

static int open_append(const char *dir, const char *name, struct err *e)
{
	_cleanup_free_ char *path = xasprintf("%s/%s", dir, name);
	int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return err_set(e, errno == ENOSPC ? FAULT_NO_SPACE : FAULT_IO, N_("%s: %s"), path,
			       strerror(errno));
	return fd;
}

struct events *events_open(const char *run, struct err *e)
{
	_cleanup_free_ char *logs = path_get(PATH_LOG_DIR);
	_cleanup_free_ char *dir = xasprintf("%s/%s", logs, run);
	_cleanup_free_ char *current = path_get(PATH_LOG_CURRENT);
	_cleanup_close_ int fd = -1, log_fd = -1;

	if (fs_mkdir_p(logs, 0755, e) < 0 || fs_mkdir_p(dir, 0700, e) < 0)
		return NULL;
	fd = open_append(dir, "events.jsonl", e);
	log_fd = fd < 0 ? -1 : open_append(dir, "install.log", e);
	if (log_fd < 0 || fs_symlink(run, current, e) < 0)
		return NULL;

	struct events *ev = xcalloc(1, sizeof(*ev));
	ev->fd = fd;
	ev->log_fd = log_fd;
	fd = log_fd = -1;
	return ev;
}

struct events *events_close(struct events *ev)
{
	if (ev) {
		close(ev->fd);
		close(ev->log_fd);
		free(ev);
	}
	return NULL;
}

void events_redact(struct events *ev, const struct redact *r)
{
	ev->redact = r;
}

/* Strings anywhere in the fields: a secret may sit in an argument as well as in a log line. */
static void redact_strings(const struct redact *r, json_t *j)
{
	if (json_is_string(j)) {
		_cleanup_free_ char *clean = redact_text(r, json_string_value(j));
		if (strcmp(clean, json_string_value(j)))
			json_string_set(j, clean);
		return;
	}
	if (json_is_array(j)) {
		for (size_t i = 0; i < json_array_size(j); i++)
			redact_strings(r, json_array_get(j, i));
		return;
	}
	const char *key;
	json_t *v;
	json_object_foreach(j, key, v)
		redact_strings(r, v);
}

void events_emit(struct events *ev, const char *type, json_t *fields)
{
	_cleanup_json_ json_t *o = fields ? fields : json_object();
	if (!ev)
		return;
	redact_strings(ev->redact, o);
	json_object_set_new(o, "v", json_integer(1));
	json_object_set_new(o, "seq", json_integer((json_int_t)ev->seq++));
	json_object_set_new(o, "t", json_integer((json_int_t)time(NULL)));
	json_object_set_new(o, "type", json_string(type));
	_cleanup_free_ char *line = json_canonical(o);
	size_t len = strlen(line);
	if (len + 1 > EVENT_MAX)
		return;
	line[len] = '\n';
	/* Losing an event must not stop the work: a full disk is met when the state is saved. */
	ssize_t n = write(ev->fd, line, len + 1);
	(void)n;
}

static void log_line(struct events *ev, const char *step, const char *src, const char *line)
{
	char stamp[32];
	time_t now = time(NULL);
	struct tm tm;
	localtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%F %T", &tm);
	_cleanup_free_ char *text = xasprintf("%s %s%s%s: %s\n", stamp, step ? step : "", step ? " " : "", src, line);
	ssize_t n = write(ev->log_fd, text, strlen(text));
	(void)n;
}

void events_log(struct events *ev, const char *step, const char *src, const char *line)
{
	if (!ev)
		return;
	_cleanup_free_ char *clean = text_clean(line, strlen(line));
	_cleanup_free_ char *safe = redact_text(ev->redact, clean);
	safe[text_cut(safe, LINE_MAX_KEPT)] = '\0';
	log_line(ev, step, src, safe);
	json_t *o = json_pack("{s:s, s:s}", "src", src, "line", safe);
	if (step)
		json_object_set_new(o, "step", json_string(step));
	events_emit(ev, "log", o);
}

json_t *events_error(const struct err *e)
{
	const struct fault_card *card = fault_card(e->fault);
	json_t *args = json_array();
	for (unsigned i = 0; i < e->nargs; i++)
		json_array_append_new(args, json_text(e->args[i]));
	return json_pack("{s:s, s:s, s:s, s:o}", "code", card ? card->name : "", "card", card ? card->id : "",
			 "msgid", e->msgid ? e->msgid : "", "args", args);
}

void events_error_read(const json_t *j, struct err *ret)
{
	const struct fault_card *card = fault_card_by_id(json_str_at(j, "card") ?: "");
	const json_t *args = json_object_get(j, "args");

	*ret = (struct err)ERR_INIT;
	for (enum fault f = FAULT_NONE + 1; f < FAULT_MAX; f++)
		if (card && fault_card(f) == card)
			ret->fault = f;
	if (ret->fault == FAULT_NONE)
		ret->fault = FAULT_INTERNAL;
	ret->msgid = json_str_at(j, "msgid") ?: "";
	ret->nargs = (unsigned)json_array_size(args);
	if (ret->nargs > ERR_ARGS)
		ret->nargs = ERR_ARGS;
	for (unsigned i = 0; i < ret->nargs; i++) {
		const char *s = json_string_value(json_array_get(args, i)) ?: "";
		size_t n = text_cut(s, ERR_ARG_LEN - 1);
		memcpy(ret->args[i], s, n);
		ret->args[i][n] = '\0';
	}
}

/* --- reading ---------------------------------------------------------------------------------- */

struct events_reader {
	FILE *fp;
	char *partial;  /* the beginning of a line whose end is not written yet */
};

struct events_reader *events_reader_open(const char *dir, struct err *e)
{
	_cleanup_free_ char *current = path_get(PATH_LOG_CURRENT);
	_cleanup_free_ char *path = xasprintf("%s/events.jsonl", dir ? dir : current);
	FILE *fp = fopen(path, "re");
	if (!fp) {
		err_set(e, errno == ENOENT ? FAULT_NOT_RUNNING : FAULT_IO, N_("%s: %s"), path,
			strerror(errno));
		return NULL;
	}
	struct events_reader *r = xcalloc(1, sizeof(*r));
	r->fp = fp;
	return r;
}

struct events_reader *events_reader_close(struct events_reader *r)
{
	if (r) {
		fclose(r->fp);
		free(r->partial);
		free(r);
	}
	return NULL;
}

/* A whole line without its newline, new; NULL when it is not all there yet. */
static char *read_line(struct events_reader *r)
{
	_cleanup_free_ char *line = NULL;
	size_t cap = 0;

	clearerr(r->fp); /* so that what was appended since the last end of file is seen */
	ssize_t n = getline(&line, &cap, r->fp);
	if (n <= 0)
		return NULL;
	char *whole = xasprintf("%s%s", r->partial ? r->partial : "", line);
	free(r->partial);
	r->partial = NULL;
	if (line[n - 1] != '\n') {
		r->partial = whole;
		return NULL;
	}
	return whole;
}

json_t *events_reader_next(struct events_reader *r)
{
	for (;;) {
		_cleanup_free_ char *line = read_line(r);
		if (!line)
			return NULL;
		json_t *o = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
		if (json_is_object(o) && json_str_at(o, "type"))
			return o;
		json_decref(o);
	}
}

int events_exit(const json_t *run_end)
{
	static const struct {
		const char *status;
		enum exit_status exit;
	} table[] = { { "done", EXIT_OK }, { "degraded", EXIT_DEGRADED }, { "cancelled", EXIT_CANCELLED } };
	const char *status = json_str_at(run_end, "status") ?: "";
	const json_t *error = json_object_get(run_end, "error");
	struct err e = ERR_INIT;

	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (!strcmp(table[i].status, status))
			return (int)table[i].exit;
	if (json_is_object(error))
		events_error_read(error, &e);
	return err_is_set(&e) ? exit_status(e.fault) : EXIT_FAILED;
}
