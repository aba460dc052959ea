/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The table of keys itself, right values, and config.json. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/config.h"
#include "model/request.h"
#include "tests/unit/root.h"

START_TEST(table_is_complete)
{
	size_t n;
	const struct key *k = keys(&n);
	enum key_page page = PAGE_DOMAIN;

	ck_assert_uint_ge(n, 80);
	for (size_t i = 0; i < n; i++) {
		struct err e = ERR_INIT;
		ck_assert_msg(k[i].label && *k[i].label && k[i].help && *k[i].help, "%s: texts",
			      k[i].name);
		ck_assert_msg(k[i].help[strlen(k[i].help) - 1] == '.', "%s: help ends with no dot",
			      k[i].name);
		ck_assert_msg(strlen(k[i].label) <= 50, "%s: label is long", k[i].name);
		ck_assert_msg(k[i].example && key_check(&k[i], k[i].example, &e) == 0,
			      "%s: example", k[i].name);
		ck_assert_msg(!k[i].def || key_check(&k[i], k[i].def, &e) == 0, "%s: default",
			      k[i].name);
		ck_assert_msg((k[i].type == KEY_ENUM) == (k[i].choices != NULL), "%s: choices",
			      k[i].name);
		ck_assert_msg(k[i].type != KEY_INT || k[i].max > k[i].min, "%s: range", k[i].name);
		ck_assert_msg(k[i].type != KEY_STRING || k[i].check, "%s: no validator", k[i].name);
		ck_assert_msg(k[i].page >= page, "%s: pages out of order", k[i].name);
		ck_assert_ptr_eq(key_find(k[i].name), &k[i]);
		ck_assert_str_eq(key_nearest(k[i].name), k[i].name);
		page = k[i].page;
	}
	ck_assert_ptr_null(key_find("ports"));
	ck_assert_ptr_null(key_find(""));
}
END_TEST

/* config_set(config_text()) changes nothing, for each key, with its default and its example. */
START_TEST(text_form_is_the_identity)
{
	size_t n;
	const struct key *k = keys(&n);

	for (size_t i = 0; i < n; i++) {
		if (k[i].flags & KEY_SECRET)
			continue;
		_cleanup_config_ struct config c = { 0 };
		struct err e = ERR_INIT;
		config_new(&c);
		_cleanup_free_ char *unset = config_text(&c, k[i].name);
		ck_assert_str_eq(unset, k[i].def ? k[i].def : "");
		ck_assert_int_eq(config_set(&c, k[i].name, k[i].example, &e), 0);
		_cleanup_json_ json_t *before = config_json(&c, k[i].name);
		_cleanup_free_ char *text = config_text(&c, k[i].name);
		ck_assert_int_eq(config_set(&c, k[i].name, text, &e), 0);
		_cleanup_json_ json_t *after = config_json(&c, k[i].name);
		ck_assert_msg(json_equal(before, after), "%s", k[i].name);
		if (!(k[i].flags & KEY_REQUIRED) || k[i].def)
			ck_assert_int_eq(config_set(&c, k[i].name, unset, &e), 0);
		ck_assert_int_eq(config_set(&c, k[i].name, NULL, &e), 0);
		ck_assert(!config_is_set(&c, k[i].name));
		ck_assert_uint_eq(json_object_size(c.root), 0);
	}
}
END_TEST

