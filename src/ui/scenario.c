/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "ui/scenario.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "ui/show.h"
#include "ui/store.h"

#define SCENARIO_MAX ((size_t)1 << 20)
#define ENDING ".json"

static char *folder(void)
{
	const char *data = secure_getenv("ESS_SETUP_DATADIR") ?: PKGDATADIR;
	char *dir = xasprintf("%s/scenarios", data);
	if (fs_exists(dir))
		return dir;
	free(dir);
	/* a source tree, where examples and data are neighbours */
	return xasprintf("%s/../data/scenarios", data);
}

static json_t *load(const char *file, struct err *e)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	if (fs_read(file, SCENARIO_MAX, &text, &len, e) < 0)
		return NULL;
	return json_parse(text, len, FAULT_IO, file, e);
}

char *scenario_file(const char *name, struct err *e)
{
	_cleanup_free_ char *dir = folder();
	char *file = strchr(name, '/') ? xstrdup(name) : xasprintf("%s/%s" ENDING, dir, name);
	if (fs_exists(file))
		return file;
	free(file);
	err_set(e, FAULT_USAGE, N_("there is no scenario %s; see: ess-setup --rehearse --list-scenarios"),
		name);
	return NULL;
}

/* --- the list --------------------------------------------------------------------------------- */

static int is_scenario(const struct dirent *d)
{
	return text_ends(d->d_name, ENDING);
}

/* A twin follows its scenario: "a.json" and "a-twin.json" the other way round would be odd. */
static int by_name(const struct dirent **a, const struct dirent **b)
{
	_cleanup_free_ char *x = xstrndup((*a)->d_name, strlen((*a)->d_name) - strlen(ENDING));
	_cleanup_free_ char *y = xstrndup((*b)->d_name, strlen((*b)->d_name) - strlen(ENDING));
	return strcmp(x, y);
}

static const char *title_of(const json_t *scenario)
{
	const json_t *titles = json_object_get(scenario, "title");
	const char *title = json_string_value(json_object_get(titles, lang_get()));
	return title ? title : json_str_at(titles, "en");
}

static void show(const char *name, const json_t *scenario, json_t *list)
{
	const char *title = title_of(scenario);
	const long long row = json_int_at(scenario, "row", 0);
	if (list) {
		json_array_append_new(list, json_pack("{s:s, s:I, s:s}", "name", name, "row",
						      (json_int_t)row, "title", title ? title : ""));
		return;
	}
	_cleanup_free_ char *first = show_pad(name, 26);
	printf("%s %3lld  %s\n", first, row, title ? title : "-");
}

static int read_all(const char *dir, struct dirent **names, int n, json_t *list, struct err *e)
{
	for (int i = 0; i < n; i++) {
		_cleanup_free_ char *file = xasprintf("%s/%s", dir, names[i]->d_name);
		_cleanup_json_ json_t *scenario = load(file, e);
		if (!scenario)
			return -1;
		_cleanup_free_ char *name =
			xstrndup(names[i]->d_name, strlen(names[i]->d_name) - strlen(ENDING));
		show(name, scenario, list);
	}
	return 0;
}

int scenario_list(const struct ui *ui)
{
	struct err e = ERR_INIT;
	struct dirent **names = NULL;
	_cleanup_free_ char *dir = folder();
	json_t *list = ui->json ? json_array() : NULL;
	int n = scandir(dir, &names, is_scenario, by_name);
	int r = n < 0 ? err_set(&e, FAULT_IO, N_("%s: %s"), dir, strerror(errno))
		      : read_all(dir, names, n, list, &e);

	for (int i = 0; i < n; i++)
		free(names[i]);
	free(names);
	if (r == 0 && list)
		show_json(json_incref(list));
	json_decref(list);
	return r < 0 ? show_failure(ui, &e) : EXIT_OK;
}

/* --- the answers ------------------------------------------------------------------------------ */

int scenario_answers(const char *file, struct err *e)
{
	_cleanup_config_ struct config c = { 0 };
	_cleanup_json_ json_t *scenario = load(file, e);
	const char *key;
	json_t *v;

	if (!scenario || config_load(&c, e) < 0)
		return -1;
	json_t *answers = json_object_get(scenario, "answers");
	json_object_foreach(answers, key, v)
		if (config_set(&c, key, json_string_value(v), e) < 0)
			return -1;
	return json_object_size(answers) ? store_config(&c, e) : 0;
}
