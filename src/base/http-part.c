/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The lock lies on the part itself and ends with its holder, however that ends: so a killed download
 * can go on at once, and no lock file is left behind. It reaches from byte 0 to the length that the
 * file will have (to infinity while that is not known), which whoever waits can read off. */
#include "base/http-part.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/mem.h"

#define LOOK_MS 100

void part_done(struct part *p)
{
	cleanup_close(&p->fd);
	p->hash = crypto_hash_free(p->hash);
	free(p->path);
	p->path = NULL;
}

int part_error(const struct part *p, int number, struct err *e)
{
	enum fault fault = number == ENOSPC || number == EDQUOT ? FAULT_NO_SPACE : FAULT_IO;
	return err_set(e, fault, N_("%s cannot be written: %s"), p->path, strerror(number));
}

/* --- the lock --------------------------------------------------------------------------------- */

static void tell_progress(const struct part *p, const struct http_opts *opts)
{
	struct flock fl = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct stat st;
	if (opts->progress && fstat(p->fd, &st) == 0 && fcntl(p->fd, F_OFD_GETLK, &fl) == 0 &&
	    fl.l_type != F_UNLCK)
		opts->progress(opts->arg, st.st_size, fl.l_len > 0 ? (long long)fl.l_len : -1);
}

static int lock(struct part *p, const struct http_opts *opts, struct err *e)
{
	struct flock fl = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	while (fcntl(p->fd, F_OFD_SETLK, &fl) < 0) {
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN && errno != EACCES)
			return part_error(p, errno, e);
		if (opts->give_way)
			return err_set(e, FAULT_LOCKED, N_("Another process is fetching %s"),
				       p->dest);
		tell_progress(p, opts);
		if (clock_pause(LOOK_MS, opts->cancel))
			return err_set(e, FAULT_CANCELLED, N_("The run was cancelled"));
	}
	return 0;
}

/* Does the name still lead to the file that is open? Whoever had the lock may have renamed it. */
static bool is_there(const struct part *p)
{
	struct stat open_st, st;
	return fstat(p->fd, &open_st) == 0 && lstat(p->path, &st) == 0 &&
	       open_st.st_ino == st.st_ino && open_st.st_dev == st.st_dev;
}

static int open_locked(struct part *p, const struct http_opts *opts, struct err *e)
{
	for (;;) {
		p->fd = open(p->path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (p->fd < 0)
			return part_error(p, errno, e);
		if (lock(p, opts, e) < 0)
			return -1;
		if (is_there(p))
			return 0;
		close(p->fd);
	}
}

int part_wait(const char *dest, const struct http_opts *opts, struct err *e)
{
	struct part p __attribute__((cleanup(part_done))) = { .dest = dest, .fd = -1 };
	p.path = xasprintf("%s.part", dest);
	p.fd = opts->give_way ? -1 : open(p.path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	return p.fd < 0 ? 0 : lock(&p, opts, e);
}

void part_tell_total(struct part *p, long long total)
{
	struct flock all = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct flock rest = { .l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = total };
	if (total > 0 && fcntl(p->fd, F_OFD_SETLK, &all) == 0)
		fcntl(p->fd, F_OFD_SETLK, &rest);
}

/* --- its bytes -------------------------------------------------------------------------------- */

int part_restart(struct part *p)
{
	p->have = 0;
	crypto_hash_restart(p->hash);
	return ftruncate(p->fd, 0) < 0 ? errno : 0;
}

int part_add(struct part *p, const void *data, size_t len)
{
	const char *at = data;
	while (len > 0) {
		ssize_t n = write(p->fd, at, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		/* What is hashed is what the file took; no byte of it is read again. O_APPEND: should
		 * somebody cut it meanwhile, its length in the end tells (part_fits()). */
		crypto_hash_add(p->hash, at, (size_t)n);
		at += n;
		len -= (size_t)n;
		p->have += n;
	}
	return 0;
}

static int read_part(struct part *p, const struct http_opts *opts, struct err *e)
{
	char buf[65536];
	for (ssize_t n = 1; n != 0;) {
		n = pread(p->fd, buf, sizeof(buf), p->have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(e, FAULT_IO, N_("%s cannot be read: %s"), p->path,
				       strerror(errno));
		crypto_hash_add(p->hash, buf, (size_t)n);
		p->have += n;
		if (opts->cancel && *opts->cancel)
			return err_set(e, FAULT_CANCELLED, N_("The run was cancelled"));
	}
	return 0;
}

static bool dest_fits(const struct part *p)
{
	_cleanup_free_ char *have = p->sha256 && fs_exists(p->dest)
					    ? crypto_sha256_file(p->dest, NULL)
					    : NULL;
	return have && strcasecmp(have, p->sha256) == 0;
}

int part_open(struct part *p, const struct http_opts *opts, long long max, struct err *e)
{
	struct stat st;
	p->path = xasprintf("%s.part", p->dest);
	p->hash = crypto_hash_new();
	if (open_locked(p, opts, e) < 0)
		return -1;
	if (dest_fits(p)) {
		unlink(p->path);
		return 1;
	}
	if (fstat(p->fd, &st) < 0)
		return part_error(p, errno, e);
	if (p->sha256 && S_ISREG(st.st_mode) && st.st_size <= max)
		return read_part(p, opts, e);
	int number = part_restart(p);
	return number ? part_error(p, number, e) : 0;
}

/* --- its end ---------------------------------------------------------------------------------- */

int part_fits(struct part *p, char **ret_found, struct err *e)
{
	struct stat st;
	if (fstat(p->fd, &st) < 0 || st.st_size != p->have) {
		unlink(p->path);
		return err_set(e, FAULT_IO, N_("%s was changed while it was written"), p->path);
	}
	if (!p->sha256)
		return 1;
	*ret_found = crypto_hash_text(p->hash);
	return strcasecmp(*ret_found, p->sha256) == 0;
}

int part_put_in_place(struct part *p, int mode, struct err *e)
{
	const char *slash = strrchr(p->dest, '/');
	_cleanup_free_ char *folder = slash ? xstrndup(p->dest, (size_t)(slash - p->dest) + 1)
					    : xstrdup(".");
	_cleanup_close_ int dir = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0 || fchmod(p->fd, (mode_t)mode) < 0 || fsync(p->fd) < 0 ||
	    rename(p->path, p->dest) < 0 || fsync(dir) < 0)
		return part_error(p, errno, e);
	return 0;
}
