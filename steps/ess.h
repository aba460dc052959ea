/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What the steps after the values share: names of the release, and looking at its objects. */
#pragma once

#include "steps/kube.h"
#include "steps/step.h"

#define ESS_RELEASE "ess"
#define ESS_NS "ess"
#define ESS_VALUES "/var/lib/ess-setup/generated/values.json"

/* The public port as it stands in a URL: ":8443", or "" for 443. New. */
char *ess_port_suffix(long port);

/* The live objects of the release that are looked at, as lists: {"Ingress": {"items": [...]}, ...}. Those
 * of Secrets too: nothing of them may be told. *ret new. */
int ess_live(struct step_ctx *c, json_t **ret, struct err *e);

/* The parts of a manifest (YAML) that a drifted object is compared by, as an array of Kubernetes
 * objects: kind, name, and of an Ingress its hosts, of a ConfigMap or Secret its data, of a Deployment
 * or StatefulSet its replicas, images and variables. New; NULL with e set. */
json_t *ess_manifest_objects(const char *manifest, struct err *e);

/* Compares those with lists of live objects ({"Ingress": [...], ...}); a sentence about the first
 * difference (new), or NULL. A missing object is a difference. */
char *ess_drift(const json_t *wanted, const json_t *live);

/* The first of these node ports that a Service outside of the release holds: a sentence with its name
 * and the port (new), or NULL. Pure; services is a list of all namespaces. */
struct port_span {
	unsigned first, last;
};
char *ess_port_holder(const json_t *services, const struct port_span *spans, size_t n);

/* How many people are in calls, from the metrics of the SFU; -1 when they do not tell. Pure. */
long ess_participants(const char *metrics);

/* Waits until nobody is in a call, but not longer than so many minutes; then 0 all the same. */
int ess_wait_for_calls(struct step_ctx *c, long minutes, struct err *e);

/* What is wrong with the pods of a namespace, the gravest first. Pure. */
struct pod_trouble {
	enum fault fault;    /* FAULT_NONE: nothing that would not pass by itself */
	long restarts;       /* of a container that ends again and again */
	bool final;          /* no further try will go better */
	char *said;          /* pod, container, reason and message in one line; new or NULL */
	char *pod;           /* new or NULL */
	char *container;
};
void pod_trouble_done(struct pod_trouble *t);
void pod_trouble_find(const json_t *pods, struct pod_trouble *ret);
