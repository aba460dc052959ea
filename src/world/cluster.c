/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The store of objects: get, put, delete, with the members that an API server adds. */
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/cluster.h"

static char *key_of(const struct kind *k, const char *ns, const char *name)
{
	return xasprintf("%s%s%s/%s/%s", k->plural, k->group[0] ? "." : "", k->group,
			 k->namespaced && ns ? ns : "", name);
}

void cluster_open(const struct world *w, struct cluster *ret)
{
	ret->w = w;
	ret->changed = ret->has_applied = false;
	store_open(w, "cluster", &ret->st);
	ret->objects = json_object_get(ret->st.j, "objects");
	if (!ret->objects) {
		ret->objects = json_object();
		json_object_set_new(ret->st.j, "objects", ret->objects);
	}
	cluster_settle(ret, true);
}

void cluster_close(struct cluster *c)
{
	if (c->has_applied)
		store_close(&c->applied, c->changed);
	store_close(&c->st, c->changed);
}

json_t *cluster_applied(struct cluster *c, const char *key)
{
	if (!c->has_applied)
		store_open(c->w, "applied", &c->applied);
	c->has_applied = true;
	json_t *one = json_object_get(c->applied.j, key);
	if (!one) {
		one = json_object();
		json_object_set_new(c->applied.j, key, one);
	}
	return one;
}

bool cluster_knows(const struct cluster *c, const struct kind *k)
{
	return !k->crd || json_object_get(json_object_get(c->st.j, "crds"), k->crd);
}

json_t *cluster_get(const struct cluster *c, const char *plural, const char *ns, const char *name)
{
	_cleanup_free_ char *key = key_of(kind_find(plural), ns, name);
	return json_object_get(c->objects, key);
}

static json_t *metadata(json_t *object)
{
	json_t *meta = json_object_get(object, "metadata");
	if (!meta) {
		meta = json_object();
		json_object_set_new(object, "metadata", meta);
	}
	return meta;
}

void cluster_touch(struct cluster *c, json_t *object)
{
	long long rv = json_int_at(c->st.j, "rv", 100) + 1;
	json_object_set_new(c->st.j, "rv", json_integer(rv));
	_cleanup_free_ char *text = xasprintf("%lld", rv);
	json_object_set_new(metadata(object), "resourceVersion", json_string(text));
	c->changed = true;
}

static void keep(json_t *to, const json_t *from, const char *name)
{
	json_t *v = json_object_get(from, name);
	if (v)
		json_object_set(to, name, v);
}

json_t *cluster_put(struct cluster *c, json_t *object)
{
	const struct kind *k = kind_of(object);
	json_t *meta = metadata(object);
	const char *name = json_str_at(meta, "name"), *ns = json_str_at(meta, "namespace");
	if (!k || !name)
		world_die("an object without a known kind or a name: %s",
			  json_str_at(object, "kind"));
	if (k->namespaced && !ns) {
		json_object_set_new(meta, "namespace", json_string("default"));
		ns = "default";
	}
	_cleanup_free_ char *key = key_of(k, ns, name);
	json_t *old = json_object_get(c->objects, key);
	if (old) {
		json_t *was = json_object_get(old, "metadata");
		keep(meta, was, "uid");
		keep(meta, was, "creationTimestamp");
		keep(meta, was, "resourceVersion");
		keep(meta, was, "generation");
		if (!json_object_get(object, "status"))
			keep(object, old, "status");
		if (json_equal(old, object)) {
			json_decref(object);
			return old;
		}
		if (!json_equal(json_object_get(old, "spec"), json_object_get(object, "spec")) &&
		    json_object_get(meta, "generation"))
			json_object_set_new(meta, "generation",
					    json_integer(json_int_at(was, "generation", 1) + 1));
	} else {
		_cleanup_free_ char *uid = crypto_uuid(NULL), *now = world_now();
		json_object_set_new(meta, "uid", json_string(uid));
		json_object_set_new(meta, "creationTimestamp", json_string(now));
		if (json_object_get(object, "spec") && strcmp(k->kind, "Service") != 0 &&
		    strcmp(k->kind, "Namespace") != 0 &&
		    strcmp(k->kind, "PersistentVolumeClaim") != 0)
			json_object_set_new(meta, "generation", json_integer(1));
	}
	cluster_touch(c, object);
	json_object_set_new(c->objects, key, object);
	return object;
}

