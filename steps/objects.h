/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Objects that this program itself puts into the cluster, and cert-manager's values: pure functions.
 * Strings are borrowed, results new. Those that hold a secret are never written to a file. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "steps/ess.h"

#define CERT_MANAGER_NS "cert-manager"
#define CLOUDFLARE_SECRET "cloudflare-api-token"
#define INTERNAL_SERVICE "ess-setup-internal"
#define FEDERATION_INGRESS "ess-setup-federation"

struct cert_manager_in {
	const json_t *resolvers;                   /* "IPv4" or "IPv4:port" */
	const char *proxy, *no_proxy;              /* or NULL */
	const char *pod_cidr, *service_cidr;
};
json_t *cert_manager_values(const struct cert_manager_in *in);

/* A Certificate that is never made: asked as a dry run it proves that the webhook answers. */
json_t *cert_manager_probe(void);

/* "letsencrypt-prod" or "letsencrypt-staging"; static. */
const char *issuer_name(bool staging);
const char *issuer_account_secret(bool staging);
json_t *issuer_build(const char *email, bool staging);
json_t *issuer_secret(const char *token);

struct routes_in {
	const char *server_name;
	unsigned https, federation_port;
	bool federation;                           /* plan none: no route for it */
	const char *ingress_class;
	const char *ingress_ns;                    /* of the controller's pods */
	const char *ingress_selector;              /* "a=b,c=d" */
	const char *target, *federation_target;    /* ports of its pods: names, or numbers */
	const char *internal_address;
};
/* Array: Namespace, internal Service, federation Ingress. */
json_t *routes_build(const struct routes_in *in);

/* Annotation of a Secret: "current" once the workloads that read it were started with it. */
#define ROUTES_READERS "ess-setup/readers"

struct postgres_secret_in {
	const char *synapse, *auth;                /* passwords */
};
json_t *routes_postgres_secret(const struct postgres_secret_in *in);

struct email_secret_in {
	const char *host, *mode, *username, *password, *from;  /* username, password: may be NULL */
	unsigned port;
};
json_t *routes_email_secret(const struct email_secret_in *in);
