/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What this program writes for K3s and puts into the cluster, and how it reads objects there. */
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/mem.h"
#include "steps/cluster-files.h"
#include "steps/kube.h"
#include "steps/objects.h"
#include "unit.h"

static const struct traefik_in traefik = { 8080, 8443, 8448, 30080, 30443, 30448, "10.42.0.0/16" };

static json_t *traefik_values(const struct traefik_in *in, unsigned major)
{
	_cleanup_json_ json_t *config = traefik_build(in, major);
	ck_assert_str_eq(json_str_at(config, "spec.failurePolicy"), "abort");
	const char *text = json_str_at(config, "spec.valuesContent");
	ck_assert_ptr_null(strstr(text, "asDefault"));
	json_t *j = json_loads(text, 0, NULL);
	ck_assert_ptr_nonnull(j);
	return j;
}

START_TEST(traefik_syntax)
{
	static const char *const names[] = { "web", "websecure", TRAEFIK_FEDERATION };
	const unsigned major = 34 + (unsigned)_i;
	_cleanup_json_ json_t *j = traefik_values(&traefik, major);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const json_t *p = json_object_get(json_at(j, "ports"), names[i]);
		const json_t *options = major >= 39 ? json_at(p, "http") : p;
		ck_assert(json_is_true(json_at(p, "http.encodedCharacters.allowEncodedSlash")));
		ck_assert(json_is_true(json_at(p, "http.encodedCharacters.allowEncodedHash")));
		ck_assert(json_is_true(json_at(p, "expose.default")));
		ck_assert_str_eq(json_str_at(p, "transport.respondingTimeouts.readTimeout"),
				 "3600s");
		ck_assert_int_eq(json_is_true(json_at(options, "tls.enabled")), i > 0);
		ck_assert_int_eq(json_at(options, "redirections.entryPoint") != NULL, i == 0);
		ck_assert_int_eq(json_at(p, "tls") != NULL, i > 0 && major < 39);
	}
	ck_assert_int_eq(json_int_at(j, "ports.web.exposedPort", 0), 8080);
	ck_assert_int_eq(json_int_at(j, "ports.websecure.nodePort", 0), 30443);
	/* The ports inside the container stay the chart's own. */
	ck_assert_int_eq(json_int_at(j, "ports.websecure.port", 0), 8443);
}
END_TEST

START_TEST(traefik_one_port)
{
	struct traefik_in in = traefik;
	in.federation = in.https;
	_cleanup_json_ json_t *j = traefik_values(&in, 40);
	_cleanup_json_ json_t *ports = traefik_ports(&in);
	_cleanup_json_ json_t *args = traefik_args(&in, 40);
	_cleanup_free_ char *text = json_canonical(args);
	ck_assert_ptr_null(json_at(j, "ports." TRAEFIK_FEDERATION));
	ck_assert_uint_eq(json_array_size(ports), 2);
	ck_assert_ptr_null(strstr(text, TRAEFIK_FEDERATION));
	ck_assert_ptr_nonnull(
		strstr(text, "\"--entryPoints.web.http.redirections.entryPoint.to=:8443\""));
	ck_assert_ptr_nonnull(strstr(text, "\"--entryPoints.websecure.http.tls=true\""));
	ck_assert_ptr_null(strstr(text, "--entryPoints.web.http.tls"));
}
END_TEST

static const struct {
	const char *chart, *version;
} charts[] = {
	{ "https://%{KUBERNETES_API}%/static/charts/traefik-40.1.4+up40.1.0.tgz",
	  "40.1.4+up40.1.0" },
	{ "traefik-39.0.701+up39.0.7.tgz", "39.0.701+up39.0.7" },
	{ "https://x/charts/traefik-crd", NULL },
	{ "https://x/charts/nginx-1.0.tgz", NULL },
	{ "", NULL },
};

START_TEST(traefik_version)
{
	_cleanup_free_ char *v = traefik_chart_version(charts[_i].chart);
	ck_assert_int_eq(v != NULL, charts[_i].version != NULL);
	if (v)
		ck_assert_str_eq(v, charts[_i].version);
}
END_TEST

static const struct {
	unsigned ports[4];
	const char *range;
} ranges[] = {
	{ { 30080, 30443, 30352, 0 }, "service-node-port-range: \"30000-32767\"\n" },
	{ { 30080, 50000, 50200, 0 }, "service-node-port-range: \"30000-50200\"\n" },
	{ { 20000, 30443, 30352, 0 }, "service-node-port-range: \"20000-32767\"\n" },
};

