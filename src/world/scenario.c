/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Failures on purpose. DIR/world/scenario.json is a list of rules, or {"knobs": {...}, "rules":
 * [...]}.
 *
 * A rule: {"match": {"tool": "helm", "argv": "upgrade", "nth": 1} or {"host": "get.helm.sh",
 * "path":
 * ".tar.gz"}, "action": ..., "when": "before" (default), "middle" or "after" the effect, "times":
 * how often from the nth match on (1; 0: for ever)}. Actions of both: fail (exit, stderr; HTTP:
 * status, body, retry_after), hang, kill-parent (SIGKILL to the engine), slow (ms; HTTP: rate in bytes a
 * second). Tools: die, garbage, empty, say (stdout), full (exit as with a full disk). HTTP: cut (bytes), html,
 * close, redirect (location). DNS ({"dns": NAME, "type": "A", or "TXT/udp" where the way matters too):
 * nxdomain, servfail, refused, drop, answer (data: addresses), names (data: a name server). Knobs, each a string: firewall, disk.free, clock.synchronized, k3s.fails,
 * traefik.job_fails, pod.trouble, helm.hook_fails, helm.never_ready, issuer.refused,
 * challenge.reason, certificate.days (of life), cloudflare.mode, images.unreachable (any value),
 * rtc.participants, stun.silent, traefik.drops (part of an argument), volume.leftover (name of a claim).
 * A file that is put into force by --scenario may hold {domain}, {number}, {word}, {address}, {byte}. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/world.h"

static json_t *load(const struct world *w)
{
	_cleanup_free_ char *text = world_read(w, "/world/scenario.json", NULL);
	if (!text)
		return NULL;
	json_error_t je;
	json_t *j = json_loads(text, 0, &je);
	if (!j)
		world_die("scenario.json, line %d: %s", je.line, je.text);
	return j;
}

static bool has(const json_t *match, const char *key, const char *text)
{
	const char *want = json_string_value(json_object_get(match, key));
	return !want || strstr(text, want);
}

/* Counts this match; true when the rule strikes at it. Another scenario starts at zero. */
static bool counts(const struct world *w, const json_t *scenario, size_t index, const json_t *rule)
{
	struct store s;
	_cleanup_free_ char *text = json_canonical(scenario);
	_cleanup_free_ char *sum = crypto_sha256(text, strlen(text));
	store_open(w, "counters", &s);
	const char *of = json_str_at(s.j, "scenario");
	if (!of || strcmp(of, sum) != 0)
		json_object_clear(s.j);
	json_object_set_new(s.j, "scenario", json_string(sum));
	char key[32];
	snprintf(key, sizeof(key), "rule-%zu", index);
	long long n = json_integer_value(json_object_get(s.j, key)) + 1;
	json_object_set_new(s.j, key, json_integer(n));
	store_close(&s, true);
	long long nth = json_int_at(rule, "match.nth", 1);
	long long times = json_int_at(rule, "times", 1);
	return n >= nth && (times == 0 || n < nth + times);
}

static json_t *find(const struct world *w, const char *kind, const char *name, const char *sub,
		    const char *text)
{
	_cleanup_json_ json_t *all = load(w);
	json_t *rules = json_is_array(all) ? all : json_object_get(all, "rules");
	json_t *rule, *struck = NULL;
	size_t i;
	json_array_foreach(rules, i, rule) {
		const json_t *match = json_object_get(rule, "match");
		const char *want = json_string_value(json_object_get(match, kind));
		if (!want || (strcmp(want, "*") != 0 && strcmp(want, name) != 0) ||
		    !has(match, sub, text))
			continue;
		if (counts(w, all, i, rule) && !struck)
			struck = json_deep_copy(rule);
	}
	return struck;
}

json_t *scenario_tool(const struct world *w, const char *tool, const char *args)
{
	return find(w, "tool", tool, "argv", args);
}

json_t *scenario_http(const struct world *w, const char *host, const char *path)
{
	return find(w, "host", host, "path", path);
}

json_t *scenario_dns(const struct world *w, const char *name, const char *type)
{
	return find(w, "dns", name, "type", type);
}

void scenario_install(const struct world *w, const char *file)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	if (fs_read(file, 1 << 20, &text, &len, NULL) < 0)
		world_die("cannot read the scenario %s", file);
	_cleanup_free_ char *filled = scenario_fill(w, text);
	world_write(w, "/world/scenario.json", filled, strlen(filled), 0644);
	json_decref(load(w));
}

char *scenario_knob(const struct world *w, const char *name)
{
	_cleanup_json_ json_t *all = load(w);
	const char *v = json_string_value(json_object_get(json_object_get(all, "knobs"), name));
	return v ? xstrdup(v) : NULL;
}

static bool is_engine(long pid)
{
	_cleanup_free_ char *path = xasprintf("/proc/%ld/comm", pid);
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	char comm[64] = "";
	return f && fgets(comm, sizeof(comm), f) && strstr(comm, "ess-engine");
}

void scenario_kill_engine(const struct world *w)
{
	long pid = getppid();
	if (!is_engine(pid)) {
		_cleanup_free_ char *text = world_read(w, "/run/ess-setup/lock", NULL);
		pid = text ? strtol(text, NULL, 10) : 0;
	}
	if (pid > 1 && is_engine(pid))
		kill((pid_t)pid, SIGKILL);
}

void scenario_act(const struct world *w, const json_t *rule, const char *when)
{
	const char *set = json_str_at(rule, "when");
	if (!rule || strcmp(set ? set : "before", when) != 0)
		return;
	const char *action = json_str_at(rule, "action");
	const char *err = json_str_at(rule, "stderr");
	if (!action)
		world_die("a scenario rule has no action");

	if (strcmp(action, "fail") == 0) {
		fputs(err ? err : "Error: something went wrong", stderr);
		fputc('\n', stderr);
		_exit((int)json_int_at(rule, "exit", 1));
	} else if (strcmp(action, "say") == 0) {
		puts(json_str_at(rule, "stdout") ?: "");
		fflush(stdout);
		_exit(0);
	} else if (strcmp(action, "full") == 0) {
		fputs("write error: No space left on device\n", stderr);
		_exit((int)json_int_at(rule, "exit", 1));
	} else if (strcmp(action, "hang") == 0) {
		for (;;)
			pause();
	} else if (strcmp(action, "die") == 0) {
		kill(getpid(), SIGKILL);
	} else if (strcmp(action, "kill-parent") == 0) {
		scenario_kill_engine(w);
	} else if (strcmp(action, "garbage") == 0) {
		static const char junk[] = "\x1b[31m<\xff\xfe{{]\0}not what was asked\n";
		if (write(STDOUT_FILENO, junk, sizeof(junk) - 1) < 0)
			_exit(1);
		_exit(0);
	} else if (strcmp(action, "empty") == 0) {
		_exit(0);
	} else if (strcmp(action, "slow") == 0) {
		long long ms = json_int_at(rule, "ms", 200);
		struct timespec ts = { .tv_sec = ms / 1000, .tv_nsec = (ms % 1000) * 1000000 };
		nanosleep(&ts, NULL);
	} else {
		world_die("a scenario rule for a tool has the unknown action %s", action);
	}
}
