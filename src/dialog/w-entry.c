/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* A line of input that scrolls sideways, with the keys of newt and Emacs. */
#include <stdlib.h>
#include <string.h>

#include <newt.h>
#include <slang.h>

#include "base/mem.h"
#include "dialog/cols.h"
#include "dialog/widget.h"


static struct w_entry *self(const struct widget *w)
{
	return (struct w_entry *)w;
}

/* Bytes and columns of the character at i. A control character (of a first value) is a blank. */
static size_t char_at(const struct w_entry *e, size_t i, int *w)
{
	if (i >= e->len) {
		*w = 0;
		return 0;
	}
	size_t n = cols_char(e->buf + i, w);
	if ((unsigned char)e->buf[i] < 0x20 || e->buf[i] == 0x7f)
		*w = 1;
	return n;
}

static size_t before(const struct w_entry *e, size_t i)
{
	size_t prev = 0;
	for (size_t at = 0; at < i;) {
		int w;
		prev = at;
		at += char_at(e, at, &w);
	}
	return prev;
}

static int span(const struct w_entry *e, size_t from, size_t to)
{
	int sum = 0;
	while (from < to) {
		int w;
		from += char_at(e, from, &w);
		sum += w;
	}
	return sum;
}

/* Keeps the cursor in sight with some context on both sides, and no hole at the right end. */
static void scroll(struct w_entry *e)
{
	int width = e->w.w;
	if (width <= 1) {
		e->first = e->at;
		return;
	}
	int context = width / 4 > 5 ? 5 : width / 4;
	if (e->at < e->first)
		e->first = e->at;
	int under, w;
	size_t next = e->at + char_at(e, e->at, &under);
	if (e->at >= e->len)
		under = 1;
	int rest = span(e, next, e->len);
	int left = span(e, e->first, e->at);
	int right = width - left - under;
	size_t n = char_at(e, e->first, &w);
	if (w > 0 && rest > right && left - w >= context && right < context) {
		while (w > 0 && rest > right && left - w >= context && right < context) {
			left -= w;
			right += w;
			e->first += n;
			n = char_at(e, e->first, &w);
		}
		return;
	}
	for (;;) {
		size_t prev = before(e, e->first);
		w = span(e, prev, e->first);
		if (w <= 0 || !(rest + w <= right || (left < context && right - w >= context)))
			return;
		left += w;
		right -= w;
		e->first = prev;
	}
}

static void entry_draw(const struct widget *w, int oy, int ox, bool focus)
{
	struct w_entry *e = self(w);
	scroll(e);
	SLsmg_set_color(NEWT_COLORSET_ENTRY);
	draw_at(oy + w->y, ox + w->x);
	int used = 0;
	for (size_t i = e->first; i < e->len;) {
		int cw;
		size_t n = char_at(e, i, &cw);
		if (used + cw > w->w)
			break;
		if (e->secret)
			for (int k = 0; k < cw; k++)
				SLsmg_write_char('*');
		else if ((unsigned char)e->buf[i] < 0x20 || e->buf[i] == 0x7f)
			SLsmg_write_char(' ');
		else
			SLsmg_write_chars((unsigned char *)e->buf + i, (unsigned char *)e->buf + i + n);
		used += cw;
		i += n;
	}
	/* a wide character that would only fit by half leaves a blank, the free rest is underlined */
	bool cut = span(e, e->first, e->len) > w->w;
	for (; used < w->w; used++)
		SLsmg_write_char(cut ? ' ' : '_');
}

static void erase(struct w_entry *e, size_t from, size_t to)
{
	memmove(e->buf + from, e->buf + to, e->len - to);
	explicit_bzero(e->buf + e->len - (to - from), to - from);
	e->len -= to - from;
	e->at = from;
}

static void insert(struct w_entry *e, const char *text)
{
	size_t n = strlen(text);
	if (e->len + n >= e->size) {
		/* no realloc: it would leave a copy of a password behind */
		size_t size = e->size * 2 + n + 1;
		char *buf = xcalloc(size, 1);
		memcpy(buf, e->buf, e->len);
		free_secret(e->buf);
		e->buf = buf;
		e->size = size;
	}
	memmove(e->buf + e->at + n, e->buf + e->at, e->len - e->at);
	memcpy(e->buf + e->at, text, n);
	e->len += n;
	e->at += n;
}

void entry_set(struct w_entry *e, const char *value)
{
	erase(e, 0, e->len);
	insert(e, value);
	e->first = 0;
}

static enum act edit(struct w_entry *e, const struct key *key)
{
	int w;
	switch (key->code) {
	case NEWT_KEY_HOME: e->at = 0; break;
	case NEWT_KEY_END: e->at = e->len; break;
	case NEWT_KEY_LEFT: e->at = before(e, e->at); break;
	case NEWT_KEY_RIGHT: e->at += char_at(e, e->at, &w); break;
	case CTRL('K'): erase(e, e->at, e->len); break;
	case CTRL('U'): erase(e, 0, e->at); break;
	case NEWT_KEY_DELETE: erase(e, e->at, e->at + char_at(e, e->at, &w)); break;
	case NEWT_KEY_BKSPC: erase(e, before(e, e->at), e->at); break;
	case KEY_BAD: SLtt_beep(); break;
	default:
		if (!key->text[0])
			return ACT_IGNORED;
		insert(e, key->text);
	}
	return ACT_TAKEN;
}

static enum act entry_key(struct widget *w, const struct key *key)
{
	struct w_entry *e = self(w);
	if (key->code == NEWT_KEY_ENTER)
		return e->enter_moves ? ACT_IGNORED : ACT_DONE;
	enum act act = edit(e, key);
	if (act == ACT_TAKEN && e->changed)
		e->changed(e->data);
	return act;
}

static bool entry_cursor(const struct widget *w, int *y, int *x)
{
	const struct w_entry *e = self(w);
	*y = w->y;
	*x = w->x + span(e, e->first, e->at);
	return true;
}

static void entry_free(struct widget *w)
{
	free_secret(self(w)->buf);
	free(w);
}

static const struct widget_ops entry_ops = {entry_draw, entry_key, entry_cursor, entry_free};

struct w_entry *entry_new(const char *value, bool secret)
{
	struct w_entry *e = xcalloc(1, sizeof(*e));
	e->w.ops = &entry_ops;
	e->w.focusable = true;
	e->w.h = 1;
	e->len = value ? strlen(value) : 0;
	e->size = e->len + 64;
	e->buf = xcalloc(e->size, 1);
	if (value)
		memcpy(e->buf, value, e->len);
	e->at = e->len;
	e->secret = secret;
	return e;
}
