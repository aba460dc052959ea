/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Step 45, k3s: everything that must be right before the first start is written first, Traefik's
 * settings too, so that Traefik never stands on 80 and 443. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "steps/fetch.h"
#include "steps/gather.h"
#include "steps/generated.h"
#include "steps/k3s.h"
#include "steps/kube.h"
#include "steps/steps.h"

/* There while files were changed that a running K3s has not read: in /run, since a restart of the
 * machine is one of K3s too. */
#define RESTART_DUE "/run/ess-setup/k3s-restart"

static const char *const inputs[] = {
	K3S_CONFIG_INPUTS,
	REGISTRIES_INPUTS,
	RESOLV_INPUTS,
	"config:cluster.kind",
	"config:network.no_proxy",
	"config:network.proxy",
	"fact:machine.address",
	"fact:supply.k3s.files",
	"fact:supply.k3s.sha256",
	"fact:supply.k3s.version",
	NULL,
};

static const struct {
	const char *generated, *path;
	int mode;
} files[] = {
	{ "k3s-config.yaml", K3S_CONFIG, 0600 },
	{ "registries.yaml", K3S_REGISTRIES, 0600 },
	{ "resolv.conf", K3S_RESOLV, 0644 },
};

/* --- check ------------------------------------------------------------------------------------ */

static int exists(struct step_ctx *c, const char *path, struct err *e)
{
	_cleanup_free_ char *text = NULL;
	if (step_read(c, path, 1 << 20, &text, NULL, e))
		return -1;
	return text != NULL;
}

/* 1 when every file of K3s is as it must be. */
static int files_good(struct step_ctx *c, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		_cleanup_free_ char *text = generated_build(c, files[i].generated, e);
		int same = text ? step_same(c, files[i].path, text, strlen(text), files[i].mode, e)
				: -1;
		if (same <= 0)
			return same;
	}
	/* Its content is the traefik step's: the syntax depends on the chart that K3s ships. */
	return exists(c, TRAEFIK_MANIFEST, e);
}

/* What K3s asks without the proxy; NULL when there is none. New. */
static char *no_proxy(struct step_ctx *c)
{
	const char *pods = step_fact(c, "cluster.pod_cidr"), *services = step_fact(c, "cluster.service_cidr");
	if (!step_str(c, "network.proxy") || !pods || !services)
		return NULL;
	return cluster_no_proxy(pods, services, step_fact(c, "machine.address"), step_str(c, "network.no_proxy"));
}

/* 1 when the unit is there and has the proxy that is set. */
static int unit_good(struct step_ctx *c, struct err *e)
{
	_cleanup_free_ char *except = no_proxy(c);
	return k3s_unit_good(c, except ? step_str(c, "network.proxy") : NULL, except, e);
}

static int machine_good(struct step_ctx *c, struct err *e)
{
	const char *sha256;
	if (gather_fact(c, "supply.k3s.sha256", &sha256, e))
		return -1;
	int r = step_has_hash(c, K3S_BIN, sha256, e);
	if (r > 0)
		r = files_good(c, e);
	if (r > 0)
		r = unit_good(c, e);
	if (r > 0)
		r = k3s_enabled(c, e);
	if (r > 0)
		r = k3s_active(c, e);
	if (r > 0) {
		int due = exists(c, RESTART_DUE, e);
		r = due < 0 ? -1 : !due;
	}
	return r;
}

/* 1 when the API answers, a node of the right version is Ready and names can be looked up; notes the
 * node's name. */
static int cluster_good(struct step_ctx *c, const char *version, struct err *e)
{
	_cleanup_free_ char *name = NULL, *seen = NULL;
	int ready = kube_ready(c, e);
	if (ready <= 0)
		return ready;
	enum step_found none;
	if (k3s_node(c, version, &name, &seen, e))
		return kube_absent(e, &none);
	if (!name)
		return 0;
	int dns = gather_own_k3s(c) ? k3s_dns(c, &seen, e) : 1;
	if (dns <= 0)
		return dns < 0 ? kube_absent(e, &none) : 0;
	step_fact_set(c, "k3s.node", name);
	step_note(c, name);
	return 1;
}

