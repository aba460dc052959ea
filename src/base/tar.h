/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Tar archives of regular files with short names (POSIX.1-1988 ustar): what containerd imports, and
 * the form of a bundle. The reader takes nothing else, so that an archive from elsewhere can
 * neither lead out of a folder nor be read in two ways. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

#define TAR_NAME_MAX 100
/* Eleven octal digits. */
#define TAR_SIZE_MAX 077777777777LL

/* True for a relative name of letters, digits and "._+-/" without empty, "." or ".." parts. */
bool tar_name_good(const char *name);

/* What an archive of such members takes: header, content, padding. */
long long tar_member_size(long long size);
/* What comes behind the last member. */
#define TAR_END_SIZE 1024

struct tar_writer {
	char *path, *part; /* written as PATH.part, renamed when it is whole */
	int fd;
	const volatile sig_atomic_t *cancel;	     /* may be set by the caller */
	void (*progress)(void *arg, long long done); /* bytes so far; may be NULL */
	void *arg;
	long long done;
};

/* FAULT_IO, FAULT_NO_SPACE, FAULT_CANCELLED. tar_write_done() in every case: it removes what was
 * not finished. */
int tar_write_open(struct tar_writer *w, const char *path, int mode, struct err *e);
int tar_write_data(struct tar_writer *w, const char *name, const void *data, size_t len,
		   struct err *e);
int tar_write_file(struct tar_writer *w, const char *name, const char *path, struct err *e);
int tar_write_finish(struct tar_writer *w, struct err *e);
void tar_write_done(struct tar_writer *w);
#define _cleanup_tar_writer_ __attribute__((cleanup(tar_write_done)))

struct tar_reader {
	char *path;
	int fd;
	long long left; /* of the member's content */
	unsigned pad;
	char name[TAR_NAME_MAX + 1]; /* of the member */
	long long size;
	long long done; /* bytes read so far */
};

int tar_read_open(struct tar_reader *r, const char *path, struct err *e);
/* Goes to the next member, past what is left of this one: 1 there is one, 0 the end and nothing
 * behind it, -1: FAULT_BUN_FILE (no such archive), FAULT_BUN_CUT, FAULT_BUN_MEMBER (a link, a name
 * that leads elsewhere), FAULT_IO. */
int tar_read_next(struct tar_reader *r, struct err *e);
/* Some bytes of the content; *ret 0 at its end. */
int tar_read(struct tar_reader *r, void *buf, size_t size, size_t *ret, struct err *e);
void tar_read_done(struct tar_reader *r);
#define _cleanup_tar_reader_ __attribute__((cleanup(tar_read_done)))
