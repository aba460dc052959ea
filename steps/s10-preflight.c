/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Step 10, preflight: the machine is enough and free, its place in the network is known, and the
 * cluster's address ranges are chosen before anything is installed. */
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/net.h"
#include "base/text.h"
#include "steps/firewall.h"
#include "steps/kube.h"
#include "steps/lan.h"
#include "steps/machine.h"
#include "steps/objects.h"
#include "steps/steps.h"
#include "steps/tool.h"

#define INTERNAL_OFFSET                                                                            \
	200 /* the inner Service: high in the part that Kubernetes leaves to chosen addresses */
#define K3S_CONFIG "/etc/rancher/k3s/config.yaml"

static const char *const inputs[] = {
	"config:cluster.*",
	"config:firewall.manage",
	"config:paths.home",
	"config:ports.*",
	"fact:machine.arch",
	"fact:machine.os",
	"fact:machine.address",
	"fact:machine.interface",
	"fact:cluster.pod_cidr",
	"fact:cluster.service_cidr",
	"fact:cluster.internal_address",
	"fact:firewall.kind",
	"fact:firewall.rules",
	NULL,
};

struct preflight {
	const char *arch;
	char *os, *address, *interface, *pods, *services, *internal;
};

static void preflight_done(struct preflight *p)
{
	free(p->os);
	free(p->address);
	free(p->interface);
	free(p->pods);
	free(p->services);
	free(p->internal);
}

