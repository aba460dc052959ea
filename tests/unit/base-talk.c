/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* base/talk: a conversation on a terminal, with programs that play along and others. */
#include <string.h>

#include "base/mem.h"
#include "base/talk.h"
#include "tests/unit/unit.h"

static const char *const env[] = { "PATH=/usr/bin:/bin", "SECRET=no", NULL };

static int talk(const char *script, const struct talk_turn *turns, const volatile sig_atomic_t *cancel, int *status,
		char **said, struct err *e)
{
	const char *const argv[] = { "sh", "-c", script, NULL };
	const struct talk_spec spec = { .argv = argv, .path = "/usr/bin:/bin", .env = env, .turns = turns,
					.timeout_s = 1, .cancel = cancel };
	return talk_run(&spec, status, said, e);
}

/* Asks like mas-cli: on the terminal only, without echo for the password. */
static const char asks[] = "test -t 0 && test -t 1 && test -t 2 || exit 9\n"
			   "exec 3</dev/tty || exit 8\n"
			   "printf 'Name: '; read name\n"
			   "stty -echo; printf 'Password: '; read pw; stty echo\n"
			   "test \"$name\" = boss && test \"$pw\" = 'p w$!' && exit 5\n"
			   "echo wrong; exit 1\n";

START_TEST(whole)
{
	static const struct talk_turn turns[] = { { "Name: ", "boss\r" }, { "Password: ", "p w$!\r" }, { NULL, NULL } };
	_cleanup_free_ char *said = NULL;
	struct err e = ERR_INIT;
	int status;

	ck_assert_int_eq(talk(asks, turns, NULL, &status, &said, &e), 1);
	ck_assert_int_eq(status, 5);
	ck_assert_ptr_nonnull(strstr(said, "Password: "));
	ck_assert_ptr_null(strstr(said, "p w$!"));
}
END_TEST

static const struct {
	const char *script;
	int want;
	int status;
} cases[] = {
	{ "echo nothing like it; exit 3", 0, 3 },                           /* ended before it asked */
	{ "printf 'Nam: '; read x; exit 0", 0, 128 + SIGTERM },            /* asks something else */
	{ "printf 'Name: '; read x; read y; exit 0", 0, 128 + SIGTERM },   /* does not end afterwards */
	{ "trap '' TERM HUP; printf 'Nam: '; read x; read x", 0, 128 + SIGKILL },
	{ "head -c 200000 /dev/zero | tr '\\0' x; printf 'Name: '; read x; exit 4", 1, 4 },
	{ "printf 'Na'; sleep 0.3; printf 'me: '; read x; exit 4", 1, 4 },
	{ "printf 'Name: '; read x; kill -9 $$", 1, 128 + SIGKILL },
};

START_TEST(otherwise)
{
	static const struct talk_turn turns[] = { { "Name: ", "boss\r" }, { NULL, NULL } };
	_cleanup_free_ char *said = NULL;
	struct err e = ERR_INIT;
	int status;

	ck_assert_int_eq(talk(cases[_i].script, turns, NULL, &status, &said, &e), cases[_i].want);
	ck_assert_int_eq(status, cases[_i].status);
}
END_TEST

START_TEST(faults)
{
	static const struct talk_turn turns[] = { { "never", "x" }, { NULL, NULL } };
	static const char *const none[] = { "no-such-program", NULL };
	const struct talk_spec spec = { .argv = none, .path = "/usr/bin", .env = env, .turns = turns };
	const volatile sig_atomic_t cancel = 1;
	char *said = NULL;
	struct err e = ERR_INIT;
	int status;

	ck_assert_int_eq(talk_run(&spec, &status, &said, &e), -1);
	ck_assert_int_eq(e.fault, FAULT_COMMAND_MISSING);
	free(said);
	err_clear(&e);
	ck_assert_int_eq(talk("read x", turns, &cancel, &status, &said, &e), -1);
	ck_assert_int_eq(e.fault, FAULT_CANCELLED);
	free(said);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base-talk");
	TCase *t = tcase_create("all");

	tcase_set_timeout(t, 30);
	tcase_add_test(t, whole);
	tcase_add_loop_test(t, otherwise, 0, ARRAY_LEN(cases));
	tcase_add_test(t, faults);
	suite_add_tcase(s, t);
	return unit_run(s);
}
