/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The frontend's side of the engine: start it, see who runs, cancel. It is watched through its
 * events (model/events.h). */
#pragma once

#include <sys/types.h>

#include "base/err.h"

/* Starts the engine on request.json and returns once it has taken the lock and opened its log: as
 * ess-engine.service where systemd runs, else in a session of its own. From then on it lives
 * without us. FAULT_LOCKED when another run is at work, or the engine's own reason for refusing. */
int client_start(struct err *e);

/* Runs the engine as our child to its end; *ret_status is its exit status. */
int client_run_foreground(int *ret_status, struct err *e);

/* The engine's pid, 0 when none runs, -1 on failure. */
pid_t client_holder(struct err *e);

/* Asks the running engine to stop (SIGTERM); does not wait. FAULT_NOT_RUNNING. */
int client_cancel(struct err *e);
