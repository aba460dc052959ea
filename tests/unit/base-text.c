/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* base/text: UTF-8, numbers, pieces, versions, differences. */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "tests/unit/unit.h"

static const struct {
	const char *bytes;
	size_t len;
	bool valid;
	const char *clean;
} utf8_cases[] = {
    {"", 0, true, ""},
    {"plain", 5, true, "plain"},
    {"\xe4\xb8\xad\xe6\x96\x87", 6, true, "\xe4\xb8\xad\xe6\x96\x87"},
    {"\xf0\x9f\x98\x80", 4, true, "\xf0\x9f\x98\x80"},
    {"\xf4\x8f\xbf\xbf", 4, true, "\xf4\x8f\xbf\xbf"},
    {"a\0b", 3, false, "a?b"},
    {"\xc0\x80", 2, false, "\xef\xbf\xbd\xef\xbf\xbd"}, /* overlong */
    {"\xe0\x80\xaf", 3, false, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"\xed\xa0\x80", 3, false, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"}, /* surrogate */
    {"\xf4\x90\x80\x80", 4, false, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    {"x\xe4\xb8", 3, false, "x\xef\xbf\xbd\xef\xbf\xbd"}, /* cut off */
    {"\xff", 1, false, "\xef\xbf\xbd"},
    {"\x1b[31m\tred\x7f\r\n", 12, true, "?[31m\tred???"},
    {"\xc2\x9b"
     "31m",
     5, true, "?31m"}, /* C1: another CSI */
};

START_TEST(utf8)
{
	const char *bytes = utf8_cases[_i].bytes;
	size_t len = utf8_cases[_i].len;
	ck_assert_int_eq(text_is_utf8(bytes, len), utf8_cases[_i].valid);
	_cleanup_free_ char *clean = text_clean(bytes, len);
	ck_assert_str_eq(clean, utf8_cases[_i].clean);
	_cleanup_free_ char *valid = text_utf8(bytes, len);
	ck_assert(text_is_utf8(valid, strlen(valid)));
	if (utf8_cases[_i].valid)
		ck_assert_str_eq(valid, bytes);
}
END_TEST

START_TEST(cut)
{
	static const struct {
		const char *s;
		size_t max, want;
	} cases[] = {
	    {"abc", 3, 3},
	    {"abc", 2, 2},
	    {"abc", 9, 3},
	    {"", 0, 0},
	    {"abc", 0, 0},
	    {"a\xe4\xb8\xad", 4, 4},
	    {"a\xe4\xb8\xad", 3, 1},
	    {"a\xe4\xb8\xad", 2, 1},
	    {"\xf0\x9f\x98\x80z", 3, 0},
	    {"\x80\x80\x80\x80\x80\x80\x80\x80", 7, 3},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		ck_assert_uint_eq(text_cut(cases[i].s, cases[i].max), cases[i].want);
}
END_TEST

START_TEST(numbers)
{
	static const struct {
		const char *s;
		bool ok;
		long want;
	} cases[] = {
	    {"0", true, 0},	 {"443", true, 443},
	    {"-7", true, -7},	 {"65535", true, 65535},
	    {"65536", false, 0}, {"", false, 0},
	    {"-", false, 0},	 {" 1", false, 0},
	    {"+1", false, 0},	 {"1 ", false, 0},
	    {"0x10", false, 0},	 {"1e3", false, 0},
	    {"-11", false, 0},	 {"99999999999999999999", false, 0},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		long v = 0;
		ck_assert_msg(text_to_long(cases[i].s, -10, 65535, &v) == cases[i].ok, "%s",
			      cases[i].s);
		ck_assert_int_eq(v, cases[i].want);
	}
}
END_TEST

START_TEST(pieces)
{
	_cleanup_free_ char *trimmed = text_trim(" \t a b\r\n");
	ck_assert_str_eq(trimmed, "a b");
	_cleanup_free_ char *nothing = text_trim(" \n");
	ck_assert_str_eq(nothing, "");
	_cleanup_strv_ char **v = text_split(",a,,bc,", ',');
	ck_assert_uint_eq(strv_len(v), 2);
	_cleanup_free_ char *joined = text_join((const char *const *)v, ", ");
	ck_assert_str_eq(joined, "a, bc");
	_cleanup_strv_ char **none = text_split("", ',');
	ck_assert_uint_eq(strv_len(none), 0);
	_cleanup_free_ char *empty = text_join(NULL, ",");
	ck_assert_str_eq(empty, "");
	ck_assert(text_starts("https://x", "https://") && !text_starts("http", "https"));
	ck_assert(text_ends("a.tgz", ".tgz") && !text_ends("z", "tgz"));
}
END_TEST

/* In rising order; equal ones share a number. */
static const struct {
	const char *version;
	int place;
} versions[] = {
    {"", 0},
    {"0.9", 1},
    {"v1.2.3-alpha.1", 2},
    {"1.2.3-rc1", 3},
    {"v1.2.3-rc2", 4},
    {"1.2.3-rc10", 5},
    {"1.2.3-rc10+k3s1", 6},
    {"1.2.3", 7},
    {"v1.2.3", 7},
    {"1.2.3.0", 7},
    {"v1.2.3+k3s1", 8},
    {"v1.2.3+k3s2", 9},
    {"v1.2.3+k3s10", 10},
    {"1.2.10", 11},
    {"1.2.010", 11},
    {"1.10", 12},
    {"25.6.1", 13},
    {"25.10.0", 14},
    {"99999999999999999999999.1", 15},
};

START_TEST(version_order)
{
	for (size_t i = 0; i < ARRAY_LEN(versions); i++) {
		int want = (versions[_i].place > versions[i].place) -
			   (versions[_i].place < versions[i].place);
		ck_assert_msg(text_version_cmp(versions[_i].version, versions[i].version) == want,
			      "%s, %s", versions[_i].version, versions[i].version);
	}
}
END_TEST

static const struct {
	const char *a, *b, *want;
} diffs[] = {
    {"same\n", "same\n", ""},
    {"", "one\n", "--- A\n+++ B\n@@ -0,0 +1,1 @@\n+one\n"},
    {"one\n", "", "--- A\n+++ B\n@@ -1,1 +0,0 @@\n-one\n"},
    {"1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nfive\n6\n7\n8\n9\n",
     "--- A\n+++ B\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"},
    {"a\nb\nc\n", "b\nc\nd\n", "--- A\n+++ B\n@@ -1,3 +1,3 @@\n-a\n b\n c\n+d\n"},
    {"x", "x\n", "--- A\n+++ B\n@@ -1,1 +1,1 @@\n-x\n\\ No newline at end of file\n+x\n"},
    {"a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n",
     "--- A\n+++ B\n@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n"},
};

START_TEST(diff)
{
	_cleanup_free_ char *d = text_diff(diffs[_i].a, diffs[_i].b, "A", "B");
	ck_assert_str_eq(d, diffs[_i].want);
}
END_TEST

START_TEST(diff_is_bounded)
{
	char *a = xcalloc(40001, 1), *b = xcalloc(40001, 1);
	for (size_t i = 0; i < 40000; i += 2) {
		memcpy(a + i, "a\n", 2);
		memcpy(b + i, "b\n", 2);
	}
	_cleanup_free_ char *d = text_diff(a, b, "A", "B");
	_cleanup_strv_ char **lines = text_split(d, '\n');
	ck_assert_uint_eq(strv_len(lines), 204);
	ck_assert(text_ends(d, "\n...\n"));
	free(a);
	free(b);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("text");
	TCase *t = tcase_create("text");
	tcase_add_loop_test(t, utf8, 0, ARRAY_LEN(utf8_cases));
	tcase_add_test(t, cut);
	tcase_add_test(t, numbers);
	tcase_add_test(t, pieces);
	tcase_add_loop_test(t, version_order, 0, ARRAY_LEN(versions));
	tcase_add_loop_test(t, diff, 0, ARRAY_LEN(diffs));
	tcase_add_test(t, diff_is_bounded);
	suite_add_tcase(s, t);
	return unit_run(s);
}
