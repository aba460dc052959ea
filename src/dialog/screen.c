/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* newt knows the terminals and the palette; what it forgets is done here: a description for
 * terminals that have none, signals, the size. */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <termios.h>
#include <unistd.h>

#include <newt.h>
#include <slang.h>

#include "base/mem.h"
#include "dialog/cols.h"
#include "dialog/screen.h"

static const int deadly[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGSEGV, SIGBUS, SIGFPE, SIGABRT, SIGILL};

/* What a signal handler needs: nothing in it allocates. */
static struct {
	bool open;
	int wake[2];
	volatile sig_atomic_t changed, continued, stop;
	bool stoppable, cursor; /* newt begins with the cursor off */
	struct sigaction old[ARRAY_LEN(deadly)], old_winch, old_cont;
	struct termios was, raw;
	bool have_was;
	char restore[256];
	size_t restore_len;
	int kept_out, kept_mem; /* screen_keep_begin */
} screen = {.wake = {-1, -1}, .kept_out = -1, .kept_mem = -1};

static void write_all(int fd, const char *buf, size_t len)
{
	while (len) {
		ssize_t n = write(fd, buf, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		buf += n;
		len -= (size_t)n;
	}
}

static void on_deadly(int sig)
{
	write_all(STDOUT_FILENO, screen.restore, screen.restore_len);
	if (screen.have_was)
		tcsetattr(SLang_TT_Read_FD, TCSANOW, &screen.was);
	raise(sig); /* SA_RESETHAND: the default action follows, with the true status */
}

static void on_notice(int sig)
{
	int saved = errno;
	if (sig == SIGCONT)
		screen.continued = 1;
	if (sig == SIGTSTP)
		screen.stop = 1;
	screen.changed = 1;
	write_all(screen.wake[1], "", 1);
	errno = saved;
}

static void add_restore(const char *cap)
{
	const char *s = SLtt_tgetstr((SLFUTURE_CONST char *)cap);
	size_t n = s ? strlen(s) : 0;
	if (n && screen.restore_len + n < sizeof(screen.restore)) {
		memcpy(screen.restore + screen.restore_len, s, n);
		screen.restore_len += n;
	}
}

static void install_signals(void)
{
	screen.restore_len = 0;
	add_restore("me");
	add_restore("ke");
	if (!SLtt_tgetstr((SLFUTURE_CONST char *)"te")) {
		memcpy(screen.restore + screen.restore_len, "\r\n", 2);
		screen.restore_len += 2;
	}
	add_restore("te");
	add_restore("ve");
	if (screen.wake[0] < 0 && pipe2(screen.wake, O_CLOEXEC | O_NONBLOCK) < 0)
		screen.wake[0] = screen.wake[1] = -1;
	struct sigaction sa = {.sa_handler = on_deadly, .sa_flags = (int)(SA_RESETHAND | SA_NODEFER)};
	for (size_t i = 0; i < ARRAY_LEN(deadly); i++) {
		sigaction(deadly[i], &sa, &screen.old[i]);
		if (screen.old[i].sa_handler == SIG_IGN) /* nohup(1) */
			sigaction(deadly[i], &screen.old[i], NULL);
	}
	sa = (struct sigaction){.sa_handler = on_notice};
	sigaction(SIGWINCH, &sa, NULL);
	sigaction(SIGCONT, &sa, &screen.old_cont);
	if (screen.stoppable)
		sigaction(SIGTSTP, &sa, NULL);
}

/* Our own look at the terminal first: newt and slang end the program when it does not suit them. */
static enum screen_fault probe_term(void)
{
	static const char *const like[] = {"xterm-256color", "vt220"};
	const char *term = getenv("TERM");
	if (!term || !*term)
		return SCREEN_NO_TERM;
	int rc = SLtt_initialize(NULL);
	for (size_t i = 0; rc == -1 && i < ARRAY_LEN(like); i++) {
		setenv("TERM", like[i], 1);
		rc = SLtt_initialize(NULL);
	}
	return rc == 0 ? SCREEN_OK : rc == -2 ? SCREEN_DUMB : SCREEN_UNKNOWN;
}

static bool have_tty(void)
{
	_cleanup_close_ int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	return fd >= 0 || isatty(STDERR_FILENO) || isatty(STDIN_FILENO);
}

/* Where slang can erase to the root colour, that first is fewer bytes than blanks around a window;
 * elsewhere everything in one go is. (slang wants more than eight colours for it.) */
static bool erases_in_colour(void)
{
	return SLtt_Use_Ansi_Colors && SLtt_tgetflag((SLFUTURE_CONST char *)"ut") > 0 &&
	       SLtt_tgetnum((SLFUTURE_CONST char *)"Co") > 8;
}

/* slang takes its charset from the environment (setlocale(LC_ALL, "")), and may find another one there
 * than the program has decided on. */
static void init_newt(void)
{
	const char *now = getenv("LC_ALL");
	_cleanup_free_ char *before = now ? xstrdup(now) : NULL;
	_cleanup_free_ char *all = xstrdup(setlocale(LC_ALL, NULL));

	setenv("LC_ALL", setlocale(LC_CTYPE, NULL), 1);
	newtInit();
	if (before)
		setenv("LC_ALL", before, 1);
	else
		unsetenv("LC_ALL");
	setlocale(LC_ALL, all);
}

enum screen_fault screen_open(void)
{
	enum screen_fault fault = probe_term();
	if (fault != SCREEN_OK)
		return fault;
	if (!have_tty())
		return SCREEN_NO_TTY;
	_cleanup_close_ int tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	int look = tty >= 0 ? tty : isatty(STDERR_FILENO) ? STDERR_FILENO : STDIN_FILENO;
	screen.have_was = tcgetattr(look, &screen.was) == 0;
	const char *plain = getenv("NO_COLOR"); /* no-color.org: set and not empty */
	if (plain && *plain)
		setenv("NEWT_MONO", "1", 1);
	sigaction(SIGWINCH, NULL, &screen.old_winch); /* newt's own does not outlive us */
	init_newt();
	if (erases_in_colour())
		newtCls();
	tcgetattr(SLang_TT_Read_FD, &screen.raw);
	install_signals();
	screen.open = true;
	screen_flush_keys();
	return SCREEN_OK;
}

void screen_close(void)
{
	if (!screen.open)
		return;
	newtFinished();
	screen.open = screen.cursor = false;
	for (size_t i = 0; i < ARRAY_LEN(deadly); i++)
		sigaction(deadly[i], &screen.old[i], NULL);
	sigaction(SIGWINCH, &screen.old_winch, NULL);
	sigaction(SIGCONT, &screen.old_cont, NULL);
	if (screen.stoppable)
		signal(SIGTSTP, SIG_DFL);
}

/* A text on the root, cut to the columns it has; right: it ends there. */
static void root_text(int row, const char *text, bool right)
{
	if (!text || row < 0)
		return;
	_cleanup_free_ char *s = cols_row(text);
	int used;
	s[cols_cut(s, SLtt_Screen_Cols, &used)] = '\0';
	newtDrawRootText(right ? SLtt_Screen_Cols - used : 0, row, s);
}

void screen_clear(const char *right, const char *foot)
{
	SLsmg_set_color(NEWT_COLORSET_ROOT);
	SLsmg_fill_region(0, 0, (unsigned)SLtt_Screen_Rows, (unsigned)SLtt_Screen_Cols, ' ');
	root_text(0, right, true);
	root_text(SLtt_Screen_Rows - 1, foot, false);
}

void screen_backtitle(const char *text)
{
	root_text(0, text, false);
}

static void draw_title(int top, int left, int w, const char *title)
{
	_cleanup_free_ char *row = cols_row(title);
	int used;
	row[cols_cut(row, w - 4, &used)] = '\0';
	SLsmg_gotorc(top - 1, (w - used - 4) / 2 + left);
	SLsmg_set_char_set(1);
	SLsmg_write_char(SLSMG_RTEE_CHAR);
	SLsmg_set_char_set(0);
	SLsmg_write_char(' ');
	SLsmg_set_color(NEWT_COLORSET_TITLE);
	SLsmg_write_string(row);
	SLsmg_set_color(NEWT_COLORSET_BORDER);
	SLsmg_write_char(' ');
	SLsmg_set_char_set(1);
	SLsmg_write_char(SLSMG_LTEE_CHAR);
	SLsmg_set_char_set(0);
}

void screen_window(int top, int left, int h, int w, const char *title)
{
	SLsmg_set_color(NEWT_COLORSET_BORDER);
	SLsmg_set_char_set(1);
	SLsmg_draw_box(top - 1, left - 1, (unsigned)h + 2, (unsigned)w + 2);
	SLsmg_set_char_set(0);
	if (title && w > 4)
		draw_title(top, left, w, title);
	SLsmg_set_color(NEWT_COLORSET_WINDOW);
	SLsmg_fill_region(top, left, (unsigned)h, (unsigned)w, ' ');
	SLsmg_set_color(NEWT_COLORSET_SHADOW);
	SLsmg_fill_region(top + h + 1, left, 1, (unsigned)w + 2, ' ');
	SLsmg_fill_region(top, left + w + 1, (unsigned)h + 1, 1, ' ');
}

void screen_refresh(int row, int col, bool cursor)
{
	if (screen.cursor != cursor) {
		if (cursor)
			newtCursorOn();
		else
			newtCursorOff();
		screen.cursor = cursor;
	}
	SLsmg_gotorc(row, col);
	SLsmg_refresh();
}

void screen_stoppable(void)
{
	screen.stoppable = true;
}

bool screen_stop(void)
{
	return screen.stoppable && raise(SIGTSTP) == 0;
}

int screen_rows(void)
{
	return SLtt_Screen_Rows;
}

int screen_cols(void)
{
	return SLtt_Screen_Cols;
}

int screen_tty(void)
{
	return screen.open ? SLang_TT_Read_FD : -1;
}

int screen_wake(void)
{
	return screen.wake[0];
}

/* As newtSuspend() and newtResume(), but the modes are ours again before the picture is: a key that
 * answers what is seen must not be read in the shell's. */
static void stop_here(void)
{
	SLtt_set_cursor_visibility(1);
	SLsmg_suspend_smg();
	tcsetattr(SLang_TT_Read_FD, TCSADRAIN, &screen.was);
	raise(SIGSTOP);
	tcsetattr(SLang_TT_Read_FD, TCSADRAIN, &screen.raw);
	SLtt_set_cursor_visibility(screen.cursor);
	SLsmg_resume_smg();
}

bool screen_changed(void)
{
	char drain[64];
	while (read(screen.wake[0], drain, sizeof(drain)) > 0)
		;
	if (!screen.changed)
		return false;
	screen.changed = 0;
	if (screen.stop) {
		screen.stop = 0;
		stop_here();
		screen.changed = screen.continued = 0;
	}
	if (screen.continued) {
		screen.continued = 0;
		tcsetattr(SLang_TT_Read_FD, TCSADRAIN, &screen.raw);
	}
	SLtt_get_screen_size();
	SLsmg_reinit_smg();
	return true;
}

void screen_flush_keys(void)
{
	tcflush(SLang_TT_Read_FD, TCIFLUSH);
}

void screen_keep_begin(void)
{
	screen.kept_mem = memfd_create("picture", MFD_CLOEXEC);
	screen.kept_out = screen.kept_mem < 0 ? -1 : fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	if (screen.kept_out >= 0)
		dup2(screen.kept_mem, STDOUT_FILENO);
}

/* Cuts every occurrence of what out of buf. */
static size_t cut_out(char *buf, size_t len, const char *what)
{
	size_t n = what ? strlen(what) : 0;
	for (char *p; n && (p = memmem(buf, len, what, n)); len -= n)
		memmove(p, p + n, len - (size_t)(p - buf) - n);
	return len;
}

void screen_keep_end(void)
{
	if (screen.kept_out < 0)
		return;
	dup2(screen.kept_out, STDOUT_FILENO);
	close(screen.kept_out);
	screen.kept_out = -1;
	off_t size = lseek(screen.kept_mem, 0, SEEK_END);
	_cleanup_free_ char *buf = xcalloc((size_t)size + 1, 1);
	ssize_t n = pread(screen.kept_mem, buf, (size_t)size, 0);
	size_t len = n > 0 ? (size_t)n : 0;
	len = cut_out(buf, len, SLtt_tgetstr((SLFUTURE_CONST char *)"ti"));
	len = cut_out(buf, len, SLtt_tgetstr((SLFUTURE_CONST char *)"te"));
	write_all(STDOUT_FILENO, buf, len);
	close(screen.kept_mem);
	screen.kept_mem = -1;
}
