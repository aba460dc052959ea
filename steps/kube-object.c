/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The part of kube.h that only looks at objects. */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "steps/kube.h"

/* The element of a list that stands for one of ours. Elements with a name are found by it: a
 * server-side apply keeps the order in which they came to be, not ours. */
static const json_t *counterpart(const json_t *live, const json_t *element, size_t at)
{
	const char *name = json_str_at(element, "name");
	size_t i;
	json_t *other;
	if (!name)
		return json_array_get(live, at);
	json_array_foreach(live, i, other) {
		const char *n = json_str_at(other, "name");
		if (n && !strcmp(n, name))
			return other;
	}
	return NULL;
}

int kube_matches(const json_t *live, const json_t *want)
{
	if (json_is_object(want)) {
		const char *key;
		json_t *value;
		if (!json_is_object(live))
			return 0;
		json_object_foreach((json_t *)want, key, value) {
			const json_t *other = json_object_get(live, key);
			if (!other || !kube_matches(other, value))
				return 0;
		}
		return 1;
	}
	if (json_is_array(want)) {
		if (!json_is_array(live) || json_array_size(live) != json_array_size(want))
			return 0;
		for (size_t i = 0; i < json_array_size(want); i++) {
			const json_t *one = json_array_get(want, i);
			if (!kube_matches(counterpart(live, one, i), one))
				return 0;
		}
		return 1;
	}
	return live && json_equal(live, want);
}

const json_t *kube_condition(const json_t *object, const char *type)
{
	const json_t *list = json_at(object, "status.conditions");
	size_t i;
	json_t *cond;
	json_array_foreach(list, i, cond) {
		const char *t = json_str_at(cond, "type");
		if (t && !strcmp(t, type))
			return cond;
	}
	return NULL;
}

bool kube_condition_true(const json_t *object, const char *type)
{
	const char *status = json_str_at(kube_condition(object, type), "status");
	return status && !strcmp(status, "True");
}

/* Deployments and StatefulSets: every wanted replica is of the newest revision and ready
 * (kubectl's polymorphichelpers/rollout_status.go). */
static int replicas_ready(const json_t *w, char **ret_why)
{
	long long want = json_int_at(w, "spec.replicas", 1);
	long long ready = json_int_at(w, "status.readyReplicas", 0);
	long long updated = json_int_at(w, "status.updatedReplicas", 0);
	long long all = json_int_at(w, "status.replicas", 0);
	if (ready >= want && updated >= want && all <= want)
		return 1;
	*ret_why = xasprintf("%lld of %lld pods ready, %lld of the newest version", ready, want,
			     updated);
	return 0;
}

static int daemons_ready(const json_t *w, char **ret_why)
{
	long long want = json_int_at(w, "status.desiredNumberScheduled", 0);
	long long ready = json_int_at(w, "status.numberReady", 0);
	long long updated = json_int_at(w, "status.updatedNumberScheduled", 0);
	if (ready >= want && updated >= want)
		return 1;
	*ret_why = xasprintf("%lld of %lld pods ready, %lld of the newest version", ready, want,
			     updated);
	return 0;
}

int kube_workload_ready(const json_t *workload, char **ret_why)
{
	*ret_why = NULL;
	if (!workload) {
		*ret_why = xstrdup("it does not exist yet");
		return 0;
	}
	long long generation = json_int_at(workload, "metadata.generation", 0);
	if (json_int_at(workload, "status.observedGeneration", 0) < generation) {
		*ret_why = xstrdup("its newest version is not rolled out yet");
		return 0;
	}
	const char *kind = json_str_at(workload, "kind");
	return kind && !strcmp(kind, "DaemonSet") ? daemons_ready(workload, ret_why)
						  : replicas_ready(workload, ret_why);
}

const json_t *kube_named(const json_t *list, const char *name)
{
	size_t i;
	json_t *o;
	json_array_foreach(json_object_get(list, "items"), i, o) {
		const char *n = json_str_at(o, "metadata.name");
		if (n && !strcmp(n, name))
			return o;
	}
	return NULL;
}
