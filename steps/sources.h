/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Where each kind of artefact comes from: its publisher, or the mirror that the config names. */
#pragma once

#include "steps/step.h"

/* Base URL of a source: the mirror of the config key, else upstream's. New, without trailing slash.
 */
char *source_base(struct step_ctx *c, const char *mirror_key, const char *upstream);

/* Asks every registry of images whether it is there; FAULT_SUP_REGISTRY. */
int sources_answer(struct step_ctx *c, struct err *e);
