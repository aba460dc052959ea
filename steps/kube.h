/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* kubectl: the only module that knows its arguments. Objects are JSON. Namespace NULL: none. */
#pragma once

#include "steps/step.h"

/* One object; *ret new, NULL when it (or its kind) does not exist. FAULT_KUBE_UNREACHABLE when the
 * API server does not answer or there is no kubectl yet, FAULT_KUBE for anything else. */
int kube_get(struct step_ctx *c, const char *kind, const char *name, const char *ns, json_t **ret, struct err *e);

/* A list object (its "items"); selector or NULL; ns "*" for all namespaces. *ret new, never NULL on 0;
 * empty list when the kind does not exist. */
int kube_list(struct step_ctx *c, const char *kind, const char *ns, const char *selector, json_t **ret,
	      struct err *e);

/* 1 when there is a kubectl on this machine, 0 when not. */
int kube_there(struct step_ctx *c, struct err *e);

/* 1 when /readyz answers ok, 0 when not (yet) or nobody answers, -1 on failure. */
int kube_ready(struct step_ctx *c, struct err *e);

/* The item of this name in a list, borrowed; NULL: none. Pure. */
const json_t *kube_named(const json_t *list, const char *name);

/* Server-side apply of one object or an array of objects (borrowed), field manager ess-setup. The
 * manifest goes by stdin: it may hold secrets. */
int kube_apply(struct step_ctx *c, const json_t *objects, struct err *e);

/* The same as a question: 1 when the server would accept it, 0 with *ret_reason (new) when not. */
int kube_would_apply(struct step_ctx *c, const json_t *objects, char **ret_reason, struct err *e);

/* 1 when every member of want (recursively; arrays element by element) is in the live object. */
int kube_matches(const json_t *live, const json_t *want);

/* Reads each object of an array and compares: PRESENT when all match, ABSENT when none exists. */
int kube_check(struct step_ctx *c, const json_t *objects, enum step_found *ret, struct err *e);

/* Deletes; missing is fine. Waits for its end at most 120 s. */
int kube_delete(struct step_ctx *c, const char *kind, const char *name, const char *ns, struct err *e);

/* Runs argv in a container of a workload ("deploy/NAME"); input by stdin or NULL. read_only commands run in
 * dry runs too. The caller judges ret. */
int kube_exec(struct step_ctx *c, const char *ns, const char *workload, const char *container,
	      const char *const *argv, const char *input, bool read_only, struct proc_result *ret, struct err *e);

/* The last line that a container of a pod wrote; new, or NULL when nothing is known. */
char *kube_last_words(struct step_ctx *c, const char *ns, const char *pod, const char *container);

/* kube_exec() by step_talk(): on a terminal, without its words in anybody's arguments. */
int kube_talk(struct step_ctx *c, const char *ns, const char *workload, const char *container,
	      const char *const *argv, const struct talk_turn *turns, int *ret_status, char **ret_said,
	      struct err *e);

/* What a Service of the cluster answers to GET, through the API server's proxy. *ret new, or NULL when
 * it does not. */
int kube_fetch(struct step_ctx *c, const char *ns, const char *service, unsigned port, const char *path,
	       char **ret, struct err *e);

/* rollout restart of "deploy/NAME". */
int kube_restart(struct step_ctx *c, const char *ns, const char *workload, struct err *e);

/* For checks: turns FAULT_KUBE_UNREACHABLE and FAULT_NOT_YET into "absent" (0, e cleared); -1 for any
 * other fault. */
int kube_absent(struct err *e, enum step_found *ret);

/* status.conditions[type=TYPE]; borrowed, NULL when missing. */
const json_t *kube_condition(const json_t *object, const char *type);

/* That condition is there and "True". */
bool kube_condition_true(const json_t *object, const char *type);

/* 1 when a Deployment, StatefulSet or DaemonSet has observed its newest generation and every wanted
 * replica is updated and ready; else 0 and *ret_why (new) in words. */
int kube_workload_ready(const json_t *workload, char **ret_why);
