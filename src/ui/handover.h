/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What the last step wrote for people: addresses, the router's table, what to type into the apps. */
#pragma once

/* The part in the chosen language, and where it is kept; NULL when there is none yet. New. */
char *handover_text(void);

/* Prints that. */
void handover_show(void);

/* Name and password of the administrator; NULL while there is none. New, for free_secret(). */
char *handover_credentials(void);
