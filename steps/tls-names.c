/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "steps/tls-names.h"

#include <stdlib.h>

#include "base/mem.h"

void tls_names(struct step_ctx *c, struct tls_names *ret)
{
	/* ess-helm, templates/ess-library/_ingress.tpl: {release}-{component}-certmanager-tls */
	static const struct {
		const char *which, *secret;
	} hosts[] = {
		{ "synapse", "ess-synapse-certmanager-tls" },
		{ "auth", "ess-matrix-authentication-service-certmanager-tls" },
		{ "rtc", "ess-matrix-rtc-certmanager-tls" },
		{ "web", "ess-element-web-certmanager-tls" },
		{ "admin", "ess-element-admin-certmanager-tls" },
	};
	*ret = (struct tls_names){ .n = 1 };
	ret->v[0] = (struct tls_name){ "ess-well-known-certmanager-tls",
				       xstrdup(step_str(c, "domains.server_name")) };
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
		char *host = step_host(c, hosts[i].which);
		if (host)
			ret->v[ret->n++] = (struct tls_name){ hosts[i].secret, host };
	}
}

void tls_names_done(struct tls_names *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->v[i].host);
	t->n = 0;
}
