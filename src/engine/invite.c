/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* invite --uses N --expires-in SECONDS: makes a registration token. The answer, {"token": ...}, is the
 * only place where it stands: this is no run, so there is neither log nor event. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "engine/engine.h"
#include "model/exit.h"
#include "steps/mas.h"

/* mas-cli takes both as u32 (crates/cli/src/commands/manage.rs). */
#define NUMBER_MAX 4294967295L

static int take(const char *const *argv, const char *option, long *ret)
{
	return !strcmp(argv[0], option) && text_to_long(argv[1], 0, NUMBER_MAX, ret);
}

static int invite(struct session *s, long uses, long seconds, struct err *e)
{
	static const struct step pretend = { .id = "invite" };
	_cleanup_secret_ char *token = NULL;

	s->ctx.dry_run = false;
	ctx_begin(&s->ctx, &pretend);
	if (mas_invite(&s->ctx, uses, seconds, &token, e) < 0)
		return -1;
	_cleanup_json_ json_t *answer = json_pack("{s:s}", "token", token);
	_cleanup_secret_ char *text = json_canonical(answer);
	puts(text);
	fflush(stdout);
	return 0;
}

int engine_invite(int argc, char **argv)
{
	const char *const *words = (const char *const *)argv;
	struct session s = { 0 };
	struct err e = ERR_INIT;
	long uses, seconds;

	if (argc != 5 || !take(words + 1, "--uses", &uses) || !take(words + 3, "--expires-in", &seconds)) {
		err_set(&e, FAULT_USAGE, N_("invite needs --uses N --expires-in SECONDS"));
		return engine_fail(&e);
	}
	/* Read only: it neither makes a key nor writes the state, whoever runs beside it. */
	int r = session_open(&s, true, &e);
	if (r == 0)
		r = invite(&s, uses, seconds, &e);
	session_done(&s);
	return r < 0 ? engine_fail(&e) : EXIT_OK;
}
