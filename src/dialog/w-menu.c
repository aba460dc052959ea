/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* A list with one row chosen. */
#include <ctype.h>
#include <stdlib.h>

#include <newt.h>
#include <slang.h>

#include "base/mem.h"
#include "dialog/cols.h"
#include "dialog/widget.h"

static struct w_menu *self(const struct widget *w)
{
	return (struct w_menu *)w;
}

static void draw_row(const struct w_menu *m, const struct dialog_item *item)
{
	if (!m->tags) {
		_cleanup_free_ char *text = cols_row(item->text);
		draw_padded(text, m->cols);
		return;
	}
	_cleanup_free_ char *tag = cols_row(item->tag);
	_cleanup_free_ char *text = cols_row(item->text);
	draw_padded(tag, m->tag_cols);
	draw_padded(text, m->cols - m->tag_cols);
}

static void menu_draw(const struct widget *w, int oy, int ox, bool focus)
{
	const struct w_menu *m = self(w);
	if (m->bar)
		draw_bar(oy + w->y, ox + w->x + m->cols + 2, w->h, m->cur + 1, m->n, NEWT_COLORSET_LISTBOX);
	for (int i = 0; i < w->h && m->top + (size_t)i < m->n; i++) {
		bool cur = m->top + (size_t)i == m->cur;
		SLsmg_set_color(!cur    ? NEWT_COLORSET_LISTBOX
				: focus ? NEWT_COLORSET_ACTSELLISTBOX
					: NEWT_COLORSET_ACTLISTBOX);
		draw_at(oy + w->y + i, ox + w->x);
		draw_row(m, &m->items[m->top + (size_t)i]);
	}
}

static size_t last_top(const struct w_menu *m)
{
	size_t h = m->w.h > 0 ? (size_t)m->w.h : 1;
	return m->n > h ? m->n - h : 0;
}

void menu_goto(struct w_menu *m, size_t cur)
{
	size_t h = m->w.h > 0 ? (size_t)m->w.h : 1;
	m->cur = cur;
	if (cur < m->top)
		m->top = cur;
	else if (cur - m->top > h - 1)
		m->top = cur - h + 1;
	if (m->top > last_top(m))
		m->top = last_top(m);
}

/* A page: both the window and the mark move by it, as far as each can. */
static void page(struct w_menu *m, bool down)
{
	size_t h = m->w.h > 0 ? (size_t)m->w.h : 1;
	size_t step = down ? h : h - 1;
	if (down) {
		m->top = m->top + step > last_top(m) ? last_top(m) : m->top + step;
		m->cur = m->cur + step >= m->n ? m->n - 1 : m->cur + step;
	} else {
		m->top = m->top > step ? m->top - step : 0;
		m->cur = m->cur > step ? m->cur - step : 0;
	}
	menu_goto(m, m->cur);
}

static int first_byte(const struct w_menu *m, size_t i)
{
	const char *s = m->tags ? m->items[i].tag : m->items[i].text;
	return toupper((unsigned char)*s);
}

/* The next row that begins with the letter; from the last such row nowhere, as in newt. */
static enum act jump(struct w_menu *m, int letter)
{
	letter = toupper(letter);
	size_t i = first_byte(m, m->cur) == letter ? m->cur + 1 : 0;
	while (i < m->n && first_byte(m, i) != letter)
		i++;
	if (i == m->n)
		return ACT_IGNORED;
	if (i != m->top)
		m->top = i > last_top(m) ? last_top(m) : i;
	menu_goto(m, i);
	return ACT_TAKEN;
}

size_t menu_hot(const struct w_menu *m, int c)
{
	size_t found = m->n;
	for (size_t i = 0; i < m->n; i++) {
		if (m->items[i].tag[0] != (char)c)
			continue;
		if (found < m->n)
			return m->n;
		found = i;
	}
	return found;
}

static enum act menu_key(struct widget *w, const struct key *key)
{
	struct w_menu *m = self(w);
	if (!m->n)
		return ACT_IGNORED;
	switch (key->code) {
	case NEWT_KEY_UP: menu_goto(m, m->cur ? m->cur - 1 : 0); return ACT_TAKEN;
	case NEWT_KEY_DOWN: menu_goto(m, m->cur + 1 < m->n ? m->cur + 1 : m->cur); return ACT_TAKEN;
	case NEWT_KEY_HOME: menu_goto(m, 0); return ACT_TAKEN;
	case NEWT_KEY_END:
		m->top = last_top(m);
		menu_goto(m, m->n - 1);
		return ACT_TAKEN;
	case NEWT_KEY_PGUP:
	case NEWT_KEY_PGDN: page(m, key->code == NEWT_KEY_PGDN); return ACT_TAKEN;
	case NEWT_KEY_ENTER: return ACT_DONE;
	default: break;
	}
	if (key->code < 0x80 && isalpha(key->code))
		return jump(m, key->code);
	if (m->digits && key->code < 0x80 && isdigit(key->code)) {
		size_t i = menu_hot(m, key->code);
		if (i < m->n)
			menu_goto(m, i);
		return ACT_TAKEN;
	}
	return ACT_IGNORED;
}

static bool menu_cursor(const struct widget *w, int *y, int *x)
{
	const struct w_menu *m = self(w);
	*y = w->y + (int)(m->cur - m->top);
	*x = w->x;
	return false;
}

static void menu_free(struct widget *w)
{
	free(w);
}

static const struct widget_ops menu_ops = {menu_draw, menu_key, menu_cursor, menu_free};

struct w_menu *menu_new(const struct dialog_item *items, size_t n, bool tags)
{
	struct w_menu *m = xcalloc(1, sizeof(*m));
	m->w.ops = &menu_ops;
	m->w.focusable = true;
	m->items = items;
	m->n = n;
	m->tags = tags;
	m->digits = tags;
	return m;
}
