/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Where each kind of download comes from: its publisher, the mirror that the config names, or a
 * bundle. Each kind is tried by itself, with something that is really needed of it: mirrors that
 * carry only some things answer well to anything less. The choice is a fact "sources.CLASS":
 * "mirror URL", "upstream URL" or "bundle". */
#pragma once

#include "steps/step.h"

/* What all of this reads. */
#define SOURCES_INPUTS "config:mirrors.*", "fact:sources.*"

/* Base URL of a source: the mirror of the config key, else upstream's. New, without trailing slash.
 */
char *source_base(struct step_ctx *c, const char *mirror_key, const char *upstream);

/* True where a mirror is named for this class but was found not to have what is needed, while the
 * publisher has. */
bool source_is_upstream(struct step_ctx *c, const char *class);

/* The mirror of K3s' files, in front of "/k3s/..."; NULL: none is named, or it is not to be used.
 * New. */
char *source_k3s_mirror(struct step_ctx *c);

/* Tries every class and notes the choice. FAULT_SRC_NONE names the first class that has no source,
 * what was tried and what came of it. */
int sources_choose(struct step_ctx *c, struct err *e);

/* The classes whose mirror was passed over, for people; new, NULL: none. */
char *sources_passed_over(struct step_ctx *c);

/* --- pure parts --- */

enum source_verdict { SOURCE_WORKS, SOURCE_REFUSES, SOURCE_DEAD };

/* Of an answer; json: the body must be JSON, as a registry's is. *ret_why is new. */
enum source_verdict source_judge(long status, const char *content_type, bool json, char **ret_why);
