/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* K3s' Traefik: manifests are taken up when their file changes, and each change of the
 * HelmChartConfig runs a helm job that brings Service and Deployment to what chart 40.1 makes of
 * the values. Keys that the chart does not know are passed over in silence, as in K3s' repackaged
 * chart. */
#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/cluster.h"
#include "world/traefik.h"
#include "world/yaml.h"

#define NS "kube-system"
#define CHART "https://%{KUBERNETES_API}%/static/charts/traefik-40.1.4+up40.1.0.tgz"

static void take_up(struct cluster *c, const char *path)
{
	_cleanup_free_ char *text = NULL;
	_cleanup_free_ char *error = NULL;
	size_t len, i;
	if (fs_read(path, 1 << 20, &text, &len, NULL) < 0)
		return;
	json_t *seen = json_object_get(c->st.j, "manifests"), *o, *live;
	if (!seen) {
		seen = json_object();
		json_object_set_new(c->st.j, "manifests", seen);
	}
	_cleanup_free_ char *sum = crypto_sha256(text, len);
	const char *was = json_string_value(json_object_get(seen, path));
	if (was && strcmp(was, sum) == 0)
		return;
	json_object_set_new(seen, path, json_string(sum));
	c->changed = true;
	_cleanup_json_ json_t *docs = yaml_load(text, len, &error);
	json_array_foreach(docs, i, o) {
		_cleanup_free_ char *refused = NULL;
		if (apply_object(c, o, "deploy@k3s", false, &live, &refused) == 0)
			json_decref(live);
	}
}

static void manifests(struct cluster *c)
{
	static const char *const endings[] = { "json", "yaml", "yml" };
	for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
		_cleanup_free_ char *pattern = xasprintf(
			"%s/var/lib/rancher/k3s/server/manifests/*.%s", c->w->root, endings[i]);
		glob_t g;
		if (glob(pattern, 0, NULL, &g) != 0)
			continue;
		for (size_t k = 0; k < g.gl_pathc; k++)
			take_up(c, g.gl_pathv[k]);
		globfree(&g);
	}
}

/* --- the job --- */

static void fail_chart(struct cluster *c, const char *why)
{
	json_t *chart = cluster_get(c, "helmcharts", NS, "traefik");
	status_condition(chart, "Failed", why ? "True" : "False", why ? "JobFailed" : "",
			 why ? why : "");
	json_object_set_new(c->st.j, "traefik_log",
			    json_string(why ? why : "NAME: traefik\nSTATUS: deployed"));
	cluster_touch(c, chart);
}

static void put_checked(struct cluster *c, json_t *object)
{
	const struct kind *k = kind_of(object);
	json_t *old = cluster_get(c, k->plural, NS, json_str_at(object, "metadata.name"));
	/* helm replaces what it made: only the address stays */
	const char *ip = json_str_at(old, "spec.clusterIP");
	if (ip)
		json_object_set_new(json_object_get(object, "spec"), "clusterIP", json_string(ip));
	char *error = NULL;
	if (validate_object(c, object, old, &error) < 0) {
		fail_chart(c, error);
		free(error);
		json_decref(object);
		return;
	}
	cluster_put(c, object);
}

static void job(struct cluster *c, const char *name)
{
	_cleanup_free_ char *now = world_now();
	cluster_delete(c, "jobs", NS, name);
	json_t *j = json_pack("{s:s, s:s, s:{s:s, s:s}, s:{s:i}, s:{s:s, s:s, s:i}}", "apiVersion",
			      "batch/v1", "kind", "Job", "metadata", "name", name, "namespace", NS,
			      "spec", "backoffLimit", 1000, "status", "startTime", now,
			      "completionTime", now, "succeeded", 1);
	status_condition(j, "Complete", "True", "CompletionsReached",
			 "Reached expected number of succeeded pods");
	cluster_put(c, j);
}

static void svclb(struct cluster *c, const json_t *ports)
{
	json_t *containers = json_array(), *p;
	const char *name;
	json_object_foreach((json_t *)ports, name, p) {
		long long port = json_int_at(p, "exposedPort", json_int_at(p, "port", 0));
		_cleanup_free_ char *label = xasprintf("lb-tcp-%lld", port);
		if (json_is_true(json_at(p, "expose.default")))
			json_array_append_new(
				containers,
				json_pack("{s:s, s:s, s:[{s:s, s:I, s:I}]}", "name", label, "image",
					  "rancher/klipper-lb:v0.4.17", "ports", "name", label,
					  "containerPort", (json_int_t)port, "hostPort",
					  (json_int_t)port));
	}
	cluster_put(c,
		    json_pack("{s:s, s:s, s:{s:s, s:s}, s:{s:{s:{s:s}}, s:{s:{s:{s:s}}, s:{s:o}}}}",
			      "apiVersion", "apps/v1", "kind", "DaemonSet", "metadata", "name",
			      "svclb-traefik-5d3b7c1e", "namespace", NS, "spec", "selector",
			      "matchLabels", "app", "svclb-traefik-5d3b7c1e", "template",
			      "metadata", "labels", "app", "svclb-traefik-5d3b7c1e", "spec",
			      "containers", containers));
}

