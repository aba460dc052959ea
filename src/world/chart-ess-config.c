/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* ConfigMaps, Secrets and Ingresses of matrix-stack: every place where the chart writes a URL, in
 * the form it writes it ("https://" and the ingress host; "HOST:443" for federation). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/chart.h"

static void add(json_t *all, const char *kind, json_t *meta, json_t *data)
{
	json_t *o = json_pack("{s:s, s:s, s:o, s:o}", "apiVersion", "v1", "kind", kind, "metadata",
			      meta, "data", data);
	if (strcmp(kind, "Secret") == 0)
		json_object_set_new(o, "type", json_string("Opaque"));
	json_array_append_new(all, o);
}

static json_t *string_new(char *text)
{
	json_t *j = json_string(text);
	free(text);
	return j;
}

static json_t *synapse_config(const struct release *r)
{
	const char *host = ess_host(r, "synapse"), *server = json_str_at(r->values, "serverName");
	const char *size = json_str_at(r->values, "synapse.media.maxUploadSize");
	const char *db = json_str_at(r->values, "synapse.postgres.host");
	_cleanup_free_ char *own = xasprintf("%s-postgres.%s.svc.cluster.local.", r->name, r->ns);
	return json_pack(
		"{s:o, s:o, s:s, s:s}", "01-homeserver-underrides.yaml",
		string_new(xasprintf("\nweb_client_location: https://%s/\n\nreport_stats: false\n",
				     ess_host(r, "elementWeb"))),
		"04-homeserver-overrides.yaml",
		string_new(xasprintf(
			"public_baseurl: https://%s/\nserver_name: %s\n"
			"signing_key_path: "
			"/secrets/%s-generated/SYNAPSE_SIGNING_KEY\nenable_metrics: true\n"
			"database:\n  name: psycopg2\n  args:\n    host: \"%s\"\n    port: 5432\n"
			"matrix_authentication_service:\n  enabled: true\n"
			"  endpoint: "
			"http://%s-matrix-authentication-service.%s.svc.cluster.local.:8080/\n"
			"matrix_rtc:\n  transports:\n  - type: livekit\n    livekit_service_url: "
			"https://%s\n"
			"max_upload_size: \"%s\"\n",
			host, server, r->name, db ? db : own, r->name, r->ns,
			ess_host(r, "matrixRTC"), size ? size : "100M")),
		"05-main.yaml", "worker_app: synapse.app.homeserver\nenable_media_repo: true\n",
		"log_config.yaml", "version: 1\nroot:\n  level: \"INFO\"\n");
}

static json_t *mas_config(const struct release *r)
{
	return json_pack(
		"{s:s, s:o}", "mas-config-underrides.yaml",
		"policy:\n  data:\n    admin_clients: []\n    admin_users: []\n",
		"mas-config-overrides.yaml",
		string_new(xasprintf("http:\n  public_base: \"https://%s\"\n  listeners:\n  - "
				     "name: web\n    binds:\n"
				     "    - port: 8080\nmatrix:\n  homeserver: \"%s\"\n  endpoint: "
				     "\"http://%s-synapse.%s.svc.cluster.local.:8008\"\n  kind: "
				     "synapse_modern\n",
				     ess_host(r, "matrixAuthenticationService"),
				     json_str_at(r->values, "serverName"), r->name, r->ns)));
}

static json_t *element_config(const struct release *r)
{
	_cleanup_free_ char *url = xasprintf("https://%s", ess_host(r, "synapse"));
	_cleanup_json_ json_t *config =
		json_pack("{s:{s:{s:s, s:s}}, s:{s:b}}", "default_server_config", "m.homeserver",
			  "base_url", url, "server_name", json_str_at(r->values, "serverName"),
			  "element_call", "use_exclusively", 1);
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)json_at(r->values, "elementWeb.additional"), key, v) {
		_cleanup_json_ json_t *more =
			json_loads(json_string_value(v) ? json_string_value(v) : "{}", 0, NULL);
		json_object_update_recursive(config, more);
	}
	_cleanup_free_ char *text = json_pretty(config);
	return json_pack("{s:s}", "config.json", text);
}

