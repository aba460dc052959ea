/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "ui/rehearse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/paths.h"
#include "ui/call.h"
#include "ui/scenario.h"
#include "ui/store.h"
#include "ui/ui.h"

#define OVERLAY_MAX ((size_t)1 << 20)

int rehearse_enter(const char *dir, struct err *e)
{
	_cleanup_free_ char *usual = xasprintf("/var/tmp/ess-setup-rehearsal-%u", (unsigned)geteuid());
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

static int overlay_config(const json_t *values, struct err *e)
{
	_cleanup_config_ struct config c = { 0 };
	const char *key;
	json_t *v;

	if (config_load(&c, e) < 0)
		return -1;
	_cleanup_free_ char *before = json_canonical(c.root);
	json_object_foreach((json_t *)values, key, v) {
		char **parts = NULL;
		for (size_t i = 0; i < json_array_size(v); i++)
			strv_add(&parts, xstrdup(json_string_value(json_array_get(v, i)) ?: ""));
		_cleanup_free_ char *list = parts ? text_join((const char *const *)parts, ",") : NULL;
		strv_free(parts);
		if (config_set(&c, key, list ? list : json_string_value(v), e) < 0)
			return -1;
	}
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

static int apply_overlay(struct err *e)
{
	_cleanup_free_ char *path = path_under("/world/overlay.json");
	_cleanup_free_ char *text = NULL;
	size_t len;

	if (fs_read(path, OVERLAY_MAX, &text, &len, e) < 0)
		return -1;
	_cleanup_json_ json_t *overlay = json_parse(text, len, FAULT_IO, path, e);
	if (!overlay)
		return -1;
	if (overlay_config(json_object_get(overlay, "config"), e) < 0)
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
