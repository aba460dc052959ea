/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* dialog: what ess-dialog does not use, on a terminal of its own: judged fields, digits that choose,
 * ticks, ^Z. */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "base/mem.h"
#include "dialog/cols.h"
#include "dialog/dialog.h"
#include "dialog/screen.h"
#include "tests/unit/unit.h"

/* Runs in the child: the exit status is what the parent looks at. */
typedef int (*run_fn)(void);

static char *only_digits(void *data, size_t field, const char *value)
{
	return value[strspn(value, "0123456789")] || !*value ? xstrdup("digits please") : NULL;
}

/* Ok with a wrong field stays; when it is right the values come out. */
static int form_page(void)
{
	struct dialog d = {.title = "Ports"};
	struct dialog_field f[] = {
	    {.label = "HTTP", .value = xstrdup("80"), .hint = "as 8080"},
	    {.label = "HTTPS", .value = xstrdup("x"), .hint = "as 8443"},
	};
	enum dialog_end end = dialog_form(&d, "Which ports?", f, ARRAY_LEN(f), only_digits);
	int ok = end == DIALOG_OK && !strcmp(f[0].value, "801") && !strcmp(f[1].value, "443");
	free_secret(f[0].value);
	free_secret(f[1].value);
	return ok ? 0 : 1;
}

/* Esc keeps what was typed. */
static int form_esc(void)
{
	struct dialog d = {.title = "Ports"};
	struct dialog_field f[] = {{.label = "HTTP", .value = NULL}};
	enum dialog_end end = dialog_form(&d, "", f, 1, NULL);
	int ok = end == DIALOG_ESC && !strcmp(f[0].value, "abc");
	free_secret(f[0].value);
	return ok ? 0 : 1;
}

/* Choices: one to the right, back from the first to the last, by its letter, and nothing else. */
static int choice_page(void)
{
	static const char *const choices[] = {"none", "srv", "apex", NULL};
	static const char *const shown[] = {"No", "Through SRV", "Elsewhere", NULL};
	struct dialog d = {.title = "Plan"};
	struct dialog_field f[] = {
	    {.label = "First", .value = xstrdup("none"), .choices = choices},
	    {.label = "Second", .value = xstrdup("none"), .choices = choices},
	    {.label = "Third", .value = xstrdup("apex"), .choices = choices},
	    {.label = "Shown", .value = xstrdup("apex"), .choices = choices, .shown = shown},
	    {.label = "Fourth", .value = xstrdup("apex"), .hint = "not reachable", .warn = true},
	};
	enum dialog_end end = dialog_form(&d, "", f, ARRAY_LEN(f), NULL);
	int ok = end == DIALOG_OK && !strcmp(f[0].value, "srv") && !strcmp(f[1].value, "apex") &&
		 !strcmp(f[2].value, "srv") && !strcmp(f[3].value, "srv");
	for (size_t i = 0; i < ARRAY_LEN(f); i++)
		free_secret(f[i].value);
	return ok ? 0 : 1;
}

static int digit_page(void)
{
	static const struct dialog_item items[] = {{"1", "One", false}, {"2", "Two", false}, {"0", "Back", false}};
	struct dialog d = {.digits_choose = true};
	size_t cur = 1;
	enum dialog_end end = dialog_menu(&d, "Choose", items, ARRAY_LEN(items), &cur);
	return end == DIALOG_OK && cur == 2 ? 0 : 1;
}

static bool count(void *data)
{
	++*(int *)data;
	return false;
}

static int tick_page(void)
{
	int ticks = 0;
	struct dialog d = {.tick_ms = 10, .tick = count, .data = &ticks, .timeout_ms = 200};
	enum dialog_end end = dialog_message(&d, "Wait");
	return end == DIALOG_TIMEOUT && ticks > 2 && ticks < 25 ? 0 : 1;
}

/* A page with steps: it goes on until somebody leaves. */
static int steps_page(void)
{
	static const char *const steps[] = {"Check", "Download"};
	struct dialog d = {.ok = "Leave", .cancel = "Stop", .buttons = true, .right = "10.0.0.1", .foot = "F1 helps"};
	struct dialog_gauge *g = dialog_steps_new(&d, "Installing", steps, ARRAY_LEN(steps));
	dialog_steps_set(g, 0, MARK_RUNNING, NULL);
	dialog_gauge_draw(g);
	enum dialog_end end = dialog_gauge_wait(g, -1, 50);
	int ok = end == DIALOG_TIMEOUT;
	dialog_steps_set(g, 0, MARK_DONE, "0:01");
	dialog_gauge_set(g, NULL, 50);
	dialog_gauge_draw(g);
	end = dialog_gauge_wait(g, -1, 5000);
	dialog_gauge_free(g);
	return ok && end == DIALOG_CANCEL ? 0 : 1;
}

