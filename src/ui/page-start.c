/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The language and the notice: what the first start asks and shows, each once. */
#include <string.h>

#include "base/mem.h"
#include "ui/notice.h"
#include "ui/page.h"
#include "ui/store.h"
#include "ui/terminal.h"

static int set_language(struct pages *p, const char *lang, struct err *e)
{
	_cleanup_config_ struct config c = { 0 };

	lang_set(lang);
	page_corner(p);
	if (config_load(&c, e) < 0 || config_set(&c, "ui.language", lang, e) < 0)
		return -1;
	return store_config(&c, e);
}

void page_language(struct pages *p)
{
	static const char *const names[] = { "简体中文", "English" };
	static const char *const languages[] = { "zh_CN", "en" };
	struct err e = ERR_INIT;

	if (!terminal_draws_chinese()) {
		page_say(p, "Language", _("This terminal cannot draw Chinese: a Linux console or a serial line has no letters for it. Log in over SSH to use Chinese."));
		return;
	}
	unsigned n = page_choose(p, "语言 / Language", "", names, ARRAY_LEN(names), _("back"),
				 !strcmp(lang_get(), "en") ? 2 : 1);
	/* While a run holds the lock the choice is only for now. */
	if (n > 0 && set_language(p, languages[n - 1], &e) < 0 && e.fault != FAULT_LOCKED)
		page_failure(p, &e);
}

static bool language_is_open(const struct ui *ui)
{
	_cleanup_config_ struct config c = { 0 };
	return !ui->lang && terminal_draws_chinese() && config_load(&c, NULL) == 0 &&
	       !config_is_set(&c, "ui.language");
}

void page_first(struct pages *p)
{
	if (language_is_open(p->ui))
		page_language(p);
	_cleanup_free_ char *text = notice_text();
	if (!text)
		return;
	page_say(p, _("Before you begin"), text);
	if (!p->gone)
		notice_done();
}
