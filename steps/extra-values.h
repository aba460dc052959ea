/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The user's own values files (ess.extra_values): what in them would take away from the answers. Pure. */
#pragma once

#include <stddef.h>

#include "steps/gate.h"

/* 0 when this file leaves alone what the answers decide and the gate protects: names, ports, the way
 * inside the cluster. FAULT_EXTRA_VALUES names the file and the first key that does not, and the answer
 * to change instead. */
int extra_values_judge(const char *file, const char *text, size_t len, const struct gate_names *names,
		       struct err *e);
