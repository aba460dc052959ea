/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* probe: what the steps find, without changing anything. Alone it asks every step of the job; with
 * token, dns or ports it looks at answers that are still being given: {"config": {...}, "token": "..."}
 * on stdin, and on stdout {"results": [{key, ok, msgid, args} | {key, ok, error}]}. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "engine/engine.h"
#include "model/events.h"
#include "model/exit.h"
#include "model/paths.h"
#include "steps/address.h"
#include "steps/cloudflare.h"
#include "steps/lan.h"
#include "steps/machine.h"
#include "steps/steps.h"

#define INPUT_MAX ((size_t)1 << 20)

/* --- answers ---------------------------------------------------------------------------------- */

static void add_good(json_t *results, const char *key, const char *msgid, const char *a, const char *b)
{
	json_t *args = json_pack("[s]", a);

	if (b)
		json_array_append_new(args, json_text(b));
	json_array_append_new(results, json_pack("{s:s, s:b, s:s, s:o}", "key", key, "ok", 1, "msgid", msgid, "args",
						 args));
}

static void add_bad(json_t *results, const char *key, const struct err *e)
{
	json_array_append_new(results, json_pack("{s:s, s:b, s:o}", "key", key, "ok", 0, "error", events_error(e)));
}

/* --- token ------------------------------------------------------------------------------------ */

static void look_at_token(struct step_ctx *c, const char *token, json_t *results)
{
	struct cf_zone zone = { 0 };
	struct err e = ERR_INIT;

	ctx_begin(c, &step_dns);
	const struct cf cf = { c, token ? token : c->secrets ? secrets_get(c->secrets, "cloudflare.token") : NULL };
	const char *name = step_str(c, "domains.server_name");
	if (cf_token_check(cf.token, &e) == 0 && name && cf_zone_find(&cf, name, &zone, &e) == 0)
		add_good(results, "cloudflare.token", N_("The token can read the zone %s. Whether it may write is tried by Check in the menu."),
			 zone.name, NULL);
	else if (err_is_set(&e)) {
		redact_err(c->redact, &e);
		add_bad(results, "cloudflare.token", &e);
	}
	cf_zone_done(&zone);
}

/* --- dns -------------------------------------------------------------------------------------- */

static void look_at_host(struct step_ctx *c, const char *key, const char *host, const char *public, json_t *results)
{
	const json_t *resolvers = step_list(c, "network.resolvers");
	const size_t n = json_array_size(resolvers);
	struct address_seen *seen;
	struct err e = ERR_INIT;

	if (address_ask(c, resolvers, host, &seen, &e) < 0)
		return;
	/* Behind Cloudflare's proxy there are several: any will do. */
	_cleanup_free_ char *address = NULL;
	for (size_t i = 0; i < n && !address; i++)
		if (seen[i].kind == ADDRESS_FOUND)
			address = xstrdup(seen[i].addresses[0]);
	if (!address)
		free(address_judge(seen, n, host, &e));
	address_free(seen, n);
	if (!address && config_bool(c->config, "dns.manage"))
		add_good(results, key, N_("%s will be made at Cloudflare."), host, NULL);
	else if (!address)
		add_bad(results, key, &e);
	else if (public && strcmp(address, public))
		add_good(results, key, N_("%s leads to %s, not to the public address."), host, address);
	else
		add_good(results, key, N_("%s leads to %s."), host, address);
}

static void look_at_names(struct step_ctx *c, const char *token, json_t *results)
{
	static const char *const hosts[] = { "synapse", "auth", "rtc", "web", "admin" };
	struct err e = ERR_INIT;

	(void)token;
	ctx_begin(c, &step_public_address);
	const char *server = step_str(c, "domains.server_name");
	if (!server)
		return;
	const json_t *resolvers = step_list(c, "network.resolvers");
	struct address_seen *seen;
	_cleanup_free_ char *ip = xasprintf("ip.%s", server), *address = NULL;
	if (address_ask(c, resolvers, ip, &seen, &e) < 0)
		return;
	address = address_judge(seen, json_array_size(resolvers), ip, &e);
	address_free(seen, json_array_size(resolvers));
	if (address && address_is_public(address, ip, &e) == 0)
		add_good(results, "domains.server_name", N_("%s leads to %s."), ip, address);
	else
		add_bad(results, "domains.server_name", &e);
	for (size_t i = 0; i < ARRAY_LEN(hosts) && !engine_cancelled; i++) {
		_cleanup_free_ char *host = config_host(c->config, hosts[i]);
		_cleanup_free_ char *key = xasprintf("domains.%s", hosts[i]);
		if (host)
			look_at_host(c, key, host, address, results);
	}
}

