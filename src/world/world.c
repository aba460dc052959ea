/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Files of the world: paths, whole files, and JSON stores under a lock. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "world/world.h"

void world_die(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fputs("ess-world: ", stderr);
	vfprintf(stderr, fmt, ap);
	fputc('\n', stderr);
	va_end(ap);
	_exit(70);
}

char *world_path(const struct world *w, const char *rel)
{
	return xasprintf("%s%s", w->root, rel);
}

char *world_find(const char *from)
{
	char *dir = realpath(from, NULL);
	if (!dir) {
		/* a dangling link still has a folder */
		dir = xstrdup(from);
	}
	for (char *slash; (slash = strrchr(dir, '/')); *slash = '\0') {
		_cleanup_free_ char *probe =
			xasprintf("%.*s/world/world.json", (int)(slash - dir), dir);
		if (access(probe, F_OK) == 0) {
			*slash = '\0';
			return dir;
		}
		if (slash == dir)
			break;
	}
	free(dir);
	return NULL;
}

char *world_read(const struct world *w, const char *rel, size_t *ret_len)
{
	_cleanup_free_ char *path = world_path(w, rel);
	char *buf = NULL;
	if (fs_read(path, 64 << 20, &buf, ret_len, NULL) < 0)
		return NULL;
	return buf;
}

void world_write(const struct world *w, const char *rel, const void *data, size_t len,
		 unsigned mode)
{
	_cleanup_free_ char *path = world_path(w, rel);
	_cleanup_free_ char *dir = xstrndup(path, (size_t)(strrchr(path, '/') - path));
	if (fs_mkdir_p(dir, 0755, NULL) < 0)
		world_die("cannot make %s: %s", dir, strerror(errno));
	_cleanup_free_ char *tmp = xasprintf("%s.new.%ld", path, (long)getpid());
	_cleanup_close_ int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
	if (fd < 0 || fchmod(fd, mode) < 0)
		world_die("cannot write %s: %s", tmp, strerror(errno));
	for (size_t at = 0; at < len;) {
		ssize_t n = write(fd, (const char *)data + at, len - at);
		if (n < 0)
			world_die("cannot write %s: %s", tmp, strerror(errno));
		at += (size_t)n;
	}
	if (rename(tmp, path) < 0)
		world_die("cannot replace %s: %s", path, strerror(errno));
}

void world_printf(const struct world *w, const char *rel, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	_cleanup_free_ char *text = xvasprintf(fmt, ap);
	va_end(ap);
	world_write(w, rel, text, strlen(text), 0644);
}

bool world_exists(const struct world *w, const char *rel)
{
	_cleanup_free_ char *path = world_path(w, rel);
	return access(path, F_OK) == 0;
}

bool world_word_in(const char *words, const char *word)
{
	size_t len = strlen(word);
	for (const char *at = words; len && (at = strstr(at, word)); at += len)
		if ((at == words || at[-1] == ' ') && (at[len] == ' ' || !at[len]))
			return true;
	return false;
}

char *world_now(void)
{
	char buf[32];
	time_t t = time(NULL);
	struct tm tm;
	gmtime_r(&t, &tm);
	strftime(buf, sizeof(buf), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return xstrdup(buf);
}

char *world_now_ns(void)
{
	char buf[32];
	struct timespec ts;
	struct tm tm;
	clock_gettime(CLOCK_REALTIME, &ts);
	gmtime_r(&ts.tv_sec, &tm);
	strftime(buf, sizeof(buf), "%Y-%m-%dT%H:%M:%S", &tm);
	return xasprintf("%s.%09ldZ", buf, ts.tv_nsec);
}

void store_open(const struct world *w, const char *name, struct store *ret)
{
	_cleanup_free_ char *lock = xasprintf("%s/world/%s.lock", w->root, name);
	ret->path = xasprintf("/world/%s.json", name);
	ret->lock = open(lock, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	struct flock fl = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	if (ret->lock < 0 || fcntl(ret->lock, F_OFD_SETLKW, &fl) < 0)
		world_die("cannot lock %s: %s", lock, strerror(errno));

	size_t len = 0;
	_cleanup_free_ char *text = world_read(w, ret->path, &len);
	json_error_t je;
	ret->j = text ? json_loadb(text, len, 0, &je) : json_object();
	if (!json_is_object(ret->j))
		world_die("%s%s is damaged: %s", w->root, ret->path, je.text);
	char *rel = ret->path;
	ret->path = world_path(w, rel);
	free(rel);
}

void store_close(struct store *s, bool save)
{
	if (save) {
		_cleanup_free_ char *text = json_dumps(s->j, JSON_COMPACT);
		_cleanup_free_ char *tmp = xasprintf("%s.new", s->path);
		_cleanup_close_ int fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
		size_t len = strlen(text);
		if (fd < 0 || write(fd, text, len) != (ssize_t)len || rename(tmp, s->path) < 0)
			world_die("cannot write %s: %s", s->path, strerror(errno));
	}
	json_decref(s->j);
	free(s->path);
	close(s->lock);
}

json_t *world_info(const struct world *w)
{
	_cleanup_free_ char *text = world_read(w, "/world/world.json", NULL);
	json_t *j = text ? json_loads(text, 0, NULL) : NULL;
	return j ? j : json_object();
}
