/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* A root of its own for a test: made before it, removed after it. */
#pragma once

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/mem.h"
#include "model/paths.h"
#include "tests/unit/unit.h"

static inline void root_make(void)
{
	char root[] = "/tmp/ess-unit-XXXXXX";
	ck_assert_ptr_nonnull(mkdtemp(root));
	setenv("ESS_SETUP_ROOT", root, 1);
}

static inline int root_remove_one(const char *path, const struct stat *st, int type,
				  struct FTW *ftw)
{
	return remove(path);
}

static inline void root_remove(void)
{
	const char *root = path_root();
	ck_assert(!strncmp(root, "/tmp/ess-unit-", 14));
	nftw(root, root_remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* Writes one of our files, whatever it is to hold. */
static inline void root_write(enum path_id id, const void *data, size_t len)
{
	_cleanup_free_ char *dir = path_get(PATH_STATE_DIR);
	_cleanup_free_ char *path = path_get(id);
	ck_assert_int_eq(fs_mkdir_p(dir, 0700, NULL), 0);
	ck_assert_int_eq(fs_write_atomic(path, data, len, 0600, NULL), 0);
}
