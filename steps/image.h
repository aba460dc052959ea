/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* One container image: asked for at its registry (OCI distribution-spec; image-spec manifest.md,
 * image-index.md, and Docker's older media types), kept by digest in the cache, packed for
 * containerd. */
#pragma once

#include "steps/oci.h"

/* Where blobs lie: below the root, by the hexadecimal part of their digest. */
#define IMAGE_BLOBS "/var/cache/ess-setup/blobs/sha256"

struct image {
	char *name; /* full: "docker.io/library/postgres:17-alpine" */
	char *from; /* base URL of the registry or mirror that its blobs are fetched from; NULL: not
		       known */
	char *manifest; /* text, byte for byte as it was served */
	size_t manifest_len;
	char *digest;  /* of the manifest, hexadecimal */
	char *type;    /* its media type */
	json_t *blobs; /* [{"sha256", "size"}]: configuration first, then the layers, each once */
};
void image_done(struct image *i);
#define _cleanup_image_ __attribute__((cleanup(image_done)))

/* Asks for the manifest of this architecture ("amd64"): at the registry itself, so that a mirror
 * need not be trusted, and where that does not answer at the mirror. dead (an object, changed)
 * remembers what does not answer. FAULT_IMG_MISSING, FAULT_IMG_ARCH, FAULT_HASH, FAULT_SUP_OCI and
 * those of http. */
int image_resolve(struct step_ctx *c, const char *name, const char *arch, json_t *dead,
		  struct image *ret, struct err *e);

/* Fetches all that is missing of it into the cache, the manifest last: then it is whole. */
int image_fetch(struct step_ctx *c, const struct image *i, struct err *e);

/* The same in the background where that is possible: the manifest is written, the rest comes. */
int image_ahead(struct step_ctx *c, const struct image *i, struct err *e);

/* Reads the manifest of this digest from the cache. 0 with ret->name NULL when it is not there. */
int image_cached(struct step_ctx *c, const char *name, const char *digest, struct image *ret,
		 struct err *e);

/* 1 when the manifest and every blob lie in the cache (with the right size), 0 when not. */
int image_whole(struct step_ctx *c, const struct image *i, struct err *e);

/* Writes the archive that "ctr images import" reads: an OCI layout (image-spec image-layout.md)
 * whose index names the image by io.containerd.image.name (containerd
 * core/images/archive/importer.go). */
int image_pack(struct step_ctx *c, const struct image *i, const char *arch, const char *path,
	       struct err *e);

/* Below the root: IMAGE_BLOBS "/HEX". New. */
char *image_blob_path(const char *sha256);

/* --- pure parts --- */

/* Reads a manifest; type is the Content-Type that it came with, or NULL. FAULT_SUP_OCI. */
int image_manifest_parse(const char *name, const char *text, size_t len, const char *type,
			 struct image *ret, struct err *e);

/* True for an index (a list of manifests for several architectures). */
bool image_is_index(const json_t *manifest, const char *type);

/* "sha256:..." of the manifest for linux and this architecture. Borrowed, or NULL. */
const char *image_index_pick(const json_t *index, const char *arch);

/* Content of index.json. New. */
char *image_layout_index(const struct image *i, const char *arch);
