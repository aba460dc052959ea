/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* How a step reads, writes and downloads files, all below the root. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "steps/ctx.h"

#define DOWNLOAD_MAX ((size_t)2 << 30)
#define DIFF_MAX ((size_t)1 << 20)

int step_read(struct step_ctx *c, const char *path, size_t max, char **ret, size_t *ret_len, struct err *e)
{
	_cleanup_free_ char *real = path_under(path);
	struct err io = ERR_INIT;

	*ret = NULL;
	if (ret_len)
		*ret_len = 0;
	if (fs_read(real, max, ret, ret_len, &io) == 0)
		return 0;
	if (errno == ENOENT || errno == ENOTDIR)
		return 0;
	if (e && !err_is_set(e))
		*e = io;
	return -1;
}

int step_same(struct step_ctx *c, const char *path, const void *data, size_t len, int mode, struct err *e)
{
	_cleanup_free_ char *real = path_under(path);
	return fs_same(real, data, len, (mode_t)mode, e);
}

int step_has_hash(struct step_ctx *c, const char *path, const char *sha256, struct err *e)
{
	_cleanup_free_ char *real = path_under(path);
	if (!fs_exists(real))
		return 0;
	_cleanup_free_ char *have = crypto_sha256_file(real, e);
	return have ? !strcmp(have, sha256) : -1;
}

/* A new file's parents, without touching those that are there. */
static int make_parents(const char *real, struct err *e)
{
	_cleanup_free_ char *dir = xstrdup(real);
	char *slash = strrchr(dir, '/');
	if (!slash || slash == dir)
		return 0;
	*slash = '\0';
	return fs_mkdir_p(dir, 0755, e);
}

static void plan_file(struct step_ctx *c, const char *path, const char *change, int mode, const char *old,
		      const char *new)
{
	_cleanup_free_ char *octal = xasprintf("%04o", (unsigned)mode);
	json_t *item = json_pack("{s:s, s:s, s:s}", "path", path, "change", change, "mode", octal);
	if (old && new && text_is_utf8(old, strlen(old)) && text_is_utf8(new, strlen(new))) {
		_cleanup_free_ char *diff = text_diff(old, new, path, path);
		_cleanup_free_ char *safe = redact_text(c->redact, diff);
		json_object_set_new(item, "diff", json_text(safe));
	}
	ctx_plan(c, "files", item);
}

static int plan_write(struct step_ctx *c, const char *path, const char *data, size_t len, int mode,
		      struct err *e)
{
	_cleanup_free_ char *old = NULL;
	_cleanup_free_ char *new = xstrndup(data, len);
	if (len > DIFF_MAX || step_read(c, path, DIFF_MAX, &old, NULL, NULL) < 0)
		plan_file(c, path, "replace", mode, NULL, NULL);
	else
		plan_file(c, path, old ? "replace" : "create", mode, old ? old : "", new);
	return 0;
}

int step_write(struct step_ctx *c, const char *path, const void *data, size_t len, int mode, struct err *e)
{
	_cleanup_free_ char *real = path_under(path);
	int same = fs_same(real, data, len, (mode_t)mode, e);

	if (same != 0)
		return same < 0 ? -1 : 0;
	if (c->dry_run)
		return plan_write(c, path, data, len, mode, e);
	events_log(c->events, c->step->id, "write", path);
	if (make_parents(real, e) < 0)
		return -1;
	return fs_write_atomic(real, data, len, (mode_t)mode, e);
}

int step_remove(struct step_ctx *c, const char *path, struct err *e)
{
	_cleanup_free_ char *real = path_under(path);
	if (!fs_exists(real))
		return 0;
	if (c->dry_run) {
		plan_file(c, path, "remove", 0, NULL, NULL);
		return 0;
	}
	events_log(c->events, c->step->id, "remove", path);
	return fs_remove(real, e);
}

