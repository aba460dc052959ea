/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The files of the parts: their places at the source and in the cache. */
#pragma once

#include "steps/parts.h"

#define CACHE "/var/cache/ess-setup"
#define K3S_INSTALL_SCRIPT CACHE "/k3s-install.sh"

/* The name of a part's file in the cache; and its place there, its version must be known. New. */
char *artefact_name(enum part part, const char *version, const char *arch);
char *artefact_path(struct step_ctx *c, enum part part);

/* What to fetch for a part (steps/fetch.h); its version must be known. New. */
json_t *artefact_item(struct step_ctx *c, enum part part);

/* What the k3s step will need, for the fact "supply.k3s.files": {binary, script, images (where they are
 * of use)}, each an item. New. */
json_t *artefact_k3s_files(struct step_ctx *c);

/* A file of a K3s release at K3s' own address. New. */
char *artefact_k3s_upstream(const char *version, const char *file);

/* A file of a K3s release, from the mirror or upstream; the file that is the binary ("k3s-arm64",
 * static), and the one with the images (new); Helm's archive with a suffix (".sha256"). New URLs. */
char *artefact_k3s_url(struct step_ctx *c, bool mirror, const char *version, const char *file);
const char *artefact_k3s_file(struct step_ctx *c);
char *artefact_k3s_images(struct step_ctx *c);
/* The archive with them, in the cache. New. */
char *artefact_images_name(const char *version, const char *arch);
/* The SHA-256 that K3s' install script must have; borrowed. */
const char *artefact_script_sha256(struct step_ctx *c);
char *artefact_helm_url(struct step_ctx *c, const char *version, const char *suffix);
char *artefact_helm_url_at(struct step_ctx *c, bool mirror, const char *version, const char *suffix);
