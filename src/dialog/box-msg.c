/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Text with buttons, text without, and the end of a file that grows. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "dialog/box.h"

#define TAIL_BYTES (200 * 1024)
#define TAIL_MS 250

static void first_focus(struct box *b)
{
	if (!b->d->scroll)
		box_focus(b, &b->buttons[b->kind == BOX_YESNO && b->d->default_no ? 1 : 0]->w);
	if (b->kind == BOX_YESNO && b->d->default_no)
		box_focus(b, &b->buttons[1]->w);
}

/* "0 = back" on every page. */
static bool zero_leaves(struct box *b, const struct key *key, bool *done, enum dialog_end *end)
{
	if (!b->d->digits_choose || key->code != '0')
		return false;
	*done = true;
	*end = DIALOG_ESC;
	return true;
}

enum dialog_end dialog_message(const struct dialog *d, const char *text)
{
	struct box b;
	box_init(&b, d, BOX_MESSAGE, text);
	b.key = zero_leaves;
	box_add_buttons(&b);
	first_focus(&b);
	enum dialog_end end = box_run(&b);
	box_free(&b);
	return end;
}

enum dialog_end dialog_yesno(const struct dialog *d, const char *text)
{
	struct box b;
	box_init(&b, d, BOX_YESNO, text);
	b.key = zero_leaves;
	box_add_buttons(&b);
	first_focus(&b);
	enum dialog_end end = box_run(&b);
	box_free(&b);
	return end;
}

void dialog_info(const struct dialog *d, const char *text)
{
	struct box b;
	box_init(&b, d, BOX_INFO, text);
	box_draw(&b);
	box_free(&b);
}

/* --- tail ---------------------------------------------------------------------------------------- */
struct tail {
	struct box box;
	int fd;
	off_t seen;
};

/* The last part of the file, beginning with a line. New; NULL with errno. */
static char *read_end(int fd, off_t size)
{
	off_t from = size > TAIL_BYTES ? size - TAIL_BYTES : 0;
	_cleanup_free_ char *buf = xcalloc(TAIL_BYTES + 1, 1);
	size_t n = 0;
	while (n < TAIL_BYTES) {
		ssize_t got = pread(fd, buf + n, TAIL_BYTES - n, from + (off_t)n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return NULL;
		if (got == 0)
			break;
		n += (size_t)got;
	}
	char *start = from ? memchr(buf, '\n', n) : NULL;
	start = start ? start + 1 : buf;
	return text_utf8(start, n - (size_t)(start - buf));
}

static bool follow(void *data)
{
	struct tail *t = data;
	struct stat st;
	if (fstat(t->fd, &st) < 0 || st.st_size == t->seen)
		return false;
	_cleanup_free_ char *text = read_end(t->fd, st.st_size);
	if (!text)
		return false;
	t->seen = st.st_size;
	/* who has scrolled up to read is left there */
	bool at_end = !text_more(t->box.text) || t->box.text->top + t->box.text->w.h >= (int)t->box.text->n;
	int top = t->box.text->top;
	text_set(t->box.text, text);
	t->box.text->top = top;
	t->box.data = at_end ? t : NULL;
	return true;
}

/* The layout has made the lines by now. */
static void to_end(struct box *b)
{
	if (b->data)
		text_to_end(b->text);
	b->data = NULL;
}

int dialog_tail(const struct dialog *d, const char *path, enum dialog_end *end)
{
	struct dialog with = *d;
	struct stat st;
	struct tail t = {.fd = open(path, O_RDONLY | O_CLOEXEC)};
	_cleanup_close_ int fd = t.fd;
	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	_cleanup_free_ char *text = read_end(fd, st.st_size);
	if (!text)
		return -1;
	t.seen = st.st_size;
	with.tick_ms = TAIL_MS;
	with.tick = follow;
	with.data = &t;
	with.scroll = true;
	box_init(&t.box, &with, BOX_MESSAGE, text);
	t.box.key = zero_leaves;
	box_add_buttons(&t.box);
	t.box.before_draw = to_end;
	t.box.data = &t;
	*end = box_run(&t.box);
	box_free(&t.box);
	return 0;
}
