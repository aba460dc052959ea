/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The folder of the world as a fresh, minimal Debian 12 at a home router: 192.168.1.20 on eth0. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "world/world.h"

static const struct {
	const char *path, *text;
} files[] = {
	{ "/etc/os-release", "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian "
			     "GNU/Linux\"\nVERSION_ID=\"12\"\n"
			     "VERSION=\"12 (bookworm)\"\nVERSION_CODENAME=bookworm\nID=debian\n" },
	{ "/etc/debian_version", "12.12\n" },
	{ "/etc/hostname", "ess\n" },
	{ "/etc/hosts", "127.0.0.1\tlocalhost\n127.0.1.1\tess\n" },
	{ "/etc/resolv.conf", "nameserver 192.168.1.1\n" },
	{ "/proc/meminfo",
	  "MemTotal:        8142648 kB\nMemFree:         6902340 kB\nMemAvailable:    7391216 kB\n"
	  "SwapTotal:             0 kB\nSwapFree:              0 kB\n" },
	{ "/proc/net/fib_trie",
	  "Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 0.0.0.0\n        /0 universe UNICAST\n"
	  "     +-- 127.0.0.0/8 2 0 2\n        |-- 127.0.0.1\n           /32 host LOCAL\n"
	  "     +-- 192.168.1.0/24 2 0 2\n        |-- 192.168.1.0\n           /24 link UNICAST\n"
	  "        |-- 192.168.1.20\n           /32 host LOCAL\n        |-- 192.168.1.255\n"
	  "           /32 link BROADCAST\n" },
	{ "/proc/sys/net/ipv4/ip_forward", "0\n" },
	{ "/sys/fs/cgroup/cgroup.controllers", "cpuset cpu io memory hugetlb pids rdma misc\n" },
	{ "/sys/module/apparmor/parameters/enabled", "Y\n" },
};

static const char *const folders[] = {
	"/etc/systemd/system", "/opt",	    "/root",	  "/run",     "/tmp",	  "/usr/local/bin",
	"/usr/local/sbin",     "/usr/sbin", "/var/cache", "/var/lib", "/var/log",
};

/* Tools of a minimal Debian: what is important or required there, and apt. */
static const char *const stand_ins[] = {
	"/usr/bin/apt-get",    "/usr/bin/df",	     "/usr/bin/dpkg",
	"/usr/bin/dpkg-query", "/usr/bin/systemctl", "/usr/bin/timedatectl",
	"/usr/bin/journalctl", "/usr/sbin/ip",	     "/usr/sbin/modprobe",
	"/usr/sbin/nft",
};

/* The real programs, for archives that are real. */
static const char *const real[] = { "tar", "gzip" };

static void write_stand_in(const struct world *w, const char *path)
{
	_cleanup_free_ char *text =
		xasprintf("#!%s\n# stand-in: %s\n", w->self, strrchr(path, '/') + 1);
	world_write(w, path, text, strlen(text), 0755);
}

static void write_cpuinfo(const struct world *w)
{
	char *text = xstrdup("");
	for (int i = 0; i < 4; i++) {
		char *more = xasprintf("%sprocessor\t: %d\nvendor_id\t: GenuineIntel\nmodel "
				       "name\t: Intel(R) N100\n\n",
				       text, i);
		free(text);
		text = more;
	}
	world_write(w, "/proc/cpuinfo", text, strlen(text), 0444);
	free(text);
}

#define TCP_HEAD                                                                                   \
	"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  "      \
	"timeout inode\n"
#define UDP_HEAD                                                                                   \
	"   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  "     \
	"timeout inode ref "                                                                       \
	"pointer drops\n"
#define ROUTE_HEAD                                                                                 \
	"Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"

static void add_socket(char **text, const char *address, unsigned port, const char *state)
{
	char *more = xasprintf("%s   0: %s:%04X %.*s:0000 %s 00000000:00000000 00:00000000 "
			       "00000000     0        0 %u 1 "
			       "0000000000000000 100 0 0 10 0\n",
			       *text, address, port, (int)strlen(address),
			       "00000000000000000000000000000000", state, 20000 + port);
	free(*text);
	*text = more;
}

