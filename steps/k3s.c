/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "steps/k3s.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "steps/cluster-files.h"
#include "steps/ess.h"
#include "steps/kube.h"

#define API_WAIT_S 900
#define FOREIGN_WAIT_S 60
#define NODE_WAIT_S 600
#define DNS_WAIT_S 1200 /* its image is fetched in it */
#define SYSTEM_NS "kube-system"
/* kubelet doubles the pause between restarts: the sixth comes after some 5 minutes. */
#define RESTARTS_MAX 6

/* systemctl, where its absence is an answer too: 1 ran, 0 there is none. */
static int systemctl(struct step_ctx *c, const char *const *argv, struct proc_result *r,
		     struct err *e)
{
	struct err own = ERR_INIT;
	if (step_query(c, argv, r, &own) == 0)
		return 1;
	if (own.fault == FAULT_COMMAND_MISSING)
		return 0;
	*e = own;
	return -1;
}

int k3s_active(struct step_ctx *c, struct err *e)
{
	static const char *const argv[] = { "systemctl", "is-active", "k3s", NULL };
	_cleanup_proc_ struct proc_result r = { 0 };
	int ran = systemctl(c, argv, &r, e);
	return ran > 0 ? r.status == 0 : ran;
}

/* "ActiveState=activating SubState=start Result=success" */
static char *service_state(struct step_ctx *c, struct err *e)
{
	static const char *const argv[] = { "systemctl", "show",
					    "-p",	 "ActiveState,SubState,Result",
					    "k3s",	 NULL };
	_cleanup_proc_ struct proc_result r = { 0 };
	if (systemctl(c, argv, &r, e) < 0)
		return NULL;
	_cleanup_strv_ char **lines = r.out ? text_split(r.out, '\n') : NULL;
	return lines ? text_join((const char *const *)lines, " ") : xstrdup("no systemctl");
}

int k3s_down(struct step_ctx *c, struct err *e)
{
	_cleanup_free_ char *state = service_state(c, e);
	if (!state)
		return -1;
	return strstr(state, "ActiveState=inactive") || strstr(state, "ActiveState=failed");
}

/* One of the lines that k3s' install.sh keeps of its environment, as the shell's "export" quotes them:
 * NAME='value'. */
static bool env_has(const char *env, const char *name, const char *value)
{
	_cleanup_free_ char *line = xasprintf("%s='%s'\n", name, value);
	const char *at = env ? strstr(env, line) : NULL;
	return at && (at == env || at[-1] == '\n');
}

static bool env_is_right(const char *env, const char *proxy, const char *no_proxy)
{
	if (proxy)
		return env_has(env, "HTTPS_PROXY", proxy) && env_has(env, "NO_PROXY", no_proxy);
	for (const char *p = env; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL)
		if (!strncasecmp(p, "http_proxy=", 11) || !strncasecmp(p, "https_proxy=", 12))
			return false;
	return true;
}

int k3s_unit_good(struct step_ctx *c, const char *proxy, const char *no_proxy, struct err *e)
{
	_cleanup_free_ char *unit = NULL, *env = NULL;
	if (step_read(c, K3S_UNIT, 1 << 16, &unit, NULL, e) ||
	    step_read(c, K3S_UNIT_ENV, 1 << 16, &env, NULL, e))
		return -1;
	return unit && strstr(unit, "ExecStart=") && env_is_right(env, proxy, no_proxy);
}

int k3s_enabled(struct step_ctx *c, struct err *e)
{
	_cleanup_free_ char *link = NULL;
	if (step_read(c, K3S_ENABLED, 1 << 16, &link, NULL, e))
		return -1;
	return link != NULL;
}

static bool right_version(const json_t *node, const char *version)
{
	const char *v = json_str_at(node, "status.nodeInfo.kubeletVersion");
	return !version || (v && !strcmp(v, version));
}

static char *node_seen(const json_t *node)
{
	const char *message = json_str_at(kube_condition(node, "Ready"), "message");
	const char *v = json_str_at(node, "status.nodeInfo.kubeletVersion");
	return xasprintf("%s (%s): %s", json_str_at(node, "metadata.name"), v ? v : "-",
			 message ? message : "-");
}

