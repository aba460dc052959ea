/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* values.json: what each answer does to it. That the schema and helm take it is tested with the
 * real ones in tests/whole. */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "steps/values.h"
#include "unit.h"

static struct values_in plain(void)
{
	return (struct values_in){
		.server_name = "home.test",
		.synapse = "matrix.home.test",
		.auth = "account.home.test",
		.rtc = "mrtc.home.test",
		.web = "element.home.test",
		.admin = "admin.home.test",
		.https = 8443,
		.rtc_tcp = 30001,
		.udp_first = 30152,
		.udp_last = 30352,
		.udp_muxed = 30002,
		.rtc_address = "203.0.113.7",
		.issuer = "letsencrypt-prod",
		.ingress_class = "traefik",
		.internal_address = "10.43.0.200",
		.registration = "invite",
		.federation = true,
		.storage_class = "local-path",
		.media_size = "10Gi",
		.postgres_size = "10Gi",
		.max_upload_size = "100M",
	};
}

static struct values_in external(void)
{
	struct values_in in = plain();
	in.postgres.host = "db.home.test";
	in.postgres.port = 5433;
	in.postgres.ssl_mode = "require";
	in.postgres.synapse_user = "su";
	in.postgres.synapse_database = "sd";
	in.postgres.auth_user = "au";
	in.postgres.auth_database = "ad";
	return in;
}

/* path, then the value as JSON text; a NULL value: nothing is there. */
struct expect {
	const char *path, *value;
};

static void expect_all(const struct values_in *in, const struct expect *x, size_t n)
{
	_cleanup_json_ json_t *j = values_build(in);
	ck_assert_ptr_nonnull(j);
	for (size_t i = 0; i < n; i++) {
		const json_t *v = json_at(j, x[i].path);
		_cleanup_free_ char *text = v ? json_canonical(v) : NULL;
		if (!x[i].value)
			ck_assert_msg(!v, "%s is there: %s", x[i].path, text);
		else
			ck_assert_msg(text && !strcmp(text, x[i].value), "%s: %s, not %s",
				      x[i].path, text ? text : "(missing)", x[i].value);
	}
}
#define EXPECT(in, ...)                                                                            \
	do {                                                                                       \
		const struct expect x_[] = { __VA_ARGS__ };                                        \
		expect_all((in), x_, ARRAY_LEN(x_));                                               \
	} while (0)

static void no_null(const json_t *j)
{
	const char *key;
	json_t *v;
	size_t i;
	ck_assert(!json_is_null(j));
	json_object_foreach((json_t *)j, key, v)
		no_null(v);
	json_array_foreach(j, i, v)
		no_null(v);
}

START_TEST(hosts_carry_the_port)
{
	struct values_in in = plain();
	EXPECT(&in, { "serverName", "\"home.test\"" },
	       { "synapse.ingress.host", "\"matrix.home.test:8443\"" },
	       { "matrixAuthenticationService.ingress.host", "\"account.home.test:8443\"" },
	       { "matrixRTC.ingress.host", "\"mrtc.home.test:8443\"" },
	       { "elementWeb.ingress.host", "\"element.home.test:8443\"" },
	       { "elementAdmin.ingress.host", "\"admin.home.test:8443\"" },
	       { "elementAdmin.enabled", "true" },
	       { "certManager.clusterIssuer", "\"letsencrypt-prod\"" },
	       { "ingress.className", "\"traefik\"" }, { "networking.ipFamily", "\"ipv4\"" },
	       { "image.pullPolicy", "\"IfNotPresent\"" },
	       { "storage.storageClassName", "\"local-path\"" },
	       { "synapse.media.storage.size", "\"10Gi\"" },
	       { "synapse.media.maxUploadSize", "\"100M\"" },
	       { "postgres.storage.size", "\"10Gi\"" }, { "matrixRTC.extraEnv", NULL });
}
END_TEST

START_TEST(port_443_does_not_show)
{
	struct values_in in = plain();
	in.https = 443;
	in.admin = NULL;
	EXPECT(&in, { "synapse.ingress.host", "\"matrix.home.test\"" },
	       { "elementWeb.ingress.host", "\"element.home.test\"" },
	       { "elementAdmin.enabled", "false" }, { "elementAdmin.ingress", NULL });
}
END_TEST

#define ALIASES                                                                                    \
	"[{\"hostnames\":[\"home.test\",\"matrix.home.test\",\"account.home.test\","               \
	"\"mrtc.home.test\"],\"ip\":\"10.43.0.200\"}]"

