/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* dialog/cols: columns, and where lines break. */
#include <locale.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "dialog/cols.h"
#include "tests/unit/unit.h"

#include <slang.h>

static void utf8(void)
{
	ck_assert_ptr_nonnull(setlocale(LC_ALL, "C.UTF-8"));
	SLutf8_enable(1);
}

static const struct {
	const char *text;
	int width;
	const char *lines; /* with | between them */
} wraps[] = {
    {"", 10, ""},
    {"one two three", 20, "one two three"},
    {"one two three", 8, "one two|three"},
    {"one two three", 7, "one two|three"},
    {"one two three", 6, "one|two|three"},
    {"a\n\nb", 6, "a||b"},
    {"a\n", 6, "a"},
    {"  indented text", 12, "  indented|text"},
    {"abcdefghijkl", 5, "abcde|fghij|kl"},
    {"a\tb\tc", 20, "a       b       c"},
    {"1234567\tb", 20, "1234567 b"},
    {"12345678\tb", 20, "12345678        b"},
    {"line\r\nnext", 20, "line|next"},
    {"中文字符", 4, "中文|字符"},
    {"中文字符", 5, "中文|字符"},
    {"中文，字符", 4, "中|文，|字符"},
    {"中文，字符", 6, "中文，|字符"},
    {"（中文）字符", 6, "（中|文）字|符"},
    {"中（文）字符", 4, "中|（文|）字|符"},
    {"使用 OpenSSH 服务器和", 12, "使用 OpenSSH|服务器和"},
    {"使用OpenSSH服务器", 6, "使用|OpenSS|H服务|器"},
    {"，，，，", 4, "，，|，，"},
    {"中", 1, "中"},
};

START_TEST(wrap)
{
	utf8();
	_cleanup_strv_ char **lines = cols_wrap(wraps[_i].text, wraps[_i].width);
	_cleanup_free_ char *joined = text_join((const char *const *)lines, "|");
	ck_assert_str_eq(joined, wraps[_i].lines);
}
END_TEST

START_TEST(width)
{
	utf8();
	static const struct {
		const char *s;
		int cols;
	} cases[] = {
	    {"", 0}, {"abc", 3}, {"中文", 4}, {"e\xcc\x81", 1}, {"\xff", 4}, {"\x01", 2}, {"…“”—±", 5},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		ck_assert_int_eq(cols(cases[i].s), cases[i].cols);
	int used;
	ck_assert_uint_eq(cols_cut("中文字", 5, &used), 6);
	ck_assert_int_eq(used, 4);
	ck_assert_uint_eq(cols_cut("ab", 0, &used), 0);
}
END_TEST

START_TEST(newlines)
{
	_cleanup_free_ char *a = cols_newlines("one\\ntwo\\\\n\\t\\");
	ck_assert_str_eq(a, "one\ntwo\\\n\\t\\");
	_cleanup_free_ char *b = cols_row("a\tb\nc\x7f");
	ck_assert_str_eq(b, "a b c ");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dialog-cols");
	TCase *t = tcase_create("cols");
	tcase_add_loop_test(t, wrap, 0, (int)ARRAY_LEN(wraps));
	tcase_add_test(t, width);
	tcase_add_test(t, newlines);
	suite_add_tcase(s, t);
	return unit_run(s);
}
