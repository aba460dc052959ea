/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Source: POSIX.1-1988 as GNU tar's manual quotes it (Basic Tar Format): header of 512 bytes,
 * numbers in octal, the checksum over the header with blanks in its own place. */
#include "base/tar.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

#define BLOCK 512
#define CHUNK (256 * 1024)

struct header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], type, link[100];
	char magic[6], version[2], uname[32], gname[32], major[8], minor[8], prefix[155], rest[12];
};
_Static_assert(sizeof(struct header) == BLOCK, "a tar header is one block");

bool tar_name_good(const char *name)
{
	const char *part = name;
	if (!*name || strlen(name) > TAR_NAME_MAX)
		return false;
	for (const char *p = name;; p++) {
		if (*p && *p != '/') {
			if (!isalnum((unsigned char)*p) && !strchr("._+-", *p))
				return false;
			continue;
		}
		const size_t n = (size_t)(p - part);
		if (n == 0 || (n == 1 && *part == '.') ||
		    (n == 2 && part[0] == '.' && part[1] == '.'))
			return false;
		if (!*p)
			return true;
		part = p + 1;
	}
}

long long tar_member_size(long long size)
{
	return BLOCK + (size + BLOCK - 1) / BLOCK * BLOCK;
}

static unsigned checksum(const struct header *h)
{
	const unsigned char *p = (const unsigned char *)h;
	const size_t at = offsetof(struct header, sum);
	unsigned sum = 0;
	for (size_t i = 0; i < BLOCK; i++)
		sum += i >= at && i < at + sizeof(h->sum) ? ' ' : p[i];
	return sum;
}

/* --- writing ---------------------------------------------------------------------------------- */

static int write_error(const struct tar_writer *w, int number, struct err *e)
{
	return err_set(e, number == ENOSPC || number == EDQUOT ? FAULT_NO_SPACE : FAULT_IO,
		       N_("%s cannot be written: %s"), w->part, strerror(number));
}

static int put(struct tar_writer *w, const void *data, size_t len, struct err *e)
{
	for (const char *p = data; len > 0;) {
		ssize_t n = write(w->fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return write_error(w, errno, e);
		p += n;
		len -= (size_t)n;
		w->done += n;
	}
	if (w->cancel && *w->cancel)
		return err_set(e, FAULT_CANCELLED, N_("The run was cancelled"));
	if (w->progress)
		w->progress(w->arg, w->done);
	return 0;
}

int tar_write_open(struct tar_writer *w, const char *path, int mode, struct err *e)
{
	w->path = xstrdup(path);
	w->part = xasprintf("%s.part", path);
	w->fd = open(w->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, (mode_t)mode);
	return w->fd < 0 ? write_error(w, errno, e) : 0;
}

/* Owner, group and time are zero: the same content is the same archive. */
static int put_header(struct tar_writer *w, const char *name, long long size, struct err *e)
{
	struct header h = { .type = '0', .magic = "ustar", .version = { '0', '0' } };
	if (!tar_name_good(name) || size < 0 || size > TAR_SIZE_MAX)
		return err_set(e, FAULT_INTERNAL, N_("%s cannot be a member of an archive"), name);
	memcpy(h.name, name, strlen(name));
	snprintf(h.mode, sizeof(h.mode), "%07o", 0644u);
	snprintf(h.uid, sizeof(h.uid), "%07o", 0u);
	snprintf(h.gid, sizeof(h.gid), "%07o", 0u);
	snprintf(h.size, sizeof(h.size), "%011llo", (unsigned long long)size);
	snprintf(h.mtime, sizeof(h.mtime), "%011o", 0u);
	snprintf(h.sum, sizeof(h.sum), "%06o", checksum(&h));
	h.sum[7] = ' ';
	return put(w, &h, sizeof(h), e);
}

static int put_padding(struct tar_writer *w, long long size, struct err *e)
{
	static const char zeros[BLOCK];
	const size_t over = (size_t)(size % BLOCK);
	return over ? put(w, zeros, BLOCK - over, e) : 0;
}

int tar_write_data(struct tar_writer *w, const char *name, const void *data, size_t len,
		   struct err *e)
{
	if (put_header(w, name, (long long)len, e) < 0 || put(w, data, len, e) < 0)
		return -1;
	return put_padding(w, (long long)len, e);
}

static int copy_in(struct tar_writer *w, int fd, const char *path, long long size, struct err *e)
{
	_cleanup_free_ char *buf = xcalloc(CHUNK, 1);
	while (size > 0) {
		ssize_t n = read(fd, buf, size < CHUNK ? (size_t)size : CHUNK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? err_set(e, FAULT_IO, N_("%s cannot be read: %s"), path,
					       strerror(errno))
				     : err_set(e, FAULT_IO,
					       N_("%s became shorter while it was read"), path);
		if (put(w, buf, (size_t)n, e) < 0)
			return -1;
		size -= n;
	}
	return 0;
}

int tar_write_file(struct tar_writer *w, const char *name, const char *path, struct err *e)
{
	struct stat st;
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) < 0)
		return err_set(e, FAULT_IO, N_("%s cannot be read: %s"), path, strerror(errno));
	if (put_header(w, name, st.st_size, e) < 0 || copy_in(w, fd, path, st.st_size, e) < 0)
		return -1;
	return put_padding(w, st.st_size, e);
}

