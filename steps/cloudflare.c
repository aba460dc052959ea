/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Calls and shapes: developers.cloudflare.com/api, resources dns and zones; walking up the labels
 * as cert-manager does (pkg/issuer/acme/dns/cloudflare). */
#include "steps/cloudflare.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"

#define API "https://api.cloudflare.com/client/v4"
#define PER_PAGE 100
#define PAGES_MAX 50
/* "exceeding blocks all calls for 5 min" (fundamentals/reference/limits) */
#define PAUSE_MAX_S 300
#define PAUSES 2
#define PROOF "ess-setup-check="
#define PROOF_NAME "_ess-setup-check"
#define COMMENT "ess-setup"

struct pause {
	time_t begun;
	long seconds;
};

void cf_zone_done(struct cf_zone *z)
{
	free(z->id);
	free(z->name);
	free(z->account);
	json_decref(z->servers);
	*z = (struct cf_zone){ 0 };
}

/* --- one request -------------------------------------------------------------------------------- */

static int paused(struct step_ctx *c, void *arg, char **ret_seen, struct err *e)
{
	const struct pause *p = arg;
	*ret_seen = NULL;
	step_progress(c, -1, N_("Cloudflare asks for a pause of %ld seconds"), p->seconds);
	return time(NULL) < p->begun || time(NULL) >= p->begun + p->seconds;
}

/* True after the pause that the answer asks for; false when it asks for none that can be waited for. */
static bool pause_for(const struct cf *cf, const struct http_response *r)
{
	const char *after = http_header(r, "retry-after");
	struct pause p = { .begun = time(NULL) };
	if (r->status != 429 || !after || !text_to_long(after, 0, PAUSE_MAX_S, &p.seconds))
		return false;
	return step_wait(cf->c, PAUSE_MAX_S + 10, 500, FAULT_CF_RATE_LIMIT, paused, &p, NULL) == 0;
}

/* One request; *ret_body is new, and NULL in a dry run that changes something. An enum cf_result,
 * or -1. */
static int call(const struct cf *cf, const char *method, const char *path, const json_t *body,
		json_t **ret_body, struct err *e)
{
	struct http_response r _cleanup_http_ = { 0 };
	_cleanup_secret_ char *authorization = xasprintf("Authorization: Bearer %s", cf->token);
	_cleanup_free_ char *url = xasprintf(API "%s", path);
	_cleanup_free_ char *what = xasprintf("%s %s", method, path);
	_cleanup_free_ char *text = body ? json_canonical(body) : NULL;
	const bool writing = strcmp(method, "GET") != 0;
	const struct http_request rq = {
		.method = method,
		.url = url,
		.headers = (const char *[]){ authorization, "Content-Type: application/json",
					     NULL },
		.body = text,
	};
	*ret_body = NULL;
	for (int pauses = 0;; pauses++) {
		if ((writing ? step_http_change : step_http)(cf->c, &rq, &r, e) < 0)
			return -1;
		/* What was refused for its rate was not done: it may be asked for again. */
		if (pauses == PAUSES || !pause_for(cf, &r))
			break;
		http_response_done(&r);
	}
	if (writing && step_dry_run(cf->c))
		return CF_OK;
	*ret_body = json_parse(r.body, r.len, FAULT_CF_DOWN, what, NULL);
	if (r.status >= 400)
		step_log(cf->c, "%s: %ld %s", what, r.status, r.body);
	return cf_judge(r.status, *ret_body, writing, what, e);
}

/* --- zones ------------------------------------------------------------------------------------ */

/* The API's own words on a token that it refuses; only worth asking once something failed. */
static int explain_refusal(const struct cf *cf, const struct err *seen, struct err *e)
{
	_cleanup_json_ json_t *body = NULL;
	const bool unclear = seen->fault == FAULT_CF_AUTH || seen->fault == FAULT_CF_TOKEN_REFUSED;
	const char *status = unclear && call(cf, "GET", "/user/tokens/verify", NULL, &body, NULL) ==
						     CF_OK
				     ? json_str_at(body, "result.status")
				     : NULL;
	if (status && strcmp(status, "active"))
		return err_set(e, FAULT_CF_TOKEN_UNKNOWN,
			       N_("Cloudflare says that the token is %s"), status);
	if (e && !err_is_set(e))
		*e = *seen;
	return -1;
}

static bool is_about_zone(enum fault f)
{
	return f == FAULT_CF_ZONE_READ || f == FAULT_CF_AUTH || f == FAULT_CF_TOKEN_REFUSED;
}

static int read_zone(const json_t *zone, struct cf_zone *ret, struct err *e)
{
	const char *id = json_str_at(zone, "id"), *name = json_str_at(zone, "name");
	const char *status = json_str_at(zone, "status"),
		   *account = json_str_at(zone, "account.id");
	if (!id || !name)
		return err_set(e, FAULT_CF_DOWN, N_("Cloudflare shows a zone without id or name"));
	if (status && strcmp(status, "active"))
		return err_set(e, FAULT_CF_ZONE_PENDING, N_("the zone %s is %s"), name, status);
	*ret = (struct cf_zone){ .id = xstrdup(id),
				 .name = xstrdup(name),
				 .account = account ? xstrdup(account) : NULL,
				 .servers = json_incref(json_at(zone, "name_servers")) };
	return 0;
}