static void show_address(struct cluster *c)
{
	json_t *svc = cluster_get(c, "services", NS, "traefik");
	if (svc)
		json_object_set_new(svc, "status",
				    json_pack("{s:{s:[{s:s}]}}", "loadBalancer", "ingress", "ip",
					      "192.168.1.20"));
}

/* A Traefik that does not know some of its arguments. */
static void forget(struct cluster *c, json_t *args)
{
	_cleanup_free_ char *part = scenario_knob(c->w, "traefik.drops");
	for (size_t i = json_array_size(args); part && i > 0; i--)
		if (strstr(json_string_value(json_array_get(args, i - 1)), part))
			json_array_remove(args, i - 1);
}

static void run_job(struct cluster *c, const char *values)
{
	_cleanup_json_ json_t *all = traefik_defaults();
	_cleanup_free_ char *error = NULL;
	_cleanup_json_ json_t *own = yaml_load_one(values, strlen(values), &error);
	_cleanup_free_ char *knob = scenario_knob(c->w, "traefik.job_fails");
	if (own)
		json_object_update_recursive(all, own);
	const json_t *ports = json_object_get(all, "ports");
	json_t *args = own && !knob ? traefik_arguments(ports, &error) : NULL;
	job(c, "helm-install-traefik-crd");
	job(c, "helm-install-traefik");
	if (!args) {
		fail_chart(c, knob ? knob : error);
		return;
	}
	forget(c, args);
	fail_chart(c, NULL);
	put_checked(c, traefik_service(ports));
	put_checked(c, traefik_deployment(ports, args));
	svclb(c, ports);
	show_address(c);
}

static void ingress_class(struct cluster *c)
{
	cluster_put(c, json_pack("{s:s, s:s, s:{s:s, s:{s:s}}, s:{s:s}}", "apiVersion",
				 "networking.k8s.io/v1", "kind", "IngressClass", "metadata", "name",
				 "traefik", "annotations",
				 "ingressclass.kubernetes.io/is-default-class", "true", "spec",
				 "controller", "traefik.io/ingress-controller"));
}

static void first_time(struct cluster *c)
{
	static const char *const charts[] = { "traefik", "traefik-crd" };
	if (cluster_get(c, "helmcharts", NS, "traefik"))
		return;
	for (size_t i = 0; i < ARRAY_LEN(charts); i++) {
		json_t *h = json_pack("{s:s, s:s, s:{s:s, s:s}, s:{s:s}, s:{s:s}}", "apiVersion",
				      "helm.cattle.io/v1", "kind", "HelmChart", "metadata", "name",
				      charts[i], "namespace", NS, "spec", "chart",
				      i ? "https://%{KUBERNETES_API}%/static/charts/"
					  "traefik-crd-40.1.4+up40.1.0.tgz"
					: CHART,
				      "status", "jobName",
				      i ? "helm-install-traefik-crd" : "helm-install-traefik");
		status_condition(h, "JobCreated", "True", "Job created", "Applying HelmChart");
		cluster_put(c, h);
	}
	ingress_class(c);
}

static bool disabled(const struct cluster *c)
{
	json_t *v;
	size_t i;
	json_array_foreach(json_object_get(c->st.j, "disabled"), i, v)
		if (json_string_value(v) && strcmp(json_string_value(v), "traefik") == 0)
			return true;
	return false;
}

/* In somebody else's cluster he looks after Traefik himself; its ports are those that we take
 * without being told otherwise. */
static void foreign(struct cluster *c)
{
	static const char values[] =
		"{\"ports\":{\"web\":{\"exposedPort\":8080},\"websecure\":{\"exposedPort\":8443,"
		"\"http\":{\"encodedCharacters\":{\"allowEncodedSlash\":true,\"allowEncodedHash\":"
		"true}}},\"matrixfed\":{\"port\":8448,\"exposedPort\":8448,\"expose\":{\"default\":"
		"true},\"http\":{\"tls\":{\"enabled\":true}}}}}";
	_cleanup_json_ json_t *all = traefik_defaults(), *own = json_loads(values, 0, NULL);
	char *error = NULL;
	if (cluster_get(c, "ingressclasses", NULL, "traefik"))
		return;
	json_object_update_recursive(all, own);
	const json_t *ports = json_object_get(all, "ports");
	ingress_class(c);
	put_checked(c, traefik_service(ports));
	put_checked(c, traefik_deployment(ports, traefik_arguments(ports, &error)));
	show_address(c);
}

void settle_traefik(struct cluster *c)
{
	if (!json_object_get(json_object_get(c->st.j, "crds"), "k3s")) {
		foreign(c);
		return;
	}
	manifests(c);
	if (disabled(c))
		return;
	first_time(c);
	const json_t *config = cluster_get(c, "helmchartconfigs", NS, "traefik");
	const char *values = json_str_at(config, "spec.valuesContent");
	_cleanup_free_ char *sum = crypto_sha256(values ? values : "", values ? strlen(values) : 0);
	const char *ran = json_str_at(c->st.j, "traefik_values");
	/* The controller makes its job anew when the job is gone, too. */
	if (ran && strcmp(ran, sum) == 0 && cluster_get(c, "jobs", NS, "helm-install-traefik"))
		return;
	json_object_set_new(c->st.j, "traefik_values", json_string(sum));
	c->changed = true;
	run_job(c, values ? values : "");
}
