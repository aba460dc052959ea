/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Names of container images, as people and charts write them and as containerd knows them: pure. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "steps/manifest.h"

struct image_name {
	char *registry;	  /* "docker.io" */
	char *repository; /* "library/postgres" */
	char *reference;  /* "17-alpine", or "sha256:..." when the name has a digest */
};
void image_name_done(struct image_name *n);
#define _cleanup_image_name_ __attribute__((cleanup(image_name_done)))

/* Takes a name apart as containerd does (distribution/reference normalize.go): without a registry
 * it is docker.io's, there without a slash "library/", without a tag "latest"; a digest counts
 * instead of a tag. False for what is no name; nothing to free then. */
bool image_name_parse(const char *text, struct image_name *ret);

/* The full name: "docker.io/library/postgres:17-alpine". New. */
char *image_name_full(const struct image_name *n);

/* Full names of all images that the workloads of a rendered manifest use, hooks included, in the
 * order in which they first stand there, each once. New array. */
json_t *image_names(const struct manifest *m);
