/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* helm: the only module that knows its arguments, for Helm 3 and Helm 4. */
#pragma once

#include "steps/step.h"

/* As .info.status of "helm status -o json" (helm pkg/release/common/status.go). */
enum helm_status { HELM_NOT_FOUND, HELM_DEPLOYED, HELM_FAILED, HELM_UNINSTALLED, HELM_SUPERSEDED,
		   HELM_UNINSTALLING, HELM_PENDING_INSTALL, HELM_PENDING_UPGRADE, HELM_PENDING_ROLLBACK,
		   HELM_UNKNOWN };

struct helm_release {
	enum helm_status status;
	long revision;
	char *chart;      /* "matrix-stack-26.8.1", new; NULL when not found */
	char *description; /* new or NULL */
};
void helm_release_done(struct helm_release *r);

/* Major version of the installed helm, 3 or 4; 0 when there is none. */
int helm_major(struct step_ctx *c, unsigned *ret, struct err *e);

/* What Helm 4 needs before --post-renderer: our plugin in HELM_PLUGINS (Helm 3 takes ess-engine by its
 * path). Writes it; 1/0/-1 for "it is there". */
int helm_plugin_write(struct step_ctx *c, struct err *e);
int helm_plugin_there(struct step_ctx *c, struct err *e);
/* "v4.2.4", new; NULL when there is no helm. */
int helm_version(struct step_ctx *c, char **ret, struct err *e);

/* Installs helm from its archive in the cache, which was verified by the caller. */
int helm_unpack(struct step_ctx *c, const char *version, const char *arch, struct err *e);

/* No helm on this machine is HELM_NOT_FOUND; FAULT_KUBE_UNREACHABLE when the cluster does not answer. */
int helm_status(struct step_ctx *c, const char *release, const char *ns, struct helm_release *ret, struct err *e);

/* The manifest that a release was installed with, after post-rendering. New; NULL: not found. */
int helm_manifest(struct step_ctx *c, const char *release, const char *ns, char **ret, struct err *e);

/* The values that a release was installed with ("helm get values -o json"). New; NULL: not found. */
int helm_values(struct step_ctx *c, const char *release, const char *ns, json_t **ret, struct err *e);

#define HELM_POST_RENDERER "ess-post-render"

struct helm_install {
	const char *release, *ns;
	const char *chart;            /* path of a .tgz below the root */
	const char *const *values;    /* files below the root, NULL-terminated */
	const char *post_renderer;    /* HELM_POST_RENDERER, or NULL */
	const char *description;      /* kept with the release (info.description); NULL: helm's own */
	unsigned timeout_s;           /* of each hook, and of wait */
	bool wait;
};

/* helm upgrade --install; a release left pending by a killed helm is repaired first (facts:
 * infrastructure 3.3). Cancel sends SIGTERM once and waits. FAULT_HELM_*. */
int helm_install(struct step_ctx *c, const struct helm_install *in, struct err *e);

/* helm template with --kube-version: the manifest, new; schema faults are FAULT_HELM_VALUES. Read only. */
int helm_template(struct step_ctx *c, const struct helm_install *in, const char *kube_version, char **ret,
		  struct err *e);

int helm_uninstall(struct step_ctx *c, const char *release, const char *ns, struct err *e);

/* What must happen to a release before "upgrade --install" can go on: a pure function. */
enum helm_repair { HELM_GO_ON, HELM_DROP_PENDING, HELM_UNINSTALL_AGAIN, HELM_WAIT_FOR_OTHER };
enum helm_repair helm_repair_for(enum helm_status status, long revision, bool helm_alive);

/* --- pure parts, for the tests too ------------------------------------------------------------- */

/* Reads what "helm status -o json" printed (chart is not in it). */
int helm_status_parse(const char *out, size_t len, struct helm_release *ret, struct err *e);

/* The chart of a release in what "helm list -o json" printed: "matrix-stack-26.8.1", new, or NULL. */
char *helm_list_chart(const char *out, size_t len, const char *release);

/* What a failed helm said, in one line without "Error:" and advice. New. */
char *helm_said(const char *err_tail);

/* The fault that the words of a failed helm mean; FAULT_HELM when they mean nothing known. */
enum fault helm_fault(const char *err_tail);

/* plugin.yaml of the post-renderer (JSON is YAML). New. */
char *helm_plugin_yaml(const char *engine);

/* True while a process runs the helm of this root for a release: one of an engine that was killed,
 * or one that somebody started by hand. */
bool helm_alive(const char *release);
