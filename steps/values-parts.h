/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Parts of values.json that are files of their own; each new. */
#pragma once

#include "steps/values.h"

/* matrixAuthenticationService.additional: who may make an account, and mail. */
json_t *values_registration(const struct values_in *in);

/* Registries of images, replicas and workers, added to finished values. */
void values_scale(const struct values_in *in, json_t *values);

/* matrixRTC.sfu: media ports and the address it announces. */
json_t *values_sfu(const struct values_in *in);
