/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Lines that move a gauge. whiptail's protocol: a percentage, or a block between two lines XXX of a
 * percentage and new text. Steps have words of their own. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "dialog/cols.h"
#include "dialog/run.h"

#define BLOCK "XXX"
#define LINE_MAX_BYTES 65536
/* Five pictures a second, and as many at once after a pause: a slow line bears no more. */
#define PICTURE_MS 200
#define PICTURES 5

struct feed {
	struct request *r;
	struct dialog_gauge *g;
	unsigned long percent;
	char *buf;           /* bytes that are no whole line yet */
	size_t len;
	bool in_block, have_number;
	char *number, *text; /* of the block so far */
	bool dirty;
	long paid_until;     /* each picture costs PICTURE_MS of this clock_ms() */
	void (*line)(struct feed *f, const char *line);
};

/* As whiptail reads it: the whole line, "" is 0, a minus sign wraps to far beyond 100. */
static bool percent_of(const char *s, unsigned long *ret)
{
	char *end;
	unsigned long n = strtoul(s, &end, 10);
	if (*end)
		return false;
	*ret = n > 100 ? 100 : n;
	return true;
}

static void show(struct feed *f, const char *text, const char *percent)
{
	bool number = percent_of(percent, &f->percent);
	if (!text && !number)
		return;
	dialog_gauge_set(f->g, text, f->percent);
	f->dirty |= number; /* as in whiptail, a text without a number is seen with the next one */
}

static void end_block(struct feed *f)
{
	_cleanup_free_ char *text = cols_newlines(f->text ? f->text : "");
	dialog_gauge_room(f->g, f->text ? f->text : "");
	if (f->have_number)
		show(f, text, f->number);
	free(f->number);
	free(f->text);
	f->number = f->text = NULL;
	f->in_block = f->have_number = false;
}

static void gauge_line(struct feed *f, const char *line)
{
	if (!strcmp(line, BLOCK)) {
		if (f->in_block && f->have_number)
			end_block(f);
		else
			f->in_block = true;
	} else if (!f->in_block) {
		show(f, NULL, line);
	} else if (!f->have_number) {
		f->number = xstrdup(line);
		f->have_number = true;
	} else {
		char *text = f->text ? xasprintf("%s\n%s", f->text, line) : xstrdup(line);
		free(f->text);
		f->text = text;
	}
}

/* "WORD N [note]": run, done, fail, skip, wait; steps are counted from 1. "text ..." and a
 * percentage as well. */
static void step_line(struct feed *f, const char *line)
{
	static const struct {
		const char *word;
		enum dialog_mark mark;
	} words[] = {
	    {"run ", MARK_RUNNING}, {"done ", MARK_DONE},    {"fail ", MARK_FAILED},
	    {"skip ", MARK_SKIPPED}, {"wait ", MARK_WAITING},
	};
	if (text_starts(line, "text ")) {
		_cleanup_free_ char *text = cols_newlines(line + 5);
		dialog_gauge_set(f->g, text, f->percent);
		f->dirty = true;
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if (!text_starts(line, words[i].word))
			continue;
		char *end;
		unsigned long n = strtoul(line + strlen(words[i].word), &end, 10);
		if (n && (!*end || *end == ' '))
			dialog_steps_set(f->g, n - 1, words[i].mark, *end ? end + 1 : NULL);
		f->dirty = true;
		return;
	}
	gauge_line(f, line);
}

static void take_lines(struct feed *f)
{
	size_t from = 0;
	for (char *nl; (nl = memchr(f->buf + from, '\n', f->len - from));) {
		*nl = '\0';
		f->line(f, f->buf + from);
		from = (size_t)(nl - f->buf) + 1;
	}
	f->len -= from;
	memmove(f->buf, f->buf + from, f->len);
	if (f->len == LINE_MAX_BYTES)
		f->len = 0;
}

/* False at the end of the lines. The last one counts also without its newline. */
static bool take(struct feed *f)
{
	ssize_t n = read(f->r->feed, f->buf + f->len, LINE_MAX_BYTES - f->len);
	if (n < 0)
		return errno == EINTR || errno == EAGAIN;
	f->len += (size_t)n;
	if (n > 0) {
		take_lines(f);
		return true;
	}
	if (f->len) {
		f->buf[f->len] = '\0';
		f->line(f, f->buf);
	}
	if (f->in_block)
		end_block(f);
	return false;
}

/* Milliseconds until there may be a picture, -1 when none is wanted. */
static int until_picture(const struct feed *f)
{
	long left = f->paid_until - (PICTURES - 1) * PICTURE_MS - clock_ms();
	return !f->dirty ? -1 : left > 0 ? (int)left : 0;
}

static void draw(struct feed *f)
{
	long now = clock_ms();
	f->paid_until = (f->paid_until > now ? f->paid_until : now) + PICTURE_MS;
	f->dirty = false;
	dialog_gauge_draw(f->g);
}

static enum dialog_end run(struct feed *f)
{
	enum dialog_end end = DIALOG_EVENT;
	bool more = true;
	f->buf = xcalloc(LINE_MAX_BYTES + 1, 1);
	dialog_gauge_draw(f->g);
	while (more && (end == DIALOG_EVENT || end == DIALOG_TIMEOUT)) {
		end = dialog_gauge_wait(f->g, f->r->feed, until_picture(f));
		if (end == DIALOG_EVENT)
			more = take(f);
		if (f->dirty && (!more || until_picture(f) == 0))
			draw(f);
	}
	dialog_gauge_free(f->g);
	free(f->number);
	free(f->text);
	free(f->buf);
	return end == DIALOG_EVENT || end == DIALOG_TIMEOUT ? DIALOG_OK : end;
}

enum dialog_end feed_gauge(struct request *r)
{
	struct feed f = {.r = r, .percent = r->percent, .line = gauge_line};
	f.g = dialog_gauge_new(&r->look, r->text, r->percent);
	return run(&f);
}

enum dialog_end feed_steps(struct request *r)
{
	struct feed f = {.r = r, .line = step_line};
	f.g = dialog_steps_new(&r->look, r->text, r->steps, r->n);
	return run(&f);
}
