/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The files that K3s reads: pure functions. Strings are borrowed, results new. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

/* Where K3s takes manifests from; names must be RFC 1123 (k3s-io/docs packaged-components.md). */
#define TRAEFIK_MANIFEST "/var/lib/rancher/k3s/server/manifests/ess-setup-traefik.json"
#define K3S_IMAGES "/var/lib/rancher/k3s/agent/images" /* k3s-io/docs installation/airgap.md */
#define K3S_CONFIG "/etc/rancher/k3s/config.yaml"
#define K3S_REGISTRIES "/etc/rancher/k3s/registries.yaml"
#define K3S_RESOLV "/etc/rancher/k3s/resolv.conf"

/* Name of the entry point for federation; web and websecure are the chart's own. */
#define TRAEFIK_FEDERATION "matrixfed"

struct traefik_in {
	unsigned http, https, federation;                     /* public */
	unsigned http_node, https_node, federation_node;      /* node ports */
	const char *pod_cidr;
};

/* Major versions of the Traefik chart: http options under "http:" since 39, redirections.entryPoint
 * since 34 (traefik-helm-chart Changelog.md). */
#define TRAEFIK_CHART_MIN 34
#define TRAEFIK_CHART_HTTP 39

/* The HelmChartConfig in the syntax of that chart. */
json_t *traefik_build(const struct traefik_in *in, unsigned chart_major);

/* What Traefik's Deployment must have among its arguments, one string each. */
json_t *traefik_args(const struct traefik_in *in, unsigned chart_major);

/* Ports of Traefik's Service: [{name, port, nodePort}]. */
json_t *traefik_ports(const struct traefik_in *in);

/* "https://%{KUBERNETES_API}%/static/charts/traefik-40.1.4+up40.1.0.tgz": "40.1.4+up40.1.0". New or NULL. */
char *traefik_chart_version(const char *chart);

struct k3s_in {
	const char *pod_cidr, *service_cidr;
	const char *home;                                     /* paths.home */
	const unsigned *node_ports;                           /* all that must be in the range; 0 ends */
};
char *k3s_config_build(const struct k3s_in *in);

/* paths.home's folder for volumes. */
char *k3s_storage(const char *home);

/* What a proxy must not get: the cluster's own traffic, this node's (K3s adds ranges and names itself,
 * but not the node: k3s-io/docs advanced.md, "Configuring an HTTP proxy") and what the user names. node and
 * extra may be NULL. */
char *cluster_no_proxy(const char *pod_cidr, const char *service_cidr, const char *node, const char *extra);

struct registries_in {
	const char *docker_io, *ghcr_io, *quay_io, *oci_element_io;  /* endpoint or NULL */
	const char *ca_file;                                         /* further CAs, or NULL */
};
char *registries_build(const struct registries_in *in);

/* A mirror's URL as it stands in there. New. */
char *registries_endpoint(const char *url);

/* A resolv.conf of the first three resolvers ("IPv4" or "IPv4:port"): K3s would else give pods
 * 8.8.8.8 where the machine's own is a local stub. */
char *resolv_build(const json_t *resolvers);
