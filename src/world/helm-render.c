/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* From values to objects: merge, check, render, and the post-renderer of Helm 3 (a program) or Helm
 * 4 (a plugin of type postrenderer/v1). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/text.h"
#include "world/helm.h"
#include "world/yaml.h"

/* Helm 4 marks each document with its file while it is outside (helm pkg/action, annotateAndMerge).
 */
#define FILE_MARK "postrenderer.helm.sh/postrender-filename"

extern char **environ;

json_t *helm_merge_values(const struct helm_args *a)
{
	_cleanup_json_ json_t *all = json_object();
	for (size_t i = 0; i < a->nfiles; i++) {
		_cleanup_free_ char *text = NULL;
		_cleanup_free_ char *error = NULL;
		size_t len;
		if (fs_read(a->files[i], 16 << 20, &text, &len, NULL) < 0) {
			fprintf(stderr, "Error: open %s: no such file or directory\n", a->files[i]);
			return NULL;
		}
		_cleanup_json_ json_t *one = yaml_load_one(text, len, &error);
		if (!one) {
			fprintf(stderr, "Error: failed to parse %s: %s\n", a->files[i], error);
			return NULL;
		}
		json_object_update_recursive(all, one);
	}
	return steal(all);
}

static json_t *mark_of(const json_t *object)
{
	return json_object_get(json_at(object, "metadata.annotations"), FILE_MARK);
}

static void set_mark(json_t *object, const char *file)
{
	json_t *meta = json_object_get(object, "metadata"),
	       *notes = json_object_get(meta, "annotations");
	if (!notes) {
		notes = json_object();
		json_object_set_new(meta, "annotations", notes);
	}
	json_object_set_new(notes, FILE_MARK, json_string(file));
}

static void drop_mark(json_t *object)
{
	json_t *meta = json_object_get(object, "metadata"),
	       *notes = json_object_get(meta, "annotations");
	json_object_del(notes, FILE_MARK);
	if (json_object_size(notes) == 0)
		json_object_del(meta, "annotations");
}

bool helm_is_hook(const json_t *object, const char *when)
{
	const char *hook = json_string_value(
		json_object_get(json_at(object, "metadata.annotations"), "helm.sh/hook"));
	return hook && (!when || strstr(hook, when));
}

static char *source_of(const json_t *object, const char *chart)
{
	_cleanup_free_ char *kind = xstrdup(json_str_at(object, "kind"));
	for (char *c = kind; *c; c++)
		*c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
	return xasprintf("%s/templates/%s.yaml", chart, kind);
}

char *helm_manifest_text(const json_t *objects, const char *chart, bool hooks)
{
	char *buf = NULL;
	size_t len = 0, i;
	json_t *o;
	FILE *f = open_memstream(&buf, &len);
	json_array_foreach(objects, i, o) {
		if (helm_is_hook(o, NULL) != hooks)
			continue;
		_cleanup_free_ char *yaml = yaml_dump(o);
		_cleanup_free_ char *source = source_of(o, chart);
		fprintf(f, "---\n# Source: %s\n%s", source, yaml);
	}
	fclose(f);
	return buf;
}

/* The command of a Helm 4 plugin; NULL after a message. New vector. */
static char **plugin_command(const char *name)
{
	const char *home = getenv("HELM_PLUGINS");
	_cleanup_free_ char *path = xasprintf("%s/%s/plugin.yaml", home ? home : "/nowhere", name);
	_cleanup_free_ char *text = NULL;
	_cleanup_free_ char *error = NULL;
	size_t len;
	_cleanup_json_ json_t *y = NULL;
	if (fs_read(path, 1 << 20, &text, &len, NULL) == 0)
		y = yaml_load_one(text, len, &error);
	const char *type = json_str_at(y, "type"), *own = json_str_at(y, "name"),
		   *runtime = json_str_at(y, "runtime");
	const json_t *first = json_array_get(json_at(y, "runtimeConfig.platformCommand"), 0);
	if (!type || strcmp(type, "postrenderer/v1") != 0 || !own || strcmp(own, name) != 0 ||
	    !runtime || strcmp(runtime, "subprocess") != 0 || !json_str_at(first, "command") ||
	    !json_str_at(y, "version")) {
		fprintf(stderr,
			"Error: invalid argument \"%s\" for \"--post-renderer\" flag: plugin: "
			"{Name:%s "
			"Type:postrenderer/v1} not found\n",
			name, name);
		return NULL;
	}
	char **argv = NULL;
	strv_add(&argv, xstrdup(json_str_at(first, "command")));
	json_t *arg;
	size_t i;
	json_array_foreach(json_object_get(first, "args"), i, arg)
		strv_add(&argv, xstrdup(json_string_value(arg)));
	return argv;
}

