/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What the commands about bundles share. */
#pragma once

#include "base/err.h"

/* The file's absolute name; its folder must be there. New, or NULL. */
char *bundle_absolute(const char *file, struct err *e);
