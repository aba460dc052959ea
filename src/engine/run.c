/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The loop: decides about each step, writes the intent, does the deed, looks whether it is there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "engine/engine.h"
#include "model/events.h"
#include "model/exit.h"
#include "model/paths.h"
#include "steps/fetch.h"

static long long now_ms(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_BOOTTIME, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

/* --- the record of the run -------------------------------------------------------------------- */

static char *new_run_id(struct err *e)
{
	unsigned char rnd[2];
	char stamp[32];
	struct timespec now;
	struct tm tm;

	if (crypto_random(rnd, sizeof(rnd), e) < 0)
		return NULL;
	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &tm);
	strftime(stamp, sizeof(stamp), "%Y%m%d-%H%M%S", &tm);
	/* With milliseconds, so that the folders of two runs of one second sort in their order. */
	return xasprintf("%s.%03ld-%02x%02x", stamp, now.tv_nsec / 1000000, rnd[0], rnd[1]);
}

static void set_run(struct session *s, const char *name, json_t *value)
{
	json_object_set_new(state_run(&s->state), name, value);
}

/* "interrupted: restart" or "interrupted: killed" for the log; NULL when the last run ended by itself. */
static const char *interruption(struct session *s, const char *boot_id)
{
	const json_t *run = state_run(&s->state);
	const char *status = json_str_at(run, "status");

	if (!status || strcmp(status, "running"))
		return NULL;
	return strcmp(json_str_at(run, "boot_id"), boot_id) ? "the machine restarted during the last run"
							    : "the engine was killed during the last run";
}

static int begin_run(struct session *s, const char *id, struct err *e)
{
	_cleanup_free_ char *boot = state_boot_id();
	const char *why = interruption(s, boot);

	if (why)
		events_log(s->ctx.events, NULL, "engine", why);
	set_run(s, "id", json_string(id));
	set_run(s, "job", json_string(s->job->name));
	set_run(s, "status", json_string("running"));
	set_run(s, "started", json_integer((json_int_t)time(NULL)));
	set_run(s, "ended", json_integer(0));
	set_run(s, "boot_id", json_string(boot));
	set_run(s, "pid", json_integer(getpid()));
	set_run(s, "current", json_null());
	return state_save(&s->state, e);
}

static void emit_begin(struct session *s, const char *id)
{
	json_t *steps = json_array();
	for (const struct step *const *st = s->job->steps; *st; st++)
		json_array_append_new(
			steps, json_pack("{s:s, s:i, s:s, s:i, s:s}", "id", (*st)->id, "number",
					 (int)(*st)->number, "title", (*st)->title, "estimate_s",
					 (int)(*st)->estimate_s, "status",
					 state_step_word(state_step_status(&s->state, (*st)->id))));
	events_emit(s->ctx.events, "run.begin",
		    json_pack("{s:s, s:s, s:o}", "run", id, "job", s->job->name, "steps", steps));
}

/* --- one step --------------------------------------------------------------------------------- */

static void emit_end(struct session *s, const struct step *step, const char *result, long long elapsed,
		     const struct err *e)
{
	json_t *o = json_pack("{s:s, s:s, s:I, s:o?}", "step", step->id, "result", result, "elapsed_ms",
			      (json_int_t)elapsed, "error", e ? events_error(e) : json_null());
	if (s->ctx.note)
		json_object_set_new(o, "note", json_string(s->ctx.note));
	events_emit(s->ctx.events, "step.end", o);
}

/* Facts that the step no longer sets go; those that it set stay. */
static void take_facts(struct session *s, const struct step *step)
{
	json_t *rec = state_step(&s->state, step->id);
	json_t *old = json_object_get(rec, "facts");
	const char *name;
	json_t *v;

	json_object_foreach(old, name, v)
		if (!json_object_get(s->ctx.found, name))
			json_object_del(state_facts(&s->state), name);
	json_object_set(rec, "facts", s->ctx.found);
	if (s->ctx.note)
		json_object_set_new(rec, "note", json_string(s->ctx.note));
}

