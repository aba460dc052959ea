/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Files from the network, and a head start for those that later steps will need.
 *
 * An item is {"name": "K3s v1.36.3+k3s1", "url": URL, "sha256": HEX, "path": "/var/cache/...", "mode": INT}
 * or, for a blob of an OCI registry, {"name", "registry": "https://ghcr.io", "repository": "a/b", "sha256",
 * "path", "mode"}. Further members: "headers" (strings "Name: value"), "max" (bytes). Without sha256 it is
 * fetched each time, so it cannot be fetched ahead. path is below the root.
 *
 * The head start is a process of its own ("ess-engine fetch"), which works through a queue: several at
 * once, a process each. Nothing depends on it: whoever needs a file calls step_fetch() (or
 * step_download(), oci_download()) for it all the same, which waits while another process is at that
 * file, goes on where that one stopped, and reports the fault if there is one. */
#pragma once

#include <jansson.h>

#include "steps/step.h"

/* Has the file in place, verified, when it returns 0; shows its progress. In a dry run it is noted for
 * the plan. item is borrowed. Faults as http_download() and oci_download(). */
int step_fetch(struct step_ctx *c, const json_t *item, struct err *e);

/* Puts items (an array, borrowed) at the end of the queue; those whose path stands in it already are
 * passed over. It returns at once. A process that cannot be started is a line in the log, not a fault.
 * Nothing in a dry run: the steps that need the files list them. */
int step_fetch_ahead(struct step_ctx *c, json_t *items, struct err *e);

/* New items. mode 0: 0644; sha256 NULL: not known yet (in a plan). */
json_t *fetch_url(const char *name, const char *url, const char *sha256, const char *path, int mode);
json_t *fetch_blob(const char *name, const char *registry, const char *repository, const char *sha256,
		   const char *path);

/* --- for the engine --- */

/* Ends the process of the head start, if there is one, and notes what it had to say. */
void fetch_end(struct step_ctx *c);
