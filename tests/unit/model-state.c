/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* state.json: written whole, read back, and refused with a sentence whenever it is not whole. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "model/events.h"
#include "model/paths.h"
#include "model/state.h"
#include "tests/unit/unit.h"

static char root[] = "/tmp/ess-state-XXXXXX";

static void setup(void)
{
	strcpy(root + strlen(root) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(root));
	setenv("ESS_SETUP_ROOT", root, 1);
	_cleanup_free_ char *dir = path_get(PATH_STATE_DIR);
	ck_assert_int_eq(fs_mkdir_p(dir, 0700, NULL), 0);
}

static void teardown(void)
{
	_cleanup_free_ char *path = path_get(PATH_STATE);
	unlink(path);
}

/* A state as a run leaves it: one step done with a fact, one failed with an error. */
static void make_state(struct state *s)
{
	struct err e = ERR_INIT;
	ck_assert_int_eq(state_load(s, &e), 0);
	json_object_update_new(state_run(s), json_pack("{s:s, s:s, s:s, s:i, s:i, s:s, s:i, s:n}", "id", "r", "job",
						   "install", "status", "failed", "started", 1, "ended", 2,
						   "boot_id", "b", "pid", 3, "current"));
	json_t *done = state_step(s, "preflight");
	json_object_set_new(done, "status", json_string("done"));
	json_object_set_new(done, "inputs", json_string("abc"));
	json_object_set_new(json_object_get(done, "facts"), "machine.arch", json_string("amd64"));
	json_object_set_new(state_facts(s), "machine.arch", json_string("amd64"));
	json_t *failed = state_step(s, "dns");
	err_set(&e, FAULT_TIMEOUT, "no answer from %s", "8.8.8.8");
	json_object_set_new(failed, "status", json_string("failed"));
	json_object_set_new(failed, "error", events_error(&e));
	ck_assert_int_eq(state_save(s, NULL), 0);
}

static char *file_text(void)
{
	_cleanup_free_ char *path = path_get(PATH_STATE);
	char *text = NULL;
	ck_assert_int_eq(fs_read(path, 1 << 20, &text, NULL, NULL), 0);
	return text;
}

static void put_text(const char *text, size_t len)
{
	_cleanup_free_ char *path = path_get(PATH_STATE);
	ck_assert_int_eq(fs_write_atomic(path, text, len, 0600, NULL), 0);
}

/* Loading is refused with a sentence, and the file stays as it is. */
static void refused(const char *text, size_t len, const char *why)
{
	struct state s = { 0 };
	struct err e = ERR_INIT;

	put_text(text, len);
	ck_assert_msg(state_load(&s, &e) < 0, "accepted: %s", why);
	ck_assert_msg(e.fault == FAULT_STATE_BAD || e.fault == FAULT_STATE_NEWER, "%s: fault %d", why, e.fault);
	_cleanup_free_ char *sentence = err_text(&e);
	ck_assert_msg(strstr(sentence, "state.json") != NULL, "%s: %s", why, sentence);
	_cleanup_free_ char *after = file_text();
	ck_assert_msg(strlen(after) == len && !memcmp(after, text, len), "%s: overwritten", why);
	state_done(&s);
}

START_TEST(fresh_and_back)
{
	struct state s = { 0 }, t = { 0 };
	make_state(&s);
	ck_assert_int_eq(state_load(&t, NULL), 0);
	ck_assert_int_eq(json_equal(s.root, t.root), 1);
	ck_assert_int_eq(state_step_status(&t, "preflight"), STATE_DONE);
	ck_assert_int_eq(state_step_status(&t, "dns"), STATE_FAILED);
	ck_assert_int_eq(state_step_status(&t, "ess"), STATE_NONE);
	ck_assert_str_eq(state_step_inputs(&t, "preflight"), "abc");
	ck_assert_int_eq(json_int_at(t.root, "serial", 0), 1);
	state_done(&s);
	state_done(&t);
}
END_TEST

START_TEST(mode_is_private)
{
	struct state s = { 0 };
	struct stat st;
	make_state(&s);
	_cleanup_free_ char *path = path_get(PATH_STATE);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_int_eq(st.st_mode & 07777, 0600);
	state_done(&s);
}
END_TEST

