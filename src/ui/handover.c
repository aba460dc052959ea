/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "ui/handover.h"

#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "base/mem.h"
#include "model/config.h"
#include "model/paths.h"
#include "model/secrets.h"
#include "ui/ui.h"

#define HANDOVER_MAX ((size_t)256 << 10)
/* A line of these divides the English part from the Chinese one below it. */
#define DIVIDER "\n----------"

char *handover_text(void)
{
	_cleanup_free_ char *path = path_get(PATH_HANDOVER);
	_cleanup_free_ char *text = NULL;

	if (!fs_exists(path) || fs_read(path, HANDOVER_MAX, &text, NULL, NULL) < 0)
		return NULL;
	char *divider = strstr(text, DIVIDER);
	const char *part = text;
	if (divider && strcmp(lang_get(), "en")) {
		part = divider + 1;
		part += strcspn(part, "\n");
		part += strspn(part, "\n");
	} else if (divider) {
		*divider = '\0';
	}
	_cleanup_free_ char *kept = xasprintf(_("This text is kept in %s\n"), path);
	return xasprintf("%s\n%s", part, kept);
}

void handover_show(void)
{
	_cleanup_free_ char *text = handover_text();

	if (text)
		printf("\n%s", text);
}

char *handover_credentials(void)
{
	_cleanup_config_ struct config c = { 0 };
	struct secrets *s = NULL;
	char *text = NULL;

	if (config_load(&c, NULL) == 0 && config_is_set(&c, "domains.server_name"))
		s = secrets_open(NULL);
	const char *password = s ? secrets_get(s, "admin.password") : NULL;
	_cleanup_free_ char *state = path_get(PATH_HANDOVER);
	if (password && fs_exists(state))
		text = xasprintf(_("User: @%s:%s\nPassword: %s\n\nKeep it in a safe place and close this page."),
				 config_str(&c, "admin.username"), config_str(&c, "domains.server_name"), password);
	secrets_close(s);
	return text;
}