static char *dup_or_null(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

/* "cluster-cidr: 10.42.0.0/16" in whatever YAML or JSON style. New, or NULL. */
static char *configured_cidr(const char *text, const char *key)
{
	const char *p = text ? strstr(text, key) : NULL;
	if (!p)
		return NULL;
	p += strlen(key);
	p += strcspn(p, "0123456789\n");
	_cleanup_free_ char *cidr = xstrndup(p, strspn(p, "0123456789./"));
	uint32_t base;
	unsigned bits;
	return net_parse_cidr(cidr, &base, &bits) ? steal(cidr) : NULL;
}

/* A range that a person set must be free, and what runs already cannot move. */
static int set_range(struct step_ctx *c, const struct lan *l, const char *key, const char *running,
		     char **range, struct err *e)
{
	const char *wanted = step_str(c, key);
	if (running && wanted && strcmp(running, wanted))
		return err_set(e, FAULT_PRE_CIDR_FIXED,
			       N_("%s is set to %s, but the cluster runs with %s"), key, wanted,
			       running);
	if (running || !wanted) {
		*range = dup_or_null(running);
		return 0;
	}
	const char *taken = lan_overlap(l, wanted);
	if (taken)
		return err_set(e, FAULT_PRE_CIDR,
			       N_("%s is set to %s, but %s is routed on this machine"), key, wanted,
			       taken);
	*range = xstrdup(wanted);
	return 0;
}

static int choose_ranges(struct step_ctx *c, const struct lan *l, bool k3s, struct preflight *p,
			 struct err *e)
{
	_cleanup_free_ char *config = k3s ? tool_read(c, K3S_CONFIG) : NULL;
	_cleanup_free_ char *pods = configured_cidr(config, "cluster-cidr");
	_cleanup_free_ char *services = configured_cidr(config, "service-cidr");
	const char *free_pods, *free_services;

	if (set_range(c, l, "cluster.pod_cidr", pods, &p->pods, e) < 0 ||
	    set_range(c, l, "cluster.service_cidr", services, &p->services, e) < 0)
		return -1;
	if (p->pods && p->services)
		return 0;
	/* Once chosen and still free, a choice stays. */
	const char *old_pods = step_fact(c, "cluster.pod_cidr");
	const char *old_services = step_fact(c, "cluster.service_cidr");
	if (old_pods && old_services &&
	    (k3s || (!lan_overlap(l, old_pods) && !lan_overlap(l, old_services)))) {
		free_pods = old_pods;
		free_services = old_services;
	} else if (lan_choose(l, &free_pods, &free_services, e) < 0) {
		return -1;
	}
	if (!p->pods)
		p->pods = xstrdup(free_pods);
	if (!p->services)
		p->services = xstrdup(free_services);
	if (net_cidr_overlap(p->pods, p->services))
		return err_set(e, FAULT_PRE_CIDR,
			       N_("the range of the pods %s and that of the services %s overlap"),
			       p->pods, p->services);
	return 0;
}

/* The name of another Service than our own that has the address; borrowed, NULL: none. */
static const char *address_holder(const json_t *services, const char *address)
{
	size_t i;
	json_t *s;
	json_array_foreach(json_at(services, "items"), i, s) {
		const char *ip = json_str_at(s, "spec.clusterIP");
		const char *name = json_str_at(s, "metadata.name");
		if (ip && name && !strcmp(ip, address) && strcmp(name, INTERNAL_SERVICE))
			return name;
	}
	return NULL;
}

/* services: a list of the cluster's Services, or NULL while there is no cluster. */
static int choose_internal(struct step_ctx *c, const json_t *services, struct preflight *p,
			   struct err *e)
{
	const char *wanted = step_str(c, "cluster.internal_address");
	if (wanted) {
		if (!lan_is_internal(p->services, wanted))
			return err_set(e, FAULT_PRE_ADDRESS, N_("%s does not fit into %s"), wanted,
				       p->services);
		const char *holder = address_holder(services, wanted);
		if (holder)
			return err_set(e, FAULT_PRE_ADDRESS, N_("%s is the address of the service %s"), wanted,
				       holder);
		p->internal = xstrdup(wanted);
		return 0;
	}
	const char *old = step_fact(c, "cluster.internal_address");
	if (old && lan_is_internal(p->services, old) && !address_holder(services, old)) {
		p->internal = xstrdup(old);
		return 0;
	}
	for (unsigned n = INTERNAL_OFFSET; n < 255; n++) {
		_cleanup_free_ char *address = lan_nth(p->services, n);
		if (address && lan_is_internal(p->services, address) &&
		    !address_holder(services, address)) {
			p->internal = steal(address);
			return 0;
		}
	}
	return err_set(e, FAULT_PRE_ADDRESS, N_("no free address was found in %s"), p->services);
}

/* The Services of our own K3s; NULL while it is not there or does not answer. */
static int own_services(struct step_ctx *c, bool k3s, json_t **ret, struct err *e)
{
	struct err own = ERR_INIT;
	if (!k3s || kube_list(c, "services", "*", NULL, ret, &own) == 0 || own.fault == FAULT_KUBE_UNREACHABLE)
		return 0;
	*e = own;
	return -1;
}

static int look_k3s(struct step_ctx *c, const struct lan *l, struct preflight *p, struct err *e)
{
	_cleanup_json_ json_t *services = NULL;
	const bool k3s = machine_has_k3s();
	_cleanup_free_ char *generated = path_get(PATH_GENERATED);
	/* Our folder of generated files is made before K3s is. */
	const bool ours = step_fact(c, "cluster.service_cidr") || fs_exists(generated);

	if (machine_is_free(c, ours, e) < 0 ||
	    machine_has_space(c, step_str(c, "paths.home"), k3s, e) < 0)
		return -1;
	/* Later some of these belong to K3s itself; apply looks at the others, which may be new. */
	if (!k3s && lan_ports_free(c, false, e) < 0)
		return -1;
	if (choose_ranges(c, l, k3s, p, e) < 0 || own_services(c, k3s, &services, e) < 0)
		return -1;
	return choose_internal(c, services, p, e);
}

/* Any Kubernetes: its ranges are read from what it shows. The API's own Service is the first
 * address of the service range, so the first 256 are known even where the whole range is not. */
static int look_existing(struct step_ctx *c, struct preflight *p, struct err *e)
{
	_cleanup_json_ json_t *services = NULL, *nodes = NULL;
	if (kube_list(c, "services", "*", NULL, &services, e) < 0 ||
	    kube_list(c, "nodes", NULL, NULL, &nodes, e) < 0)
		return -1;

	size_t i;
	json_t *s;
	uint32_t api;
	p->pods = dup_or_null(step_str(c, "cluster.pod_cidr"));
	p->services = dup_or_null(step_str(c, "cluster.service_cidr"));
	json_array_foreach(json_at(services, "items"), i, s) {
		const char *name = json_str_at(s, "metadata.name"),
			   *ns = json_str_at(s, "metadata.namespace");
		const char *ip = json_str_at(s, "spec.clusterIP");
		if (p->services || !name || !ns || !ip || strcmp(name, "kubernetes") ||
		    strcmp(ns, "default") || !net_parse_ipv4(ip, &api))
			continue;
		p->services = xasprintf("%u.%u.%u.0/24", api >> 24, (api >> 16) & 255,
					(api >> 8) & 255);
	}
	if (!p->services)
		return err_set(e, FAULT_KUBE, N_("the cluster has no Service default/kubernetes"));
	const char *pods = json_str_at(json_array_get(json_at(nodes, "items"), 0), "spec.podCIDR");
	if (!p->pods && pods)
		p->pods = xstrdup(pods);
	return choose_internal(c, services, p, e);
}

static bool is_existing(struct step_ctx *c)
{
	return !strcmp(step_str(c, "cluster.kind"), "existing");
}

static int look(struct step_ctx *c, struct preflight *p, struct err *e)
{
	struct lan l __attribute__((cleanup(lan_done))) = { 0 };

	*p = (struct preflight){ .arch = machine_arch(e) };
	if (!p->arch || !(p->os = machine_os(c, e)) || lan_read(c, &l, e) < 0)
		return -1;
	p->address = xstrdup(l.address);
	p->interface = xstrdup(l.interface);
	if (is_existing(c))
		return look_existing(c, p, e);
	if (machine_is_enough(c, e) < 0)
		return -1;
	return look_k3s(c, &l, p, e);
}

static int look_firewall(struct step_ctx *c, const struct preflight *p, struct firewall_state *ret,
			 struct err *e)
{
	*ret = (struct firewall_state){ 0 };
	if (is_existing(c))
		return 0;
	return firewall_look(c, (const char *[]){ p->pods, p->services, NULL }, ret, e);
}

static int check(struct step_ctx *c, enum step_found *ret, struct err *e)
{
	struct preflight p __attribute__((cleanup(preflight_done))) = { 0 };
	struct firewall_state f __attribute__((cleanup(firewall_done))) = { 0 };
	struct err seen = ERR_INIT;

	if (look(c, &p, &seen) < 0 || look_firewall(c, &p, &f, &seen) < 0)
		return tool_lost(c, &seen,
				 step_fact(c, "machine.address") ? STEP_DIFFERENT : STEP_ABSENT,
				 ret, e);
	if (!step_fact(c, "machine.address"))
		*ret = STEP_ABSENT;
	else if (f.missing || !tool_fact_is(c, "machine.arch", p.arch) ||
		 !tool_fact_is(c, "machine.os", p.os) ||
		 !tool_fact_is(c, "machine.address", p.address) ||
		 !tool_fact_is(c, "machine.interface", p.interface) ||
		 !tool_fact_is(c, "cluster.pod_cidr", p.pods) ||
		 !tool_fact_is(c, "cluster.service_cidr", p.services) ||
		 !tool_fact_is(c, "cluster.internal_address", p.internal))
		*ret = STEP_DIFFERENT;
	else
		*ret = STEP_PRESENT;
	return 0;
}

static void add_rules(json_t *rules, char *const *ranges)
{
	for (; ranges && *ranges; ranges++) {
		size_t i;
		json_t *have;
		bool known = false;
		json_array_foreach(rules, i, have)
			known = known || !strcmp(json_string_value(have), *ranges);
		if (!known)
			json_array_append_new(rules, json_string(*ranges));
	}
}

/* Only what this program added is ever removed again: what earlier runs noted, what bears our
 * comment though its run was killed, and what was added now. */
static void note_rules(struct step_ctx *c, const struct firewall_state *f, char *const *added)
{
	json_t *rules = json_deep_copy(step_fact_json(c, "firewall.rules"));
	if (!rules && !f->ours && !added)
		return;
	if (!rules)
		rules = json_array();
	add_rules(rules, f->ours);
	add_rules(rules, added);
	const char *kind = f->kind == FIREWALL_NONE ? step_fact(c, "firewall.kind")
						    : firewall_name(f->kind);
	step_fact_set(c, "firewall.kind", kind ? kind : firewall_name(FIREWALL_NONE));
	step_fact_set_json(c, "firewall.rules", rules);
}

static int open_firewall(struct step_ctx *c, const struct preflight *p, struct err *e)
{
	struct firewall_state f __attribute__((cleanup(firewall_done))) = { 0 };
	_cleanup_strv_ char **added = NULL;
	if (look_firewall(c, p, &f, e) < 0)
		return -1;
	if (f.missing && (f.kind == FIREWALL_NFT || !step_bool(c, "firewall.manage")))
		return firewall_refuse(&f, e);
	if (f.missing && firewall_add(c, &f, &added, e) < 0)
		return -1;
	note_rules(c, &f, added);
	return 0;
}

static int apply(struct step_ctx *c, struct err *e)
{
	struct preflight p __attribute__((cleanup(preflight_done))) = { 0 };

	if (look(c, &p, e) < 0 ||
	    (!is_existing(c) && machine_has_k3s() && lan_ports_free(c, true, e) < 0) ||
	    open_firewall(c, &p, e) < 0)
		return -1;
	step_fact_set(c, "machine.arch", p.arch);
	step_fact_set(c, "machine.os", p.os);
	step_fact_set(c, "machine.address", p.address);
	step_fact_set(c, "machine.interface", p.interface);
	if (p.pods)
		step_fact_set(c, "cluster.pod_cidr", p.pods);
	step_fact_set(c, "cluster.service_cidr", p.services);
	step_fact_set(c, "cluster.internal_address", p.internal);
	_cleanup_free_ char *note = xasprintf("%s, %s, %s", p.os, p.arch, p.address);
	step_note(c, note);
	return 0;
}

static int undo(struct step_ctx *c, struct err *e)
{
	_cleanup_json_ json_t *rules = json_deep_copy(step_fact_json(c, "firewall.rules"));
	const enum firewall kind = firewall_by_name(step_fact(c, "firewall.kind"));
	size_t i;
	json_t *range;

	json_array_foreach(rules, i, range)
		if (firewall_remove(c, kind, json_string_value(range), e) < 0)
			return -1;
	step_fact_set_json(c, "firewall.rules", json_array());
	return 0;
}

const struct step step_preflight = {
	.id = "preflight",
	.number = 10,
	.title = N_("Look at the machine"),
	.version = 1,
	.estimate_s = 5,
	.inputs = inputs,
	.check = check,
	.apply = apply,
	.undo = undo,
};
