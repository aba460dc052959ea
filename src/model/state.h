/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* state.json, format 1: the checkpoints.
 *
 * {format, written_by, lineage, serial, run{id, job, status, started, ended, boot_id, pid, current},
 *  steps{ID:{status, attempts, inputs, version, started, elapsed_ms, error, facts}}, facts{}}
 *
 * Unknown members are kept. A newer format or a file that cannot be read is refused with a sentence
 * that says how to set it aside, never taken as "nothing done yet". */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "base/err.h"

#define STATE_FORMAT 1

struct state {
	json_t *root;
};

enum state_step { STATE_NONE, STATE_RUNNING, STATE_DONE, STATE_FAILED };

void state_done(struct state *s);
#define _cleanup_state_ __attribute__((cleanup(state_done)))

/* Loads and checks; a missing file is a fresh state with a new lineage. FAULT_STATE_BAD (names the
 * member that is wrong), FAULT_STATE_NEWER. */
int state_load(struct state *s, struct err *e);

/* Raises serial and replaces the file. On failure the run must end. */
int state_save(struct state *s, struct err *e);

/* Renames state.json to state.json.broken-TIME; *ret_new_path is new. */
int state_reset(char **ret_new_path, struct err *e);

enum state_step state_step_status(const struct state *s, const char *id);
const char *state_step_inputs(const struct state *s, const char *id);
long state_step_attempts(const struct state *s, const char *id);

/* The record of a step, made if need be; borrowed. */
json_t *state_step(struct state *s, const char *id);

/* The facts that steps found, and the run's own record; borrowed. */
json_t *state_facts(const struct state *s);
json_t *state_run(const struct state *s);

/* /proc/sys/kernel/random/boot_id of this machine (not under the root). New; "" when unreadable. */
char *state_boot_id(void);

/* Words of state.json for enum state_step: "running", "done", "failed"; "pending" for none. */
const char *state_step_word(enum state_step st);
