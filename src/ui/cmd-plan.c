/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* ess-setup plan: what apply would do, step by step, every command and every file. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "model/events.h"
#include "ui/call.h"
#include "ui/job.h"
#include "ui/show.h"

static void print_commands(const json_t *step)
{
	const json_t *list = json_object_get(step, "commands");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *argv = json_array_get(list, i);
		printf("      $");
		for (size_t k = 0; k < json_array_size(argv); k++)
			printf(" %s", json_string_value(json_array_get(argv, k)) ?: "");
		puts("");
	}
}

static void print_indented(const char *text)
{
	while (text && *text) {
		size_t n = strcspn(text, "\n");
		printf("        %.*s\n", (int)n, text);
		text += n + (text[n] == '\n');
	}
}

static void print_files(const json_t *step)
{
	const json_t *list = json_object_get(step, "files");
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *f = json_array_get(list, i);
		printf("      %s %s %s\n", json_str_at(f, "change") ?: "", json_str_at(f, "path") ?: "",
		       json_str_at(f, "mode") ?: "");
		print_indented(json_str_at(f, "diff"));
	}
}

static void print_requests(const json_t *step)
{
	const json_t *list = json_object_get(step, "downloads");
	for (size_t i = 0; i < json_array_size(list); i++)
		printf("      GET %s\n", json_str_at(json_array_get(list, i), "url") ?: "");
	list = json_object_get(step, "requests");
	for (size_t i = 0; i < json_array_size(list); i++)
		printf("      %s %s\n", json_str_at(json_array_get(list, i), "method") ?: "",
		       json_str_at(json_array_get(list, i), "url") ?: "");
}

static void print_step(const json_t *step)
{
	bool skip = !strcmp(json_str_at(step, "action") ?: "", "skip");
	const json_t *error = json_object_get(step, "error");

	printf("%3lld %s: %s\n", json_int_at(step, "number", 0), show_text(json_str_at(step, "title")),
	       skip ? _("nothing to do") : show_text(json_str_at(step, "reason")));
	print_requests(step);
	print_files(step);
	print_commands(step);
	if (!json_is_object(error))
		return;
	struct err e;
	events_error_read(error, &e);
	_cleanup_free_ char *text = show_err(&e);
	printf(_("      Not known yet: %s\n"), text);
}

/* Which versions fit each other, and where each kind of download comes from. */
static void print_supply(const json_t *plan)
{
	const json_t *table = json_object_get(plan, "compatibility");
	json_t *v;
	const char *class;

	puts("");
	puts(_("Versions that fit each other (K3s carries the number of its Kubernetes):"));
	for (size_t i = 0; i < json_array_size(table); i++) {
		const json_t *row = json_array_get(table, i);
		_cleanup_free_ char *what = xasprintf("%s %s", json_str_at(row, "part") ?: "",
						      json_str_at(row, "versions") ?: "");
		_cleanup_free_ char *padded = show_pad(what, 20);
		printf("    %s Kubernetes %-10s %s\n", padded, json_str_at(row, "kubernetes") ?: "",
		       json_str_at(row, "source") ?: "");
	}
	if (json_object_size(json_object_get(plan, "sources")) == 0)
		return;
	puts(_("Where downloads come from, as it was found:"));
	json_object_foreach(json_object_get(plan, "sources"), class, v) {
		_cleanup_free_ char *padded = show_pad(class, 20);
		printf("    %s %s\n", padded, json_string_value(v) ?: "");
	}
}

static int run(struct ui *ui, int argc, char **argv)
{
	static const char *const ask[] = { "ess-engine", "plan", NULL };
	struct job_options o = { .without_secrets = true };
	const struct opt opts[] = {
		{ "config", &o.config, NULL },
		{ "cloudflare-token-file", &o.token_file, NULL },
		{ 0 },
	};
	struct err e = ERR_INIT;

	argc = opt_parse(&cmd_plan, opts, argc, argv);
	if (argc < 0)
		return EXIT_INVALID;
	if (argc > 1)
		return usage(&cmd_plan, _("there is one word too many: %s"), argv[1]);
	int status = job_prepare(ui, &o);
	if (status != EXIT_OK)
		return status;
	_cleanup_json_ json_t *plan = call_json(ask, &e);
	if (!plan)
		return show_failure(ui, &e);
	if (ui->json) {
		show_json(json_incref(plan));
		return EXIT_OK;
	}
	const json_t *steps = json_object_get(plan, "steps");
	for (size_t i = 0; i < json_array_size(steps); i++)
		print_step(json_array_get(steps, i));
	print_supply(plan);
	return EXIT_OK;
}

const struct command cmd_plan = {
	.name = "plan",
	.args = "[--config FILE] [--cloudflare-token-file FILE]",
	.summary = N_("what apply would do: every command and every file"),
	.run = run,
};
