/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* base/crypto: known vectors, round trips, passwords. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/mem.h"
#include "tests/unit/unit.h"

static const unsigned char key[CRYPTO_KEY_LEN] = "0123456789abcdef0123456789abcde";

START_TEST(hashes)
{
	/* FIPS 180-4 examples */
	_cleanup_free_ char *empty = crypto_sha256("", 0);
	ck_assert_str_eq(empty, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
	_cleanup_free_ char *abc = crypto_sha256("abc", 3);
	ck_assert_str_eq(abc, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	/* RFC 4231, case 1: a shorter key is the same as one filled up with zeros */
	static const unsigned char b[CRYPTO_KEY_LEN] = {11, 11, 11, 11, 11, 11, 11, 11, 11, 11,
							11, 11, 11, 11, 11, 11, 11, 11, 11, 11};
	_cleanup_free_ char *mac = crypto_hmac(b, "Hi There", 8);
	ck_assert_str_eq(mac, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
}
END_TEST

START_TEST(hash_in_pieces)
{
	struct crypto_hash *h = crypto_hash_new();
	for (int round = 0; round < 2; round++) {
		crypto_hash_add(h, "a", 1);
		_cleanup_free_ char *a = crypto_hash_text(h), *one = crypto_sha256("a", 1);
		ck_assert_str_eq(a, one); /* and it goes on */
		crypto_hash_add(h, "bc", 2);
		_cleanup_free_ char *abc = crypto_hash_text(h), *three = crypto_sha256("abc", 3);
		ck_assert_str_eq(abc, three);
		crypto_hash_restart(h);
	}
	ck_assert_ptr_null(crypto_hash_free(h));
	ck_assert_ptr_null(crypto_hash_free(NULL));
}
END_TEST

START_TEST(hash_of_file)
{
	struct err e = ERR_INIT;
	char path[] = "/tmp/base-crypto.XXXXXX";
	_cleanup_close_ int fd = mkstemp(path);
	_cleanup_free_ char *million = xcalloc(1000001, 1);
	memset(million, 'a', 1000000);
	ck_assert_int_eq(write(fd, million, 1000000), 1000000);
	_cleanup_free_ char *h = crypto_sha256_file(path, &e);
	unlink(path);
	ck_assert_str_eq(h, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
	ck_assert_ptr_null(crypto_sha256_file(path, &e));
	ck_assert_int_eq(e.fault, FAULT_IO);
	ck_assert_str_eq(e.args[0], path);
}
END_TEST

static const struct {
	const char *plain, *coded;
} base64[] = {
    /* RFC 4648, section 10 */
    {"", ""},
    {"f", "Zg=="},
    {"fo", "Zm8="},
    {"foo", "Zm9v"},
    {"foob", "Zm9vYg=="},
    {"fooba", "Zm9vYmE="},
    {"foobar", "Zm9vYmFy"},
    {"\xff\xef\xbe", "/+++"},
};

START_TEST(base64_vectors)
{
	_cleanup_free_ unsigned char *back = NULL;
	size_t n = 0;
	_cleanup_free_ char *coded = crypto_base64(base64[_i].plain, strlen(base64[_i].plain));
	ck_assert_str_eq(coded, base64[_i].coded);
	ck_assert_int_eq(crypto_unbase64(coded, &back, &n), 0);
	ck_assert_uint_eq(n, strlen(base64[_i].plain));
	ck_assert_mem_eq(back, base64[_i].plain, n);
}
END_TEST

START_TEST(base64_refused)
{
	static const char *const bad[] = {"Z",	    "Zg",   "Zg=",  "Zg=a",	"====", "Z===",
					  "Zm9v\n", "Zh==", "Zm9=", "Zg==Zg==", "Zm-v", "Zm9v===="};
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		unsigned char *back = NULL;
		size_t n;
		ck_assert_msg(crypto_unbase64(bad[i], &back, &n) == -1, "%s", bad[i]);
		ck_assert_ptr_null(back);
	}
}
END_TEST

START_TEST(sealed_boxes)
{
	struct err e = ERR_INIT;
	static const char *const plains[] = {"", "x", "correct horse battery staple",
					     "multi\nline\n"};
	for (size_t i = 0; i < ARRAY_LEN(plains); i++) {
		_cleanup_free_ char *box =
		    crypto_seal(key, plains[i], strlen(plains[i]), "name", &e);
		_cleanup_free_ char *other =
		    crypto_seal(key, plains[i], strlen(plains[i]), "name", &e);
		ck_assert_str_ne(box, other);
		_cleanup_secret_ char *back = NULL;
		size_t n = 99;
		ck_assert_int_eq(crypto_open(key, box, "name", &back, &n, &e), 0);
		ck_assert_str_eq(back, plains[i]);
		ck_assert_uint_eq(n, strlen(plains[i]));
	}
}
END_TEST

START_TEST(boxes_that_do_not_open)
{
	unsigned char wrong[CRYPTO_KEY_LEN];
	memcpy(wrong, key, sizeof(wrong));
	wrong[31] ^= 1;
	_cleanup_free_ char *box = crypto_seal(key, "secret", 6, "name", NULL);
	for (size_t i = 0; box[i] && box[i] != '='; i++) { /* any changed character */
		_cleanup_free_ char *changed = xstrdup(box);
		struct err e = ERR_INIT;
		char *back = NULL;
		changed[i] = changed[i] == 'A' ? 'B' : 'A';
		ck_assert_int_eq(crypto_open(key, changed, "name", &back, NULL, &e), -1);
		ck_assert_int_eq(e.fault, FAULT_SECRETS_BAD);
		ck_assert_ptr_null(back);
	}
	static const char *const texts[] = {"", "!!!!", "AAAA"};
	char *back = NULL;
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		ck_assert_int_eq(crypto_open(key, texts[i], "name", &back, NULL, NULL), -1);
	ck_assert_int_eq(crypto_open(wrong, box, "name", &back, NULL, NULL), -1);
	ck_assert_int_eq(crypto_open(key, box, "other name", &back, NULL, NULL), -1);
	ck_assert_ptr_null(back);
}
END_TEST

START_TEST(passwords)
{
	unsigned char seen[256] = {0};
	for (int i = 0; i < 1000; i++) {
		struct err e = ERR_INIT;
		size_t len = i < 200 ? 4 : 32;
		_cleanup_secret_ char *p = crypto_password(len, &e);
		ck_assert_uint_eq(strlen(p), len);
		unsigned lower = 0, upper = 0, digit = 0, special = 0;
		for (char *c = p; *c; c++) {
			seen[(unsigned char)*c] = 1;
			if (*c >= 'a' && *c <= 'z')
				lower++;
			else if (*c >= 'A' && *c <= 'Z')
				upper++;
			else if (*c >= '0' && *c <= '9')
				digit++;
			else if (*c > ' ' && *c < 0x7f && !strchr("'\"\\$`&<>|;:#%{}[]", *c))
				special++;
		}
		ck_assert(lower && upper && digit && special &&
			  lower + upper + digit + special == len);
	}
	unsigned kinds = 0;
	for (size_t i = 0; i < 256; i++)
		kinds += seen[i];
	ck_assert_uint_eq(kinds, 26 + 26 + 10 + 8);
	ck_assert_ptr_null(crypto_password(3, NULL));
}
END_TEST

START_TEST(uuids)
{
	_cleanup_free_ char *a = crypto_uuid(NULL), *b = crypto_uuid(NULL);
	ck_assert_str_ne(a, b);
	ck_assert_uint_eq(strlen(a), 36);
	ck_assert(a[8] == '-' && a[13] == '-' && a[14] == '4' && a[18] == '-' &&
		  strchr("89ab", a[19]));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("crypto");
	TCase *t = tcase_create("crypto");
	tcase_add_test(t, hashes);
	tcase_add_test(t, hash_in_pieces);
	tcase_add_test(t, hash_of_file);
	tcase_add_loop_test(t, base64_vectors, 0, ARRAY_LEN(base64));
	tcase_add_test(t, base64_refused);
	tcase_add_test(t, sealed_boxes);
	tcase_add_test(t, boxes_that_do_not_open);
	tcase_add_test(t, passwords);
	tcase_add_test(t, uuids);
	suite_add_tcase(s, t);
	return unit_run(s);
}
