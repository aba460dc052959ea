/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* systemctl, for units whose file stands in /etc/systemd/system; only k3s.service does something.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/k3s.h"
#include "world/world.h"

bool systemctl_changes(const struct call *c)
{
	const char *verb = c->argc ? c->argv[0] : "";
	return strcmp(verb, "is-active") != 0 && strcmp(verb, "show") != 0 &&
	       strcmp(verb, "is-enabled") != 0 && strcmp(verb, "cat") != 0;
}

/* "k3s" is "k3s.service". New. */
static char *unit_name(const char *word)
{
	return strrchr(word, '.') ? xstrdup(word) : xasprintf("%s.service", word);
}

static bool unit_exists(const struct world *w, const char *unit)
{
	_cleanup_free_ char *path = xasprintf("/etc/systemd/system/%s", unit);
	return world_exists(w, path);
}

json_t *unit_of(struct store *host, const char *unit)
{
	json_t *units = json_object_get(host->j, "units");
	if (!units) {
		units = json_object();
		json_object_set_new(host->j, "units", units);
	}
	json_t *u = json_object_get(units, unit);
	if (!u) {
		u = json_pack("{s:s}", "state", "inactive");
		json_object_set_new(units, unit, u);
	}
	return u;
}

void unit_link(const struct world *w, const char *unit, bool on)
{
	_cleanup_free_ char *dir = world_path(w, "/etc/systemd/system/multi-user.target.wants");
	_cleanup_free_ char *path = xasprintf("%s/%s", dir, unit);
	_cleanup_free_ char *target = xasprintf("../%s", unit);
	fs_mkdir_p(dir, 0755, NULL);
	if (on)
		fs_symlink(target, path, NULL);
	else
		unlink(path);
}

static int start(struct call *c, const char *verb, const char *unit)
{
	if (!unit_exists(c->w, unit)) {
		fprintf(stderr, "Failed to %s %s: Unit %s not found.\n", verb, unit, unit);
		return 5;
	}
	struct store host;
	store_open(c->w, "host", &host);
	json_t *u = unit_of(&host, unit);
	const char *state = json_str_at(u, "state");
	bool again = strcmp(verb, "restart") == 0;
	if (strcmp(unit, "k3s.service") == 0 && (again || strcmp(state, "active") != 0))
		k3s_start(c->w, u);
	else if (strcmp(unit, "k3s.service") != 0)
		json_object_set_new(u, "state", json_string("active"));
	store_close(&host, true);
	return 0;
}

static int stop(struct call *c, const char *unit)
{
	if (!unit_exists(c->w, unit)) {
		fprintf(stderr, "Failed to stop %s: Unit %s not loaded.\n", unit, unit);
		return 5;
	}
	struct store host;
	store_open(c->w, "host", &host);
	json_object_set_new(unit_of(&host, unit), "state", json_string("inactive"));
	store_close(&host, true);
	rootfs_ports(c->w, false);
	return 0;
}

static int enable(struct call *c, const char *unit, bool on)
{
	if (!unit_exists(c->w, unit)) {
		fprintf(stderr, "Failed to %s unit: Unit file %s does not exist.\n",
			on ? "enable" : "disable", unit);
		return 1;
	}
	unit_link(c->w, unit, on);
	return 0;
}

static char *state_of(struct call *c, const char *unit)
{
	if (strcmp(unit, "k3s.service") == 0)
		k3s_poll(c->w);
	struct store host;
	store_open(c->w, "host", &host);
	char *state = xstrdup(unit_exists(c->w, unit) ? json_str_at(unit_of(&host, unit), "state")
						      : "inactive");
	store_close(&host, false);
	return state;
}

