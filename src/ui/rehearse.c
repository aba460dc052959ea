/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "ui/rehearse.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "client/client.h"
#include "model/paths.h"
#include "ui/call.h"
#include "ui/scenario.h"
#include "ui/store.h"
#include "ui/ui.h"

#define OVERLAY_MAX ((size_t)1 << 20)

static char *usual_dir(void)
{
	const char *dir = secure_getenv("ESS_SETUP_REHEARSAL");
	return dir ? xstrdup(dir) : xasprintf("/var/tmp/ess-setup-rehearsal-%u", (unsigned)geteuid());
}

int rehearse_enter(const char *dir, struct err *e)
{
	_cleanup_free_ char *usual = usual_dir();
	struct stat st;

	if (!dir)
		dir = usual;
	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return err_set(e, FAULT_IO, N_("%s: %s"), dir, strerror(errno));
	_cleanup_free_ char *real = realpath(dir, NULL);
	/* /var/tmp is open to all: a folder that somebody else put there is not to be trusted. */
	if (!real || lstat(dir, &st) < 0)
		return err_set(e, FAULT_IO, N_("%s: %s"), dir, strerror(errno));
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || st.st_mode & 077)
		return err_set(e, FAULT_REHEARSAL_DIR,
			       N_("%s is not a folder that only you may enter (chmod 700)"), dir);
	if (!strcmp(real, "/"))
		return err_set(e, FAULT_REHEARSAL_DIR, N_("a rehearsal needs a folder of its own, not /"));
	setenv("ESS_SETUP_ROOT", real, 1);
	return 0;
}

/* A language alone, chosen at the first start, is no answer. A config that cannot be read is, so that it
 * is not added to. */
static bool answered(void)
{
	_cleanup_config_ struct config c = { 0 };
	return config_load(&c, NULL) < 0 || config_is_set(&c, "domains.server_name");
}

static int import_example(struct err *e)
{
	const char *data = secure_getenv("ESS_SETUP_DATADIR") ?: PKGDATADIR;
	_cleanup_free_ char *file = xasprintf("%s/site.yaml", data);
	struct problems problems = { 0 };
	int r = store_import(file, &problems, e);
	if (r < 0 && !err_is_set(e) && problems.n > 0)
		*e = problems.v[0].err;
	problems_done(&problems);
	return r;
}

int rehearse_overlay(struct config *c, const json_t *overlay, struct err *e)
{
	const char *key;
	json_t *v;

	json_object_foreach(json_object_get(overlay, "config"), key, v) {
		char **parts = NULL;
		for (size_t i = 0; i < json_array_size(v); i++)
			strv_add(&parts, xstrdup(json_string_value(json_array_get(v, i)) ?: ""));
		_cleanup_free_ char *list = parts ? text_join((const char *const *)parts, ",") : NULL;
		strv_free(parts);
		if (config_set(c, key, list ? list : json_string_value(v), e) < 0)
			return -1;
	}
	return 0;
}

static int overlay_config(const json_t *overlay, struct err *e)
{
	_cleanup_config_ struct config c = { 0 };

	if (config_load(&c, e) < 0)
		return -1;
	_cleanup_free_ char *before = json_canonical(c.root);
	if (rehearse_overlay(&c, overlay, e) < 0)
		return -1;
	_cleanup_free_ char *after = json_canonical(c.root);
	return strcmp(before, after) ? store_config(&c, e) : 0;
}

static int overlay_secrets(const json_t *values, struct err *e)
{
	const char *name;
	json_t *v;

	json_object_foreach((json_t *)values, name, v)
		if (store_secret(name, json_string_value(v), e) < 0)
			return -1;
	return 0;
}

/* What the world wants of the answers. New. */
static json_t *read_overlay(struct err *e)
{
	_cleanup_free_ char *path = path_under("/world/overlay.json");
	_cleanup_secret_ char *text = NULL;
	size_t len;

	return fs_read(path, OVERLAY_MAX, &text, &len, e) < 0 ? NULL : json_parse(text, len, FAULT_IO, path, e);
}

static int apply_overlay(struct err *e)
{
	_cleanup_json_ json_t *overlay = read_overlay(e);

	if (!overlay || overlay_config(overlay, e) < 0)
		return -1;
	return overlay_secrets(json_object_get(overlay, "secrets"), e);
}