START_TEST(right_values)
{
	static const char *const good[][2] = {
		{ "domains.server_name", "home-chat.net" },
		{ "domains.server_name", "xn--fiqs8s.xn--fiqz9s" },
		{ "domains.server_name", "a.b.c.d.e.f.g.home-chat.net" },
		{ "domains.server_name", "1.home-chat.net" },
		{ "domains.server_name", "4-2.de" },
		{ "domains.synapse", "m" },
		{ "domains.synapse", "matrix.sub" },
		{ "domains.synapse", "m1.home-chat.net" },
		{ "domains.admin", "off" },
		{ "ports.https", "1" },
		{ "ports.https", "443" },
		{ "ports.https", "65535" },
		{ "ports.udp_range", "30152-30250" },
		{ "ports.udp_range", "31000-32000" },
		{ "ports.udp_range", "30005-30005" },
		{ "certificates.email", "me+acme@sub.home-chat.net" },
		{ "certificates.email", "o'neil@home-chat.net" },
		{ "certificates.email", "CERTS@home-chat.net" },
		{ "admin.username", "a.b_c=d-e/f+1" },
		{ "paths.home", "/srv/matrix" },
		{ "paths.home", "/data" },
		{ "paths.home", "/home/matrix/ess" },
		{ "paths.home", "/etcetera" },
		{ "storage.media_size", "500Mi" },
		{ "synapse.max_upload_size", "51200K" },
		{ "smtp.host", "mail" },
		{ "smtp.host", "192.168.1.9" },
		{ "smtp.username", "me \"quoted\" $(id) 'x'" },
		{ "postgres.synapse_user", "_synapse-1" },
		{ "network.resolvers", "223.5.5.5, 127.0.0.1:5353" },
		{ "network.stun_servers", "stun.miwifi.com:3478,198.51.100.1:3478" },
		{ "network.proxy", "socks5h://192.168.1.2:1080" },
		{ "network.connect_to", "::127.0.0.1:8443,example.com:443:127.0.0.1:9" },
		{ "network.no_proxy", "10.0.0.0/8,.lan,localhost" },
		{ "cluster.ingress_selector", "a=b,app.kubernetes.io/name=traefik" },
		{ "cluster.ingress_target_port", "8443" },
		{ "cluster.pod_cidr", "172.20.0.0/16" },
		{ "supply.k3s_channel", "stable" },
		{ "supply.k3s_version", "v1.37.1+k3s1" },
		{ "supply.helm_version", "v3.21.4" },
		{ "mirrors.k3s", "http://192.168.1.5:8080/k3s/" },
		{ "ess.extra_values", "/root/a.yaml,/root/b.yaml" },
	};
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		_cleanup_config_ struct config c = { 0 };
		struct err e = ERR_INIT;
		config_new(&c);
		int r = config_set(&c, good[i][0], good[i][1], &e);
		_cleanup_free_ char *text = err_text(&e);
		ck_assert_msg(r == 0, "%s", text);
	}
}
END_TEST

static void check_settings(const char *const (*kv)[2], size_t n, unsigned flags, int want,
			   size_t warnings)
{
	_cleanup_config_ struct config c = { 0 };
	struct problems p;
	struct err e = ERR_INIT;

	config_new(&c);
	ck_assert_int_eq(config_set(&c, "domains.server_name", "home-chat.net", &e), 0);
	ck_assert_int_eq(config_set(&c, "certificates.email", "me@home-chat.net", &e), 0);
	for (size_t i = 0; i < n; i++)
		ck_assert_int_eq(config_set(&c, kv[i][0], kv[i][1], &e), 0);
	int r = config_check(&c, flags, &p);
	_cleanup_free_ char *first = p.n ? err_text(&p.v[0].err) : xstrdup("");
	ck_assert_msg(r == want, "%d: %s", r, first);
	ck_assert_msg(p.n - p.nerrors == warnings, "%zu problems, %zu errors: %s", p.n, p.nerrors,
		      first);
	problems_done(&p);
}

START_TEST(right_combinations)
{
	static const char *const same_tls[][2] = { { "ports.federation", "8443" } };
	static const char *const plain_443[][2] = { { "ports.https", "443" },
						    { "ports.http", "80" } };
	static const char *const muxed[][2] = { { "ports.rtc_mode", "muxed" },
						{ "ports.udp_range", "30000-30100" } };
	static const char *const range[][2] = { { "ports.rtc_udp", "30001" } };
	static const char *const staging[][2] = { { "certificates.environment", "staging" } };
	static const char *const open[][2] = { { "registration.mode", "open" },
					       { "smtp.host", "mail.home-chat.net" },
					       { "smtp.from", "matrix@home-chat.net" } };
	static const char *const database[][2] = {
		{ "postgres.mode", "external" },  { "postgres.host", "db" },
		{ "postgres.synapse_user", "u" }, { "postgres.synapse_database", "a" },
		{ "postgres.auth_user", "u" },	  { "postgres.auth_database", "b" }
	};
	static const char *const cluster[][2] = { { "cluster.kind", "existing" },
						  { "cluster.kubeconfig", "/root/k" },
						  { "ports.https", "6443" },
						  { "ports.internal.http", "443" } };
	static const char *const networks[][2] = { { "cluster.pod_cidr", "10.52.0.0/16" },
						   { "cluster.service_cidr", "10.53.0.0/16" },
						   { "cluster.internal_address", "10.53.0.7" } };
	static const char *const address[][2] = { { "network.public_address_mode", "manual" },
						  { "network.public_address", "9.9.9.9" } };
	static const char *const admin_off[][2] = { { "domains.admin", "off" } };

	check_settings(NULL, 0, 0, 0, 0);
	check_settings(same_tls, ARRAY_LEN(same_tls), 0, 0, 0);
	check_settings(plain_443, ARRAY_LEN(plain_443), 0, 0, 0);
	check_settings(muxed, ARRAY_LEN(muxed), 0, 0, 0);
	check_settings(range, ARRAY_LEN(range), 0, 0, 0);
	check_settings(staging, ARRAY_LEN(staging), 0, 0, 0);
	check_settings(open, ARRAY_LEN(open), 0, 0, 0);
	check_settings(database, ARRAY_LEN(database), 0, 0, 0);
	check_settings(cluster, ARRAY_LEN(cluster), 0, 0, 0);
	check_settings(networks, ARRAY_LEN(networks), 0, 0, 0);
	check_settings(address, ARRAY_LEN(address), 0, 0, 0);
	check_settings(admin_off, ARRAY_LEN(admin_off), 0, 0, 0);
}
END_TEST