static json_t *well_known(const struct release *r)
{
	_cleanup_free_ char *base = xasprintf("https://%s", ess_host(r, "synapse"));
	_cleanup_free_ char *rtc = xasprintf("https://%s", ess_host(r, "matrixRTC"));
	_cleanup_free_ char *fed = xasprintf("%s:443", ess_host(r, "synapse"));
	_cleanup_json_ json_t *client = json_pack("{s:{s:s}, s:[{s:s, s:s}]}", "m.homeserver",
						  "base_url", base, "org.matrix.msc4143.rtc_foci",
						  "livekit_service_url", rtc, "type", "livekit");
	_cleanup_json_ json_t *server = json_pack("{s:s}", "m.server", fed);
	_cleanup_free_ char *c = json_pretty(client), *s = json_pretty(server);
	return json_pack("{s:s, s:s, s:s}", "client", c, "server", s, "support", "{}\n");
}

static json_t *sfu_config(const struct release *r)
{
	const json_t *sfu = json_at(r->values, "matrixRTC.sfu");
	const json_t *stun = json_object_get(sfu, "useStunToDiscoverPublicIP");
	const char *ip = json_str_at(sfu, "manualIP");
	const char *node = ip && *ip ? "  node_ip: ${NODE_IP}\n" : "";
	_cleanup_free_ char *range =
		json_is_true(json_at(sfu, "exposedServices.rtcUdp.enabled"))
			? xasprintf("  port_range_start: %lld\n  port_range_end: %lld\n",
				    json_int_at(sfu, "exposedServices.rtcUdp.portRange.startPort",
						31000),
				    json_int_at(sfu, "exposedServices.rtcUdp.portRange.endPort",
						32000))
			: xasprintf("  udp_port: %lld\n",
				    json_int_at(sfu, "exposedServices.rtcMuxedUdp.port", 30002));
	return json_pack("{s:s, s:o, s:s}", "config-underrides.yaml", "turn:\n  enabled: false\n",
			 "config-overrides.yaml",
			 string_new(xasprintf(
				 "port: 7880\nrtc:\n  use_external_ip: %s\n%s  tcp_port: "
				 "%lld\n%skey_file: /conf/keys.yaml\n",
				 !stun || json_is_true(stun) ? "true" : "false", node,
				 json_int_at(sfu, "exposedServices.rtcTcp.port", 30001), range)),
			 "keys-template.yaml", "matrix-rtc: ${LIVEKIT_SECRET}\n");
}

static json_t *haproxy_config(const struct release *r)
{
	const json_t *on = json_at(r->values, "wellKnownDelegation.baseDomainRedirect.enabled");
	_cleanup_free_ char *redirect =
		!on || json_is_true(on) ? xasprintf("  http-request redirect  code 301  location "
						    "https://%s unless well-known\n",
						    ess_host(r, "elementWeb"))
					: xstrdup("");
	return json_pack("{s:o, s:s}", "haproxy.cfg",
			 string_new(xasprintf("global\n  log stdout format raw local0 "
					      "info\n\nfrontend well-known-in\n  bind *:8010\n%s",
					      redirect)),
			 "placeholder", "");
}

/* additional.NAME.config of a component as a Secret's data. */
static json_t *additional(const struct release *r, const char *component)
{
	json_t *data = json_object(), *v;
	const char *key;
	_cleanup_free_ char *path = xasprintf("%s.additional", component);
	json_object_foreach((json_t *)json_at(r->values, path), key, v) {
		const char *text = json_str_at(v, "config");
		_cleanup_free_ char *b64 = crypto_base64(text ? text : "", text ? strlen(text) : 0);
		_cleanup_free_ char *name = xasprintf("user-%s", key);
		if (text)
			json_object_set_new(data, name, json_string(b64));
	}
	return data;
}

