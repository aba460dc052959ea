/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* One line of input. */
#include "base/mem.h"
#include "dialog/box.h"

enum dialog_end dialog_input(const struct dialog *d, const char *text, char **value, bool secret)
{
	struct box b;
	box_init(&b, d, BOX_INPUT, text);
	b.entry = entry_new(*value, secret);
	box_add(&b, &b.entry->w);
	box_add_buttons(&b);
	if (!d->scroll)
		box_focus(&b, &b.entry->w);
	enum dialog_end end = box_run(&b);
	if (end == DIALOG_OK || end == DIALOG_EXTRA || end == DIALOG_HELP) {
		free_secret(*value);
		*value = xstrndup(b.entry->buf, b.entry->len);
	}
	box_free(&b);
	return end;
}
