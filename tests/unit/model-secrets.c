/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* secrets.json: sealed, bound to the names, and refused as soon as a byte is wrong. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/json.h"
#include "model/secrets.h"
#include "tests/unit/root.h"

#define CANARY "canary-7f3a-secret"

static mode_t mode_of(enum path_id id)
{
	struct stat st;
	_cleanup_free_ char *path = path_get(id);
	ck_assert_int_eq(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static char *contents(enum path_id id, size_t *len)
{
	_cleanup_free_ char *path = path_get(id);
	char *buf = NULL;
	ck_assert_int_eq(fs_read(path, 1 << 20, &buf, len, NULL), 0);
	return buf;
}

static struct secrets *must_open(void)
{
	struct err e = ERR_INIT;
	struct secrets *s = secrets_open(&e);
	_cleanup_free_ char *text = err_text(&e);
	ck_assert_msg(s != NULL, "%s", text);
	return s;
}

static void refused(const char *what)
{
	struct err e = ERR_INIT;
	struct secrets *s = secrets_open(&e);
	_cleanup_free_ char *text = err_text(&e);
	ck_assert_msg(s == NULL, "opened: %s", what);
	ck_assert_msg(e.fault == FAULT_SECRETS_BAD, "%s: %s", what, text);
	ck_assert_msg(!strstr(text, CANARY), "%s", text);
}

static void store_two(void)
{
	struct secrets *s = must_open();
	ck_assert_int_eq(secrets_set(s, "admin.password", CANARY, NULL), 0);
	ck_assert_int_eq(secrets_set(s, "smtp.password", "another $(secret) \"quoted\"", NULL), 0);
	secrets_close(s);
}

static void overwrite(enum path_id id, const char *data, size_t len)
{
	_cleanup_free_ char *path = path_get(id);
	unlink(path);
	root_write(id, data, len);
}

static void count_names(void *arg, const char *name)
{
	ck_assert(!strcmp(name, "admin.password") || !strcmp(name, "smtp.password"));
	++*(unsigned *)arg;
}

START_TEST(kept_and_found_again)
{
	unsigned names = 0;
	struct secrets *s = must_open();
	ck_assert_ptr_null(secrets_get(s, "admin.password"));
	secrets_close(s);
	store_two();
	s = must_open();
	ck_assert_str_eq(secrets_get(s, "admin.password"), CANARY);
	ck_assert_str_eq(secrets_get(s, "smtp.password"), "another $(secret) \"quoted\"");
	secrets_each(s, count_names, &names);
	ck_assert_uint_eq(names, 2);
	ck_assert_int_eq(secrets_set(s, "admin.password", NULL, NULL), 0);
	ck_assert_ptr_null(secrets_get(s, "admin.password"));
	secrets_close(s);
	s = must_open();
	ck_assert_ptr_null(secrets_get(s, "admin.password"));
	ck_assert_ptr_nonnull(secrets_get(s, "smtp.password"));
	secrets_close(s);
	ck_assert_ptr_null(secrets_close(NULL));
}
END_TEST

START_TEST(modes_and_contents)
{
	size_t len;
	store_two();
	ck_assert_uint_eq(mode_of(PATH_KEY), 0400);
	ck_assert_uint_eq(mode_of(PATH_SECRETS), 0600);
	ck_assert_uint_eq(mode_of(PATH_STATE_DIR), 0700);
	_cleanup_free_ char *key = contents(PATH_KEY, &len);
	ck_assert(key && len == CRYPTO_KEY_LEN);
	_cleanup_free_ char *text = contents(PATH_SECRETS, &len);
	ck_assert_ptr_null(strstr(text, CANARY));
	_cleanup_free_ char *encoded = crypto_base64(CANARY, strlen(CANARY));
	ck_assert_ptr_null(strstr(text, encoded));
	_cleanup_json_ json_t *root = json_parse(text, len, FAULT_IO, "", NULL);
	ck_assert_int_eq(json_int_at(root, "format", 0), 1);
	ck_assert_uint_eq(json_object_size(json_object_get(root, "values")), 2);
}
END_TEST

START_TEST(same_value_does_not_write)
{
	size_t a, b;
	store_two();
	_cleanup_free_ char *before = contents(PATH_SECRETS, &a);
	struct secrets *s = must_open();
	ck_assert_int_eq(secrets_set(s, "admin.password", CANARY, NULL), 0);
	ck_assert_int_eq(secrets_set(s, "never.was", NULL, NULL), 0);
	secrets_close(s);
	_cleanup_free_ char *after = contents(PATH_SECRETS, &b);
	ck_assert_str_eq(before, after);
}
END_TEST

START_TEST(digest_key_is_stable_and_another)
{
	size_t len;
	unsigned char first[CRYPTO_KEY_LEN];
	struct secrets *s = must_open();
	memcpy(first, secrets_digest_key(s), sizeof(first));
	secrets_close(s);
	s = must_open();
	ck_assert_mem_eq(first, secrets_digest_key(s), sizeof(first));
	secrets_close(s);
	_cleanup_free_ char *key = contents(PATH_KEY, &len);
	ck_assert_mem_ne(first, key, sizeof(first));
}
END_TEST

START_TEST(missing_key_is_refused)
{
	_cleanup_free_ char *path = path_get(PATH_KEY);
	store_two();
	ck_assert_int_eq(unlink(path), 0);
	refused("no key");
	ck_assert_msg(!fs_exists(path), "a new key was made, and the secrets are lost");
}
END_TEST

START_TEST(other_key_is_refused)
{
	static const size_t lengths[] = { 0, 1, 31, 33, 4000 };
	char buf[4096] = { 0 };
	store_two();
	overwrite(PATH_KEY, buf, CRYPTO_KEY_LEN);
	refused("another key");
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		overwrite(PATH_KEY, buf, lengths[i]);
		refused("a key of a wrong length");
	}
}
END_TEST

/* Each byte changed, and the file cut behind each: refused, or nothing that counts was changed (the
 * last character of base64 has bits that mean nothing); never another value. */
static void still_right_or_refused(void)
{
	struct err e = ERR_INIT;
	struct secrets *s = secrets_open(&e);
	if (s) {
		ck_assert_str_eq(secrets_get(s, "admin.password"), CANARY);
		ck_assert_str_eq(secrets_get(s, "smtp.password"), "another $(secret) \"quoted\"");
		secrets_close(s);
		return;
	}
	_cleanup_free_ char *text = err_text(&e);
	ck_assert_msg(e.fault == FAULT_SECRETS_BAD, "%s", text);
	ck_assert_ptr_null(strstr(text, CANARY));
}

START_TEST(every_byte_counts)
{
	static const unsigned char flips[] = { 0x01, 0x20, 0x80 };
	size_t len;
	store_two();
	_cleanup_free_ char *good = contents(PATH_SECRETS, &len);
	_cleanup_free_ char *bad = xstrdup(good);
	for (size_t i = 0; i < len; i++) {
		for (size_t f = 0; f < ARRAY_LEN(flips); f++) {
			bad[i] = (char)(good[i] ^ flips[f]);
			overwrite(PATH_SECRETS, bad, len);
			still_right_or_refused();
			bad[i] = good[i];
		}
		overwrite(PATH_SECRETS, good, i);
		still_right_or_refused();
	}
}
END_TEST

START_TEST(values_are_bound_to_names)
{
	size_t len;
	store_two();
	_cleanup_free_ char *text = contents(PATH_SECRETS, &len);
	_cleanup_json_ json_t *root = json_parse(text, len, FAULT_IO, "", NULL);
	json_t *values = json_object_get(root, "values");
	_cleanup_free_ char *a =
		xstrdup(json_string_value(json_object_get(values, "admin.password")));
	json_object_set(values, "admin.password", json_object_get(values, "smtp.password"));
	json_object_set_new(values, "smtp.password", json_string(a));
	_cleanup_free_ char *swapped = json_pretty(root);
	overwrite(PATH_SECRETS, swapped, strlen(swapped));
	refused("two values swapped");
}
END_TEST

START_TEST(other_shapes_are_refused)
{
	static const char *const files[] = {
		"",
		"[]",
		"{}",
		"{\"format\": 1}",
		"{\"format\": 1, \"values\": []}",
		"{\"format\": 2, \"values\": {}}",
		"{\"format\": \"1\", \"values\": {}}",
		"{\"format\": 0, \"values\": {}}",
		"{\"values\": {}}",
		"{\"format\": 1, \"values\": {\"a\": 1}}",
		"{\"format\": 1, \"values\": {\"a\": \"\"}}",
		"{\"format\": 1, \"values\": {\"a\": \"not base64\"}}",
		"{\"format\": 1, \"values\": {\"a\": \"AAAA\"}}",
	};
	struct secrets *s = must_open();
	secrets_close(s);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		overwrite(PATH_SECRETS, files[i], strlen(files[i]));
		refused(files[i]);
	}
}
END_TEST

