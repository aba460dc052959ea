/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* How fast something grows, and sizes as people write them. */
#pragma once

#include <stdbool.h>

/* Zeroed before its first use. */
struct meter {
	bool started;
	long long older_ms, older, newer_ms, newer;
};

/* Notes how far it is at a time and tells the speed over the last seconds, a second's worth; -1 while too
 * little is known. A step back begins anew. */
long long meter_speed(struct meter *m, long long now_ms, long long done);

/* Bytes as MiB without the unit: "0.3", "34". New. */
char *meter_mib(long long bytes);

/* "850 KiB/s", "1.2 MiB/s". New. */
char *meter_speed_text(long long speed);