static json_t *hooked(json_t *meta)
{
	json_object_set_new(meta, "annotations",
			    json_pack("{s:s, s:s}", "helm.sh/hook", "pre-install,pre-upgrade",
				      "helm.sh/hook-weight", "-1"));
	return meta;
}

void ess_add_configs(json_t *all, const struct release *r)
{
	const char *mas = "matrix-authentication-service",
		   *auth = "matrix-rtc-authorisation-service";
	_cleanup_free_ char *version =
		xasprintf("{\"version\": \"%s\", \"edition\": \"community\"}", r->chart->version);
	add(all, "Secret", ess_meta(r, mas, mas, "matrix-authentication", "1.23.0"),
	    additional(r, "matrixAuthenticationService"));
	add(all, "Secret", ess_meta(r, auth, auth, auth, "0.6.0"), json_object());
	add(all, "Secret",
	    ess_meta(r, "matrix-rtc-sfu", "matrix-rtc-sfu", "matrix-rtc-voip-server", "v1.13.5"),
	    additional(r, "matrixRTC.sfu"));
	add(all, "Secret", ess_meta(r, "synapse", "synapse", "matrix-server", "v1.159.0"),
	    additional(r, "synapse"));
	add(all, "Secret",
	    hooked(ess_meta(r, "synapse-hook", "synapse-check-config", "matrix-server",
			    "v1.159.0")),
	    additional(r, "synapse"));
	add(all, "ConfigMap",
	    ess_meta(r, "element-web", "element-web", "matrix-client", "v1.12.26"),
	    element_config(r));
	add(all, "ConfigMap",
	    ess_meta(r, "element-web-nginx", "element-web", "matrix-client", "v1.12.26"),
	    json_pack("{s:s}", "default.conf", "server {\n  listen 8080;\n}\n"));
	add(all, "ConfigMap",
	    ess_meta(r, "haproxy", "haproxy", "matrix-stack-ingress", "3.2-alpine"),
	    haproxy_config(r));
	add(all, "ConfigMap", ess_meta(r, mas, mas, "matrix-authentication", "1.23.0"),
	    mas_config(r));
	add(all, "ConfigMap",
	    ess_meta(r, "matrix-rtc-sfu", "matrix-rtc-sfu", "matrix-rtc-voip-server", "v1.13.5"),
	    sfu_config(r));
	if (ess_on(r, "postgres", true))
		add(all, "ConfigMap",
		    ess_meta(r, "postgres", "postgres", "matrix-stack-db", "17-alpine"),
		    json_pack("{s:s}", "configure-dbs.sh", "#!/bin/sh\nset -e;\n"));
	add(all, "ConfigMap", ess_meta(r, "synapse", "synapse", "matrix-server", "v1.159.0"),
	    synapse_config(r));
	add(all, "ConfigMap",
	    hooked(ess_meta(r, "synapse-hook", "synapse-check-config", "matrix-server",
			    "v1.159.0")),
	    synapse_config(r));
	add(all, "ConfigMap",
	    ess_meta(r, "synapse-haproxy", "synapse", "matrix-server", "v1.159.0"),
	    json_pack("{s:s, s:s}", "429.http", "HTTP/1.0 429 Too Many Requests\n",
		      "ess-version.json", version));
	add(all, "ConfigMap",
	    ess_meta(r, "well-known-haproxy", "well-known-delegation", "matrix-delegation", "1"),
	    well_known(r));
}

/* --- Ingresses --- */

static json_t *path_to(const char *path, const char *release, const char *service, const char *port)
{
	_cleanup_free_ char *name = xasprintf("%s-%s", release, service);
	return json_pack("{s:s, s:s, s:{s:{s:s, s:{s:s}}}}", "path", path, "pathType", "Prefix",
			 "backend", "service", "name", name, "port", "name", port);
}