START_TEST(k3s_config)
{
	const struct k3s_in in = { "10.44.0.0/16", "10.45.0.0/16", "/data/my \"matrix\"",
				   ranges[_i].ports };
	_cleanup_free_ char *text = k3s_config_build(&in);
	ck_assert_ptr_nonnull(strstr(text, ranges[_i].range));
	ck_assert_ptr_nonnull(strstr(text, "\ncluster-cidr: \"10.44.0.0/16\"\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nservice-cidr: \"10.45.0.0/16\"\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nsecrets-encryption: true\n"));
	ck_assert_ptr_nonnull(strstr(
		text, "\ndefault-local-storage-path: \"/data/my \\\"matrix\\\"/storage\"\n"));
	ck_assert_ptr_nonnull(strstr(text, "\nwrite-kubeconfig-mode: \"0600\"\n"));
}
END_TEST

START_TEST(k3s_other_files)
{
	const struct registries_in some = { .quay_io = "https://quay.mirror.test" }, none = { 0 };
	_cleanup_free_ char *with = registries_build(&some), *without = registries_build(&none);
	ck_assert_ptr_nonnull(strstr(
		with,
		"\nmirrors:\n  quay.io:\n    endpoint:\n      - \"https://quay.mirror.test\"\n"));
	ck_assert_ptr_null(strstr(with, "docker.io"));
	ck_assert_ptr_nonnull(strstr(without, "\nmirrors: {}\n"));
	ck_assert_ptr_null(strstr(with, "configs"));

	/* K3s puts "/v2" behind a bare host only. A host that stands in the file is not under "*". */
	const struct registries_in all = { .docker_io = "https://a.test/hub",
					   .ghcr_io = "https://a.test:5000/v2/ghcr",
					   .quay_io = "https://quay.io/",
					   .ca_file = "/etc/ssl/my ca.pem" };
	_cleanup_free_ char *text = registries_build(&all);
	ck_assert_ptr_nonnull(strstr(text, "\n      - \"https://a.test/hub/v2\"\n"));
	ck_assert_ptr_nonnull(strstr(text, "\n      - \"https://a.test:5000/v2/ghcr\"\n"));
	ck_assert_ptr_nonnull(strstr(text, "\n      - \"https://quay.io/\"\n"));
	static const char *const hosts[] = { "docker.io", "a.test", "ghcr.io", "a.test:5000", "quay.io",
					     "oci.element.io", "*" };
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++) {
		_cleanup_free_ char *entry =
			xasprintf("\n  \"%s\":\n    tls:\n      ca_file: \"/etc/ssl/my ca.pem\"\n", hosts[i]);
		const char *at = strstr(text, entry);
		ck_assert_msg(at && !strstr(at + 1, entry), "%s in %s", hosts[i], text);
	}
	_cleanup_json_ json_t *resolvers =
		json_pack("[s, s, s, s]", "8.8.8.8", "1.1.1.1:5353", "9.9.9.9", "4.4.4.4");
	_cleanup_free_ char *resolv = resolv_build(resolvers);
	ck_assert_ptr_nonnull(
		strstr(resolv, "nameserver 8.8.8.8\nnameserver 1.1.1.1\nnameserver 9.9.9.9\n"));
	ck_assert_ptr_null(strstr(resolv, "4.4.4.4"));
}
END_TEST

START_TEST(cert_manager)
{
	_cleanup_json_ json_t *resolvers = json_pack("[s, s]", "8.8.8.8", "127.0.0.1:5353");
	struct cert_manager_in in = { .resolvers = resolvers };
	_cleanup_json_ json_t *j = cert_manager_values(&in);
	_cleanup_free_ char *text = json_canonical(j);
	ck_assert_str_eq(text,
			 "{\"crds\":{\"enabled\":true},\"dns01RecursiveNameservers\":"
			 "\"8.8.8.8:53,127.0.0.1:5353\",\"dns01RecursiveNameserversOnly\":true}");
	in.proxy = "http://proxy.test:3128";
	in.no_proxy = "lan.test";
	in.pod_cidr = "10.42.0.0/16";
	in.service_cidr = "10.43.0.0/16";
	_cleanup_json_ json_t *p = cert_manager_values(&in);
	ck_assert_str_eq(json_str_at(p, "https_proxy"), "http://proxy.test:3128");
	ck_assert_str_eq(json_str_at(p, "no_proxy"),
			 "localhost,127.0.0.0/8,10.42.0.0/16,10.43.0.0/16,.svc,"
			 ".cluster.local,lan.test");
}
END_TEST

START_TEST(issuers)
{
	_cleanup_json_ json_t *prod = issuer_build("me@home.test", false);
	_cleanup_json_ json_t *staging = issuer_build("me@home.test", true);
	_cleanup_free_ char *text = json_canonical(staging);
	ck_assert_ptr_null(strstr(text, "acme-v02"));
	ck_assert_ptr_nonnull(
		strstr(text, "https://acme-staging-v02.api.letsencrypt.org/directory"));
	ck_assert_str_ne(json_str_at(prod, "spec.acme.privateKeySecretRef.name"),
			 json_str_at(staging, "spec.acme.privateKeySecretRef.name"));
	_cleanup_json_ json_t *secret = issuer_secret("token");
	ck_assert_str_eq(json_str_at(json_at(secret, "data"), "api-token"), "dG9rZW4=");
}
END_TEST

