/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Files: read whole, replace atomically, lock. */
#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"

#define COPY_PIECE 65536

static int io_error(struct err *e, const char *what, const char *path)
{
	int saved = errno;
	err_set(e, saved == ENOSPC || saved == EDQUOT ? FAULT_NO_SPACE : FAULT_IO, what, path,
		strerror(saved));
	errno = saved;
	return -1;
}

/* Reads until the end or until more than max bytes are there; the length, or -1 with errno. */
static ssize_t read_up_to(int fd, size_t max, char **ret)
{
	_cleanup_free_ char *buf = NULL;
	size_t len = 0, size = 0;
	for (;;) {
		if (size - len < 2) {
			size = size ? size * 2 : 4096;
			buf = xreallocarray(buf, size, 1);
		}
		ssize_t n = read(fd, buf + len, size - len - 1);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		len += (size_t)n;
		if (n == 0 || len > max)
			break;
	}
	buf[len] = '\0';
	*ret = steal(buf);
	return (ssize_t)len;
}

/* A regular file for reading (O_NONBLOCK: a FIFO must not hold us); -1 with errno. */
static int open_regular(const char *path, struct stat *st)
{
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0 || fstat(fd, st) < 0)
		return -1;
	if (!S_ISREG(st->st_mode)) {
		errno = S_ISDIR(st->st_mode) ? EISDIR : EINVAL;
		return -1;
	}
	int ret = fd;
	fd = -1;
	return ret;
}

int fs_read(const char *path, size_t max, char **ret_buf, size_t *ret_len, struct err *e)
{
	struct stat st;
	_cleanup_free_ char *buf = NULL;
	_cleanup_close_ int fd = open_regular(path, &st);
	ssize_t len = fd < 0 ? -1 : read_up_to(fd, max, &buf);
	if (len < 0)
		return io_error(e, N_("%s cannot be read: %s"), path);
	if ((size_t)len > max) {
		errno = EFBIG;
		return err_set(e, FAULT_IO, N_("%s is larger than %zu bytes"), path, max);
	}
	*ret_buf = steal(buf);
	if (ret_len)
		*ret_len = (size_t)len;
	return 0;
}

/* Where a file is replaced: its folder, its name and the name of its successor. */
struct target {
	int dir;
	const char *name; /* borrowed from the path */
	char *fresh;
};

static void target_done(struct target *t)
{
	cleanup_close(&t->dir);
	free(t->fresh);
}

static int target_open(const char *path, struct target *t)
{
	const char *slash = strrchr(path, '/');
	_cleanup_free_ char *dir =
	    slash ? xstrndup(path, (size_t)(slash - path) + 1) : xstrdup(".");
	t->name = slash ? slash + 1 : path;
	t->fresh = xasprintf("%s.new", t->name);
	t->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (t->dir < 0)
		return -1;
	/* What a crash left behind; made anew with O_EXCL so that it is surely ours. */
	return unlinkat(t->dir, t->fresh, 0) < 0 && errno != ENOENT ? -1 : 0;
}

/* Puts the finished successor in place; on failure removes it. */
static int target_commit(struct target *t, int result)
{
	if (result == 0 && renameat(t->dir, t->fresh, t->dir, t->name) == 0)
		return fsync(t->dir);
	int saved = errno;
	unlinkat(t->dir, t->fresh, 0);
	errno = saved;
	return -1;
}