static void add_ingress(json_t *all, const struct release *r, const char *name, const char *part,
			const char *component, const char *host, json_t *paths)
{
	const char *issuer = json_str_at(r->values, "certManager.clusterIssuer");
	const char *class = json_str_at(r->values, "ingress.className");
	_cleanup_free_ char *secret = xasprintf("%s-%s-certmanager-tls", r->name, name);
	json_t *meta = ess_meta(r, name, part, component, "1");
	if (issuer)
		json_object_set_new(meta, "annotations",
				    json_pack("{s:s}", "cert-manager.io/cluster-issuer", issuer));
	json_t *spec =
		json_pack("{s:[{s:s, s:{s:o}}], s:[{s:[s], s:s}]}", "rules", "host", host, "http",
			  "paths", paths, "tls", "hosts", host, "secretName", secret);
	if (class)
		json_object_set_new(spec, "ingressClassName", json_string(class));
	json_array_append_new(all, json_pack("{s:s, s:s, s:o, s:o}", "apiVersion",
					     "networking.k8s.io/v1", "kind", "Ingress", "metadata",
					     meta, "spec", spec));
}

static json_t *synapse_paths(const struct release *r)
{
	static const char *const apis[] = { "api/v1", "r0", "v3", "unstable" }, *const calls[] = {
		"login", "refresh", "logout"
	};
	json_t *paths = json_array();
	for (size_t i = 0; i < ARRAY_LEN(apis) * ARRAY_LEN(calls); i++) {
		_cleanup_free_ char *path =
			xasprintf("/_matrix/client/%s/%s", apis[i / 3], calls[i % 3]);
		json_array_append_new(
			paths, path_to(path, r->name, "matrix-authentication-service", "http"));
	}
	json_array_append_new(paths, path_to("/_matrix", r->name, "synapse", "haproxy-synapse"));
	json_array_append_new(paths, path_to("/_synapse", r->name, "synapse", "haproxy-synapse"));
	return paths;
}

void ess_add_routes(json_t *all, const struct release *r)
{
	const char *mas = "matrix-authentication-service",
		   *auth = "matrix-rtc-authorisation-service";
	if (ess_on(r, "elementAdmin", true))
		add_ingress(all, r, "element-admin", "element-admin", "matrix-admin-client",
			    ess_host(r, "elementAdmin"),
			    json_pack("[o]", path_to("/", r->name, "element-admin", "http")));
	add_ingress(all, r, "element-web", "element-web", "matrix-client",
		    ess_host(r, "elementWeb"),
		    json_pack("[o]", path_to("/", r->name, "element-web", "web")));
	add_ingress(all, r, mas, mas, "matrix-authentication",
		    ess_host(r, "matrixAuthenticationService"),
		    json_pack("[o]", path_to("/", r->name, mas, "http")));
	add_ingress(all, r, "matrix-rtc", "matrix-rtc", "matrix-rtc", ess_host(r, "matrixRTC"),
		    json_pack("[o, o, o, o]", path_to("/sfu/get", r->name, auth, "http"),
			      path_to("/get_token", r->name, auth, "http"),
			      path_to("/delegate_delayed_leave", r->name, auth, "http"),
			      path_to("/", r->name, "matrix-rtc-sfu", "http")));
	add_ingress(all, r, "synapse", "synapse", "matrix-stack-ingress", ess_host(r, "synapse"),
		    synapse_paths(r));
	const json_t *redirect =
		json_at(r->values, "wellKnownDelegation.baseDomainRedirect.enabled");
	if (ess_on(r, "wellKnownDelegation", true))
		add_ingress(all, r, "well-known", "well-known-ingress", "matrix-stack-ingress",
			    json_str_at(r->values, "serverName"),
			    json_pack("[o]", path_to(redirect && !json_is_true(redirect)
							     ? "/.well-known/matrix"
							     : "/",
						     r->name, "well-known", "haproxy-wkd")));
}
