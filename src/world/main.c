/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* ess-world: the simulated world of a rehearsal. Started through a stand-in's shebang line it plays
 * that tool; "serve" makes a world and answers HTTP and DNS in it. */
#include <limits.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/world.h"

static const struct tool tools[] = {
	{ "apt-get", tool_apt, apt_changes },
	{ "crictl", tool_misc, NULL },
	{ "ctr", tool_misc, NULL },
	{ "df", tool_misc, NULL },
	{ "dpkg", tool_apt_dpkg, always_changes },
	{ "dpkg-query", tool_dpkg_query, NULL },
	{ "firewall-cmd", tool_firewall, firewall_changes },
	{ "helm", tool_helm, helm_changes },
	{ "ip", tool_misc, NULL },
	{ "journalctl", tool_journalctl, NULL },
	{ "k3s", tool_k3s, k3s_changes },
	{ "k3s-install.sh", tool_k3s_install, always_changes },
	{ "k3s-killall.sh", tool_k3s_uninstall, always_changes },
	{ "k3s-uninstall.sh", tool_k3s_uninstall, always_changes },
	{ "kubectl", tool_kubectl, kubectl_changes },
	{ "modprobe", tool_misc, NULL },
	{ "nft", tool_firewall, firewall_changes },
	{ "systemctl", tool_systemctl, systemctl_changes },
	{ "timedatectl", tool_timedatectl, NULL },
	{ "ufw", tool_firewall, firewall_changes },
};

const struct tool *tool_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(tools); i++)
		if (strcmp(tools[i].name, name) == 0)
			return &tools[i];
	return NULL;
}

bool always_changes(const struct call *c)
{
	return true;
}

/* Where the real tool would read stdin. */
static bool reads_stdin(const struct call *c)
{
	for (int i = 0; i < c->argc && strcmp(c->argv[i], "--") != 0; i++)
		if (strcmp(c->argv[i], "-i") == 0 ||
		    (strcmp(c->argv[i], "-f") == 0 && i + 1 < c->argc &&
		     strcmp(c->argv[i + 1], "-") == 0))
			return true;
	return false;
}

static char *slurp(size_t *ret_len)
{
	char *buf = NULL;
	size_t len = 0;
	for (;;) {
		buf = xreallocarray(buf, len + 65536 + 1, 1);
		ssize_t n = read(STDIN_FILENO, buf + len, 65536);
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	buf[len] = '\0';
	*ret_len = len;
	return buf;
}

static int play(char *self, char *script, int argc, char **argv)
{
	const char *base = strrchr(script, '/');
	_cleanup_free_ char *name = xstrdup(base ? base + 1 : script);
	if (!tool_find(name)) {
		free(name);
		name = script_marker(script, NULL);
	}
	const struct tool *tool = name ? tool_find(name) : NULL;
	struct world w = { .root = world_find(script), .self = self };
	if (!tool || !w.root)
		world_die("%s is no stand-in of a world", script);

	struct call c = {
		.w = &w, .name = tool->name, .script = script, .argc = argc, .argv = argv
	};
	if (reads_stdin(&c))
		c.in = slurp(&c.in_len);
	call_note(&w, tool->name, argc, argv, tool->changes && tool->changes(&c), c.in, c.in_len);

	_cleanup_free_ char *args = argc ? text_join((const char *const *)argv, " ") : xstrdup("");
	c.rule = scenario_tool(&w, tool->name, args);
	scenario_act(&w, c.rule, "before");
	int rc = tool->run(&c);
	scenario_act(&w, c.rule, "after");
	fflush(stdout);
	json_decref(c.rule);
	free_secret(c.in);
	free(w.root);
	return rc;
}

int main(int argc, char **argv)
{
	fs_open_std_fds();
	static char buf[1 << 16];
	setvbuf(stdout, buf, _IOFBF, sizeof(buf));

	if (argc > 1 && strcmp(argv[1], "serve") == 0)
		return serve_main(argc - 2, argv + 2);
	if (argc > 1 && strcmp(argv[1], "stop") == 0)
		return stop_main(argc - 2, argv + 2);
	_cleanup_free_ char *self = realpath("/proc/self/exe", NULL);
	if (argc > 1 && strchr(argv[1], '/') && self)
		return play(self, argv[1], argc - 2, argv + 2);
	fputs("usage: ess-world serve --root DIR [--domain NAME] [--public-address IP]\n           "
	      "            [--existing] [--scenario FILE] [--detach]\n"
	      "       ess-world stop --root DIR\n",
	      stderr);
	return EXIT_NOT_MODELLED;
}
