/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The k3s service: reads its configuration as the real one does, refuses what that refuses, and is
 * ready a poll after its start. */
#include "world/k3s.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/yaml.h"

/* Flags of "k3s server" without dashes (k3s docs, cli/server): what may stand in config.yaml. */
static const char *const known[] = {
	"agent-token",
	"bind-address",
	"advertise-address",
	"cluster-cidr",
	"cluster-dns",
	"cluster-domain",
	"cluster-init",
	"data-dir",
	"datastore-endpoint",
	"debug",
	"default-local-storage-path",
	"disable",
	"disable-cloud-controller",
	"disable-helm-controller",
	"disable-kube-proxy",
	"disable-network-policy",
	"disable-default-registry-endpoint",
	"egress-selector-mode",
	"embedded-registry",
	"etcd-expose-metrics",
	"flannel-backend",
	"flannel-iface",
	"helm-job-image",
	"https-listen-port",
	"kube-apiserver-arg",
	"kube-controller-manager-arg",
	"kube-proxy-arg",
	"kube-scheduler-arg",
	"kubelet-arg",
	"lb-server-port",
	"log",
	"node-external-ip",
	"node-ip",
	"node-label",
	"node-name",
	"node-taint",
	"pause-image",
	"prefer-bundled-bin",
	"private-registry",
	"protect-kernel-defaults",
	"resolv-conf",
	"rootless",
	"secrets-encryption",
	"secrets-encryption-provider",
	"server",
	"service-cidr",
	"service-node-port-range",
	"snapshotter",
	"system-default-registry",
	"tls-san",
	"tls-san-security",
	"token",
	"token-file",
	"write-kubeconfig",
	"write-kubeconfig-mode",
	"write-kubeconfig-group",
	"selinux",
	"servicelb-namespace",
	"supervisor-metrics",
};

static bool is_known(const char *key)
{
	size_t len = strlen(key);
	len -= len && key[len - 1] == '+';
	for (size_t i = 0; i < ARRAY_LEN(known); i++)
		if (strlen(known[i]) == len && strncmp(known[i], key, len) == 0)
			return true;
	return false;
}

static void add_file(json_t *all, const char *path, char **ret_bad)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	if (fs_read(path, 1 << 20, &text, &len, NULL) < 0)
		return;
	_cleanup_free_ char *error = NULL;
	_cleanup_json_ json_t *j = yaml_load_one(text, len, &error);
	if (!j) {
		*ret_bad = xasprintf("failed to load config from %s: %s", path, error);
		return;
	}
	const char *key;
	json_t *v;
	json_object_foreach(j, key, v)
		if (!is_known(key))
			*ret_bad = xasprintf("flag provided but not defined: -%s", key);
	json_object_update(all, j);
}

json_t *k3s_config(const struct world *w, char **ret_bad)
{
	json_t *all = json_object();
	*ret_bad = NULL;
	_cleanup_free_ char *path = world_path(w, "/etc/rancher/k3s/config.yaml");
	_cleanup_free_ char *more = world_path(w, "/etc/rancher/k3s/config.yaml.d/*.yaml");
	add_file(all, path, ret_bad);
	glob_t g;
	if (glob(more, 0, NULL, &g) == 0) {
		for (size_t i = 0; i < g.gl_pathc; i++)
			add_file(all, g.gl_pathv[i], ret_bad);
		globfree(&g);
	}
	return all;
}

static char *refused(const struct world *w, const json_t *config)
{
	if (!world_exists(w, "/usr/local/bin/k3s"))
		return xstrdup("Failed to locate executable /usr/local/bin/k3s: No such file or "
			       "directory");
	const char *resolv = json_str_at(config, "resolv-conf");
	if (resolv) {
		/* A path of the machine, or, where steps write the root into it, of the host. */
		_cleanup_free_ char *path =
			text_starts(resolv, w->root) ? xstrdup(resolv) : world_path(w, resolv);
		if (access(path, R_OK) != 0)
			return xasprintf("open %s: no such file or directory", resolv);
	}
	_cleanup_free_ char *text = world_read(w, "/etc/rancher/k3s/registries.yaml", NULL);
	_cleanup_free_ char *error = NULL;
	_cleanup_json_ json_t *registries =
		text ? yaml_load_one(text, strlen(text), &error) : json_object();
	if (!registries)
		return xasprintf("failed to read private registry config: %s", error);
	return scenario_knob(w, "k3s.fails");
}

