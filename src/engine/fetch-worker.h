/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* A process that fetches one file after the other: a transfer that hangs or dies must not touch the
 * others, and the connections that it has open serve its next files. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <sys/types.h>

#include "model/config.h"

struct worker {
	pid_t pid; /* 0: none yet */
	int fd;    /* readable when it has done its item, or has died */
	bool busy;
};

/* Has an item fetched; starts the process if it must. -1: it cannot be. */
int worker_give(struct worker *w, const struct config *config, const json_t *item);

/* After fd was readable: it is free again, or gone. */
void worker_hear(struct worker *w);

/* Ends the process, if there is one: when it is idle or was told to (SIGTERM). */
void worker_end(struct worker *w);
