/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "ui/input.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"

/* Not stdio's buffer: what waits in it, poll() does not see. There is one stdin, so there is one of
 * these. A longer line is cut into pieces of this size. */
static struct {
	char buf[8192];
	size_t len;
	bool ended;
} in;

static bool has_line(void)
{
	return in.len == sizeof(in.buf) || memchr(in.buf, '\n', in.len);
}

/* False when a signal came. */
static bool more(void)
{
	ssize_t n = read(STDIN_FILENO, in.buf + in.len, sizeof(in.buf) - in.len);

	if (n > 0)
		in.len += (size_t)n;
	else if (n == 0 || errno != EINTR)
		in.ended = true;
	return n >= 0 || errno != EINTR;
}

static char *take_line(void)
{
	const char *end = memchr(in.buf, '\n', in.len);
	size_t n = end ? (size_t)(end - in.buf) : in.len;
	_cleanup_secret_ char *line = xstrndup(in.buf, n);

	n += end ? 1 : 0;
	memmove(in.buf, in.buf + n, in.len - n);
	explicit_bzero(in.buf + in.len - n, n);
	in.len -= n;
	return text_trim(line);
}

char *input_line(const char *prompt, bool secret)
{
	struct termios shown, hidden;
	bool hide = secret && tcgetattr(STDIN_FILENO, &shown) == 0;

	printf("%s ", prompt);
	fflush(stdout);
	if (hide) {
		hidden = shown;
		hidden.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSADRAIN, &hidden);
	}
	while (!has_line() && !in.ended)
		more();
	if (hide) {
		tcsetattr(STDIN_FILENO, TCSADRAIN, &shown);
		puts("");
	}
	return in.len == 0 && in.ended ? NULL : take_line();
}

bool input_waits(int ms)
{
	if (has_line() || (in.ended && in.len))
		return true;
	struct pollfd p = { .fd = in.ended ? -1 : STDIN_FILENO, .events = POLLIN };
	if (poll(&p, 1, ms) > 0)
		more();
	return has_line() || (in.ended && in.len);
}

bool input_ended(void)
{
	return in.ended && !in.len;
}
