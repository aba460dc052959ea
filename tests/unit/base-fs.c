/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* base/fs: reading, atomic replacement and its failures, folders, links, the lock. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/text.h"
#include "tests/unit/unit.h"

static char dir[64];
static char file[96];

static void setup(void)
{
	strcpy(dir, "/tmp/base-fs.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(file, sizeof(file), "%s/file", dir);
}

static void teardown(void)
{
	static const char *const names[] = {"file",  "file.new", "link", "lock",
					    "a/b/c", "a/b",	 "a",	 "full"};
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		char path[128];
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		if (unlink(path) < 0)
			rmdir(path);
	}
	ck_assert_int_eq(rmdir(dir), 0); /* nothing else was left behind */
}

static mode_t mode_of(const char *path)
{
	struct stat st;
	ck_assert_int_eq(lstat(path, &st), 0);
	return st.st_mode & 07777;
}

static void put(const char *text)
{
	struct err e = ERR_INIT;
	ck_assert_int_eq(fs_write_atomic(file, text, strlen(text), 0600, &e), 0);
}

static void assert_holds(const char *text)
{
	_cleanup_free_ char *s = NULL;
	ck_assert_int_eq(fs_read(file, 100, &s, NULL, NULL), 0);
	ck_assert_str_eq(s, text);
}

START_TEST(reading)
{
	struct err e = ERR_INIT;
	char *s = NULL;
	size_t n = 0;
	ck_assert_int_eq(fs_read(file, 10, &s, &n, &e), -1);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_int_eq(e.fault, FAULT_IO);
	ck_assert_int_eq(fs_write_atomic(file, "0123456\0009", 9, 0644, NULL), 0);
	ck_assert_int_eq(fs_read(file, 9, &s, &n, NULL), 0);
	ck_assert_uint_eq(n, 9);
	ck_assert_mem_eq(s, "0123456\0009", 10);
	free(s);
	s = NULL;
	err_clear(&e);
	ck_assert_int_eq(fs_read(file, 8, &s, &n, &e), -1);
	ck_assert_int_eq(errno, EFBIG);
	ck_assert_int_eq(fs_read(dir, 8, &s, &n, NULL), -1);
	ck_assert_int_eq(errno, EISDIR);
	ck_assert_ptr_null(s);
	_cleanup_free_ char *proc = NULL; /* whose size is 0 for stat */
	ck_assert_int_eq(fs_read("/proc/self/status", 1 << 16, &proc, &n, NULL), 0);
	ck_assert(text_starts(proc, "Name:"));
}
END_TEST

START_TEST(reading_a_fifo_does_not_hang)
{
	char *s = NULL;
	ck_assert_int_eq(mkfifo(file, 0600), 0);
	ck_assert_int_eq(fs_read(file, 10, &s, NULL, NULL), -1);
	ck_assert_int_eq(errno, EINVAL);
}
END_TEST

START_TEST(replacing)
{
	umask(0);
	put("old");
	ck_assert_uint_eq(mode_of(file), 0600);
	umask(077);
	ck_assert_int_eq(fs_write_atomic(file, "new", 3, 0644, NULL), 0);
	ck_assert_uint_eq(mode_of(file), 0644);
	assert_holds("new");
	ck_assert_int_eq(fs_write_atomic(file, NULL, 0, 0600, NULL), 0);
	assert_holds("");
}
END_TEST

/* What a crash may have left at the temporary name is neither followed nor in the way. */
START_TEST(stale_successor)
{
	_cleanup_free_ char *fresh = xasprintf("%s.new", file), *victim = xasprintf("%s/a", dir);
	ck_assert_int_eq(fs_write_atomic(victim, "keep", 4, 0600, NULL), 0);
	ck_assert_int_eq(symlink(victim, fresh), 0);
	put("text");
	assert_holds("text");
	ck_assert(!fs_exists(fresh));
	ck_assert_int_eq(fs_same(victim, "keep", 4, 0600, NULL), 1);
}
END_TEST

START_TEST(file_size_limit)
{
	struct err e = ERR_INIT;
	_cleanup_free_ char *fresh = xasprintf("%s.new", file);
	static char big[8192];
	put("old");
	signal(SIGXFSZ, SIG_IGN);
	struct rlimit rl = {4096, RLIM_INFINITY};
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &rl), 0);
	int r = fs_write_atomic(file, big, sizeof(big), 0600, &e);
	rl.rlim_cur = RLIM_INFINITY;
	setrlimit(RLIMIT_FSIZE, &rl);
	ck_assert_int_eq(r, -1);
	ck_assert_int_eq(e.fault, FAULT_IO);
	ck_assert_str_eq(e.args[0], file);
	assert_holds("old");
	ck_assert(!fs_exists(fresh));
}
END_TEST