int step_mkdir(struct step_ctx *c, const char *path, int mode, struct err *e)
{
	_cleanup_free_ char *real = path_under(path);
	if (fs_exists(real))
		return 0;
	if (c->dry_run) {
		plan_file(c, path, "create", mode, NULL, NULL);
		return 0;
	}
	events_log(c->events, c->step->id, "mkdir", path);
	return fs_mkdir_p(real, (mode_t)mode, e);
}

int step_symlink(struct step_ctx *c, const char *target, const char *path, struct err *e)
{
	_cleanup_free_ char *real = path_under(path);
	char now[4096];
	ssize_t n = readlink(real, now, sizeof(now) - 1);

	if (n >= 0 && (size_t)n == strlen(target) && !memcmp(now, target, (size_t)n))
		return 0;
	if (c->dry_run) {
		plan_file(c, path, "link", 0777, NULL, NULL);
		return 0;
	}
	events_log(c->events, c->step->id, "link", path);
	if (make_parents(real, e) < 0)
		return -1;
	return fs_symlink(target, real, e);
}

/* True in a dry run, which only notes that the file would be put there. */
static bool only_planned(struct step_ctx *c, const char *path, const char *real, int mode)
{
	if (c->dry_run)
		plan_file(c, path, fs_exists(real) ? "replace" : "create", mode, NULL, NULL);
	return c->dry_run;
}

int step_install(struct step_ctx *c, const char *from, const char *to, int mode, struct err *e)
{
	_cleanup_free_ char *src = path_under(from);
	_cleanup_free_ char *dst = path_under(to);

	if (only_planned(c, to, dst, mode))
		return 0;
	int same = fs_same_file(src, dst, (mode_t)mode, e);
	if (same != 0)
		return same < 0 ? -1 : 0;
	events_log(c->events, c->step->id, "install", to);
	if (make_parents(dst, e) < 0)
		return -1;
	return fs_copy_atomic(src, dst, (mode_t)mode, e);
}

int step_move(struct step_ctx *c, const char *from, const char *to, int mode, struct err *e)
{
	_cleanup_free_ char *src = path_under(from);
	_cleanup_free_ char *dst = path_under(to);

	if (only_planned(c, to, dst, mode))
		return 0;
	events_log(c->events, c->step->id, "install", to);
	if (make_parents(dst, e) < 0)
		return -1;
	if (chmod(src, (mode_t)mode) == 0 && rename(src, dst) == 0)
		return 0;
	/* Another file system. */
	return fs_copy_atomic(src, dst, (mode_t)mode, e) < 0 ? -1 : fs_remove(src, e);
}

int ctx_await(struct step_ctx *c, const char *path, struct err *e)
{
	_cleanup_free_ char *real = path_under(path);
	return c->dry_run ? 0 : http_download_wait(c->http, real, e);
}

int ctx_download(struct step_ctx *c, const char *url, const char *const *headers, const char *sha256,
		 size_t max, const char *path, int mode, struct err *e)
{
	_cleanup_free_ char *real = path_under(path);
	int have = ctx_await(c, path, e);

	if (have == 0 && sha256)
		have = step_has_hash(c, path, sha256, e);
	if (have != 0)
		return have < 0 ? -1 : 0;
	if (c->dry_run) {
		ctx_plan(c, "downloads", json_pack("{s:s, s:s}", "url", url, "path", path));
		return 0;
	}
	events_log(c->events, c->step->id, "download", url);
	if (make_parents(real, e) < 0)
		return -1;
	return http_download(c->http, url, headers, sha256, max ? max : DOWNLOAD_MAX, real, mode, e);
}

int step_download(struct step_ctx *c, const char *url, const char *const *headers, const char *sha256,
		  const char *path, int mode, struct err *e)
{
	const bool named = c->fetching;
	if (!named)
		c->fetching = strrchr(path, '/') + 1;
	int r = ctx_download(c, url, headers, sha256, 0, path, mode, e);
	if (!named)
		c->fetching = NULL;
	return r;
}
