/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* This machine as people know it at home. */
#pragma once

/* "this machine: 192.168.1.20": its address towards the Internet. NULL without one. New. */
char *host_line(void);
