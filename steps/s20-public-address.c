/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Step 20, public address: the router's public IPv4 address is known, by DNS, by STUN or by hand.
 */
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/net.h"
#include "base/text.h"
#include "steps/address.h"
#include "steps/hairpin.h"
#include "steps/steps.h"
#include "steps/stun.h"
#include "steps/tool.h"

static const char *const inputs[] = {
	"config:domains.server_name",
	"config:network.resolvers",
	"config:network.public_address_mode",
	"config:network.public_address",
	"config:network.stun_servers",
	"config:ports.https",
	"fact:machine.address",
	"fact:public.address",
	"fact:public.hairpin",
	NULL,
};

/* The name's one address at the resolvers; new, or NULL with e set. */
static char *look_up(struct step_ctx *c, const char *name, struct err *e)
{
	const json_t *resolvers = step_list(c, "network.resolvers");
	struct address_seen *seen;
	if (address_ask(c, resolvers, name, &seen, e) < 0)
		return NULL;
	char *address = address_judge(seen, json_array_size(resolvers), name, e);
	address_free(seen, json_array_size(resolvers));
	return address;
}

static char *by_dns(struct step_ctx *c, struct err *e)
{
	_cleanup_free_ char *name = xasprintf("ip.%s", step_str(c, "domains.server_name"));
	return look_up(c, name, e);
}

static char *by_hand(struct step_ctx *c, struct err *e)
{
	const char *given = step_str(c, "network.public_address");
	if (!given) {
		err_set(e, FAULT_IP_MANUAL, N_("network.public_address is empty"));
		return NULL;
	}
	return address_is_public(given, "network.public_address", e) == 0 ? xstrdup(given) : NULL;
}

/* Any address of a server's name: such names often have several. New, or NULL with e set. */
static char *any_address(struct step_ctx *c, const char *name, struct err *e)
{
	const json_t *resolvers = step_list(c, "network.resolvers");
	const size_t n = json_array_size(resolvers);
	struct address_seen *seen;
	char *address = NULL;
	if (address_ask(c, resolvers, name, &seen, e) < 0)
		return NULL;
	for (size_t i = 0; i < n && !address; i++)
		if (seen[i].kind == ADDRESS_FOUND)
			address = xstrdup(seen[i].addresses[0]);
	address_free(seen, n);
	if (!address)
		err_set(e, FAULT_IP_STUN, N_("the STUN server %s has no IPv4 address"), name);
	return address;
}

/* "stun.example.org:3478"; the port may be missing. */
static char *ask_server(struct step_ctx *c, const char *server, struct err *e)
{
	_cleanup_free_ char *host = xstrndup(server, strcspn(server, ":"));
	const char *colon = strchr(server, ':');
	long port = 3478;
	uint32_t unused;
	if (colon && !text_to_long(colon + 1, 1, 65535, &port)) {
		err_set(e, FAULT_IP_STUN, N_("%s is no name of a server"), server);
		return NULL;
	}
	_cleanup_free_ char *address = net_parse_ipv4(host, &unused) ? xstrdup(host)
								     : any_address(c, host, e);
	char *seen = NULL;
	if (!address || stun_ask(c, host, address, (unsigned)port, &seen, e) < 0)
		return NULL;
	return seen;
}

static char *by_stun(struct step_ctx *c, struct err *e)
{
	size_t i;
	json_t *server;
	struct err last = ERR_INIT;
	json_array_foreach(step_list(c, "network.stun_servers"), i, server) {
		err_clear(&last);
		_cleanup_free_ char *seen = ask_server(c, json_string_value(server), &last);
		if (seen)
			return address_is_public(seen, json_string_value(server), e) == 0
				       ? steal(seen)
				       : NULL;
		if (last.fault == FAULT_CANCELLED)
			break;
	}
	_cleanup_free_ char *why = err_is_set(&last) ? err_text(&last)
						     : xstrdup("no server is named");
	err_set(e, last.fault == FAULT_CANCELLED ? FAULT_CANCELLED : FAULT_IP_STUN,
		N_("no STUN server helps: %s"), why);
	return NULL;
}

static char *find_address(struct step_ctx *c, struct err *e)
{
	const char *mode = step_str(c, "network.public_address_mode");
	if (!strcmp(mode, "manual"))
		return by_hand(c, e);
	return !strcmp(mode, "stun") ? by_stun(c, e) : by_dns(c, e);
}

static int check(struct step_ctx *c, enum step_found *ret, struct err *e)
{
	struct err seen = ERR_INIT;
	_cleanup_free_ char *now = find_address(c, &seen);
	if (!now)
		return tool_lost(c, &seen, STEP_ABSENT, ret, e);
	if (!step_fact(c, "public.address") || !step_fact(c, "public.hairpin"))
		*ret = STEP_ABSENT;
	else
		*ret = tool_fact_is(c, "public.address", now) ? STEP_PRESENT : STEP_DIFFERENT;
	return 0;
}

static int apply(struct step_ctx *c, struct err *e)
{
	struct err seen = ERR_INIT;
	_cleanup_free_ char *address = find_address(c, &seen);
	if (!address && step_dry_run(c)) {
		enum step_found unused;
		return tool_lost(c, &seen, STEP_ABSENT, &unused, e);
	}
	if (!address) {
		if (e && !err_is_set(e))
			*e = seen;
		return -1;
	}
	const char *own = step_fact(c, "machine.address");
	const char *hairpin = "unknown";
	if (own && address_compare(own, address, e) < 0)
		return -1;
	if (own && !step_dry_run(c))
		hairpin = hairpin_try(c, own, address, (unsigned)step_int(c, "ports.https"));
	step_fact_set(c, "public.address", address);
	step_fact_set(c, "public.hairpin", hairpin);
	step_note(c, address);
	return 0;
}

const struct step step_public_address = {
	.id = "public-address",
	.number = 20,
	.title = N_("Find the public address"),
	.version = 1,
	.estimate_s = 10,
	.inputs = inputs,
	.check = check,
	.apply = apply,
};
