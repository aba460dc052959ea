/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Tar archives: written, read back, read by GNU tar, and every kind of damage refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/tar.h"
#include "tests/unit/root.h"
#include "tests/unit/unit.h"

static char *archive;

static void make(void)
{
	root_make();
	const char *root = path_root();
	archive = xasprintf("%s/a.tar", root);
	_cleanup_free_ char *file = xasprintf("%s/file", root);
	_cleanup_free_ char *big = xcalloc(700001, 1);
	memset(big, 'x', 700000);
	ck_assert_int_eq(fs_write_atomic(file, big, 700000, 0600, NULL), 0);
	_cleanup_tar_writer_ struct tar_writer w = { .fd = -1 };
	ck_assert_int_eq(tar_write_open(&w, archive, 0600, NULL), 0);
	ck_assert_int_eq(tar_write_data(&w, "manifest.json", "{}", 2, NULL), 0);
	ck_assert_int_eq(tar_write_data(&w, "empty", "", 0, NULL), 0);
	ck_assert_int_eq(tar_write_file(&w, "blobs/sha256/big", file, NULL), 0);
	ck_assert(!fs_exists(archive));
	ck_assert_int_eq(tar_write_finish(&w, NULL), 0);
	ck_assert_int_eq(w.done, tar_member_size(2) + tar_member_size(0) + tar_member_size(700000) +
					 TAR_END_SIZE);
}

static void unmake(void)
{
	free(archive);
	root_remove();
}

/* Reads everything; what came of it, with the number of members read. */
static enum fault read_all(unsigned *ret_n)
{
	_cleanup_tar_reader_ struct tar_reader r = { .fd = -1 };
	struct err e = ERR_INIT;
	char buf[4096];
	size_t n;
	int more;
	*ret_n = 0;
	if (tar_read_open(&r, archive, &e) < 0)
		return e.fault;
	while ((more = tar_read_next(&r, &e)) > 0) {
		do
			if (tar_read(&r, buf, sizeof(buf), &n, &e) < 0)
				return e.fault;
		while (n > 0);
		++*ret_n;
	}
	return more < 0 ? e.fault : FAULT_NONE;
}