static int write_all(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		data += n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_fresh(const struct target *t, const void *data, size_t len, mode_t mode)
{
	_cleanup_close_ int fd =
	    openat(t->dir, t->fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || write_all(fd, data, len) < 0 || fchmod(fd, mode) < 0)
		return -1;
	return fsync(fd);
}

int fs_write_atomic(const char *path, const void *data, size_t len, mode_t mode, struct err *e)
{
	__attribute__((cleanup(target_done))) struct target t = {.dir = -1};
	if (target_open(path, &t) < 0 || target_commit(&t, write_fresh(&t, data, len, mode)) < 0)
		return io_error(e, N_("%s cannot be written: %s"), path);
	return 0;
}

/* Reads up to size bytes whatever pieces they come in; -1 with errno. */
static ssize_t read_full(int fd, char *buf, size_t size)
{
	size_t len = 0;
	while (len < size) {
		ssize_t n = read(fd, buf + len, size - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}

static int copy_fresh(const struct target *t, int from, mode_t mode)
{
	char buf[COPY_PIECE];
	ssize_t n;
	_cleanup_close_ int fd =
	    openat(t->dir, t->fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -1;
	while ((n = read_full(from, buf, sizeof(buf))) > 0)
		if (write_all(fd, buf, (size_t)n) < 0)
			return -1;
	return n < 0 || fchmod(fd, mode) < 0 ? -1 : fsync(fd);
}

int fs_copy_atomic(const char *from, const char *to, mode_t mode, struct err *e)
{
	struct stat st;
	__attribute__((cleanup(target_done))) struct target t = {.dir = -1};
	_cleanup_close_ int fd = open_regular(from, &st);
	if (fd < 0)
		return io_error(e, N_("%s cannot be read: %s"), from);
	if (target_open(to, &t) < 0 || target_commit(&t, copy_fresh(&t, fd, mode)) < 0)
		return io_error(e, N_("%s cannot be written: %s"), to);
	return 0;
}

int fs_same_file(const char *from, const char *to, mode_t mode, struct err *e)
{
	struct stat st, other;
	char buf[COPY_PIECE], buf2[COPY_PIECE];
	_cleanup_close_ int fd = open_regular(from, &st), fd2 = open_regular(to, &other);
	if (fd < 0)
		return io_error(e, N_("%s cannot be read: %s"), from);
	if (fd2 < 0 || st.st_size != other.st_size || (other.st_mode & 07777) != mode)
		return 0;
	for (;;) {
		ssize_t n = read_full(fd, buf, sizeof(buf)), n2 = read_full(fd2, buf2, sizeof(buf2));
		if (n < 0 || n2 < 0)
			return io_error(e, N_("%s cannot be read: %s"), n < 0 ? from : to);
		if (n != n2 || memcmp(buf, buf2, (size_t)n) != 0)
			return 0;
		if (n == 0)
			return 1;
	}
}

int fs_symlink(const char *target, const char *path, struct err *e)
{
	__attribute__((cleanup(target_done))) struct target t = {.dir = -1};
	if (target_open(path, &t) < 0 || target_commit(&t, symlinkat(target, t.dir, t.fresh)) < 0)
		return io_error(e, N_("The link %s cannot be made: %s"), path);
	return 0;
}

int fs_same(const char *path, const void *data, size_t len, mode_t mode, struct err *e)
{
	struct stat st;
	_cleanup_free_ char *buf = NULL;
	_cleanup_close_ int fd = open_regular(path, &st);
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR || errno == EISDIR || errno == EINVAL))
		return 0;
	if (fd < 0)
		return io_error(e, N_("%s cannot be read: %s"), path);
	if ((st.st_mode & 07777) != mode)
		return 0;
	ssize_t n = read_up_to(fd, len, &buf);
	if (n < 0)
		return io_error(e, N_("%s cannot be read: %s"), path);
	return (size_t)n == len && (len == 0 || memcmp(buf, data, len) == 0);
}

/* One folder; an existing one keeps its mode. -1 with errno. */
static int make_dir(const char *path, mode_t mode)
{
	struct stat st;
	if (mkdir(path, mode) == 0)
		return chmod(path, mode); /* whatever the umask */
	if (errno != EEXIST)
		return -1;
	if (stat(path, &st) < 0)
		return -1;
	errno = ENOTDIR;
	return S_ISDIR(st.st_mode) ? 0 : -1;
}

int fs_mkdir_p(const char *path, mode_t mode, struct err *e)
{
	_cleanup_free_ char *part = xstrdup(path);
	for (size_t n = strlen(part); n > 1 && part[n - 1] == '/'; n--)
		part[n - 1] = '\0';
	for (char *slash = strchr(part, '/'); slash; slash = strchr(slash + 1, '/')) {
		if (slash == part)
			continue;
		*slash = '\0';
		if (make_dir(part, 0755) < 0)
			return io_error(e, N_("The folder %s cannot be made: %s"), part);
		*slash = '/';
	}
	if (make_dir(part, mode) < 0)
		return io_error(e, N_("The folder %s cannot be made: %s"), part);
	return 0;
}

int fs_remove(const char *path, struct err *e)
{
	if (unlink(path) < 0 && errno != ENOENT && errno != ENOTDIR)
		return io_error(e, N_("%s cannot be removed: %s"), path);
	return 0;
}

bool fs_exists(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0;
}

void fs_open_std_fds(void)
{
	int fd;
	do
		fd = open("/dev/null", O_RDWR); /* without O_CLOEXEC: 0-2 are for children too */
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd > STDERR_FILENO)
		close(fd);
}

/* The pid that stands in the lock file, 0 when none does. */
static pid_t pid_in(int fd)
{
	char buf[32];
	ssize_t n = pread(fd, buf, sizeof(buf) - 1, 0);
	buf[n > 0 ? n : 0] = '\0';
	long pid = strtol(buf, NULL, 10);
	return pid > 0 && pid <= 0x7fffffff ? (pid_t)pid : 0;
}

/* OFD locks name no owner, so the holder's pid is text in the file. Between its lock and its text
 * there is a moment in which the text is that of an earlier one: wait for a pid that lives. */
static pid_t holder_pid(int fd)
{
	pid_t pid = 0;
	for (int tries = 0; tries < 40; tries++) {
		pid = pid_in(fd);
		if (pid > 0 && (kill(pid, 0) == 0 || errno == EPERM))
			break;
		clock_pause(5, NULL);
	}
	return pid;
}

int fs_lock(const char *path, struct err *e)
{
	char pid[32];
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	_cleanup_close_ int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return io_error(e, N_("The lock %s cannot be taken: %s"), path);
	if (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
		if (errno != EAGAIN && errno != EACCES)
			return io_error(e, N_("The lock %s cannot be taken: %s"), path);
		return err_set(e, FAULT_LOCKED, N_("Process %ld is at work and holds %s"),
			       (long)holder_pid(fd), path);
	}
	int n = snprintf(pid, sizeof(pid), "%ld\n", (long)getpid());
	if (fchmod(fd, 0644) < 0 || pwrite(fd, pid, (size_t)n, 0) != n || ftruncate(fd, n) < 0)
		return io_error(e, N_("The lock %s cannot be written: %s"), path);
	int ret = fd;
	fd = -1;
	return ret;
}

pid_t fs_lock_holder(const char *path, struct err *e)
{
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || fcntl(fd, F_OFD_GETLK, &lock) < 0)
		return io_error(e, N_("The lock %s cannot be read: %s"), path);
	if (lock.l_type == F_UNLCK)
		return 0;
	pid_t pid = holder_pid(fd);
	return pid > 0 ? pid
		       : (pid_t)err_set(e, FAULT_IO,
					N_("The lock %s is held, but names no process"), path);
}
