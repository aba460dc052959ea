/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Traefik as K3s installs it, by a HelmChartConfig. K3s leaves the chart's schema out, so a wrong
 * key is silently ignored there: what came of it is read back (traefik_args, traefik_ports).
 *
 * No entry point ever gets asDefault: as soon as one has it, Ingresses that name none leave all
 * others. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "steps/cluster-files.h"

/* An upload of 100 MB on a 1 Mbit/s line takes a quarter of an hour; Traefik's default is 60 s for
 * a whole request. writeTimeout keeps its default, none: clients hold connections open for long. */
#define READ_TIMEOUT "3600s"

struct entry_point {
	const char *name;
	unsigned port; /* in the container */
	unsigned exposed, node;
	bool tls;
	bool redirects;
};

static size_t entry_points(const struct traefik_in *in, struct entry_point ret[3])
{
	size_t n = 0;
	ret[n++] = (struct entry_point){ "web", 8000, in->http, in->http_node, false, true };
	ret[n++] =
		(struct entry_point){ "websecure", 8443, in->https, in->https_node, true, false };
	/* A Service has each port once. */
	if (in->federation != in->https)
		ret[n++] = (struct entry_point){ TRAEFIK_FEDERATION,  8448, in->federation,
						 in->federation_node, true, false };
	return n;
}

static json_t *redirections(void)
{
	return json_pack("{s:{s:s, s:s, s:b}}", "entryPoint", "to", "websecure", "scheme", "https",
			 "permanent", 1);
}

static json_t *port(const struct traefik_in *in, const struct entry_point *ep, unsigned chart_major)
{
	/* Matrix identifiers travel percent-encoded in paths; Traefik refuses "/" and "#" in that
	 * form unless told (ess-helm README.md). */
	json_t *http = json_pack("{s:{s:b, s:b}}", "encodedCharacters", "allowEncodedSlash", 1,
				 "allowEncodedHash", 1);
	json_t *j =
		json_pack("{s:i, s:i, s:s, s:{s:b}, s:{s:[s]}, s:{s:{s:s}}}", "exposedPort",
			  (int)ep->exposed, "nodePort", (int)ep->node, "protocol", "TCP", "expose",
			  "default", 1, "forwardedHeaders", "trustedIPs", in->pod_cidr, "transport",
			  "respondingTimeouts", "readTimeout", READ_TIMEOUT);
	json_t *options = chart_major >= TRAEFIK_CHART_HTTP ? http : j;
	json_object_set_new(j, "port", json_integer(ep->port));
	if (ep->tls)
		json_object_set_new(options, "tls", json_pack("{s:b}", "enabled", 1));
	if (ep->redirects)
		json_object_set_new(options, "redirections", redirections());
	json_object_set_new(j, "http", http);
	return j;
}

json_t *traefik_build(const struct traefik_in *in, unsigned chart_major)
{
	struct entry_point ep[3];
	size_t n = entry_points(in, ep);
	_cleanup_json_ json_t *values = json_pack("{s:{}}", "ports");
	for (size_t i = 0; i < n; i++)
		json_object_set_new(json_object_get(values, "ports"), ep[i].name,
				    port(in, &ep[i], chart_major));
	_cleanup_free_ char *text = json_pretty(values);
	/* The default of failurePolicy, reinstall, would uninstall Traefik at the first failure. */
	return json_pack("{s:s, s:s, s:{s:s, s:s}, s:{s:s, s:s}}", "apiVersion",
			 "helm.cattle.io/v1", "kind", "HelmChartConfig", "metadata", "name",
			 "traefik", "namespace", "kube-system", "spec", "failurePolicy", "abort",
			 "valuesContent", text);
}

static void arg(json_t *list, const char *ep, const char *option, const char *value)
{
	_cleanup_free_ char *text = xasprintf("--entryPoints.%s.%s=%s", ep, option, value);
	json_array_append_new(list, json_string(text));
}

json_t *traefik_args(const struct traefik_in *in, unsigned chart_major)
{
	struct entry_point ep[3];
	size_t n = entry_points(in, ep);
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++) {
		_cleanup_free_ char *address = xasprintf(":%u/tcp", ep[i].port);
		arg(list, ep[i].name, "address", address);
		arg(list, ep[i].name, "forwardedHeaders.trustedIPs", in->pod_cidr);
		arg(list, ep[i].name, "transport.respondingTimeouts.readTimeout", READ_TIMEOUT);
		/* Traefik filters these since the proxy of chart 38. */
		if (chart_major >= 38) {
			arg(list, ep[i].name, "http.encodedCharacters.allowEncodedSlash", "true");
			arg(list, ep[i].name, "http.encodedCharacters.allowEncodedHash", "true");
		}
		if (ep[i].tls)
			arg(list, ep[i].name, "http.tls", "true");
		if (ep[i].redirects) {
			_cleanup_free_ char *to = xasprintf(":%u", in->https);
			arg(list, ep[i].name, "http.redirections.entryPoint.to", to);
			arg(list, ep[i].name, "http.redirections.entryPoint.scheme", "https");
		}
	}
	return list;
}

json_t *traefik_ports(const struct traefik_in *in)
{
	struct entry_point ep[3];
	size_t n = entry_points(in, ep);
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list,
				      json_pack("{s:s, s:i, s:i}", "name", ep[i].name, "port",
						(int)ep[i].exposed, "nodePort", (int)ep[i].node));
	return list;
}

char *traefik_chart_version(const char *chart)
{
	const char *base = strrchr(chart, '/');
	base = base ? base + 1 : chart;
	if (!text_starts(base, "traefik-") || !text_ends(base, ".tgz"))
		return NULL;
	base += strlen("traefik-");
	return xstrndup(base, strlen(base) - strlen(".tgz"));
}
