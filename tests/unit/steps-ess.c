/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What the steps after the values look at: drift of the release's objects, pods in trouble,
 * mas-cli's words. */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "steps/ess.h"
#include "steps/mas.h"
#include "tests/unit/unit.h"

/* --- node ports ------------------------------------------------------------------------------------- */

/* A Service with one port; release: in the annotation that helm leaves. */
static json_t *one_service(const char *ns, const char *name, const char *release, int node_port, int health)
{
	json_t *o = json_pack("{s:{s:s, s:s}, s:{s:[{s:i}, {s:i, s:i, s:s}], s:i}}", "metadata", "name", name,
			      "namespace", ns, "spec", "ports", "port", 1, "port", 80, "nodePort", node_port,
			      "protocol", "TCP", "healthCheckNodePort", health);
	if (release)
		json_object_set_new(json_object_get(o, "metadata"), "annotations",
				    json_pack("{s:s}", "meta.helm.sh/release-name", release));
	return o;
}

static const struct {
	const char *ns, *name, *release;
	int node_port, health;
	const char *said;
} holders[] = {
	{ "shop", "web", NULL, 30200, 0, "shop/web: 30200" },
	{ "shop", "web", NULL, 30152, 0, "shop/web: 30152" },
	{ "shop", "web", NULL, 30352, 0, "shop/web: 30352" },
	{ "shop", "web", NULL, 30001, 0, "shop/web: 30001" },
	{ "shop", "web", NULL, 31000, 30160, "shop/web: 30160" },
	{ "shop", "web", NULL, 30151, 0, NULL },
	{ "shop", "web", NULL, 30353, 0, NULL },
	{ "shop", "web", NULL, 0, 0, NULL },
	/* Our own, also with a port of before; but not what only looks like it. */
	{ "ess", "ess-matrix-rtc-sfu-tcp", "ess", 30001, 0, NULL },
	{ "ess", "mine", NULL, 30001, 0, "ess/mine: 30001" },
	{ "ess", "mine", "other", 30001, 0, "ess/mine: 30001" },
	{ "shop", "web", "ess", 30001, 0, "shop/web: 30001" },
	{ "kube-system", "traefik", "traefik", 30300, 0, "kube-system/traefik: 30300" },
};

START_TEST(node_ports)
{
	const struct port_span spans[] = { { 30001, 30001 }, { 30152, 30352 } };
	_cleanup_json_ json_t *list = json_pack(
		"{s:[o, o]}", "items", one_service("kube-system", "dns", NULL, 0, 0),
		one_service(holders[_i].ns, holders[_i].name, holders[_i].release, holders[_i].node_port,
			holders[_i].health));
	_cleanup_free_ char *said = ess_port_holder(list, spans, ARRAY_LEN(spans));
	ck_assert_pstr_eq(said, holders[_i].said);
}
END_TEST

/* --- calls ------------------------------------------------------------------------------------------ */

#define GAUGE "# TYPE livekit_participant_total gauge\nlivekit_participant_total"
static const struct {
	const char *metrics;
	long people;
} metrics[] = {
	{ GAUGE "{node_id=\"ND_x\",node_type=\"SERVER\"} 0\n", 0 },
	{ GAUGE "{node_id=\"ND_x\",node_type=\"SERVER\"} 3\n", 3 },
	{ GAUGE "{node_id=\"a} 9\"} 2 1700000000000\n", 2 },
	{ GAUGE " 4", 4 },
	{ GAUGE "{a=\"1\"} 1\nlivekit_participant_total{a=\"2\"} 1e+01\n", 11 },
	{ "livekit_room_total{a=\"1\"} 0\nlivekit_participant_totals 0\n", -1 },
	{ GAUGE "{a=\"1\"} NaN\n", -1 },
	{ GAUGE "{a=\"1\"}\n", -1 },
	{ GAUGE "{a=\"1\"", -1 },
	{ "<html>", -1 },
	{ "", -1 },
	{ NULL, -1 },
};

START_TEST(participants)
{
	ck_assert_int_eq(ess_participants(metrics[_i].metrics), metrics[_i].people);
}
END_TEST

/* --- drift ------------------------------------------------------------------------------------------ */

