/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Rehearsals: the same program against a simulated world below a folder of its own. */
#pragma once

#include "ui/ui.h"

/* Makes the folder (0700, ours alone; NULL: the usual one) and points ESS_SETUP_ROOT there. */
int rehearse_enter(const char *dir, struct err *e);

/* Starts the world unless it already runs, imports the example answers when there are none, and
 * sets what the world needs (addresses of its stand-ins, its CA, its token) and the scenario. */
int rehearse_prepare(const struct ui *ui, struct err *e);
