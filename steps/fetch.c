/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* One file now, or many ahead by a process that is fed with them line by line (JSON arrays of items) and
 * answers with a line for each: {"name", "error", "elapsed_ms"}. */
#include "steps/fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/text.h"
#include "steps/ctx.h"
#include "steps/oci.h"

#define END_MS 2000

json_t *fetch_url(const char *name, const char *url, const char *sha256, const char *path, int mode)
{
	return json_pack("{s:s, s:s, s:s*, s:s, s:i}", "name", name, "url", url, "sha256", sha256,
			 "path", path, "mode", mode ? mode : 0644);
}

json_t *fetch_blob(const char *name, const char *registry, const char *repository, const char *sha256,
		   const char *path)
{
	return json_pack("{s:s, s:s, s:s, s:s*, s:s, s:i}", "name", name, "registry", registry,
			 "repository", repository, "sha256", sha256, "path", path, "mode", 0644);
}

/* --- what the head start says ------------------------------------------------------------------- */

struct fetcher {
	pid_t pid;
	int in, out; /* ours: its stdin and its stdout */
	char *said;  /* the beginning of its next line */
};

static void log_line(struct step_ctx *c, const char *line)
{
	_cleanup_json_ json_t *j = json_parse(line, strlen(line), FAULT_INTERNAL, "fetch", NULL);
	const json_t *error = json_object_get(j, "error");
	const char *name = json_str_at(j, "name"), *step = c->step ? c->step->id : NULL;
	_cleanup_free_ char *text = NULL;
	if (!name)
		return;
	if (json_is_object(error)) {
		struct err e = ERR_INIT;
		events_error_read(error, &e);
		_cleanup_free_ char *why = err_text(&e);
		text = xasprintf("%s could not be fetched ahead: %s", name, why);
	} else {
		text = xasprintf("%s was fetched ahead in %lld s", name,
				 (json_int_at(j, "elapsed_ms", 0) + 500) / 1000);
	}
	events_log(c->events, step, "fetch", text);
}

/* What it said until now goes into the log. */
static void hear(struct step_ctx *c)
{
	char buf[4096];
	struct fetcher *f = c->fetcher;
	for (ssize_t n; f && (n = read(f->out, buf, sizeof(buf))) > 0;) {
		char *all = xasprintf("%s%.*s", f->said ? f->said : "", (int)n, buf);
		char *from = all;
		for (char *end; (end = strchr(from, '\n')); from = end + 1) {
			*end = '\0';
			log_line(c, from);
		}
		free(f->said);
		f->said = xstrdup(from);
		free(all);
	}
}

/* --- one file now ----------------------------------------------------------------------------- */

static const char **headers_of(const json_t *item)
{
	const json_t *list = json_object_get(item, "headers");
	const char **v = xcalloc(json_array_size(list) + 1, sizeof(*v));
	for (size_t i = 0; i < json_array_size(list); i++)
		v[i] = json_string_value(json_array_get(list, i));
	return v;
}

static int from_registry(struct step_ctx *c, const json_t *item, const char *path, struct err *e)
{
	const char *sha256 = json_str_at(item, "sha256");
	struct oci oci __attribute__((cleanup(oci_done))) = {
		.base = xstrdup(json_str_at(item, "registry"))
	};
	/* A blob that is there, or on its way, needs no token. */
	int have = ctx_await(c, path, e);
	if (have == 0 && sha256)
		have = step_has_hash(c, path, sha256, e);
	if (have != 0)
		return have < 0 ? -1 : 0;
	return oci_download(c, &oci, json_str_at(item, "repository"), sha256 ? sha256 : "", path, e);
}

int step_fetch(struct step_ctx *c, const json_t *item, struct err *e)
{
	const char *url = json_str_at(item, "url"), *path = json_str_at(item, "path");
	int mode = (int)json_int_at(item, "mode", 0644);
	if (!path || (!url && (!json_str_at(item, "registry") || !json_str_at(item, "repository"))))
		return err_set(e, FAULT_INTERNAL, N_("a download lacks its source or its place"));
	hear(c);
	c->fetching = json_str_at(item, "name");
	c->meter = (struct meter){ 0 };
	_cleanup_free_ const char **headers = headers_of(item);
	int r = url ? ctx_download(c, url, headers, json_str_at(item, "sha256"),
				   (size_t)json_int_at(item, "max", 0), path, mode, e)
		    : from_registry(c, item, path, e);
	c->fetching = NULL;
	return r;
}

/* --- the process that fetches ahead ----------------------------------------------------------- */

static struct fetcher *start(void)
{
	_cleanup_free_ char *pid = xasprintf("%ld", (long)getpid());
	const char *const argv[] = { "ess-engine", "fetch", "--with", pid, NULL };
	int in[2] = { -1, -1 }, out[2] = { -1, -1 };
	_cleanup_close_ int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	struct fetcher *f = xcalloc(1, sizeof(*f));
	int r = null < 0 || pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 ||
		fcntl(out[0], F_SETFL, O_NONBLOCK) < 0;
	r = r ? r
	      : proc_start("/proc/self/exe", argv, (const char *const *)environ, NULL,
			   (int[]){ in[0], out[1], null }, &f->pid);
	cleanup_close(&in[0]);
	cleanup_close(&out[1]);
	f->in = in[1];
	f->out = out[0];
	if (r == 0)
		return f;
	cleanup_close(&f->in);
	cleanup_close(&f->out);
	free(f);
	return NULL;
}

void fetch_end(struct step_ctx *c)
{
	struct fetcher *f = c->fetcher;
	if (!f)
		return;
	close(f->in);
	kill(-f->pid, SIGTERM);
	long until = clock_ms() + END_MS;
	pid_t gone;
	while ((gone = waitpid(f->pid, NULL, WNOHANG)) == 0 && clock_ms() < until)
		clock_pause(20, NULL);
	/* Its workers too, should it have left some. */
	kill(-f->pid, SIGKILL);
	if (gone == 0)
		waitpid(f->pid, NULL, 0);
	hear(c);
	close(f->out);
	free(f->said);
	free(f);
	c->fetcher = NULL;
}

static bool tell(struct fetcher *f, const char *line)
{
	size_t len = strlen(line);
	for (ssize_t n; len > 0; line += n, len -= (size_t)n)
		if ((n = write(f->in, line, len)) < 0) {
			if (errno != EINTR)
				return false;
			n = 0;
		}
	return true;
}

int step_fetch_ahead(struct step_ctx *c, json_t *items, struct err *e)
{
	if (!json_is_array(items))
		return err_set(e, FAULT_INTERNAL, N_("a download lacks its source or its place"));
	if (c->dry_run || json_array_size(items) == 0)
		return 0;
	_cleanup_free_ char *text = json_dumps(items, JSON_COMPACT);
	_cleanup_free_ char *line = xasprintf("%s\n", text);
	hear(c);
	for (int tries = 0; tries < 2; tries++) {
		if (!c->fetcher)
			c->fetcher = start();
		if (c->fetcher && tell(c->fetcher, line))
			return 0;
		fetch_end(c); /* somebody ended it: another one */
	}
	step_log(c, "nothing is fetched ahead: the process for it does not start");
	return 0;
}
