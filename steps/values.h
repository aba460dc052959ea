/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* values.json: what the ESS chart is told. A pure function; no secret is in it, and no null (helm
 * changes those: helm/helm#31643). */
#pragma once

#include <jansson.h>
#include <stdbool.h>

/* The Secret that the routes step makes for a password which the chart must read. */
#define VALUES_POSTGRES_SECRET "ess-setup-postgres"
#define VALUES_POSTGRES_SYNAPSE "synapse"
#define VALUES_POSTGRES_AUTH "auth"
#define VALUES_EMAIL_SECRET "ess-setup-email"
#define VALUES_EMAIL_KEY "email.yaml"

/* All strings borrowed. */
struct values_in {
	const char *server_name;
	const char *synapse, *auth, *rtc, *web;  /* full host names, without port */
	const char *admin;                       /* NULL: Element Admin is off */
	unsigned https;                          /* public port; 443 does not show in URLs */

	unsigned rtc_tcp;
	bool muxed;                              /* all UDP on one port, else on the range */
	unsigned udp_first, udp_last;
	unsigned udp_muxed;
	const char *rtc_address;                 /* what the SFU announces; NULL: asks STUN */
	const char *rtc_seen;                    /* where it asks STUN: what it must find now; may be NULL */
	const json_t *stun_servers;              /* array of "host:port", may be empty or NULL */

	const char *issuer;                      /* ClusterIssuer */
	bool staging;                            /* its certificates are not trusted */
	const char *ingress_class;
	const char *internal_address;            /* of the Service in front of the ingress controller */

	const char *registration;                /* invite, open, closed */
	bool smtp;
	bool federation;

	const json_t *registries;                /* array of "PART=REGISTRY" (model/chart-parts.h) */
	const json_t *workers;                   /* array of "WORKER" or "WORKER=NUMBER" */
	long web_replicas, auth_replicas, haproxy_replicas;  /* up to 1: as the chart has it */

	const char *storage_class;
	const char *media_size, *postgres_size;
	const char *max_upload_size;

	struct {
		const char *host;                /* NULL: the chart's own PostgreSQL */
		unsigned port;
		const char *ssl_mode;
		const char *synapse_user, *synapse_database;
		const char *auth_user, *auth_database;
	} postgres;
};

/* The public address that the SFU announces by these values, borrowed; NULL: they do not say. */
const char *values_rtc_address(const json_t *values);

/* New. */
json_t *values_build(const struct values_in *in);

/* "host" for 443, else "host:port". New. */
char *values_host(const char *host, unsigned port);