static int note_intent(struct session *s, const struct step *step, const char *digest, struct err *e)
{
	long attempts = state_step_attempts(&s->state, step->id);
	if (state_step_status(&s->state, step->id) == STATE_DONE)
		attempts = 0;
	json_t *rec = state_step(&s->state, step->id);
	json_object_set_new(rec, "status", json_string("running"));
	json_object_set_new(rec, "attempts", json_integer(attempts + 1));
	json_object_set_new(rec, "inputs", json_string(digest));
	json_object_set_new(rec, "version", json_integer(step->version));
	json_object_set_new(rec, "started", json_integer((json_int_t)time(NULL)));
	json_object_set_new(rec, "error", json_null());
	set_run(s, "current", json_string(step->id));
	return state_save(&s->state, e);
}

/* The digest is made anew: a step may read what it made itself (a generated password, the fact of
 * an earlier run), and must not be reopened by it. */
static int note_end(struct session *s, const struct step *step, long long elapsed, const struct err *failure,
		    struct err *e)
{
	_cleanup_free_ char *digest = ctx_digest(&s->ctx, step);
	json_t *rec = state_step(&s->state, step->id);
	json_object_set_new(rec, "status", json_string(failure ? "failed" : "done"));
	json_object_set_new(rec, "inputs", json_string(digest));
	json_object_set_new(rec, "version", json_integer(step->version));
	json_object_set_new(rec, "elapsed_ms", json_integer(elapsed));
	json_object_set_new(rec, "error", failure ? events_error(failure) : json_null());
	if (!failure)
		take_facts(s, step);
	return state_save(&s->state, e);
}

/* A failed attempt's facts are not to be believed: the ones from before come back. */
static void drop_facts(struct session *s, json_t *before)
{
	json_object_clear(state_facts(&s->state));
	json_object_update(state_facts(&s->state), before);
}

static int apply_and_look(struct session *s, const struct step *step, struct err *e)
{
	enum step_found found = STEP_ABSENT;

	if (step->apply(&s->ctx, e) < 0)
		return -1;
	if (step->check(&s->ctx, &found, e) < 0)
		return -1;
	if (found != STEP_PRESENT)
		return err_set(e, FAULT_NOT_PRESENT, N_("step %s was applied, but afterwards it is %s"), step->id,
			       found == STEP_ABSENT ? "absent" : "different");
	return 0;
}

static int apply_step(struct session *s, const struct step *step, const char *digest, struct err *e)
{
	_cleanup_json_ json_t *before = json_copy(state_facts(&s->state));
	struct err failure = ERR_INIT;
	const long long start = now_ms();

	if (note_intent(s, step, digest, e) < 0)
		return -1;
	events_emit(s->ctx.events, "step.start",
		    json_pack("{s:s, s:I}", "step", step->id, "attempt",
			      (json_int_t)state_step_attempts(&s->state, step->id)));
	int r = apply_and_look(s, step, &failure);
	if (r < 0) {
		drop_facts(s, before);
		redact_err(s->ctx.redact, &failure);
	}
	if (note_end(s, step, now_ms() - start, r < 0 ? &failure : NULL, e) < 0)
		return -1;
	emit_end(s, step, r < 0 ? "failed" : "done", now_ms() - start, r < 0 ? &failure : NULL);
	if (r < 0)
		*e = failure;
	return r;
}

