/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The answers: a JSON object shaped by the dots in the keys' names. */
#include "model/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/paths.h"

#define CONFIG_MAX ((size_t)1 << 20)

static json_t *list_from_text(const char *text)
{
	json_t *list = json_array();
	_cleanup_strv_ char **items = text_split(text, ',');

	for (char **p = items; p && *p; p++) {
		_cleanup_free_ char *item = text_trim(*p);
		json_array_append_new(list, json_text(item));
	}
	return list;
}

/* A checked text form as the JSON value that stands for it. */
static json_t *from_text(const struct key *key, const char *text)
{
	switch (key->type) {
	case KEY_INT:
		return json_integer(strtol(text, NULL, 10));
	case KEY_BOOL:
		return json_boolean(!strcmp(text, "true"));
	case KEY_LIST:
		return list_from_text(text);
	case KEY_STRING:
	case KEY_ENUM:
		break;
	}
	return json_text(text);
}

static bool type_fits(const struct key *key, const json_t *v)
{
	size_t i;
	const json_t *item;

	switch (key->type) {
	case KEY_INT:
		return json_is_integer(v);
	case KEY_BOOL:
		return json_is_boolean(v);
	case KEY_LIST:
		json_array_foreach(v, i, item) if (!json_is_string(item)) return false;
		return json_is_array(v);
	case KEY_STRING:
	case KEY_ENUM:
		break;
	}
	return json_is_string(v);
}

void config_new(struct config *c)
{
	size_t n;
	const struct key *k = keys(&n);

	c->root = json_object();
	c->defaults = json_object();
	for (size_t i = 0; i < n; i++)
		if (k[i].type == KEY_LIST)
			json_object_set_new(c->defaults, k[i].name,
					    list_from_text(k[i].def ? k[i].def : ""));
}

void config_done(struct config *c)
{
	json_decref(c->root);
	json_decref(c->defaults);
	c->root = c->defaults = NULL;
}

/* --- the stored one --------------------------------------------------------------------------- */

static bool is_group(const char *name)
{
	size_t n, len = strlen(name);
	const struct key *k = keys(&n);

	for (size_t i = 0; i < n; i++)
		if (!strncmp(k[i].name, name, len) && k[i].name[len] == '.')
			return true;
	return false;
}

/* Only the shape: values are judged by config_check(), so that a bad one can still be mended with
 * "config set". */
static int check_shape(const json_t *o, const char *prefix, const char *path, struct err *e)
{
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)o, name, v)
	{
		_cleanup_free_ char *full = xasprintf("%s%s%s", prefix, *prefix ? "." : "", name);
		const struct key *key = strchr(name, '.') ? NULL : key_find(full);
		if (!key && json_is_object(v) && is_group(full)) {
			if (check_shape(v, full, path, e) < 0)
				return -1;
			continue;
		}
		if (!key)
			return err_set(e, FAULT_CONFIG_BAD,
				       N_("%s: %s is no setting that this version knows"), path,
				       full);
		if (key->flags & KEY_SECRET)
			return err_set(e, FAULT_CONFIG_BAD,
				       N_("%s: %s is a secret and does not belong into this file"),
				       path, full);
		if (!type_fits(key, v))
			return err_set(
				e, FAULT_CONFIG_BAD,
				N_("%s: %s has a value of a wrong kind; a right value is %s"), path,
				full, key->example);
	}
	return 0;
}

int config_take(struct config *c, json_t *root, const char *what, struct err *e)
{
	if (!json_is_object(root))
		return err_set(e, FAULT_CONFIG_BAD, N_("%s does not hold one JSON object"), what);
	if (check_shape(root, "", what, e) < 0)
		return -1;
	config_new(c);
	json_decref(c->root);
	c->root = json_incref(root);
	return 0;
}

int config_load(struct config *c, struct err *e)
{
	_cleanup_free_ char *path = path_get(PATH_CONFIG);
	_cleanup_free_ char *buf = NULL;
	struct err io = ERR_INIT;
	size_t len;

	*c = (struct config){ 0 };
	if (fs_read(path, CONFIG_MAX, &buf, &len, &io) < 0) {
		if (errno == ENOENT) {
			config_new(c);
			return 0;
		}
		if (e && !err_is_set(e))
			*e = io;
		return -1;
	}
	_cleanup_json_ json_t *root = json_parse(buf, len, FAULT_CONFIG_BAD, path, e);
	return root ? config_take(c, root, path, e) : -1;
}

int config_save(const struct config *c, struct err *e)
{
	_cleanup_free_ char *path = path_get(PATH_CONFIG);
	_cleanup_free_ char *dir = path_get(PATH_STATE_DIR);
	_cleanup_free_ char *text = json_pretty(c->root);

	if (fs_mkdir_p(dir, 0700, e) < 0)
		return -1;
	return fs_write_atomic(path, text, strlen(text), 0600, e);
}

/* --- values ----------------------------------------------------------------------------------- */

/* A wrong name or type is a mistake in our own code, and a default in its place would hide it. */
static const struct key *must_find(const char *name)
{
	const struct key *key = key_find(name);
	if (!key) {
		fprintf(stderr, "config key %s is not in the table\n", name);
		abort();
	}
	return key;
}

