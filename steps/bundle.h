/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* A bundle: everything that an installation would fetch, in one file for a machine that cannot.
 *
 * A tar archive (base/tar.h). Its first member is manifest.json:
 *
 * {"format": 1, "program": "ess-setup 1.2", "made": "2026-11-26T20:00:00Z", "arch": "amd64",
 *  "parts": {"k3s": {"version": "v1.36.3+k3s1", "sha256": "...", "images_sha256": "..."}, "helm",
 *            "cert_manager", "chart"},
 *  "images": {"docker.io/library/postgres:17-alpine": SHA-256 of its manifest, ...},
 *  "members": [{"name": "k3s-v1.36.3+k3s1-amd64", "sha256": "...", "size": 123}, ...]}
 *
 * The members follow in this order, each named as it lies below /var/cache/ess-setup. A bundle that
 * was put in place leaves its manifest as BUNDLE_RECORD: from then on versions and digests are its,
 * and no source is asked. */
#pragma once

#include "base/tar.h"
#include "steps/parts.h"

#define BUNDLE_FORMAT 1
#define BUNDLE_RECORD "/var/lib/ess-setup/bundle.json"
#define BUNDLE_MANIFEST_MAX ((size_t)4 << 20)

/* The manifest of the bundle in force; *ret new, NULL: none. FAULT_BUN_MANIFEST when it was
 * damaged. */
int bundle_load(struct step_ctx *c, json_t **ret, struct err *e);

/* Opens a bundle and reads its manifest, checked for this architecture: FAULT_BUN_*. */
int bundle_open(struct tar_reader *r, const char *file, const char *arch, json_t **ret_manifest,
		struct err *e);

/* Puts a bundle in place: everything is verified before the first file gets its name. FAULT_BUN_*,
 * FAULT_NO_SPACE, FAULT_IO. file is a path of the machine, not below the root. */
int bundle_put(struct step_ctx *c, const char *file, const char *arch, struct err *e);

/* 1 when this bundle is the one in force and all of its files are there. */
int bundle_is_put(struct step_ctx *c, const char *file, const char *arch, struct err *e);

/* The manifest of what the cache holds for the facts of this run. New. */
json_t *bundle_build(struct step_ctx *c, struct err *e);

/* Writes it and its members to a file of the machine. */
int bundle_write(struct step_ctx *c, const json_t *manifest, const char *file, struct err *e);

/* FAULT_NO_SPACE unless this folder's file system has so many bytes. */
int bundle_has_room(const char *folder, long long need, struct err *e);

/* --- pure parts --- */

/* Form, format, architecture, names. FAULT_BUN_MANIFEST, _FORMAT, _ARCH, _MEMBER. */
int bundle_check(const json_t *manifest, const char *arch, struct err *e);

/* True for a name that a bundle may put below the cache. */
bool bundle_name_good(const char *name, const char *sha256);

/* What a record stands for, in a few characters: the same for the same content. New. */
char *bundle_id(const json_t *manifest);

/* "version" or "sha256" of a part; borrowed, or NULL. */
const char *bundle_part(const json_t *manifest, enum part part, const char *what);