static int do_step(struct session *s, const struct step *step, struct err *e)
{
	_cleanup_free_ char *digest = ctx_digest(&s->ctx, step);
	enum decision decision;
	const char *reason = "";

	ctx_begin(&s->ctx, step);
	if (engine_decide(s, step, digest, &decision, &reason, e) < 0) {
		redact_err(s->ctx.redact, e);
		emit_end(s, step, "failed", 0, e);
		return -1;
	}
	if (decision == DECIDE_APPLY) {
		events_log(s->ctx.events, step->id, "engine", reason);
		ctx_begin(&s->ctx, step);
		return apply_step(s, step, digest, e);
	}
	if (decision == DECIDE_ADOPT && note_end(s, step, 0, NULL, e) < 0)
		return -1;
	emit_end(s, step, "skipped", 0, NULL);
	return 0;
}

/* --- the run ---------------------------------------------------------------------------------- */

static int run_steps(struct session *s, struct err *e)
{
	for (const struct step *const *st = s->job->steps; *st; st++) {
		if (engine_cancelled)
			return err_set(e, FAULT_CANCELLED, N_("cancelled before step %s"), (*st)->id);
		if (do_step(s, *st, e) < 0)
			return -1;
		if (s->request.until && !strcmp(s->request.until, (*st)->id))
			return 0;
	}
	return 0;
}

/* "degraded": everything required is there, and a step noted something that is not. */
static const char *final_word(struct session *s, int r, const struct err *e)
{
	if (r < 0)
		return e->fault == FAULT_CANCELLED ? "cancelled" : "failed";
	const json_t *warnings = json_object_get(state_facts(&s->state), "verify.warnings");
	return json_array_size(warnings) > 0 ? "degraded" : "done";
}

static int end_run(struct session *s, int r, struct err *e)
{
	const char *word = final_word(s, r, e);
	struct err save = ERR_INIT;

	set_run(s, "status", json_string(word));
	set_run(s, "ended", json_integer((json_int_t)time(NULL)));
	set_run(s, "current", json_null());
	if (state_save(&s->state, &save) < 0 && r == 0) {
		*e = save;
		word = "failed";
		r = -1;
	}
	events_emit(s->ctx.events, "run.end",
		    json_pack("{s:s, s:o}", "status", word, "error", r < 0 ? events_error(e) : json_null()));
	if (r < 0)
		return exit_status(e->fault);
	return strcmp(word, "degraded") ? EXIT_OK : EXIT_DEGRADED;
}

/* The frontend that started us waits for this line; then stdout and stderr lead nowhere, so that
 * its end does not matter. */
static void announce(const char *id)
{
	printf("{\"run\":\"%s\"}\n", id);
	fflush(stdout);
}

static int run_locked(struct session *s, struct err *e)
{
	_cleanup_free_ char *id = new_run_id(e);

	s->ctx.events = id ? events_open(id, e) : NULL;
	if (!s->ctx.events)
		return engine_fail(e);
	events_redact(s->ctx.events, s->ctx.redact);
	if (begin_run(s, id, e) < 0) {
		s->ctx.events = events_close(s->ctx.events);
		return engine_fail(e);
	}
	emit_begin(s, id);
	announce(id);
	int r = run_steps(s, e);
	fetch_end(&s->ctx);
	int status = end_run(s, r, e);
	s->ctx.events = events_close(s->ctx.events);
	return status;
}

int engine_run(int argc, char **argv)
{
	_cleanup_free_ char *dir = path_get(PATH_STATE_DIR);
	_cleanup_free_ char *run_dir = path_get(PATH_RUN_DIR);
	_cleanup_free_ char *lock_path = path_get(PATH_LOCK);
	_cleanup_close_ int lock = -1;
	struct err e = ERR_INIT;
	struct session s = { 0 };

	(void)argc;
	(void)argv;
	if (fs_mkdir_p(dir, 0700, &e) < 0 || fs_mkdir_p(run_dir, 0755, &e) < 0)
		return engine_fail(&e);
	lock = fs_lock(lock_path, &e);
	if (lock < 0)
		return engine_fail(&e);
	int status = session_open(&s, false, &e) < 0 ? engine_fail(&e) : run_locked(&s, &e);
	session_done(&s);
	return status;
}
