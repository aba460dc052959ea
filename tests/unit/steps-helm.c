/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* steps/helm: the states of a release and what they need, helm's words, the helm of a killed engine.
 * The texts are what helm 4.1.4 and 3.18.0 really printed. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "steps/helm.h"
#include "tests/unit/root.h"
#include "tests/unit/unit.h"

static const enum helm_status all_states[] = {
	HELM_NOT_FOUND,	   HELM_DEPLOYED,	 HELM_FAILED,	       HELM_UNINSTALLED,      HELM_SUPERSEDED,
	HELM_UNINSTALLING, HELM_PENDING_INSTALL, HELM_PENDING_UPGRADE, HELM_PENDING_ROLLBACK, HELM_UNKNOWN,
};

static enum helm_repair expected(enum helm_status s, long revision, bool alive)
{
	bool pending = s == HELM_PENDING_INSTALL || s == HELM_PENDING_UPGRADE || s == HELM_PENDING_ROLLBACK;
	if (alive)
		return HELM_WAIT_FOR_OTHER;
	if (pending && revision > 0)
		return HELM_DROP_PENDING;
	return s == HELM_UNINSTALLING ? HELM_UNINSTALL_AGAIN : HELM_GO_ON;
}

START_TEST(repair)
{
	static const long revisions[] = { 0, 1, 2, 17 };
	for (size_t s = 0; s < ARRAY_LEN(all_states); s++)
		for (size_t r = 0; r < ARRAY_LEN(revisions); r++)
			for (int alive = 0; alive < 2; alive++)
				ck_assert_int_eq(helm_repair_for(all_states[s], revisions[r], alive),
						 expected(all_states[s], revisions[r], alive));
}
END_TEST

static const struct {
	const char *status;
	long revision;
	const char *description;
	enum helm_status want;
} state_cases[] = {
	{ "deployed", 1, "Install complete", HELM_DEPLOYED },
	{ "pending-install", 1, "Initial install underway", HELM_PENDING_INSTALL },
	{ "pending-upgrade", 2, "Preparing upgrade", HELM_PENDING_UPGRADE },
	{ "pending-rollback", 3, "Rollback to 1", HELM_PENDING_ROLLBACK },
	{ "failed", 1, "Release \"t2\" failed: context canceled", HELM_FAILED },
	{ "uninstalling", 4, "Deletion in progress (or silently failed)", HELM_UNINSTALLING },
	{ "uninstalled", 4, "Uninstallation complete", HELM_UNINSTALLED },
	{ "superseded", 1, "Upgrade complete", HELM_SUPERSEDED },
	{ "unknown", 1, "", HELM_UNKNOWN },
	{ "brand-new-state", 1, "", HELM_UNKNOWN },
};

START_TEST(state)
{
	_cleanup_json_ json_t *j = json_pack(
		"{s:s, s:{s:s, s:s, s:s, s:{}}, s:s, s:i, s:s, s:s}", "name", "t", "info", "first_deployed",
		"2026-11-22T23:32:11.549650116Z", "description", state_cases[_i].description, "status",
		state_cases[_i].status, "resources", "manifest", "---\n", "version", (int)state_cases[_i].revision,
		"namespace", "pend", "apply_method", "ssa");
	_cleanup_free_ char *text = json_pretty(j);
	struct helm_release r;
	struct err e = ERR_INIT;

	ck_assert_int_eq(helm_status_parse(text, strlen(text), &r, &e), 0);
	ck_assert_int_eq(r.status, state_cases[_i].want);
	ck_assert_int_eq(r.revision, state_cases[_i].revision);
	ck_assert_str_eq(r.description, state_cases[_i].description);
	ck_assert_ptr_null(r.chart);
	helm_release_done(&r);
}
END_TEST

START_TEST(bad_state)
{
	static const char *const bad[] = { "", "null", "[]", "{}", "{\"info\":{}}", "{\"info\":{\"status\":7}}",
					   "{\"info\":{\"status\":\"deployed\"}", "Error: no JSON at all" };
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct helm_release r;
		struct err e = ERR_INIT;
		ck_assert_int_eq(helm_status_parse(bad[i], strlen(bad[i]), &r, &e), -1);
		ck_assert_int_eq(e.fault, FAULT_COMMAND_OUTPUT);
		helm_release_done(&r);
	}
}
END_TEST

