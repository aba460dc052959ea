/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Fills the inputs of the pure builders from what a step may read. Each *_INPUTS is what its function
 * reads, for struct step's inputs. A fact that is not known yet is FAULT_NOT_YET. */
#pragma once

#include "steps/cluster-files.h"
#include "steps/ess.h"
#include "steps/objects.h"
#include "steps/step.h"

#define VALUES_INPUTS                                                                                        \
	"config:certificates.environment", "config:cluster.ingress_class", "config:domains.*",               \
		"config:federation.plan", "config:images.*", "config:network.public_address",                \
		"config:network.public_address_mode", "config:network.stun_servers", "config:ports.https",   \
		"config:ports.rtc_mode", "config:ports.rtc_tcp", "config:ports.rtc_udp",                     \
		"config:ports.udp_range", "config:postgres.*", "config:registration.mode",                   \
		"config:scale.*", "config:smtp.host", "config:storage.*", "config:synapse.max_upload_size",                    \
		"fact:cluster.internal_address", "fact:public.address"
json_t *gather_values(struct step_ctx *c, struct err *e);

#define TRAEFIK_INPUTS                                                                                       \
	"config:ports.federation", "config:ports.http", "config:ports.https", "config:ports.internal.*",     \
		"fact:cluster.pod_cidr"
int gather_traefik(struct step_ctx *c, struct traefik_in *ret, struct err *e);

/* The node ports that the chart's Services for calls take: two spans. */
#define CALL_PORTS_INPUTS "config:ports.rtc_mode", "config:ports.rtc_tcp", "config:ports.rtc_udp", "config:ports.udp_range"
int gather_call_ports(struct step_ctx *c, struct port_span ret[2], struct err *e);

#define K3S_CONFIG_INPUTS                                                                                    \
	"config:paths.home", "config:ports.internal.*", "config:ports.rtc_mode", "config:ports.rtc_tcp",     \
		"config:ports.rtc_udp", "config:ports.udp_range", "fact:cluster.pod_cidr",                   \
		"fact:cluster.service_cidr"
char *gather_k3s_config(struct step_ctx *c, struct err *e);

#define REGISTRIES_INPUTS                                                                                    \
	"config:mirrors.docker_io", "config:mirrors.ghcr_io", "config:mirrors.oci_element_io",               \
		"config:mirrors.quay_io", "config:network.ca_file"
char *gather_registries(struct step_ctx *c, struct err *e);

#define RESOLV_INPUTS "config:network.resolvers"
char *gather_resolv(struct step_ctx *c, struct err *e);

#define CERT_MANAGER_INPUTS                                                                                  \
	"config:network.no_proxy", "config:network.proxy", "config:network.resolvers", "fact:dns.selfcheck", \
		"fact:cluster.pod_cidr", "fact:cluster.service_cidr"
json_t *gather_cert_manager(struct step_ctx *c, struct err *e);

#define ISSUER_INPUTS "config:certificates.email", "config:certificates.environment"
json_t *gather_issuer(struct step_ctx *c, struct err *e);

#define ROUTES_INPUTS                                                                                        \
	"config:cluster.ingress_class", "config:cluster.ingress_federation_target_port",                     \
		"config:cluster.ingress_namespace", "config:cluster.ingress_selector",                       \
		"config:cluster.ingress_target_port", "config:domains.server_name",                          \
		"config:federation.plan", "config:ports.federation", "config:ports.https",                   \
		"fact:cluster.internal_address"
json_t *gather_routes(struct step_ctx *c, struct err *e);

/* Needs "config:certificates.environment". */
bool gather_staging(struct step_ctx *c);

/* True when this program installs the cluster. Needs "config:cluster.kind". */
bool gather_own_k3s(struct step_ctx *c);

/* A fact that must be known by now: FAULT_NOT_YET. Borrowed. */
int gather_fact(struct step_ctx *c, const char *name, const char **ret, struct err *e);
