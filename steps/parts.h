/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What an installation is made of, and the version and digest that each part is pinned to: facts
 * "supply.NAME.origin", ".version" and ".sha256"; of K3s also "supply.k3s.images_sha256". */
#pragma once

#include "steps/step.h"

enum part { PART_K3S, PART_HELM, PART_CERT_MANAGER, PART_CHART, PART_MAX };

/* For the inputs of steps that look at parts. */
#define PART_INPUTS                                                                                \
	"config:cluster.kind", "fact:supply.k3s.*", "fact:supply.helm.*",                          \
		"fact:supply.cert_manager.*", "fact:supply.chart.*"

/* "k3s", as it stands in facts, keys and bundles; and "K3s". Static. */
const char *part_name(enum part part);
const char *part_title(enum part part);

/* False for K3s where another cluster is used. */
bool part_wanted(struct step_ctx *c, enum part part);

/* One of its facts ("version"), borrowed; NULL: not known yet. */
const char *part_fact(struct step_ctx *c, enum part part, const char *what);

/* The version that the config asks for, as upstream writes it. New, or NULL. */
char *part_configured(struct step_ctx *c, enum part part);

/* True when version and digest are known and still belong to what the config asks for. */
bool part_pinned(struct step_ctx *c, enum part part);

/* Resolves version and digest unless that is done, and notes them as facts. */
int part_pin(struct step_ctx *c, enum part part, struct err *e);
