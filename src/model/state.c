/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "model/state.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/paths.h"

/* Real ones are below 32 KiB; the limit keeps a wrong file from filling the memory. */
#define STATE_MAX ((size_t)4 << 20)

/* Members that must be there, and what each may be. */
enum want { WANT_INT, WANT_STRING, WANT_STRING_OR_NULL, WANT_OBJECT, WANT_OBJECT_OR_NULL, WANT_ARRAY };

struct member {
	const char *name;
	enum want want;
};

static const struct member top_members[] = {
	{ "format", WANT_INT },	   { "written_by", WANT_STRING },
	{ "lineage", WANT_STRING }, { "serial", WANT_INT },
	{ "run", WANT_OBJECT },	   { "steps", WANT_OBJECT },
	{ "facts", WANT_OBJECT },
};

static const struct member run_members[] = {
	{ "id", WANT_STRING },	    { "job", WANT_STRING },
	{ "status", WANT_STRING },  { "started", WANT_INT },
	{ "ended", WANT_INT },	    { "boot_id", WANT_STRING },
	{ "pid", WANT_INT },	    { "current", WANT_STRING_OR_NULL },
};

static const struct member step_members[] = {
	{ "status", WANT_STRING },     { "attempts", WANT_INT },
	{ "inputs", WANT_STRING },     { "version", WANT_INT },
	{ "started", WANT_INT },       { "elapsed_ms", WANT_INT },
	{ "error", WANT_OBJECT_OR_NULL }, { "note", WANT_STRING_OR_NULL },
	{ "facts", WANT_OBJECT },
};

static const struct member error_members[] = {
	{ "code", WANT_STRING },
	{ "card", WANT_STRING },
	{ "msgid", WANT_STRING },
	{ "args", WANT_ARRAY },
};

void state_done(struct state *s)
{
	json_decref(s->root);
	s->root = NULL;
}

static bool member_fits(const json_t *v, enum want want)
{
	switch (want) {
	case WANT_INT:
		return json_is_integer(v);
	case WANT_STRING:
		return json_is_string(v);
	case WANT_STRING_OR_NULL:
		return json_is_string(v) || json_is_null(v);
	case WANT_OBJECT:
		return json_is_object(v);
	case WANT_OBJECT_OR_NULL:
		return json_is_object(v) || json_is_null(v);
	case WANT_ARRAY:
		return json_is_array(v);
	}
	return false;
}

static int bad(const char *where, const char *name, struct err *e)
{
	_cleanup_free_ char *path = path_get(PATH_STATE);
	return err_set(e, FAULT_STATE_BAD, N_("%s: the member %s%s is missing or of a wrong kind"), path,
		       where, name);
}

static int check_members(const json_t *o, const struct member *m, size_t n, const char *where,
			 struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (!member_fits(json_object_get(o, m[i].name), m[i].want))
			return bad(where, m[i].name, e);
	return 0;
}

static int check_step(const char *id, const json_t *step, const json_t *facts, struct err *e)
{
	_cleanup_free_ char *where = xasprintf("steps.%s.", id);
	if (!json_is_object(step))
		return bad("steps.", id, e);
	if (check_members(step, step_members, ARRAY_LEN(step_members), where, e) < 0)
		return -1;
	const char *status = json_str_at(step, "status");
	if (strcmp(status, "running") && strcmp(status, "done") && strcmp(status, "failed"))
		return bad(where, "status", e);
	const json_t *error = json_object_get(step, "error");
	if (json_is_object(error) &&
	    check_members(error, error_members, ARRAY_LEN(error_members), where, e) < 0)
		return -1;
	/* A step's own facts stand in the common ones too: a fact cut out by hand is noticed, instead of
	 * being taken for "not known yet". */
	const char *name;
	json_t *value;
	json_object_foreach(json_object_get(step, "facts"), name, value)
		if (!json_object_get(facts, name))
			return bad("facts.", name, e);
	return 0;
}

static bool fact_has_owner(const json_t *steps, const char *name)
{
	const char *id;
	json_t *step;
	json_object_foreach((json_t *)steps, id, step)
		if (json_object_get(json_object_get(step, "facts"), name))
			return true;
	return false;
}

static int check(const json_t *root, struct err *e)
{
	if (check_members(root, top_members, ARRAY_LEN(top_members), "", e) < 0)
		return -1;
	const json_t *run = json_object_get(root, "run");
	if (json_object_size(run) > 0 &&
	    check_members(run, run_members, ARRAY_LEN(run_members), "run.", e) < 0)
		return -1;
	const json_t *facts = json_object_get(root, "facts");
	const json_t *steps = json_object_get(root, "steps");
	const char *name;
	json_t *v;
	if (json_object_size(run) == 0 && json_object_size(steps) > 0)
		return bad("", "run", e);
	json_object_foreach((json_t *)steps, name, v)
		if (check_step(name, v, facts, e) < 0)
			return -1;
	json_object_foreach((json_t *)facts, name, v)
		if (!fact_has_owner(steps, name))
			return bad("steps.*.facts.", name, e);
	return 0;
}