void rootfs_ports(const struct world *w, bool k3s)
{
	static const unsigned any6[] = { 6443, 10250 },
			      local[] = { 6444, 10010, 10248, 10249, 10256, 10257, 10258, 10259 };
	char *tcp = xstrdup(TCP_HEAD), *tcp6 = xstrdup(TCP_HEAD), *udp = xstrdup(UDP_HEAD);
	add_socket(&tcp, "00000000", 22, "0A");
	add_socket(&tcp6, "00000000000000000000000000000000", 22, "0A");
	add_socket(&udp, "00000000", 68, "07");
	for (size_t i = 0; k3s && i < ARRAY_LEN(any6); i++)
		add_socket(&tcp6, "00000000000000000000000000000000", any6[i], "0A");
	for (size_t i = 0; k3s && i < ARRAY_LEN(local); i++)
		add_socket(&tcp, "0100007F", local[i], "0A");
	if (k3s)
		add_socket(&udp, "00000000", 8472, "07");
	world_write(w, "/proc/net/tcp", tcp, strlen(tcp), 0444);
	world_write(w, "/proc/net/tcp6", tcp6, strlen(tcp6), 0444);
	world_write(w, "/proc/net/udp", udp, strlen(udp), 0444);
	world_printf(w, "/proc/net/udp6", UDP_HEAD);
	world_printf(w, "/proc/net/route",
		     ROUTE_HEAD "eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
				"eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n%s",
		     k3s ? "cni0\t00002A0A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n" : "");
	free(tcp);
	free(tcp6);
	free(udp);
}

void rootfs_firewall(const struct world *w)
{
	_cleanup_free_ char *knob = scenario_knob(w, "firewall");
	if (!knob)
		return;
	if (strcmp(knob, "ufw") == 0) {
		write_stand_in(w, "/usr/sbin/ufw");
		world_printf(w, "/etc/ufw/ufw.conf", "ENABLED=yes\nLOGLEVEL=low\n");
	} else if (strcmp(knob, "firewalld") == 0) {
		write_stand_in(w, "/usr/bin/firewall-cmd");
	}
}

static void link_real(const struct world *w, const char *name)
{
	static const char *const places[] = { "/usr/bin", "/bin" };
	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		_cleanup_free_ char *target = xasprintf("%s/%s", places[i], name);
		_cleanup_free_ char *path = xasprintf("%s/usr/bin/%s", w->root, name);
		if (access(target, X_OK) == 0) {
			fs_symlink(target, path, NULL);
			return;
		}
	}
	world_die("this machine has no %s", name);
}

static void write_host(const struct world *w)
{
	static const char *const installed[] = {
		"apt",	       "e2fsprogs",  "gzip",	 "iproute2", "kmod",
		"libnewt0.52", "mount",	     "nftables", "procps",   "systemd",
		"tar",	       "util-linux", "whiptail",
	};
	_cleanup_json_ json_t *packages = json_object();
	for (size_t i = 0; i < ARRAY_LEN(installed); i++)
		json_object_set_new(packages, installed[i], json_string("installed"));
	_cleanup_json_ json_t *host = json_pack("{s:O, s:b}", "packages", packages, "apt_lists", 0);
	_cleanup_free_ char *text = json_pretty(host);
	world_write(w, "/world/host.json", text, strlen(text), 0600);
}

void rootfs_populate(const struct world *w)
{
	if (world_exists(w, "/world/host.json"))
		return;
	for (size_t i = 0; i < ARRAY_LEN(folders); i++) {
		_cleanup_free_ char *path = world_path(w, folders[i]);
		fs_mkdir_p(path, 0755, NULL);
	}
	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		world_write(w, files[i].path, files[i].text, strlen(files[i].text), 0644);
	for (size_t i = 0; i < ARRAY_LEN(stand_ins); i++)
		write_stand_in(w, stand_ins[i]);
	for (size_t i = 0; i < ARRAY_LEN(real); i++)
		link_real(w, real[i]);
	write_cpuinfo(w);
	rootfs_ports(w, false);
	artefacts_make(w);
	/* last: it says that all the rest is there */
	write_host(w);
}