START_TEST(names)
{
	static const struct {
		const char *name;
		bool good;
	} rows[] = {
		{ "manifest.json", true },
		{ "blobs/sha256/0af", true },
		{ "k3s-v1.36.3+k3s1-amd64", true },
		{ "..a/b..", true },
		{ "", false },
		{ "/etc/passwd", false },
		{ "../x", false },
		{ "a/../b", false },
		{ "a/..", false },
		{ "a//b", false },
		{ "a/", false },
		{ "./a", false },
		{ ".", false },
		{ "a\\b", false },
		{ "a b", false },
		{ "a\nb", false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ck_assert_msg(tar_name_good(rows[i].name) == rows[i].good, "%s", rows[i].name);
	char longest[TAR_NAME_MAX + 2];
	memset(longest, 'a', sizeof(longest));
	longest[TAR_NAME_MAX + 1] = '\0';
	ck_assert(!tar_name_good(longest));
	longest[TAR_NAME_MAX] = '\0';
	ck_assert(tar_name_good(longest));
}
END_TEST

START_TEST(round_trip)
{
	make();
	_cleanup_tar_reader_ struct tar_reader r = { .fd = -1 };
	char buf[10];
	size_t n;
	ck_assert_int_eq(tar_read_open(&r, archive, NULL), 0);
	ck_assert_int_eq(tar_read_next(&r, NULL), 1);
	ck_assert_str_eq(r.name, "manifest.json");
	ck_assert_int_eq(tar_read(&r, buf, sizeof(buf), &n, NULL), 0);
	ck_assert_uint_eq(n, 2);
	ck_assert_int_eq(tar_read_next(&r, NULL), 1);
	ck_assert_int_eq(r.size, 0);
	ck_assert_int_eq(tar_read_next(&r, NULL), 1);
	ck_assert_str_eq(r.name, "blobs/sha256/big");
	ck_assert_int_eq(r.size, 700000);
	ck_assert_int_eq(tar_read_next(&r, NULL), 0); /* unread content is passed over */
	unmake();
}
END_TEST

START_TEST(other_readers)
{
	make();
	static const char *const env[] = { "PATH=/usr/bin:/bin", "LC_ALL=C", NULL };
	const char *const argv[] = { "tar", "-tvf", archive, NULL };
	const struct proc_spec spec = {
		.argv = argv, .path = "/usr/bin:/bin", .env = env, .capture_max = 4096
	};
	struct proc_result out _cleanup_proc_ = { 0 };
	ck_assert_int_eq(proc_run(&spec, &out, NULL), 0);
	ck_assert_int_eq(out.status, 0);
	ck_assert_ptr_nonnull(strstr(out.out, "-rw-r--r-- 0/0          700000 1970-01-01"));
	ck_assert_str_eq(out.err_tail, "");
	unmake();
}
END_TEST

START_TEST(cut_anywhere)
{
	make();
	_cleanup_free_ char *text = NULL;
	size_t len;
	unsigned n;
	ck_assert_int_eq(fs_read(archive, 1 << 20, &text, &len, NULL), 0);
	ck_assert_int_eq(read_all(&n), FAULT_NONE);
	ck_assert_uint_eq(n, 3);
	const size_t cuts[] = { 0,    1,    511,     512,	 513,	    1023,      1024,
				2048, 2500, len / 2, len - 1024, len - 513, len - 512, len - 1 };
	for (size_t i = 0; i < ARRAY_LEN(cuts); i++) {
		ck_assert_int_eq(fs_write_atomic(archive, text, cuts[i], 0600, NULL), 0);
		ck_assert_msg(read_all(&n) == FAULT_BUN_CUT, "cut at %zu", cuts[i]);
	}
	unmake();
}
END_TEST

/* Sets the checksum of the first header right again, as somebody who wants to deceive does. */
static void mend(char *text)
{
	unsigned sum = 8 * ' ';
	for (size_t i = 0; i < 512; i++)
		sum += i < 148 || i >= 156 ? (unsigned char)text[i] : 0;
	snprintf(text + 148, 8, "%06o", sum);
	text[155] = ' ';
}

START_TEST(damage)
{
	make();
	static const struct {
		size_t at;
		const char *bytes;
		size_t n;
		bool mended;
		enum fault fault;
	} rows[] = {
		{ 0, "M", 1, false, FAULT_BUN_FILE },	    /* checksum */
		{ 257, "gnutar", 6, true, FAULT_BUN_FILE }, /* magic */
		{ 0, "../../etc/passwd", 17, true, FAULT_BUN_MEMBER },
		{ 0, "/etc/cron.d/x", 14, true, FAULT_BUN_MEMBER },
		{ 156, "2", 1, true, FAULT_BUN_MEMBER }, /* symbolic link */
		{ 156, "1", 1, true, FAULT_BUN_MEMBER }, /* hard link */
		{ 156, "5", 1, true, FAULT_BUN_MEMBER }, /* folder */
		{ 156, "x", 1, true, FAULT_BUN_MEMBER }, /* pax */
		{ 345, "prefix", 6, true, FAULT_BUN_MEMBER },
		{ 124, "\x80", 1, true, FAULT_BUN_MEMBER },	 /* GNU's large numbers */
		{ 124, "77777777777", 11, true, FAULT_BUN_CUT }, /* more than there is */
	};
	_cleanup_free_ char *text = NULL;
	size_t len;
	unsigned n;
	ck_assert_int_eq(fs_read(archive, 1 << 20, &text, &len, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_free_ char *bad = xcalloc(len, 1);
		memcpy(bad, text, len);
		memcpy(bad + rows[i].at, rows[i].bytes, rows[i].n);
		if (rows[i].mended)
			mend(bad);
		ck_assert_int_eq(fs_write_atomic(archive, bad, len, 0600, NULL), 0);
		ck_assert_msg(read_all(&n) == rows[i].fault && n == 0, "row %zu", i);
	}
	_cleanup_free_ char *more = xcalloc(len + 512, 1);
	memcpy(more, text, len);
	memset(more + len, 'x', 512);
	ck_assert_int_eq(fs_write_atomic(archive, more, len + 512, 0600, NULL), 0);
	ck_assert_int_eq(read_all(&n), FAULT_BUN_FILE);
	unmake();
}
END_TEST

START_TEST(unfinished)
{
	make();
	_cleanup_free_ char *other = xasprintf("%s/b.tar", path_root());
	_cleanup_free_ char *part = xasprintf("%s.part", other);
	struct tar_writer w = { .fd = -1 };
	volatile sig_atomic_t cancel = 0;
	struct err e = ERR_INIT;
	ck_assert_int_eq(tar_write_open(&w, other, 0600, NULL), 0);
	w.cancel = &cancel;
	ck_assert_int_eq(tar_write_data(&w, "a", "1", 1, NULL), 0);
	ck_assert(fs_exists(part));
	cancel = 1;
	ck_assert_int_eq(tar_write_data(&w, "b", "1", 1, &e), -1);
	ck_assert_int_eq(e.fault, FAULT_CANCELLED);
	tar_write_done(&w);
	ck_assert(!fs_exists(part) && !fs_exists(other));
	unmake();
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base-tar");
	TCase *t = tcase_create("all");
	tcase_add_test(t, names);
	tcase_add_test(t, round_trip);
	tcase_add_test(t, other_readers);
	tcase_add_test(t, cut_anywhere);
	tcase_add_test(t, damage);
	tcase_add_test(t, unfinished);
	suite_add_tcase(s, t);
	return unit_run(s);
}