START_TEST(warnings_are_no_errors)
{
	static const char *const elsewhere[][2] = { { "domains.web", "chat.other-home.net" } };
	static const char *const plain[][2] = { { "smtp.host", "mail" },
						{ "smtp.from", "m@home-chat.net" },
						{ "smtp.mode", "plain" },
						{ "smtp.username", "u" } };
	static const char *const lan[][2] = { { "network.public_address_mode", "manual" },
					      { "network.public_address", "192.168.1.20" } };
	static const char *const existing[][2] = { { "cluster.kind", "existing" },
						   { "cluster.kubeconfig", "/root/k" },
						   { "ports.udp_range", "40000-40100" } };
	static const char *const rehearsal[][2] = { { "domains.server_name", "example.com" },
						    { "certificates.email", "certs@example.com" },
						    { "admin.email", "admin@example.com" } };

	check_settings(elsewhere, ARRAY_LEN(elsewhere), 0, 0, 1);
	check_settings(plain, ARRAY_LEN(plain), 0, 0, 1);
	check_settings(lan, ARRAY_LEN(lan), 0, 0, 1);
	check_settings(existing, ARRAY_LEN(existing), 0, 0, 1);
	check_settings(rehearsal, ARRAY_LEN(rehearsal), CONFIG_REHEARSE, 0, 3);
	check_settings(rehearsal, ARRAY_LEN(rehearsal), 0, -1, 0);
}
END_TEST

START_TEST(getters_and_hosts)
{
	_cleanup_config_ struct config c = { 0 };
	struct err e = ERR_INIT;

	config_new(&c);
	ck_assert_ptr_null(config_str(&c, "domains.server_name"));
	ck_assert_str_eq(config_str(&c, "domains.synapse"), "matrix");
	ck_assert_str_eq(config_str(&c, "certificates.environment"), "production");
	ck_assert_int_eq(config_int(&c, "ports.https"), 8443);
	ck_assert(!config_bool(&c, "dns.manage"));
	ck_assert_uint_eq(json_array_size(config_list(&c, "network.resolvers")), 2);
	ck_assert_uint_eq(json_array_size(config_list(&c, "network.stun_servers")), 0);
	_cleanup_json_ json_t *none = config_json(&c, "admin.email");
	ck_assert(json_is_null(none));

	ck_assert_int_eq(config_set(&c, "domains.server_name", "home-chat.net", &e), 0);
	ck_assert_int_eq(config_set(&c, "domains.web", "chat.other.net", &e), 0);
	ck_assert_int_eq(config_set(&c, "domains.admin", "off", &e), 0);
	ck_assert_int_eq(config_set(&c, "ports.internal.http", "30081", &e), 0);
	ck_assert_int_eq(config_set(&c, "dns.manage", "true", &e), 0);
	ck_assert_int_eq(config_set(&c, "network.resolvers", " 9.9.9.9 ,1.1.1.1:53", &e), 0);
	_cleanup_free_ char *synapse = config_host(&c, "synapse");
	_cleanup_free_ char *web = config_host(&c, "web");
	ck_assert_str_eq(synapse, "matrix.home-chat.net");
	ck_assert_str_eq(web, "chat.other.net");
	ck_assert_ptr_null(config_host(&c, "admin"));
	ck_assert_int_eq(config_int(&c, "ports.internal.http"), 30081);
	ck_assert_int_eq(config_int(&c, "ports.internal.https"), 30443);
	ck_assert(config_bool(&c, "dns.manage"));
	_cleanup_free_ char *list = config_text(&c, "network.resolvers");
	ck_assert_str_eq(list, "9.9.9.9,1.1.1.1:53");
}
END_TEST