static const char manifest[] =
	"---\n# Source: x\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ess-well-known-haproxy\ndata:\n"
	"  server: |\n    {\n      \"m.server\": \"matrix.example.org:8443\"\n    }\n"
	"---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: ess-synapse\nspec:\n  tls:\n"
	"    - hosts:\n      - \"matrix.example.org\"\n      secretName: \"tls\"\n  rules:\n  - host: matrix.example.org\n"
	"---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: ess-haproxy\nspec:\n  replicas: 1\n  template:\n"
	"    spec:\n      containers:\n      - name: haproxy\n        image: \"docker.io/library/haproxy:3.2-alpine\"\n"
	"        env:\n        - name: LIVEKIT_URL\n          value: wss://mrtc.example.org:8443\n        - name: EMPTY\n"
	"          value: \"\"\n        - name: NODE\n          valueFrom: {fieldRef: {fieldPath: status.hostIP}}\n"
	"---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: ess-auth\ndata:\n  a.yaml: YTogYgo=\n"
	"---\napiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: not-looked-at\n"
	"---\napiVersion: v1\nkind: Service\nmetadata:\n  name: ess-synapse\nspec:\n  clusterIP: None\n";

/* As the API server gives them back: with more in them, numbers as numbers. */
static json_t *live(void)
{
	return json_pack(
		"{s:{s:[{s:{s:s}, s:{s:s}}]}, s:{s:[{s:{s:s}, s:{s:s, s:[{s:s, s:{}}], s:[{s:[s], s:s}]}}]},"
		" s:{s:[{s:{s:s}, s:{s:i, s:{s:{s:[{s:s, s:s, s:s, s:[{s:s, s:s}, {s:s}, {s:s, s:{s:{s:s, s:s}}}]}]}}}, s:{}}]},"
		" s:{s:[{s:{s:s}, s:{s:s}}]}, s:{s:[{s:{s:s}, s:{s:s}}]}}",
		"ConfigMap", "items", "metadata", "name", "ess-well-known-haproxy", "data", "server",
		"{\n  \"m.server\": \"matrix.example.org:8443\"\n}\n", "Ingress", "items", "metadata", "name",
		"ess-synapse", "spec", "ingressClassName", "traefik", "rules", "host", "matrix.example.org", "http", "tls",
		"hosts", "matrix.example.org", "secretName", "tls", "Deployment", "items", "metadata", "name", "ess-haproxy",
		"spec", "replicas", 1, "template", "spec", "containers", "name", "haproxy", "image",
		"docker.io/library/haproxy:3.2-alpine", "imagePullPolicy", "IfNotPresent", "env", "name", "LIVEKIT_URL",
		"value", "wss://mrtc.example.org:8443", "name", "EMPTY", "name", "NODE", "valueFrom", "fieldRef",
		"apiVersion", "v1", "fieldPath", "status.hostIP", "status", "Service", "items", "metadata", "name",
		"ess-synapse", "spec", "clusterIP", "None", "Secret", "items", "metadata", "name", "ess-auth", "data",
		"a.yaml", "YTogYgo=");
}

static json_t *first(json_t *objects, const char *kind)
{
	return json_array_get(json_at(json_object_get(objects, kind), "items"), 0);
}

static void no_change(json_t *o) { }
static void no_deployment(json_t *o) { json_array_clear(json_at(json_object_get(o, "Deployment"), "items")); }
static void scaled(json_t *o) { json_object_set_new(json_at(first(o, "Deployment"), "spec"), "replicas", json_integer(0)); }
static void image(json_t *o)
{
	json_object_set_new(json_array_get(json_at(first(o, "Deployment"), "spec.template.spec.containers"), 0), "image",
			    json_string("docker.io/library/haproxy:latest"));
}
static void host(json_t *o)
{
	json_object_set_new(json_array_get(json_at(first(o, "Ingress"), "spec.rules"), 0), "host",
			    json_string("other.example.org"));
}
static void no_tls(json_t *o) { json_object_del(json_at(first(o, "Ingress"), "spec"), "tls"); }
static void port(json_t *o)
{
	json_object_set_new(json_at(first(o, "ConfigMap"), "data"), "server",
			    json_string("{\n  \"m.server\": \"matrix.example.org:443\"\n}\n"));
}
static void variable(json_t *o)
{
	const json_t *containers = json_at(first(o, "Deployment"), "spec.template.spec.containers");
	json_object_set_new(json_array_get(json_object_get(json_array_get(containers, 0), "env"), 0), "value",
			    json_string("wss://mrtc.example.org"));
}
static void another_key(json_t *o)
{
	json_object_set_new(json_at(first(o, "ConfigMap"), "data"), "mine", json_string("x"));
	json_object_set_new(json_at(first(o, "Secret"), "data"), "mine", json_string("eA=="));
}
static void another_container(json_t *o)
{
	json_array_append_new(json_at(first(o, "Deployment"), "spec.template.spec.containers"),
			      json_pack("{s:s, s:s, s:[{s:s, s:s}]}", "name", "mine", "image", "x:1", "env", "name",
					"LIVEKIT_URL", "value", "mine"));
}
static void secret(json_t *o)
{
	json_object_set_new(json_at(first(o, "Secret"), "data"), "a.yaml", json_string("YTogYwo="));
}
static void service(json_t *o) { json_array_clear(json_at(json_object_get(o, "Service"), "items")); }
static void annotated(json_t *o)
{
	json_object_set_new(json_at(first(o, "Deployment"), "metadata"), "annotations",
			    json_pack("{s:s}", "kubectl.kubernetes.io/restartedAt", "now"));
}

