/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Looking at K3s' service and at nodes: what the k3s step and others wait for. */
#pragma once

#include "steps/step.h"

#define K3S_BIN "/usr/local/bin/k3s"
#define K3S_UNIT "/etc/systemd/system/k3s.service"
#define K3S_UNIT_ENV "/etc/systemd/system/k3s.service.env"
/* Where "systemctl enable" links a unit that is WantedBy=multi-user.target. */
#define K3S_ENABLED "/etc/systemd/system/multi-user.target.wants/k3s.service"

/* 1 when the service is active, 0 when not or there is no systemctl, -1 on failure. */
int k3s_active(struct step_ctx *c, struct err *e);

/* 1 when it is stopped or failed (a start is needed), 0 when it runs or is on its way, -1 on failure. */
int k3s_down(struct step_ctx *c, struct err *e);

/* 1 when the unit starts with the machine, 0 when not. */
int k3s_enabled(struct step_ctx *c, struct err *e);

/* 1 when the unit is there and its environment has the proxy and its exceptions (NULL: no proxy), 0 when
 * not. */
int k3s_unit_good(struct step_ctx *c, const char *proxy, const char *no_proxy, struct err *e);

/* A node that is Ready, of this Kubernetes version (NULL: any). *ret_name new, NULL when there is
 * none; *ret_seen (new) then says what was seen. */
int k3s_node(struct step_ctx *c, const char *version, char **ret_name, char **ret_seen, struct err *e);

/* 1 when the cluster's name service runs, 0 with *ret_seen (new), -1 on failure. */
int k3s_dns(struct step_ctx *c, char **ret_seen, struct err *e);

/* Waits for the service (version NULL: the cluster is not ours and has none), for the API server,
 * for the node, then for the name service; *ret_name new (NULL in a dry run). */
int k3s_wait(struct step_ctx *c, const char *version, char **ret_name, struct err *e);

/* Notes in the log and as the fact "k3s.mirrors" ({registry: bool}) which mirrors K3s took over from
 * registries.yaml. Needs REGISTRIES_INPUTS. */
void k3s_mirrors_note(struct step_ctx *c);

/* Refuses what cannot change in a running cluster any more: FAULT_K3S_FIXED. Nobody answering: 0. */
int k3s_fixed(struct step_ctx *c, const char *home, struct err *e);
