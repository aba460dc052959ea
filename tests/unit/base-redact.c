/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* base/redact: every form of a secret disappears, and nothing else. */
#include <string.h>

#include "base/crypto.h"
#include "base/mem.h"
#include "base/redact.h"
#include "tests/unit/unit.h"

static const struct {
	const char *secret, *text, *want;
} cases[] = {
    {"hunter2!", "say hunter2! twice hunter2!", "say [secret] twice [secret]"},
    {"hunter2!", "hunter2", "hunter2"},
    {"hunter2!", "hunter2!hunter2!", "[secret]"},
    {"short", "a short text", "a short text"}, /* too short to search for */
    {"p@ss w\"rd", "q=p%40ss%20w%22rd&x", "q=[secret]&x"},
    {"p/ss?w/rd", "p%2fss%3fw%2frd", "[secret]"},
    {"p@ss w\"rd", "q=p%40ss+w%22rd", "q=[secret]"},
    {"p@ss w\"rd\\", "{\"k\":\"p@ss w\\\"rd\\\\\"}", "{\"k\":\"[secret]\"}"},
    {"a/b/c/d/e", "{\"k\":\"a\\/b\\/c\\/d\\/e\"}", "{\"k\":\"[secret]\"}"},
    {"pass\xe4\xb8\xadword", "\"pass\\u4E2Dword\" \"pass\\u4e2dword\"",
     "\"[secret]\" \"[secret]\""},
    {"first-line\nsecond-line\r\nabc", "x first-line y second-line z abc",
     "x [secret] y [secret] z abc"},
    {"first-line\nsecond-line", "k: \"first-line\\nsecond-line\"", "k: \"[secret]\""},
    {"aaaaaab", "aaaaaaab", "a[secret]"},
    {"abcabc", "abcabcabc", "[secret]"},
};

START_TEST(forms)
{
	struct redact *r = redact_new();
	redact_add(r, cases[_i].secret);
	_cleanup_free_ char *got = redact_text(r, cases[_i].text);
	ck_assert_str_eq(got, cases[_i].want);
	ck_assert_ptr_null(redact_free(r));
}
END_TEST

/* "user:" before and something behind, so that the secret starts at every alignment. */
START_TEST(base64_alignments)
{
	static const char secret[] = "S3cret?>~value";
	struct redact *r = redact_new();
	redact_add(r, secret);
	for (int url = 0; url < 2; url++) {
		_cleanup_free_ char *plain =
		    xasprintf("%.*s%s%s", _i / 4, "user:", secret, &"tail"[_i % 4]);
		_cleanup_free_ char *coded = crypto_base64(plain, strlen(plain));
		for (char *p = coded; url && *p; p++)
			*p = *p == '+' ? '-' : *p == '/' ? '_' : *p;
		_cleanup_free_ char *got = redact_text(r, coded);
		ck_assert_msg(strstr(got, "[secret]"), "%s: %s", plain, got);
		/* At most one half-decided character is left on each side. */
		ck_assert_uint_le(strlen(got),
				  strlen(coded) - strlen(secret) * 8 / 6 + 1 + strlen("[secret]"));
	}
	redact_free(r);
}
END_TEST

START_TEST(overlaps)
{
	struct redact *r = redact_new();
	redact_add(r, "abcdefgh");
	redact_add(r, "efghijkl");
	redact_add(r, "abcdefgh"); /* once more is no harm */
	_cleanup_free_ char *got = redact_text(r, "<abcdefghijkl>");
	ck_assert_str_eq(got, "<[secret]>");
	redact_free(r);
}
END_TEST

START_TEST(nothing_to_hide)
{
	struct redact *r = redact_new();
	_cleanup_free_ char *a = redact_text(NULL, "text"), *b = redact_text(r, "text");
	redact_add(r, "");
	_cleanup_free_ char *c = redact_text(r, "");
	ck_assert_str_eq(a, "text");
	ck_assert_str_eq(b, "text");
	ck_assert_str_eq(c, "");
	redact_free(r);
	ck_assert_ptr_null(redact_free(NULL));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("redact");
	TCase *t = tcase_create("redact");
	tcase_add_loop_test(t, forms, 0, ARRAY_LEN(cases));
	tcase_add_loop_test(t, base64_alignments, 0, 24);
	tcase_add_test(t, overlaps);
	tcase_add_test(t, nothing_to_hide);
	suite_add_tcase(s, t);
	return unit_run(s);
}