/* show -p A,B[,C] UNIT */
static int show(struct call *c)
{
	if (c->argc < 4 || strcmp(c->argv[1], "-p") != 0)
		return call_unknown(c, "show other than -p PROPERTIES UNIT");
	bool value = strcmp(c->argv[3], "--value") == 0;
	_cleanup_free_ char *unit = unit_name(c->argv[c->argc - 1]);
	_cleanup_free_ char *state = state_of(c, unit);
	_cleanup_strv_ char **wanted = text_split(c->argv[2], ',');
	bool failed = strcmp(state, "failed") == 0;
	const char *sub = strcmp(state, "active") == 0	     ? "running"
			  : strcmp(state, "activating") == 0 ? "start"
			  : failed			     ? "failed"
							     : "dead";
	const struct {
		const char *name, *value;
	} all[] = {
		{ "ActiveState", state },
		{ "SubState", sub },
		{ "Result", failed ? "exit-code" : "success" },
		{ "LoadState", unit_exists(c->w, unit) ? "loaded" : "not-found" },
		{ "NRestarts", failed ? "5" : "0" },
		{ "ExecMainStatus", failed ? "1" : "0" },
	};
	for (char **p = wanted; p && *p; p++) {
		size_t i = 0;
		while (i < ARRAY_LEN(all) && strcmp(all[i].name, *p) != 0)
			i++;
		if (i == ARRAY_LEN(all))
			return call_unknown(c, *p);
		printf("%s%s%s\n", value ? "" : all[i].name, value ? "" : "=", all[i].value);
	}
	return 0;
}

int tool_systemctl(struct call *c)
{
	const char *verb = c->argc ? c->argv[0] : "";
	if (c->argc == 1 && strcmp(verb, "daemon-reload") == 0)
		return 0;
	if (strcmp(verb, "show") == 0)
		return show(c);
	if (c->argc == 3 && (strcmp(verb, "start") == 0 || strcmp(verb, "restart") == 0) &&
	    strcmp(c->argv[1], "--no-block") == 0) {
		_cleanup_free_ char *unit = unit_name(c->argv[2]);
		return start(c, verb, unit);
	}
	/* A start that waits would hang on a k3s that never gets ready (Type=notify,
	 * TimeoutStartSec=0). */
	if (c->argc != 2)
		return call_unknown(c, *verb ? verb : "no verb");
	_cleanup_free_ char *unit = unit_name(c->argv[1]);
	if (strcmp(verb, "stop") == 0)
		return stop(c, unit);
	if (strcmp(verb, "enable") == 0 || strcmp(verb, "disable") == 0)
		return enable(c, unit, *verb == 'e');
	if (strcmp(verb, "is-active") == 0) {
		_cleanup_free_ char *state = state_of(c, unit);
		puts(state);
		return strcmp(state, "active") == 0 ? 0 : 3;
	}
	if (strcmp(verb, "is-enabled") == 0) {
		_cleanup_free_ char *link =
			xasprintf("/etc/systemd/system/multi-user.target.wants/%s", unit);
		bool on = unit_exists(c->w, unit) && world_exists(c->w, link);
		puts(on ? "enabled" : "disabled");
		return on ? 0 : 1;
	}
	return call_unknown(c, verb);
}

/* The end of what K3s said, as it was written (logrus), and systemd's lines after it. */
int tool_journalctl(struct call *c)
{
	_cleanup_free_ char *args =
		c->argc ? text_join((const char *const *)c->argv, " ") : xstrdup("");
	if (strcmp(args, "-u k3s -n 20 --no-pager -o cat") != 0)
		return call_unknown(c, args);
	_cleanup_free_ char *now = world_now();
	struct store host;
	store_open(c->w, "host", &host);
	const char *why = json_str_at(unit_of(&host, "k3s.service"), "why");
	printf("time=\"%s\" level=info msg=\"Starting k3s\"\n", now);
	if (why)
		printf("time=\"%s\" level=fatal msg=\"%s\"\n"
		       "k3s.service: Main process exited, code=exited, status=1/FAILURE\n"
		       "k3s.service: Failed with result 'exit-code'.\n",
		       now, why);
	store_close(&host, false);
	return 0;
}