void cluster_delete(struct cluster *c, const char *plural, const char *ns, const char *name)
{
	_cleanup_free_ char *key = key_of(kind_find(plural), ns, name);
	if (json_object_del(c->objects, key) == 0) {
		json_object_clear(cluster_applied(c, key));
		json_object_del(json_object_get(c->st.j, "pending"), key);
		c->changed = true;
	}
}

void cluster_delete_namespace(struct cluster *c, const char *ns)
{
	const char *key;
	json_t *object;
	void *next;
	json_object_foreach_safe(c->objects, next, key, object) {
		const char *in = json_str_at(object, "metadata.namespace");
		if (!in || strcmp(in, ns) != 0)
			continue;
		json_object_clear(cluster_applied(c, key));
		json_object_del(c->objects, key);
	}
	cluster_delete(c, "namespaces", NULL, ns);
	c->changed = true;
}

void cluster_namespace(struct cluster *c, const char *ns)
{
	if (cluster_get(c, "namespaces", NULL, ns))
		return;
	cluster_put(c, json_pack("{s:s, s:s, s:{s:s, s:{s:s}}, s:{s:[s]}, s:{s:s}}", "apiVersion",
				 "v1", "kind", "Namespace", "metadata", "name", ns, "labels",
				 "kubernetes.io/metadata.name", ns, "spec", "finalizers",
				 "kubernetes", "status", "phase", "Active"));
	cluster_put(
		c,
		json_pack("{s:s, s:s, s:{s:s, s:s}, s:{s:s}}", "apiVersion", "v1", "kind",
			  "ConfigMap", "metadata", "name", "kube-root-ca.crt", "namespace", ns,
			  "data", "ca.crt",
			  "-----BEGIN CERTIFICATE-----\n(rehearsal)\n-----END CERTIFICATE-----\n"));
}

void status_condition(json_t *object, const char *type, const char *status, const char *reason,
		      const char *message)
{
	json_t *st = json_object_get(object, "status");
	if (!st) {
		st = json_object();
		json_object_set_new(object, "status", st);
	}
	json_t *list = json_object_get(st, "conditions"), *one;
	if (!list) {
		list = json_array();
		json_object_set_new(st, "conditions", list);
	}
	size_t i;
	json_array_foreach(list, i, one) {
		if (strcmp(json_str_at(one, "type"), type) == 0) {
			json_array_remove(list, i);
			break;
		}
	}
	_cleanup_free_ char *now = world_now();
	json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s}", "lastTransitionTime",
					      now, "message", message, "reason", reason, "status",
					      status, "type", type));
}

bool status_is(const json_t *object, const char *type, const char *status)
{
	const json_t *list = json_at(object, "status.conditions"), *one;
	size_t i;
	json_array_foreach(list, i, one)
		if (strcmp(json_str_at(one, "type"), type) == 0)
			return strcmp(json_str_at(one, "status"), status) == 0;
	return false;
}

void status_observe(json_t *object, const char *type)
{
	json_t *one;
	size_t i;
	json_array_foreach(json_at(object, "status.conditions"), i, one)
		if (strcmp(json_str_at(one, "type"), type) == 0)
			json_object_set_new(
				one, "observedGeneration",
				json_integer(json_int_at(object, "metadata.generation", 1)));
}

bool status_current(const json_t *object)
{
	json_t *one;
	size_t i;
	json_array_foreach(json_at(object, "status.conditions"), i, one)
		if (strcmp(json_str_at(one, "type"), "Ready") == 0)
			return json_int_at(one, "observedGeneration", 0) ==
			       json_int_at(object, "metadata.generation", 1);
	return false;
}

void cluster_settle(struct cluster *c, bool patient)
{
	if (!k3s_running(c->w))
		return;
	settle_system(c);
	settle_traefik(c);
	settle_workloads(c, patient);
	settle_certificates(c);
}
