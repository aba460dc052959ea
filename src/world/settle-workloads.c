/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Deployments, StatefulSets and DaemonSets get their pods: a look after they were made they are not
 * ready, at the next they are. The knob "pod.trouble" ("NAME REASON MESSAGE...") keeps one from it.
 */
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/cluster.h"

struct trouble {
	char *text; /* the knob's own text, cut into words */
	const char *name, *reason, *message;
};

static struct trouble read_trouble(const struct world *w)
{
	struct trouble t = { .text = scenario_knob(w, "pod.trouble") };
	char *rest = t.text;
	t.name = rest ? strsep(&rest, " ") : NULL;
	t.reason = rest ? strsep(&rest, " ") : "CrashLoopBackOff";
	t.message = rest ? rest : "";
	return t;
}

/* As containerd completes a name (distribution/reference normalize.go). New. */
static char *full_name(const char *image)
{
	static const char hub[] = "docker.io/";
	const char *rest = text_starts(image, hub) ? image + sizeof(hub) - 1 : "/";
	return strchr(rest, '/') ? xstrdup(image) : xasprintf("%slibrary/%s", hub, rest);
}

/* The images of K3s itself, as its releases have them in one file. */
static bool has_archive(const struct world *w)
{
	_cleanup_free_ char *pattern = world_path(w, "/var/lib/rancher/k3s/agent/images/k3s-airgap-images-*.tar.zst");
	glob_t g;
	bool there = glob(pattern, 0, NULL, &g) == 0;
	if (there)
		globfree(&g);
	return there;
}

/* With the knob "images.unreachable" no registry answers containerd: the first image of a workload that
 * was not imported. New; NULL: none. K3s' own come with its archive. */
static char *missing_image(const struct world *w, const json_t *workload)
{
	static const char *const kinds[] = { "initContainers", "containers" };
	_cleanup_free_ char *knob = scenario_knob(w, "images.unreachable");
	if (!knob)
		return NULL;
	if (strcmp(json_str_at(workload, "metadata.namespace"), "kube-system") == 0)
		return has_archive(w) ? NULL : xstrdup("docker.io/rancher/mirrored-pause:3.6");
	char *missing = NULL;
	struct store s;
	store_open(w, "images", &s);
	for (size_t k = 0; k < 2 && !missing; k++) {
		const json_t *list = json_object_get(json_at(workload, "spec.template.spec"), kinds[k]);
		for (size_t i = 0; i < json_array_size(list) && !missing; i++) {
			char *name = full_name(json_str_at(json_array_get(list, i), "image"));
			if (json_object_get(s.j, name))
				free(name);
			else
				missing = name;
		}
	}
	store_close(&s, false);
	return missing;
}

static bool is_workload(const char *key)
{
	return text_starts(key, "deployments.") || text_starts(key, "statefulsets.") ||
	       text_starts(key, "daemonsets.");
}

static json_t *container_status(const json_t *container, bool ready, const struct trouble *t)
{
	json_t *state =
		t	? json_pack("{s:{s:s, s:s}}", "waiting", "reason", t->reason, "message",
				    t->message)
		: ready ? json_pack("{s:{s:s}}", "running", "startedAt", "2026-11-22T23:31:26Z")
			: json_pack("{s:{s:s}}", "waiting", "reason", "ContainerCreating");
	bool crash = t && strcmp(t->reason, "CrashLoopBackOff") == 0;
	json_t *last =
		crash ? json_pack("{s:{s:s, s:i}}", "terminated", "reason", "Error", "exitCode", 1)
		      : json_object();
	return json_pack("{s:s, s:s, s:s, s:b, s:b, s:i, s:o, s:o}", "name",
			 json_str_at(container, "name"), "image", json_str_at(container, "image"),
			 "imageID", "", "ready", ready, "started", ready, "restartCount",
			 crash ? 6 : 0, "state", state, "lastState", last);
}

static char *pod_name(const json_t *workload)
{
	const char *name = json_str_at(workload, "metadata.name");
	if (strcmp(json_str_at(workload, "kind"), "StatefulSet") == 0)
		return xasprintf("%s-0", name);
	_cleanup_free_ char *text = json_canonical(json_at(workload, "spec.template"));
	_cleanup_free_ char *sum = crypto_sha256(text, strlen(text));
	return xasprintf("%s-%.10s-%.5s", name, sum, sum + 20);
}

static bool belongs(const json_t *pod, const json_t *workload)
{
	const char *uid = json_str_at(workload, "metadata.uid");
	const char *owner =
		json_str_at(json_array_get(json_at(pod, "metadata.ownerReferences"), 0), "uid");
	return uid && owner && strcmp(uid, owner) == 0;
}

