/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What matrix-stack makes: workloads, services, claims and hooks. Names, ports and images as the
 * chart's manifest has them; the rest is only as much as a reader of the cluster looks at. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/chart.h"

#define TOOLS "ghcr.io/element-hq/ess-helm/matrix-tools:0.8.1"
#define MAS "ghcr.io/element-hq/matrix-authentication-service:1.23.0"

static const struct workload {
	const char *kind, *name, *component, *version;
	const char *values;	/* member of the values that switches it, with its host aliases */
	const char *containers; /* "name=image:port-name/port/protocol,..." separated by spaces */
	const char *inits;
} workloads[] = {
	{ "Deployment", "element-admin", "matrix-admin-client", "0.1.12", "elementAdmin",
	  "element-admin=oci.element.io/element-admin:0.1.12", NULL },
	{ "Deployment", "element-web", "matrix-client", "v1.12.26", "elementWeb",
	  "element-web=oci.element.io/element-web:v1.12.26", NULL },
	{ "Deployment", "haproxy", "matrix-stack-ingress", "3.2-alpine", "haproxy",
	  "haproxy=docker.io/library/haproxy:3.2-alpine", NULL },
	{ "Deployment", "matrix-authentication-service", "matrix-authentication", "1.23.0",
	  "matrixAuthenticationService", "matrix-authentication-service=" MAS,
	  "render-config=" TOOLS " db-wait=" TOOLS " database-migrate=" MAS },
	{ "Deployment", "matrix-rtc-authorisation-service", "matrix-rtc-authorisation-service",
	  "0.6.0", "matrixRTC",
	  "matrix-rtc-authorisation-service=oci.element.io/lk-jwt-service:0.6.0", NULL },
	{ "Deployment", "matrix-rtc-sfu", "matrix-rtc-voip-server", "v1.13.5", "matrixRTC",
	  "sfu=docker.io/livekit/livekit-server:v1.13.5",
	  "render-config-keys-yaml=" TOOLS " render-config-sfu=" TOOLS },
	{ "StatefulSet", "postgres", "matrix-stack-db", "17-alpine", "postgres",
	  "postgres=docker.io/postgres:17-alpine postgres-ess-updater=docker.io/postgres:17-alpine "
	  "postgres-exporter=docker.io/prometheuscommunity/postgres-exporter:v0.18.1",
	  NULL },
	{ "StatefulSet", "synapse-main", "matrix-server", "v1.159.0", "synapse",
	  "synapse=oci.element.io/synapse:v1.159.0", "render-config=" TOOLS " db-wait=" TOOLS },
};

static const struct service {
	const char *name, *part, *component, *version, *values;
	const char *target; /* whose pods */
	const char *ports;  /* "name:port:target,..." */
} services[] = {
	{ "element-admin", "element-admin", "matrix-admin-client", "0.1.12", "elementAdmin",
	  "element-admin", "http:8080:http" },
	{ "element-web", "element-web", "matrix-client", "v1.12.26", "elementWeb", "element-web",
	  "web:80:element" },
	{ "haproxy", "haproxy", "matrix-stack-ingress", "3.2-alpine", "haproxy", "haproxy",
	  "haproxy-metrics:8405:haproxy-metrics" },
	{ "matrix-authentication-service", "matrix-authentication-service", "matrix-authentication",
	  "1.23.0", "matrixAuthenticationService", "matrix-authentication-service",
	  "http:8080:8080,internal:8081:8081" },
	{ "matrix-rtc-authorisation-service", "matrix-rtc-authorisation-service",
	  "matrix-rtc-authorisation-service", "0.6.0", "matrixRTC",
	  "matrix-rtc-authorisation-service", "http:8080:http" },
	{ "matrix-rtc-sfu", "matrix-rtc-sfu", "matrix-rtc-voip-server", "v1.13.5", "matrixRTC",
	  "matrix-rtc-sfu", "http:7880:http,metrics:6789:metrics" },
	{ "postgres", "postgres", "matrix-stack-db", "17-alpine", "postgres", "postgres",
	  "postgres:5432:5432,metrics:9187:9187" },
	{ "synapse", "synapse", "matrix-stack-ingress", "3.2-alpine", "synapse", "haproxy",
	  "haproxy-synapse:8008:haproxy-synapse,haproxy-403:8009:haproxy-403" },
	{ "synapse-main", "synapse-main", "matrix-server", "v1.159.0", "synapse", "synapse-main",
	  "synapse-http:8008:synapse-http,synapse-repl:9093:synapse-repl,synapse-health:8080:"
	  "synapse-health,"
	  "synapse-metrics:9001:synapse-metrics" },
	{ "well-known", "well-known-ingress", "matrix-stack-ingress", "3.2-alpine",
	  "wellKnownDelegation", "haproxy", "haproxy-wkd:8010:haproxy-wkd" },
};

