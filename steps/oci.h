/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* OCI registries, reading only (OCI distribution-spec): tokens, tags, manifests, and a chart's
 * blob. */
#pragma once

#include "steps/parts.h"

struct oci {
	char *base;	     /* "https://ghcr.io", or a mirror's URL */
	char *authorization; /* "Authorization: Bearer ..." once a token was asked for, or NULL */
};

/* Takes NULL members; for __attribute__((cleanup)). */
void oci_done(struct oci *o);

/* Registry and repository of a chart, by the config's mirrors. The repository is new. */
char *oci_chart(struct step_ctx *c, enum part part, struct oci *ret);

/* All tags of a repository, every page. *ret new array. */
int oci_tags(struct step_ctx *c, struct oci *o, const char *repository, json_t **ret,
	     struct err *e);

/* SHA-256 (hex, new) of the chart archive that a tag stands for. FAULT_SUP_VERSION when the tag
 * does not exist. */
int oci_chart_digest(struct step_ctx *c, struct oci *o, const char *repository, const char *tag,
		     char **ret, struct err *e);

/* Downloads a blob by its digest to a path below the root. */
int oci_download(struct step_ctx *c, struct oci *o, const char *repository, const char *sha256,
		 const char *path, struct err *e);

/* --- pure parts --- */

struct oci_challenge {
	char *realm, *service, *scope; /* new; service and scope may be NULL */
};
void oci_challenge_done(struct oci_challenge *ch);

/* 'Bearer realm="...",service="...",scope="..."'. False for anything else. */
bool oci_challenge_parse(const char *header, struct oci_challenge *ret);

/* URL of a token: realm with service and scope as its query. New. */
char *oci_token_url(const struct oci_challenge *ch, const char *repository);

/* The target of '<...>; rel="next"', made absolute by base. New, or NULL. */
char *oci_next_page(const char *link, const char *base);

/* The digest of the layer that holds the chart. Borrowed "sha256:...", or NULL. */
const char *oci_chart_layer(const json_t *manifest);
