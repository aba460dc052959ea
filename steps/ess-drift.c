/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Has anybody changed the release's objects since helm made them? Compared is what a hand could
 * change and helm would put back: that each object is there, the hosts of an Ingress, the data of a
 * ConfigMap or Secret, replicas, images and variables of the workloads. The rest the API server rewrites in its own way,
 * so that a comparison would see ghosts. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "steps/ess.h"
#include "steps/manifest.h"

int ess_live(struct step_ctx *c, json_t **ret, struct err *e)
{
	static const struct {
		const char *kind, *word;
	} kinds[] = {
		{ "Deployment", "deployments" },
		{ "StatefulSet", "statefulsets" },
		{ "Service", "services" },
		{ "Ingress", "ingresses" },
		{ "ConfigMap", "configmaps" },
		{ "Secret", "secrets" },
		{ "PersistentVolumeClaim", "persistentvolumeclaims" },
	};
	_cleanup_json_ json_t *live = json_object();

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		json_t *list = NULL;
		if (kube_list(c, kinds[i].word, ESS_NS, "app.kubernetes.io/managed-by=Helm", &list, e) < 0)
			return -1;
		json_object_set_new(live, kinds[i].kind, list);
	}
	*ret = steal(live);
	return 0;
}

char *ess_port_suffix(long port)
{
	return port == 443 ? xstrdup("") : xasprintf(":%ld", port);
}

/* All scalars as text: what is compared is made the same way from the live object. */
static json_t *to_json(const struct manifest *m, size_t node)
{
	if (manifest_is_map(m, node)) {
		json_t *o = json_object();
		for (size_t k = manifest_first(m, node); k;) {
			size_t v = manifest_next(m, k);
			const char *name = manifest_text(m, k);
			json_t *value = to_json(m, v);
			if (name)
				json_object_set(o, name, value);
			json_decref(value);
			k = manifest_next(m, v);
		}
		return o;
	}
	if (manifest_is_seq(m, node)) {
		json_t *a = json_array();
		for (size_t i = manifest_first(m, node); i; i = manifest_next(m, i))
			json_array_append_new(a, to_json(m, i));
		return a;
	}
	const char *text = manifest_text(m, node);
	return json_text(text ? text : "");
}

static void append_text(json_t *a, const json_t *value)
{
	if (json_is_string(value))
		json_array_append(a, (json_t *)value);
}

static void ingress_essence(const json_t *object, json_t *ret)
{
	json_t *hosts = json_array(), *tls = json_array();
	size_t i, k;
	json_t *rule, *host;

	json_array_foreach (json_at(object, "spec.rules"), i, rule)
		append_text(hosts, json_object_get(rule, "host"));
	json_array_foreach (json_at(object, "spec.tls"), i, rule) {
		append_text(tls, json_object_get(rule, "secretName"));
		json_array_foreach (json_object_get(rule, "hosts"), k, host)
			append_text(tls, host);
	}
	json_object_set_new(ret, "hosts", hosts);
	json_object_set_new(ret, "TLS", tls);
}

/* Variables with a value of their own: the server adds to those that point elsewhere. */
static void note_env(json_t *ret, const char *container, const json_t *list)
{
	size_t i;
	json_t *var;

	json_array_foreach (list, i, var) {
		const char *name = json_str_at(var, "name");
		const char *value = json_str_at(var, "value");
		if (!name || json_object_get(var, "valueFrom"))
			continue;
		_cleanup_free_ char *key = xasprintf("%s/%s", container, name);
		json_object_set_new(ret, key, json_text(value ? value : ""));
	}
}

static void workload_essence(const json_t *object, json_t *ret)
{
	json_t *images = json_object(), *env = json_object();
	size_t i;
	json_t *container;
	const json_t *replicas = json_at(object, "spec.replicas");

	json_array_foreach (json_at(object, "spec.template.spec.containers"), i, container) {
		const char *name = json_str_at(container, "name");
		json_t *image = json_object_get(container, "image");
		if (name && json_is_string(image))
			json_object_set(images, name, image);
		note_env(env, name ? name : "", json_object_get(container, "env"));
	}
	json_object_set_new(ret, "images", images);
	json_object_set_new(ret, "env", env);
	if (json_is_integer(replicas)) {
		char number[32];
		snprintf(number, sizeof(number), "%lld", (long long)json_integer_value(replicas));
		json_object_set_new(ret, "replicas", json_string(number));
	} else if (json_is_string(replicas)) {
		json_object_set(ret, "replicas", (json_t *)replicas);
	}
}

static json_t *essence(const json_t *object)
{
	const char *kind = json_str_at(object, "kind");
	json_t *data = json_object_get(object, "data");
	json_t *ret = json_object();

	if (!kind)
		return ret;
	if (!strcmp(kind, "Ingress"))
		ingress_essence(object, ret);
	else if (!strcmp(kind, "Deployment") || !strcmp(kind, "StatefulSet"))
		workload_essence(object, ret);
	else if (!strcmp(kind, "ConfigMap") && json_object_size(data) > 0)
		json_object_set(ret, "data", data);
	/* The server makes one of stringData and data: then there is nothing to compare with. */
	else if (!strcmp(kind, "Secret") && json_object_size(data) > 0 &&
		 !json_object_get(object, "stringData"))
		json_object_set(ret, "data", data);
	return ret;
}

json_t *ess_manifest_objects(const char *manifest, struct err *e)
{
	_cleanup_manifest_ struct manifest m = { 0 };
	json_t *all;

	if (manifest_parse(&m, manifest, strlen(manifest), e) < 0)
		return NULL;
	all = json_array();
	for (size_t i = 0; i < m.nobjects; i++)
		json_array_append_new(all, to_json(&m, m.objects[i]));
	return all;
}

static const json_t *find_live(const json_t *live, const char *kind, const char *name)
{
	size_t i;
	json_t *o;

	json_array_foreach (json_at(json_object_get(live, kind), "items"), i, o) {
		const char *n = json_str_at(o, "metadata.name");
		if (n && !strcmp(n, name))
			return o;
	}
	return NULL;
}

/* What somebody added is no difference, since helm does not take it away: another field manager owns
 * it then. */
static bool holds(const json_t *have, const json_t *want)
{
	const char *name;
	json_t *value;

	if (!json_is_object(want))
		return json_equal(have, want);
	json_object_foreach ((json_t *)want, name, value)
		if (!json_equal(json_object_get(have, name), value))
			return false;
	return true;
}

/* A missing replicas in the manifest means: whatever it is. */
static const char *first_difference(const json_t *want, const json_t *live)
{
	const char *what;
	json_t *value;

	json_object_foreach ((json_t *)want, what, value)
		if (!holds(json_object_get(live, what), value))
			return what;
	return NULL;
}

char *ess_drift(const json_t *wanted, const json_t *live)
{
	size_t i;
	json_t *object;

	json_array_foreach (wanted, i, object) {
		const char *kind = json_str_at(object, "kind");
		const char *name = json_str_at(object, "metadata.name");
		if (!kind || !name || !json_object_get(live, kind))
			continue; /* not among the kinds that are looked at */
		const json_t *found = find_live(live, kind, name);
		if (!found)
			return xasprintf("%s %s is missing", kind, name);
		_cleanup_json_ json_t *full = json_deep_copy(found);
		/* Items of a list need not carry their kind. */
		json_object_set_new(full, "kind", json_text(kind));
		_cleanup_json_ json_t *want = essence(object);
		_cleanup_json_ json_t *have = essence(full);
		const char *what = first_difference(want, have);
		if (what)
			return xasprintf("%s %s was changed (%s)", kind, name, what);
	}
	return NULL;
}
