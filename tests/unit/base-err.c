/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* base/err: recording faults, their sentences, and that every fault has a good card. */
#include <errno.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "base/text.h"
#include "tests/unit/unit.h"

START_TEST(first_cause_wins)
{
	struct err e = ERR_INIT;
	ck_assert(!err_is_set(&e));
	errno = ENOSPC;
	ck_assert_int_eq(err_set(&e, FAULT_IO, "%s: %s (%d%%)", "a", "b", 7), -1);
	ck_assert_int_eq(errno, ENOSPC);
	ck_assert_int_eq(err_set(&e, FAULT_TIMEOUT, "later"), -1);
	ck_assert_int_eq(e.fault, FAULT_IO);
	_cleanup_free_ char *text = err_text(&e);
	ck_assert_str_eq(text, "a: b (7%)");
	err_clear(&e);
	ck_assert(!err_is_set(&e));
	_cleanup_free_ char *none = err_text(&e);
	ck_assert_str_eq(none, "");
	ck_assert_int_eq(err_set(NULL, FAULT_IO, "%s", "x"), -1);
}
END_TEST

START_TEST(every_conversion)
{
	struct err e = ERR_INIT;
	err_set(&e, FAULT_IO, "%d %u %ld %lu %lld", -1, 4000000000u, -5L, 5UL, -6LL);
	_cleanup_free_ char *text = err_text(&e);
	ck_assert_str_eq(text, "-1 4000000000 -5 5 -6");
	struct err f = ERR_INIT;
	err_set(&f, FAULT_IO, "%llu %zu %s|%s", 18446744073709551615ull, sizeof(f.args), "%s%n",
		getenv("NO_SUCH_VARIABLE"));
	_cleanup_free_ char *more = err_text(&f);
	ck_assert_str_eq(more, "18446744073709551615 1536 %s%n|");
}
END_TEST

START_TEST(long_arguments_are_cut)
{
	struct err e = ERR_INIT;
	char s[600];
	for (size_t i = 0; i + 3 < sizeof(s); i += 3)
		memcpy(s + i, "\xe4\xb8\xad", 4);
	err_set(&e, FAULT_IO, "%s", s);
	ck_assert_uint_eq(strlen(e.args[0]), ERR_ARG_LEN - 1 - (ERR_ARG_LEN - 1) % 3);
	ck_assert(text_is_utf8(e.args[0], strlen(e.args[0])));
}
END_TEST

static const struct {
	const char *msgid, *want;
} expansions[] = {
    {"plain", "plain"},
    {"%s and %s", "one and two"},
    {"%2$s before %1$s", "two before one"},
    {"%d of %lu, 100%%", "one of two, 100%"},
    {"%s %s %s", "one two %s"}, /* missing: stays as it is */
    {"%9$s %0$s", "%9$s %0$s"},
    {"%n%x%99999999s%*s%.9s", "%n%x%99999999s%*s%.9s"},
    {"%", "%"},
    {"%l", "%l"},
    {"%ll", "%ll"},
    {"%1", "%1"},
    {"%1$", "%1$"},
    {"%2$%", "%2$%"},
    {"%s%", "one%"},
    {"%hs", "%hs"},
    {"%ls", "%ls"},
    {"%-s", "%-s"},
};

START_TEST(expand)
{
	static const char *const args[] = {"one", "two"};
	_cleanup_free_ char *text = err_expand(expansions[_i].msgid, args, 2);
	ck_assert_str_eq(text, expansions[_i].want);
}
END_TEST

START_TEST(cards)
{
	const struct fault_card *c = fault_card((enum fault)_i);
	ck_assert_ptr_nonnull(c);
	ck_assert_msg(text_starts(c->id, "E-") && strlen(c->id) >= 8, "%s: %s", c->name, c->id);
	ck_assert_ptr_eq(fault_card_by_id(c->id), c); /* so ids are unique */
	ck_assert_msg(text_ends(c->title, "."), "%s: %s", c->name, c->title);
	ck_assert_msg(c->causes[0] != NULL, "%s has no cause", c->name);
	ck_assert_msg(c->causes[FAULT_CAUSES] == NULL, "%s has too many causes", c->name);
	ck_assert_msg(c->nremedies >= 1 && c->nremedies <= FAULT_REMEDIES, "%s", c->name);
	for (unsigned i = 0; i < c->nremedies; i++) {
		const struct remedy *r = &c->remedies[i];
		bool needs = r->kind == REMEDY_EDIT || r->kind == REMEDY_COMMAND;
		ck_assert_msg(needs == (r->object != NULL), "%s, remedy %u", c->name, i);
	}
}
END_TEST

START_TEST(no_such_card)
{
	ck_assert_ptr_null(fault_card(FAULT_NONE));
	ck_assert_ptr_null(fault_card(FAULT_MAX));
	ck_assert_ptr_null(fault_card_by_id("E-NO-999"));
	ck_assert_ptr_nonnull(fault_card_by_id("e-run-001"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("err");
	TCase *t = tcase_create("err");
	tcase_add_test(t, first_cause_wins);
	tcase_add_test(t, every_conversion);
	tcase_add_test(t, long_arguments_are_cut);
	tcase_add_loop_test(t, expand, 0, ARRAY_LEN(expansions));
	tcase_add_loop_test(t, cards, FAULT_NONE + 1, FAULT_MAX);
	tcase_add_test(t, no_such_card);
	suite_add_tcase(s, t);
	return unit_run(s);
}
