/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* ess-setup kept: which certificates and account keys are kept for later installations, and forgetting
 * them. Never their content. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "model/vault.h"
#include "ui/show.h"
#include "ui/store.h"

static int list(const struct ui *ui, const struct vault *v)
{
	json_t *names = vault_names(v);
	if (ui->json) {
		show_json(names);
		return EXIT_OK;
	}
	for (size_t i = 0; i < json_array_size(names); i++)
		puts(json_string_value(json_array_get(names, i)));
	json_decref(names);
	return EXIT_OK;
}

static int forget(const struct ui *ui, struct vault *v, const char *name, struct err *e)
{
	_cleanup_json_ json_t *names = name ? json_pack("[s]", name) : vault_names(v);
	if (name && !vault_has(v, name))
		return usage(&cmd_kept, _("nothing is kept as %s"), name);
	for (size_t i = 0; i < json_array_size(names); i++)
		if (vault_put(v, json_string_value(json_array_get(names, i)), NULL, e) < 0)
			return show_failure(ui, e);
	if (ui->json)
		show_json(json_pack("{s:O}", "forgotten", names));
	else
		puts(_("Forgotten. What a later installation needs is ordered anew."));
	return EXIT_OK;
}

/* Under the lock: a run may be about to keep something. */
static int change(const struct ui *ui, const char *name)
{
	struct err e = ERR_INIT;
	_cleanup_close_ int lock = store_lock(&e);
	struct secrets *s = lock < 0 ? NULL : secrets_open(&e);
	struct vault *v = s ? vault_open(s, &e) : NULL;
	int status = v ? forget(ui, v, name, &e) : show_failure(ui, &e);
	vault_close(v);
	secrets_close(s);
	return status;
}

static int run(struct ui *ui, int argc, char **argv)
{
	struct err e = ERR_INIT;
	bool all = false;
	const struct opt opts[] = { { "all", NULL, &all }, { 0 } };

	argc = opt_parse(&cmd_kept, opts, argc, argv);
	if (argc < 0)
		return EXIT_INVALID;
	if (argc >= 2 && !strcmp(argv[1], "delete") && argc == (all ? 2 : 3))
		return change(ui, all ? NULL : argv[2]);
	if (argc != 2 || strcmp(argv[1], "list") || all)
		return usage(&cmd_kept, _("what to do with what is kept is missing"));
	struct secrets *s = secrets_open(&e);
	struct vault *v = s ? vault_open(s, &e) : NULL;
	int status = v ? list(ui, v) : show_failure(ui, &e);
	vault_close(v);
	secrets_close(s);
	return status;
}

const struct command cmd_kept = {
	.name = "kept",
	.args = "list|delete NAME|delete --all",
	.summary = N_("certificates and account keys kept for later installations"),
	.run = run,
};
