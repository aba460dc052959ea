/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* ess-setup status: the steps, what was done, what failed. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "model/events.h"
#include "ui/show.h"
#include "ui/standing.h"

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

static void print_step(const struct standing *s, const json_t *row)
{
	const char *status = json_str_at(row, "status") ?: "";
	const char *note = json_str_at(s->notes, json_str_at(row, "id") ?: "");
	_cleanup_free_ char *title = show_pad(show_text(json_str_at(row, "title")), 40);
	_cleanup_free_ char *word = show_pad(status_word(status), 12);
	_cleanup_free_ char *took = show_duration(json_int_at(row, "elapsed_ms", 0));
	bool began = strcmp(status, "pending") != 0;

	printf("%3lld %s %s %s%s%s\n", json_int_at(row, "number", 0), title, word, began ? took : "",
	       note ? "  " : "", note ? note : "");
}

static int run(struct ui *ui, int argc, char **argv)
{
	_cleanup_standing_ struct standing s = { 0 };
	struct err e = ERR_INIT;

	argc = opt_parse(&cmd_status, NULL, argc, argv);
	if (argc < 0)
		return EXIT_INVALID;
	if (argc > 1)
		return usage(&cmd_status, _("there is one word too many: %s"), argv[1]);
	if (standing_get(&s, &e) < 0)
		return show_failure(ui, &e);
	if (ui->json) {
		show_json(json_pack("{s:s, s:s, s:O}", "job", s.job, "status", s.status, "steps", s.steps));
		return EXIT_OK;
	}
	_cleanup_free_ char *sentence = standing_sentence(&s);
	puts(sentence);
	for (size_t i = 0; i < s.total; i++)
		print_step(&s, json_array_get(s.steps, i));
	for (size_t i = 0; i < s.total; i++) {
		const json_t *error = json_object_get(json_array_get(s.steps, i), "error");
		if (!json_is_object(error))
			continue;
		struct err seen;
		events_error_read(error, &seen);
		_cleanup_free_ char *text = show_err(&seen);
		printf("\n%s %s\n", json_str_at(error, "card") ?: "", text);
		printf(_("More about it: ess-setup explain %s\n"), json_str_at(error, "card") ?: "");
	}
	return EXIT_OK;
}

const struct command cmd_status = {
	.name = "status",
	.args = NULL,
	.summary = N_("where the installation stands, step by step"),
	.run = run,
};
