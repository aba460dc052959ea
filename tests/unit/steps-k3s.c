/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* K3s behind a proxy: what the vendor's script keeps of the environment, and whether that is right. */
#include <string.h>

#include "base/fs.h"
#include "base/mem.h"
#include "steps/cluster-files.h"
#include "steps/ctx.h"
#include "steps/k3s.h"
#include "tests/unit/root.h"
#include "tests/unit/unit.h"

#define PROXY "http://192.168.1.2:7890"
#define EXCEPT "localhost,192.168.1.20"

static void put(const char *path, const char *text)
{
	_cleanup_free_ char *real = path_under(path);
	_cleanup_free_ char *dir = xstrndup(real, (size_t)(strrchr(real, '/') - real));
	ck_assert_int_eq(fs_mkdir_p(dir, 0755, NULL), 0);
	ck_assert_int_eq(fs_write_atomic(real, text, strlen(text), 0600, NULL), 0);
}

static const struct {
	const char *env, *proxy, *except;
	int want;
} units[] = {
	{ "", NULL, NULL, 1 },
	{ "NO_PROXY='a'\n", NULL, NULL, 1 },
	{ "HTTPS_PROXY='" PROXY "'\n", NULL, NULL, 0 },
	{ "a=b\nhttp_proxy='" PROXY "'\n", NULL, NULL, 0 },
	{ "", PROXY, EXCEPT, 0 },
	{ "HTTPS_PROXY='" PROXY "'\nNO_PROXY='" EXCEPT "'\n", PROXY, EXCEPT, 1 },
	{ "NO_PROXY='" EXCEPT "'\nHTTP_PROXY='x'\nHTTPS_PROXY='" PROXY "'\n", PROXY, EXCEPT, 1 },
	{ "HTTPS_PROXY='" PROXY "'\n", PROXY, EXCEPT, 0 },
	{ "HTTPS_PROXY='" PROXY "'\nNO_PROXY='localhost'\n", PROXY, EXCEPT, 0 },
	{ "HTTPS_PROXY='" PROXY "'\nNO_PROXY='" EXCEPT ",192.168.1.21'\n", PROXY, EXCEPT, 0 },
	{ "HTTPS_PROXY='" PROXY "0'\nNO_PROXY='" EXCEPT "'\n", PROXY, EXCEPT, 0 },
	{ "XHTTPS_PROXY='" PROXY "'\nNO_PROXY='" EXCEPT "'\n", PROXY, EXCEPT, 0 },
};

START_TEST(unit_good)
{
	struct step_ctx c = { 0 };
	put(K3S_UNIT, "[Service]\nExecStart=/usr/local/bin/k3s \\\n    server\n");
	put(K3S_UNIT_ENV, units[_i].env);
	ck_assert_int_eq(k3s_unit_good(&c, units[_i].proxy, units[_i].except, NULL), units[_i].want);
	put(K3S_UNIT, "");
	ck_assert_int_eq(k3s_unit_good(&c, units[_i].proxy, units[_i].except, NULL), 0);
}
END_TEST

/* K3s adds ranges and names itself, but not the node (k3s-io/docs advanced.md). */
START_TEST(exceptions)
{
	_cleanup_free_ char *all = cluster_no_proxy("10.42.0.0/16", "10.43.0.0/16", "192.168.1.20", ".lan,10.0.0.0/8");
	ck_assert_str_eq(all, "localhost,127.0.0.0/8,10.42.0.0/16,10.43.0.0/16,.svc,.cluster.local,192.168.1.20,"
			      ".lan,10.0.0.0/8");
	_cleanup_free_ char *few = cluster_no_proxy("10.42.0.0/16", "10.43.0.0/16", NULL, NULL);
	ck_assert_str_eq(few, "localhost,127.0.0.0/8,10.42.0.0/16,10.43.0.0/16,.svc,.cluster.local");
}
END_TEST

/* A variable that a step gives comes in the place of the usual one: of two, nobody knows which counts. */
START_TEST(environment)
{
	struct config config;
	config_new(&config);
	ck_assert_int_eq(config_set(&config, "network.proxy", PROXY, NULL), 0);
	ck_assert_int_eq(config_set(&config, "network.no_proxy", ".lan", NULL), 0);
	struct step_ctx c = { .config = &config };
	const char *const extra[] = { "NO_PROXY=" EXCEPT, "NO_PROX=1", NULL };
	_cleanup_strv_ char **env = ctx_environment(&c, extra);
	unsigned no = 0, https = 0, other = 0;
	for (char **v = env; *v; v++) {
		no += !strcmp(*v, "NO_PROXY=" EXCEPT) ? 1 : !strncmp(*v, "NO_PROXY=", 9) ? 100 : 0;
		https += !strcmp(*v, "HTTPS_PROXY=" PROXY);
		other += !strcmp(*v, "NO_PROX=1");
	}
	ck_assert_uint_eq(no, 1);
	ck_assert_uint_eq(https, 1);
	ck_assert_uint_eq(other, 1);
	config_done(&config);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("steps-k3s");
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, root_make, root_remove);
	tcase_add_loop_test(t, unit_good, 0, ARRAY_LEN(units));
	tcase_add_test(t, exceptions);
	tcase_add_test(t, environment);
	suite_add_tcase(s, t);
	return unit_run(s);
}