static void drop_pods(struct cluster *c, const json_t *workload, const char *but)
{
	const char *key;
	json_t *o;
	void *next;
	json_object_foreach_safe(c->objects, next, key, o)
		if (text_starts(key, "pods/") && belongs(o, workload) &&
		    (!but || strcmp(json_str_at(o, "metadata.name"), but) != 0))
			json_object_del(c->objects, key);
}

static void put_pod(struct cluster *c, const json_t *workload, bool ready, const struct trouble *t)
{
	_cleanup_free_ char *name = pod_name(workload);
	const char *ns = json_str_at(workload, "metadata.namespace"),
		   *state = ready ? "True" : "False";
	json_t *list = json_array(), *one;
	size_t i;
	json_array_foreach(json_at(workload, "spec.template.spec.containers"), i, one)
		json_array_append_new(list, container_status(one, ready, i == 0 ? t : NULL));
	json_t *labels = json_deep_copy(json_at(workload, "spec.template.metadata.labels"));
	json_t *pod =
		json_pack("{s:s, s:s, s:{s:s, s:s, s:o, s:[{s:s, s:s, s:s, s:s, s:b}]}, s:o, "
			  "s:{s:s, s:o, s:s, s:s}}",
			  "apiVersion", "v1", "kind", "Pod", "metadata", "name", name, "namespace",
			  ns, "labels", labels ? labels : json_object(), "ownerReferences",
			  "apiVersion", "apps/v1", "kind", json_str_at(workload, "kind"), "name",
			  json_str_at(workload, "metadata.name"), "uid",
			  json_str_at(workload, "metadata.uid"), "controller", 1, "spec",
			  json_deep_copy(json_at(workload, "spec.template.spec")), "status",
			  "phase", ready ? "Running" : "Pending", "containerStatuses", list,
			  "hostIP", "192.168.1.20", "podIP", "10.42.0.9");
	status_condition(pod, "Initialized", "True", "", "");
	status_condition(pod, "PodScheduled", "True", "", "");
	status_condition(pod, "ContainersReady", state, ready ? "" : "ContainersNotReady", "");
	status_condition(pod, "Ready", state, ready ? "" : "ContainersNotReady", "");
	drop_pods(c, workload, name);
	cluster_put(c, pod);
}

static void set_status(struct cluster *c, json_t *workload, bool ready)
{
	json_int_t generation = json_int_at(workload, "metadata.generation", 1),
		   n = json_int_at(workload, "spec.replicas", 1);
	json_int_t have = ready ? n : 0;
	const char *kind = json_str_at(workload, "kind");
	json_t *st;
	if (strcmp(kind, "DaemonSet") == 0)
		st = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:i}", "observedGeneration",
			       generation, "desiredNumberScheduled", n, "currentNumberScheduled", n,
			       "numberReady", have, "numberAvailable", have,
			       "updatedNumberScheduled", n, "numberMisscheduled", 0);
	else
		st = json_pack("{s:I, s:I, s:I, s:I, s:I}", "observedGeneration", generation,
			       "replicas", n, "updatedReplicas", n, "readyReplicas", have,
			       "availableReplicas", have);
	if (strcmp(kind, "StatefulSet") == 0) {
		_cleanup_free_ char *revision = xasprintf(
			"%s-%lld", json_str_at(workload, "metadata.name"), (long long)generation);
		json_object_set_new(st, "currentReplicas", json_integer(n));
		json_object_set_new(st, "currentRevision", json_string(revision));
		json_object_set_new(st, "updateRevision", json_string(revision));
	}
	/* the API leaves zeros out */
	if (!have) {
		json_object_del(st, "readyReplicas");
		json_object_del(st, "availableReplicas");
	}
	json_object_set_new(workload, "status", st);
	if (strcmp(kind, "Deployment") == 0) {
		status_condition(workload, "Available", ready ? "True" : "False",
				 ready ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
				 ready ? "Deployment has minimum availability."
				       : "Deployment does not have minimum availability.");
		status_condition(workload, "Progressing", "True",
				 ready ? "NewReplicaSetAvailable" : "ReplicaSetUpdated", "");
	}
	cluster_touch(c, workload);
}

