/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Parts of the helm stand-in. */
#pragma once

#include "world/chart.h"
#include "world/cluster.h"

struct helm_args {
	const char *release, *chart, *ns, *kube_version, *description;
	const char *renderer, *renderer_args;
	const char *files[16];
	size_t nfiles;
	bool install, create_namespace, wait, json;
};

/* Major version of this helm, by its stand-in's second line. */
unsigned helm_major_of(const struct call *c);

/* --- records: Secrets sh.helm.release.v1.R.vN --- */
/* The newest record's content, decoded; new, NULL: none. */
json_t *record_newest(const struct cluster *cl, const char *release, const char *ns);
json_t *record_revision(const struct cluster *cl, const char *release, const char *ns,
			long long revision);
/* The newest that is deployed. */
json_t *record_deployed(const struct cluster *cl, const char *release, const char *ns);
void record_save(struct cluster *cl, const json_t *record);
void record_delete_all(struct cluster *cl, const char *release, const char *ns);

/* --- rendering --- */
/* The values of all files, merged; NULL after a message on stderr. New. */
json_t *helm_merge_values(const struct helm_args *a);
/* The objects after the post-renderer, as an array; NULL after a message on stderr. New. */
json_t *helm_render(const struct call *c, const struct helm_args *a, const struct chart *chart,
		    const json_t *values);
/* "---\n# Source: ...\n" documents. hooks: with or without those. New. */
char *helm_manifest_text(const json_t *objects, const char *chart, bool hooks);
bool helm_is_hook(const json_t *object, const char *when);

/* Labels and annotations of an object of the release. */
void helm_own(json_t *object, const struct helm_args *a);
/* The hooks of a kind ("pre-install"); -1 with *ret_error (new). */
int helm_run_hooks(struct cluster *cl, const struct helm_args *a, const json_t *objects,
		   const char *when, char **ret_error);

int helm_upgrade(struct call *c, const struct helm_args *a);
int helm_uninstall(struct call *c, const struct helm_args *a, bool ignore);
