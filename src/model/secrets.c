/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* secrets.json: each value sealed under the key file, its name bound to it. */
#include "model/secrets.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "model/paths.h"

#define SECRETS_FORMAT 1
#define SECRETS_MAX ((size_t)1 << 20)

struct secret {
	char *name;
	char *value;
};

struct secrets {
	unsigned char key[CRYPTO_KEY_LEN];
	unsigned char digest_key[CRYPTO_KEY_LEN];
	struct secret *v;
	size_t n;
};

/* Reads a file; a missing one is 0 with *ret NULL. */
static int read_optional(const char *path, size_t max, char **ret, size_t *ret_len, struct err *e)
{
	struct err io = ERR_INIT;
	*ret = NULL;
	if (fs_read(path, max, ret, ret_len, &io) == 0 || errno == ENOENT)
		return 0;
	if (e && !err_is_set(e))
		*e = io;
	return -1;
}

static int make_key(struct secrets *s, const char *path, struct err *e)
{
	_cleanup_free_ char *dir = path_get(PATH_STATE_DIR);
	if (fs_mkdir_p(dir, 0700, e) < 0 || crypto_random(s->key, sizeof(s->key), e) < 0)
		return -1;
	return fs_write_atomic(path, s->key, sizeof(s->key), 0400, e);
}

static int load_key(struct secrets *s, struct err *e)
{
	_cleanup_free_ char *path = path_get(PATH_KEY);
	_cleanup_free_ char *secrets = path_get(PATH_SECRETS);
	char *buf = NULL;
	size_t len = 0;

	if (read_optional(path, 4096, &buf, &len, e) < 0)
		return -1;
	if (!buf && fs_exists(secrets))
		return err_set(e, FAULT_SECRETS_BAD, N_("%s is there, but its key %s is missing"),
			       secrets, path);
	if (!buf)
		return make_key(s, path, e);
	if (len == sizeof(s->key))
		memcpy(s->key, buf, len);
	explicit_bzero(buf, len);
	free(buf);
	if (len != sizeof(s->key))
		return err_set(e, FAULT_SECRETS_BAD, N_("%s has %zu bytes instead of %zu"), path,
			       len, sizeof(s->key));
	return 0;
}

/* Its own key for digests: what is kept in state.json must say nothing about the sealing key. */
static void derive_digest_key(struct secrets *s)
{
	static const char label[] = "ess-setup input digests, version 1";
	char *hex = crypto_hmac(s->key, label, sizeof(label) - 1);

	for (size_t i = 0; i < CRYPTO_KEY_LEN; i++) {
		char pair[3] = { hex[2 * i], hex[2 * i + 1], '\0' };
		s->digest_key[i] = (unsigned char)strtoul(pair, NULL, 16);
	}
	free_secret(hex);
}

static struct secret *find(const struct secrets *s, const char *name)
{
	for (size_t i = 0; i < s->n; i++)
		if (!strcmp(s->v[i].name, name))
			return &s->v[i];
	return NULL;
}

static void add(struct secrets *s, const char *name, char *value)
{
	s->v = xreallocarray(s->v, s->n + 1, sizeof(*s->v));
	s->v[s->n++] = (struct secret){ .name = xstrdup(name), .value = value };
}

static int open_value(struct secrets *s, const char *path, const char *name, const json_t *sealed,
		      struct err *e)
{
	_cleanup_secret_ char *plain = NULL;
	size_t len;
	struct err cause = ERR_INIT;

	if (!json_is_string(sealed))
		return err_set(e, FAULT_SECRETS_BAD,
			       N_("%s: the member %s is missing or of a wrong kind"), path, name);
	if (crypto_open(s->key, json_string_value(sealed), name, &plain, &len, &cause) < 0)
		return err_set(e, FAULT_SECRETS_BAD,
			       N_("%s: the secret %s does not open with the key"), path, name);
	add(s, name, steal(plain));
	return 0;
}

