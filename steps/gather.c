/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "steps/gather.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "steps/values.h"

/* An answer that the checks of the configuration make sure of. */
static int need(struct step_ctx *c, const char *key, const char **ret, struct err *e)
{
	*ret = step_str(c, key);
	return *ret ? 0 : err_set(e, FAULT_CONFIG_VALUE, N_("%s is not set"), key);
}

int gather_fact(struct step_ctx *c, const char *name, const char **ret, struct err *e)
{
	*ret = step_fact(c, name);
	return *ret ? 0 : err_set(e, FAULT_NOT_YET, N_("%s is not known yet"), name);
}

static bool is(struct step_ctx *c, const char *key, const char *value)
{
	const char *s = step_str(c, key);
	return s && !strcmp(s, value);
}

bool gather_own_k3s(struct step_ctx *c)
{
	return is(c, "cluster.kind", "k3s");
}

bool gather_staging(struct step_ctx *c)
{
	return is(c, "certificates.environment", "staging");
}

static int udp_range(struct step_ctx *c, unsigned *first, unsigned *last, struct err *e)
{
	const char *text;
	if (need(c, "ports.udp_range", &text, e))
		return -1;
	if (sscanf(text, "%u-%u", first, last) != 2 || !*first || *first > *last)
		return err_set(e, FAULT_CONFIG_VALUE, N_("%s is not a range of ports: %s"),
			       "ports.udp_range", text);
	return 0;
}

/* --- values ----------------------------------------------------------------------------------- */

static int media_address(struct step_ctx *c, struct values_in *in, struct err *e)
{
	in->stun_servers = step_list(c, "network.stun_servers");
	if (is(c, "network.public_address_mode", "stun"))
		return gather_fact(c, "public.address", &in->rtc_seen, e);
	if (is(c, "network.public_address_mode", "manual"))
		return need(c, "network.public_address", &in->rtc_address, e);
	return gather_fact(c, "public.address", &in->rtc_address, e);
}

static int media(struct step_ctx *c, struct values_in *in, struct err *e)
{
	in->rtc_tcp = (unsigned)step_int(c, "ports.rtc_tcp");
	in->udp_muxed = (unsigned)step_int(c, "ports.rtc_udp");
	in->muxed = is(c, "ports.rtc_mode", "muxed");
	if (udp_range(c, &in->udp_first, &in->udp_last, e))
		return -1;
	return media_address(c, in, e);
}

int gather_call_ports(struct step_ctx *c, struct port_span ret[2], struct err *e)
{
	const unsigned tcp = (unsigned)step_int(c, "ports.rtc_tcp");
	const unsigned udp = (unsigned)step_int(c, "ports.rtc_udp");
	ret[0] = (struct port_span){ tcp, tcp };
	ret[1] = (struct port_span){ udp, udp };
	return is(c, "ports.rtc_mode", "muxed") ? 0
						: udp_range(c, &ret[1].first, &ret[1].last, e);
}

static int database(struct step_ctx *c, struct values_in *in, struct err *e)
{
	if (!is(c, "postgres.mode", "external"))
		return 0;
	in->postgres.port = (unsigned)step_int(c, "postgres.port");
	if (need(c, "postgres.host", &in->postgres.host, e) ||
	    need(c, "postgres.ssl_mode", &in->postgres.ssl_mode, e) ||
	    need(c, "postgres.synapse_user", &in->postgres.synapse_user, e) ||
	    need(c, "postgres.synapse_database", &in->postgres.synapse_database, e) ||
	    need(c, "postgres.auth_user", &in->postgres.auth_user, e) ||
	    need(c, "postgres.auth_database", &in->postgres.auth_database, e))
		return -1;
	return 0;
}

static int texts(struct step_ctx *c, struct values_in *in, struct err *e)
{
	if (need(c, "domains.server_name", &in->server_name, e) ||
	    need(c, "cluster.ingress_class", &in->ingress_class, e) ||
	    need(c, "registration.mode", &in->registration, e) ||
	    need(c, "storage.class", &in->storage_class, e) ||
	    need(c, "storage.media_size", &in->media_size, e) ||
	    need(c, "storage.postgres_size", &in->postgres_size, e) ||
	    need(c, "synapse.max_upload_size", &in->max_upload_size, e) ||
	    gather_fact(c, "cluster.internal_address", &in->internal_address, e))
		return -1;
	return 0;
}

