/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Reads the terminal byte by byte, so that what is not used stays for the next program. The
 * sequences are those of newt; one that is torn apart by a slow line is waited for, and one that
 * is unknown is swallowed whole instead of counting as Esc. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include <newt.h>
#include <slang.h>

#include "base/clock.h"
#include "base/mem.h"
#include "dialog/key.h"
#include "dialog/screen.h"

#define ESC 0x1b
#define CTRL_Z 0x1a
#define ESC_MS 500   /* as newt: Esc alone is Esc after that; ESCDELAY says otherwise */
#define ESC_MOST_MS 30000
#define REST_MS 2000 /* the rest of a sequence that surely is one */
#define CHAR_MS 100  /* the rest of a character */
#define SEQ_MAX 16

/* Control keys as in Emacs; both spellings of a cursor key, ESC O x and ESC [ x, are understood. */
static const struct {
	const char *seq;
	int code;
	const char *cap; /* the terminal's own sequence */
} table[] = {
    {"\033[A", NEWT_KEY_UP, "ku"},
    {"\033[B", NEWT_KEY_DOWN, "kd"},
    {"\033[C", NEWT_KEY_RIGHT, "kr"},
    {"\033[D", NEWT_KEY_LEFT, "kl"},
    {"\033[H", NEWT_KEY_HOME, "kh"},
    {"\033[1~", NEWT_KEY_HOME, NULL},
    {"\033[7~", NEWT_KEY_HOME, NULL},
    {"\033[F", NEWT_KEY_END, "@7"},
    {"\033Ow", NEWT_KEY_END, "kH"},
    {"\033[4~", NEWT_KEY_END, NULL},
    {"\033[8~", NEWT_KEY_END, NULL},
    {"\033[3~", NEWT_KEY_DELETE, "kD"},
    {"\033[2~", NEWT_KEY_INSERT, "kI"},
    {"\033[Z", NEWT_KEY_UNTAB, "kB"},
    {"\033\t", NEWT_KEY_UNTAB, NULL},
    {"\033[5~", NEWT_KEY_PGUP, "kP"},
    {"\033V", NEWT_KEY_PGUP, NULL},
    {"\033v", NEWT_KEY_PGUP, NULL},
    {"\033[6~", NEWT_KEY_PGDN, "kN"},
    {"\033[[A", NEWT_KEY_F1, "k1"},
    {"\033[11~", NEWT_KEY_F1, NULL},
    {"\033OP", NEWT_KEY_F1, NULL},
    {"\033[23~", NEWT_KEY_F11, "F1"},
    {"\033[24~", NEWT_KEY_F12, "F2"},
    {"\020", NEWT_KEY_UP, NULL},
    {"\016", NEWT_KEY_DOWN, NULL},
    {"\006", NEWT_KEY_RIGHT, NULL},
    {"\002", NEWT_KEY_LEFT, NULL},
    {"\001", NEWT_KEY_HOME, NULL},
    {"\005", NEWT_KEY_END, NULL},
    {"\004", NEWT_KEY_DELETE, NULL},
    {"\026", NEWT_KEY_PGDN, NULL},
    {"\177", NEWT_KEY_BKSPC, NULL},
    {"\010", NEWT_KEY_BKSPC, NULL},
};

enum got { GOT, GOT_NOTHING, GOT_GONE };

static enum got next_byte(int ms, unsigned char *c)
{
	long until = clock_ms() + ms;
	for (;;) {
		struct pollfd p = {.fd = screen_tty(), .events = POLLIN};
		long left = until - clock_ms();
		int n = poll(&p, 1, left > 0 ? (int)left : 0);
		if (n == 0)
			return GOT_NOTHING;
		if (n < 0 && errno == EINTR)
			continue;
		ssize_t got = n < 0 ? -1 : read(p.fd, c, 1);
		if (got == 1)
			return GOT;
		if (got < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		return GOT_GONE;
	}
}

/* The same sequence with the other of the two introducers. */
static bool same(const char *seq, const char *buf, size_t n)
{
	if (n < 2 || seq[0] != ESC || (seq[1] != '[' && seq[1] != 'O') || (buf[1] != '[' && buf[1] != 'O'))
		return strncmp(seq, buf, n) == 0;
	return buf[0] == ESC && strncmp(seq + 2, buf + 2, n - 2) == 0;
}

/* The key that n bytes are, 0 when none. */
static int lookup(const char *buf, size_t n)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		const char *own = table[i].cap ? SLtt_tgetstr((SLFUTURE_CONST char *)table[i].cap) : NULL;
		if ((own && strlen(own) == n && same(own, buf, n)) ||
		    (strlen(table[i].seq) == n && same(table[i].seq, buf, n)))
			return table[i].code;
	}
	return 0;
}