static const struct {
	void (*change)(json_t *);
	const char *want;
} drifts[] = {
	{ no_change, NULL },
	{ annotated, NULL },
	{ no_deployment, "Deployment ess-haproxy is missing" },
	{ scaled, "Deployment ess-haproxy was changed (replicas)" },
	{ image, "Deployment ess-haproxy was changed (images)" },
	{ host, "Ingress ess-synapse was changed (hosts)" },
	{ no_tls, "Ingress ess-synapse was changed (TLS)" },
	{ port, "ConfigMap ess-well-known-haproxy was changed (data)" },
	/* helm leaves alone what others added: to call it a change would never end */
	{ another_key, NULL },
	{ another_container, NULL },
	{ variable, "Deployment ess-haproxy was changed (env)" },
	{ secret, "Secret ess-auth was changed (data)" },
	{ service, "Service ess-synapse is missing" },
};

START_TEST(drift)
{
	struct err e = ERR_INIT;
	_cleanup_json_ json_t *wanted = ess_manifest_objects(manifest, &e);
	_cleanup_json_ json_t *objects = live();

	ck_assert_ptr_nonnull(wanted);
	drifts[_i].change(objects);
	_cleanup_free_ char *found = ess_drift(wanted, objects);
	ck_assert_pstr_eq(found, drifts[_i].want);
}
END_TEST

/* --- pods ------------------------------------------------------------------------------------------- */

static json_t *pod(const char *name, const char *phase, json_t *container)
{
	return json_pack("{s:{s:s}, s:{s:s, s:[o]}}", "metadata", "name", name, "status", "phase", phase,
			 "containerStatuses", container);
}

static json_t *waiting(const char *reason, const char *message, int restarts, const char *last)
{
	json_t *c = json_pack("{s:s, s:s, s:b, s:i, s:{s:{s:s, s:s}}, s:{}}", "name", "main", "image",
			      "docker.io/postgres:17-alpine", "ready", 0, "restartCount", restarts, "state", "waiting",
			      "reason", reason, "message", message, "lastState");
	if (last)
		json_object_set_new(json_object_get(c, "lastState"), "terminated",
				    json_pack("{s:s, s:i}", "reason", last, "exitCode", 137));
	return c;
}

static const struct {
	const char *reason, *message;
	int restarts;
	const char *last;
	enum fault want;
} pod_cases[] = {
	{ "ContainerCreating", "", 0, NULL, FAULT_NONE },
	{ "ImagePullBackOff", "Back-off pulling image", 0, NULL, FAULT_ESS_IMAGE },
	{ "ErrImagePull", "dial tcp: i/o timeout", 0, NULL, FAULT_ESS_IMAGE },
	{ "CrashLoopBackOff", "back-off 5m0s", 7, "Error", FAULT_ESS_CRASH },
	{ "CrashLoopBackOff", "back-off 5m0s", 7, "OOMKilled", FAULT_ESS_MEMORY },
	{ "CreateContainerConfigError", "secret \"ess-generated\" not found", 0, NULL, FAULT_ESS_CRASH },
};

START_TEST(pods)
{
	json_t *c = waiting(pod_cases[_i].reason, pod_cases[_i].message, pod_cases[_i].restarts, pod_cases[_i].last);
	json_t *job = pod("job", "Succeeded", waiting("ImagePullBackOff", "a finished job counts for nothing", 0, NULL));
	_cleanup_json_ json_t *l = json_pack("{s:[o, o]}", "items", job, pod("ess-postgres-0", "Pending", c));
	struct pod_trouble t;

	pod_trouble_find(l, &t);
	ck_assert_int_eq(t.fault, pod_cases[_i].want);
	ck_assert_str_eq(t.pod, "ess-postgres-0");
	ck_assert_ptr_nonnull(strstr(t.said, pod_cases[_i].reason));
	if (pod_cases[_i].want == FAULT_ESS_IMAGE)
		ck_assert_ptr_nonnull(strstr(t.said, "docker.io/postgres:17-alpine"));
	ck_assert_int_eq(t.restarts, pod_cases[_i].restarts);
	pod_trouble_done(&t);
}
END_TEST

