/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Files: read whole, replace atomically, lock. Paths are used as given (model/paths.h makes them). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

/* Reads a regular file of at most max bytes. *ret_buf is new and NUL-terminated beyond *ret_len
 * (ret_len may be NULL). A missing file: -1 with errno ENOENT and FAULT_IO. */
int fs_read(const char *path, size_t max, char **ret_buf, size_t *ret_len, struct err *e);

/* Replaces path: writes PATH.new, fsync, rename, fsync of the directory. On failure the old file
 * is untouched. A failed fsync is not retried (its pages may be gone). FAULT_NO_SPACE or FAULT_IO. */
int fs_write_atomic(const char *path, const void *data, size_t len, mode_t mode, struct err *e);

/* Replaces to with a copy of from, as fs_write_atomic(), without holding it in memory. */
int fs_copy_atomic(const char *from, const char *to, mode_t mode, struct err *e);

/* 1 when to has the content of from, and this mode; 0 when not or missing, -1 on another failure. */
int fs_same_file(const char *from, const char *to, mode_t mode, struct err *e);

/* 1 when path holds exactly these bytes and mode, 0 when not or missing, -1 on another failure. */
int fs_same(const char *path, const void *data, size_t len, mode_t mode, struct err *e);

/* Makes path and its parents (parents 0755, the last with mode). Existing is fine. */
int fs_mkdir_p(const char *path, mode_t mode, struct err *e);

/* Removes a file; missing is fine. */
int fs_remove(const char *path, struct err *e);

/* Makes or replaces the symlink path -> target, atomically. */
int fs_symlink(const char *target, const char *path, struct err *e);

bool fs_exists(const char *path);

/* Opens /dev/null until 0, 1 and 2 are taken; first thing in main (cron may start us without). */
void fs_open_std_fds(void);

/* Takes the lock file at path (F_OFD_SETLK, made 0644, never removed) and writes our pid into it.
 * Returns the descriptor that holds it; -1 with FAULT_LOCKED (holder's pid in the text) or IO. */
int fs_lock(const char *path, struct err *e);

/* The pid of whoever holds the lock, 0 when nobody does (also when there is no file), -1 on failure. */
pid_t fs_lock_holder(const char *path, struct err *e);
