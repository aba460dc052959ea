/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* base/json: text of any bytes, paths, parsing, the two written forms. */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "tests/unit/unit.h"

START_TEST(text_of_any_bytes)
{
	_cleanup_json_ json_t *good = json_text("a\n\xe4\xb8\xad");
	ck_assert_str_eq(json_string_value(good), "a\n\xe4\xb8\xad");
	_cleanup_json_ json_t *bad = json_text("a\n\xff!");
	ck_assert_str_eq(json_string_value(bad), "a\n\xef\xbf\xbd!");
}
END_TEST

START_TEST(paths)
{
	struct err e = ERR_INIT;
	static const char src[] = "{\"a\":{\"b\":{\"c\":7,\"s\":\"t\"}},\"l\":[1]}";
	_cleanup_json_ json_t *j = json_parse(src, strlen(src), FAULT_IO, "src", &e);
	ck_assert_ptr_nonnull(j);
	ck_assert_int_eq(json_int_at(j, "a.b.c", -1), 7);
	ck_assert_int_eq(json_int_at(j, "a.b.s", -1), -1);
	ck_assert_str_eq(json_str_at(j, "a.b.s"), "t");
	ck_assert_ptr_null(json_str_at(j, "a.b.c"));
	ck_assert_ptr_null(json_at(j, "a.x.c"));
	ck_assert_ptr_null(json_at(j, "l.a"));
	ck_assert_ptr_null(json_at(NULL, "a"));
	ck_assert_ptr_eq(json_at(j, ""), j);
}
END_TEST

START_TEST(bad_input)
{
	static const char *const bad[] = {"", "{", "{\"a\":1,\"a\":2}", "\"\xff\"", "{} x"};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct err e = ERR_INIT;
		ck_assert_ptr_null(
		    json_parse(bad[i], strlen(bad[i]), FAULT_STATE_BAD, "state.json", &e));
		ck_assert_int_eq(e.fault, FAULT_STATE_BAD);
		ck_assert_str_eq(e.args[0], "state.json");
	}
}
END_TEST

START_TEST(written_forms)
{
	_cleanup_json_ json_t *j = json_pack("{s:i,s:[s,b]}", "z", 1, "a", "x", 1);
	_cleanup_free_ char *canonical = json_canonical(j);
	ck_assert_str_eq(canonical, "{\"a\":[\"x\",true],\"z\":1}");
	_cleanup_free_ char *pretty = json_pretty(j);
	ck_assert_str_eq(pretty, "{\n  \"a\": [\n    \"x\",\n    true\n  ],\n  \"z\": 1\n}\n");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("json");
	TCase *t = tcase_create("json");
	tcase_add_test(t, text_of_any_bytes);
	tcase_add_test(t, paths);
	tcase_add_test(t, bad_input);
	tcase_add_test(t, written_forms);
	suite_add_tcase(s, t);
	return unit_run(s);
}