static struct routes_in routes(void)
{
	return (struct routes_in){ "home.test", 8443,	       8448,	    true,
				   "traefik",	"kube-system", "a=b,c/d=e", "websecure",
				   "matrixfed", "10.43.0.200" };
}

static const struct {
	unsigned https, federation;
	const char *ports, *entry_points;
} services[] = {
	{ 8443, 8448, "443:websecure 8443:websecure 8448:matrixfed ", "websecure,matrixfed" },
	{ 443, 8448, "443:websecure 8448:matrixfed ", "websecure,matrixfed" },
	{ 8448, 8448, "443:websecure 8448:websecure ", "websecure" },
	{ 8443, 9448, "443:websecure 8443:websecure 8448:matrixfed 9448:matrixfed ",
	  "websecure,matrixfed" },
	{ 8443, 443, "443:websecure 8443:websecure 8448:matrixfed ", "websecure,matrixfed" },
	{ 8443, 8443, "443:websecure 8443:websecure 8448:websecure ", "websecure" },
};

START_TEST(routes_ports)
{
	struct routes_in in = routes();
	in.https = services[_i].https;
	in.federation_port = services[_i].federation;
	_cleanup_json_ json_t *list = routes_build(&in);
	const json_t *service = json_array_get(list, 1), *ingress = json_array_get(list, 2);
	char *text = xstrdup("");
	size_t i;
	json_t *p;
	json_array_foreach(json_at(service, "spec.ports"), i, p) {
		char *more = xasprintf("%s%lld:%s ", text, json_int_at(p, "port", 0),
				       json_str_at(p, "targetPort"));
		free(text);
		text = more;
	}
	ck_assert_str_eq(text, services[_i].ports);
	free(text);
	ck_assert_str_eq(json_str_at(service, "spec.clusterIP"), "10.43.0.200");
	ck_assert_str_eq(json_str_at(json_at(service, "spec.selector"), "c/d"), "e");
	const json_t *notes = json_at(ingress, "metadata.annotations");
	ck_assert_str_eq(json_string_value(json_object_get(
				 notes, "traefik.ingress.kubernetes.io/router.entrypoints")),
			 services[_i].entry_points);
	ck_assert_uint_eq(json_object_size(notes), 1);
}
END_TEST

START_TEST(routes_variants)
{
	struct routes_in in = routes();
	in.target = in.federation_target = "8443";
	_cleanup_json_ json_t *numbers = routes_build(&in);
	const json_t *port = json_array_get(json_at(json_array_get(numbers, 1), "spec.ports"), 0);
	ck_assert_int_eq(json_int_at(port, "targetPort", 0), 8443);
	ck_assert_ptr_null(json_at(json_array_get(numbers, 2), "metadata.annotations"));
	in.federation = false;
	_cleanup_json_ json_t *closed = routes_build(&in);
	ck_assert_uint_eq(json_array_size(closed), 2);
}
END_TEST

START_TEST(email_secret)
{
	const struct email_secret_in in = { "smtp.home.test",	 "tls", "me", "a${B}$\"c\\",
					    "Me <me@home.test>", 465 };
	_cleanup_json_ json_t *secret = routes_email_secret(&in);
	const char *data =
		json_string_value(json_object_get(json_at(secret, "data"), "email.yaml"));
	unsigned char *plain;
	size_t len;
	ck_assert_int_eq(crypto_unbase64(data, &plain, &len), 0);
	ck_assert_ptr_null(memchr(plain, '$', len));
	_cleanup_json_ json_t *j = json_loadb((char *)plain, len, 0, NULL);
	free(plain);
	ck_assert_str_eq(json_str_at(j, "email.password"), "a${B}$\"c\\");
	ck_assert_str_eq(json_str_at(j, "email.transport"), "smtp");
	ck_assert_int_eq(json_int_at(j, "email.port", 0), 465);
}
END_TEST

/* --- reading the cluster -----------------------------------------------------------------------
 */

static const struct {
	const char *live, *want;
	int matches;
} pairs[] = {
	{ "{\"a\":1,\"b\":2}", "{\"a\":1}", 1 },
	{ "{\"a\":1}", "{\"a\":1,\"b\":2}", 0 },
	{ "{\"a\":{\"b\":[{\"c\":1,\"d\":2}]}}", "{\"a\":{\"b\":[{\"c\":1}]}}", 1 },
	{ "{\"a\":[1,2]}", "{\"a\":[1]}", 0 },
	{ "{\"a\":[2,1]}", "{\"a\":[1,2]}", 0 },
	{ "{\"a\":\"1\"}", "{\"a\":1}", 0 },
	{ "{\"a\":null}", "{\"a\":{}}", 0 },
	{ "{}", "{}", 1 },
};

