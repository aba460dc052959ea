/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Which versions fit each other: one table, with where each row comes from. Pure. */
#pragma once

#include <jansson.h>

#include "base/err.h"

struct compat_set {
	const char *k3s;  /* "v1.36.3+k3s1"; NULL: another cluster, nothing is known of it */
	const char *helm; /* "v4.2.4" */
	const char *cert_manager; /* "v1.21.1" */
	const char *chart;	  /* "26.8.1" */
};

/* 0 when the table says that they fit; 1 when it does not know one of them, and *ret_unknown (new)
 * names it; -1 with FAULT_SRC_COMPAT, which names both and the row's source. */
int compat_check(const struct compat_set *set, char **ret_unknown, struct err *e);

/* [{"part", "versions", "kubernetes", "source"}]. New. */
json_t *compat_table(void);
