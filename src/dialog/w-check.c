/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* A list with marks: check boxes, or radio buttons of which one is on. */
#include <stdlib.h>

#include <newt.h>
#include <slang.h>

#include "base/mem.h"
#include "dialog/cols.h"
#include "dialog/widget.h"

#define MARK 4 /* columns of "[ ] " */

static struct w_check *self(const struct widget *w)
{
	return (struct w_check *)w;
}

static void draw_row(const struct w_check *c, const struct dialog_item *item, bool active)
{
	SLsmg_set_color(NEWT_COLORSET_CHECKBOX);
	SLsmg_write_string((char *)(c->radio ? "( ) " : "[ ] "));
	int left = c->cols - MARK;
	if (c->tags) {
		_cleanup_free_ char *tag = cols_row(item->tag);
		int w = c->tag_cols + 2 < left ? c->tag_cols + 2 : left;
		draw_padded(tag, w);
		left -= w;
	}
	_cleanup_free_ char *text = cols_row(item->text);
	draw_padded(text, left);
	SLsmg_set_color(active ? NEWT_COLORSET_ACTCHECKBOX : NEWT_COLORSET_CHECKBOX);
}

static void check_draw(const struct widget *w, int oy, int ox, bool focus)
{
	const struct w_check *c = self(w);
	if (c->n > (size_t)w->h)
		draw_bar(oy + w->y, ox + c->bar_x, w->h, c->top, c->n - (size_t)w->h, NEWT_COLORSET_CHECKBOX);
	SLsmg_set_color(NEWT_COLORSET_CHECKBOX);
	if (w->h > 0 && c->cols > 0)
		SLsmg_fill_region(oy + w->y, ox + w->x, (unsigned)w->h, (unsigned)c->cols, ' ');
	for (int i = 0; i < w->h && c->top + (size_t)i < c->n; i++) {
		size_t at = c->top + (size_t)i;
		draw_at(oy + w->y + i, ox + w->x);
		draw_row(c, &c->items[at], focus && at == c->cur);
		draw_at(oy + w->y + i, ox + w->x + 1);
		SLsmg_write_char(c->items[at].on ? '*' : ' ');
	}
}

static enum act go(struct w_check *c, long to)
{
	size_t h = c->w.h > 0 ? (size_t)c->w.h : 1;
	c->cur = to < 0 ? 0 : (size_t)to >= c->n ? c->n - 1 : (size_t)to;
	if (c->cur < c->top)
		c->top = c->cur;
	else if (c->cur >= c->top + h)
		c->top = c->cur - h + 1;
	return ACT_TAKEN;
}

static enum act toggle(struct w_check *c)
{
	bool on = c->radio || !c->items[c->cur].on;
	/* of several that were on at first newt clears the last one, which is the one that counts */
	for (size_t i = c->n; c->radio && i-- > 0;) {
		if (c->items[i].on) {
			c->items[i].on = false;
			break;
		}
	}
	c->items[c->cur].on = on;
	return ACT_TAKEN;
}

static enum act check_key(struct widget *w, const struct key *key)
{
	struct w_check *c = self(w);
	long h = w->h > 0 ? w->h : 1, cur = (long)c->cur;
	switch (key->code) {
	case ' ': return toggle(c);
	case NEWT_KEY_ENTER: return ACT_DONE;
	case NEWT_KEY_UP:
	case NEWT_KEY_LEFT:
	case NEWT_KEY_BKSPC: return go(c, cur - 1);
	case NEWT_KEY_DOWN:
	case NEWT_KEY_RIGHT: return go(c, cur + 1);
	case NEWT_KEY_PGUP: return go(c, cur - h);
	case NEWT_KEY_PGDN: return go(c, cur + h);
	default: return ACT_IGNORED;
	}
}

static bool check_cursor(const struct widget *w, int *y, int *x)
{
	const struct w_check *c = self(w);
	*y = w->y + (int)(c->cur - c->top);
	*x = w->x + MARK;
	return false;
}

static void check_free(struct widget *w)
{
	free(w);
}

static const struct widget_ops check_ops = {check_draw, check_key, check_cursor, check_free};

struct w_check *check_new(struct dialog_item *items, size_t n, bool tags, bool radio)
{
	struct w_check *c = xcalloc(1, sizeof(*c));
	c->w.ops = &check_ops;
	c->w.focusable = true;
	c->items = items;
	c->n = n;
	c->tags = tags;
	c->radio = radio;
	return c;
}
