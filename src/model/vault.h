/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* kept.json (0600): Kubernetes Secrets that outlive the cluster, since to get them again costs one of
 * few tries: certificates with their keys, keys of accounts. Each is sealed as in secrets.json, its
 * name bound to it; {format, kept: {NAME: base64}}. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "model/secrets.h"

struct vault;

/* A missing file is empty. One that cannot be understood is empty too (vault_is_damaged), and is set
 * aside as kept.json.damaged by the first write: what it holds only spares work, so it must not stop
 * any. s is borrowed. vault_close takes NULL and returns NULL. */
struct vault *vault_open(const struct secrets *s, struct err *e);
struct vault *vault_close(struct vault *v);
bool vault_is_damaged(const struct vault *v);

/* New object; NULL when there is none, or when it does not open with the key. */
json_t *vault_get(const struct vault *v, const char *name);

/* True when there is one of this name, whether it opens or not. */
bool vault_has(const struct vault *v, const char *name);

/* Keeps an object (borrowed; NULL forgets) and writes the file at once. */
int vault_put(struct vault *v, const char *name, const json_t *object, struct err *e);

/* Array of the names, sorted. New. */
json_t *vault_names(const struct vault *v);
