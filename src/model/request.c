/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* request.json: what the frontend asks of the engine. */
#include "model/request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "model/paths.h"

#define REQUEST_MAX ((size_t)64 << 10)

void request_done(struct request *r)
{
	free(r->job);
	free(r->until);
	free(r->bundle);
	free(r->arch);
	*r = (struct request){ 0 };
}

int request_save(const struct request *r, struct err *e)
{
	_cleanup_free_ char *path = path_get(PATH_REQUEST);
	_cleanup_free_ char *dir = path_get(PATH_STATE_DIR);
	_cleanup_json_ json_t *root = json_object();
	json_t *options = json_object();

	json_object_set_new(root, "job", json_text(r->job ? r->job : "install"));
	json_object_set_new(options, "rehearse", json_boolean(r->rehearse));
	if (r->until)
		json_object_set_new(options, "until", json_text(r->until));
	if (r->bundle)
		json_object_set_new(options, "bundle", json_text(r->bundle));
	if (r->arch)
		json_object_set_new(options, "arch", json_text(r->arch));
	json_object_set_new(root, "options", options);
	if (fs_mkdir_p(dir, 0700, e) < 0)
		return -1;
	_cleanup_free_ char *text = json_pretty(root);
	return fs_write_atomic(path, text, strlen(text), 0600, e);
}

static int bad(const char *path, const char *member, struct err *e)
{
	return err_set(e, FAULT_REQUEST_BAD, N_("%s: the member %s is missing or of a wrong kind"),
		       path, member);
}

/* A word that may be missing. */
static int read_word(const json_t *options, const char *name, const char *path, char **ret, struct err *e)
{
	const json_t *v = json_object_get(options, name);
	_cleanup_free_ char *member = xasprintf("options.%s", name);

	if (v && !json_is_null(v) && (!json_is_string(v) || !json_string_length(v)))
		return bad(path, member, e);
	*ret = json_is_string(v) ? xstrdup(json_string_value(v)) : NULL;
	return 0;
}

static int read_members(const json_t *root, const char *path, struct request *r, struct err *e)
{
	const json_t *options = json_object_get(root, "options");
	const json_t *rehearse = json_object_get(options, "rehearse");
	const char *job = json_str_at(root, "job");

	if (!job || !*job)
		return bad(path, "job", e);
	if (options && !json_is_object(options))
		return bad(path, "options", e);
	if (rehearse && !json_is_boolean(rehearse))
		return bad(path, "options.rehearse", e);
	r->job = xstrdup(job);
	r->rehearse = json_is_true(rehearse);
	if (read_word(options, "until", path, &r->until, e) < 0 ||
	    read_word(options, "bundle", path, &r->bundle, e) < 0)
		return -1;
	return read_word(options, "arch", path, &r->arch, e);
}

int request_load(struct request *r, struct err *e)
{
	_cleanup_free_ char *path = path_get(PATH_REQUEST);
	_cleanup_free_ char *buf = NULL;
	struct err io = ERR_INIT;
	size_t len;

	*r = (struct request){ 0 };
	if (fs_read(path, REQUEST_MAX, &buf, &len, &io) < 0) {
		if (errno == ENOENT) {
			r->job = xstrdup("install");
			return 0;
		}
		if (e && !err_is_set(e))
			*e = io;
		return -1;
	}
	_cleanup_json_ json_t *root = json_parse(buf, len, FAULT_REQUEST_BAD, path, e);
	if (!root)
		return -1;
	return read_members(root, path, r, e);
}