bool ess_on(const struct release *r, const char *component, bool def)
{
	_cleanup_free_ char *path = xasprintf("%s.enabled", component);
	const json_t *v = json_at(r->values, path);
	return v ? json_is_true(v) : def;
}

const char *ess_host(const struct release *r, const char *component)
{
	_cleanup_free_ char *path = xasprintf("%s.ingress.host", component);
	return json_str_at(r->values, path);
}

json_t *ess_meta(const struct release *r, const char *name, const char *part, const char *component,
		 const char *version)
{
	_cleanup_free_ char *full = xasprintf("%s-%s", r->name, name);
	_cleanup_free_ char *instance = xasprintf("%s-%s", r->name, part);
	_cleanup_free_ char *chart = xasprintf("%s-%s", r->chart->name, r->chart->version);
	return json_pack("{s:s, s:s, s:{s:s, s:s, s:s, s:s, s:s, s:s, s:s}}", "name", full,
			 "namespace", r->ns, "labels", "app.kubernetes.io/component", component,
			 "app.kubernetes.io/instance", instance, "app.kubernetes.io/managed-by",
			 "Helm", "app.kubernetes.io/name", part, "app.kubernetes.io/part-of",
			 r->chart->name, "app.kubernetes.io/version", version, "helm.sh/chart",
			 chart);
}

static json_t *containers(const struct release *r, const char *list)
{
	json_t *all = json_array();
	_cleanup_strv_ char **one = text_split(list ? list : "", ' ');
	const char *policy = json_str_at(r->values, "image.pullPolicy");
	for (char **c = one; c && *c; c++) {
		char *eq = strchr(*c, '=');
		*eq = '\0';
		json_array_append_new(all,
				      json_pack("{s:s, s:s, s:s}", "name", *c, "image", eq + 1,
						"imagePullPolicy", policy ? policy : "Always"));
	}
	return all;
}

static void rtc_environment(const struct release *r, json_t *container)
{
	const char *server = json_str_at(r->values, "serverName");
	_cleanup_free_ char *url = xasprintf("wss://%s", ess_host(r, "matrixRTC"));
	_cleanup_free_ char *api = xasprintf("%s=http://%s-synapse.%s.svc.cluster.local.:8008",
					     server, r->name, r->ns);
	json_t *env =
		json_pack("[{s:s, s:s}, {s:s, s:s}, {s:s, s:s}, {s:s, s:s}]", "name",
			  "LIVEKIT_CS_API_URL_OVERRIDES", "value", api, "name",
			  "LIVEKIT_FULL_ACCESS_HOMESERVERS", "value", server, "name", "LIVEKIT_KEY",
			  "value", "matrix-rtc", "name", "LIVEKIT_URL", "value", url);
	const json_t *more = json_at(r->values, "matrixRTC.extraEnv");
	if (more)
		json_array_extend(env, (json_t *)more);
	json_object_set_new(container, "env", env);
}

/* The address that the call server announces (ess-helm templates/matrix-rtc/_sfu_helpers.tpl). */
static void sfu_environment(const struct release *r, json_t *container)
{
	const char *ip = json_str_at(r->values, "matrixRTC.sfu.manualIP");
	const json_t *more = json_at(r->values, "matrixRTC.sfu.extraEnv");
	json_t *env = json_array();
	if (ip)
		json_array_append_new(env, json_pack("{s:s, s:s}", "name", "NODE_IP", "value", ip));
	if (more)
		json_array_extend(env, (json_t *)more);
	json_object_set_new(container, "env", env);
}

