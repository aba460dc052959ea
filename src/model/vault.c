/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "model/vault.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "model/paths.h"

#define VAULT_FORMAT 1
#define VAULT_MAX ((size_t)4 << 20)

struct vault {
	const struct secrets *secrets;
	json_t *kept; /* name -> sealed text */
	bool damaged;
};

/* The object of sealed texts; NULL when the text is none of ours. New. */
static json_t *understand(const char *text, size_t len, const char *path)
{
	_cleanup_json_ json_t *root = json_parse(text, len, FAULT_IO, path, NULL);
	json_t *kept = json_object_get(root, "kept");
	const char *name;
	json_t *sealed;
	if (json_int_at(root, "format", -1) != VAULT_FORMAT || !json_is_object(kept))
		return NULL;
	json_object_foreach(kept, name, sealed)
		if (!json_is_string(sealed))
			return NULL;
	return json_incref(kept);
}

struct vault *vault_open(const struct secrets *s, struct err *e)
{
	_cleanup_free_ char *path = path_get(PATH_KEPT);
	_cleanup_free_ char *text = NULL;
	struct err io = ERR_INIT;
	size_t len = 0;

	if (fs_read(path, VAULT_MAX, &text, &len, &io) < 0 && errno != ENOENT) {
		if (e && !err_is_set(e))
			*e = io;
		return NULL;
	}
	struct vault *v = xcalloc(1, sizeof(*v));
	v->secrets = s;
	v->kept = text ? understand(text, len, path) : json_object();
	v->damaged = !v->kept;
	if (v->damaged)
		v->kept = json_object();
	return v;
}

struct vault *vault_close(struct vault *v)
{
	if (v)
		json_decref(v->kept);
	free(v);
	return NULL;
}

bool vault_is_damaged(const struct vault *v)
{
	return v->damaged;
}

bool vault_has(const struct vault *v, const char *name)
{
	return json_object_get(v->kept, name) != NULL;
}

json_t *vault_get(const struct vault *v, const char *name)
{
	const char *sealed = json_string_value(json_object_get(v->kept, name));
	_cleanup_secret_ char *plain = NULL;
	size_t len;
	if (!sealed || secrets_unseal(v->secrets, sealed, name, &plain, &len, NULL) < 0)
		return NULL;
	json_t *object = json_parse(plain, len, FAULT_SECRETS_BAD, name, NULL);
	if (json_is_object(object))
		return object;
	json_decref(object);
	return NULL;
}

static int set_aside(struct vault *v, const char *path, struct err *e)
{
	_cleanup_free_ char *aside = xasprintf("%s.damaged", path);
	if (rename(path, aside) < 0 && errno != ENOENT)
		return err_set(e, FAULT_IO, N_("cannot rename %s: %s"), path, strerror(errno));
	v->damaged = false;
	return 0;
}

static int save(struct vault *v, struct err *e)
{
	_cleanup_free_ char *path = path_get(PATH_KEPT);
	_cleanup_json_ json_t *root =
		json_pack("{s:i, s:O}", "format", VAULT_FORMAT, "kept", v->kept);
	_cleanup_free_ char *text = json_pretty(root);
	if (v->damaged && set_aside(v, path, e) < 0)
		return -1;
	return fs_write_atomic(path, text, strlen(text), 0600, e);
}

int vault_put(struct vault *v, const char *name, const json_t *object, struct err *e)
{
	_cleanup_secret_ char *plain = object ? json_canonical(object) : NULL;
	_cleanup_free_ char *sealed =
		plain ? secrets_seal(v->secrets, plain, strlen(plain), name, e) : NULL;
	if (plain && !sealed)
		return -1;
	json_t *before = v->kept;
	v->kept = json_copy(before);
	if (sealed)
		json_object_set_new(v->kept, name, json_string(sealed));
	else
		json_object_del(v->kept, name);
	int saved = save(v, e);
	/* Not on disk: memory must not say otherwise. */
	json_decref(saved == 0 ? before : v->kept);
	if (saved < 0)
		v->kept = before;
	return saved;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

json_t *vault_names(const struct vault *v)
{
	size_t n = 0;
	const char *name;
	json_t *unused;
	_cleanup_free_ const char **all = xcalloc(json_object_size(v->kept) + 1, sizeof(*all));
	json_object_foreach(v->kept, name, unused)
		all[n++] = name;
	qsort(all, n, sizeof(*all), by_name);
	json_t *names = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(names, json_string(all[i]));
	return names;
}