START_TEST(unknown_members_stay)
{
	struct state s = { 0 };
	make_state(&s);
	json_object_set_new(s.root, "future", json_integer(7));
	ck_assert_int_eq(state_save(&s, NULL), 0);
	state_done(&s);
	ck_assert_int_eq(state_load(&s, NULL), 0);
	ck_assert_int_eq(state_save(&s, NULL), 0);
	_cleanup_free_ char *text = file_text();
	ck_assert_ptr_nonnull(strstr(text, "\"future\": 7"));
	state_done(&s);
}
END_TEST

START_TEST(cut_at_every_byte)
{
	struct state s = { 0 };
	make_state(&s);
	_cleanup_free_ char *whole = file_text();
	/* Without its last newline it is still whole. */
	for (size_t n = 0; n + 1 < strlen(whole); n++)
		refused(whole, n, "cut");
	state_done(&s);
}
END_TEST

/* Calls fn for every object member below j, once removed and once of a wrong type. */
static unsigned each_member(json_t *top, json_t *j)
{
	unsigned n = 0;
	const char *key;
	json_t *v;
	_cleanup_strv_ char **names = NULL;

	json_object_foreach(j, key, v)
		strv_add(&names, xstrdup(key));
	for (size_t i = 0; i < strv_len(names); i++) {
		const char *name = names[i];
		json_t *kept = json_incref(json_object_get(j, name));

		json_object_del(j, name);
		_cleanup_free_ char *without = json_pretty(top);
		refused(without, strlen(without), name);

		json_object_set_new(j, name, json_true());
		_cleanup_free_ char *wrong = json_pretty(top);
		/* A fact may be of any type. */
		if (strcmp(name, "machine.arch"))
			refused(wrong, strlen(wrong), name);
		json_object_set_new(j, name, kept);
		n += 1 + each_member(top, kept);
	}
	return n;
}

START_TEST(any_member_missing_or_wrong)
{
	struct state s = { 0 };
	make_state(&s);
	/* Steps as a whole may be missing one by one: a step that was never begun has no record. */
	json_object_del(json_object_get(s.root, "steps"), "dns");
	_cleanup_json_ json_t *top = json_deep_copy(s.root);
	ck_assert_uint_ge(each_member(top, top), 26);
	state_done(&s);
}
END_TEST

static const char *const bad_texts[] = {
	"[]", "null", "\"\"", "{}", "{\"format\": 1}", "\xff\xfe", "{\"format\": 1, \"format\": 1}",
	"{\"format\": \"1\"}", "not json at all",
};

START_TEST(other_texts)
{
	refused(bad_texts[_i], strlen(bad_texts[_i]), bad_texts[_i]);
}
END_TEST

START_TEST(newer_format)
{
	struct state s = { 0 }, t = { 0 };
	struct err e = ERR_INIT;
	make_state(&s);
	json_object_set_new(s.root, "format", json_integer(STATE_FORMAT + 1));
	_cleanup_free_ char *text = json_pretty(s.root);
	put_text(text, strlen(text));
	ck_assert_int_lt(state_load(&t, &e), 0);
	ck_assert_int_eq(e.fault, FAULT_STATE_NEWER);
	state_done(&s);
}
END_TEST

START_TEST(reset_sets_aside)
{
	struct state s = { 0 };
	put_text("broken", 6);
	_cleanup_free_ char *aside = NULL;
	ck_assert_int_eq(state_reset(&aside, NULL), 0);
	_cleanup_free_ char *kept = NULL;
	ck_assert_int_eq(fs_read(aside, 100, &kept, NULL, NULL), 0);
	ck_assert_str_eq(kept, "broken");
	ck_assert_int_eq(state_load(&s, NULL), 0);
	state_done(&s);
	unlink(aside);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("state");
	TCase *t = tcase_create("state");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_set_timeout(t, 60);
	tcase_add_test(t, fresh_and_back);
	tcase_add_test(t, mode_is_private);
	tcase_add_test(t, unknown_members_stay);
	tcase_add_test(t, cut_at_every_byte);
	tcase_add_test(t, any_member_missing_or_wrong);
	tcase_add_loop_test(t, other_texts, 0, (int)(sizeof(bad_texts) / sizeof(bad_texts[0])));
	tcase_add_test(t, newer_format);
	tcase_add_test(t, reset_sets_aside);
	suite_add_tcase(s, t);
	return unit_run(s);
}
