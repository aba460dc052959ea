/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Lists: a menu, check boxes, radio buttons. */
#include <ctype.h>

#include <newt.h>

#include "base/mem.h"
#include "dialog/box.h"

/* "0 = back": a digit chooses at once, wherever the focus is. The list is short and whole, so that the
 * page keys are free for the text. */
static bool choose(struct box *b, const struct key *key, bool *done, enum dialog_end *end)
{
	bool page = key->code == NEWT_KEY_PGUP || key->code == NEWT_KEY_PGDN;
	if (page && text_more(b->text)) {
		text_scroll(b->text, key->code);
		return true;
	}
	if (key->code >= 0x80 || !isdigit(key->code))
		return false;
	size_t i = menu_hot(b->menu, key->code);
	if (i == b->menu->n)
		return true;
	menu_goto(b->menu, i);
	*done = true;
	*end = DIALOG_OK;
	return true;
}

enum dialog_end dialog_menu(const struct dialog *d, const char *text, const struct dialog_item *items,
			    size_t n, size_t *cur)
{
	struct box b;
	box_init(&b, d, BOX_MENU, text);
	b.menu = menu_new(items, n, !d->no_tags);
	b.menu->cur = *cur < n ? *cur : 0;
	box_add(&b, &b.menu->w);
	box_add_buttons(&b);
	if (d->digits_choose)
		b.key = choose;
	if (!d->scroll)
		box_focus(&b, &b.menu->w);
	enum dialog_end end = box_run(&b);
	*cur = b.menu->cur;
	box_free(&b);
	return end;
}

enum dialog_end dialog_checklist(const struct dialog *d, const char *text, struct dialog_item *items,
				 size_t n, bool radio, size_t *cur)
{
	struct box b;
	box_init(&b, d, BOX_CHECK, text);
	b.check = check_new(items, n, !d->no_tags, radio);
	b.check->cur = cur && *cur < n ? *cur : 0;
	box_add(&b, &b.check->w);
	box_add_buttons(&b);
	if (!d->scroll)
		box_focus(&b, &b.check->w);
	enum dialog_end end = box_run(&b);
	if (cur)
		*cur = b.check->cur;
	box_free(&b);
	return end;
}