static json_t *pod(const struct release *r, const struct workload *w)
{
	_cleanup_free_ char *aliases = xasprintf("%s.hostAliases", w->values);
	_cleanup_free_ char *account = xasprintf(
		"%s-%s", r->name, strcmp(w->name, "synapse-main") == 0 ? "synapse" : w->name);
	json_t *spec = json_pack("{s:b, s:o, s:s}", "automountServiceAccountToken", 0, "containers",
				 containers(r, w->containers), "serviceAccountName", account);
	if (w->inits)
		json_object_set_new(spec, "initContainers", containers(r, w->inits));
	json_t *hosts = (json_t *)json_at(r->values, aliases);
	if (hosts && strcmp(w->name, "matrix-rtc-sfu") != 0)
		json_object_set(spec, "hostAliases", hosts);
	json_t *first = json_array_get(json_object_get(spec, "containers"), 0);
	if (strcmp(w->name, "matrix-rtc-authorisation-service") == 0)
		rtc_environment(r, first);
	if (strcmp(w->name, "matrix-rtc-sfu") == 0)
		sfu_environment(r, first);
	if (strcmp(w->name, "element-admin") == 0)
		json_object_set_new(first, "env",
				    json_pack("[{s:s, s:s}]", "name", "SERVER_NAME", "value",
					      json_str_at(r->values, "serverName")));
	return spec;
}

/* Whose content starts a workload's pods anew: the chart writes its hash into their labels. */
static const struct {
	const char *workload, *config, *label;
} hashed[] = {
	{ "element-web", "element-web", "element-web-config-hash" },
	{ "haproxy", "haproxy", "shared-haproxy-config-hash" },
	{ "haproxy", "well-known-haproxy", "wellknowndelegation-haproxy-config-hash" },
	{ "matrix-authentication-service", "matrix-authentication-service",
	  "matrix-authentication-service-config-hash" },
	{ "matrix-rtc-sfu", "matrix-rtc-sfu", "matrix-rtc-sfu-config-hash" },
	{ "synapse-main", "synapse", "synapse-config-hash" },
};

/* objects: with the ConfigMaps in it. */
static void add_hashes(const struct release *r, const json_t *objects, const char *name, json_t *labels)
{
	size_t i;
	json_t *o;
	for (size_t k = 0; k < ARRAY_LEN(hashed); k++) {
		_cleanup_free_ char *config = xasprintf("%s-%s", r->name, hashed[k].config);
		if (strcmp(hashed[k].workload, name) != 0)
			continue;
		json_array_foreach(objects, i, o) {
			if (strcmp(json_str_at(o, "kind"), "ConfigMap") != 0 ||
			    strcmp(json_str_at(o, "metadata.name"), config) != 0)
				continue;
			_cleanup_free_ char *text = json_canonical(json_object_get(o, "data"));
			_cleanup_free_ char *sum = crypto_sha256(text, strlen(text));
			_cleanup_free_ char *label = xasprintf("k8s.element.io/%s", hashed[k].label);
			sum[40] = '\0';
			json_object_set_new(labels, label, json_string(sum));
		}
	}
}

static json_t *workload(const struct release *r, const json_t *objects, const struct workload *w)
{
	_cleanup_free_ char *instance = xasprintf("%s-%s", r->name, w->name);
	json_t *meta = ess_meta(r, w->name, w->name, w->component, w->version);
	json_t *labels = json_deep_copy(json_object_get(meta, "labels"));
	json_object_del(labels, "helm.sh/chart");
	add_hashes(r, objects, w->name, labels);
	json_t *spec = json_pack("{s:i, s:{s:{s:s}}, s:{s:{s:o}, s:o}}", "replicas", 1, "selector",
				 "matchLabels", "app.kubernetes.io/instance", instance, "template",
				 "metadata", "labels", labels, "spec", pod(r, w));
	if (strcmp(w->kind, "Deployment") == 0)
		json_object_set_new(spec, "strategy",
				    json_pack("{s:s, s:{s:i, s:i}}", "type", "RollingUpdate",
					      "rollingUpdate", "maxSurge", 2, "maxUnavailable", 0));
	else
		json_object_set_new(spec, "serviceName", json_string(instance));
	return json_pack("{s:s, s:s, s:o, s:o}", "apiVersion", "apps/v1", "kind", w->kind,
			 "metadata", meta, "spec", spec);
}

