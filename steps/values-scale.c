/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What those set who outgrow one machine: where single images come from, replicas, workers. What is
 * not set is left to the chart: an image's tag above all, which goes with the chart's version. */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "model/chart-parts.h"
#include "steps/values-parts.h"

/* The object at a dotted path, made if need be; borrowed. */
static json_t *object_at(json_t *j, const char *path)
{
	_cleanup_strv_ char **names = text_split(path, '.');
	for (char **name = names; name && *name; name++) {
		json_t *next = json_object_get(j, *name);
		if (!next) {
			next = json_object();
			json_object_set_new(j, *name, next);
		}
		j = next;
	}
	return j;
}

static void registries(const json_t *list, json_t *values)
{
	size_t i;
	json_t *entry;
	json_array_foreach (list, i, entry) {
		const char *registry;
		const struct chart_part *part = chart_part_parse(json_string_value(entry), &registry);
		if (!part)
			continue; /* the configuration's check refuses it */
		json_t *image = object_at(object_at(values, part->path), "image");
		json_object_set_new(image, "registry", json_string(registry));
		if (part->repository)
			json_object_set_new(image, "repository", json_string(part->repository));
	}
}

static void workers(const json_t *list, json_t *values)
{
	size_t i;
	json_t *entry;
	json_array_foreach (list, i, entry) {
		long count;
		const struct chart_worker *w = chart_worker_parse(json_string_value(entry), &count);
		if (w && count)
			json_object_set_new(object_at(values, "synapse.workers"), w->name,
					    json_pack("{s:b, s:i}", "enabled", 1, "replicas",
						      (int)count));
	}
}

static void replicas(json_t *values, const char *path, long count)
{
	if (count > 1)
		json_object_set_new(object_at(values, path), "replicas", json_integer(count));
}

void values_scale(const struct values_in *in, json_t *values)
{
	registries(in->registries, values);
	workers(in->workers, values);
	replicas(values, "elementWeb", in->web_replicas);
	replicas(values, "matrixAuthenticationService", in->auth_replicas);
	replicas(values, "haproxy", in->haproxy_replicas);
}
