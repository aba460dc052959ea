/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* K3s' install.sh with everything skipped but links, unit and scripts; and what it leaves behind
 * for uninstalling (k3s-io/k3s install.sh: create_symlinks, create_killall, create_service_file).
 */
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/k3s.h"
#include "world/world.h"

static bool env_is(const char *name, const char *want)
{
	const char *v = getenv(name);
	return v && strcmp(v, want) == 0;
}

static void link_tool(const struct world *w, const char *name)
{
	_cleanup_free_ char *path = xasprintf("%s/usr/local/bin/%s", w->root, name);
	if (access(path, F_OK) == 0) {
		printf("[INFO]  Skipping /usr/local/bin/%s symlink to k3s, already exists\n", name);
		return;
	}
	fs_symlink("k3s", path, NULL);
	printf("[INFO]  Creating /usr/local/bin/%s symlink to k3s\n", name);
}

static void write_script(const struct world *w, const char *name)
{
	_cleanup_free_ char *rel = xasprintf("/usr/local/bin/%s", name);
	_cleanup_free_ char *text = xasprintf("#!%s\n# stand-in: %s\n", w->self, name);
	world_write(w, rel, text, strlen(text), 0755);
	printf("[INFO]  Creating %s script %s\n", strstr(name, "kill") ? "killall" : "uninstall",
	       rel);
}

static void write_env(const struct world *w)
{
	static const char *const proxies[] = { "HTTP_PROXY",
					       "HTTPS_PROXY",
					       "NO_PROXY",
					       "http_proxy",
					       "https_proxy",
					       "no_proxy",
					       "CONTAINERD_HTTP_PROXY",
					       "CONTAINERD_HTTPS_PROXY",
					       "CONTAINERD_NO_PROXY" };
	char *text = xstrdup("");
	for (size_t i = 0; i < ARRAY_LEN(proxies); i++) {
		const char *v = getenv(proxies[i]);
		if (!v)
			continue;
		char *more = xasprintf("%s%s='%s'\n", text, proxies[i], v);
		free(text);
		text = more;
	}
	world_write(w, "/etc/systemd/system/k3s.service.env", text, strlen(text), 0600);
	puts("[INFO]  env: Creating environment file /etc/systemd/system/k3s.service.env");
	free(text);
}

static const char unit[] = "[Unit]\nDescription=Lightweight "
			   "Kubernetes\nDocumentation=https://k3s.io\nWants=network-online.target\n"
			   "After=network-online.target\n\n[Install]\nWantedBy=multi-user."
			   "target\n\n[Service]\nType=notify\n"
			   "EnvironmentFile=-/etc/default/%N\nEnvironmentFile=-/etc/sysconfig/%N\n"
			   "EnvironmentFile=-/etc/systemd/system/"
			   "k3s.service.env\nKillMode=process\nDelegate=yes\nUser=root\n"
			   "LimitNOFILE=1048576\nLimitNPROC=infinity\nLimitCORE=infinity\nTasksMax="
			   "infinity\nTimeoutStartSec=0\n"
			   "Restart=always\nRestartSec=5s\nExecStartPre=-/sbin/modprobe "
			   "br_netfilter\nExecStartPre=-/sbin/modprobe overlay\n"
			   "ExecStart=/usr/local/bin/k3s \\\n    server \\\n\n";

int tool_k3s_install(struct call *c)
{
	if (c->argc && !(c->argc == 1 && strcmp(c->argv[0], "server") == 0))
		return call_unknown(c, c->argv[0]);
	if (!env_is("INSTALL_K3S_SKIP_DOWNLOAD", "true") ||
	    !env_is("INSTALL_K3S_SKIP_START", "true") ||
	    !env_is("INSTALL_K3S_SKIP_SELINUX_RPM", "true"))
		return call_unknown(
			c, "install.sh without SKIP_DOWNLOAD, SKIP_START and SKIP_SELINUX_RPM");
	_cleanup_free_ char *k3s = world_path(c->w, "/usr/local/bin/k3s");
	puts("[INFO]  Skipping k3s download and verify");
	if (access(k3s, X_OK) != 0) {
		fflush(stdout);
		fputs("[ERROR]  Executable k3s binary not found at /usr/local/bin/k3s\n", stderr);
		return 1;
	}
	puts("[INFO]  Skipping installation of SELinux RPM");
	link_tool(c->w, "kubectl");
	link_tool(c->w, "crictl");
	link_tool(c->w, "ctr");
	write_script(c->w, "k3s-killall.sh");
	write_script(c->w, "k3s-uninstall.sh");
	/* systemd_disable: the unit is gone until it is written again */
	_cleanup_free_ char *file = world_path(c->w, "/etc/systemd/system/k3s.service");
	_cleanup_free_ char *env = world_path(c->w, "/etc/systemd/system/k3s.service.env");
	unit_link(c->w, "k3s.service", false);
	unlink(file);
	unlink(env);
	scenario_act(c->w, c->rule, "middle");
	write_env(c->w);
	world_write(c->w, "/etc/systemd/system/k3s.service", unit, sizeof(unit) - 1, 0644);
	puts("[INFO]  systemd: Creating service file /etc/systemd/system/k3s.service");
	if (!env_is("INSTALL_K3S_SKIP_ENABLE", "true")) {
		unit_link(c->w, "k3s.service", true);
		puts("[INFO]  systemd: Enabling k3s unit");
	}
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	return remove(path);
}

int tool_k3s_uninstall(struct call *c)
{
	if (c->argc)
		return call_unknown(c, c->argv[0]);
	struct store host;
	store_open(c->w, "host", &host);
	json_t *u = unit_of(&host, "k3s.service");
	json_object_set_new(u, "state", json_string("inactive"));
	bool all = strcmp(c->name, "k3s-uninstall.sh") == 0;
	if (all)
		json_object_del(json_object_get(host.j, "units"), "k3s.service");
	store_close(&host, true);
	rootfs_ports(c->w, false);
	if (!all)
		return 0;
	unit_link(c->w, "k3s.service", false);
	static const char *const gone[] = {
		"/etc/systemd/system/k3s.service",
		"/etc/systemd/system/k3s.service.env",
		"/etc/rancher/k3s",
		"/run/k3s",
		"/var/lib/rancher/k3s",
		"/var/lib/kubelet",
		"/usr/local/bin/kubectl",
		"/usr/local/bin/crictl",
		"/usr/local/bin/ctr",
		"/usr/local/bin/k3s",
		"/usr/local/bin/k3s-killall.sh",
		"/usr/local/bin/k3s-uninstall.sh",
		"/world/cluster.json",
	};
	for (size_t i = 0; i < ARRAY_LEN(gone); i++) {
		_cleanup_free_ char *path = world_path(c->w, gone[i]);
		nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	}
	return 0;
}
