/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* This machine as people know it at home. */
#pragma once

/* Its address towards the Internet, "192.168.1.20". NULL without one. New. */
char *host_address(void);
