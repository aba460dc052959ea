/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Time that only runs forward (through suspend too), and pauses that can be cut short. */
#pragma once

#include <signal.h>
#include <stdbool.h>

/* Milliseconds of CLOCK_BOOTTIME. */
long clock_ms(void);

/* Pauses; true when it was cut short because *cancel (may be NULL) became set. */
bool clock_pause(long ms, const volatile sig_atomic_t *cancel);
