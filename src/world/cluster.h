/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The cluster in a file: objects by kind, namespace and name, and the controllers that act on them
 * whenever the file is opened. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "world/world.h"

struct kind {
	const char *plural; /* "deployments" */
	const char *kind;   /* "Deployment" */
	const char *group;  /* "apps"; "" for the core group */
	const char *api;    /* "apps/v1" */
	bool namespaced;
	const char *crd;      /* who brings the kind: "k3s", "cert-manager"; NULL: always there */
	const char *spec;     /* known members of spec, separated by spaces; NULL: not looked at */
	const char *singular; /* short or singular names, separated by spaces */
};
/* By "deployments", "deployments.apps", "deployment", "deploy"; NULL: unknown. */
const struct kind *kind_find(const char *word);
const struct kind *kind_of(const json_t *object); /* by its kind and apiVersion */

struct cluster {
	const struct world *w;
	struct store st;
	json_t *objects; /* borrowed: "deployments.apps/ess/ess-haproxy": object */
	bool changed;
	struct store applied; /* who applied what, opened at its first use */
	bool has_applied;
};

/* {KEY: {MANAGER: object as applied}} of one object; borrowed. */
json_t *cluster_applied(struct cluster *c, const char *key);

/* Opens under the lock and lets the controllers act once. */
void cluster_open(const struct world *w, struct cluster *ret);
void cluster_close(struct cluster *c);
bool cluster_knows(const struct cluster *c, const struct kind *k);

/* Borrowed; NULL: none. ns is passed over where the kind has no namespace. */
json_t *cluster_get(const struct cluster *c, const char *plural, const char *ns, const char *name);

/* Stores an object (stolen) with uid, times and versions as the API server sets them; status is
 * kept when the new one has none. Borrowed result. */
json_t *cluster_put(struct cluster *c, json_t *object);
void cluster_delete(struct cluster *c, const char *plural, const char *ns, const char *name);
/* Everything in a namespace. */
void cluster_delete_namespace(struct cluster *c, const char *ns);
void cluster_namespace(struct cluster *c, const char *ns);
void cluster_touch(struct cluster *c, json_t *object); /* raises resourceVersion */

/* Controllers: everything the cluster would do by now. patient false: what is awaited is there at
 * once. */
void cluster_settle(struct cluster *c, bool patient);
void settle_system(struct cluster *c);
void settle_traefik(struct cluster *c);
void settle_workloads(struct cluster *c, bool patient);
void settle_certificates(struct cluster *c);
void settle_certificate(struct cluster *c, json_t *certificate);

/* Server-side apply of one object (borrowed). 0 and *ret new; else -1 and *ret_error new, as
 * kubectl prints it. dry: nothing is stored. */
int apply_object(struct cluster *c, const json_t *object, const char *manager, bool dry,
		 json_t **ret, char **ret_error);
/* Checks and completes an object as the API server does. As above. */
int validate_object(struct cluster *c, json_t *object, const json_t *old, char **ret_error);
int validate_service(struct cluster *c, json_t *svc, const json_t *old, char **ret_error);
/* Merges as a server-side apply: removes what before had and want has not. */
void apply_merge(json_t *live, const json_t *before, const json_t *want);

/* status helpers */
void status_condition(json_t *object, const char *type, const char *status, const char *reason,
		      const char *message);
bool status_is(const json_t *object, const char *type, const char *status);
/* Notes the generation in a condition; whether Ready knows the newest. */
void status_observe(json_t *object, const char *type);
bool status_current(const json_t *object);
