/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Rehearsals: the same program against a simulated world below a folder of its own. */
#pragma once

#include "model/config.h"
#include "ui/ui.h"

/* Makes the folder (0700, ours alone; NULL: the usual one) and points ESS_SETUP_ROOT there. */
int rehearse_enter(const char *dir, struct err *e);

/* Starts the world unless it already runs, imports the example answers when there are none, and
 * sets what the world needs (addresses of its stand-ins, its CA, its token) and the scenario. */
int rehearse_prepare(const struct ui *ui, struct err *e);

/* Only starts the world for the domain of the answers, and says what it wants of them, {config, secrets}.
 * New. */
json_t *rehearse_world(const struct ui *ui, struct err *e);

/* Sets that in a copy of the answers. */
int rehearse_overlay(struct config *c, const json_t *overlay, struct err *e);

/* --- the others need rehearse_enter() first ---------------------------------------------------- */

/* True when something was run there before. */
bool rehearse_used(void);

/* Ends the world and empties its folder. FAULT_LOCKED while a run is at work. */
int rehearse_wipe(struct err *e);

/* Answers of elsewhere become those of the rehearsal. */
int rehearse_take(const struct config *c, struct err *e);

/* --- without entering it ----------------------------------------------------------------------- */

/* The answers of the last rehearsal in the usual folder, without those of its world. False when there are
 * none that are right outside. config_done() in every case. */
bool rehearse_answers(struct config *ret);