static json_t *service(const struct release *r, const struct service *s)
{
	json_t *ports = json_array();
	_cleanup_strv_ char **list = text_split(s->ports, ',');
	for (char **p = list; p && *p; p++) {
		char name[64], target[64];
		int port;
		sscanf(*p, "%63[^:]:%d:%63s", name, &port, target);
		json_t *to = strspn(target, "0123456789") == strlen(target)
				     ? json_integer(atoi(target))
				     : json_string(target);
		json_array_append_new(ports, json_pack("{s:s, s:i, s:o}", "name", name, "port",
						       port, "targetPort", to));
	}
	_cleanup_free_ char *instance = xasprintf("%s-%s", r->name, s->target);
	json_t *spec = json_pack("{s:o, s:{s:s}, s:s}", "ports", ports, "selector",
				 "app.kubernetes.io/instance", instance, "type", "ClusterIP");
	if (strcmp(s->name, "synapse-main") == 0)
		json_object_set_new(spec, "clusterIP", json_string("None"));
	return json_pack("{s:s, s:s, s:o, s:o}", "apiVersion", "v1", "kind", "Service", "metadata",
			 ess_meta(r, s->name, s->part, s->component, s->version), "spec", spec);
}

static json_t *media_service(const struct release *r, const char *name, const char *proto,
			     const char *prefix, long long first, long long last)
{
	json_t *ports = json_array();
	for (long long p = first; p <= last; p++) {
		_cleanup_free_ char *label =
			first == last ? xstrdup(prefix) : xasprintf("%s-%lld", prefix, p);
		json_array_append_new(ports, json_pack("{s:s, s:s, s:I, s:I, s:I}", "name", label,
						       "protocol", proto, "port", (json_int_t)p,
						       "targetPort", (json_int_t)p, "nodePort",
						       (json_int_t)p));
	}
	_cleanup_free_ char *instance = xasprintf("%s-matrix-rtc-sfu", r->name);
	return json_pack(
		"{s:s, s:s, s:o, s:{s:o, s:{s:s}, s:s, s:s}}", "apiVersion", "v1", "kind",
		"Service", "metadata",
		ess_meta(r, name, "matrix-rtc-sfu-rtc", "matrix-rtc-voip-server", "v1.13.5"),
		"spec", "ports", ports, "selector", "app.kubernetes.io/instance", instance, "type",
		"NodePort", "externalTrafficPolicy", "Cluster");
}

static void add_media(json_t *all, const struct release *r)
{
	const json_t *e = json_at(r->values, "matrixRTC.sfu.exposedServices");
	const json_t *tcp = json_at(e, "rtcTcp.enabled"), *mux = json_at(e, "rtcMuxedUdp.enabled");
	long long port = json_int_at(e, "rtcTcp.port", 30001);
	if (!tcp || json_is_true(tcp))
		json_array_append_new(
			all, media_service(r, "matrix-rtc-sfu-tcp", "TCP", "rtc-tcp", port, port));
	port = json_int_at(e, "rtcMuxedUdp.port", 30002);
	if (!mux || json_is_true(mux))
		json_array_append_new(all, media_service(r, "matrix-rtc-sfu-muxed-udp", "UDP",
							 "rtc-muxed-udp", port, port));
	if (!json_is_true(json_at(e, "rtcUdp.enabled")))
		return;
	long long first = json_int_at(e, "rtcUdp.portRange.startPort", 31000),
		  last = json_int_at(e, "rtcUdp.portRange.endPort", 32000);
	for (int i = 0; first <= last; i++, first += 250) {
		_cleanup_free_ char *name = xasprintf("matrix-rtc-sfu-udp-range-%d", i);
		json_array_append_new(all, media_service(r, name, "UDP", "rtc-udp", first,
							 last < first + 249 ? last : first + 249));
	}
}

