/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* apt-get and dpkg-query on a Debian whose package lists are as fresh as host.json says. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/world.h"

/* What Debian has to offer here. */
static const char *const available[] = {
	"apparmor",
	"apt",
	"ca-certificates",
	"chrony",
	"conntrack",
	"cron",
	"curl",
	"dnsutils",
	"e2fsprogs",
	"ethtool",
	"firewalld",
	"gnupg",
	"gzip",
	"iproute2",
	"ipset",
	"iptables",
	"jq",
	"kmod",
	"libcurl4",
	"libjansson4",
	"libnewt0.52",
	"mount",
	"needrestart",
	"nftables",
	"open-iscsi",
	"openssl",
	"procps",
	"socat",
	"sudo",
	"systemd",
	"systemd-timesyncd",
	"tar",
	"ufw",
	"util-linux",
	"wget",
	"whiptail",
	"xz-utils",
};

static bool is_available(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(available); i++)
		if (strcmp(available[i], name) == 0)
			return true;
	return false;
}

bool apt_changes(const struct call *c)
{
	return true;
}

static int update(struct store *host)
{
	puts("Get:1 http://deb.debian.org/debian bookworm InRelease [151 kB]\n"
	     "Get:2 http://deb.debian.org/debian bookworm/main amd64 Packages [8693 kB]\n"
	     "Fetched 8844 kB in 1s (8844 kB/s)\nReading package lists...");
	json_object_set_new(host->j, "apt_lists", json_true());
	return 0;
}

static int install(struct call *c, struct store *host, int first)
{
	json_t *packages = json_object_get(host->j, "packages");
	puts("Reading package lists...\nBuilding dependency tree...\nReading state information...");
	for (int i = first; i < c->argc; i++) {
		const char *name = c->argv[i];
		if (!is_available(name) || (!json_is_true(json_object_get(host->j, "apt_lists")) &&
					    !json_object_get(packages, name))) {
			fprintf(stderr, "E: Unable to locate package %s\n", name);
			return 100;
		}
	}
	for (int i = first; i < c->argc; i++) {
		if (json_object_get(packages, c->argv[i])) {
			printf("%s is already the newest version.\n", c->argv[i]);
			continue;
		}
		printf("Selecting previously unselected package %s.\nSetting up %s ...\n",
		       c->argv[i], c->argv[i]);
		json_object_set_new(packages, c->argv[i], json_string("installed"));
	}
	return 0;
}

int tool_apt(struct call *c)
{
	bool yes = false;
	const char *verb = NULL;
	int i = 0;
	for (; i < c->argc && !verb; i++) {
		const char *a = c->argv[i];
		if (strcmp(a, "-y") == 0)
			yes = true;
		else if (strcmp(a, "-q") == 0 || strcmp(a, "-qq") == 0 ||
			 strcmp(a, "--no-install-recommends") == 0)
			continue;
		else if (strcmp(a, "-o") == 0 && i + 1 < c->argc &&
			 (text_starts(c->argv[i + 1], "DPkg::Lock::Timeout=") ||
			  text_starts(c->argv[i + 1], "Dpkg::Options::=--force-conf")))
			i++;
		else if (*a == '-')
			return call_unknown(c, a);
		else
			verb = a;
	}
	for (int k = i; k < c->argc; k++)
		if (c->argv[k][0] == '-')
			return call_unknown(c, c->argv[k]);
	if (!verb || !yes || (strcmp(verb, "update") != 0 && strcmp(verb, "install") != 0))
		return call_unknown(c, verb ? verb : "no verb, or questions (-y is missing)");
	struct store host;
	store_open(c->w, "host", &host);
	int rc = strcmp(verb, "update") == 0 ? update(&host) : install(c, &host, i);
	store_close(&host, true);
	return rc;
}

int tool_apt_dpkg(struct call *c)
{
	if (c->argc != 2 || strcmp(c->argv[0], "--configure") != 0 || strcmp(c->argv[1], "-a") != 0)
		return call_unknown(c, "dpkg other than --configure -a");
	struct store host;
	store_open(c->w, "host", &host);
	const char *name;
	json_t *status;
	json_object_foreach(json_object_get(host.j, "packages"), name, status)
		if (text_starts(json_string_value(status), "half-"))
			json_string_set(status, "installed");
	store_close(&host, true);
	return 0;
}

int tool_dpkg_query(struct call *c)
{
	if (c->argc < 3 || strcmp(c->argv[0], "-W") != 0 || !text_starts(c->argv[1], "-f="))
		return call_unknown(c, "dpkg-query other than -W -f=FORMAT PACKAGE...");
	const char *format = c->argv[1] + 3;
	bool named = strncmp(format, "${binary:Package}", 17) == 0 ||
		     strncmp(format, "${Package}", 10) == 0;
	const char *rest = named ? strchr(format, '}') + 1 : format;
	bool space = *rest == ' ';
	rest += space;
	if (strncmp(rest, "${db:Status-Status}", 19) != 0 ||
	    (rest[19] && strcmp(rest + 19, "\\n") != 0))
		return call_unknown(c, format);
	struct store host;
	store_open(c->w, "host", &host);
	int rc = 0;
	for (int i = 2; i < c->argc; i++) {
		const char *status = json_string_value(
			json_object_get(json_object_get(host.j, "packages"), c->argv[i]));
		if (!status) {
			fprintf(stderr, "dpkg-query: no packages found matching %s\n", c->argv[i]);
			rc = 1;
			continue;
		}
		printf("%s%s%s%s", named ? c->argv[i] : "", space ? " " : "", status,
		       rest[19] ? "\n" : "");
	}
	store_close(&host, false);
	return rc;
}