static const struct {
	run_fn page;
	const char *wait; /* is seen before the keys are sent */
	const char *keys[8];
	const char *seen; /* what must have been drawn in the end; NULL: nothing special */
} pages[] = {
    /* to the second field, back, Ok is refused and says why, the fault is mended */
    {form_page, "Ok", {"1", "\t", "\t", "\r", "\x15", "443", "\t", "\r"}, "digits please"},
    {form_page, "Ok", {"1", "\t", "\x15", "443", "\x1b[24~"}, "as 8443"},
    {form_esc, "Ok", {"abc", "\x1b"}, NULL},
    {choice_page, "Ok", {" ", "\t", "\x1b[D", "\t", "s", "x\x7f\x15", "\tt\t\t", "\r"}, "not reachable"},
    {choice_page, "Ok", {" ", "\t", "\x1b[D", "\t", "s", "x\x7f\x15", "\tt\t\t", "\r"}, "Through SRV"},
    {digit_page, "Back", {"7", "0"}, NULL},
    {steps_page, "0:01", {"\t", "\r"}, "F1 helps"},
    {tick_page, "Wait", {NULL}, NULL},
};

static void read_until(int fd, const char *text)
{
	static char seen[1 << 16];
	size_t n = 0;
	memset(seen, 0, sizeof(seen));
	while (!strstr(seen, text)) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		ck_assert_msg(poll(&p, 1, 10000) > 0, "never saw %s in %s", text, seen);
		ssize_t len = read(fd, seen + n, sizeof(seen) - 1 - n);
		ck_assert_int_gt(len, 0);
		n += (size_t)len;
	}
}

START_TEST(page)
{
	struct winsize size = {.ws_row = 24, .ws_col = 80};
	int fd;
	pid_t pid = forkpty(&fd, NULL, NULL, &size);
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		setenv("TERM", "xterm-256color", 1);
		cols_locale();
		int rc = screen_open() == SCREEN_OK ? pages[_i].page() : 2;
		screen_close();
		_exit(rc);
	}
	static char seen[1 << 20];
	size_t n = 0, key = 0;
	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		/* quiet: the page has done with the last key */
		int got = poll(&p, 1, key && pages[_i].keys[key - 1] && key <= 8 ? 100 : 5000);
		if (got > 0) {
			ssize_t len = read(fd, seen + n, sizeof(seen) - 1 - n);
			if (len <= 0)
				break;
			n += (size_t)len;
			seen[n] = '\0';
		}
		if ((got == 0 || key == 0) && strstr(seen, pages[_i].wait) && key < 8 && pages[_i].keys[key]) {
			const char *k = pages[_i].keys[key++];
			ck_assert_int_eq(write(fd, k, strlen(k)), (ssize_t)strlen(k));
		}
	}
	int status;
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "status %x: %s", (unsigned)status, seen);
	if (pages[_i].seen)
		ck_assert_msg(strstr(seen, pages[_i].seen), "%s", seen);
	close(fd);
}
END_TEST

/* ^Z gives the terminal back; continued, the page is there again. */
START_TEST(stopped)
{
	struct winsize size = {.ws_row = 24, .ws_col = 80};
	int fd, status;
	pid_t pid = forkpty(&fd, NULL, NULL, &size);
	ck_assert_int_ge(pid, 0);
	if (pid == 0) {
		setenv("TERM", "xterm-256color", 1);
		cols_locale();
		screen_stoppable();
		int rc = screen_open() == SCREEN_OK ? (int)dialog_message(&(struct dialog){0}, "Hello") : 9;
		screen_close();
		_exit(rc);
	}
	struct termios now;
	read_until(fd, "Hello");
	ck_assert_int_eq(write(fd, "\x1a", 1), 1);
	read_until(fd, "\x1b[?1049l");
	ck_assert_int_eq(waitpid(pid, &status, WUNTRACED), pid);
	ck_assert(WIFSTOPPED(status));
	ck_assert_int_eq(tcgetattr(fd, &now), 0);
	ck_assert(now.c_lflag & ICANON && now.c_lflag & ECHO);
	ck_assert_int_eq(kill(pid, SIGCONT), 0);
	read_until(fd, "Hello");
	ck_assert_int_eq(write(fd, "\r", 1), 1);
	read_until(fd, "\x1b[?1049l");
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == DIALOG_OK, "%x", (unsigned)status);
	close(fd);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dialog-form");
	TCase *t = tcase_create("pages");
	tcase_set_timeout(t, 30);
	tcase_add_loop_test(t, page, 0, (int)ARRAY_LEN(pages));
	tcase_add_test(t, stopped);
	suite_add_tcase(s, t);
	return unit_run(s);
}
