/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "steps/lan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/net.h"
#include "base/text.h"
#include "steps/procnet.h"
#include "steps/tool.h"

void lan_done(struct lan *l)
{
	free(l->interface);
	free(l->address);
	strv_free(l->networks);
	*l = (struct lan){ 0 };
}

static bool is_k3s_own(const char *interface)
{
	return !strcmp(interface, "cni0") || text_starts(interface, "flannel") ||
	       text_starts(interface, "kube-") || text_starts(interface, "veth");
}

int lan_parse(const char *route, const char *fib_trie, struct lan *ret, struct err *e)
{
	_cleanup_free_ struct procnet_route *routes = NULL;
	_cleanup_free_ uint32_t *addresses = NULL;
	size_t n = procnet_routes(route, &routes);
	size_t naddresses = procnet_addresses(fib_trie, &addresses);
	const struct procnet_route *best = procnet_default(routes, n);
	uint32_t address;

	*ret = (struct lan){ 0 };
	if (!best)
		return err_set(e, FAULT_PRE_ROUTE, N_("there is no default route for IPv4"));
	if (!procnet_address_of(routes, n, best->interface, addresses, naddresses, &address))
		return err_set(e, FAULT_PRE_ROUTE, N_("the interface %s has no IPv4 address"),
			       best->interface);
	ret->interface = xstrdup(best->interface);
	ret->address = procnet_dotted(address);
	for (size_t i = 0; i < n; i++)
		if (routes[i].mask != 0 && !is_k3s_own(routes[i].interface))
			strv_add(&ret->networks, procnet_cidr(&routes[i]));
	return 0;
}

int lan_read(struct step_ctx *c, struct lan *ret, struct err *e)
{
	_cleanup_free_ char *route = tool_read(c, "/proc/net/route");
	_cleanup_free_ char *fib = tool_read(c, "/proc/net/fib_trie");
	return lan_parse(route, fib, ret, e);
}

const char *lan_overlap(const struct lan *l, const char *cidr)
{
	for (char **n = l->networks; n && *n; n++)
		if (net_cidr_overlap(*n, cidr))
			return *n;
	return NULL;
}

int lan_choose(const struct lan *l, const char **ret_pods, const char **ret_services, struct err *e)
{
	/* K3s' own first, then ranges that home networks and VPNs seldom use. */
	static const struct {
		const char *pods, *services;
	} pairs[] = {
		{ "10.42.0.0/16", "10.43.0.0/16" },   { "10.142.0.0/16", "10.143.0.0/16" },
		{ "10.202.0.0/16", "10.203.0.0/16" }, { "172.26.0.0/16", "172.27.0.0/16" },
		{ "172.30.0.0/16", "172.31.0.0/16" }, { "100.78.0.0/16", "100.79.0.0/16" },
	};
	for (size_t i = 0; i < ARRAY_LEN(pairs); i++)
		if (!lan_overlap(l, pairs[i].pods) && !lan_overlap(l, pairs[i].services)) {
			*ret_pods = pairs[i].pods;
			*ret_services = pairs[i].services;
			return 0;
		}
	return err_set(e, FAULT_PRE_CIDR,
		       N_("every range that was tried is routed here, the first by %s"),
		       lan_overlap(l, pairs[0].pods) ?: lan_overlap(l, pairs[0].services));
}

char *lan_nth(const char *cidr, unsigned n)
{
	uint32_t base;
	unsigned bits;
	return cidr && net_parse_cidr(cidr, &base, &bits) ? procnet_dotted(base + n) : NULL;
}

bool lan_is_internal(const char *cidr, const char *address)
{
	uint32_t base, addr;
	unsigned bits;
	if (!cidr || !net_parse_cidr(cidr, &base, &bits) || !net_parse_ipv4(address, &addr) ||
	    !net_in_cidr(addr, base, bits))
		return false;
	/* .1 is the API's own Service, .10 the cluster's DNS. */
	return addr - base < 256 && addr != base && addr - base != 1 && addr - base != 10;
}