START_TEST(matches)
{
	_cleanup_json_ json_t *live = json_loads(pairs[_i].live, 0, NULL);
	_cleanup_json_ json_t *want = json_loads(pairs[_i].want, 0, NULL);
	ck_assert_int_eq(kube_matches(live, want), pairs[_i].matches);
	ck_assert_int_eq(kube_matches(NULL, want), 0);
}
END_TEST

#define DEPLOY(gen, seen, want, all, updated, ready)                                               \
	"{\"kind\":\"Deployment\",\"metadata\":{\"generation\":" #gen                              \
	"},\"spec\":{\"replicas\":" #want "},\"status\":{\"observedGeneration\":" #seen            \
	",\"replicas\":" #all ",\"updatedReplicas\":" #updated ",\"readyReplicas\":" #ready "}}"

static const struct {
	const char *object;
	int ready;
} workloads[] = {
	{ DEPLOY(1, 1, 1, 1, 1, 1), 1 },
	{ DEPLOY(2, 1, 1, 1, 1, 1), 0 },
	{ DEPLOY(2, 2, 1, 2, 1, 1), 0 },
	{ DEPLOY(2, 2, 2, 2, 1, 2), 0 },
	{ DEPLOY(2, 2, 2, 2, 2, 1), 0 },
	{ DEPLOY(2, 2, 0, 0, 0, 0), 1 },
	{ "{\"kind\":\"Deployment\",\"metadata\":{\"generation\":1}}", 0 },
	{ "{\"kind\":\"StatefulSet\",\"metadata\":{\"generation\":1},\"spec\":{\"replicas\":1},"
	  "\"status\":"
	  "{\"observedGeneration\":1,\"replicas\":1,\"readyReplicas\":1,\"updatedReplicas\":1}}",
	  1 },
	{ "{\"kind\":\"DaemonSet\",\"metadata\":{\"generation\":1},\"status\":{"
	  "\"observedGeneration\":1,"
	  "\"desiredNumberScheduled\":2,\"numberReady\":1,\"updatedNumberScheduled\":2}}",
	  0 },
	{ "{\"kind\":\"DaemonSet\",\"metadata\":{\"generation\":1},\"status\":{"
	  "\"observedGeneration\":1,"
	  "\"desiredNumberScheduled\":2,\"numberReady\":2,\"updatedNumberScheduled\":2}}",
	  1 },
};

START_TEST(workload_ready)
{
	_cleanup_json_ json_t *w = json_loads(workloads[_i].object, 0, NULL);
	_cleanup_free_ char *why = NULL, *missing = NULL;
	ck_assert_int_eq(kube_workload_ready(w, &why), workloads[_i].ready);
	ck_assert_int_eq(why == NULL, workloads[_i].ready);
	ck_assert_int_eq(kube_workload_ready(NULL, &missing), 0);
	ck_assert_ptr_nonnull(missing);
}
END_TEST

START_TEST(conditions)
{
	_cleanup_json_ json_t *j =
		json_loads("{\"status\":{\"conditions\":[{\"type\":\"A\",\"status\":\"True\"},"
			   "{\"type\":\"B\",\"status\":\"Unknown\"}]}}",
			   0, NULL);
	ck_assert(kube_condition_true(j, "A"));
	ck_assert(!kube_condition_true(j, "B"));
	ck_assert(!kube_condition_true(j, "C"));
	ck_assert_ptr_null(kube_condition(NULL, "A"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("steps-objects");
	TCase *t = tcase_create("objects");
	tcase_add_loop_test(t, traefik_syntax, 0, 8);
	tcase_add_test(t, traefik_one_port);
	tcase_add_loop_test(t, traefik_version, 0, ARRAY_LEN(charts));
	tcase_add_loop_test(t, k3s_config, 0, ARRAY_LEN(ranges));
	tcase_add_test(t, k3s_other_files);
	tcase_add_test(t, cert_manager);
	tcase_add_test(t, issuers);
	tcase_add_loop_test(t, routes_ports, 0, ARRAY_LEN(services));
	tcase_add_test(t, routes_variants);
	tcase_add_test(t, email_secret);
	tcase_add_loop_test(t, matches, 0, ARRAY_LEN(pairs));
	tcase_add_loop_test(t, workload_ready, 0, ARRAY_LEN(workloads));
	tcase_add_test(t, conditions);
	suite_add_tcase(s, t);
	return unit_run(s);
}
