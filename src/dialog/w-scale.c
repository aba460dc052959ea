/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* A gauge: a bar with the percentage in its middle. */
#include <stdio.h>
#include <stdlib.h>

#include <newt.h>
#include <slang.h>

#include "base/mem.h"
#include "dialog/widget.h"

#define LABEL 4 /* columns of "100%" */

static struct w_scale *self(const struct widget *w)
{
	return (struct w_scale *)w;
}

static void scale_draw(const struct widget *w, int oy, int ox, bool focus)
{
	int done = (int)(self(w)->percent * (unsigned long)(w->w > 0 ? w->w : 0) / 100);
	int label = (w->w - LABEL) / 2;
	char percent[16];
	snprintf(percent, sizeof(percent), "%3lu%%", self(w)->percent);
	draw_at(oy + w->y, ox + w->x);
	for (int i = 0; i < w->w; i++) {
		SLsmg_set_color(i < done ? NEWT_COLORSET_FULLSCALE : NEWT_COLORSET_EMPTYSCALE);
		SLsmg_write_char((SLwchar_Type)(i >= label && i < label + LABEL ? percent[i - label] : ' '));
	}
}

static bool scale_cursor(const struct widget *w, int *y, int *x)
{
	*y = w->y;
	*x = w->x + (w->w - LABEL) / 2;
	return false;
}

static void scale_free(struct widget *w)
{
	free(w);
}

static const struct widget_ops scale_ops = {scale_draw, NULL, scale_cursor, scale_free};

struct w_scale *scale_new(unsigned long percent)
{
	struct w_scale *s = xcalloc(1, sizeof(*s));
	s->w.ops = &scale_ops;
	s->w.h = 1;
	s->percent = percent > 100 ? 100 : percent;
	return s;
}
