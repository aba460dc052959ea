/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The TLS Secrets of the release and the one name that each certificate is for. */
#pragma once

#include "steps/step.h"

#define TLS_NAMES_MAX 6

struct tls_name {
	const char *secret; /* static; cert-manager names the Certificate the same */
	char *host;         /* new */
};
struct tls_names {
	struct tls_name v[TLS_NAMES_MAX];
	size_t n;
};

/* Those of the hosts that are switched on. Needs "config:domains.*". */
void tls_names(struct step_ctx *c, struct tls_names *ret);
void tls_names_done(struct tls_names *t);
#define _cleanup_tls_names_ __attribute__((cleanup(tls_names_done)))
