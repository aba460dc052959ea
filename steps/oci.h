/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* OCI registries, reading only (OCI distribution-spec): tokens, tags, manifests, blobs. */
#pragma once

#include "steps/parts.h"

struct oci {
	char *base;	     /* "https://ghcr.io", or a mirror's URL */
	char *authorization; /* "Authorization: Bearer ..." once a token was asked for, or NULL */
	char *scope;	     /* the repository that it is for */
	long long old_ms;    /* when it must be asked for anew (clock_ms()) */
	unsigned timeout_s;  /* of each question; 0: as usual */
};

/* Takes NULL members; for __attribute__((cleanup)). */
void oci_done(struct oci *o);

/* The registry of this name ("docker.io") itself, or with mirror the config's mirror of it, if there is
 * one: true then. Without one it is the registry all the same. Needs SOURCES_INPUTS. */
bool oci_open_at(struct step_ctx *c, const char *registry, bool mirror, struct oci *ret);

/* The same, but the mirror only where it was found to have what is needed (steps/sources.h, class). */
bool oci_open(struct step_ctx *c, const char *registry, const char *class, struct oci *ret);

/* Registry and repository of a chart, by the config's mirrors. The repository is new. */
char *oci_chart(struct step_ctx *c, enum part part, struct oci *ret);

/* All tags of a repository, every page. *ret new array. */
int oci_tags(struct step_ctx *c, struct oci *o, const char *repository, json_t **ret,
	     struct err *e);

/* SHA-256 (hex, new) of the chart archive that a tag stands for. FAULT_SUP_VERSION when the tag
 * does not exist. */
int oci_chart_digest(struct step_ctx *c, struct oci *o, const char *repository, const char *tag,
		     char **ret, struct err *e);

/* The manifest or index of an image, by tag or "sha256:...": 1 with *ret filled, 0 when there is none. */
int oci_manifest(struct step_ctx *c, struct oci *o, const char *repository, const char *reference,
		 struct http_response *ret, struct err *e);

/* URL of a blob; and a token for it where the registry wants one, in o->authorization. New. */
char *oci_blob_url(const struct oci *o, const char *repository, const char *sha256);
int oci_authorize(struct step_ctx *c, struct oci *o, const char *repository, struct err *e);

/* Downloads a blob by its digest to a path below the root; a token that expires meanwhile is asked
 * for anew. */
int oci_download(struct step_ctx *c, struct oci *o, const char *repository, const char *sha256,
		 const char *path, struct err *e);

/* --- pure parts --- */

/* Where the API of a registry begins: "https://host/v2". A mirror's path that has a part "v2" is taken
 * as it is ("https://host/v2/project"), behind any other comes "/v2". K3s appends nothing to an endpoint
 * with a path (pkg/agent/containerd/config.go, normalizeEndpointAddress), so that registries.yaml gets
 * this too. New. */
char *oci_api(const char *base);

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
