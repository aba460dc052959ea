/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The post-renderer: makes a manifest that was rendered with "host:port" in every Ingress host of
 * the values valid. The chart knows no public port (ess-helm, values.schema.json), so the port
 * reaches all its URLs by way of the host; two kinds of places must not carry it so. */
#pragma once

#include <stddef.h>

#include "base/err.h"

/* Takes the port out of every Ingress' spec.rules[].host and spec.tls[].hosts[], and turns the
 * m.server "host:port:443" of the well-known ConfigMap into "host:port". Everything else keeps its
 * value, style and order; comments are lost. A manifest that needs none of it stays as it is.
 * *ret_out is new. Whatever it does not know is a FAULT_RENDER_*, never passed through. */
int postrender(const char *in, size_t len, char **ret_out, size_t *ret_len, struct err *e);

/* As above; *ret_edits is the number of scalars that were changed. */
int postrender_counted(const char *in, size_t len, char **ret_out, size_t *ret_len,
		       unsigned *ret_edits, struct err *e);