/* --- ports ------------------------------------------------------------------------------------ */

struct port_look {
	struct port_set tcp, udp;
	lan_port_fn *used;
	void *arg;
};

static void look_at_port(const struct port_look *l, const char *key, bool udp, unsigned port, const char *what)
{
	struct err e = ERR_INIT;

	if (!port_set_has(udp ? &l->udp : &l->tcp, port))
		return;
	err_set(&e, FAULT_PRE_PORT, N_("port %u/%s is in use, it is needed for %s"), port, udp ? "udp" : "tcp", what);
	l->used(l->arg, key, &e);
}

static void look_at_k3s(const struct port_look *l)
{
	/* K3s, requirements.md, Networking; the loopback ones too: they cannot be shared. */
	static const struct {
		unsigned port;
		const char *what;
	} k3s[] = {
		{ 6443, "the Kubernetes API" }, { 6444, "K3s" },
		{ 10010, "containerd" },	{ 10248, "the kubelet" },
		{ 10249, "kube-proxy" },	{ 10250, "the kubelet" },
		{ 10256, "kube-proxy" },	{ 10257, "the controllers" },
		{ 10258, "the controllers" },	{ 10259, "the scheduler" },
	};
	for (size_t i = 0; i < ARRAY_LEN(k3s); i++)
		look_at_port(l, NULL, false, k3s[i].port, k3s[i].what);
	look_at_port(l, NULL, true, 8472, "the cluster's network (VXLAN)");
}

static void look_at_tcp(struct step_ctx *c, const struct port_look *l)
{
	static const char *const keys[] = { "ports.http",
					    "ports.https",
					    "ports.federation",
					    "ports.rtc_tcp",
					    "ports.internal.http",
					    "ports.internal.https",
					    "ports.internal.federation" };
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		look_at_port(l, keys[i], false, (unsigned)step_int(c, keys[i]), keys[i]);
}

static void look_at_udp(struct step_ctx *c, const struct port_look *l)
{
	unsigned first = (unsigned)step_int(c, "ports.rtc_udp"), last = first;
	const char *range = step_str(c, "ports.udp_range");
	const char *key = "ports.rtc_udp";

	if (!strcmp(step_str(c, "ports.rtc_mode"), "range")) {
		key = "ports.udp_range";
		if (!range || sscanf(range, "%u-%u", &first, &last) != 2) {
			struct err e = ERR_INIT;
			err_set(&e, FAULT_INTERNAL, N_("%s is no range of ports"), range ? range : "nothing");
			l->used(l->arg, key, &e);
			return;
		}
	}
	for (unsigned port = first; port <= last; port++)
		look_at_port(l, key, true, port, key);
}

void lan_ports_used(struct step_ctx *c, bool k3s, lan_port_fn *used, void *arg)
{
	struct port_look l = { .used = used, .arg = arg };
	static const struct {
		const char *path;
		bool udp;
	} tables[] = { { "/proc/net/tcp", false },
		       { "/proc/net/tcp6", false },
		       { "/proc/net/udp", true },
		       { "/proc/net/udp6", true } };

	for (size_t i = 0; i < ARRAY_LEN(tables); i++) {
		_cleanup_free_ char *text = tool_read(c, tables[i].path);
		procnet_ports(text, tables[i].udp, tables[i].udp ? &l.udp : &l.tcp);
	}
	if (!k3s)
		look_at_k3s(&l);
	look_at_tcp(c, &l);
	look_at_udp(c, &l);
}

static void first_used(void *arg, const char *key, const struct err *seen)
{
	struct err *e = arg;

	(void)key;
	if (!err_is_set(e))
		*e = *seen;
}

int lan_ports_free(struct step_ctx *c, bool k3s, struct err *e)
{
	struct err first = ERR_INIT;

	lan_ports_used(c, k3s, first_used, &first);
	if (!err_is_set(&first))
		return 0;
	if (e && !err_is_set(e))
		*e = first;
	return -1;
}