/* A control sequence ends with a letter or '~'; linux' function keys have "ESC [ [ letter", and
 * ESC O is followed by one character. */
static bool complete(const char *buf, size_t n)
{
	if (n < 3)
		return false;
	unsigned char last = (unsigned char)buf[n - 1];
	if (n == 3 && last == '[')
		return false;
	return last >= 0x40 && last <= 0x7e;
}

/* ESCDELAY in milliseconds, as ncurses has it: for lines that tear keys apart for longer. */
static int esc_ms(void)
{
	const char *s = getenv("ESCDELAY");
	char *end = NULL;
	long n = s && *s ? strtol(s, &end, 10) : 0;
	return end && !*end && n > 0 && n <= ESC_MOST_MS ? (int)n : ESC_MS;
}

static enum got read_escape(struct key *key)
{
	char buf[SEQ_MAX + 1] = {ESC};
	size_t n = 1;
	unsigned char c;
	/* Alt with a letter is Esc at once, and the letter is lost: so does newt. */
	enum got got = next_byte(esc_ms(), &c);
	key->code = NEWT_KEY_ESCAPE;
	if (got != GOT)
		return got == GOT_GONE ? got : GOT;
	buf[n++] = (char)c;
	if (c != '[' && c != 'O') {
		int code = lookup(buf, n);
		if (code)
			key->code = code;
		return GOT;
	}
	key->code = KEY_NONE; /* whatever it was to be, it was not Esc */
	while (n < SEQ_MAX && !complete(buf, n)) {
		got = next_byte(REST_MS, &c);
		if (got != GOT)
			return got == GOT_GONE ? got : GOT;
		buf[n++] = (char)c;
	}
	int code = lookup(buf, n);
	if (code)
		key->code = code;
	return GOT;
}

/* Puts a character together. As in newt, a byte that does not fit takes what came before with it. */
static enum got read_char(struct key *key, unsigned char first)
{
	size_t n = 0;
	key->text[n++] = (char)first;
	key->code = KEY_BAD;
	for (;;) {
		mbstate_t state;
		memset(&state, 0, sizeof(state));
		size_t len = mbrtowc(NULL, key->text, n, &state);
		if (len != (size_t)-2) {
			if (len != (size_t)-1 && len)
				key->code = KEY_TEXT;
			break;
		}
		unsigned char c;
		enum got got = n < sizeof(key->text) - 1 ? next_byte(CHAR_MS, &c) : GOT_NOTHING;
		if (got == GOT_GONE)
			return got;
		if (got == GOT_NOTHING)
			break;
		key->text[n++] = (char)c;
	}
	if (key->code == KEY_BAD)
		memset(key->text, 0, sizeof(key->text));
	return GOT;
}

static enum got read_key(struct key *key)
{
	unsigned char c;
	memset(key, 0, sizeof(*key));
	enum got got = next_byte(0, &c);
	if (got != GOT)
		return got;
	if (c == ESC)
		return read_escape(key);
	if (c >= 0x80)
		return read_char(key, c);
	char one = (char)c;
	int code = c < 0x20 || c == 0x7f ? lookup(&one, 1) : 0;
	key->code = code ? code : c;
	if (c >= 0x20 && c < 0x7f)
		key->text[0] = (char)c;
	return GOT;
}

enum key_event key_wait(struct key *key, int fd, int ms)
{
	long until = ms < 0 ? LONG_MAX : clock_ms() + ms;
	for (;;) {
		long left = ms < 0 ? -1 : until - clock_ms();
		struct pollfd p[] = {
		    {.fd = screen_tty(), .events = POLLIN},
		    {.fd = screen_wake(), .events = POLLIN},
		    {.fd = fd, .events = POLLIN},
		};
		int n = poll(p, ARRAY_LEN(p), ms < 0 ? -1 : left > 0 ? (int)left : 0);
		if (n < 0 && errno != EINTR)
			return KEY_GONE;
		if (screen_changed())
			return KEY_CHANGED;
		if (n == 0)
			return KEY_TIMEOUT;
		if (n < 0)
			continue;
		if (p[0].revents) {
			enum got got = read_key(key);
			if (got == GOT_GONE)
				return KEY_GONE;
			if (got == GOT && key->code == CTRL_Z && screen_stop())
				continue;
			if (got == GOT && key->code == '\f') {
				SLsmg_touch_lines(0, (unsigned)screen_rows());
				SLsmg_refresh();
			} else if (got == GOT) {
				return KEY_PRESSED;
			}
			continue;
		}
		if (p[2].revents)
			return KEY_FD;
	}
}
