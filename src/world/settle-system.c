/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What K3s puts into a fresh cluster: the node, its own namespaces and services. */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/net.h"
#include "world/cluster.h"
#include "world/k3s.h"

/* The nth address of the service range. New. */
static char *service_ip(const struct cluster *c, unsigned n)
{
	uint32_t base = 0x0a2b0000;
	unsigned bits = 16;
	const char *cidr = json_str_at(c->st.j, "service_cidr");
	if (cidr)
		net_parse_cidr(cidr, &base, &bits);
	base += n;
	return xasprintf("%u.%u.%u.%u", base >> 24, (base >> 16) & 255, (base >> 8) & 255,
			 base & 255);
}

static void add_node(struct cluster *c)
{
	const char *name = json_str_at(c->st.j, "node"), *version = json_str_at(c->st.j, "version");
	json_t *node = cluster_get(c, "nodes", NULL, name);
	const char *runs = json_str_at(node, "status.nodeInfo.kubeletVersion");
	if (runs && version && strcmp(runs, version) == 0)
		return;
	node = json_pack("{s:s, s:s, s:{s:s, s:{s:s, s:s, s:s, s:s}}, s:{s:s}, s:{s:[{s:s, s:s}, "
			 "{s:s, s:s}], s:{s:s, s:s, s:s}, "
			 "s:{s:s, s:s, s:s, s:s, s:s}}}",
			 "apiVersion", "v1", "kind", "Node", "metadata", "name", name, "labels",
			 "kubernetes.io/arch", "amd64", "kubernetes.io/hostname", name,
			 "kubernetes.io/os", "linux", "node-role.kubernetes.io/control-plane",
			 "true", "spec", "podCIDR", "10.42.0.0/24", "status", "addresses",
			 "address", "192.168.1.20", "type", "InternalIP", "address", name, "type",
			 "Hostname", "capacity", "cpu", "4", "memory", "8142648Ki", "pods", "110",
			 "nodeInfo", "architecture", "amd64", "kubeletVersion", version,
			 "operatingSystem", "linux", "osImage", "Debian GNU/Linux 12 (bookworm)",
			 "containerRuntimeVersion", "containerd://2.1.5-k3s1");
	status_condition(node, "Ready", "True", "KubeletReady", "kubelet is posting ready status");
	cluster_put(c, node);
}

static void add_service(struct cluster *c, const char *ns, const char *name, const char *ip,
			int port, const char *port_name)
{
	json_t *svc = json_pack("{s:s, s:s, s:{s:s, s:s}, s:{s:s, s:[{s:s, s:i, s:s, s:i}]}}",
				"apiVersion", "v1", "kind", "Service", "metadata", "name", name,
				"namespace", ns, "spec", "type", "ClusterIP", "ports", "name",
				port_name, "port", port, "protocol", "TCP", "targetPort", port);
	if (ip)
		json_object_set_new(json_object_get(svc, "spec"), "clusterIP", json_string(ip));
	char *error = NULL;
	if (validate_object(c, svc, NULL, &error) < 0)
		world_die("%s", error);
	cluster_put(c, svc);
}

static void add_deployment(struct cluster *c, const char *name, const char *image)
{
	cluster_put(c, json_pack("{s:s, s:s, s:{s:s, s:s, s:{s:s}}, s:{s:i, s:{s:{s:s}}, "
				 "s:{s:{s:{s:s}}, s:{s:[{s:s, s:s}]}}}}",
				 "apiVersion", "apps/v1", "kind", "Deployment", "metadata", "name",
				 name, "namespace", "kube-system", "labels", "k8s-app", name,
				 "spec", "replicas", 1, "selector", "matchLabels", "k8s-app", name,
				 "template", "metadata", "labels", "k8s-app", name, "spec",
				 "containers", "name", name, "image", image));
}

static void add_storage(struct cluster *c)
{
	_cleanup_free_ char *bad = NULL;
	_cleanup_json_ json_t *config = k3s_config(c->w, &bad);
	const char *path = json_string_value(json_object_get(config, "default-local-storage-path"));
	_cleanup_json_ json_t *map = json_pack("{s:[{s:s, s:[s]}]}", "nodePathMap", "node",
					       "DEFAULT_PATH_FOR_NON_LISTED_NODES", "paths",
					       path ? path : "/var/lib/rancher/k3s/storage");
	_cleanup_free_ char *text = json_pretty(map);
	cluster_put(c, json_pack("{s:s, s:s, s:{s:s, s:s}, s:{s:s}}", "apiVersion", "v1", "kind",
				 "ConfigMap", "metadata", "name", "local-path-config", "namespace",
				 "kube-system", "data", "config.json", text));
	cluster_put(c, json_pack("{s:s, s:s, s:{s:s, s:{s:s}}, s:s, s:s, s:s}", "apiVersion",
				 "storage.k8s.io/v1", "kind", "StorageClass", "metadata", "name",
				 "local-path", "annotations",
				 "storageclass.kubernetes.io/is-default-class", "true",
				 "provisioner", "rancher.io/local-path", "reclaimPolicy", "Delete",
				 "volumeBindingMode", "WaitForFirstConsumer"));
}

void settle_system(struct cluster *c)
{
	static const char *const namespaces[] = { "default", "kube-node-lease", "kube-public",
						  "kube-system" };
	add_node(c);
	if (json_object_get(c->st.j, "built"))
		return;
	json_object_set_new(c->st.j, "built", json_true());
	c->changed = true;
	for (size_t i = 0; i < ARRAY_LEN(namespaces); i++)
		cluster_namespace(c, namespaces[i]);
	_cleanup_free_ char *api = service_ip(c, 1), *dns = service_ip(c, 10);
	add_service(c, "default", "kubernetes", api, 443, "https");
	add_service(c, "kube-system", "kube-dns", dns, 53, "dns-tcp");
	add_service(c, "kube-system", "metrics-server", NULL, 443, "https");
	add_deployment(c, "coredns", "rancher/mirrored-coredns-coredns:1.13.1");
	add_deployment(c, "local-path-provisioner", "rancher/local-path-provisioner:v0.0.34");
	add_deployment(c, "metrics-server", "rancher/mirrored-metrics-server:v0.8.1");
	add_storage(c);
}
