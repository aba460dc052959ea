/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "ui/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/config-yaml.h"
#include "model/paths.h"
#include "ui/ui.h"

/* Above what config_import() takes, so that it is the one to refuse. */
#define FILE_LIMIT ((size_t)16 << 20)
#define SECRET_LIMIT ((size_t)64 << 10)

int store_lock(struct err *e)
{
	_cleanup_free_ char *run = path_get(PATH_RUN_DIR);
	_cleanup_free_ char *dir = path_get(PATH_STATE_DIR);
	_cleanup_free_ char *lock = path_get(PATH_LOCK);

	if (fs_mkdir_p(run, 0755, e) < 0 || fs_mkdir_p(dir, 0700, e) < 0)
		return -1;
	return fs_lock(lock, e);
}

int store_config(const struct config *c, struct err *e)
{
	_cleanup_close_ int lock = store_lock(e);
	return lock < 0 ? -1 : config_save(c, e);
}

int store_secret(const char *name, const char *value, struct err *e)
{
	_cleanup_close_ int lock = store_lock(e);
	if (lock < 0)
		return -1;
	struct secrets *s = secrets_open(e);
	if (!s)
		return -1;
	int r = secrets_set(s, name, value, e);
	secrets_close(s);
	return r;
}

/* All of a descriptor, at most max bytes. New, NUL-terminated. */
static char *read_all(int fd, size_t max, const char *name, size_t *ret_len, struct err *e)
{
	size_t len = 0, cap = 4096;
	char *buf = xcalloc(1, cap + 1);

	for (;;) {
		ssize_t n = read(fd, buf + len, cap - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			err_set(e, FAULT_IO, N_("%s: %s"), name, strerror(errno));
			free_secret(buf);
			return NULL;
		}
		len += (size_t)n;
		if (n == 0)
			break;
		if (len < cap)
			continue;
		if (cap >= max) {
			err_set(e, FAULT_IO, N_("%s: larger than %zu bytes"), name, max);
			free_secret(buf);
			return NULL;
		}
		buf = xreallocarray(buf, cap * 2 + 1, 1);
		cap *= 2;
	}
	buf[len] = '\0';
	*ret_len = len;
	return buf;
}

static char *read_file(const char *file, size_t max, size_t *ret_len, struct err *e)
{
	if (!strcmp(file, "-"))
		return read_all(STDIN_FILENO, max, "-", ret_len, e);
	_cleanup_close_ int fd = open(file, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		err_set(e, FAULT_IO, N_("%s: %s"), file, strerror(errno));
		return NULL;
	}
	return read_all(fd, max, file, ret_len, e);
}

static int save_import(const struct config *c, const struct yaml_secrets *found, struct err *e)
{
	for (size_t i = 0; i < found->n; i++)
		if (store_secret(found->v[i].key, found->v[i].value, e) < 0)
			return -1;
	return store_config(c, e);
}

int store_import(const char *file, struct problems *ret, struct err *e)
{
	size_t len;
	_cleanup_secret_ char *text = read_file(file, FILE_LIMIT, &len, e);
	_cleanup_config_ struct config c = { 0 };
	if (!text || config_load(&c, e) < 0)
		return -1;

	struct yaml_secrets found = { 0 };
	int r = config_import(&c, text, len, file, &found, ret);
	if (r == 0)
		r = config_check(&c, CONFIG_REHEARSE, ret);
	if (r == 0)
		r = save_import(&c, &found, e);
	yaml_secrets_done(&found);
	return r;
}

char *store_read_secret(const char *file, struct err *e)
{
	size_t len;
	_cleanup_secret_ char *text = read_file(file, SECRET_LIMIT, &len, e);
	if (!text)
		return NULL;
	if (strlen(text) != len || !text_is_utf8(text, len)) {
		err_set(e, FAULT_CONFIG_VALUE, N_("%s: this is no text"), file);
		return NULL;
	}
	text[strcspn(text, "\r\n")] = '\0';
	char *secret = text_trim(text);
	if (!*secret) {
		err_set(e, FAULT_CONFIG_VALUE, N_("%s: there is nothing in the first line"), file);
		free_secret(secret);
		return NULL;
	}
	return secret;
}

static void want_secret(const struct secrets *s, const char *name, enum fault fault, struct problems *ret)
{
	struct err missing = ERR_INIT;

	if (secrets_get(s, name))
		return;
	err_set(&missing, fault, N_("%s is missing; enter it with: ess-setup config set %s -"), name, name);
	problems_add(ret, name, false, &missing);
}

int store_check(const struct config *c, bool rehearse, struct problems *ret, struct err *e)
{
	config_check(c, rehearse ? CONFIG_REHEARSE : 0, ret);
	struct secrets *s = secrets_open(e);
	if (!s)
		return -1;
	if (!rehearse) /* the world brings its own */
		want_secret(s, "cloudflare.token", FAULT_CF_NO_TOKEN, ret);
	if (!strcmp(config_str(c, "postgres.mode"), "external")) {
		want_secret(s, "postgres.synapse_password", FAULT_CONFIG_VALUE, ret);
		want_secret(s, "postgres.auth_password", FAULT_CONFIG_VALUE, ret);
	}
	secrets_close(s);
	return ret->nerrors ? -1 : 0;
}
