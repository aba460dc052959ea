/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* This machine's place in the network, and address ranges for the cluster that are free in it. */
#pragma once

#include "steps/step.h"

struct lan {
	char *interface, *address; /* of the default route; new */
	char **networks;	   /* "192.168.1.0/24", those routed but the default and K3s' own */
};
void lan_done(struct lan *l);

/* Reads /proc/net/route and fib_trie. FAULT_PRE_ROUTE without a default route or address. */
int lan_read(struct step_ctx *c, struct lan *ret, struct err *e);

/* Pure: the same on texts. */
int lan_parse(const char *route, const char *fib_trie, struct lan *ret, struct err *e);

/* The network that overlaps a range, borrowed, or NULL. */
const char *lan_overlap(const struct lan *l, const char *cidr);

/* The first pair of ranges (pods, services; both /16) that is free. Static. FAULT_PRE_CIDR. */
int lan_choose(const struct lan *l, const char **ret_pods, const char **ret_services,
	       struct err *e);

/* The n-th address of a range: "10.43.0.0/16", 200 is "10.43.0.200". New; NULL when it is no range.
 */
char *lan_nth(const char *cidr, unsigned n);

/* An address for the inner Service: within the first 256 of the range, neither .0, .1 nor .10. */
bool lan_is_internal(const char *cidr, const char *address);

/* Fails with FAULT_PRE_PORT when one of the ports that the job's config asks for, or (before it is there)
 * that K3s needs, is in use. Ports that K3s serves have no socket. */
int lan_ports_free(struct step_ctx *c, bool k3s, struct err *e);

/* The same one by one: each port that is in use, with the key that asks for it (NULL: K3s itself). */
typedef void lan_port_fn(void *arg, const char *key, const struct err *e);
void lan_ports_used(struct step_ctx *c, bool k3s, lan_port_fn *used, void *arg);
