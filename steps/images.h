/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The images of an installation: which ones the charts use, a head start in fetching them, and
 * handing them to K3s' containerd. Without a bundle all of this may fail: the cluster then fetches
 * what is missing by itself. With one it may not: there is nothing to fetch it from.
 *
 * Facts: "images.ess" and "images.cert_manager" (full names, in the order in which they are
 * needed), "images.digests" (name: SHA-256 of its manifest, in hexadecimal), "images.sources"
 * (name: base URL of the registry that its parts are fetched from). */
#pragma once

#include "steps/sources.h"

/* What images_prepare() reads. */
#define IMAGES_PREPARE_INPUTS SOURCES_INPUTS, "fact:machine.arch", "fact:images.*"

/* Notes the images of both rendered charts as facts and starts fetching them (with a bundle: makes
 * sure that they are there; FAULT_BUN_MISSING). */
int images_prepare(struct step_ctx *c, const char *ess, const char *cert_manager, struct err *e);

/* What images_import() reads. */
#define IMAGES_IMPORT_INPUTS "fact:machine.arch", "fact:images.*"

/* Gives the images of a fact to containerd, unless it has them: what is still on its way is waited
 * for. FAULT_IMG_IMPORT with a bundle only. */
int images_import(struct step_ctx *c, const char *fact, struct err *e);