START_TEST(wrong_names_abort)
{
	static const char *const wrong[] = { "ports.htps", "ports.https", "network.resolvers" };
	for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
		pid_t pid = fork();
		if (pid == 0) {
			struct config c;
			if (!freopen("/dev/null", "w", stderr))
				_exit(0);
			config_new(&c);
			config_str(&c, wrong[i]);
			_exit(0);
		}
		int status;
		ck_assert_int_eq(waitpid(pid, &status, 0), pid);
		ck_assert_msg(!(WIFEXITED(status) && WEXITSTATUS(status) == 0), "%s", wrong[i]);
	}
}
END_TEST

START_TEST(text_stays_text)
{
	static const char *const texts[] = {
		"$(reboot)", "`id`", "\"quoted\"", "it's",
		"a\\b",	     "%s%n", "a: b # c",   "\xe4\xb8\xad\xe6\x96\x87",
		"null",	     "true", "&x",	   "*x",
		"!t"
	};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		_cleanup_config_ struct config c = { 0 }, back = { 0 };
		struct err e = ERR_INIT;
		config_new(&c);
		ck_assert_int_eq(config_set(&c, "smtp.username", texts[i], &e), 0);
		ck_assert_int_eq(config_save(&c, &e), 0);
		ck_assert_int_eq(config_load(&back, &e), 0);
		ck_assert_str_eq(config_str(&back, "smtp.username"), texts[i]);
	}
	_cleanup_config_ struct config c = { 0 };
	struct err e = ERR_INIT;
	config_new(&c);
	ck_assert_int_eq(config_set(&c, "smtp.username", "\xff\xfe", &e), -1);
	ck_assert_int_eq(e.fault, FAULT_CONFIG_VALUE);
}
END_TEST

START_TEST(save_and_load)
{
	struct stat st;
	struct err e = ERR_INIT;
	_cleanup_config_ struct config c = { 0 }, back = { 0 };

	ck_assert_int_eq(config_load(&c, &e), 0); /* no file yet */
	ck_assert_uint_eq(json_object_size(c.root), 0);
	ck_assert_int_eq(config_set(&c, "domains.server_name", "home-chat.net", &e), 0);
	ck_assert_int_eq(config_set(&c, "ports.https", "9443", &e), 0);
	ck_assert_int_eq(config_save(&c, &e), 0);
	_cleanup_free_ char *path = path_get(PATH_CONFIG);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 07777, 0600);
	ck_assert_int_eq(config_load(&back, &e), 0);
	ck_assert(json_equal(c.root, back.root));
}
END_TEST

START_TEST(broken_files_are_refused)
{
	static const char *const files[][2] = {
		{ "", "config.json" },
		{ "{", "config.json" },
		{ "[]", "object" },
		{ "{\"ports\": 1}", "ports" },
		{ "{\"ports\": {\"https\": \"8443\"}}", "ports.https" },
		{ "{\"ports\": {\"https\": 1.5}}", "ports.https" },
		{ "{\"ports\": {\"https\": {}}}", "ports.https" },
		{ "{\"ports.https\": 8443}", "ports.https" },
		{ "{\"dns\": {\"manage\": \"true\"}}", "dns.manage" },
		{ "{\"network\": {\"resolvers\": \"8.8.8.8\"}}", "network.resolvers" },
		{ "{\"network\": {\"resolvers\": [8]}}", "network.resolvers" },
		{ "{\"admin\": {\"password\": \"x\"}}", "secret" },
		{ "{\"cloudflare\": {\"token\": \"x\"}}", "secret" },
		{ "{\"colour\": \"red\"}", "colour" },
		{ "{\"domains\": {\"server_name\": null}}", "domains.server_name" },
		{ "{\"ports\": {\"https\": 1, \"https\": 2}}", "config.json" },
	};
	for (size_t i = 0; i < ARRAY_LEN(files); i++) {
		_cleanup_config_ struct config c = { 0 };
		struct err e = ERR_INIT;
		root_write(PATH_CONFIG, files[i][0], strlen(files[i][0]));
		ck_assert_msg(config_load(&c, &e) == -1, "taken: %s", files[i][0]);
		_cleanup_free_ char *text = err_text(&e);
		ck_assert_int_eq(e.fault, FAULT_CONFIG_BAD);
		ck_assert_msg(strstr(text, files[i][1]) && strstr(text, "config.json"), "%s", text);
	}
}
END_TEST