json_t *gather_values(struct step_ctx *c, struct err *e)
{
	struct values_in in = {
		.https = (unsigned)step_int(c, "ports.https"),
		.issuer = issuer_name(gather_staging(c)),
		.staging = gather_staging(c),
		.smtp = step_str(c, "smtp.host") != NULL,
		.federation = !is(c, "federation.plan", "none"),
		.registries = step_list(c, "images.registries"),
		.workers = step_list(c, "scale.synapse_workers"),
		.web_replicas = step_int(c, "scale.web_replicas"),
		.auth_replicas = step_int(c, "scale.auth_replicas"),
		.haproxy_replicas = step_int(c, "scale.haproxy_replicas"),
	};
	if (texts(c, &in, e) || media(c, &in, e) || database(c, &in, e))
		return NULL;
	_cleanup_free_ char *synapse = step_host(c, "synapse");
	_cleanup_free_ char *auth = step_host(c, "auth");
	_cleanup_free_ char *rtc = step_host(c, "rtc");
	_cleanup_free_ char *web = step_host(c, "web");
	_cleanup_free_ char *admin = step_host(c, "admin");
	if (!synapse || !auth || !rtc || !web) {
		err_set(e, FAULT_CONFIG_VALUE, N_("%s is not set"), "domains");
		return NULL;
	}
	in.synapse = synapse;
	in.auth = auth;
	in.rtc = rtc;
	in.web = web;
	in.admin = admin;
	return values_build(&in);
}

/* --- files of K3s ----------------------------------------------------------------------------- */

int gather_traefik(struct step_ctx *c, struct traefik_in *ret, struct err *e)
{
	*ret = (struct traefik_in){
		.http = (unsigned)step_int(c, "ports.http"),
		.https = (unsigned)step_int(c, "ports.https"),
		.federation = (unsigned)step_int(c, "ports.federation"),
		.http_node = (unsigned)step_int(c, "ports.internal.http"),
		.https_node = (unsigned)step_int(c, "ports.internal.https"),
		.federation_node = (unsigned)step_int(c, "ports.internal.federation"),
	};
	return gather_fact(c, "cluster.pod_cidr", &ret->pod_cidr, e);
}

char *gather_k3s_config(struct step_ctx *c, struct err *e)
{
	struct k3s_in in = { 0 };
	unsigned first = 0, last = 0;
	bool muxed = is(c, "ports.rtc_mode", "muxed");
	if (gather_fact(c, "cluster.pod_cidr", &in.pod_cidr, e) ||
	    gather_fact(c, "cluster.service_cidr", &in.service_cidr, e) ||
	    need(c, "paths.home", &in.home, e) || udp_range(c, &first, &last, e))
		return NULL;
	const unsigned udp = (unsigned)step_int(c, "ports.rtc_udp");
	const unsigned ports[] = {
		(unsigned)step_int(c, "ports.internal.http"),
		(unsigned)step_int(c, "ports.internal.https"),
		(unsigned)step_int(c, "ports.internal.federation"),
		(unsigned)step_int(c, "ports.rtc_tcp"),
		muxed ? udp : first,
		muxed ? udp : last,
		0,
	};
	in.node_ports = ports;
	return k3s_config_build(&in);
}

char *gather_registries(struct step_ctx *c, struct err *e)
{
	const struct registries_in in = {
		.docker_io = step_str(c, "mirrors.docker_io"),
		.ghcr_io = step_str(c, "mirrors.ghcr_io"),
		.quay_io = step_str(c, "mirrors.quay_io"),
		.oci_element_io = step_str(c, "mirrors.oci_element_io"),
		.ca_file = step_str(c, "network.ca_file"),
	};
	return registries_build(&in);
}

char *gather_resolv(struct step_ctx *c, struct err *e)
{
	return resolv_build(step_list(c, "network.resolvers"));
}

/* --- objects ---------------------------------------------------------------------------------- */

json_t *gather_cert_manager(struct step_ctx *c, struct err *e)
{
	struct cert_manager_in in = {
		/* Those that were seen to show what is written; before that is known, the user's own. */
		.resolvers = step_fact_json(c, "dns.selfcheck") ?: step_list(c, "network.resolvers"),
		.proxy = step_str(c, "network.proxy"),
		.no_proxy = step_str(c, "network.no_proxy"),
	};
	if (in.proxy && (gather_fact(c, "cluster.pod_cidr", &in.pod_cidr, e) ||
			 gather_fact(c, "cluster.service_cidr", &in.service_cidr, e)))
		return NULL;
	return cert_manager_values(&in);
}

json_t *gather_issuer(struct step_ctx *c, struct err *e)
{
	const char *email;
	if (need(c, "certificates.email", &email, e))
		return NULL;
	return issuer_build(email, gather_staging(c));
}

json_t *gather_routes(struct step_ctx *c, struct err *e)
{
	struct routes_in in = {
		.https = (unsigned)step_int(c, "ports.https"),
		.federation_port = (unsigned)step_int(c, "ports.federation"),
		.federation = !is(c, "federation.plan", "none"),
	};
	if (need(c, "domains.server_name", &in.server_name, e) ||
	    need(c, "cluster.ingress_class", &in.ingress_class, e) ||
	    need(c, "cluster.ingress_namespace", &in.ingress_ns, e) ||
	    need(c, "cluster.ingress_selector", &in.ingress_selector, e) ||
	    need(c, "cluster.ingress_target_port", &in.target, e) ||
	    need(c, "cluster.ingress_federation_target_port", &in.federation_target, e) ||
	    gather_fact(c, "cluster.internal_address", &in.internal_address, e))
		return NULL;
	return routes_build(&in);
}