/* The API's addresses are decided at the first start and stay with the datastore. */
static void fix_ranges(const struct world *w, const json_t *config)
{
	static const struct {
		const char *flag, *member, *def;
	} ranges[] = {
		{ "service-cidr", "service_cidr", "10.43.0.0/16" },
		{ "cluster-cidr", "cluster_cidr", "10.42.0.0/16" },
		{ "service-node-port-range", "node_ports", "30000-32767" },
	};
	_cleanup_free_ char *binary = world_path(w, "/usr/local/bin/k3s");
	_cleanup_free_ char *version = NULL;
	free(script_marker(binary, &version));
	struct store s;
	store_open(w, "cluster", &s);
	for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
		const char *v = json_string_value(json_object_get(config, ranges[i].flag));
		if (!json_object_get(s.j, ranges[i].member) || i == 2)
			json_object_set_new(s.j, ranges[i].member,
					    json_string(v ? v : ranges[i].def));
	}
	if (version)
		json_object_set_new(s.j, "version", json_string(version));
	json_object_set_new(s.j, "crds",
			    json_object_get(s.j, "crds") ? json_incref(json_object_get(s.j, "crds"))
							 : json_pack("{s:b}", "k3s", 1));
	json_t *disable = json_object_get(config, "disable");
	json_object_set_new(s.j, "disabled", disable ? json_deep_copy(disable) : json_array());
	const char *name = json_string_value(json_object_get(config, "node-name"));
	json_object_set_new(s.j, "node", json_string(name ? name : "ess"));
	store_close(&s, true);
}

void k3s_start(const struct world *w, json_t *unit)
{
	_cleanup_free_ char *bad = NULL;
	_cleanup_json_ json_t *config = k3s_config(w, &bad);
	if (!bad)
		bad = refused(w, config);
	if (bad) {
		json_object_set_new(unit, "state", json_string("failed"));
		json_object_set_new(unit, "why", json_string(bad));
		return;
	}
	fix_ranges(w, config);
	json_object_set_new(unit, "state", json_string("activating"));
	json_object_set_new(unit, "polls", json_integer(1));
}

/* For each mirror what containerd reads (k3s pkg/agent/containerd/config.go). */
static void write_hosts(const struct world *w)
{
	_cleanup_free_ char *text = world_read(w, "/etc/rancher/k3s/registries.yaml", NULL);
	_cleanup_free_ char *error = NULL;
	_cleanup_json_ json_t *j = text ? yaml_load_one(text, strlen(text), &error) : NULL;
	const char *registry;
	json_t *mirror;
	json_object_foreach(json_object_get(j, "mirrors"), registry, mirror) {
		_cleanup_free_ char *path = xasprintf(
			"/var/lib/rancher/k3s/agent/etc/containerd/certs.d/%s/hosts.toml", registry);
		world_printf(w, path,
			     "# File generated by k3s. DO NOT EDIT.\n\n\nserver = \"https://%s/v2\"\n"
			     "capabilities = [\"pull\", \"resolve\", \"push\"]\n\n\n[host]\n[host.\"%s\"]\n"
			     "  capabilities = [\"pull\", \"resolve\"]\n",
			     registry,
			     json_string_value(json_array_get(json_object_get(mirror, "endpoint"), 0)));
	}
}

/* What the real one leaves on the disk when it is up. */
static void came_up(const struct world *w)
{
	static const char kubeconfig[] = "apiVersion: v1\nkind: Config\ncurrent-context: "
					 "default\nclusters:\n- cluster:\n    server: "
					 "https://127.0.0.1:6443\n  name: default\ncontexts:\n- "
					 "context:\n    cluster: default\n    user: default\n"
					 "  name: default\nusers:\n- name: default\n  user: {}\n";
	if (!world_exists(w, "/etc/rancher/k3s/k3s.yaml"))
		world_write(w, "/etc/rancher/k3s/k3s.yaml", kubeconfig, sizeof(kubeconfig) - 1,
			    0600);
	if (!world_exists(w, "/var/lib/rancher/k3s/server/node-token"))
		world_write(w, "/var/lib/rancher/k3s/server/node-token",
			    "K10rehearsal::server:rehearsal\n", 31, 0600);
	write_hosts(w);
	rootfs_ports(w, true);
}

bool k3s_poll(const struct world *w)
{
	struct store host;
	store_open(w, "host", &host);
	if (json_is_true(json_object_get(host.j, "existing"))) {
		store_close(&host, false);
		return true;
	}
	json_t *u = unit_of(&host, "k3s.service");
	bool was = strcmp(json_str_at(u, "state"), "activating") == 0,
	     up = strcmp(json_str_at(u, "state"), "active") == 0;
	if (was) {
		long long left = json_int_at(u, "polls", 0) - 1;
		json_object_set_new(u, "polls", json_integer(left));
		if (left < 0) {
			json_object_set_new(u, "state", json_string("active"));
			up = true;
		}
	}
	store_close(&host, was);
	if (was && up)
		came_up(w);
	return up;
}

bool k3s_running(const struct world *w)
{
	struct store host;
	store_open(w, "host", &host);
	bool up = json_is_true(json_object_get(host.j, "existing")) ||
		  strcmp(json_str_at(unit_of(&host, "k3s.service"), "state"), "active") == 0;
	store_close(&host, false);
	return up;
}