static json_t *claim(const struct release *r, const char *name, const char *part,
		     const char *component, const char *version, const char *size)
{
	const char *class = json_str_at(r->values, "storage.storageClassName");
	json_t *meta = ess_meta(r, name, part, component, version);
	json_object_set_new(meta, "annotations",
			    json_pack("{s:s}", "helm.sh/resource-policy", "keep"));
	json_t *spec = json_pack("{s:[s], s:{s:{s:s}}}", "accessModes", "ReadWriteOnce",
				 "resources", "requests", "storage", size ? size : "10Gi");
	if (class)
		json_object_set_new(spec, "storageClassName", json_string(class));
	return json_pack("{s:s, s:s, s:o, s:o}", "apiVersion", "v1", "kind",
			 "PersistentVolumeClaim", "metadata", meta, "spec", spec);
}

static json_t *hook_job(const struct release *r, const char *part, const char *when,
			const char *weight)
{
	json_t *meta = ess_meta(r, part, part, "matrix-tools", "0.8.1");
	json_object_set_new(
		meta, "annotations",
		json_pack("{s:s, s:s}", "helm.sh/hook", when, "helm.sh/hook-weight", weight));
	return json_pack("{s:s, s:s, s:o, s:{s:i, s:{s:{s:s, s:[{s:s, s:s}]}}}}", "apiVersion",
			 "batch/v1", "kind", "Job", "metadata", meta, "spec", "backoffLimit", 6,
			 "template", "spec", "restartPolicy", "Never", "containers", "name", part,
			 "image", TOOLS);
}

static void add_accounts(json_t *all, const struct release *r)
{
	for (size_t i = 0; i < ARRAY_LEN(workloads); i++) {
		const struct workload *w = &workloads[i];
		const char *name = strcmp(w->name, "synapse-main") == 0 ? "synapse" : w->name;
		if (ess_on(r, w->values, true))
			json_array_append_new(
				all, json_pack("{s:s, s:s, s:o, s:b}", "apiVersion", "v1", "kind",
					       "ServiceAccount", "metadata",
					       ess_meta(r, name, name, w->component, w->version),
					       "automountServiceAccountToken", 0));
	}
}

json_t *ess_objects(const struct release *r)
{
	json_t *all = json_array();
	json_array_append_new(all, hook_job(r, "init-secrets", "pre-install,pre-upgrade", "-10"));
	json_array_append_new(
		all, hook_job(r, "deployment-markers-pre", "pre-install,pre-upgrade", "-10"));
	json_array_append_new(all,
			      hook_job(r, "synapse-check-config", "pre-install,pre-upgrade", "0"));
	json_array_append_new(
		all, hook_job(r, "deployment-markers-post", "post-install,post-upgrade", "10"));
	add_accounts(all, r);
	ess_add_configs(all, r);
	if (ess_on(r, "postgres", true))
		json_array_append_new(all, claim(r, "postgres-data", "postgres", "matrix-stack-db",
						 "17-alpine",
						 json_str_at(r->values, "postgres.storage.size")));
	json_array_append_new(all, claim(r, "synapse-media", "synapse", "matrix-server", "v1.159.0",
					 json_str_at(r->values, "synapse.media.storage.size")));
	for (size_t i = 0; i < ARRAY_LEN(services); i++)
		if (ess_on(r, services[i].values, true))
			json_array_append_new(all, service(r, &services[i]));
	add_media(all, r);
	for (size_t i = 0; i < ARRAY_LEN(workloads); i++)
		if (ess_on(r, workloads[i].values, true))
			json_array_append_new(all, workload(r, all, &workloads[i]));
	ess_add_routes(all, r);
	return all;
}
