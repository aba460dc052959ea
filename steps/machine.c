/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "steps/machine.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/text.h"
#include "steps/tool.h"

/* K3s and ESS both ask for 2 GB and 2 cores (K3s requirements.md, ess-helm README); a machine sold
 * as 2 GB shows some 5 % less, since the kernel keeps a part. */
#define MEMORY_MIN_MIB 1800
#define MEMORY_GOOD_MIB 3600
#define CPUS_MIN 2
#define GIB (1LL << 30)
#define VAR_MIN (8 * GIB) /* images of K3s and ESS, unpacked */
#define HOME_MIN (4 * GIB)
#define AFTER_K3S_MIN (1 * GIB)
#define CLOCK_MIN 1767225600 /* 2026-01-01: this program is younger */
#define DEBIAN_MIN 12

static bool exists(const char *path)
{
	_cleanup_free_ char *real = path_under(path);
	return fs_exists(real);
}

bool machine_has_k3s(void)
{
	/* k3s' install.sh takes the unit away while it writes a new one: killed there, K3s still runs. */
	return exists("/etc/systemd/system/k3s.service") || exists("/etc/rancher/k3s/k3s.yaml");
}

const char *machine_arch(struct err *e)
{
	struct utsname u;
	uname(&u);
	if (!strcmp(u.machine, "x86_64"))
		return "amd64";
	if (!strcmp(u.machine, "aarch64"))
		return "arm64";
	err_set(e, FAULT_PRE_ARCH, N_("the processor is a %s"), u.machine);
	return NULL;
}

char *machine_release_value(const char *text, const char *name)
{
	size_t len = strlen(name);
	for (const char *p = text; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL) {
		if (strncmp(p, name, len) || p[len] != '=')
			continue;
		const char *v = p + len + 1;
		char quote = *v == '"' || *v == '\'' ? *v++ : '\n';
		return xstrndup(v, strcspn(v, (char[]){ quote, '\n', '\0' }));
	}
	return NULL;
}

char *machine_os(struct step_ctx *c, struct err *e)
{
	_cleanup_free_ char *text = tool_read(c, "/etc/os-release");
	_cleanup_free_ char *id = machine_release_value(text, "ID");
	_cleanup_free_ char *like = machine_release_value(text, "ID_LIKE");
	_cleanup_free_ char *version = machine_release_value(text, "VERSION_ID");
	_cleanup_free_ char *pretty = machine_release_value(text, "PRETTY_NAME");

	bool debian = id && !strcmp(id, "debian");
	if (!debian && !machine_has_word(like, "debian")) {
		if (pretty)
			err_set(e, FAULT_PRE_OS, N_("this machine runs %s"), pretty);
		else
			err_set(e, FAULT_PRE_OS, N_("%s does not say which system this is"), "/etc/os-release");
		return NULL;
	}
	/* Debian's testing has no VERSION_ID. */
	if (debian && version && strtol(version, NULL, 10) < DEBIAN_MIN) {
		err_set(e, FAULT_PRE_OS,
			N_("this machine runs %s, Debian %d is the oldest that is supported"),
			pretty ? pretty : version, DEBIAN_MIN);
		return NULL;
	}
	if (!debian)
		step_log(c,
			 "%s is a relative of Debian; this program is tested on Debian 12 and 13",
			 id);
	return version ? xasprintf("%s %s", id, version) : xstrdup(id);
}

unsigned long machine_meminfo_mib(const char *text, const char *name)
{
	size_t len = strlen(name);
	for (const char *p = text; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL)
		if (!strncmp(p, name, len) && p[len] == ':')
			return strtoul(p + len + 1, NULL, 10) / 1024;
	return 0;
}

unsigned machine_cpus(const char *text)
{
	unsigned n = 0;
	for (const char *p = text; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL)
		if (text_starts(p, "processor") && (p[9] == '\t' || p[9] == ' ' || p[9] == ':'))
			n++;
	return n;
}

bool machine_has_word(const char *text, const char *word)
{
	size_t len = strlen(word);
	for (const char *p = text ? strstr(text, word) : NULL; p; p = strstr(p + len, word))
		if ((p == text || isspace((unsigned char)p[-1])) &&
		    (!p[len] || isspace((unsigned char)p[len])))
			return true;
	return false;
}

/* cgroup v1: "pids 9 71 1", enabled in the last column. */
static bool cgroup_v1_has(const char *text, const char *name)
{
	size_t len = strlen(name);
	for (const char *p = text; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL) {
		int enabled;
		if (!strncmp(p, name, len) && sscanf(p + len, "%*d %*d %d", &enabled) == 1)
			return enabled == 1;
	}
	return false;
}

static int check_cgroups(struct step_ctx *c, struct err *e)
{
	_cleanup_free_ char *v2 = tool_read(c, "/sys/fs/cgroup/cgroup.controllers");
	_cleanup_free_ char *v1 = tool_read(c, "/proc/cgroups");
	/* Without pids the kubelet does not start (k3s, kubeletArgsAndConfig). */
	static const char *const needed[] = { "memory", "pids" };
	for (size_t i = 0; i < ARRAY_LEN(needed); i++)
		if (!machine_has_word(v2, needed[i]) && !cgroup_v1_has(v1, needed[i]))
			return err_set(e, FAULT_PRE_CGROUP,
				       N_("the cgroup controller \"%s\" is missing"), needed[i]);
	return 0;
}