static char **renderer_command(const struct call *c, const struct helm_args *a)
{
	if (helm_major_of(c) >= 4)
		return plugin_command(a->renderer);
	if (access(a->renderer, X_OK) != 0) {
		fprintf(stderr,
			"Error: invalid argument \"%s\" for \"--post-renderer\" flag: unable to "
			"find binary at %s\n",
			a->renderer, a->renderer);
		return NULL;
	}
	char **argv = NULL;
	strv_add(&argv, xstrdup(a->renderer));
	if (a->renderer_args)
		strv_add(&argv, xstrdup(a->renderer_args));
	return argv;
}

static void pass_line(void *arg, enum proc_stream stream, const char *line)
{
	if (stream == PROC_ERR)
		fprintf(stderr, "%s\n", line);
}

static char *run_renderer(const struct call *c, const struct helm_args *a, const char *manifest)
{
	_cleanup_strv_ char **argv = renderer_command(c, a);
	if (!argv)
		return NULL;
	struct proc_result out _cleanup_proc_ = { 0 };
	struct proc_spec spec = { .argv = (const char *const *)argv,
				  .path = "/usr/bin:/bin",
				  .env = (const char *const *)environ,
				  .input = manifest,
				  .input_len = strlen(manifest),
				  .timeout_s = 60,
				  .capture_max = 16 << 20,
				  .line = pass_line };
	if (proc_run(&spec, &out, NULL) == 0 && out.status == 0 && out.out_len)
		return xstrdup(out.out);
	if (out.status == 0)
		fprintf(stderr,
			"Error: error while running post render on files: post-renderer %s "
			"produced empty output\n",
			argv[0]);
	else
		fprintf(stderr,
			"Error: error while running post render on files: error while running "
			"command %s. error output:\n"
			"%s: exit status %d\n",
			argv[0], out.last_err ? out.last_err : "", out.status);
	return NULL;
}

/* Helm 3 never shows hooks to the post-renderer, Helm 4 does. */
static json_t *post_render(const struct call *c, const struct helm_args *a,
			   const struct chart *chart, json_t *objects)
{
	bool four = helm_major_of(c) >= 4;
	_cleanup_json_ json_t *out = json_array(), *given = json_array();
	json_t *o;
	size_t i;
	json_array_foreach(objects, i, o) {
		_cleanup_free_ char *source = source_of(o, chart->name);
		if (four)
			set_mark(o, source);
		json_array_append(helm_is_hook(o, NULL) && !four ? out : given, o);
	}
	_cleanup_free_ char *plain = helm_manifest_text(given, chart->name, false);
	_cleanup_free_ char *hooks = helm_manifest_text(given, chart->name, true);
	_cleanup_free_ char *text = xasprintf("%s%s", plain, hooks);
	_cleanup_free_ char *changed = run_renderer(c, a, text);
	_cleanup_free_ char *error = NULL;
	_cleanup_json_ json_t *back = changed ? yaml_load(changed, strlen(changed), &error) : NULL;
	if (!back) {
		if (changed)
			fprintf(stderr, "Error: error while running post render on files: %s\n",
				error);
		return NULL;
	}
	json_array_foreach(back, i, o) {
		if (four && !mark_of(o)) {
			fprintf(stderr,
				"Error: error parsing post-rendered manifest: no annotation %s in "
				"%s\n",
				FILE_MARK, json_str_at(o, "kind"));
			return NULL;
		}
		drop_mark(o);
		json_array_append(out, o);
	}
	return steal(out);
}

json_t *helm_render(const struct call *c, const struct helm_args *a, const struct chart *chart,
		    const json_t *values)
{
	const struct release r = {
		.name = a->release, .ns = a->ns, .chart = chart, .values = values
	};
	_cleanup_free_ char *bad = chart_check(&r);
	if (bad) {
		fprintf(stderr, "%s\n", bad);
		return NULL;
	}
	_cleanup_json_ json_t *objects = chart_objects(&r);
	return a->renderer ? post_render(c, a, chart, objects) : steal(objects);
}
