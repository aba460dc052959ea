/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What a step may know: its declared inputs, and nothing else. */
#include "steps/ctx.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "steps/fetch.h"

static char **list_to_strv(const json_t *list)
{
	char **v = NULL;
	for (size_t i = 0; i < json_array_size(list); i++)
		strv_add(&v, xstrdup(json_string_value(json_array_get(list, i))));
	return v;
}

/* Who names a mirror by http:// means it; what comes from there is checked by its digest. */
static bool wants_http(const struct config *config)
{
	size_t n;
	const struct key *k = keys(&n);
	for (size_t i = 0; i < n; i++) {
		const char *value = text_starts(k[i].name, "mirrors.") ? config_str(config, k[i].name)
								       : NULL;
		if (value && text_starts(value, "http://"))
			return true;
	}
	return false;
}

void ctx_init(struct step_ctx *c, const struct config *config, struct secrets *secrets, json_t *facts)
{
	c->config = config;
	c->secrets = secrets;
	c->facts = facts;
	c->connect_to = list_to_strv(config_list(config, "network.connect_to"));
	c->redact = redact_new();
	if (secrets)
		secrets_redact(secrets, c->redact);
	const struct http_opts opts = {
		.proxy = config_str(config, "network.proxy"),
		.no_proxy = config_str(config, "network.no_proxy"),
		.ca_file = config_str(config, "network.ca_file"),
		.connect_to = (const char *const *)c->connect_to,
		.cancel = c->cancel,
		.allow_http = wants_http(config),
		.give_way = c->give_way,
		.progress = ctx_http_progress,
		.arg = c,
	};
	c->http = http_new(&opts);
}

void ctx_done(struct step_ctx *c)
{
	fetch_end(c);
	c->http = http_free(c->http);
	c->redact = redact_free(c->redact);
	strv_free(c->connect_to);
	json_decref(c->found);
	free(c->note);
	*c = (struct step_ctx){ 0 };
}

void ctx_begin(struct step_ctx *c, const struct step *step)
{
	c->step = step;
	json_decref(c->found);
	c->found = json_object();
	free(c->note);
	c->note = NULL;
	c->last_progress_ms = 0;
}

/* "config:ports.*" declares "config:ports.https". */
static bool declares(const char *input, const char *kind, const char *name)
{
	size_t k = strlen(kind);
	if (strncmp(input, kind, k) || input[k] != ':')
		return false;
	input += k + 1;
	if (text_ends(input, ".*"))
		return !strncmp(input, name, strlen(input) - 1);
	return !strcmp(input, name);
}

void ctx_require(const struct step_ctx *c, const char *kind, const char *name)
{
	for (const char *const *in = c->step->inputs; in && *in; in++)
		if (declares(*in, kind, name))
			return;
	/* A mistake of the step's author: the digest would not notice a change of this value. */
	fprintf(stderr, "step %s reads %s:%s without declaring it\n", c->step->id, kind, name);
	abort();
}

static const char *request_word(const struct step_ctx *c, const char *name)
{
	if (!c->request)
		return NULL;
	return !strcmp(name, "bundle") ? c->request->bundle : !strcmp(name, "arch") ? c->request->arch : NULL;
}

static json_t *input_value(struct step_ctx *c, const char *input)
{
	const char *name = strchr(input, ':') + 1;
	if (text_starts(input, "request:")) {
		const char *s = request_word(c, name);
		return s ? json_text(s) : json_null();
	}
	if (text_starts(input, "config:"))
		return config_json(c->config, name);
	if (text_starts(input, "secret:")) {
		const char *s = c->secrets ? secrets_get(c->secrets, name) : NULL;
		return s ? json_text(s) : json_null();
	}
	json_t *fact = json_object_get(c->facts, name);
	return fact ? json_incref(fact) : json_null();
}