START_TEST(chart)
{
	static const char list[] =
		"[{\"name\":\"essx\",\"namespace\":\"ess\",\"revision\":\"1\",\"status\":\"deployed\",\"chart\":\"other-1.0.0\"},"
		"{\"name\":\"ess\",\"namespace\":\"ess\",\"revision\":\"1\",\"status\":\"deployed\","
		"\"chart\":\"matrix-stack-26.8.1\",\"app_version\":\"\"}]\n";
	_cleanup_free_ char *found = helm_list_chart(list, strlen(list), "ess");
	ck_assert_str_eq(found, "matrix-stack-26.8.1");
	ck_assert_ptr_null(helm_list_chart(list, strlen(list), "es"));
	ck_assert_ptr_null(helm_list_chart("[]", 2, "ess"));
	ck_assert_ptr_null(helm_list_chart("garbage", 7, "ess"));
}
END_TEST

static const struct {
	const char *tail, *said;
	enum fault fault;
} words[] = {
	{ "Error: UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress\n",
	  "UPGRADE FAILED: another operation (install/upgrade/rollback) is in progress", FAULT_HELM_PENDING },
	{ "Error: kubernetes cluster unreachable: Get \"https://127.0.0.1:1/version\": dial tcp 127.0.0.1:1: connect: connection refused\n",
	  "kubernetes cluster unreachable: Get \"https://127.0.0.1:1/version\": dial tcp 127.0.0.1:1: connect: connection refused",
	  FAULT_KUBE_UNREACHABLE },
	{ "Error: Kubernetes cluster unreachable: Get \"http://localhost:8080/version\": dial tcp 127.0.0.1:8080: connect: connection refused\n",
	  NULL, FAULT_KUBE_UNREACHABLE },
	{ "Error: values don't meet the specifications of the schema(s) in the following chart(s):\nmatrix-stack:\n"
	  "- at '/synapse/ingress': additional properties 'port' not allowed\n\n",
	  "values don't meet the specifications of the schema(s) in the following chart(s):; matrix-stack:; "
	  "- at '/synapse/ingress': additional properties 'port' not allowed",
	  FAULT_HELM_VALUES },
	{ "Error: execution error at (matrix-stack/templates/z_validation/validation.txt:55:3): \n"
	  "- serverName is required when synapse.enabled=true\n\nUse --debug flag to render out invalid YAML\n",
	  "execution error at (matrix-stack/templates/z_validation/validation.txt:55:3):; "
	  "- serverName is required when synapse.enabled=true",
	  FAULT_HELM_VALUES },
	{ "Error: resource Deployment/pend/t3 not ready. status: InProgress, message: Available: 0/1\ncontext deadline exceeded\n",
	  "resource Deployment/pend/t3 not ready. status: InProgress, message: Available: 0/1; context deadline exceeded",
	  FAULT_HELM_TIMEOUT },
	{ "Error: context canceled\n", "context canceled", FAULT_CANCELLED },
	{ "Error: UPGRADE FAILED: pre-upgrade hooks failed: 1 error occurred:\n\t* job ess-synapse-check-config failed: BackoffLimitExceeded\n\n\n",
	  "UPGRADE FAILED: pre-upgrade hooks failed: 1 error occurred:; * job ess-synapse-check-config failed: BackoffLimitExceeded",
	  FAULT_HELM_HOOK },
	{ "Error: Unable to continue with install: Service \"ess-synapse\" in namespace \"ess\" exists and cannot be imported into the current release: invalid ownership metadata\n",
	  NULL, FAULT_HELM_FOREIGN },
	{ "Error: Service \"ess-matrix-rtc-sfu-udp-range-0\" is invalid: spec.ports[0].nodePort: Invalid value: 30152: provided port is already allocated\n",
	  NULL, FAULT_HELM_NODEPORT },
	{ "Error: UPGRADE FAILED: cannot patch \"ess-postgres\" with kind StatefulSet: StatefulSet.apps \"ess-postgres\" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas' are forbidden\n",
	  NULL, FAULT_HELM_IMMUTABLE },
	{ "Error: error while running post render on files: failed to invoke post-renderer plugin \"ess-post-render\": plugin \"ess-post-render\" exited with error\n\nUse --debug flag to render out invalid YAML\n",
	  NULL, FAULT_HELM_POST_RENDER },
	{ "Error: error while running post render on files: error while running command /x/ess-engine. error output:\nE-RND-003 m.server is missing\n: exit status 1\n",
	  NULL, FAULT_HELM_POST_RENDER },
	{ "Error: invalid argument \"ess-post-render\" for \"--post-renderer\" flag: plugin: {Name:ess-post-render Type:postrenderer/v1} not found\n",
	  NULL, FAULT_HELM_POST_RENDER },
	{ "Error: UPGRADE FAILED: \"ess\" has no deployed releases\n", NULL, FAULT_HELM_PENDING },
	{ "Error: something new\n", "something new", FAULT_HELM },
	{ "", "-", FAULT_HELM },
};