START_TEST(aliases)
{
	struct values_in in = plain();
	EXPECT(&in, { "synapse.hostAliases", ALIASES }, { "matrixRTC.hostAliases", ALIASES },
	       { "matrixAuthenticationService.hostAliases", ALIASES });
	/* Two roles on one name, as where the server name itself is Synapse's. */
	in.synapse = "home.test";
	EXPECT(&in, { "synapse.hostAliases",
		      "[{\"hostnames\":[\"home.test\",\"account.home.test\",\"mrtc.home.test\"],"
		      "\"ip\":\"10.43.0.200\"}]" });
}
END_TEST

START_TEST(media_ports)
{
	struct values_in in = plain();
	EXPECT(&in,
	       { "matrixRTC.sfu.exposedServices.rtcUdp",
		 "{\"enabled\":true,\"portRange\":{\"endPort\":30352,\"startPort\":30152},"
		 "\"portType\":\"NodePort\"}" },
	       { "matrixRTC.sfu.exposedServices.rtcMuxedUdp.enabled", "false" },
	       { "matrixRTC.sfu.exposedServices.rtcTcp",
		 "{\"enabled\":true,\"port\":30001,\"portType\":\"NodePort\"}" });
	in.muxed = true;
	EXPECT(&in, { "matrixRTC.sfu.exposedServices.rtcUdp.enabled", "false" },
	       { "matrixRTC.sfu.exposedServices.rtcMuxedUdp",
		 "{\"enabled\":true,\"port\":30002,\"portType\":\"NodePort\"}" });
}
END_TEST

START_TEST(media_address)
{
	struct values_in in = plain();
	_cleanup_json_ json_t *stun = json_pack("[s]", "stun.home.test:3478");
	in.stun_servers = stun;
	EXPECT(&in, { "matrixRTC.sfu.manualIP", "\"203.0.113.7\"" },
	       { "matrixRTC.sfu.useStunToDiscoverPublicIP", "false" },
	       { "matrixRTC.sfu.additional", NULL });
	in.rtc_address = NULL;
	in.rtc_seen = "203.0.113.8";
	_cleanup_json_ json_t *j = values_build(&in);
	ck_assert_ptr_null(json_at(j, "matrixRTC.sfu.manualIP"));
	ck_assert(json_is_true(json_at(j, "matrixRTC.sfu.useStunToDiscoverPublicIP")));
	const json_t *extra = json_object_get(json_at(j, "matrixRTC.sfu.additional"), "stun.yaml");
	ck_assert_str_eq(json_str_at(extra, "config"),
			 "{\"rtc\":{\"stun_servers\":[\"stun.home.test:3478\"]}}");
	/* STUN is asked once: another address must change something, and nothing but the call server */
	ck_assert_str_eq(values_rtc_address(j), "203.0.113.8");
	in.rtc_seen = "203.0.113.9";
	_cleanup_json_ json_t *other = values_build(&in);
	ck_assert_str_eq(values_rtc_address(other), "203.0.113.9");
	json_object_del(json_at(j, "matrixRTC.sfu"), "extraEnv");
	json_object_del(json_at(other, "matrixRTC.sfu"), "extraEnv");
	ck_assert(json_equal(j, other));
	ck_assert_ptr_null(values_rtc_address(j));
	in = plain();
	_cleanup_json_ json_t *manual = values_build(&in);
	ck_assert_str_eq(values_rtc_address(manual), "203.0.113.7");
}
END_TEST

START_TEST(outgrown)
{
	struct values_in in = plain();
	EXPECT(&in, { "haproxy", NULL }, { "elementWeb.replicas", NULL }, { "elementWeb.image", NULL },
	       { "synapse.workers", NULL });
	_cleanup_json_ json_t *registries =
		json_pack("[ssss]", "sfu=r.home.test:5000", "postgres=r.home.test/mirror",
			  "redis-exporter=r.home.test", "synapse=r.home.test");
	_cleanup_json_ json_t *workers = json_pack("[ss]", "client-reader=3", "background");
	in.registries = registries;
	in.workers = workers;
	in.web_replicas = 2;
	in.auth_replicas = 1;
	in.haproxy_replicas = 4;
	EXPECT(&in, { "matrixRTC.sfu.image", "{\"registry\":\"r.home.test:5000\"}" },
	       { "matrixRTC.sfu.manualIP", "\"203.0.113.7\"" },
	       /* Only docker.io has the official images without their folder. */
	       { "postgres.image",
		 "{\"registry\":\"r.home.test/mirror\",\"repository\":\"library/postgres\"}" },
	       { "redis", "{\"redisExporter\":{\"image\":{\"registry\":\"r.home.test\"}}}" },
	       { "synapse.image.registry", "\"r.home.test\"" }, { "matrixRTC.image", NULL },
	       { "synapse.workers", "{\"background\":{\"enabled\":true,\"replicas\":1},"
				    "\"client-reader\":{\"enabled\":true,\"replicas\":3}}" },
	       { "elementWeb.replicas", "2" }, { "matrixAuthenticationService.replicas", NULL },
	       { "haproxy", "{\"replicas\":4}" });
}
END_TEST

