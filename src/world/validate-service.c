/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Services: addresses and node ports are given out once, and only from their ranges. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/net.h"
#include "base/text.h"
#include "world/cluster.h"

static bool is_same(const json_t *a, const json_t *b)
{
	return strcmp(json_str_at(a, "metadata.name"), json_str_at(b, "metadata.name")) == 0 &&
	       strcmp(json_str_at(a, "metadata.namespace"), json_str_at(b, "metadata.namespace")) ==
		       0;
}

static bool taken(const struct cluster *c, const json_t *self, const char *ip)
{
	const char *key;
	json_t *o;
	json_object_foreach(c->objects, key, o) {
		const char *have = json_str_at(o, "spec.clusterIP");
		if (text_starts(key, "services/") && have && strcmp(have, ip) == 0 &&
		    !is_same(o, self))
			return true;
	}
	return false;
}

static const char *range(const struct cluster *c)
{
	const char *cidr = json_str_at(c->st.j, "service_cidr");
	return cidr ? cidr : "10.43.0.0/16";
}

static int bad_ip(const json_t *svc, const char *ip, const char *why, char **ret_error)
{
	*ret_error = xasprintf("The Service \"%s\" is invalid: spec.clusterIPs: Invalid value: "
			       "[\"%s\"]: failed to allocate "
			       "IP %s: %s",
			       json_str_at(svc, "metadata.name"), ip, ip, why);
	return -1;
}

static int set_address(struct cluster *c, json_t *svc, const json_t *old, char **ret_error)
{
	json_t *spec = json_object_get(svc, "spec");
	const char *ip = json_str_at(spec, "clusterIP"), *was = json_str_at(old, "spec.clusterIP");
	if (was && ip && strcmp(ip, was) != 0) {
		*ret_error = xasprintf("The Service \"%s\" is invalid: spec.clusterIPs[0]: Invalid "
				       "value: [\"%s\"]: may not "
				       "change once set",
				       json_str_at(svc, "metadata.name"), ip);
		return -1;
	}
	uint32_t base = 0, addr;
	unsigned bits = 0;
	net_parse_cidr(range(c), &base, &bits);
	if (ip && strcmp(ip, "None") == 0)
		return 0;
	if (ip) {
		_cleanup_free_ char *why = xasprintf("the provided IP (%s) is not in the valid "
						     "range. The range of valid IPs is %s",
						     ip, range(c));
		if (!net_parse_ipv4(ip, &addr) || !net_in_cidr(addr, base, bits))
			return bad_ip(svc, ip, why, ret_error);
		if (taken(c, svc, ip))
			return bad_ip(svc, ip, "provided IP is already allocated", ret_error);
		json_object_set_new(spec, "clusterIPs", json_pack("[s]", ip));
		return 0;
	}
	/* dynamic addresses come from the upper part of the range (KEP-3070) */
	for (addr = base + 256;; addr++) {
		char text[16];
		snprintf(text, sizeof(text), "%u.%u.%u.%u", addr >> 24, (addr >> 16) & 255,
			 (addr >> 8) & 255, addr & 255);
		if (taken(c, svc, text))
			continue;
		json_object_set_new(spec, "clusterIP", json_string(text));
		json_object_set_new(spec, "clusterIPs", json_pack("[s]", text));
		return 0;
	}
}

static bool port_taken(const struct cluster *c, const json_t *self, long long port,
		       const char *proto)
{
	const char *key;
	json_t *o, *p;
	size_t i;
	json_object_foreach(c->objects, key, o) {
		if (!text_starts(key, "services/") || is_same(o, self))
			continue;
		json_array_foreach(json_at(o, "spec.ports"), i, p)
			if (json_int_at(p, "nodePort", 0) == port &&
			    strcmp(json_str_at(p, "protocol"), proto) == 0)
				return true;
	}
	return false;
}

static bool port_own(const json_t *svc, long long port)
{
	json_t *p;
	size_t i;
	json_array_foreach(json_at(svc, "spec.ports"), i, p)
		if (json_int_at(p, "nodePort", 0) == port)
			return true;
	return false;
}

