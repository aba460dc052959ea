/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Why a pod is not ready, read from its status: images, crashes, room, storage. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "steps/ess.h"

void pod_trouble_done(struct pod_trouble *t)
{
	free(t->said);
	free(t->pod);
	free(t->container);
	*t = (struct pod_trouble){ 0 };
}

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

/* Sets the trouble unless a graver one was found before: the order of the enum below. */
enum gravity { FINE, SLOW, GRAVE };

struct search {
	struct pod_trouble *t;
	enum gravity gravity;
};

static void note(struct search *s, enum gravity gravity, enum fault fault, const json_t *pod,
		 const char *container, const char *reason, const char *message, long restarts)
{
	const char *name = or_empty(json_str_at(pod, "metadata.name"));
	if (gravity <= s->gravity)
		return;
	pod_trouble_done(s->t);
	s->gravity = gravity;
	s->t->fault = fault;
	s->t->restarts = restarts;
	s->t->pod = xstrdup(name);
	s->t->container = xstrdup(or_empty(container));
	s->t->said = *or_empty(message) ? xasprintf("%s: %s: %s", name, reason, message)
					: xasprintf("%s: %s", name, reason);
}

/* kubelet pkg/kubelet/images, pkg/kubelet/container: reasons of a waiting container. */
static bool is_image_reason(const char *reason)
{
	static const char *const reasons[] = { "ImagePullBackOff",    "ErrImagePull",
					       "InvalidImageName",    "ErrImageNeverPull",
					       "RegistryUnavailable", "ImageInspectError" };
	for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
		if (!strcmp(reason, reasons[i]))
			return true;
	return false;
}

/* What an image that does not exist is called by kubelet and by containerd. */
static bool is_final(const char *reason, const char *message)
{
	return !strcmp(reason, "InvalidImageName") || strstr(message, "manifest unknown") ||
	       text_ends(message, ": not found");
}

static void look_at_container(struct search *s, const json_t *pod, const json_t *status)
{
	const char *reason = json_str_at(status, "state.waiting.reason");
	const char *message = json_str_at(status, "state.waiting.message");
	const char *last = json_str_at(status, "lastState.terminated.reason");
	const char *name = json_str_at(status, "name");
	long restarts = (long)json_int_at(status, "restartCount", 0);

	if (reason && is_image_reason(reason)) {
		_cleanup_free_ char *said =
			xasprintf("%s: %s", or_empty(json_str_at(status, "image")), or_empty(message));
		const bool first = s->gravity < GRAVE;
		note(s, GRAVE, FAULT_ESS_IMAGE, pod, name, reason, said, restarts);
		if (first)
			s->t->final = is_final(reason, or_empty(message));
	} else if (reason &&
		   (!strcmp(reason, "CrashLoopBackOff") || !strcmp(reason, "RunContainerError"))) {
		bool memory = last && !strcmp(last, "OOMKilled");
		_cleanup_free_ char *said = xasprintf(
			"container %s, %ld restarts, last exit status %lld (%s) %s", or_empty(name),
			restarts, json_int_at(status, "lastState.terminated.exitCode", -1),
			last ? last : "-", or_empty(json_str_at(status, "lastState.terminated.message")));
		note(s, GRAVE, memory ? FAULT_ESS_MEMORY : FAULT_ESS_CRASH, pod, name, reason, said,
		     restarts);
	} else if (reason && !strcmp(reason, "CreateContainerConfigError")) {
		note(s, GRAVE, FAULT_ESS_CRASH, pod, name, reason, message, restarts);
	} else if (!json_is_true(json_object_get(status, "ready"))) {
		note(s, SLOW, FAULT_NONE, pod, name, reason ? reason : "not ready yet", message, restarts);
	}
}

static void look_at_pod(struct search *s, const json_t *pod)
{
	const char *phase = or_empty(json_str_at(pod, "status.phase"));
	const json_t *scheduled = kube_condition(pod, "PodScheduled");
	const char *placed = json_str_at(scheduled, "status");
	size_t i;
	json_t *status;

	if (!strcmp(phase, "Succeeded"))
		return; /* a job that is done */
	if (placed && !strcmp(placed, "False")) {
		const char *message = or_empty(json_str_at(scheduled, "message"));
		bool volume = strstr(message, "PersistentVolumeClaim") ||
			      strstr(message, "persistentvolumeclaim");
		note(s, GRAVE, volume ? FAULT_ESS_VOLUME : FAULT_ESS_NO_ROOM, pod, NULL,
		     or_empty(json_str_at(scheduled, "reason")), message, 0);
		return;
	}
	json_array_foreach (json_at(pod, "status.initContainerStatuses"), i, status)
		if (!json_at(status, "state.terminated"))
			look_at_container(s, pod, status);
	json_array_foreach (json_at(pod, "status.containerStatuses"), i, status)
		look_at_container(s, pod, status);
}

void pod_trouble_find(const json_t *pods, struct pod_trouble *ret)
{
	struct search s = { ret, FINE };
	size_t i;
	json_t *pod;

	*ret = (struct pod_trouble){ 0 };
	json_array_foreach (json_object_get(pods, "items"), i, pod)
		look_at_pod(&s, pod);
}