int tar_write_finish(struct tar_writer *w, struct err *e)
{
	static const char end[TAR_END_SIZE];
	if (put(w, end, sizeof(end), e) < 0)
		return -1;
	if (fsync(w->fd) < 0 || rename(w->part, w->path) < 0)
		return write_error(w, errno, e);
	cleanup_free(&w->part);
	w->part = NULL;
	return 0;
}

void tar_write_done(struct tar_writer *w)
{
	if (w->part && w->fd >= 0)
		unlink(w->part);
	if (w->path)
		cleanup_close(&w->fd);
	free(w->path);
	free(w->part);
	*w = (struct tar_writer){ .fd = -1 };
}

/* --- reading ---------------------------------------------------------------------------------- */

int tar_read_open(struct tar_reader *r, const char *path, struct err *e)
{
	struct stat st;
	*r = (struct tar_reader){ .path = xstrdup(path) };
	r->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (r->fd >= 0 && fstat(r->fd, &st) == 0 && S_ISREG(st.st_mode))
		return 0;
	return r->fd < 0 ? err_set(e, FAULT_BUN_FILE, N_("%s cannot be read: %s"), path,
				   strerror(errno))
			 : err_set(e, FAULT_BUN_FILE, N_("%s is no regular file"), path);
}

void tar_read_done(struct tar_reader *r)
{
	if (r->path)
		cleanup_close(&r->fd);
	free(r->path);
	*r = (struct tar_reader){ .fd = -1 };
}

static int get(struct tar_reader *r, void *buf, size_t size, size_t *ret, struct err *e)
{
	size_t len = 0;
	while (len < size) {
		ssize_t n = read(r->fd, (char *)buf + len, size - len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(e, FAULT_IO, N_("%s cannot be read: %s"), r->path,
				       strerror(errno));
		if (n == 0)
			break;
		len += (size_t)n;
	}
	r->done += (long long)len;
	*ret = len;
	return 0;
}

static int cut(const struct tar_reader *r, struct err *e)
{
	return err_set(e, FAULT_BUN_CUT, N_("%s ends after %lld bytes, in the middle"), r->path,
		       r->done);
}

static int get_all(struct tar_reader *r, void *buf, size_t size, struct err *e)
{
	size_t n;
	if (get(r, buf, size, &n, e) < 0)
		return -1;
	return n == size ? 0 : cut(r, e);
}

int tar_read(struct tar_reader *r, void *buf, size_t size, size_t *ret, struct err *e)
{
	*ret = r->left < (long long)size ? (size_t)r->left : size;
	if (get_all(r, buf, *ret, e) < 0)
		return -1;
	r->left -= (long long)*ret;
	return 0;
}

static int skip_rest(struct tar_reader *r, struct err *e)
{
	_cleanup_free_ char *buf = xcalloc(CHUNK, 1);
	size_t n;
	while (r->left > 0)
		if (tar_read(r, buf, CHUNK, &n, e) < 0)
			return -1;
	const size_t pad = r->pad;
	r->pad = 0;
	return get_all(r, buf, pad, e);
}

/* Digits up to the field's end, a blank or NUL; -1 for anything else. */
static long long octal(const char *s, size_t n)
{
	long long v = 0;
	size_t i = 0;
	for (; i < n && s[i] >= '0' && s[i] <= '7'; i++)
		v = v * 8 + (s[i] - '0');
	return i == 0 || (i < n && s[i] != '\0' && s[i] != ' ') ? -1 : v;
}

static bool all_zero(const char *p, size_t n)
{
	while (n > 0 && !*p)
		p++, n--;
	return n == 0;
}

/* Behind the end there may be padding of zeros, nothing else. */
static int expect_end(struct tar_reader *r, struct err *e)
{
	char block[BLOCK];
	size_t n;
	for (bool second = false;; second = true) {
		if (get(r, block, sizeof(block), &n, e) < 0)
			return -1;
		if (n == 0 && second)
			return 0;
		if (n < BLOCK)
			return cut(r, e);
		if (!all_zero(block, BLOCK))
			return err_set(e, FAULT_BUN_FILE, N_("%s goes on behind its own end"),
				       r->path);
	}
}

int tar_read_next(struct tar_reader *r, struct err *e)
{
	struct header h;
	if (skip_rest(r, e) < 0 || get_all(r, &h, sizeof(h), e) < 0)
		return -1;
	if (all_zero((const char *)&h, sizeof(h)))
		return expect_end(r, e);
	if (memcmp(h.magic, "ustar", 6) != 0 ||
	    octal(h.sum, sizeof(h.sum)) != (long long)checksum(&h))
		return err_set(e, FAULT_BUN_FILE, N_("%s has no archive's header at byte %lld"),
			       r->path, r->done - BLOCK);
	memcpy(r->name, h.name, sizeof(h.name));
	r->name[sizeof(h.name)] = '\0';
	r->size = r->left = octal(h.size, sizeof(h.size));
	if ((h.type != '0' && h.type != '\0') || h.prefix[0] || !tar_name_good(r->name) ||
	    r->size < 0) {
		for (char *p = r->name; *p; p++)
			*p = isprint((unsigned char)*p) ? *p : '?';
		r->left = 0;
		return err_set(e, FAULT_BUN_MEMBER,
			       N_("%s has a member that is a link or leads elsewhere: \"%s\""),
			       r->path, r->name);
	}
	r->pad = (unsigned)((BLOCK - r->size % BLOCK) % BLOCK);
	return 1;
}
