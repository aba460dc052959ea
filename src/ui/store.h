/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Answers and secrets as the commands change them: always under the engine's lock, so that a run never
 * sees half a change. */
#pragma once

#include "model/config.h"
#include "model/secrets.h"

/* Takes the lock for a change. Descriptor, to be closed; -1 with FAULT_LOCKED or FAULT_IO. */
int store_lock(struct err *e);

/* Saves the config; the lock is taken for the time of it. */
int store_config(const struct config *c, struct err *e);

/* Saves one secret (NULL removes it); the lock is taken for the time of it. */
int store_secret(const char *name, const char *value, struct err *e);

/* Adds a config file for people ("-": stdin) to the stored answers, and the secrets in it to
 * secrets.json; nothing is saved unless all of it is right (reserved example names are only warned
 * about: a file may be kept to be finished). -1 with e set, or with problems. */
int store_import(const char *file, struct problems *ret, struct err *e);

/* Reads a secret from a file ("-": stdin): its first line, without white space at its ends. New
 * (free_secret), NULL with e set. */
char *store_read_secret(const char *file, struct err *e);

/* config_check(), and the secrets that must be there. */
int store_check(const struct config *c, bool rehearse, struct problems *ret, struct err *e);
