/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "ui/call.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/proc.h"
#include "client/probe.h"
#include "model/events.h"
#include "model/paths.h"
#include "ui/show.h"

#define ANSWER_MAX ((size_t)64 << 20)
#define PATIENCE_S 900 /* a plan asks the network */

int call_helper(const char *const *argv, char **ret_out, int *ret_status, struct err *e)
{
	_cleanup_strv_ char **env = probe_environment();
	_cleanup_proc_ struct proc_result res = { 0 };
	struct proc_spec spec = {
		.argv = argv,
		.path = path_libexec(),
		.env = (const char *const *)env,
		.timeout_s = PATIENCE_S,
		.capture_max = ANSWER_MAX,
	};

	_cleanup_free_ char *found = proc_find(argv[0], path_libexec());
	if (!found)
		return err_set(e, FAULT_ENGINE_START, N_("The program %s was not found"), argv[0]);
	if (proc_run(&spec, &res, e) < 0)
		return -1;
	if (ret_status)
		*ret_status = res.status;
	else if (res.status != 0)
		return err_set(e, FAULT_COMMAND_FAILED, N_("%s ended with status %d: %s"), argv[0],
			       res.status, res.last_err);
	if (ret_out)
		*ret_out = steal(res.out);
	return 0;
}

/* The engine's own reason for refusing, {"error": {...}}. */
static int take_error(const json_t *answer, struct err *e)
{
	const json_t *error = json_object_get(answer, "error");
	struct err theirs;

	if (!json_is_object(answer) || !error)
		return 0;
	events_error_read(error, &theirs);
	/* Its msgid lives in the answer, ours must be static: translate it now. */
	_cleanup_free_ char *text = show_err(&theirs);
	return err_set(e, theirs.fault, N_("%s"), text);
}

json_t *call_json(const char *const *argv, struct err *e)
{
	_cleanup_free_ char *text = NULL;
	int status = 0;

	if (call_helper(argv, &text, &status, e) < 0)
		return NULL;
	json_t *answer = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	if (answer && take_error(answer, e) == 0 && status == 0)
		return answer;
	json_decref(answer);
	err_set(e, status ? FAULT_COMMAND_FAILED : FAULT_COMMAND_OUTPUT, N_("%s ended with status %d: %s"),
		argv[0], status, text);
	return NULL;
}
