/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "ui/standing.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "client/client.h"
#include "model/config.h"
#include "model/events.h"
#include "model/state.h"
#include "ui/call.h"
#include "ui/show.h"
#include "ui/ui.h"

void standing_done(struct standing *s)
{
	free(s->job);
	free(s->status);
	json_decref(s->steps);
	json_decref(s->notes);
	*s = (struct standing){ 0 };
}

static json_t *step_row(const struct state *s, const json_t *step, bool at_work)
{
	const char *id = json_str_at(step, "id") ?: "";
	enum state_step st = state_step_status(s, id);
	const json_t *record = json_object_get(json_object_get(s->root, "steps"), id);
	json_t *error = json_object_get(record, "error");
	const char *word = st == STATE_RUNNING && !at_work ? "interrupted" : state_step_word(st);

	return json_pack("{s:s, s:O, s:s, s:s, s:I, s:I, s:O*}", "id", id, "number",
			 json_object_get(step, "number"), "title", json_str_at(step, "title") ?: "",
			 "status", word, "attempts", (json_int_t)state_step_attempts(s, id), "elapsed_ms",
			 (json_int_t)json_int_at(record, "elapsed_ms", 0), "error",
			 error ? error : NULL);
}

static void add_steps(struct standing *ret, const struct state *s, const json_t *plan, bool at_work)
{
	ret->steps = json_array();
	ret->notes = json_object();
	ret->total = json_array_size(plan);
	for (size_t i = 0; i < ret->total; i++) {
		const json_t *step = json_array_get(plan, i);
		const char *id = json_str_at(step, "id") ?: "";
		json_t *row = step_row(s, step, at_work);
		if (!json_object_get(row, "error"))
			json_object_set_new(row, "error", json_null());
		json_array_append_new(ret->steps, row);
		if (!ret->at && strcmp(json_str_at(row, "status") ?: "", "done"))
			ret->at = i + 1;
		const json_t *record = json_object_get(json_object_get(s->root, "steps"), id);
		json_t *note = json_object_get(record, "note");
		if (json_is_string(note))
			json_object_set(ret->notes, id, note);
	}
}

static int get(struct standing *ret, bool sketch, struct err *e)
{
	static const char *const ask[] = { "ess-engine", "plan", "--steps", NULL };
	_cleanup_state_ struct state s = { 0 };

	if (state_load(&s, e) < 0)
		return -1;
	pid_t holder = client_holder(e);
	if (holder < 0)
		return -1;
	const json_t *run = state_run(&s);
	const char *status = json_str_at(run, "status") ?: "";
	bool ran = holder > 0 || *status;
	_cleanup_json_ json_t *plan = ran || !sketch ? call_json(ask, e) : NULL;
	if (!plan && (ran || !sketch))
		return -1;

	if (holder > 0)
		status = "running";
	else if (!strcmp(status, "running"))
		status = "interrupted";
	_cleanup_free_ char *boot = state_boot_id();
	ret->rebooted = strcmp(boot, json_str_at(run, "boot_id") ?: "") != 0;
	const char *job = json_str_at(run, "job") ?: "";
	ret->job = xstrdup(*job ? job : "install");
	ret->status = xstrdup(*status ? status : "none");
	_cleanup_config_ struct config c = { 0 };
	ret->configured = config_load(&c, NULL) == 0 && config_is_set(&c, "domains.server_name");
	if (plan)
		add_steps(ret, &s, plan, holder > 0);
	return 0;
}

int standing_get(struct standing *ret, struct err *e)
{
	return get(ret, false, e);
}

int standing_sketch(struct standing *ret, struct err *e)
{
	return get(ret, true, e);
}

static bool is(const struct standing *s, const char *status)
{
	return !strcmp(s->status, status);
}

static const char *step_title(const struct standing *s)
{
	return show_text(json_str_at(json_array_get(s->steps, s->at ? s->at - 1 : 0), "title"));
}

char *standing_sentence(const struct standing *s)
{
	int at = (int)s->at, total = (int)s->total;

	if (is(s, "running"))
		return xasprintf(_("The installation is running, step %d/%d."), at, total);
	if (is(s, "interrupted") && s->rebooted)
		return xasprintf(_("The installation stopped at step %d/%d (the machine restarted)."), at, total);
	if (is(s, "interrupted"))
		return xasprintf(_("The installation stopped at step %d/%d (its process was ended)."), at, total);
	if (is(s, "failed"))
		return xasprintf(_("The installation failed at step %d/%d (%s)."), at, total, step_title(s));
	if (is(s, "cancelled"))
		return xasprintf(_("The installation was cancelled at step %d/%d."), at, total);
	if (is(s, "degraded"))
		return xstrdup(_("The server works, but something that is not essential does not."));
	if (is(s, "done") && !at)
		return xstrdup(_("The server is installed."));
	if (is(s, "done"))
		return xasprintf(_("The steps before %d/%d are done, as asked."), at, total);
	if (!s->configured)
		return xstrdup(_("Not configured yet."));
	return xstrdup(_("Configured, not installed yet."));
}

const char *standing_next(const struct standing *s)
{
	if (is(s, "running"))
		return _("Watch it with: ess-setup attach");
	if (is(s, "failed"))
		return _("Mend the cause, then continue with: ess-setup apply");
	if (is(s, "none") && !s->configured)
		return _("Answer the questions with: ess-setup");
	if (is(s, "degraded") || (is(s, "done") && !s->at))
		return "";
	return is(s, "none") ? _("Install with: ess-setup apply") : _("Nothing is lost. Continue with: ess-setup apply");
}

/* --- the page ---------------------------------------------------------------------------------- */

static const char *status_word(const char *status)
{
	static const struct { const char *status, *word; } words[] = {
		{ "pending", N_("to do") },   { "running", N_("running") }, { "done", N_("done") },
		{ "failed", N_("failed") },   { "interrupted", N_("interrupted") },
	};
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (!strcmp(words[i].status, status))
			return _(words[i].word);
	return status;
}

static void write_step(const struct standing *s, const json_t *row, FILE *out)
{
	const char *status = json_str_at(row, "status") ?: "";
	const char *note = json_str_at(s->notes, json_str_at(row, "id") ?: "");
	_cleanup_free_ char *title = show_pad(show_text(json_str_at(row, "title")), 40);
	_cleanup_free_ char *word = show_pad(status_word(status), 12);
	_cleanup_free_ char *took = show_duration(json_int_at(row, "elapsed_ms", 0));
	bool began = strcmp(status, "pending") != 0;

	fprintf(out, "%3lld %s %s %s%s%s\n", json_int_at(row, "number", 0), title, word, began ? took : "",
		note ? "  " : "", note ? note : "");
}

void standing_write(const struct standing *s, FILE *out)
{
	_cleanup_free_ char *sentence = standing_sentence(s);
	fprintf(out, "%s\n", sentence);
	if (out == stdout && *standing_next(s))
		puts(standing_next(s));
	for (size_t i = 0; i < s->total; i++)
		write_step(s, json_array_get(s->steps, i), out);
	for (size_t i = 0; i < s->total; i++) {
		const json_t *error = json_object_get(json_array_get(s->steps, i), "error");
		if (!json_is_object(error))
			continue;
		struct err seen;
		events_error_read(error, &seen);
		_cleanup_free_ char *text = show_err(&seen);
		fprintf(out, "\n%s %s\n", json_str_at(error, "card") ?: "", text);
		fprintf(out, _("More about it: ess-setup explain %s\n"), json_str_at(error, "card") ?: "");
	}
}