START_TEST(unscheduled)
{
	static const struct {
		const char *message;
		enum fault want;
	} cases[] = {
		{ "0/1 nodes are available: 1 Insufficient memory.", FAULT_ESS_NO_ROOM },
		{ "0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims.", FAULT_ESS_VOLUME },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		_cleanup_json_ json_t *l = json_pack(
			"{s:[{s:{s:s}, s:{s:s, s:[{s:s, s:s, s:s, s:s}]}}]}", "items", "metadata", "name", "p", "status", "phase",
			"Pending", "conditions", "type", "PodScheduled", "status", "False", "reason", "Unschedulable", "message",
			cases[i].message);
		struct pod_trouble t;
		pod_trouble_find(l, &t);
		ck_assert_int_eq(t.fault, cases[i].want);
		ck_assert_ptr_nonnull(strstr(t.said, cases[i].message));
		pod_trouble_done(&t);
	}
}
END_TEST

/* --- mas-cli ---------------------------------------------------------------------------------------- */

#define HEAD "2026-11-22T23:31:15.000001Z  INFO mas_cli::commands::manage:402 The following users can request admin privileges (2 total):\n"
#define LINE "2026-11-22T23:31:15.000002Z  INFO mas_cli::commands::manage:410 user.id=01JDABC username="

START_TEST(admins)
{
	static const struct {
		const char *tail, *name, *id;
		int want;
	} cases[] = {
		{ HEAD LINE "admin\n", "admin", "01JDABC", 1 },
		{ HEAD LINE "admin2\n" LINE "admin\n", "admin", "01JDABC", 1 },
		{ HEAD LINE "admin trace.id=5\n", "admin", "01JDABC", 1 },
		{ HEAD LINE "administrator\n", "admin", NULL, 0 },
		{ HEAD, "admin", NULL, 0 },
		{ LINE "zoe\n", "admin", NULL, 1 }, /* the beginning was cut off: nobody can say */
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		_cleanup_free_ char *id = NULL;
		ck_assert_int_eq(mas_find_admin(cases[i].tail, cases[i].name, &id), cases[i].want);
		ck_assert_pstr_eq(id, cases[i].id);
	}
}
END_TEST

#define TOKEN_LINE "2026-11-22T23:31:15.000001Z  INFO mas_cli::commands::manage:402 Created user registration token: "

/* The field of the log may stand before or behind it; a terminal would add colours. */
START_TEST(mas_tokens)
{
	static const struct {
		const char *tail, *want;
	} cases[] = {
		{ TOKEN_LINE "zF0PNzXZaXy3\n", "zF0PNzXZaXy3" },
		{ "Defaulted container\n" TOKEN_LINE "zF0PNzXZaXy3 registration_token.id=01JV\nmore\n", "zF0PNzXZaXy3" },
		{ TOKEN_LINE "a-b_c.d\033[0m\n", "a-b_c.d" },
		{ TOKEN_LINE, NULL },
		{ TOKEN_LINE "\n", NULL },
		{ "Error: pool timed out\n", NULL },
		{ "", NULL },
		{ NULL, NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		_cleanup_free_ char *token = mas_find_token(cases[i].tail);
		ck_assert_pstr_eq(token, cases[i].want);
	}
}
END_TEST

START_TEST(mas_words)
{
	static const struct {
		const char *tail, *said;
		enum fault want;
	} cases[] = {
		{ "Error: User already exists\ncommand terminated with exit code 1\n", "User already exists", FAULT_NONE },
		{ "Error: Username not available on homeserver\n", "Username not available on homeserver", FAULT_USER_TAKEN },
		{ "2026-11-22T23:31:15Z ERROR mas_cli::commands::manage:690 That password is too weak.\ncommand terminated with exit code 1\n",
		  "2026-11-22T23:31:15Z ERROR mas_cli::commands::manage:690 That password is too weak.", FAULT_USER_PASSWORD_WEAK },
		{ "Error: Username cannot be empty\n", "Username cannot be empty", FAULT_USER_NAME },
		{ "Error: could not connect to the database\n\nCaused by:\n    0: refused\n", "could not connect to the database",
		  FAULT_USER_FAILED },
		{ "", "-", FAULT_USER_FAILED },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		_cleanup_free_ char *text = mas_said(cases[i].tail);
		ck_assert_int_eq(mas_fault(cases[i].tail), cases[i].want);
		ck_assert_str_eq(text, cases[i].said);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("steps-ess");
	TCase *t = tcase_create("all");

	tcase_add_loop_test(t, node_ports, 0, ARRAY_LEN(holders));
	tcase_add_loop_test(t, participants, 0, ARRAY_LEN(metrics));
	tcase_add_loop_test(t, drift, 0, ARRAY_LEN(drifts));
	tcase_add_loop_test(t, pods, 0, ARRAY_LEN(pod_cases));
	tcase_add_test(t, unscheduled);
	tcase_add_test(t, admins);
	tcase_add_test(t, mas_tokens);
	tcase_add_test(t, mas_words);
	suite_add_tcase(s, t);
	return unit_run(s);
}
