/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The digests that downloads must have, from a source that is independent of mirrors wherever there is
 * one. */
#pragma once

#include "steps/parts.h"

/* SHA-256 of a part in this version, as its publisher tells it; of K3s that of its images too, where
 * the release has them (*ret_images new, or NULL). New; NULL with FAULT_SUP_VERSION,
 * FAULT_SUP_SOURCE, FAULT_SUP_DIGEST or FAULT_SUP_OCI. */
char *part_digest(struct step_ctx *c, enum part part, const char *version, char **ret_images,
		  struct err *e);

/* The digest in a text that is "HASH" alone (file NULL) or has a line "HASH  file". New, or NULL. */
char *digest_find(const char *text, const char *file);