static int check(struct step_ctx *c, enum step_found *ret, struct err *e)
{
	struct err own = ERR_INIT;
	const char *version = gather_own_k3s(c) ? step_fact(c, "supply.k3s.version") : NULL;
	int there = gather_own_k3s(c) ? exists(c, K3S_UNIT, e) : 1;
	int good = there > 0 && gather_own_k3s(c) ? machine_good(c, &own) : there;
	if (good > 0)
		good = cluster_good(c, version, &own);
	if (good < 0 && own.fault != FAULT_NOT_YET) {
		if (e && !err_is_set(e))
			*e = own;
		return -1;
	}
	*ret = good > 0 ? STEP_PRESENT : there && gather_own_k3s(c) ? STEP_DIFFERENT : STEP_ABSENT;
	return 0;
}

/* --- apply ------------------------------------------------------------------------------------ */

static int restart_due(struct step_ctx *c, struct err *e)
{
	return step_dry_run(c) ? 0 : step_write(c, RESTART_DUE, "", 0, 0600, e);
}

/* One of the files that supply named, in the cache; *ret_path new. */
static int fetch(struct step_ctx *c, const char *which, char **ret_path, struct err *e)
{
	const json_t *item = json_at(step_fact_json(c, "supply.k3s.files"), which);
	if (!item)
		return err_set(e, FAULT_NOT_YET, N_("%s is not known yet"), "supply.k3s.files");
	if (step_fetch(c, item, e) < 0)
		return -1;
	*ret_path = xstrdup(json_str_at(item, "path"));
	return 0;
}

/* K3s takes the images in when it starts; without them it pulls them. So one that its source does not
 * have is no fault, while a broken line or a wrong file is. */
static int put_images(struct step_ctx *c, struct err *e)
{
	const json_t *item = json_at(step_fact_json(c, "supply.k3s.files"), "images");
	const char *url = json_str_at(item, "url");
	_cleanup_free_ char *from = NULL;
	struct err seen = ERR_INIT;
	if (!url)
		return 0;
	_cleanup_free_ char *to = xasprintf(K3S_IMAGES "%s", strrchr(url, '/'));
	int there = step_has_hash(c, to, json_str_at(item, "sha256"), e);
	if (there)
		return there < 0 ? -1 : 0;
	if (fetch(c, "images", &from, &seen) == 0)
		return step_move(c, from, to, 0644, e);
	if (seen.fault != FAULT_HTTP_STATUS) {
		if (e && !err_is_set(e))
			*e = seen;
		return -1;
	}
	_cleanup_free_ char *why = err_text(&seen);
	step_log(c, "K3s will pull its images by itself: %s", why);
	return 0;
}

static int put_binary(struct step_ctx *c, struct err *e)
{
	const char *sha256, *version;
	_cleanup_free_ char *from = NULL;
	if (gather_fact(c, "supply.k3s.sha256", &sha256, e) ||
	    gather_fact(c, "supply.k3s.version", &version, e))
		return -1;
	int there = step_has_hash(c, K3S_BIN, sha256, e);
	if (there)
		return there < 0 ? -1 : 0;
	step_progress(c, 10, N_("installing K3s %s (%u/%u)"), version, 1u, 6u);
	/* The binary last: as long as it is not there, both are seen to. */
	if (fetch(c, "binary", &from, e) < 0 || put_images(c, e) < 0 || restart_due(c, e) < 0)
		return -1;
	return step_install(c, from, K3S_BIN, 0755, e);
}

static int put_files(struct step_ctx *c, struct err *e)
{
	step_progress(c, 20, N_("writing the settings of K3s (%u/%u)"), 2u, 6u);
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		_cleanup_free_ char *text = generated_build(c, files[i].generated, e);
		int same = text ? step_same(c, files[i].path, text, strlen(text), files[i].mode, e)
				: -1;
		if (same < 0)
			return -1;
		if (!same && (restart_due(c, e) ||
			      step_write(c, files[i].path, text, strlen(text), files[i].mode, e)))
			return -1;
	}
	return 0;
}

/* Before the first start, in the syntax of today's charts; later the traefik step owns the file. */
static int put_traefik(struct step_ctx *c, struct err *e)
{
	_cleanup_free_ char *from = generated_path("traefik.json");
	int there = exists(c, TRAEFIK_MANIFEST, e);
	if (there)
		return there < 0 ? -1 : 0;
	return step_install(c, from, TRAEFIK_MANIFEST, 0600, e);
}