static const struct key *must_be(const char *name, enum key_type type)
{
	const struct key *key = must_find(name);
	if (key->type != type && !(key->type == KEY_ENUM && type == KEY_STRING)) {
		fprintf(stderr, "config key %s has another type\n", name);
		abort();
	}
	return key;
}

static const json_t *stored(const struct config *c, const char *name)
{
	return json_at(c->root, name);
}

const char *config_str(const struct config *c, const char *name)
{
	const struct key *key = must_be(name, KEY_STRING);
	const json_t *v = stored(c, name);
	return v ? json_string_value(v) : key->def;
}

long config_int(const struct config *c, const char *name)
{
	const struct key *key = must_be(name, KEY_INT);
	const json_t *v = stored(c, name);
	if (v)
		return (long)json_integer_value(v);
	return key->def ? strtol(key->def, NULL, 10) : 0;
}

bool config_bool(const struct config *c, const char *name)
{
	const struct key *key = must_be(name, KEY_BOOL);
	const json_t *v = stored(c, name);
	return v ? json_is_true(v) : key->def && !strcmp(key->def, "true");
}

const json_t *config_list(const struct config *c, const char *name)
{
	must_be(name, KEY_LIST);
	const json_t *v = stored(c, name);
	return v ? v : json_object_get(c->defaults, name);
}

bool config_is_set(const struct config *c, const char *name)
{
	must_find(name);
	return stored(c, name) != NULL;
}

json_t *config_json(const struct config *c, const char *name)
{
	const struct key *key = must_find(name);
	const json_t *v = stored(c, name);
	if (v)
		return json_deep_copy(v);
	return key->def ? from_text(key, key->def) : json_null();
}

char *config_text(const struct config *c, const char *name)
{
	_cleanup_json_ json_t *v = config_json(c, name);
	char **items = NULL;
	size_t i;
	json_t *item;

	if (json_is_integer(v))
		return xasprintf("%lld", (long long)json_integer_value(v));
	if (json_is_boolean(v))
		return xstrdup(json_is_true(v) ? "true" : "false");
	if (!json_is_array(v))
		return xstrdup(json_is_string(v) ? json_string_value(v) : "");
	json_array_foreach(v, i, item) strv_add(&items, xstrdup(json_string_value(item)));
	char *text = items ? text_join((const char *const *)items, ",") : xstrdup("");
	strv_free(items);
	return text;
}

static void unset(json_t *o, const char *name)
{
	size_t n = strcspn(name, ".");
	_cleanup_free_ char *part = xstrndup(name, n);
	json_t *child = json_object_get(o, part);

	if (name[n] && json_is_object(child))
		unset(child, name + n + 1);
	if (!name[n] || (json_is_object(child) && json_object_size(child) == 0))
		json_object_del(o, part);
}

static void put(json_t *o, const char *name, json_t *value)
{
	size_t n = strcspn(name, ".");
	_cleanup_free_ char *part = xstrndup(name, n);

	if (!name[n]) {
		json_object_set_new(o, part, value);
		return;
	}
	if (!json_is_object(json_object_get(o, part)))
		json_object_set_new(o, part, json_object());
	put(json_object_get(o, part), name + n + 1, value);
}

static int unknown_key(const char *name, struct err *e)
{
	const char *nearest = key_nearest(name);
	_cleanup_free_ char *clean = text_clean(name, strlen(name));
	if (nearest)
		return err_set(e, FAULT_CONFIG_KEY,
			       N_("there is no setting \"%s\"; did you mean %s?"), clean, nearest);
	return err_set(e, FAULT_CONFIG_KEY, N_("there is no setting \"%s\"; \"%s\" would be one"),
		       clean, "domains.server_name");
}

int config_set(struct config *c, const char *name, const char *value, struct err *e)
{
	const struct key *key = key_find(name);

	if (!key)
		return unknown_key(name, e);
	if (key->flags & KEY_SECRET)
		return err_set(e, FAULT_CONFIG_VALUE,
			       N_("%s is a secret: it is kept encrypted, apart from the other "
				  "settings"),
			       name);
	/* Nothing at all is "not set" where that is allowed; elsewhere it is a mistake to be named.
	 */
	bool may_be_empty = !key->def && !(key->flags & KEY_REQUIRED);
	if (!value || (!*value && may_be_empty)) {
		unset(c->root, name);
		return 0;
	}
	if (!text_is_utf8(value, strlen(value)))
		return err_set(e, FAULT_CONFIG_VALUE,
			       N_("%s: the value is not valid UTF-8; a right one is %s"), name,
			       key->example);
	if (key_check(key, value, e) < 0)
		return -1;
	put(c->root, name, from_text(key, value));
	return 0;
}

char *config_host(const struct config *c, const char *which)
{
	_cleanup_free_ char *name = xasprintf("domains.%s", which);
	const char *host = config_str(c, name);
	const char *server = config_str(c, "domains.server_name");

	if (!strcmp(which, "admin") && !strcmp(host, "off"))
		return NULL;
	if (strchr(host, '.') || !server)
		return xstrdup(host);
	return xasprintf("%s.%s", host, server);
}
