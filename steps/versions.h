/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Which version of each part is installed: what the config says, else the newest fitting one that
 * its publisher names, else the set that this program was tested with. */
#pragma once

#include "steps/parts.h"

/* The tested set: K3s and Helm by their tags, the charts by their OCI tags. K3s 1.36 lies in the
 * range of both others (1.33 to 1.36: helm-www version_skew.mdx; cert-manager releases/README.md).
 */
const char *version_tested(enum part part);

/* Asks the publisher; new. NULL with e set when nobody could be asked or the answer makes no sense.
 */
char *version_newest(struct step_ctx *c, enum part part, struct err *e);

/* --- pure parts --- */

/* Only X.Y.Z with an optional v: no rc, no build. */
bool version_is_release(const char *tag);

/* vX.Y.Z+k3sN. */
bool version_is_k3s(const char *tag);

/* The version at the end of a redirect such as ".../releases/tag/v1.36.3%2Bk3s1". New, or NULL. */
char *version_from_location(const char *location);

/* The newest release in a JSON array of tags whose first number is major. Borrowed, or NULL. */
const char *version_newest_tag(const json_t *tags, long major);
