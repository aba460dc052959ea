/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "steps/tool.h"

#include <string.h>

#include "base/mem.h"

#define TEXT_MAX ((size_t)4 << 20)

static int hand_on(const struct err *seen, struct err *e)
{
	if (e && !err_is_set(e))
		*e = *seen;
	return -1;
}

int tool_ask(struct step_ctx *c, const char *const *argv, struct proc_result *ret, struct err *e)
{
	struct err seen = ERR_INIT;
	if (step_query(c, argv, ret, &seen) == 0)
		return ret->status == 0;
	return seen.fault == FAULT_CANCELLED ? hand_on(&seen, e) : 0;
}

int tool_lost(struct step_ctx *c, const struct err *seen, enum step_found as, enum step_found *ret,
	      struct err *e)
{
	if (seen->fault == FAULT_CANCELLED || seen->fault == FAULT_INTERNAL)
		return hand_on(seen, e);
	_cleanup_free_ char *text = err_text(seen);
	step_log(c, "%s", text);
	*ret = as;
	return 0;
}

int tool_excuse(struct step_ctx *c, const struct err *seen, struct err *e)
{
	enum step_found unused;
	if (step_dry_run(c))
		return tool_lost(c, seen, STEP_ABSENT, &unused, e);
	if (e && !err_is_set(e))
		*e = *seen;
	return -1;
}

bool tool_fact_is(struct step_ctx *c, const char *name, const char *value)
{
	const char *fact = step_fact(c, name);
	return fact && value ? !strcmp(fact, value) : !fact && !value;
}

char *tool_read(struct step_ctx *c, const char *path)
{
	char *text = NULL;
	return step_read(c, path, TEXT_MAX, &text, NULL, NULL) == 0 ? text : NULL;
}