static void settle_one(struct cluster *c, const char *key, json_t *workload, bool patient,
		       const struct trouble *t)
{
	json_t *pending = json_object_get(c->st.j, "pending");
	if (!pending) {
		pending = json_object();
		json_object_set_new(c->st.j, "pending", pending);
	}
	_cleanup_free_ char *missing = missing_image(c->w, workload);
	_cleanup_free_ char *message = missing ? xasprintf("Back-off pulling image \"%s\": ErrImagePull: failed to "
							   "pull and unpack image \"%s\": failed to resolve "
							   "reference: connection refused", missing, missing)
					       : NULL;
	const struct trouble no_image = { .name = json_str_at(workload, "metadata.name"),
					  .reason = "ImagePullBackOff", .message = message };
	if (missing)
		t = &no_image;
	long long generation = json_int_at(workload, "metadata.generation", 1);
	bool stuck = t->name && strcmp(t->name, json_str_at(workload, "metadata.name")) == 0;
	bool seen = json_int_at(workload, "status.observedGeneration", 0) == generation;
	const json_t *was = json_object_get(pending, key);
	if (seen && !was && !stuck)
		return;
	/* freed of its trouble it still needs a look, as when it was new */
	bool ready = !stuck && ((seen && json_is_true(was)) || !patient);
	set_status(c, workload, ready);
	put_pod(c, workload, ready, stuck ? t : NULL);
	if (ready)
		json_object_del(pending, key);
	else
		json_object_set_new(pending, key, stuck ? json_string("trouble") : json_true());
}

static void bind_claim(struct cluster *c, json_t *claim)
{
	const char *phase = json_str_at(claim, "status.phase");
	if (phase && strcmp(phase, "Bound") == 0)
		return;
	_cleanup_free_ char *volume = xasprintf("pvc-%s", json_str_at(claim, "metadata.uid"));
	const char *size = json_str_at(claim, "spec.resources.requests.storage");
	json_object_set_new(json_object_get(claim, "spec"), "volumeName", json_string(volume));
	json_object_set_new(claim, "status",
			    json_pack("{s:[s], s:{s:s}, s:s}", "accessModes", "ReadWriteOnce",
				      "capacity", "storage", size ? size : "10Gi", "phase",
				      "Bound"));
	cluster_touch(c, claim);
}

static void finish_job(struct cluster *c, json_t *job)
{
	if (json_object_get(job, "status"))
		return;
	_cleanup_free_ char *now = world_now();
	json_object_set_new(job, "status",
			    json_pack("{s:i, s:s, s:s}", "succeeded", 1, "startTime", now,
				      "completionTime", now));
	status_condition(job, "Complete", "True", "CompletionsReached",
			 "Reached expected number of succeeded pods");
	cluster_touch(c, job);
}

/* Pods whose owner is gone. */
static void collect(struct cluster *c)
{
	const char *key, *other;
	json_t *o, *w;
	void *next;
	json_object_foreach_safe(c->objects, next, key, o) {
		if (!text_starts(key, "pods/"))
			continue;
		bool owned = false;
		json_object_foreach(c->objects, other, w)
			owned = owned || (is_workload(other) && belongs(o, w));
		if (!owned) {
			json_object_del(c->objects, key);
			c->changed = true;
		}
	}
}

/* The volume of an installation before this one; it goes when its scenario does. */
static void leftover(struct cluster *c)
{
	_cleanup_free_ char *name = scenario_knob(c->w, "volume.leftover");
	const char *was = json_str_at(c->st.j, "leftover");
	if (name ? was && strcmp(was, name) == 0 : !was)
		return;
	c->changed = true;
	if (!name) {
		cluster_delete(c, "persistentvolumeclaims", "ess", was);
		json_object_del(c->st.j, "leftover");
		return;
	}
	json_object_set_new(c->st.j, "leftover", json_string(name));
	cluster_namespace(c, "ess");
	cluster_put(c, json_pack("{s:s, s:s, s:{s:s, s:s}, s:{s:s, s:[s], s:{s:{s:s}}}}", "apiVersion",
				 "v1", "kind", "PersistentVolumeClaim", "metadata", "name", name,
				 "namespace", "ess", "spec", "storageClassName", "local-path",
				 "accessModes", "ReadWriteOnce", "resources", "requests", "storage",
				 "10Gi"));
}

void settle_workloads(struct cluster *c, bool patient)
{
	leftover(c);
	struct trouble t = read_trouble(c->w);
	size_t n = 0, i;
	const char *key;
	json_t *o;
	/* putting pods changes the table that is walked: names first */
	char **keys = xcalloc(json_object_size(c->objects) + 1, sizeof(*keys));
	json_object_foreach(c->objects, key, o)
		keys[n++] = xstrdup(key);
	for (i = 0; i < n; i++) {
		o = json_object_get(c->objects, keys[i]);
		if (is_workload(keys[i]))
			settle_one(c, keys[i], o, patient, &t);
		else if (text_starts(keys[i], "persistentvolumeclaims/"))
			bind_claim(c, o);
		else if (text_starts(keys[i], "jobs."))
			finish_job(c, o);
	}
	strv_free(keys);
	free(t.text);
	collect(c);
}
