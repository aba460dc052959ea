/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* render -o DIR: every generated file under its own name, from the config and what is known. */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "engine/engine.h"
#include "model/exit.h"
#include "model/paths.h"
#include "steps/generated.h"

/* Before the first run nobody has looked yet: what is taken for granted instead, and said so in
 * the answer. 192.0.2.1 is kept for documentation (RFC 5737). */
static const struct {
	const char *fact, *value;
} assumptions[] = {
	{ "cluster.internal_address", "10.43.0.53" },
	{ "cluster.pod_cidr", "10.42.0.0/16" },
	{ "cluster.service_cidr", "10.43.0.0/16" },
	{ "machine.address", "192.0.2.10" },
	{ "machine.arch", "amd64" },
	{ "public.address", "192.0.2.1" },
};

static json_t *assume(json_t *facts)
{
	json_t *assumed = json_object();
	for (size_t i = 0; i < ARRAY_LEN(assumptions); i++) {
		if (json_object_get(facts, assumptions[i].fact))
			continue;
		json_object_set_new(facts, assumptions[i].fact, json_string(assumptions[i].value));
		json_object_set_new(assumed, assumptions[i].fact, json_string(assumptions[i].value));
	}
	return assumed;
}

static int render_one(struct session *s, const struct generated *g, const char *dir, struct err *e)
{
	const struct step pretend = { .id = g->name, .inputs = g->inputs };
	_cleanup_free_ char *path = xasprintf("%s/%s", dir, g->name);

	ctx_begin(&s->ctx, &pretend);
	_cleanup_free_ char *text = g->build(&s->ctx, e);
	return text ? fs_write_atomic(path, text, strlen(text), 0644, e) : -1;
}

static int render_all(struct session *s, const char *dir, struct err *e)
{
	_cleanup_json_ json_t *files = json_array();
	_cleanup_json_ json_t *assumed = assume(state_facts(&s->state));

	if (fs_mkdir_p(dir, 0755, e) < 0)
		return -1;
	for (const struct generated *g = generated_table; g->name; g++) {
		if (render_one(s, g, dir, e) < 0)
			return -1;
		json_array_append_new(files, json_string(g->name));
	}
	_cleanup_json_ json_t *answer = json_pack("{s:O, s:O}", "files", files, "assumed", assumed);
	_cleanup_free_ char *text = json_pretty(answer);
	fputs(text, stdout);
	return 0;
}

int engine_render(int argc, char **argv)
{
	struct session s = { 0 };
	struct err e = ERR_INIT;

	if (argc != 3 || strcmp(argv[1], "-o")) {
		err_set(&e, FAULT_USAGE, N_("render needs -o DIR"));
		return engine_fail(&e);
	}
	int r = session_open(&s, true, &e);
	if (r == 0)
		r = render_all(&s, argv[2], &e);
	session_done(&s);
	return r < 0 ? engine_fail(&e) : EXIT_OK;
}
