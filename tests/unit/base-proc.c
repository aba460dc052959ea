/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* base/proc: feeding, reading, ending child processes. The test is its own child: "base-proc ROLE".
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/text.h"
#include "tests/unit/unit.h"

#define MIB (1u << 20)

static char self[4096];

/* --- the child's roles ---------------------------------------------------------------------- */

static int role_cat(void)
{
	char buf[4096];
	for (size_t n; (n = fread(buf, 1, sizeof(buf), stdin)) > 0;)
		fwrite(buf, 1, n, stdout);
	return 0;
}

/* Prints which descriptors, signals and folder it was given. */
static int role_state(char **env)
{
	char cwd[256];
	sigset_t mask;
	unsigned ignored = 0, blocked = 0;
	sigprocmask(SIG_SETMASK, NULL, &mask);
	for (int sig = 1; sig < 32; sig++) {
		struct sigaction sa;
		blocked += sigismember(&mask, sig) == 1;
		ignored += sigaction(sig, NULL, &sa) == 0 && sa.sa_handler == SIG_IGN;
	}
	printf("fds");
	for (int fd = 0; fd < 256; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			printf(" %d", fd);
	printf("\nignored %u blocked %u\nleader %d\ncwd %s\n", ignored, blocked,
	       getpgid(0) == getpid(), getcwd(cwd, sizeof(cwd)));
	for (; *env; env++)
		printf("env %s\n", *env);
	return 0;
}

static int role_lines(void)
{
	fputs("one\ntwo\r\n10%\r20%\r\n\nbad \xff\x1b[0m\n", stdout);
	fflush(stdout);
	fputs("warn\n\n", stderr);
	fputs("last", stderr);
	return 3;
}

/* Leaves a grandchild that keeps our pipes open. */
static int role_daemon(void)
{
	if (fork() == 0) {
		alarm(25); /* longer than the test may take, but not for ever */
		pause();
	}
	puts("started");
	return 0;
}

/* Prints the pids of itself and a child, then both wait; "stubborn" ones ignore SIGTERM. */
static _Noreturn void role_family(bool stubborn)
{
	if (stubborn)
		signal(SIGTERM, SIG_IGN);
	pid_t child = fork();
	if (child > 0) {
		printf("%d %d\n", (int)getpid(), (int)child);
		fflush(stdout);
	}
	for (;;)
		pause();
}

static int role_flood(void)
{
	char buf[4096];
	memset(buf, 'x', sizeof(buf));
	for (;;)
		if (fwrite(buf, 1, sizeof(buf), stdout) == 0)
			return 1;
}

static int child_main(const char *role, char **env)
{
	if (strcmp(role, "cat") == 0)
		return role_cat();
	if (strcmp(role, "state") == 0)
		return role_state(env);
	if (strcmp(role, "lines") == 0)
		return role_lines();
	if (strcmp(role, "daemon") == 0)
		return role_daemon();
	if (strcmp(role, "family") == 0 || strcmp(role, "stubborn") == 0)
		role_family(*role == 's');
	if (strcmp(role, "flood") == 0)
		return role_flood();
	if (strcmp(role, "segv") == 0)
		return raise(SIGKILL);
	if (strcmp(role, "closed") == 0)
		return close(0);
	return 99;
}

/* --- helpers ---------------------------------------------------------------------------------- */

struct heard {
	char text[65536];
	volatile sig_atomic_t cancel;
	bool cancel_at_first;
	pid_t pids[2];
};

static void hear(void *arg, enum proc_stream stream, const char *line)
{
	struct heard *h = arg;
	size_t n = strlen(h->text);
	snprintf(h->text + n, sizeof(h->text) - n, "%s%s\n", stream == PROC_ERR ? "E:" : "", line);
	int a, b;
	if (sscanf(line, "%d %d", &a, &b) == 2) {
		h->pids[0] = a;
		h->pids[1] = b;
	}
	if (h->cancel_at_first)
		h->cancel = 1;
}

static int run(const char *role, struct proc_spec spec, struct proc_result *ret, struct err *e)
{
	const char *const argv[] = {self, role, NULL};
	static const char *const env[] = {"ASAN_OPTIONS=detect_leaks=0", NULL};
	spec.argv = argv;
	spec.env = spec.env ? spec.env : env;
	return proc_run(&spec, ret, e);
}

static bool gone(pid_t pid)
{
	/* An orphan is reaped by init; where nobody does, it stays a zombie. */
	_cleanup_free_ char *path = xasprintf("/proc/%d/stat", (int)pid);
	for (int i = 0; i < 100; i++) {
		char state = 'Z';
		FILE *f = fopen(path, "re");
		if (!f)
			return true;
		int n = fscanf(f, "%*d (%*[^)]) %c", &state);
		fclose(f);
		if (n != 1 || state == 'Z')
			return true;
		clock_pause(10, NULL);
	}
	return false;
}

/* --- tests ------------------------------------------------------------------------------------ */

START_TEST(a_mebibyte_in_and_out)
{
	_cleanup_proc_ struct proc_result r = {0};
	_cleanup_free_ char *big = xcalloc(MIB, 1);
	for (size_t i = 0; i < MIB; i++)
		big[i] = (char)(i * 7);
	ck_assert_int_eq(run("cat",
			     (struct proc_spec){.input = big, .input_len = MIB, .capture_max = MIB},
			     &r, NULL),
			 0);
	ck_assert_int_eq(r.status, 0);
	ck_assert_uint_eq(r.out_len, MIB);
	ck_assert_mem_eq(r.out, big, MIB);
}
END_TEST

START_TEST(more_than_wanted)
{
	struct err e = ERR_INIT;
	_cleanup_proc_ struct proc_result r = {0};
	ck_assert_int_eq(
	    run("flood", (struct proc_spec){.capture_max = 10000, .grace_s = 1}, &r, &e), -1);
	ck_assert_int_eq(e.fault, FAULT_COMMAND_OUTPUT);
	ck_assert_uint_le(r.out_len, 10000);
}
END_TEST

START_TEST(lines)
{
	struct heard h = {.cancel = 0};
	_cleanup_proc_ struct proc_result r = {0};
	ck_assert_int_eq(run("lines", (struct proc_spec){.line = hear, .arg = &h}, &r, NULL), 0);
	ck_assert_int_eq(r.status, 3);
	ck_assert_ptr_null(r.out);
	ck_assert_str_eq(r.last_err, "last");
	ck_assert_str_eq(r.err_tail, "warn\n\nlast\n");
	char *out = xstrdup(""), *err = xstrdup("");
	_cleanup_strv_ char **all = text_split(h.text, '\n');
	for (size_t i = 0; all[i]; i++) { /* the streams are two pipes: their order is free */
		char **to = text_starts(all[i], "E:") ? &err : &out;
		char *more = xasprintf("%s%s|", *to, all[i]);
		free(*to);
		*to = more;
	}
	ck_assert_str_eq(out, "one|two|10%|20%|bad \xef\xbf\xbd?[0m|");
	ck_assert_str_eq(err, "E:warn|E:|E:last|");
	free(out);
	free(err);
}
END_TEST

START_TEST(long_lines_are_split)
{
	struct heard h = {.cancel = 0};
	_cleanup_proc_ struct proc_result r = {0};
	char big[9001] = "";
	for (size_t i = 0; i + 3 < sizeof(big); i += 3)
		memcpy(big + i, "\xe4\xb8\xad", 4);
	ck_assert_int_eq(
	    run("cat",
		(struct proc_spec){.input = big, .input_len = strlen(big), .line = hear, .arg = &h},
		&r, NULL),
	    0);
	_cleanup_strv_ char **all = text_split(h.text, '\n');
	_cleanup_free_ char *joined = text_join((const char *const *)all, "");
	ck_assert_uint_eq(strv_len(all), 5);
	ck_assert_str_eq(joined, big);
}
END_TEST

START_TEST(surroundings)
{
	_cleanup_proc_ struct proc_result r = {0};
	static const char *const env[] = {"A=1", "PATH=/nowhere", "ASAN_OPTIONS=detect_leaks=0",
					  NULL};
	sigset_t usr1;
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	sigprocmask(SIG_BLOCK, &usr1, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	ck_assert_int_ge(open("/dev/null", O_RDONLY), 3); /* without O_CLOEXEC */
	setenv("LEAK", "1", 1);
	ck_assert_int_eq(run("state",
			     (struct proc_spec){.env = env, .cwd = "/usr", .capture_max = MIB}, &r,
			     NULL),
			 0);
	ck_assert_str_eq(r.out, "fds 0 1 2\nignored 0 blocked 0\nleader 1\ncwd /usr\n"
				"env A=1\nenv PATH=/nowhere\nenv ASAN_OPTIONS=detect_leaks=0\n");
	sigset_t now;
	sigprocmask(SIG_SETMASK, NULL, &now);
	ck_assert(sigismember(&now, SIGUSR1) == 1 && sigismember(&now, SIGPIPE) == 0);
}
END_TEST

START_TEST(statuses)
{
	struct err e = ERR_INIT;
	_cleanup_proc_ struct proc_result r = {0}, r2 = {0};
	ck_assert_int_eq(run("segv", (struct proc_spec){.timeout_s = 0}, &r, &e), 0);
	ck_assert_int_eq(r.status, 128 + SIGKILL);
	ck_assert_str_eq(r.last_err, "");
	ck_assert_int_eq(run("no such role", (struct proc_spec){.capture_max = 9}, &r2, &e), 0);
	ck_assert_int_eq(r2.status, 99);
	ck_assert_str_eq(r2.out, "");
	ck_assert(!err_is_set(&e));
}
END_TEST

/* A child that does not read must not end us by SIGPIPE. */
START_TEST(unread_input)
{
	_cleanup_proc_ struct proc_result r = {0};
	_cleanup_free_ char *big = xcalloc(MIB, 1);
	signal(SIGPIPE, SIG_DFL);
	ck_assert_int_eq(
	    run("closed", (struct proc_spec){.input = big, .input_len = MIB}, &r, NULL), 0);
	ck_assert_int_eq(r.status, 0);
}
END_TEST

START_TEST(missing_programs)
{
	static const char *const names[] = {"no-such-program", "/no/such/program"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct err e = ERR_INIT;
		_cleanup_proc_ struct proc_result r = {0};
		const char *const argv[] = {names[i], NULL};
		ck_assert_int_eq(
		    proc_run(&(struct proc_spec){.argv = argv, .path = "/bin"}, &r, &e), -1);
		ck_assert_int_eq(e.fault, FAULT_COMMAND_MISSING);
		ck_assert_str_eq(e.args[0], names[i]);
		ck_assert_str_eq(r.last_err, "");
	}
}
END_TEST

START_TEST(finding)
{
	char plain[] = "/tmp/base-proc.XXXXXX";
	_cleanup_close_ int fd = mkstemp(plain);
	ck_assert_int_eq(fchmod(fd, 0600), 0);
	_cleanup_free_ char *sh = proc_find("sh", "/nowhere::/bin");
	ck_assert_str_eq(sh, "/bin/sh");
	ck_assert_ptr_null(proc_find("sh", "/nowhere"));
	ck_assert_ptr_null(proc_find("sh", NULL));
	ck_assert_ptr_null(proc_find(plain + strlen("/tmp/"), "/tmp")); /* not executable */
	ck_assert_ptr_null(proc_find("share", "/usr"));			/* a folder */
	unlink(plain);
}
END_TEST

START_TEST(grandchild_keeps_the_pipe)
{
	_cleanup_proc_ struct proc_result r = {0};
	long begin = clock_ms();
	ck_assert_int_eq(
	    run("daemon", (struct proc_spec){.capture_max = 100, .timeout_s = 20}, &r, NULL), 0);
	ck_assert_str_eq(r.out, "started\n");
	ck_assert_int_lt(clock_ms() - begin, 10000);
}
END_TEST

START_TEST(timeout_ends_the_group)
{
	struct err e = ERR_INIT;
	struct heard h = {.cancel = 0};
	_cleanup_proc_ struct proc_result r = {0};
	long begin = clock_ms();
	ck_assert_int_eq(
	    run("family",
		(struct proc_spec){.line = hear, .arg = &h, .timeout_s = 1, .grace_s = 20}, &r, &e),
	    -1);
	ck_assert_int_lt(clock_ms() - begin, 10000); /* SIGTERM was enough for all */
	ck_assert_int_eq(e.fault, FAULT_TIMEOUT);
	ck_assert(r.timed_out);
	ck_assert_int_eq(r.status, 128 + SIGTERM);
	ck_assert(h.pids[0] > 0 && gone(h.pids[0]) && gone(h.pids[1]));
}
END_TEST

START_TEST(stubborn_ones_are_killed)
{
	struct err e = ERR_INIT;
	struct heard h = {.cancel_at_first = true};
	_cleanup_proc_ struct proc_result r = {0};
	ck_assert_int_eq(
	    run("stubborn",
		(struct proc_spec){.line = hear, .arg = &h, .grace_s = 1, .cancel = &h.cancel}, &r,
		&e),
	    -1);
	ck_assert_int_eq(e.fault, FAULT_CANCELLED);
	ck_assert_int_eq(r.status, 128 + SIGKILL);
	ck_assert(!r.timed_out);
	ck_assert(h.pids[0] > 0 && gone(h.pids[0]) && gone(h.pids[1]));
}
END_TEST

START_TEST(cancel_is_quick)
{
	struct err e = ERR_INIT;
	struct heard h = {.cancel_at_first = true};
	_cleanup_proc_ struct proc_result r = {0}, r2 = {0};
	struct proc_spec spec = {.line = hear, .arg = &h, .cancel = &h.cancel};
	ck_assert_int_eq(run("family", spec, &r, &e), -1);
	ck_assert_int_eq(e.fault, FAULT_CANCELLED);
	err_clear(&e);
	long begin = clock_ms();
	ck_assert_int_eq(run("family", spec, &r2, &e), -1); /* not even started */
	ck_assert_int_eq(e.fault, FAULT_CANCELLED);
	ck_assert_int_lt(clock_ms() - begin, 200);
}
END_TEST

int main(int argc, char **argv, char **env)
{
	if (argc == 2)
		return child_main(argv[1], env);
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (n <= 0)
		return 1;
	Suite *s = suite_create("proc");
	TCase *t = tcase_create("proc");
	tcase_set_timeout(t, 30);
	tcase_add_test(t, a_mebibyte_in_and_out);
	tcase_add_test(t, more_than_wanted);
	tcase_add_test(t, lines);
	tcase_add_test(t, long_lines_are_split);
	tcase_add_test(t, surroundings);
	tcase_add_test(t, statuses);
	tcase_add_test(t, unread_input);
	tcase_add_test(t, missing_programs);
	tcase_add_test(t, finding);
	tcase_add_test(t, grandchild_keeps_the_pipe);
	tcase_add_test(t, timeout_ends_the_group);
	tcase_add_test(t, stubborn_ones_are_killed);
	tcase_add_test(t, cancel_is_quick);
	suite_add_tcase(s, t);
	return unit_run(s);
}