/* A tmpfs of one page in a mount namespace of our own, where the kernel lets us. */
START_TEST(full_disk)
{
	struct err e = ERR_INIT;
	static char big[65536];
	_cleanup_free_ char *full = xasprintf("%s/full", dir);
	_cleanup_free_ char *path = xasprintf("%s/x", full);
	ck_assert_int_eq(mkdir(full, 0700), 0);
	if ((unshare(CLONE_NEWNS) < 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0) ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("tmpfs", full, "tmpfs", 0, "size=16k") < 0)
		return;
	ck_assert_int_eq(fs_write_atomic(path, "old", 3, 0600, NULL), 0);
	ck_assert_int_eq(fs_write_atomic(path, big, sizeof(big), 0600, &e), -1);
	ck_assert_int_eq(e.fault, FAULT_NO_SPACE);
	ck_assert_int_eq(fs_same(path, "old", 3, 0600, NULL), 1);
	ck_assert_int_eq(fs_write_atomic(path, "new", 3, 0600, NULL),
			 0); /* its space was given back */
	ck_assert_int_eq(umount(full), 0);
}
END_TEST

START_TEST(missing_folder)
{
	struct err e = ERR_INIT;
	_cleanup_free_ char *path = xasprintf("%s/a/b", dir);
	ck_assert_int_eq(fs_write_atomic(path, "x", 1, 0600, &e), -1);
	ck_assert_int_eq(errno, ENOENT);
	ck_assert_int_eq(e.fault, FAULT_IO);
}
END_TEST

START_TEST(a_folder_stands_in_the_way)
{
	struct err e = ERR_INIT;
	_cleanup_free_ char *path = xasprintf("%s/a", dir), *fresh = xasprintf("%s.new", path);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(fs_write_atomic(path, "x", 1, 0600, &e), -1);
	ck_assert_int_eq(errno, EISDIR);
	ck_assert(!fs_exists(fresh));
}
END_TEST

START_TEST(sameness)
{
	put("text");
	ck_assert_int_eq(fs_same(file, "text", 4, 0600, NULL), 1);
	ck_assert_int_eq(fs_same(file, "text", 4, 0644, NULL), 0);
	ck_assert_int_eq(fs_same(file, "texT", 4, 0600, NULL), 0);
	ck_assert_int_eq(fs_same(file, "tex", 3, 0600, NULL), 0);
	ck_assert_int_eq(fs_same(file, "text+", 5, 0600, NULL), 0);
	ck_assert_int_eq(fs_same(dir, "", 0, 0700, NULL), 0);
	_cleanup_free_ char *below = xasprintf("%s/x", file);
	ck_assert_int_eq(fs_same(below, "", 0, 0700, NULL), 0);
	put("");
	ck_assert_int_eq(fs_same(file, NULL, 0, 0600, NULL), 1);
}
END_TEST

START_TEST(folders)
{
	struct err e = ERR_INIT;
	_cleanup_free_ char *c = xasprintf("%s/a/b//c/", dir), *b = xasprintf("%s/a/b", dir);
	umask(077);
	ck_assert_int_eq(fs_mkdir_p(c, 0700, &e), 0);
	ck_assert_uint_eq(mode_of(c), 0700);
	ck_assert_uint_eq(mode_of(b), 0755);
	ck_assert_int_eq(fs_mkdir_p(b, 0700, &e), 0);
	ck_assert_uint_eq(mode_of(b), 0755); /* an existing one stays as it is */
	put("");
	_cleanup_free_ char *below = xasprintf("%s/x", file);
	ck_assert_int_eq(fs_mkdir_p(file, 0700, &e), -1);
	ck_assert_int_eq(errno, ENOTDIR);
	ck_assert_int_eq(fs_mkdir_p(below, 0700, NULL), -1);
	ck_assert_int_eq(fs_mkdir_p("", 0700, NULL), -1);
	ck_assert_int_eq(fs_mkdir_p("/", 0700, NULL), 0);
}
END_TEST

START_TEST(links_and_removal)
{
	char target[16] = "";
	_cleanup_free_ char *link = xasprintf("%s/link", dir);
	ck_assert_int_eq(fs_symlink("one", link, NULL), 0);
	ck_assert_int_eq(fs_symlink("two", link, NULL), 0);
	ck_assert_int_eq(readlink(link, target, sizeof(target)), 3);
	ck_assert_mem_eq(target, "two", 3);
	ck_assert(!fs_exists(link));
	ck_assert_int_eq(fs_remove(link, NULL), 0);
	ck_assert_int_eq(fs_remove(link, NULL), 0);
	struct err e = ERR_INIT;
	ck_assert_int_eq(fs_remove(dir, &e), -1);
	ck_assert_int_eq(e.fault, FAULT_IO);
}
END_TEST