static void add_wildcard(struct step_ctx *c, json_t *inputs, const char *input)
{
	_cleanup_free_ char *prefix = xstrndup(input, strlen(input) - 1);
	const char *colon = strchr(prefix, ':') + 1;
	if (text_starts(prefix, "config:")) {
		size_t n;
		const struct key *k = keys(&n);
		for (size_t i = 0; i < n; i++)
			if (text_starts(k[i].name, colon) && !(k[i].flags & KEY_SECRET))
				json_object_set_new(inputs, k[i].name, config_json(c->config, k[i].name));
		return;
	}
	const char *name;
	json_t *v;
	json_object_foreach(c->facts, name, v)
		if (text_starts(name, colon))
			json_object_set(inputs, name, v);
}

char *ctx_digest(struct step_ctx *c, const struct step *step)
{
	static const unsigned char no_key[CRYPTO_KEY_LEN];
	_cleanup_json_ json_t *all =
		json_pack("{s:s, s:i, s:{}}", "id", step->id, "version", (int)step->version, "inputs");
	json_t *inputs = json_object_get(all, "inputs");

	for (const char *const *in = step->inputs; in && *in; in++) {
		if (text_ends(*in, ".*"))
			add_wildcard(c, inputs, *in);
		else
			json_object_set_new(inputs, *in, input_value(c, *in));
	}
	_cleanup_secret_ char *text = json_canonical(all);
	return crypto_hmac(c->secrets ? secrets_digest_key(c->secrets) : no_key, text, strlen(text));
}

/* --- inputs ----------------------------------------------------------------------------------- */

const char *step_str(struct step_ctx *c, const char *key)
{
	ctx_require(c, "config", key);
	return config_str(c->config, key);
}

long step_int(struct step_ctx *c, const char *key)
{
	ctx_require(c, "config", key);
	return config_int(c->config, key);
}

bool step_bool(struct step_ctx *c, const char *key)
{
	ctx_require(c, "config", key);
	return config_bool(c->config, key);
}

const json_t *step_list(struct step_ctx *c, const char *key)
{
	ctx_require(c, "config", key);
	return config_list(c->config, key);
}

char *step_host(struct step_ctx *c, const char *which)
{
	_cleanup_free_ char *key = xasprintf("domains.%s", which);
	ctx_require(c, "config", key);
	ctx_require(c, "config", "domains.server_name");
	return config_host(c->config, which);
}

const char *step_secret(struct step_ctx *c, const char *name)
{
	ctx_require(c, "secret", name);
	return c->secrets ? secrets_get(c->secrets, name) : NULL;
}

const json_t *step_fact_json(struct step_ctx *c, const char *name)
{
	ctx_require(c, "fact", name);
	return json_object_get(c->facts, name);
}

const char *step_fact(struct step_ctx *c, const char *name)
{
	return json_string_value(step_fact_json(c, name));
}

const char *step_request(struct step_ctx *c, const char *name)
{
	ctx_require(c, "request", name);
	return request_word(c, name);
}

int step_secret_set(struct step_ctx *c, const char *name, const char *value, struct err *e)
{
	ctx_require(c, "secret", name);
	if (c->dry_run)
		return 0;
	redact_add(c->redact, value);
	return secrets_set(c->secrets, name, value, e);
}

void step_fact_set_json(struct step_ctx *c, const char *name, json_t *value)
{
	json_object_set(c->found, name, value);
	json_object_set_new(c->facts, name, value);
}

void step_fact_set(struct step_ctx *c, const char *name, const char *value)
{
	step_fact_set_json(c, name, json_text(value));
}

void step_note(struct step_ctx *c, const char *text)
{
	free(c->note);
	c->note = text_clean(text, strlen(text));
}

bool step_dry_run(struct step_ctx *c)
{
	return c->dry_run;
}

bool step_rehearse(struct step_ctx *c)
{
	return c->rehearse;
}

bool step_cancelled(struct step_ctx *c)
{
	return c->cancel && *c->cancel;
}

void ctx_plan(struct step_ctx *c, const char *list, json_t *item)
{
	if (!c->dry_run || !c->plan) {
		json_decref(item);
		return;
	}
	json_t *a = json_object_get(c->plan, list);
	if (!a) {
		a = json_array();
		json_object_set_new(c->plan, list, a);
	}
	json_array_append_new(a, item);
}
