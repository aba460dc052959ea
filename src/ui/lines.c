/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "ui/lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/mem.h"
#include "ui/ui.h"

#define REMIND_MS 60000

void lines_done(struct lines *l)
{
	free(l->said);
	*l = (struct lines){ 0 };
}

void lines_begin(struct lines *l, size_t at, size_t n, long long number, const char *title, long long attempt)
{
	lines_done(l);
	printf("[%zu/%zu] %lld %s", at, n, number, title);
	if (attempt > 1) {
		printf(" ");
		printf(_("(attempt %lld)"), attempt);
	}
	puts("");
}

/* A text with a number in it (so many MiB) changes all the time. */
static bool same_words(const char *a, const char *b)
{
	static const char digits[] = "0123456789";

	for (;;) {
		a += strspn(a, digits);
		b += strspn(b, digits);
		if (*a != *b || !*a)
			return *a == *b;
		a++;
		b++;
	}
}

void lines_progress(struct lines *l, const char *text, long long percent)
{
	long long tenth = percent < 0 ? -1 : percent / 10;
	bool same = l->said && l->tenth == tenth && same_words(l->said, text);

	if (!*text || (same && clock_ms() - l->when_ms < REMIND_MS))
		return;
	if (tenth < 0)
		printf("      %s\n", text);
	else
		printf("      %s  %lld %%\n", text, tenth * 10);
	free(l->said);
	l->said = xstrdup(text);
	l->tenth = tenth;
	l->when_ms = clock_ms();
}

void lines_end(struct lines *l, enum dialog_mark mark, const char *note)
{
	lines_done(l);
	printf("      %s%s%s\n", mark == MARK_FAILED ? _("failed") : _("done"), *note ? " " : "", note);
}

void lines_skipped(size_t at, size_t n, long long number, const char *title)
{
	printf("[%zu/%zu] %lld %s: %s\n", at, n, number, title, _("nothing to do"));
}
