/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The digests that downloads must have: known already, or from the publisher himself, never from the
 * mirror that also gives the file. */
#pragma once

#include "steps/parts.h"

/* SHA-256 of a part in this version: known, else as its publisher tells it; of K3s that of its images
 * too, where it can be had (*ret_images new, or NULL). New; NULL with FAULT_SUP_VERSION,
 * FAULT_SUP_SOURCE, FAULT_SUP_DIGEST, FAULT_SUP_OCI, or with FAULT_SRC_DIGEST where only the mirror
 * would tell it. */
char *part_digest(struct step_ctx *c, enum part part, const char *version, char **ret_images,
		  struct err *e);

/* What is known without asking anybody, by the file's name in the cache: what the config says
 * ("supply.digests"), else what is built in. Borrowed, or NULL. */
const char *digest_known(struct step_ctx *c, const char *file);
const char *digest_tested(const char *file);

/* From a list of checksums at this address; file NULL: a text that is the hash alone. New, or NULL. */
char *digest_fetch(struct step_ctx *c, const char *url, const char *file, struct err *e);

/* The digest in a text that is "HASH" alone (file NULL) or has a line "HASH  file". New, or NULL. */
char *digest_find(const char *text, const char *file);
