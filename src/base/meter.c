/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "base/meter.h"

#include "base/mem.h"

#define WINDOW_MS 5000 /* long enough to be calm, short enough to notice a change */
#define LEAST_MS 1000

long long meter_speed(struct meter *m, long long now_ms, long long done)
{
	if (!m->started || done < m->newer)
		*m = (struct meter){ true, now_ms, done, now_ms, done };
	if (now_ms - m->newer_ms >= WINDOW_MS) {
		m->older_ms = m->newer_ms;
		m->older = m->newer;
		m->newer_ms = now_ms;
		m->newer = done;
	}
	long long ms = now_ms - m->older_ms;
	return ms < LEAST_MS ? -1 : (done - m->older) * 1000 / ms;
}

/* Tenths where they tell something. */
static char *tenths(long long bytes, unsigned shift)
{
	long long t = (bytes * 10 + (1ll << (shift - 1))) >> shift;
	return t < 100 ? xasprintf("%lld.%lld", t / 10, t % 10) : xasprintf("%lld", (t + 5) / 10);
}

char *meter_mib(long long bytes)
{
	return tenths(bytes, 20);
}

char *meter_speed_text(long long speed)
{
	const bool mib = speed >= 1 << 20;
	_cleanup_free_ char *number = tenths(speed, mib ? 20 : 10);
	return xasprintf("%s %s", number, mib ? "MiB/s" : "KiB/s");
}
