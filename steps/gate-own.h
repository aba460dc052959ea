/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The gate with the names of this installation, and on what is in the cluster now. */
#pragma once

#include "steps/gate.h"
#include "steps/step.h"

/* The user's names, as the answers say. */
struct gate_own {
	struct gate_names names;
	char *host[5]; /* its host names, to be freed */
};
void gate_own_done(struct gate_own *o);
#define _cleanup_gate_own_ __attribute__((cleanup(gate_own_done)))

#define GATE_OWN_INPUTS "config:domains.*", "config:ports.https"
void gate_own_names(struct step_ctx *c, struct gate_own *ret);

/* Every offence as a line of the log. */
void gate_log(struct step_ctx *c, const struct gate_report *report);

/* Reads the release's objects from the cluster and passes them through the gate: FAULT_VERIFY_OBJECTS with
 * the first object and field, the log has all. */
int gate_live(struct step_ctx *c, const struct gate_names *names, struct err *e);

/* Pure: what ess_live() read as one List for gate_check(), without what only the cluster itself writes
 * and what is kept of an object's past. New. */
char *gate_live_list(const json_t *live);
