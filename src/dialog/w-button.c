/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Buttons: <compact> ones, and full ones with a frame that are seen to be pressed. */
#include <stdlib.h>
#include <time.h>

#include <newt.h>
#include <slang.h>

#include "base/mem.h"
#include "dialog/cols.h"
#include "dialog/widget.h"

#define PRESS_NS 150000000L

static struct w_button *self(const struct widget *w)
{
	return (struct w_button *)w;
}

static void draw_compact(const struct w_button *b, int y, int x, bool focus)
{
	SLsmg_set_color(!focus		      ? NEWT_COLORSET_COMPACTBUTTON
			: SLtt_Use_Ansi_Colors ? NEWT_COLORSET_BUTTON
					       : NEWT_COLORSET_ACTBUTTON);
	draw_at(y, x + 1);
	SLsmg_write_char('<');
	SLsmg_write_string(b->label);
	SLsmg_write_char('>');
}

static void draw_frame(int y, int x, int w, bool shadow)
{
	SLsmg_set_color(NEWT_COLORSET_BUTTON);
	SLsmg_draw_box(y, x, 3, (unsigned)w);
	if (!shadow)
		return;
	SLsmg_set_color(NEWT_COLORSET_SHADOW);
	SLsmg_fill_region(y + 3, x + 1, 1, (unsigned)w - 1, ' ');
	SLsmg_fill_region(y + 1, x + w, 3, 1, ' ');
}

static void draw_full(const struct w_button *b, int y, int x, bool focus, int pressed)
{
	if (pressed) {
		draw_frame(y + 1, x + 1, b->w.w, false);
		SLsmg_set_color(NEWT_COLORSET_WINDOW);
		SLsmg_fill_region(y, x, 1, (unsigned)b->w.w + 1, ' ');
		SLsmg_fill_region(y, x, 4, 1, ' ');
	} else {
		draw_frame(y, x, b->w.w, true);
	}
	SLsmg_set_color(focus ? NEWT_COLORSET_ACTBUTTON : NEWT_COLORSET_BUTTON);
	draw_at(y + 1 + pressed, x + 1 + pressed);
	SLsmg_write_char(' ');
	SLsmg_write_string(b->label);
	SLsmg_write_char(' ');
}

static void button_draw(const struct widget *w, int oy, int ox, bool focus)
{
	const struct w_button *b = self(w);
	if (b->full)
		draw_full(b, oy + w->y, ox + w->x, focus, 0);
	else
		draw_compact(b, oy + w->y, ox + w->x, focus);
}

void button_press(const struct w_button *b, int oy, int ox)
{
	const struct timespec t = {.tv_nsec = PRESS_NS};
	for (int pressed = 1; b->full && pressed >= 0; pressed--) {
		draw_full(b, oy + b->w.y, ox + b->w.x, true, pressed);
		draw_at(oy + b->w.y + 1 + pressed, ox + b->w.x + 2 + pressed);
		SLsmg_refresh();
		nanosleep(&t, NULL);
	}
}

static enum act button_key(struct widget *w, const struct key *key)
{
	return key->code == ' ' || key->code == NEWT_KEY_ENTER ? ACT_DONE : ACT_IGNORED;
}

static bool button_cursor(const struct widget *w, int *y, int *x)
{
	*y = w->y + (self(w)->full ? 1 : 0);
	*x = w->x + 2;
	return false;
}

static void button_free(struct widget *w)
{
	free(self(w)->label);
	free(w);
}

static const struct widget_ops button_ops = {button_draw, button_key, button_cursor, button_free};

struct w_button *button_new(const char *label, bool full, enum dialog_end end)
{
	struct w_button *b = xcalloc(1, sizeof(*b));
	b->w.ops = &button_ops;
	b->w.focusable = true;
	b->label = cols_row(label);
	b->full = full;
	b->end = end;
	b->w.h = full ? 3 : 1;
	/* what it draws: "<label>" beginning one column in, or a frame around " label " */
	b->w.w = cols(b->label) + (full ? 4 : 2);
	return b;
}