static int check_clock(struct step_ctx *c, struct err *e)
{
	struct proc_result r _cleanup_proc_ = { 0 };
	if (time(NULL) < CLOCK_MIN)
		return err_set(e, FAULT_PRE_CLOCK, N_("the clock is years behind"));
	int asked = tool_ask(
		c,
		(const char *[]){ "timedatectl", "show", "-p", "NTPSynchronized", "--value", NULL },
		&r, e);
	if (asked < 0)
		return -1;
	if (asked == 0 || !text_starts(r.out, "yes"))
		step_log(c, "the clock is not kept right by a time service (timedatectl): "
			    "certificates need it");
	return 0;
}

int machine_is_enough(struct step_ctx *c, struct err *e)
{
	if (geteuid() != 0 && !*path_root())
		return err_set(e, FAULT_PRE_ROOT, N_("the engine runs as user %u"),
			       (unsigned)geteuid());

	_cleanup_free_ char *meminfo = tool_read(c, "/proc/meminfo");
	unsigned long mib = machine_meminfo_mib(meminfo, "MemTotal");
	if (mib < MEMORY_MIN_MIB)
		return err_set(e, FAULT_PRE_MEMORY,
			       N_("this machine has %lu MiB of memory, %d MiB are the least"), mib,
			       MEMORY_MIN_MIB);
	if (mib < MEMORY_GOOD_MIB)
		step_log(c,
			 "%lu MiB of memory are enough for a few users; 4 GiB and more are "
			 "comfortable",
			 mib);
	if (machine_meminfo_mib(meminfo, "SwapTotal") > 0)
		step_log(c, "swap is on: Kubernetes works best without it");

	_cleanup_free_ char *cpuinfo = tool_read(c, "/proc/cpuinfo");
	unsigned cpus = machine_cpus(cpuinfo);
	if (cpus < CPUS_MIN)
		return err_set(e, FAULT_PRE_CPU,
			       N_("this machine has %u processor cores, %d are the least"), cpus,
			       CPUS_MIN);
	if (check_cgroups(c, e) < 0)
		return -1;
	return check_clock(c, e);
}

/* --- disk ------------------------------------------------------------------------------------- */

struct space {
	long long free;
	char *mount; /* new; NULL: nothing is known */
};

/* df answers for what exists only, so for the nearest parent. */
static int ask_space(struct step_ctx *c, const char *path, struct space *ret, struct err *e)
{
	_cleanup_free_ char *dir = xstrdup(path);
	_cleanup_free_ char *real = NULL;
	for (;;) {
		free(real);
		real = path_under(dir);
		char *slash = strrchr(dir, '/');
		if (fs_exists(real) || !slash || slash == dir)
			break;
		*slash = '\0';
	}
	*ret = (struct space){ 0 };
	struct proc_result r _cleanup_proc_ = { 0 };
	int asked = tool_ask(
		c, (const char *[]){ "df", "-B1", "--output=avail,target", real, NULL }, &r, e);
	if (asked < 0)
		return -1;
	const char *line = asked ? strchr(r.out, '\n') : NULL;
	int at = 0;
	if (!line || sscanf(line + 1, " %lld %n", &ret->free, &at) < 1 || at == 0) {
		step_log(c, "df does not tell the free space at %s", path);
		return 0;
	}
	ret->mount = text_trim(line + 1 + at);
	return 0;
}

static int need_space(const char *path, const struct space *s, long long needed, struct err *e)
{
	if (!s->mount || s->free >= needed)
		return 0;
	return err_set(e, FAULT_PRE_DISK, N_("%lld MiB are free at %s, %lld MiB are needed"),
		       s->free >> 20, path, needed >> 20);
}

int machine_has_space(struct step_ctx *c, const char *home, bool k3s, struct err *e)
{
	struct space var = { 0 }, at_home = { 0 };
	int r = -1;
	if (ask_space(c, "/var", &var, e) < 0 || ask_space(c, home, &at_home, e) < 0)
		goto out;
	const long long var_min = k3s ? AFTER_K3S_MIN : VAR_MIN;
	const long long home_min = k3s ? AFTER_K3S_MIN : HOME_MIN;
	if (var.mount && at_home.mount && !strcmp(var.mount, at_home.mount))
		r = need_space("/var", &var, k3s ? AFTER_K3S_MIN : var_min + home_min, e);
	else if (need_space("/var", &var, var_min, e) == 0 &&
		 need_space(home, &at_home, home_min, e) == 0)
		r = 0;
out:
	free(var.mount);
	free(at_home.mount);
	return r;
}

/* --- other clusters --------------------------------------------------------------------------- */

int machine_is_free(struct step_ctx *c, bool ours, struct err *e)
{
	static const struct {
		const char *path, *name;
	} foreign[] = {
		{ "/etc/kubernetes/kubelet.conf", "kubeadm" },
		{ "/etc/kubernetes/admin.conf", "kubeadm" },
		{ "/etc/rancher/rke2", "RKE2" },
		{ "/etc/systemd/system/k3s-agent.service", "a K3s agent" },
		{ "/var/lib/k0s", "k0s" },
		{ "/var/snap/microk8s", "MicroK8s" },
	};
	for (size_t i = 0; i < ARRAY_LEN(foreign); i++)
		if (exists(foreign[i].path))
			return err_set(e, FAULT_PRE_FOREIGN, N_("%s is installed here: %s exists"),
				       foreign[i].name, foreign[i].path);
	if (machine_has_k3s() && !ours)
		return err_set(e, FAULT_PRE_FOREIGN,
			       N_("a K3s is installed here that this program did not install"));
	return 0;
}