static int fresh(struct state *s, struct err *e)
{
	_cleanup_free_ char *lineage = crypto_uuid(e);
	if (!lineage)
		return -1;
	s->root = json_pack("{s:i, s:s, s:s, s:i, s:{}, s:{}, s:{}}", "format", STATE_FORMAT, "written_by",
			    PACKAGE_STRING, "lineage", lineage, "serial", 0, "run", "steps", "facts");
	return 0;
}

int state_load(struct state *s, struct err *e)
{
	_cleanup_free_ char *path = path_get(PATH_STATE);
	_cleanup_free_ char *buf = NULL;
	_cleanup_json_ json_t *root = NULL;
	struct err io = ERR_INIT;
	size_t len;

	s->root = NULL;
	if (fs_read(path, STATE_MAX, &buf, &len, &io) < 0) {
		if (errno == ENOENT)
			return fresh(s, e);
		if (e && !err_is_set(e))
			*e = io;
		return -1;
	}
	root = json_parse(buf, len, FAULT_STATE_BAD, path, e);
	if (!root)
		return -1;
	if (json_int_at(root, "format", 0) > STATE_FORMAT)
		return err_set(e, FAULT_STATE_NEWER, N_("%s has format %lld; this program knows format %d"),
			       path, json_int_at(root, "format", 0), STATE_FORMAT);
	if (json_int_at(root, "format", 0) != STATE_FORMAT)
		return bad("", "format", e);
	if (check(root, e) < 0)
		return -1;
	s->root = steal(root);
	return 0;
}

int state_save(struct state *s, struct err *e)
{
	_cleanup_free_ char *path = path_get(PATH_STATE);
	json_object_set_new(s->root, "written_by", json_string(PACKAGE_STRING));
	json_object_set_new(s->root, "serial", json_integer(json_int_at(s->root, "serial", 0) + 1));
	_cleanup_free_ char *text = json_pretty(s->root);
	return fs_write_atomic(path, text, strlen(text), 0600, e);
}

int state_reset(char **ret_new_path, struct err *e)
{
	_cleanup_free_ char *path = path_get(PATH_STATE);
	_cleanup_free_ char *aside = xasprintf("%s.broken-%lld", path, (long long)time(NULL));
	if (rename(path, aside) < 0)
		return err_set(e, FAULT_IO, N_("%s cannot be set aside: %s"), path, strerror(errno));
	*ret_new_path = steal(aside);
	return 0;
}

static const char *const step_words[] = {
	[STATE_NONE] = "pending",
	[STATE_RUNNING] = "running",
	[STATE_DONE] = "done",
	[STATE_FAILED] = "failed",
};

const char *state_step_word(enum state_step st)
{
	return step_words[st];
}

static const json_t *find_step(const struct state *s, const char *id)
{
	return json_object_get(json_object_get(s->root, "steps"), id);
}

enum state_step state_step_status(const struct state *s, const char *id)
{
	const char *word = json_str_at(find_step(s, id), "status");
	for (enum state_step st = STATE_RUNNING; word && st <= STATE_FAILED; st++)
		if (!strcmp(word, step_words[st]))
			return st;
	return STATE_NONE;
}

const char *state_step_inputs(const struct state *s, const char *id)
{
	return json_str_at(find_step(s, id), "inputs");
}

long state_step_attempts(const struct state *s, const char *id)
{
	return (long)json_int_at(find_step(s, id), "attempts", 0);
}

json_t *state_step(struct state *s, const char *id)
{
	json_t *steps = json_object_get(s->root, "steps");
	json_t *step = json_object_get(steps, id);
	if (step)
		return step;
	step = json_pack("{s:s, s:i, s:s, s:i, s:i, s:i, s:n, s:n, s:{}}", "status", "running", "attempts",
			 0, "inputs", "", "version", 0, "started", 0, "elapsed_ms", 0, "error", "note",
			 "facts");
	json_object_set_new(steps, id, step);
	return step;
}

json_t *state_facts(const struct state *s)
{
	return json_object_get(s->root, "facts");
}

json_t *state_run(const struct state *s)
{
	return json_object_get(s->root, "run");
}

char *state_boot_id(void)
{
	_cleanup_free_ char *buf = NULL;
	if (fs_read("/proc/sys/kernel/random/boot_id", 4096, &buf, NULL, NULL) < 0)
		return xstrdup("");
	return text_trim(buf);
}