START_TEST(said)
{
	_cleanup_free_ char *text = helm_said(words[_i].tail);
	ck_assert_int_eq(helm_fault(words[_i].tail), words[_i].fault);
	if (words[_i].said)
		ck_assert_str_eq(text, words[_i].said);
	ck_assert_ptr_null(strstr(text, "Use --debug"));
	ck_assert_ptr_null(strchr(text, '\n'));
}
END_TEST

START_TEST(plugin)
{
	_cleanup_free_ char *yaml = helm_plugin_yaml("/opt/a \"b\"/ess-engine");
	_cleanup_json_ json_t *j = json_parse(yaml, strlen(yaml), FAULT_INTERNAL, "plugin", NULL);
	const json_t *command = json_array_get(json_at(j, "runtimeConfig.platformCommand"), 0);

	ck_assert_str_eq(json_str_at(j, "apiVersion"), "v1");
	ck_assert_str_eq(json_str_at(j, "type"), "postrenderer/v1");
	ck_assert_str_eq(json_str_at(j, "name"), HELM_POST_RENDERER);
	ck_assert_str_eq(json_str_at(command, "command"), "/opt/a \"b\"/ess-engine");
	ck_assert_str_eq(json_string_value(json_array_get(json_at(command, "args"), 0)), "post-render");
}
END_TEST

/* --- a helm that outlived its engine ---------------------------------------------------------------- */

struct orphan {
	pid_t pid;
	int in; /* closing it ends the orphan */
};

static struct orphan start_helm(const char *path, const char *verb, const char *release)
{
	int in[2], out[2];
	char ready;

	ck_assert_int_eq(pipe2(in, O_CLOEXEC) | pipe2(out, O_CLOEXEC), 0);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(in[0], 0);
		dup2(out[1], 1);
		execl(path, "helm", verb, "--install", release, (char *)NULL);
		_exit(127);
	}
	close(in[0]);
	close(out[1]);
	ck_assert_int_eq(read(out[0], &ready, 1), 1);
	close(out[0]);
	return (struct orphan){ pid, in[1] };
}

static void end_helm(struct orphan *o)
{
	close(o->in);
	ck_assert_int_eq(waitpid(o->pid, NULL, 0), o->pid);
}

START_TEST(alive)
{
	static const char script[] = "#!/bin/sh\necho ready\nread line\n";
	_cleanup_free_ char *helm = path_under("/usr/local/bin/helm");
	_cleanup_free_ char *dir = path_under("/usr/local/bin");

	ck_assert(!helm_alive("ess")); /* no helm at all */
	ck_assert_int_eq(fs_mkdir_p(dir, 0755, NULL), 0);
	ck_assert_int_eq(fs_write_atomic(helm, script, strlen(script), 0755, NULL), 0);
	ck_assert(!helm_alive("ess"));
	struct orphan o = start_helm(helm, "upgrade", "ess");
	ck_assert(helm_alive("ess"));
	ck_assert(!helm_alive("es"));
	ck_assert(!helm_alive("cert-manager"));
	end_helm(&o);
	ck_assert(!helm_alive("ess"));
	o = start_helm(helm, "status", "ess"); /* a question holds nobody up */
	ck_assert(!helm_alive("ess"));
	end_helm(&o);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("steps-helm");
	TCase *t = tcase_create("all");

	tcase_add_checked_fixture(t, root_make, root_remove);
	tcase_add_test(t, repair);
	tcase_add_loop_test(t, state, 0, ARRAY_LEN(state_cases));
	tcase_add_test(t, bad_state);
	tcase_add_test(t, chart);
	tcase_add_loop_test(t, said, 0, ARRAY_LEN(words));
	tcase_add_test(t, plugin);
	tcase_add_test(t, alive);
	suite_add_tcase(s, t);
	return unit_run(s);
}
