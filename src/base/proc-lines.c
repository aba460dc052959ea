/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Cuts a child's output into lines: at newline, at carriage return (progress bars), when too long.
 */
#include "base/proc-lines.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"

/* Forgets the oldest lines when the new one needs their place. */
static void keep_tail(struct proc_lines *l, const char *line)
{
	size_t need = strlen(line) + 1;
	while (l->tail_len + need > PROC_TAIL_MAX) {
		size_t first = (size_t)(strchr(l->tail, '\n') - l->tail) + 1;
		l->tail_len -= first;
		memmove(l->tail, l->tail + first, l->tail_len + 1);
	}
	memcpy(l->tail + l->tail_len, line, need - 1);
	l->tail_len += need;
	l->tail[l->tail_len - 1] = '\n';
	l->tail[l->tail_len] = '\0';
}

static void hand_out(struct proc_lines *l, size_t n)
{
	_cleanup_free_ char *clean = text_clean(l->buf, n);
	if (clean[strspn(clean, " \t")])
		strcpy(l->last, clean); /* fits: each byte becomes at most three */
	keep_tail(l, clean);
	if (l->fn)
		l->fn(l->arg, l->stream, clean);
}

static void add_byte(struct proc_lines *l, char c)
{
	bool end_of_crlf = l->after_cr && c == '\n';
	l->after_cr = c == '\r';
	if (end_of_crlf)
		return;
	if (c == '\n' || c == '\r') {
		hand_out(l, l->len);
		l->len = 0;
		return;
	}
	l->buf[l->len++] = c ? c : ' ';
	if (l->len < PROC_LINE_MAX + 1)
		return;
	/* One byte too many: give out whole characters, keep the begun one. */
	size_t n = PROC_LINE_MAX;
	while (n > PROC_LINE_MAX - 4 && ((unsigned char)l->buf[n] & 0xc0) == 0x80)
		n--;
	hand_out(l, n);
	l->len -= n;
	memmove(l->buf, l->buf + n, l->len);
}

void proc_lines_add(struct proc_lines *l, const char *data, size_t n)
{
	for (size_t i = 0; i < n; i++)
		add_byte(l, data[i]);
}

void proc_lines_end(struct proc_lines *l)
{
	if (l->len > 0)
		hand_out(l, l->len);
	l->len = 0;
}