static int put_folders(struct step_ctx *c, struct err *e)
{
	const char *home = step_str(c, "paths.home");
	_cleanup_free_ char *storage = k3s_storage(home);
	if (step_mkdir(c, home, 0755, e))
		return -1;
	return step_mkdir(c, storage, 0700, e);
}

/* The vendor's script makes the unit, the tools' links and the uninstaller. It would start K3s and
 * wait for ever where that never becomes ready, so it may not. */
static int run_script(struct step_ctx *c, struct err *e)
{
	_cleanup_free_ char *except = no_proxy(c);
	_cleanup_free_ char *no_proxy_line = except ? xasprintf("NO_PROXY=%s", except) : NULL;
	const char *const env[] = { "INSTALL_K3S_SKIP_DOWNLOAD=true", "INSTALL_K3S_SKIP_SELINUX_RPM=true",
				    "INSTALL_K3S_SKIP_START=true", no_proxy_line, NULL };
	_cleanup_free_ char *path = NULL;
	if (fetch(c, "script", &path, e) < 0)
		return -1;
	_cleanup_free_ char *script = path_under(path);
	const char *const argv[] = { script, NULL };
	step_progress(c, 40, N_("setting up the service (%u/%u)"), 3u, 6u);
	struct proc_result r _cleanup_proc_ = { 0 };
	if (step_run_env(c, argv, env, NULL, 300, &r, e))
		return -1;
	if (r.status == 0)
		return 0;
	return err_set(e, strstr(r.last_err, "No space left") ? FAULT_NO_SPACE : FAULT_K3S_SCRIPT,
		       N_("%s ended with status %d: %s"), "k3s-install.sh", r.status, r.last_err);
}

static int put_unit(struct step_ctx *c, struct err *e)
{
	static const char *const reload[] = { "systemctl", "daemon-reload", NULL };
	int good = unit_good(c, e);
	int tools = good > 0 ? kube_there(c, e) : good;
	if (tools)
		return tools < 0 ? -1 : 0;
	if ((!good && restart_due(c, e)) || run_script(c, e))
		return -1;
	return step_run(c, reload, NULL, 60, NULL, e);
}

/* The script does this too, unless it died before. */
static int enable(struct step_ctx *c, struct err *e)
{
	static const char *const argv[] = { "systemctl", "enable", "k3s", NULL };
	int enabled = k3s_enabled(c, e);
	if (enabled)
		return enabled < 0 ? -1 : 0;
	return step_run(c, argv, NULL, 60, NULL, e);
}

static int start(struct step_ctx *c, struct err *e)
{
	static const char *const go[] = { "systemctl", "start", "--no-block", "k3s", NULL };
	static const char *const again[] = { "systemctl", "restart", "--no-block", "k3s", NULL };
	int down = k3s_down(c, e);
	int due = down < 0 ? -1 : exists(c, RESTART_DUE, e);
	if (due < 0)
		return -1;
	step_progress(c, 60, N_("starting K3s (%u/%u)"), 4u, 6u);
	if (down && step_run(c, go, NULL, 60, NULL, e))
		return -1;
	if (!down && due && step_run(c, again, NULL, 60, NULL, e))
		return -1;
	return step_remove(c, RESTART_DUE, e);
}

static int apply(struct step_ctx *c, struct err *e)
{
	_cleanup_free_ char *node = NULL;
	const char *version = gather_own_k3s(c) ? step_fact(c, "supply.k3s.version") : NULL;
	if (gather_own_k3s(c) && (k3s_fixed(c, step_str(c, "paths.home"), e) || put_binary(c, e) ||
				  put_files(c, e) || put_traefik(c, e) || put_folders(c, e) ||
				  put_unit(c, e) || enable(c, e) || start(c, e)))
		return -1;
	if (k3s_wait(c, version, &node, e))
		return -1;
	if (node)
		step_fact_set(c, "k3s.node", node);
	if (gather_own_k3s(c) && !step_dry_run(c))
		k3s_mirrors_note(c);
	return 0;
}

const struct step step_k3s = {
	.id = "k3s",
	.number = 45,
	.title = N_("Kubernetes (K3s)"),
	.version = 1,
	.estimate_s = 120,
	.inputs = inputs,
	.check = check,
	.apply = apply,
};
