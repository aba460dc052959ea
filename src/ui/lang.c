/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The language of the pages. Minimal Debian has no zh_CN locale, but gettext only asks that the
 * locale be not "C": with C.UTF-8 the LANGUAGE variable decides. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "ui/ui.h"

#define DOMAIN "ess-setup"

static const char *current = "en";

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
	static const char *from_environment; /* LANGUAGE is overwritten below */

	if (!from_environment)
		from_environment = lang_of_environment();
	current = want && strcmp(want, "auto") ? lang_of(want) : from_environment;
	setlocale(LC_CTYPE, "C.UTF-8");
	setlocale(LC_MESSAGES, "C.UTF-8");
	setenv("LANGUAGE", current, 1);
	bindtextdomain(DOMAIN, secure_getenv("ESS_SETUP_LOCALEDIR") ?: LOCALEDIR);
	bind_textdomain_codeset(DOMAIN, "UTF-8");
	textdomain(DOMAIN);
}

const char *lang_get(void)
{
	return current;
}