int k3s_node(struct step_ctx *c, const char *version, char **ret_name, char **ret_seen,
	     struct err *e)
{
	_cleanup_json_ json_t *list = NULL;
	size_t i;
	json_t *node;
	*ret_name = *ret_seen = NULL;
	if (kube_list(c, "nodes", NULL, NULL, &list, e))
		return -1;
	json_array_foreach(json_object_get(list, "items"), i, node) {
		const char *name = json_str_at(node, "metadata.name");
		if (name && kube_condition_true(node, "Ready") && right_version(node, version)) {
			*ret_name = xstrdup(name);
			return 0;
		}
	}
	node = json_array_get(json_object_get(list, "items"), 0);
	*ret_seen = node ? node_seen(node) : xstrdup("no node yet");
	return 0;
}

/* --- the name service ------------------------------------------------------------------------- */

int k3s_dns(struct step_ctx *c, char **ret_seen, struct err *e)
{
	_cleanup_json_ json_t *deployment = NULL;
	_cleanup_free_ char *why = NULL;
	if (kube_get(c, "deployments", "coredns", SYSTEM_NS, &deployment, e))
		return -1;
	if (kube_workload_ready(deployment, &why))
		return 1;
	*ret_seen = xasprintf("coredns: %s", why ? why : "-");
	return 0;
}

/* The pods of the name service alone: the others of its namespace have steps of their own. */
static json_t *dns_pods(struct step_ctx *c, struct err *e)
{
	_cleanup_json_ json_t *all = NULL;
	json_t *mine = json_array(), *pod;
	size_t i;
	if (kube_list(c, "pods", SYSTEM_NS, NULL, &all, e)) {
		json_decref(mine);
		return NULL;
	}
	json_array_foreach(json_object_get(all, "items"), i, pod)
		if (text_starts(json_str_at(pod, "metadata.name") ?: "", "coredns-"))
			json_array_append(mine, pod);
	return json_pack("{s:o}", "items", mine);
}

/* -1 when there is no point in waiting any longer. */
static int dns_hopeless(struct step_ctx *c, struct err *e)
{
	struct pod_trouble t __attribute__((cleanup(pod_trouble_done))) = { 0 };
	_cleanup_json_ json_t *pods = dns_pods(c, e);
	if (!pods)
		return -1;
	pod_trouble_find(pods, &t);
	if (t.fault != FAULT_ESS_CRASH || t.restarts < RESTARTS_MAX)
		return t.final ? err_set(e, t.fault, N_("pod %s"), t.said) : 0;
	_cleanup_free_ char *words = kube_last_words(c, SYSTEM_NS, t.pod, t.container);
	return err_set(e, FAULT_K3S_DNS, N_("pod %s; its last words: %s"), t.said,
		       words ? words : "-");
}

/* --- waiting ---------------------------------------------------------------------------------- */

static int foreign_ready(struct step_ctx *c, void *arg, char **ret_seen, struct err *e)
{
	*ret_seen = xstrdup("/readyz is not ok");
	return kube_ready(c, e);
}

/* What K3s itself said last: systemd tells only that it ended. New. */
static char *last_words(struct step_ctx *c)
{
	static const char *const argv[] = { "journalctl", "-u", "k3s", "-n", "20",
					    "--no-pager", "-o", "cat", NULL };
	_cleanup_proc_ struct proc_result r = { 0 };
	struct err ignored = ERR_INIT;
	if (systemctl(c, argv, &r, &ignored) <= 0 || r.status)
		return xstrdup("-");
	_cleanup_strv_ char **lines = text_split(r.out, '\n');
	size_t n = strv_len(lines);
	for (size_t i = n; i > 0; i--)
		if (strstr(lines[i - 1], "level=fatal") || strstr(lines[i - 1], "level=error"))
			return xstrdup(lines[i - 1]);
	return xstrdup(n ? lines[n - 1] : "-");
}

