/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "steps/cluster-files.h"
#include "steps/oci.h"

#define HEAD "# Written by ess-setup; the next run replaces changes made here.\n"

/* Kubernetes' own default range. */
#define NODE_PORT_FIRST 30000
#define NODE_PORT_LAST 32767

/* A double-quoted YAML scalar: JSON's strings are a part of those. */
static char *quoted(const char *s)
{
	_cleanup_json_ json_t *j = json_text(s);
	return json_canonical(j);
}

char *k3s_storage(const char *home)
{
	return xasprintf("%s/storage", home);
}

char *k3s_config_build(const struct k3s_in *in)
{
	unsigned first = NODE_PORT_FIRST, last = NODE_PORT_LAST;
	for (const unsigned *p = in->node_ports; *p; p++) {
		first = *p < first ? *p : first;
		last = *p > last ? *p : last;
	}
	_cleanup_free_ char *storage = k3s_storage(in->home);
	_cleanup_free_ char *storage_text = quoted(storage);
	/* Names are the flags of "k3s server" (k3s-io/docs docs/cli/server.md, agent.md). */
	return xasprintf(HEAD "cluster-cidr: \"%s\"\n"
			      "service-cidr: \"%s\"\n"
			      "service-node-port-range: \"%u-%u\"\n"
			      "secrets-encryption: true\n"
			      "default-local-storage-path: %s\n"
			      "resolv-conf: \"" K3S_RESOLV "\"\n"
			      "write-kubeconfig-mode: \"0600\"\n",
			 in->pod_cidr, in->service_cidr, first, last, storage_text);
}

char *cluster_no_proxy(const char *pod_cidr, const char *service_cidr, const char *node, const char *extra)
{
	return xasprintf("localhost,127.0.0.0/8,%s,%s,.svc,.cluster.local%s%s%s%s", pod_cidr, service_cidr,
			 node ? "," : "", node ? node : "", extra ? "," : "", extra ? extra : "");
}

/* An endpoint as K3s takes it: "/v2" is put behind a bare host only (oci_api() says more). */
char *registries_endpoint(const char *url)
{
	const char *host = strstr(url, "://");
	const char *path = strchr(host ? host + 3 : url, '/');
	return path && path[1] ? oci_api(url) : xstrdup(url);
}

static char *mirror(const char *registry, const char *url)
{
	if (!url)
		return xstrdup("");
	_cleanup_free_ char *endpoint = registries_endpoint(url);
	_cleanup_free_ char *text = quoted(endpoint);
	return xasprintf("  %s:\n    endpoint:\n      - %s\n", registry, text);
}

static void add_config(char **text, const char *host, size_t len, const char *ca_file)
{
	_cleanup_free_ char *name = xstrndup(host, len);
	_cleanup_free_ char *key = quoted(name);
	_cleanup_free_ char *ca = quoted(ca_file);
	char *longer = strstr(*text, key) ? xstrdup(*text)
					  : xasprintf("%s  %s:\n    tls:\n      ca_file: %s\n", *text, key, ca);
	free(*text);
	*text = longer;
}

/* containerd knows only the system's CAs. A host of its own in the file is not under "*" any more, so
 * that each stands there by itself (k3s-io/docs private-registry.md, Wildcard Support). */
static char *configs(const struct registries_in *in)
{
	static const char *const names[] = { "docker.io", "ghcr.io", "quay.io", "oci.element.io" };
	const char *const urls[] = { in->docker_io, in->ghcr_io, in->quay_io, in->oci_element_io };
	char *text = xstrdup(in->ca_file ? "configs:\n" : "");
	for (size_t i = 0; in->ca_file && i < ARRAY_LEN(names); i++) {
		const char *host = urls[i] ? strstr(urls[i], "://") : NULL;
		add_config(&text, names[i], strlen(names[i]), in->ca_file);
		if (host)
			add_config(&text, host + 3, strcspn(host + 3, "/"), in->ca_file);
	}
	if (in->ca_file)
		add_config(&text, "*", 1, in->ca_file);
	return text;
}

char *registries_build(const struct registries_in *in)
{
	_cleanup_free_ char *docker = mirror("docker.io", in->docker_io);
	_cleanup_free_ char *ghcr = mirror("ghcr.io", in->ghcr_io);
	_cleanup_free_ char *quay = mirror("quay.io", in->quay_io);
	_cleanup_free_ char *element = mirror("oci.element.io", in->oci_element_io);
	_cleanup_free_ char *tls = configs(in);
	bool any = in->docker_io || in->ghcr_io || in->quay_io || in->oci_element_io;
	return xasprintf(HEAD "# Each registry itself is still asked last.\nmirrors:%s\n%s%s%s%s%s",
			 any ? "" : " {}", docker, ghcr, quay, element, tls);
}

char *resolv_build(const json_t *resolvers)
{
	char *text = xstrdup(HEAD);
	/* The C library reads three; a port cannot be said in this file. */
	for (size_t i = 0; i < json_array_size(resolvers) && i < 3; i++) {
		const char *s = json_string_value(json_array_get(resolvers, i));
		char *longer = xasprintf("%snameserver %.*s\n", text, (int)strcspn(s, ":"), s);
		cleanup_free(&text);
		text = longer;
	}
	return text;
}
