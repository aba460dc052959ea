/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* ess-setup explain: the card of an error code, or the list of all. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "ui/show.h"

static json_t *card_json(const struct fault_card *card)
{
	json_t *causes = json_array(), *remedies = json_array();

	for (unsigned i = 0; card->causes[i]; i++)
		json_array_append_new(causes, json_text(_(card->causes[i])));
	for (unsigned i = 0; i < card->nremedies; i++) {
		_cleanup_free_ char *typed = show_remedy(&card->remedies[i]);
		json_array_append_new(remedies, json_text(typed));
	}
	return json_pack("{s:s, s:s, s:s, s:o, s:o}", "card", card->id, "code", card->name, "title",
			 _(card->title), "causes", causes, "remedies", remedies);
}

static int list_all(const struct ui *ui)
{
	json_t *list = json_array();

	for (enum fault f = FAULT_NONE + 1; f < FAULT_MAX; f++) {
		const struct fault_card *card = fault_card(f);
		_cleanup_free_ char *id = show_pad(card->id, 12);
		if (ui->json)
			json_array_append_new(list, card_json(card));
		else
			printf("%s %s\n", id, _(card->title));
	}
	if (ui->json)
		show_json(json_incref(list));
	json_decref(list);
	return EXIT_OK;
}

static int run(struct ui *ui, int argc, char **argv)
{
	argc = opt_parse(&cmd_explain, NULL, argc, argv);
	if (argc < 0)
		return EXIT_INVALID;
	if (argc > 2)
		return usage(&cmd_explain, _("there is one word too many: %s"), argv[2]);
	if (argc < 2)
		return list_all(ui);
	const struct fault_card *card = fault_card_by_id(argv[1]);
	if (!card)
		return usage(&cmd_explain, _("there is no code %s; without a code all are listed"), argv[1]);
	if (ui->json)
		show_json(card_json(card));
	else
		show_card(card);
	return EXIT_OK;
}

const struct command cmd_explain = {
	.name = "explain",
	.args = "[CODE]",
	.summary = N_("what an error code means, its causes and what to do"),
	.run = run,
};
