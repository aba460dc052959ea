/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What the last step wrote for people: addresses, the router's table, what to type into the apps. */
#pragma once

/* Prints the part in the chosen language; nothing when there is none yet. */
void handover_show(void);
