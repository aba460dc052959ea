/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Server-side apply: what a manager applied before and leaves out now goes away, the rest is
 * merged. */
#include <string.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/cluster.h"

/* The members that identify an element of a list (the API's x-kubernetes-list-map-keys). */
static const char *list_key(const json_t *a)
{
	const json_t *one = json_array_get(a, 0);
	if (json_object_get(one, "port") && json_object_get(one, "protocol"))
		return "port";
	if (json_object_get(one, "containerPort"))
		return "containerPort";
	if (json_object_get(one, "name") && !json_object_get(one, "host"))
		return "name";
	return json_object_get(one, "mountPath") ? "mountPath" : NULL;
}

static json_t *by_key(const json_t *list, const char *key, const json_t *like)
{
	json_t *one;
	size_t i;
	json_array_foreach(list, i, one) {
		json_t *a = json_object_get(one, key), *b = json_object_get(like, key);
		const char *p = json_str_at(one, "protocol"), *q = json_str_at(like, "protocol");
		if (json_equal(a, b) && strcmp(p ? p : "TCP", q ? q : "TCP") == 0)
			return one;
	}
	return NULL;
}

static void merge_lists(json_t *live, const json_t *before, const json_t *want, const char *key)
{
	json_t *one;
	size_t i;
	for (i = json_array_size(live); i-- > 0;) {
		one = json_array_get(live, i);
		if (by_key(before, key, one) && !by_key(want, key, one))
			json_array_remove(live, i);
	}
	json_array_foreach(want, i, one) {
		json_t *have = by_key(live, key, one);
		if (have)
			apply_merge(have, by_key(before, key, one), one);
		else
			json_array_append_new(live, json_deep_copy(one));
	}
}

void apply_merge(json_t *live, const json_t *before, const json_t *want)
{
	const char *name;
	json_t *value, *next;
	json_object_foreach((json_t *)before, name, value)
		if (!json_object_get(want, name))
			json_object_del(live, name);
	json_object_foreach((json_t *)want, name, value) {
		json_t *have = json_object_get(live, name);
		next = json_object_get(before, name);
		const char *key = json_is_array(value) ? list_key(value) : NULL;
		if (json_is_object(value) && json_is_object(have))
			apply_merge(have, json_is_object(next) ? next : NULL, value);
		else if (key && json_is_array(have))
			merge_lists(have, next, value, key);
		else
			json_object_set_new(live, name, json_deep_copy(value));
	}
}

/* stringData is written into data by the server. */
static void fold_string_data(json_t *secret)
{
	json_t *plain = json_object_get(secret, "stringData"),
	       *data = json_object_get(secret, "data"), *v;
	const char *name;
	if (!plain)
		return;
	if (!json_is_object(data)) {
		data = json_object();
		json_object_set_new(secret, "data", data);
	}
	json_object_foreach(plain, name, v) {
		_cleanup_free_ char *b64 =
			crypto_base64(json_string_value(v), json_string_length(v));
		json_object_set_new(data, name, json_string(b64));
	}
	json_object_del(secret, "stringData");
}

static json_t *member(json_t *j, const char *name)
{
	json_t *m = json_object_get(j, name);
	if (!m) {
		m = json_object();
		json_object_set_new(j, name, m);
	}
	return m;
}

int apply_object(struct cluster *c, const json_t *object, const char *manager, bool dry,
		 json_t **ret, char **ret_error)
{
	*ret = NULL;
	const struct kind *k = kind_of(object);
	const char *kind = json_str_at(object, "kind"), *api = json_str_at(object, "apiVersion");
	const char *name = json_str_at(object, "metadata.name"),
		   *ns = json_str_at(object, "metadata.namespace");
	if (!k || !cluster_knows(c, k)) {
		*ret_error =
			xasprintf("error: resource mapping not found for name: \"%s\" namespace: "
				  "\"%s\" from \"STDIN\": "
				  "no matches for kind \"%s\" in version \"%s\"\nensure CRDs are "
				  "installed first",
				  name ? name : "", ns ? ns : "", kind ? kind : "", api ? api : "");
		return -1;
	}
	if (!name) {
		*ret_error = xstrdup("error: resource name may not be empty");
		return -1;
	}
	if (k->namespaced && !ns)
		ns = "default";
	if (k->namespaced && !cluster_get(c, "namespaces", NULL, ns)) {
		*ret_error =
			xasprintf("Error from server (NotFound): namespaces \"%s\" not found", ns);
		return -1;
	}

	json_t *old = cluster_get(c, k->plural, ns, name);
	_cleanup_json_ json_t *want = json_deep_copy(object);
	fold_string_data(want);
	_cleanup_free_ char *key = xasprintf("%s%s%s/%s/%s", k->plural, k->group[0] ? "." : "",
					     k->group, k->namespaced ? ns : "", name);
	json_t *applied = cluster_applied(c, key);
	_cleanup_json_ json_t *live = old ? json_deep_copy(old) : json_object();
	apply_merge(live, json_object_get(applied, manager), want);
	if (k->namespaced)
		json_object_set_new(member(live, "metadata"), "namespace", json_string(ns));
	if (validate_object(c, live, old, ret_error) < 0)
		return -1;
	if (dry) {
		*ret = steal(live);
		return 0;
	}
	json_object_set_new(applied, manager, steal(want));
	if (strcmp(k->kind, "Namespace") == 0)
		cluster_namespace(c, name);
	*ret = json_incref(cluster_put(c, steal(live)));
	return 0;
}
