/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Time that only runs forward, and pauses that can be cut short. */
#include "base/clock.h"

#include <poll.h>
#include <stddef.h>
#include <time.h>

#define TICK_MS 50

long clock_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

bool clock_pause(long ms, const volatile sig_atomic_t *cancel)
{
	long end = clock_ms() + ms;
	for (;;) {
		long left = end - clock_ms();
		if (cancel && *cancel)
			return true;
		if (left <= 0)
			return false;
		poll(NULL, 0, left < TICK_MS ? (int)left : TICK_MS);
	}
}
