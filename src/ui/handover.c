/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "ui/handover.h"

#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "base/mem.h"
#include "model/paths.h"
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