START_TEST(requests)
{
	static const char *const bad[] = {
		"",
		"[]",
		"{}",
		"{\"job\": 1}",
		"{\"job\": \"\"}",
		"{\"job\": \"install\", \"options\": []}",
		"{\"job\": \"install\", \"options\": {\"rehearse\": 1}}",
		"{\"job\": \"install\", \"options\": {\"until\": 7}}",
		"{\"job\": \"install\", \"options\": {\"until\": \"\"}}",
	};
	_cleanup_request_ struct request r = { 0 };
	struct err e = ERR_INIT;

	ck_assert_int_eq(request_load(&r, &e), 0);
	ck_assert_str_eq(r.job, "install");
	ck_assert(!r.rehearse && !r.until);
	request_done(&r);

	struct request saved = { .job = (char *)"upgrade",
				 .until = (char *)"values",
				 .rehearse = true };
	ck_assert_int_eq(request_save(&saved, &e), 0);
	ck_assert_int_eq(request_load(&r, &e), 0);
	ck_assert_str_eq(r.job, "upgrade");
	ck_assert_str_eq(r.until, "values");
	ck_assert(r.rehearse);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		_cleanup_request_ struct request b = { 0 };
		err_clear(&e);
		root_write(PATH_REQUEST, bad[i], strlen(bad[i]));
		ck_assert_msg(request_load(&b, &e) == -1, "taken: %s", bad[i]);
		ck_assert_int_eq(e.fault, FAULT_REQUEST_BAD);
	}
}
END_TEST

START_TEST(paths_hang_under_the_root)
{
	setenv("ESS_SETUP_ROOT", "/tmp/r//", 1);
	_cleanup_free_ char *config = path_get(PATH_CONFIG);
	_cleanup_free_ char *os = path_under("/etc/os-release");
	_cleanup_free_ char *commands = path_commands();
	ck_assert_str_eq(path_root(), "/tmp/r");
	ck_assert_str_eq(config, "/tmp/r/var/lib/ess-setup/config.json");
	ck_assert_str_eq(os, "/tmp/r/etc/os-release");
	ck_assert_str_eq(
		commands,
		"/tmp/r/usr/local/sbin:/tmp/r/usr/local/bin:/tmp/r/usr/sbin:/tmp/r/usr/bin:"
		"/tmp/r/sbin:/tmp/r/bin");
	setenv("ESS_SETUP_ROOT", "/", 1);
	ck_assert_str_eq(path_root(), "");
	unsetenv("ESS_SETUP_ROOT");
	_cleanup_free_ char *real = path_commands();
	ck_assert_str_eq(real, "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
	for (enum path_id id = 0; id < PATH_IDS; id++) {
		_cleanup_free_ char *path = path_get(id);
		ck_assert_msg(text_starts(path, "/var/") || text_starts(path, "/run/"), "%s", path);
	}
	unsetenv("ESS_SETUP_LIBEXEC");
	ck_assert_str_eq(path_libexec(), PKGLIBEXECDIR);
	setenv("ESS_SETUP_LIBEXEC", "/x", 1);
	ck_assert_str_eq(path_libexec(), "/x");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("configuration");
	TCase *t = tcase_create("config");
	tcase_add_test(t, table_is_complete);
	tcase_add_test(t, text_form_is_the_identity);
	tcase_add_test(t, right_values);
	tcase_add_test(t, right_combinations);
	tcase_add_test(t, warnings_are_no_errors);
	tcase_add_test(t, getters_and_hosts);
	tcase_add_test(t, wrong_names_abort);
	tcase_add_test(t, paths_hang_under_the_root);
	suite_add_tcase(s, t);
	TCase *f = tcase_create("files");
	tcase_add_checked_fixture(f, root_make, root_remove);
	tcase_add_test(f, text_stays_text);
	tcase_add_test(f, save_and_load);
	tcase_add_test(f, broken_files_are_refused);
	tcase_add_test(f, requests);
	suite_add_tcase(s, f);
	return unit_run(s);
}