int cf_zone_find(const struct cf *cf, const char *name, struct cf_zone *ret, struct err *e)
{
	struct err first = ERR_INIT;
	/* A token for one zone answers to another name with a refusal: so the walk goes on after
	 * it. */
	for (const char *at = name; strchr(at, '.'); at = strchr(at, '.') + 1) {
		_cleanup_json_ json_t *body = NULL;
		_cleanup_free_ char *path = xasprintf("/zones?name=%s", at);
		struct err seen = ERR_INIT;
		if (call(cf, "GET", path, NULL, &body, &seen) == CF_OK) {
			const json_t *zone = json_array_get(json_at(body, "result"), 0);
			if (zone)
				return read_zone(zone, ret, e);
		} else if (!is_about_zone(seen.fault)) {
			if (e && !err_is_set(e))
				*e = seen;
			return -1;
		} else if (!err_is_set(&first)) {
			first = seen;
		}
	}
	if (err_is_set(&first))
		return explain_refusal(cf, &first, e);
	return err_set(e, FAULT_CF_NO_ZONE, N_("Cloudflare shows no zone for %s"), name);
}

/* --- records ---------------------------------------------------------------------------------- */

static int list(const struct cf *cf, const char *zone_id, const char *filter, json_t **ret,
		struct err *e)
{
	_cleanup_json_ json_t *all = json_array();
	for (int page = 1; page <= PAGES_MAX; page++) {
		_cleanup_json_ json_t *body = NULL;
		_cleanup_free_ char *path = xasprintf("/zones/%s/dns_records?per_page=%d&page=%d%s",
						      zone_id, PER_PAGE, page, filter);
		if (call(cf, "GET", path, NULL, &body, e) != CF_OK)
			return err_set(e, FAULT_CF_OTHER,
				       N_("Cloudflare does not list the records"));
		json_array_extend(all, json_at(body, "result"));
		if (page >= json_int_at(body, "result_info.total_pages", 1))
			break;
	}
	*ret = steal(all);
	return 0;
}

int cf_records(const struct cf *cf, const char *zone_id, json_t **ret, struct err *e)
{
	return list(cf, zone_id, "", ret, e);
}

int cf_create(const struct cf *cf, const char *zone_id, json_t *record, char **ret_id,
	      struct err *e)
{
	_cleanup_json_ json_t *own = record, *body = NULL;
	_cleanup_free_ char *path = xasprintf("/zones/%s/dns_records", zone_id);
	*ret_id = NULL;
	if (call(cf, "POST", path, own, &body, e) < 0)
		return -1;
	const char *id = json_str_at(body, "result.id");
	*ret_id = id ? xstrdup(id) : NULL;
	return 0;
}

int cf_patch(const struct cf *cf, const char *zone_id, const char *id, json_t *change,
	     struct err *e)
{
	_cleanup_json_ json_t *own = change, *body = NULL;
	_cleanup_free_ char *path = xasprintf("/zones/%s/dns_records/%s", zone_id, id);
	return call(cf, "PATCH", path, own, &body, e) < 0 ? -1 : 0;
}

int cf_delete(const struct cf *cf, const char *zone_id, const char *id, struct err *e)
{
	_cleanup_json_ json_t *body = NULL;
	_cleanup_free_ char *path = xasprintf("/zones/%s/dns_records/%s", zone_id, id);
	return call(cf, "DELETE", path, NULL, &body, e) < 0 ? -1 : 0;
}

/* --- proof ------------------------------------------------------------------------------------ */

/* Ours by comment, name and content; content NULL: of whatever run. Returns how many there are, and
 * deletes them on demand. */
static int find_proofs(const struct cf *cf, const char *zone_id, const char *want, bool drop,
		       struct err *e)
{
	_cleanup_json_ json_t *records = NULL;
	int n = 0;
	size_t i;
	json_t *r;
	if (list(cf, zone_id, "&type=TXT", &records, e) < 0)
		return -1;
	json_array_foreach(records, i, r) {
		const char *id = json_str_at(r, "id"), *name = json_str_at(r, "name");
		const char *content = json_str_at(r, "content"), *comment = json_str_at(r, "comment");
		if (!id || !name || !content || !text_starts(name, PROOF_NAME) ||
		    !strstr(content, want ? want : PROOF) || !comment || strcmp(comment, COMMENT))
			continue;
		n++;
		if (drop && cf_delete(cf, zone_id, id, e) < 0)
			return -1;
	}
	return n;
}

static int show_proof(const struct cf *cf, const char *zone_id, const char *name, const char *content,
		      cf_proof_fn fn, void *arg, struct err *e)
{
	int n = find_proofs(cf, zone_id, content, false, e);
	if (n == 0)
		return err_set(e, FAULT_CF_TXT_LOST,
			       N_("the TXT record %s was accepted but is not listed"), name);
	return n < 0 || !fn ? n : fn(cf->c, name, content, arg, e);
}

int cf_prove_write(const struct cf *cf, const char *zone_id, const char *domain, cf_proof_fn fn,
		   void *arg, struct err *e)
{
	_cleanup_free_ char *nonce = crypto_uuid(e);
	_cleanup_free_ char *name = xasprintf(PROOF_NAME "-%.8s.%s", nonce ? nonce : "", domain);
	_cleanup_free_ char *content = xasprintf(PROOF "%s", nonce ? nonce : "");
	_cleanup_free_ char *quoted = xasprintf("\"%s\"", content);
	_cleanup_free_ char *id = NULL;

	if (!nonce || find_proofs(cf, zone_id, NULL, true, e) < 0 ||
	    cf_create(cf, zone_id,
		      json_pack("{s:s, s:s, s:s, s:i, s:s}", "type", "TXT", "name", name, "content",
				quoted, "ttl", 60, "comment", COMMENT),
		      &id, e) < 0)
		return -1;
	if (step_dry_run(cf->c))
		return 0;
	int shown = show_proof(cf, zone_id, name, content, fn, arg, e);
	int gone = find_proofs(cf, zone_id, content, true, e);
	return shown < 0 || gone < 0 ? -1 : 0;
}