/* The service first: right after a restart was ordered the old server may still answer. */
static int api_ready(struct step_ctx *c, void *arg, char **ret_seen, struct err *e)
{
	_cleanup_free_ char *state = service_state(c, e);
	if (!state)
		return -1;
	int ready = strstr(state, "ActiveState=active") ? kube_ready(c, e) : 0;
	if (ready)
		return ready;
	if (strstr(state, "ActiveState=failed")) {
		_cleanup_free_ char *words = last_words(c);
		return err_set(e, FAULT_K3S_START, N_("the service k3s failed (%s); its last words: %s"),
			       state, words);
	}
	step_progress(c, 70, N_("waiting for the cluster's API (%u/%u)"), 5u, 6u);
	*ret_seen = steal(state);
	return 0;
}

struct node_wait {
	const char *version;
	char *name;
};

static int node_ready(struct step_ctx *c, void *arg, char **ret_seen, struct err *e)
{
	struct node_wait *w = arg;
	struct err own = ERR_INIT;
	step_progress(c, 85, N_("waiting for the node (%u/%u)"), 6u, 6u);
	if (k3s_node(c, w->version, &w->name, ret_seen, &own) == 0)
		return w->name != NULL;
	/* K3s restarting itself is no failure yet. */
	if (own.fault == FAULT_KUBE_UNREACHABLE)
		return 0;
	*e = own;
	return -1;
}

static int dns_ready(struct step_ctx *c, void *arg, char **ret_seen, struct err *e)
{
	struct err own = ERR_INIT;
	int r = k3s_dns(c, ret_seen, &own);
	if (r > 0)
		return 1;
	step_progress(c, 95, N_("waiting for the cluster's name service: %s"),
		      *ret_seen ? *ret_seen : "-");
	if (r == 0 && dns_hopeless(c, &own) == 0)
		return 0;
	if (own.fault == FAULT_KUBE_UNREACHABLE)
		return 0;
	*e = own;
	return -1;
}

int k3s_wait(struct step_ctx *c, const char *version, char **ret_name, struct err *e)
{
	struct node_wait w = { .version = version };
	*ret_name = NULL;
	int r = version ? step_wait(c, API_WAIT_S, 2000, FAULT_K3S_START, api_ready, NULL, e)
			: step_wait(c, FOREIGN_WAIT_S, 2000, FAULT_KUBE_UNREACHABLE, foreign_ready,
				    NULL, e);
	if (r == 0)
		r = step_wait(c, NODE_WAIT_S, 2000, FAULT_K3S_NODE, node_ready, &w, e);
	if (r == 0 && version)
		r = step_wait(c, DNS_WAIT_S, 2000, FAULT_K3S_DNS, dns_ready, NULL, e);
	if (r) {
		free(w.name);
		return -1;
	}
	*ret_name = w.name;
	return 0;
}

/* --- what stays ------------------------------------------------------------------------------- */

int k3s_fixed(struct step_ctx *c, const char *home, struct err *e)
{
	_cleanup_json_ json_t *map = NULL;
	_cleanup_free_ char *want = k3s_storage(home);
	struct err own = ERR_INIT;
	int ready = kube_ready(c, e);
	if (ready <= 0)
		return ready;
	/* K3s' manifests/local-storage.yaml: where volumes are made,
	 * {"nodePathMap":[{"paths":[..]}]}. */
	if (kube_get(c, "configmaps", "local-path-config", "kube-system", &map, &own)) {
		if (own.fault == FAULT_KUBE_UNREACHABLE)
			return 0;
		*e = own;
		return -1;
	}
	const char *text =
		json_str_at(json_object_get(json_object_get(map, "data"), "config.json"), "");
	_cleanup_json_ json_t *config = text ? json_loads(text, 0, NULL) : NULL;
	const json_t *entry = json_array_get(json_object_get(config, "nodePathMap"), 0);
	const char *have = json_string_value(json_array_get(json_object_get(entry, "paths"), 0));
	if (!have || !strcmp(have, want))
		return 0;
	return err_set(e, FAULT_K3S_FIXED,
		       N_("paths.home: volumes are kept in %s, and would be in %s"), have, want);
}