START_TEST(failed_write_changes_nothing)
{
	struct err e = ERR_INIT;
	store_two();
	struct secrets *s = must_open();
	_cleanup_free_ char *path = path_get(PATH_SECRETS);
	_cleanup_free_ char *in_the_way = xasprintf("%s.new", path);
	/* A folder where the new file is to be written: works for root, too, who ignores modes. */
	ck_assert_int_eq(mkdir(in_the_way, 0700), 0);
	ck_assert_int_eq(secrets_set(s, "admin.password", "new-password", &e), -1);
	ck_assert_int_eq(e.fault, FAULT_IO);
	ck_assert_str_eq(secrets_get(s, "admin.password"), CANARY);
	ck_assert_int_eq(secrets_set(s, "third", "new-secret", NULL), -1);
	ck_assert_ptr_null(secrets_get(s, "third"));
	secrets_close(s);
	s = must_open();
	ck_assert_str_eq(secrets_get(s, "admin.password"), CANARY);
	secrets_close(s);
}
END_TEST

START_TEST(redaction_knows_them)
{
	store_two();
	struct secrets *s = must_open();
	struct redact *r = redact_new();
	secrets_redact(s, r);
	_cleanup_free_ char *clean = redact_text(r, "the password " CANARY " was refused");
	ck_assert_ptr_null(strstr(clean, CANARY));
	redact_free(r);
	secrets_close(s);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("secrets");
	TCase *t = tcase_create("secrets");
	tcase_add_checked_fixture(t, root_make, root_remove);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, kept_and_found_again);
	tcase_add_test(t, modes_and_contents);
	tcase_add_test(t, same_value_does_not_write);
	tcase_add_test(t, digest_key_is_stable_and_another);
	tcase_add_test(t, missing_key_is_refused);
	tcase_add_test(t, other_key_is_refused);
	tcase_add_test(t, every_byte_counts);
	tcase_add_test(t, values_are_bound_to_names);
	tcase_add_test(t, other_shapes_are_refused);
	tcase_add_test(t, failed_write_changes_nothing);
	tcase_add_test(t, redaction_knows_them);
	suite_add_tcase(s, t);
	return unit_run(s);
}