START_TEST(lock)
{
	struct err e = ERR_INIT;
	int ready[2], go[2];
	char c;
	_cleanup_free_ char *path = xasprintf("%s/lock", dir);
	ck_assert_int_eq(fs_lock_holder(path, &e), 0);
	ck_assert_int_eq(pipe(ready), 0);
	ck_assert_int_eq(pipe(go), 0);
	pid_t child = fork();
	if (child == 0) {
		int fd = fs_lock(path, NULL);
		ssize_t n = write(ready[1], fd >= 0 ? "y" : "n", 1);
		_exit(read(go[0], &c, 1) == 1 && n == 1 ? 0 : 1);
	}
	ck_assert(read(ready[0], &c, 1) == 1 && c == 'y');
	ck_assert_int_eq(fs_lock_holder(path, &e), child);
	ck_assert_int_eq(fs_lock(path, &e), -1);
	ck_assert_int_eq(e.fault, FAULT_LOCKED);
	ck_assert_int_eq(atol(e.args[0]), child);
	ck_assert_int_eq(kill(child, SIGKILL), 0); /* the kernel lets go for it */
	ck_assert_int_eq(waitpid(child, NULL, 0), child);
	ck_assert_int_eq(fs_lock_holder(path, NULL), 0);
	_cleanup_close_ int fd = fs_lock(path, NULL);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(fs_lock_holder(path, NULL), getpid());
	ck_assert_uint_eq(mode_of(path), 0644);
	ck_assert_int_eq(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
}
END_TEST

START_TEST(standard_descriptors)
{
	pid_t child = fork();
	if (child == 0) {
		close(0);
		close(2);
		fs_open_std_fds();
		_exit(fcntl(0, F_GETFD) == 0 && fcntl(1, F_GETFD) == 0 && fcntl(2, F_GETFD) == 0
			  ? 0
			  : 1);
	}
	int st = -1;
	ck_assert_int_eq(waitpid(child, &st, 0), child);
	ck_assert_int_eq(st, 0);
}
END_TEST

START_TEST(copies)
{
	struct err e = ERR_INIT;
	char from[128], big[200001];
	snprintf(from, sizeof(from), "%s/full", dir);
	memset(big, 'x', sizeof(big));
	ck_assert_int_eq(fs_copy_atomic(from, file, 0700, &e), -1); /* nothing there */
	ck_assert_int_eq(e.fault, FAULT_IO);
	ck_assert(!fs_exists(file));
	ck_assert_int_eq(fs_same_file(from, file, 0700, NULL), -1);
	ck_assert_int_eq(fs_write_atomic(from, big, sizeof(big), 0600, NULL), 0);
	ck_assert_int_eq(fs_same_file(from, file, 0700, NULL), 0);
	put("old");
	ck_assert_int_eq(fs_same_file(from, file, 0600, NULL), 0);
	ck_assert_int_eq(fs_copy_atomic(from, file, 0700, NULL), 0);
	ck_assert_int_eq(fs_same(file, big, sizeof(big), 0700, NULL), 1);
	ck_assert_int_eq(fs_same_file(from, file, 0700, NULL), 1);
	ck_assert_int_eq(fs_same_file(from, file, 0600, NULL), 0);
	big[sizeof(big) - 1] = 'y'; /* as long, but another */
	ck_assert_int_eq(fs_write_atomic(file, big, sizeof(big), 0700, NULL), 0);
	ck_assert_int_eq(fs_same_file(from, file, 0700, NULL), 0);
	ck_assert_int_eq(fs_copy_atomic(dir, file, 0700, NULL), -1); /* a folder */
	ck_assert_int_eq(fs_same(file, big, sizeof(big), 0700, NULL), 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("fs");
	TCase *t = tcase_create("fs");
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, reading);
	tcase_add_test(t, reading_a_fifo_does_not_hang);
	tcase_add_test(t, replacing);
	tcase_add_test(t, stale_successor);
	tcase_add_test(t, file_size_limit);
	tcase_add_test(t, full_disk);
	tcase_add_test(t, missing_folder);
	tcase_add_test(t, a_folder_stands_in_the_way);
	tcase_add_test(t, sameness);
	tcase_add_test(t, copies);
	tcase_add_test(t, folders);
	tcase_add_test(t, links_and_removal);
	tcase_add_test(t, lock);
	tcase_add_test(t, standard_descriptors);
	suite_add_tcase(s, t);
	return unit_run(s);
}