static int load_values(struct secrets *s, struct err *e)
{
	_cleanup_free_ char *path = path_get(PATH_SECRETS);
	_cleanup_free_ char *buf = NULL;
	size_t len;

	if (read_optional(path, SECRETS_MAX, &buf, &len, e) < 0)
		return -1;
	if (!buf)
		return 0;
	_cleanup_json_ json_t *root = json_parse(buf, len, FAULT_SECRETS_BAD, path, e);
	if (!root)
		return -1;
	long long format = json_int_at(root, "format", -1);
	if (format > SECRETS_FORMAT)
		return err_set(e, FAULT_SECRETS_BAD,
			       N_("%s has format %lld; this program knows format %d"), path, format,
			       SECRETS_FORMAT);
	json_t *values = json_object_get(root, "values");
	if (format != SECRETS_FORMAT || !json_is_object(values))
		return err_set(e, FAULT_SECRETS_BAD,
			       N_("%s: the member %s is missing or of a wrong kind"), path,
			       format != SECRETS_FORMAT ? "format" : "values");
	const char *name;
	json_t *sealed;
	json_object_foreach(values, name,
			    sealed) if (open_value(s, path, name, sealed, e) < 0) return -1;
	return 0;
}

struct secrets *secrets_open(struct err *e)
{
	struct secrets *s = xcalloc(1, sizeof(*s));

	if (load_key(s, e) < 0)
		return secrets_close(s);
	derive_digest_key(s);
	if (load_values(s, e) < 0)
		return secrets_close(s);
	return s;
}

struct secrets *secrets_close(struct secrets *s)
{
	if (!s)
		return NULL;
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i].name);
		free_secret(s->v[i].value);
	}
	free(s->v);
	explicit_bzero(s, sizeof(*s));
	free(s);
	return NULL;
}

const char *secrets_get(const struct secrets *s, const char *name)
{
	const struct secret *found = find(s, name);
	return found ? found->value : NULL;
}

static int save(const struct secrets *s, struct err *e)
{
	_cleanup_free_ char *path = path_get(PATH_SECRETS);
	_cleanup_json_ json_t *root = json_pack("{s:i, s:{}}", "format", SECRETS_FORMAT, "values");
	json_t *values = json_object_get(root, "values");

	for (size_t i = 0; i < s->n; i++) {
		const struct secret *it = &s->v[i];
		_cleanup_free_ char *sealed =
			crypto_seal(s->key, it->value, strlen(it->value), it->name, e);
		if (!sealed)
			return -1;
		json_object_set_new(values, it->name, json_string(sealed));
	}
	_cleanup_free_ char *text = json_pretty(root);
	return fs_write_atomic(path, text, strlen(text), 0600, e);
}

static void drop(struct secrets *s, size_t i)
{
	free(s->v[i].name);
	free_secret(s->v[i].value);
	s->v[i] = s->v[--s->n];
}

int secrets_set(struct secrets *s, const char *name, const char *value, struct err *e)
{
	const struct secret *found = find(s, name);
	_cleanup_secret_ char *old = found ? xstrdup(found->value) : NULL;

	if (value && old && !strcmp(value, old))
		return 0;
	if (!value && !old)
		return 0;
	if (found)
		drop(s, (size_t)(found - s->v));
	if (value)
		add(s, name, xstrdup(value));
	if (save(s, e) == 0)
		return 0;
	/* Not on disk: memory must not say otherwise. */
	if (value)
		drop(s, s->n - 1);
	if (old)
		add(s, name, steal(old));
	return -1;
}

char *secrets_seal(const struct secrets *s, const void *plain, size_t len, const char *name,
		   struct err *e)
{
	return crypto_seal(s->key, plain, len, name, e);
}

int secrets_unseal(const struct secrets *s, const char *sealed, const char *name, char **ret,
		   size_t *ret_len, struct err *e)
{
	return crypto_open(s->key, sealed, name, ret, ret_len, e);
}

const unsigned char *secrets_digest_key(const struct secrets *s)
{
	return s->digest_key;
}

void secrets_redact(const struct secrets *s, struct redact *r)
{
	for (size_t i = 0; i < s->n; i++)
		redact_add(r, s->v[i].value);
}

void secrets_each(const struct secrets *s, void (*fn)(void *arg, const char *name), void *arg)
{
	for (size_t i = 0; i < s->n; i++)
		fn(arg, s->v[i].name);
}