/* --- ports ------------------------------------------------------------------------------------ */

static void port_used(void *arg, const char *key, const struct err *e)
{
	/* What K3s itself needs belongs to none of the answers. */
	add_bad(arg, key ? key : "ports.http", e);
}

static void look_at_ports(struct step_ctx *c, const char *token, json_t *results)
{
	(void)token;
	ctx_begin(c, &step_preflight);
	/* Later they belong to K3s itself. */
	if (strcmp(step_str(c, "cluster.kind"), "existing") && !machine_has_k3s())
		lan_ports_used(c, port_used, results);
}

/* --- what is asked ---------------------------------------------------------------------------- */

static int read_input(struct session *s, char **ret_token, struct err *e)
{
	_cleanup_secret_ char *text = xcalloc(INPUT_MAX, 1);
	size_t len = 0;
	ssize_t n;

	while (len < INPUT_MAX && (n = read(STDIN_FILENO, text + len, INPUT_MAX - len)) > 0)
		len += (size_t)n;
	_cleanup_json_ json_t *input = json_parse(text, len, FAULT_CONFIG_BAD, "stdin", e);
	if (!input || config_take(&s->config, json_object_get(input, "config"), "stdin", e) < 0)
		return -1;
	const char *token = json_str_at(input, "token");
	*ret_token = token && *token ? xstrdup(token) : NULL;
	return 0;
}

static int probe_answers(void (*look)(struct step_ctx *, const char *token, json_t *results))
{
	struct session s = { 0 };
	struct err e = ERR_INIT;
	_cleanup_free_ char *key = path_get(PATH_KEY);
	_cleanup_secret_ char *token = NULL;
	_cleanup_json_ json_t *facts = json_object();
	json_t *results = json_array();
	_cleanup_json_ json_t *answer = json_pack("{s:o}", "results", results);

	if (read_input(&s, &token, &e) < 0) {
		session_done(&s);
		return engine_fail(&e);
	}
	if (fs_exists(key))
		s.secrets = secrets_open(NULL);
	s.ctx.cancel = &engine_cancelled;
	s.ctx.dry_run = true;
	ctx_init(&s.ctx, &s.config, s.secrets, facts);
	redact_add(s.ctx.redact, token ? token : "");
	look(&s.ctx, token, results);
	engine_print(answer);
	session_done(&s);
	return EXIT_OK;
}

/* --- every step ------------------------------------------------------------------------------- */

static void probe_step(struct session *s, const struct step *step, json_t *o)
{
	static const char *const words[] = {
		[STEP_ABSENT] = "absent",
		[STEP_DIFFERENT] = "different",
		[STEP_PRESENT] = "present",
	};
	struct err e = ERR_INIT;
	enum step_found found = STEP_ABSENT;

	ctx_begin(&s->ctx, step);
	if (step->check(&s->ctx, &found, &e) < 0) {
		redact_err(s->ctx.redact, &e);
		json_object_set_new(o, "error", events_error(&e));
	} else
		json_object_set_new(o, "found", json_string(words[found]));
}

static int probe_steps(void)
{
	struct session s;
	struct err e = ERR_INIT;

	if (session_open(&s, true, &e) < 0) {
		session_done(&s);
		return engine_fail(&e);
	}
	_cleanup_json_ json_t *steps = json_array();
	for (const struct step *const *st = s.job->steps; *st && !engine_cancelled; st++) {
		json_t *o = engine_step_head(*st);
		json_array_append_new(steps, o);
		probe_step(&s, *st, o);
	}
	engine_print(steps);
	session_done(&s);
	return EXIT_OK;
}

int engine_probe(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*look)(struct step_ctx *, const char *token, json_t *results);
	} looks[] = { { "token", look_at_token }, { "dns", look_at_names }, { "ports", look_at_ports } };

	if (argc < 2)
		return probe_steps();
	for (size_t i = 0; i < ARRAY_LEN(looks); i++)
		if (argc == 2 && !strcmp(argv[1], looks[i].name))
			return probe_answers(looks[i].look);
	fputs("usage: ess-engine probe [token|dns|ports]\n", stderr);
	return EXIT_INVALID;
}
