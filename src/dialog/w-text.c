/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Text with an optional scroll bar, and the drawing that widgets share. */
#include <stdlib.h>
#include <string.h>

#include <newt.h>
#include <slang.h>

#include "base/mem.h"
#include "dialog/cols.h"
#include "dialog/widget.h"

void widget_free(struct widget *w)
{
	if (w)
		w->ops->free(w);
}

void draw_at(int y, int x)
{
	SLsmg_gotorc(y, x);
}

void draw_padded(const char *s, int w)
{
	if (w <= 0)
		return;
	int used;
	size_t n = cols_cut(s, w, &used);
	SLsmg_write_chars((unsigned char *)s, (unsigned char *)s + n);
	for (; used < w; used++)
		SLsmg_write_char(' ');
}

void draw_bar(int y, int x, int h, size_t where, size_t total, int color)
{
	bool arrows = h >= 2;
	SLsmg_set_color(color);
	SLsmg_set_char_set(1);
	for (int i = 0; i < h; i++) {
		SLsmg_gotorc(y + i, x);
		SLsmg_write_char(!arrows       ? SLSMG_CKBRD_CHAR
				 : i == 0     ? SLSMG_UARROW_CHAR
				 : i == h - 1 ? SLSMG_DARROW_CHAR
					      : SLSMG_CKBRD_CHAR);
	}
	if (!total)
		total = 1;
	if (where > total)
		where = total;
	/* of two rows newt leaves the thumb none of its own: it lies on an arrow */
	long thumb = (long)where * (arrows ? h - 3 : h - 1) / (long)total + arrows;
	SLsmg_gotorc(y + (int)thumb, x);
	SLsmg_write_char(SLSMG_BLOCK_CHAR);
	SLsmg_set_char_set(0);
}

static struct w_text *self(const struct widget *w)
{
	return (struct w_text *)w;
}

bool text_more(const struct w_text *t)
{
	return t->w.h > 0 && t->n > (size_t)t->w.h;
}

static void text_draw(const struct widget *w, int oy, int ox, bool focus)
{
	const struct w_text *t = self(w);
	SLsmg_set_color(t->color);
	for (int i = 0; i < w->h && (size_t)(t->top + i) < t->n; i++) {
		draw_at(oy + w->y + i, ox + w->x);
		draw_padded(t->lines[t->top + i], w->w);
	}
	if (t->bar && text_more(t))
		draw_bar(oy + w->y, ox + t->bar_x, w->h, (size_t)t->top, t->n - (size_t)w->h,
			 focus ? NEWT_COLORSET_ACTTEXTBOX : NEWT_COLORSET_TEXTBOX);
}

enum act text_scroll(struct w_text *t, int code)
{
	int page = t->w.h > 1 ? t->w.h : 1;
	int last = text_more(t) ? (int)t->n - t->w.h : 0;
	int top = t->top;
	switch (code) {
	case NEWT_KEY_UP: top--; break;
	case NEWT_KEY_DOWN: top++; break;
	case NEWT_KEY_PGUP: top -= page; break;
	case NEWT_KEY_PGDN: top += page; break;
	case NEWT_KEY_HOME: top = 0; break;
	case NEWT_KEY_END: top = last; break;
	default: return ACT_IGNORED;
	}
	top = top < 0 ? 0 : top > last ? last : top;
	bool moved = top != t->top;
	t->top = top;
	return moved ? ACT_TAKEN : ACT_IGNORED;
}

/* With the focus the arrows belong to the text, also where it cannot move. */
static enum act text_key(struct widget *w, const struct key *key)
{
	switch (key->code) {
	case NEWT_KEY_UP:
	case NEWT_KEY_DOWN:
	case NEWT_KEY_PGUP:
	case NEWT_KEY_PGDN:
	case NEWT_KEY_HOME:
	case NEWT_KEY_END:
		text_scroll(self(w), key->code);
		return ACT_TAKEN;
	default:
		return ACT_IGNORED;
	}
}

static bool text_cursor(const struct widget *w, int *y, int *x)
{
	*y = w->y;
	*x = w->x;
	return false;
}

static void text_free(struct widget *w)
{
	struct w_text *t = self(w);
	strv_free(t->lines);
	free(t->text);
	free(t);
}

static const struct widget_ops text_ops = {text_draw, text_key, text_cursor, text_free};

struct w_text *text_new(const char *text)
{
	struct w_text *t = xcalloc(1, sizeof(*t));
	t->w.ops = &text_ops;
	t->text = xstrdup(text);
	t->width = -1;
	t->color = NEWT_COLORSET_TEXTBOX;
	return t;
}

void text_set(struct w_text *t, const char *text)
{
	free(t->text);
	t->text = xstrdup(text);
	t->width = -1;
}

int text_fit(struct w_text *t, int width)
{
	if (width != t->width) {
		strv_free(t->lines);
		t->lines = cols_wrap(t->text, width);
		t->n = strv_len(t->lines);
		t->width = width;
	}
	t->w.w = width;
	return (int)t->n;
}

void text_to_end(struct w_text *t)
{
	text_scroll(t, NEWT_KEY_END);
}