static int set_node_port(struct cluster *c, json_t *svc, json_t *port, size_t i, char **ret_error)
{
	const char *text = json_str_at(c->st.j, "node_ports"),
		   *proto = json_str_at(port, "protocol");
	int low = 30000, high = 32767;
	if (text)
		sscanf(text, "%d-%d", &low, &high);
	long long n = json_int_at(port, "nodePort", 0);
	const char *why = NULL;
	_cleanup_free_ char *out = xasprintf(
		"provided port is not in the valid range. The range of valid ports is %d-%d", low,
		high);
	if (n && (n < low || n > high))
		why = out;
	else if (n && port_taken(c, svc, n, proto))
		why = "provided port is already allocated";
	if (why) {
		*ret_error = xasprintf("The Service \"%s\" is invalid: spec.ports[%zu].nodePort: "
				       "Invalid value: %lld: %s",
				       json_str_at(svc, "metadata.name"), i, n, why);
		return -1;
	}
	for (n = n ? n : high; json_int_at(port, "nodePort", 0) == 0; n--)
		if (!port_taken(c, svc, n, proto) && !port_own(svc, n))
			json_object_set_new(port, "nodePort", json_integer(n));
	return 0;
}

int validate_service(struct cluster *c, json_t *svc, const json_t *old, char **ret_error)
{
	json_t *spec = json_object_get(svc, "spec"), *port, *other;
	if (!spec) {
		*ret_error = xasprintf("The Service \"%s\" is invalid: spec.ports: Required value",
				       json_str_at(svc, "metadata.name"));
		return -1;
	}
	if (!json_object_get(spec, "type"))
		json_object_set_new(spec, "type", json_string("ClusterIP"));
	const char *type = json_str_at(spec, "type");
	if (strcmp(type, "ExternalName") == 0)
		return 0;
	if (set_address(c, svc, old, ret_error) < 0)
		return -1;
	size_t i, k;
	json_array_foreach(json_object_get(spec, "ports"), i, port) {
		if (!json_object_get(port, "protocol"))
			json_object_set_new(port, "protocol", json_string("TCP"));
		if (!json_object_get(port, "targetPort"))
			json_object_set(port, "targetPort", json_object_get(port, "port"));
		json_array_foreach(json_object_get(spec, "ports"), k, other) {
			if (k <= i ||
			    !json_equal(json_object_get(port, "port"),
					json_object_get(other, "port")) ||
			    strcmp(json_str_at(port, "protocol"),
				   json_str_at(other, "protocol") ? json_str_at(other, "protocol")
								  : "TCP") != 0)
				continue;
			*ret_error = xasprintf(
				"The Service \"%s\" is invalid: spec.ports[%zu]: Duplicate value: "
				"{\"protocol\":\"TCP\",\"port\":%lld}",
				json_str_at(svc, "metadata.name"), k, json_int_at(port, "port", 0));
			return -1;
		}
		if (strcmp(type, "ClusterIP") != 0 && set_node_port(c, svc, port, i, ret_error) < 0)
			return -1;
	}
	static const char *const more[][2] = { { "internalTrafficPolicy", "Cluster" },
					       { "sessionAffinity", "None" },
					       { "ipFamilyPolicy", "SingleStack" } };
	for (i = 0; i < ARRAY_LEN(more); i++)
		if (!json_object_get(spec, more[i][0]))
			json_object_set_new(spec, more[i][0], json_string(more[i][1]));
	if (!json_object_get(spec, "ipFamilies"))
		json_object_set_new(spec, "ipFamilies", json_pack("[s]", "IPv4"));
	if (strcmp(type, "ClusterIP") != 0 && !json_object_get(spec, "externalTrafficPolicy"))
		json_object_set_new(spec, "externalTrafficPolicy", json_string("Cluster"));
	if (!json_object_get(svc, "status"))
		json_object_set_new(svc, "status", json_pack("{s:{}}", "loadBalancer"));
	return 0;
}
