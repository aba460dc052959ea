/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* How a step runs commands: one way to look, one way to change, the same log for both. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "steps/ctx.h"

#define CAPTURE_MAX ((size_t)32 << 20)
#define QUERY_TIMEOUT_S 120
#define RUN_TIMEOUT_S 600

static void add_proxies(const struct step_ctx *c, char ***env)
{
	const char *proxy = config_str(c->config, "network.proxy");
	const char *no_proxy = config_str(c->config, "network.no_proxy");
	if (!proxy)
		return;
	strv_add(env, xasprintf("HTTPS_PROXY=%s", proxy));
	strv_add(env, xasprintf("HTTP_PROXY=%s", proxy));
	strv_add(env, xasprintf("https_proxy=%s", proxy));
	strv_add(env, xasprintf("http_proxy=%s", proxy));
	if (no_proxy)
		strv_add(env, xasprintf("NO_PROXY=%s", no_proxy));
}

/* "NAME=value", in place of one of that name: of two, shells take the last and libc the first. */
static void set_variable(char ***env, const char *text)
{
	const size_t name = strcspn(text, "=") + 1;
	for (char **v = *env; v && *v; v++)
		if (!strncmp(*v, text, name)) {
			free(*v);
			*v = xstrdup(text);
			return;
		}
	strv_add(env, xstrdup(text));
}

static char *kubeconfig(const struct step_ctx *c)
{
	const char *given = config_str(c->config, "cluster.kubeconfig");
	if (given && !strcmp(config_str(c->config, "cluster.kind"), "existing"))
		return path_under(given);
	return path_under("/etc/rancher/k3s/k3s.yaml");
}

char **ctx_environment(const struct step_ctx *c, const char *const *extra)
{
	_cleanup_free_ char *path = path_commands();
	_cleanup_free_ char *home = path_under("/root");
	_cleanup_free_ char *kube = kubeconfig(c);
	_cleanup_free_ char *cache = path_get(PATH_CACHE);
	_cleanup_free_ char *own = path_get(PATH_STATE_DIR);
	char **env = NULL;

	strv_add(&env, xasprintf("PATH=%s", path));
	strv_add(&env, xasprintf("HOME=%s", home));
	strv_add(&env, xstrdup("LC_ALL=C.UTF-8"));
	strv_add(&env, xasprintf("KUBECONFIG=%s", kube));
	strv_add(&env, xstrdup("DEBIAN_FRONTEND=noninteractive"));
	/* needrestart could restart the very service that runs us (liske/needrestart#68). */
	strv_add(&env, xstrdup("NEEDRESTART_SUSPEND=1"));
	strv_add(&env, xasprintf("HELM_CACHE_HOME=%s/helm", cache));
	strv_add(&env, xasprintf("HELM_CONFIG_HOME=%s/helm/config", own));
	strv_add(&env, xasprintf("HELM_DATA_HOME=%s/helm/data", own));
	strv_add(&env, xasprintf("HELM_PLUGINS=%s/helm/plugins", own));
	add_proxies(c, &env);
	for (; extra && *extra; extra++)
		set_variable(&env, *extra);
	return env;
}

static const char *short_name(const char *argv0)
{
	const char *slash = strrchr(argv0, '/');
	return slash ? slash + 1 : argv0;
}

struct log_arg {
	struct step_ctx *c;
	const char *src;
	char *full; /* the first line that says that the disk is full; NULL: none */
};

static void log_output(void *arg, enum proc_stream stream, const char *line)
{
	struct log_arg *a = arg;
	(void)stream;
	/* glibc's ENOSPC, untranslated since the environment is ours; tar and others say more behind it. */
	if (!a->full && strstr(line, "No space left on device"))
		a->full = xstrdup(line);
	if (*line)
		events_log(a->c->events, a->c->step->id, a->src, line);
}

static void log_command(struct step_ctx *c, const char *const *argv)
{
	_cleanup_free_ char *line = text_join(argv, " ");
	events_log(c->events, c->step->id, "$", line);
}

/* With capture its stdout is the caller's to read, else it goes to the log like stderr. *ret_full (new;
 * or ret_full NULL): the line that says that the disk is full. */
static int execute(struct step_ctx *c, const char *const *argv, const char *const *extra, const char *input,
		   unsigned timeout_s, bool capture, struct proc_result *ret, char **ret_full, struct err *e)
{
	_cleanup_free_ char *path = path_commands();
	_cleanup_strv_ char **env = ctx_environment(c, extra);
	struct log_arg arg = { .c = c, .src = short_name(argv[0]) };
	const struct proc_spec spec = {
		.argv = argv,
		.path = path,
		.env = (const char *const *)env,
		.input = input,
		.input_len = input ? strlen(input) : 0,
		.timeout_s = timeout_s,
		/* helm must end by itself when told to: killed, it leaves its release pending. */
		.grace_s = 30,
		.capture_max = capture ? CAPTURE_MAX : 0,
		.line = log_output,
		.arg = &arg,
		.cancel = c->cancel,
	};
	log_command(c, argv);
	int r = proc_run(&spec, ret, e);
	if (ret_full)
		*ret_full = steal(arg.full);
	free(arg.full);
	return r;
}

int step_query(struct step_ctx *c, const char *const *argv, struct proc_result *ret, struct err *e)
{
	return execute(c, argv, NULL, NULL, QUERY_TIMEOUT_S, true, ret, NULL, e);
}

static json_t *argv_json(const char *const *argv, const struct redact *r)
{
	json_t *a = json_array();
	for (; *argv; argv++) {
		_cleanup_free_ char *safe = redact_text(r, *argv);
		json_array_append_new(a, json_text(safe));
	}
	return a;
}

int step_run_env(struct step_ctx *c, const char *const *argv, const char *const *env, const char *input,
		 unsigned timeout_s, struct proc_result *ret, struct err *e)
{
	struct proc_result own __attribute__((cleanup(proc_result_done))) = { 0 };
	struct proc_result *r = ret ? ret : &own;
	_cleanup_free_ char *full = NULL;

	if (c->dry_run) {
		ctx_plan(c, "commands", argv_json(argv, c->redact));
		*r = (struct proc_result){ .out = xstrdup(""), .last_err = xstrdup("") };
		return 0;
	}
	if (execute(c, argv, env, input, timeout_s ? timeout_s : RUN_TIMEOUT_S, ret != NULL, r, &full, e) < 0)
		return -1;
	if (!ret && r->status != 0)
		return err_set(e, full ? FAULT_NO_SPACE : FAULT_COMMAND_FAILED, N_("%s ended with status %d: %s"),
			       short_name(argv[0]), r->status, full ? full : r->last_err);
	return 0;
}

int step_run(struct step_ctx *c, const char *const *argv, const char *input, unsigned timeout_s,
	     struct proc_result *ret, struct err *e)
{
	return step_run_env(c, argv, NULL, input, timeout_s, ret, e);
}

int step_talk(struct step_ctx *c, const char *const *argv, const struct talk_turn *turns, int *ret_status,
	      char **ret_said, struct err *e)
{
	_cleanup_free_ char *path = path_commands();
	_cleanup_strv_ char **env = ctx_environment(c, NULL);
	const struct talk_spec spec = {
		.argv = argv,
		.path = path,
		.env = (const char *const *)env,
		.turns = turns,
		.cancel = c->cancel,
	};
	*ret_status = 0;
	*ret_said = NULL;
	if (c->dry_run) {
		ctx_plan(c, "commands", argv_json(argv, c->redact));
		return 1;
	}
	log_command(c, argv);
	return talk_run(&spec, ret_status, ret_said, e);
}
