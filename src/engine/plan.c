/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* plan: the same steps and the same rule, with a context that changes nothing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "engine/engine.h"
#include "model/events.h"
#include "model/exit.h"
#include "steps/compat.h"

static const char *const decision_words[] = {
	[DECIDE_SKIP] = "skip",
	[DECIDE_ADOPT] = "skip",
	[DECIDE_APPLY] = "apply",
};

json_t *engine_step_head(const struct step *step)
{
	return json_pack("{s:s, s:i, s:s, s:i}", "id", step->id, "number", (int)step->number, "title",
			 step->title, "estimate_s", (int)step->estimate_s);
}

void engine_print(const json_t *o)
{
	_cleanup_free_ char *text = json_pretty(o);
	fputs(text, stdout);
	fflush(stdout);
}

static void plan_step(struct session *s, const struct step *step, json_t *o)
{
	_cleanup_free_ char *digest = ctx_digest(&s->ctx, step);
	struct err e = ERR_INIT;
	enum decision decision = DECIDE_APPLY;
	const char *reason = N_("it cannot be looked at yet");

	s->ctx.plan = o;
	ctx_begin(&s->ctx, step);
	int r = engine_decide(s, step, digest, &decision, &reason, &e);
	if (r == 0 && decision == DECIDE_APPLY)
		r = step->apply(&s->ctx, &e);
	json_object_set_new(o, "action", json_string(decision_words[decision]));
	json_object_set_new(o, "reason", json_string(reason));
	/* An error here is part of the plan: what an earlier step brings may be missing still. */
	if (r < 0) {
		redact_err(s->ctx.redact, &e);
		json_object_set_new(o, "error", events_error(&e));
	}
	s->ctx.plan = NULL;
}

static int print_steps(void)
{
	const struct job *job = job_find("install");
	_cleanup_json_ json_t *steps = json_array();

	for (const struct step *const *st = job->steps; *st; st++)
		json_array_append_new(steps, engine_step_head(*st));
	engine_print(steps);
	return EXIT_OK;
}

/* {class: where it comes from}, as far as it was tried. */
static json_t *sources(struct session *s)
{
	json_t *all = json_object(), *v;
	const char *name;
	json_object_foreach(state_facts(&s->state), name, v)
		if (text_starts(name, "sources."))
			json_object_set(all, name + strlen("sources."), v);
	return all;
}

int engine_plan(int argc, char **argv)
{
	struct session s;
	struct err e = ERR_INIT;

	if (argc > 1 && !strcmp(argv[1], "--steps"))
		return print_steps();
	if (session_open(&s, true, &e) < 0) {
		session_done(&s);
		return engine_fail(&e);
	}
	json_t *steps = json_array();
	_cleanup_json_ json_t *plan = json_pack("{s:s, s:o}", "job", s.job->name, "steps", steps);
	for (const struct step *const *st = s.job->steps; *st && !engine_cancelled; st++) {
		json_t *o = engine_step_head(*st);
		json_array_append_new(steps, o);
		plan_step(&s, *st, o);
	}
	json_object_set_new(plan, "sources", sources(&s));
	json_object_set_new(plan, "compatibility", compat_table());
	engine_print(plan);
	session_done(&s);
	return engine_cancelled ? EXIT_CANCELLED : EXIT_OK;
}