/* The world knows the names of one domain: that of the answers. */
static int start_world(const char *scenario, struct err *e)
{
	_cleanup_config_ struct config c = { 0 };
	if (config_load(&c, e) < 0)
		return -1;
	const char *domain = config_str(&c, "domains.server_name");
	const char *serve[10] = { "ess-world", "serve", "--root", path_root(), "--detach" };
	size_t n = 5;
	if (domain) {
		serve[n++] = "--domain";
		serve[n++] = domain;
	}
	if (scenario) {
		serve[n++] = "--scenario";
		serve[n++] = scenario;
	}
	return call_helper(serve, NULL, NULL, e);
}

json_t *rehearse_world(const struct ui *ui, struct err *e)
{
	_cleanup_free_ char *scenario = ui->scenario ? scenario_file(ui->scenario, e) : NULL;

	if ((ui->scenario && !scenario) || start_world(scenario, e) < 0)
		return NULL;
	return read_overlay(e);
}

int rehearse_prepare(const struct ui *ui, struct err *e)
{
	_cleanup_free_ char *scenario = ui->scenario ? scenario_file(ui->scenario, e) : NULL;

	if (ui->scenario && !scenario)
		return -1;
	if (!answered() && import_example(e) < 0)
		return -1;
	if (start_world(scenario, e) < 0 || apply_overlay(e) < 0)
		return -1;
	return scenario ? scenario_answers(scenario, e) : 0;
}

/* --- anew ------------------------------------------------------------------------------------- */

bool rehearse_used(void)
{
	_cleanup_free_ char *state = path_get(PATH_STATE);
	return fs_exists(state);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	return at->level > 0 ? remove(path) : 0;
}

int rehearse_wipe(struct err *e)
{
	const char *const stop[] = { "ess-world", "stop", "--root", path_root(), NULL };
	pid_t holder = client_holder(e);
	int status;

	if (holder < 0)
		return -1;
	if (holder > 0)
		return err_set(e, FAULT_LOCKED, N_("process %d is running"), (int)holder);
	if (!*path_root())
		return err_set(e, FAULT_INTERNAL, N_("a rehearsal needs a folder of its own, not /"));
	if (call_helper(stop, NULL, &status, e) < 0)
		return -1;
	if (nftw(path_root(), remove_entry, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) != 0)
		return err_set(e, FAULT_IO, N_("%s: %s"), path_root(), strerror(errno));
	return 0;
}

int rehearse_take(const struct config *c, struct err *e)
{
	/* What leads out of the simulated world, or to what only the real one has. */
	static const char *const outside[] = { "network", "mirrors", "supply", "images", "cluster", "postgres", "ess" };
	_cleanup_config_ struct config copy;

	config_new(&copy);
	json_decref(copy.root);
	copy.root = json_deep_copy(c->root);
	for (size_t i = 0; i < ARRAY_LEN(outside); i++)
		json_object_del(copy.root, outside[i]);
	return store_config(&copy, e);
}

/* --- its answers for this machine ------------------------------------------------------------- */

/* The same care as in rehearse_enter(), and nothing of the world comes along: its names and addresses
 * mean nothing outside, and example.com is nobody's. */
bool rehearse_answers(struct config *ret)
{
	static const char *const inside[] = { "network", "supply", "ui" };
	_cleanup_free_ char *dir = usual_dir(), *root = xstrdup(path_root());
	struct stat st;
	struct problems problems = { 0 };

	if (lstat(dir, &st) < 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid() || st.st_mode & 077)
		return false;
	setenv("ESS_SETUP_ROOT", dir, 1);
	bool good = config_load(ret, NULL) == 0;
	if (*root)
		setenv("ESS_SETUP_ROOT", root, 1);
	else
		unsetenv("ESS_SETUP_ROOT");
	for (size_t i = 0; good && i < ARRAY_LEN(inside); i++)
		json_object_del(ret->root, inside[i]);
	good = good && config_is_set(ret, "domains.server_name") && config_check(ret, 0, &problems) == 0;
	problems_done(&problems);
	return good;
}
