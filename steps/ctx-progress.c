/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Progress of downloads as a person wants it: how much of how much, how fast, how long still. */
#include "base/clock.h"
#include "base/mem.h"
#include "steps/ctx.h"

static void say_left(struct step_ctx *c, int percent, const char *done, const char *total, const char *speed,
		     long long left_s)
{
	const char *name = c->fetching;
	if (left_s < 60)
		step_progress(c, percent, N_("%s: %s of %s MiB, %s, less than a minute left"), name, done,
			      total, speed);
	else if (left_s < 100 * 60)
		step_progress(c, percent, N_("%s: %s of %s MiB, %s, about %lld min left"), name, done,
			      total, speed, (left_s + 30) / 60);
	else
		step_progress(c, percent, N_("%s: %s of %s MiB, %s, about %lld h left"), name, done,
			      total, speed, (left_s + 1800) / 3600);
}

void ctx_http_progress(void *arg, long long done, long long total)
{
	struct step_ctx *c = arg;
	if (!c->step || !c->fetching)
		return;
	const int percent = total > 0 ? (int)(done * 100 / total) : -1;
	const long long speed = meter_speed(&c->meter, clock_ms(), done);
	_cleanup_free_ char *now = meter_mib(done), *all = meter_mib(total),
			    *speed_text = meter_speed_text(speed);
	if (total > 0 && speed > 0)
		say_left(c, percent, now, all, speed_text, (total - done) / speed);
	else if (total > 0 && speed < 0)
		step_progress(c, percent, N_("%s: %s of %s MiB"), c->fetching, now, all);
	else if (total > 0)
		step_progress(c, percent, N_("%s: %s of %s MiB, nothing comes in at the moment"), c->fetching,
			      now, all);
	else
		step_progress(c, percent, N_("%s: %s MiB"), c->fetching, now);
}
