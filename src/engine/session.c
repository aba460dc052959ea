/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Loading what a run works with, and the rule that decides about each step. */
#include <string.h>

#include "base/fs.h"
#include "base/mem.h"
#include "engine/engine.h"
#include "model/paths.h"

static int check_config(const struct session *s, struct err *e)
{
	struct problems p = { 0 };
	int r = config_check(&s->config, s->request.rehearse ? CONFIG_REHEARSE : 0, &p);

	for (size_t i = 0; r < 0 && i < p.n; i++)
		if (!p.v[i].warning && e && !err_is_set(e))
			*e = p.v[i].err;
	problems_done(&p);
	return r;
}

int session_open(struct session *s, bool read_only, struct err *e)
{
	_cleanup_free_ char *key = path_get(PATH_KEY);

	*s = (struct session){ 0 };
	if (request_load(&s->request, e) < 0 || config_load(&s->config, e) < 0 || state_load(&s->state, e) < 0)
		return -1;
	s->job = job_find(s->request.job);
	if (!s->job)
		return err_set(e, FAULT_REQUEST_BAD, N_("there is no job named \"%s\""), s->request.job);
	if (!s->job->without_answers && check_config(s, e) < 0)
		return -1;
	/* Opening makes the key at first use; a plan makes nothing. */
	if (!read_only || fs_exists(key)) {
		s->secrets = secrets_open(e);
		if (!s->secrets)
			return -1;
	}
	s->ctx.cancel = &engine_cancelled;
	s->ctx.dry_run = read_only;
	s->ctx.rehearse = s->request.rehearse;
	s->ctx.request = &s->request;
	ctx_init(&s->ctx, &s->config, s->secrets, state_facts(&s->state));
	return 0;
}

void session_done(struct session *s)
{
	if (s->ctx.config)
		ctx_done(&s->ctx);
	s->secrets = secrets_close(s->secrets);
	state_done(&s->state);
	config_done(&s->config);
	request_done(&s->request);
}

static int check_now(struct session *s, const struct step *step, enum step_found *ret, struct err *e)
{
	*ret = STEP_ABSENT;
	return step->check(&s->ctx, ret, e);
}

int engine_decide(struct session *s, const struct step *step, const char *digest, enum decision *ret,
		  const char **ret_reason, struct err *e)
{
	const enum state_step status = state_step_status(&s->state, step->id);
	const char *before = state_step_inputs(&s->state, step->id);
	enum step_found found;

	*ret = DECIDE_APPLY;
	if (status == STATE_RUNNING)
		*ret_reason = N_("it was interrupted");
	else if (status == STATE_FAILED)
		*ret_reason = N_("it failed before");
	else if (status == STATE_DONE && strcmp(before, digest))
		*ret_reason = N_("an answer or a fact that it depends on changed");
	else if (check_now(s, step, &found, e) < 0)
		return -1;
	else if (found == STEP_PRESENT) {
		*ret = status == STATE_DONE ? DECIDE_SKIP : DECIDE_ADOPT;
		*ret_reason = N_("everything is there");
	} else if (status == STATE_DONE)
		*ret_reason = found == STEP_ABSENT ? N_("it is gone from the machine")
						   : N_("it was changed on the machine");
	else
		*ret_reason = N_("it was not done yet");
	return 0;
}
