/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The rules about ports. */
#include "model/config-check.h"

#include <string.h>

#include "base/mem.h"

/* kube-apiserver --service-node-port-range, K3s' default. */
#define NODE_FIRST 30000
#define NODE_LAST 32767

/* What stands for a port: on the router and this machine, or inside the NodePort range. */
struct port {
	const char *key;
	bool node; /* a NodePort */
	bool tcp;
	bool used;   /* with the other answers as they are */
	long number; /* 0: its value is no good, so no rule about it */
};

enum { HTTP, HTTPS, FEDERATION, IN_HTTP, IN_HTTPS, IN_FEDERATION, RTC_TCP, RTC_UDP, PORTS };

/* TCP ports of a K3s server (k3s-io/docs, installation/requirements, "Networking") and SSH, which a
 * ServiceLB rule on the same number would take away. */
static const struct {
	long number;
	const char *who;
} taken[] = {
	{ 22, "SSH" },		 { 2379, "etcd" },	  { 2380, "etcd" },
	{ 2381, "etcd" },	 { 2382, "etcd" },	  { 5001, "K3s" },
	{ 6443, "Kubernetes" },	 { 6444, "K3s" },	  { 10010, "containerd" },
	{ 10248, "kubelet" },	 { 10249, "kube-proxy" }, { 10250, "kubelet" },
	{ 10256, "kube-proxy" }, { 10257, "Kubernetes" }, { 10258, "Kubernetes" },
	{ 10259, "Kubernetes" },
};

static void collect(const struct check *ck, struct port p[PORTS])
{
	static const struct port all[PORTS] = {
		[HTTP] = { "ports.http", false, true, true, 0 },
		[HTTPS] = { "ports.https", false, true, true, 0 },
		[FEDERATION] = { "ports.federation", false, true, true, 0 },
		[IN_HTTP] = { "ports.internal.http", true, true, true, 0 },
		[IN_HTTPS] = { "ports.internal.https", true, true, true, 0 },
		[IN_FEDERATION] = { "ports.internal.federation", true, true, true, 0 },
		[RTC_TCP] = { "ports.rtc_tcp", true, true, true, 0 },
		[RTC_UDP] = { "ports.rtc_udp", true, false, true, 0 },
	};
	bool own = !check_is(ck, "cluster.kind", "existing");

	memcpy(p, all, sizeof(all));
	/* Traefik of an existing cluster has its ports already. */
	p[IN_HTTP].used = p[IN_HTTPS].used = p[IN_FEDERATION].used = own;
	p[RTC_UDP].used = check_is(ck, "ports.rtc_mode", "muxed");
	for (size_t i = 0; i < PORTS; i++)
		p[i].number = check_usable(ck, p[i].key) ? config_int(ck->c, p[i].key) : 0;
}

static void same(struct check *ck, const struct port *a, const struct port *b)
{
	struct err e = ERR_INIT;
	err_set(&e, FAULT_CONFIG_VALUE,
		N_("%s: port %ld is already that of %s; choose another one, such as %s"), a->key,
		a->number, b->key, key_find(a->key)->example);
	check_note(ck, a->key, false, &e);
}

/* Two ports of the machine may not be equal, but HTTPS and federation may be one. NodePorts may not
 * either, whatever their protocols: the API server has one allocator for TCP and UDP together, and
 * lets only two ports of one Service share a number (kubernetes/kubernetes#91404, #20092). A public
 * port and a TCP NodePort would meet in the packet filter. */
static bool clash(const struct port *p, size_t i, size_t j)
{
	const struct port *a = &p[i], *b = &p[j];
	if (!a->used || !b->used || !a->number || a->number != b->number)
		return false;
	if (i == FEDERATION && j == HTTPS)
		return false;
	return a->node == b->node || (a->tcp && b->tcp);
}

static void check_equal(struct check *ck, const struct port p[PORTS])
{
	for (size_t i = 0; i < PORTS; i++)
		for (size_t j = 0; j < i; j++)
			if (clash(p, i, j))
				same(ck, &p[i], &p[j]);
}

static void check_node_range(struct check *ck, const struct port p[PORTS], bool existing)
{
	for (size_t i = 0; i < PORTS; i++) {
		struct err e = ERR_INIT;
		if (!p[i].node || !p[i].used || !p[i].number ||
		    (p[i].number >= NODE_FIRST && p[i].number <= NODE_LAST))
			continue;
		err_set(&e, FAULT_CONFIG_VALUE,
			N_("%s: port %ld is not between 30000 and 32767, the ports that Kubernetes "
			   "gives out (NodePorts); a "
			   "right one is %s"),
			p[i].key, p[i].number, key_find(p[i].key)->example);
		check_note(ck, p[i].key, existing, &e);
	}
}

static void check_taken(struct check *ck, const struct port p[PORTS])
{
	for (size_t i = 0; i < PORTS; i++)
		for (size_t t = 0; t < ARRAY_LEN(taken); t++) {
			struct err e = ERR_INIT;
			if (p[i].node || p[i].number != taken[t].number)
				continue;
			err_set(&e, FAULT_CONFIG_VALUE,
				N_("%s: port %ld is needed on this machine by %s; choose another "
				   "one, such as %s"),
				p[i].key, p[i].number, taken[t].who, key_find(p[i].key)->example);
			check_note(ck, p[i].key, false, &e);
		}
}

static void check_udp_range(struct check *ck, const struct port p[PORTS], bool existing)
{
	struct err e = ERR_INIT;
	long from, to;
	const char *key = "ports.udp_range";

	if (!check_is(ck, "ports.rtc_mode", "range") || !check_usable(ck, key) ||
	    !range_parse(config_str(ck->c, key), &from, &to))
		return;
	if (from < NODE_FIRST || to > NODE_LAST) {
		err_set(&e, FAULT_CONFIG_VALUE,
			N_("%s: \"%s\" is not between 30000 and 32767, the ports that Kubernetes "
			   "gives out (NodePorts); a "
			   "right range is %s"),
			key, config_str(ck->c, key), key_find(key)->example);
		check_note(ck, key, existing, &e);
	}
	for (size_t i = 0; i < PORTS; i++) {
		if (!p[i].node || !p[i].used || p[i].number < from || p[i].number > to)
			continue;
		err_clear(&e);
		err_set(&e, FAULT_CONFIG_VALUE,
			N_("%s: \"%s\" contains port %ld, which is that of %s; choose another "
			   "range, such as %s"),
			key, config_str(ck->c, key), p[i].number, p[i].key, key_find(key)->example);
		check_note(ck, key, false, &e);
	}
}

void check_ports(struct check *ck)
{
	struct port p[PORTS];
	bool existing = check_is(ck, "cluster.kind", "existing");

	collect(ck, p);
	check_equal(ck, p);
	check_node_range(ck, p, existing);
	if (!existing)
		check_taken(ck, p);
	check_udp_range(ck, p, existing);
}
