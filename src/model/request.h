/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* request.json: what the frontend asks of the engine; read once by the engine at its start.
 * {"job": "install", "options": {"rehearse": bool, "until": "values", "bundle": FILE, "arch": "arm64"}} */
#pragma once

#include <stdbool.h>

#include "base/err.h"

struct request {
	char *job;       /* "install" */
	char *until;     /* id of the last step to run, or NULL */
	char *bundle;    /* file of a bundle, absolute, or NULL */
	char *arch;      /* for which machine to make it, or NULL */
	bool rehearse;   /* reserved example names are allowed */
};

void request_done(struct request *r);
#define _cleanup_request_ __attribute__((cleanup(request_done)))

int request_save(const struct request *r, struct err *e);

/* A missing file asks for the install job. FAULT_REQUEST_BAD. */
int request_load(struct request *r, struct err *e);