static const struct {
	const char *mode;
	bool smtp;
	const char *enabled, *token, *email, *recovery;
} modes[] = {
	{ "invite", false, "true", "true", "false", "false" },
	{ "invite", true, "true", "true", "false", "true" },
	{ "open", true, "true", "false", "true", "true" },
	/* Never both off: the configuration's own check refuses it, and so does this. */
	{ "open", false, "true", "false", "true", "false" },
	{ "closed", false, "false", "true", "false", "false" },
};

START_TEST(registration)
{
	struct values_in in = plain();
	in.registration = modes[_i].mode;
	in.smtp = modes[_i].smtp;
	_cleanup_json_ json_t *j = values_build(&in);
	const json_t *additional = json_at(j, "matrixAuthenticationService.additional");
	_cleanup_free_ char *want = xasprintf(
		"account:\n  password_registration_enabled: %s\n"
		"  password_registration_token_required: %s\n"
		"  password_registration_email_required: %s\n  password_change_allowed: true\n"
		"  password_recovery_enabled: %s\n",
		modes[_i].enabled, modes[_i].token, modes[_i].email, modes[_i].recovery);
	ck_assert_str_eq(json_str_at(json_object_get(additional, "auth.yaml"), "config"), want);
	const json_t *mail = json_object_get(additional, "email.yaml");
	ck_assert_int_eq(mail != NULL, modes[_i].smtp);
	if (mail)
		ck_assert_str_eq(json_str_at(mail, "configSecret"), VALUES_EMAIL_SECRET);
}
END_TEST

START_TEST(database)
{
	struct values_in in = external();
	EXPECT(&in, { "postgres", "{\"enabled\":false}" },
	       { "synapse.postgres", "{\"database\":\"sd\",\"host\":\"db.home.test\",\"password\":{"
				     "\"secret\":\"ess-setup-"
				     "postgres\","
				     "\"secretKey\":\"synapse\"},\"port\":5433,\"sslMode\":"
				     "\"require\",\"user\":\"su\"}" },
	       { "matrixAuthenticationService.postgres.user", "\"au\"" },
	       { "matrixAuthenticationService.postgres.password.secretKey", "\"auth\"" });
	in = plain();
	EXPECT(&in, { "postgres.enabled", "true" }, { "synapse.postgres", NULL });
}
END_TEST

START_TEST(staging_and_federation)
{
	struct values_in in = plain();
	EXPECT(&in, { "synapse.additional", NULL });
	in.staging = true;
	in.federation = false;
	_cleanup_json_ json_t *j = values_build(&in);
	ck_assert_str_eq(json_str_at(json_array_get(json_at(j, "matrixRTC.extraEnv"), 0), "name"),
			 "LIVEKIT_INSECURE_SKIP_VERIFY_TLS");
	const json_t *f = json_object_get(json_at(j, "synapse.additional"), "federation.yaml");
	ck_assert_str_eq(json_str_at(f, "config"), "federation_domain_whitelist: []\n");
}
END_TEST

START_TEST(never_null)
{
	struct values_in in = _i & 1 ? external() : plain();
	in.admin = _i & 2 ? NULL : in.admin;
	in.rtc_address = _i & 4 ? NULL : in.rtc_address;
	in.smtp = _i & 8;
	in.muxed = _i & 16;
	_cleanup_json_ json_t *j = values_build(&in);
	no_null(j);
	_cleanup_free_ char *once = json_pretty(j);
	_cleanup_json_ json_t *again = values_build(&in);
	_cleanup_free_ char *twice = json_pretty(again);
	ck_assert_str_eq(once, twice);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("steps-values");
	TCase *t = tcase_create("values");
	tcase_add_test(t, hosts_carry_the_port);
	tcase_add_test(t, port_443_does_not_show);
	tcase_add_test(t, aliases);
	tcase_add_test(t, media_ports);
	tcase_add_test(t, media_address);
	tcase_add_test(t, outgrown);
	tcase_add_loop_test(t, registration, 0, ARRAY_LEN(modes));
	tcase_add_test(t, database);
	tcase_add_test(t, staging_and_federation);
	tcase_add_loop_test(t, never_null, 0, 32);
	suite_add_tcase(s, t);
	return unit_run(s);
}
