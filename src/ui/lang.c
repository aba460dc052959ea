/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The language of the pages, which needs no locale to be installed. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "ui/catalogue.h"
#include "ui/terminal.h"
#include "ui/ui.h"

static const char *current = "en";
static struct catalogue *texts; /* NULL: English */

bool lang_known(const char *s)
{
	return !strcmp(s, "zh_CN") || !strcmp(s, "en") || !strcmp(s, "auto");
}

/* Any Chinese is served by the one Chinese text. */
static const char *lang_of(const char *locale)
{
	return text_starts(locale, "zh") ? "zh_CN" : "en";
}

static const char *lang_of_environment(void)
{
	static const char *const vars[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
	const char *locale = NULL;

	for (size_t i = 0; i < sizeof(vars) / sizeof(vars[0]) && !locale; i++) {
		const char *v = getenv(vars[i]);
		locale = v && *v ? v : NULL;
	}
	if (locale && (!strcmp(locale, "C") || !strcmp(locale, "POSIX")))
		return "en";
	const char *list = getenv("LANGUAGE");
	return lang_of(list && *list ? list : locale ? locale : "en");
}

void lang_set(const char *want)
{
	const char *dir = secure_getenv("ESS_SETUP_LOCALEDIR") ?: LOCALEDIR;

	current = want && strcmp(want, "auto") ? lang_of(want) : lang_of_environment();
	if (!terminal_draws_chinese())
		current = "en";
	/* For the widths of characters; where nothing but ASCII can be drawn, lines are drawn with it too. */
	setlocale(LC_CTYPE, terminal_draws_utf8() ? "C.UTF-8" : "C");
	texts = catalogue_close(texts);
	if (!strcmp(current, "en"))
		return;
	_cleanup_free_ char *path = xasprintf("%s/%s/LC_MESSAGES/ess-setup.mo", dir, current);
	texts = catalogue_open(path);
}

const char *lang_text(const char *msgid)
{
	return catalogue_text(texts, msgid);
}

const char *lang_get(void)
{
	return current;
}
