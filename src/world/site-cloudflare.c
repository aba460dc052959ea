/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* api.cloudflare.com, version 4: one zone, its records, and the token. The knob "cloudflare.mode"
 * makes the token one of those that users come with. The zone is what the DNS stand-in answers
 * from. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/http.h"

#define BASE "/client/v4"

static void ok(struct response *r, json_t *result, json_t *info)
{
	json_t *j = json_pack("{s:b, s:[], s:[], s:o}", "success", 1, "errors", "messages",
			      "result", result);
	if (info)
		json_object_set_new(j, "result_info", info);
	reply_json(r, 200, j);
}

static void refuse(struct response *r, int status, int code, const char *message)
{
	reply_json(r, status,
		   json_pack("{s:b, s:[{s:i, s:s}], s:[], s:n}", "success", 0, "errors", "code",
			     code, "message", message, "messages", "result"));
}

/* Cloudflare's answer to a token that it refuses; true when it did. */
static bool refused_token(const struct request *rq, struct response *r, const char *token,
			  const char *mode)
{
	const char *given = request_header(rq, "authorization");
	_cleanup_free_ char *bearer = xasprintf("Bearer %s", token);
	if (!given) {
		refuse(r, 400, 1001, "Missing \"Authorization\" header");
	} else if (strcmp(mode, "malformed") == 0) {
		reply_json(r, 400,
			   json_pack("{s:b, s:[{s:i, s:s, s:[{s:i, s:s}]}], s:[], s:n}", "success",
				     0, "errors", "code", 6003, "message",
				     "Invalid request headers", "error_chain", "code", 6111,
				     "message", "Invalid format for Authorization header",
				     "messages", "result"));
	} else if (strcmp(mode, "unknown") == 0 || strcmp(given, bearer) != 0) {
		refuse(r, 403, 9109, "Invalid access token");
	} else if (strcmp(mode, "ip-filter") == 0) {
		refuse(r, 403, 9109, "Cannot use the access token from location: 203.0.113.7");
	} else if (strcmp(mode, "rate-limit") == 0) {
		refuse(r, 429, 971, "Please wait and consider throttling your request speed");
		reply_header(r, "Retry-After: 1");
	} else {
		return false;
	}
	return true;
}

static void verify(struct response *r, const char *mode)
{
	if (strcmp(mode, "account-owned") == 0) {
		refuse(r, 401, 1000, "Invalid API Token");
		return;
	}
	json_t *j = json_pack("{s:b, s:[], s:[{s:i, s:s, s:n}], s:{s:s, s:s}}", "success", 1,
			      "errors", "messages", "code", 10000, "message",
			      "This API Token is valid and active", "type", "result", "id",
			      "0f4e8c0d5a1b4f3e9c2d7a6b5e4f3a2b", "status",
			      strcmp(mode, "disabled") == 0 ? "disabled" : "active");
	reply_json(r, 200, j);
}

static void zones(const struct request *rq, struct response *r, const json_t *dns, const char *mode)
{
	_cleanup_free_ char *name = request_query(rq, "name");
	const char *zone = json_str_at(dns, "zone");
	json_t *list = json_array();
	bool hit = !name || strcmp(name, zone) == 0;
	if (strcmp(mode, "no-zone-read") == 0 || (!hit && strcmp(mode, "zone-scoped") == 0)) {
		json_decref(list);
		refuse(r, 403, 0,
		       "Actor 'com.cloudflare.api.token.0f4e8c0d5a1b4f3e' requires permission "
		       "'com.cloudflare.api.account.zone.list' to list zones");
		return;
	}
	if (hit && strcmp(mode, "no-zone") != 0)
		json_array_append_new(
			list,
			json_pack("{s:s, s:s, s:s, s:b, s:s, s:[s, s], s:{s:s, s:s}}", "id",
				  json_str_at(dns, "zone_id"), "name", zone, "status",
				  strcmp(mode, "zone-pending") == 0 ? "pending" : "active",
				  "paused", 0, "type", "full", "name_servers",
				  "ada.ns.cloudflare.com", "bob.ns.cloudflare.com", "account", "id",
				  "1a2b3c4d5e6f708192a3b4c5d6e7f809", "name", "Rehearsal"));
	json_int_t n = (json_int_t)json_array_size(list);
	ok(r, list,
	   json_pack("{s:i, s:i, s:I, s:I, s:i}", "page", 1, "per_page", 20, "count", n,
		     "total_count", n, "total_pages", 1));
}

/* --- records --- */

static bool same(const json_t *record, const char *member, const char *want)
{
	const char *have = json_str_at(record, member);
	return !want || (have && strcasecmp(have, want) == 0);
}

static void list(const struct request *rq, struct response *r, const json_t *dns)
{
	_cleanup_free_ char *type = request_query(rq, "type"), *name = request_query(rq, "name");
	_cleanup_free_ char *per = request_query(rq, "per_page"),
			    *page_text = request_query(rq, "page");
	_cleanup_free_ char *content = request_query(rq, "content");
	size_t size = per ? (size_t)atoi(per) : 100, page = page_text ? (size_t)atoi(page_text) : 1,
	       i;
	_cleanup_json_ json_t *hits = json_array();
	json_t *rec, *out = json_array();
	json_array_foreach(json_object_get(dns, "records"), i, rec)
		if (same(rec, "type", type) && same(rec, "name", name) &&
		    same(rec, "content", content))
			json_array_append(hits, rec);
	for (i = (page - 1) * size; i < json_array_size(hits) && i < page * size; i++)
		json_array_append(out, json_array_get(hits, i));
	size_t total = json_array_size(hits);
	ok(r, out,
	   json_pack("{s:I, s:I, s:I, s:I, s:I}", "page", (json_int_t)page, "per_page",
		     (json_int_t)size, "count", (json_int_t)json_array_size(out), "total_count",
		     (json_int_t)total, "total_pages",
		     (json_int_t)((total + size - 1) / (size ? size : 1))));
}

/* Fills in what Cloudflare adds, and makes the content of an SRV record from its data. */
static void complete(json_t *rec)
{
	_cleanup_free_ char *now = world_now();
	const char *type = json_str_at(rec, "type");
	bool proxiable =
		strcmp(type, "A") == 0 || strcmp(type, "AAAA") == 0 || strcmp(type, "CNAME") == 0;
	if (!json_object_get(rec, "id")) {
		_cleanup_free_ char *uuid = crypto_uuid(NULL);
		_cleanup_free_ char *sum = crypto_sha256(uuid, strlen(uuid));
		_cleanup_free_ char *id = xstrndup(sum, 32);
		json_object_set_new(rec, "id", json_string(id));
		json_object_set_new(rec, "created_on", json_string(now));
	}
	json_object_set_new(rec, "modified_on", json_string(now));
	json_object_set_new(rec, "proxiable", json_boolean(proxiable));
	static const char *const defaults[] = { "proxied", "ttl",      "comment",
						"tags",	   "settings", "meta" };
	json_t *values[] = { json_false(), json_integer(1), json_null(),
			     json_array(), json_object(),   json_object() };
	for (size_t i = 0; i < ARRAY_LEN(defaults); i++) {
		if (!json_object_get(rec, defaults[i]))
			json_object_set(rec, defaults[i], values[i]);
		json_decref(values[i]);
	}
	if (strcmp(type, "SRV") == 0 && json_object_get(rec, "data")) {
		const json_t *d = json_object_get(rec, "data");
		_cleanup_free_ char *content =
			xasprintf("%lld %lld %s", json_int_at(d, "weight", 0),
				  json_int_at(d, "port", 0), json_str_at(d, "target"));
		json_object_set_new(rec, "content", json_string(content));
		json_object_set(rec, "priority", json_object_get(d, "priority"));
	}
}

static bool leads(const char *type)
{
	return strcmp(type, "A") == 0 || strcmp(type, "AAAA") == 0;
}

/* NULL, or the conflict that Cloudflare sees; *ret_code. */
static const char *conflict(const json_t *dns, const json_t *rec, int *ret_code)
{
	const char *type = json_str_at(rec, "type"), *id = json_str_at(rec, "id");
	json_t *o;
	size_t i;
	json_array_foreach(json_object_get(dns, "records"), i, o) {
		if (!same(o, "name", json_str_at(rec, "name")) || (id && same(o, "id", id)))
			continue;
		if (same(o, "type", type) &&
		    json_equal(json_object_get(o, "content"), json_object_get(rec, "content"))) {
			*ret_code = 81058;
			return "An identical record already exists.";
		}
		if ((leads(json_str_at(o, "type")) && strcmp(type, "CNAME") == 0) ||
		    (same(o, "type", "CNAME") && leads(type))) {
			*ret_code = 81053;
			return "An A, AAAA, or CNAME record with that host already exists.";
		}
	}
	return NULL;
}

static bool valid(const json_t *rec, const char *zone, struct response *r)
{
	const char *type = json_str_at(rec, "type"), *name = json_str_at(rec, "name");
	long long ttl = json_int_at(rec, "ttl", 1);
	bool content = json_str_at(rec, "content") || json_object_get(rec, "data");
	if (!type || !name || !content ||
	    (strcmp(type, "SRV") == 0 && !json_object_get(rec, "data")))
		refuse(r, 400, 9005, "Content for record is invalid.");
	else if (!text_ends(name, zone))
		refuse(r, 400, 9000, "DNS name is invalid.");
	else if (ttl != 1 && (ttl < 60 || ttl > 86400))
		refuse(r, 400, 9021,
		       "Invalid TTL. Must be between 60 and 86400 seconds, or 1 for Automatic.");
	else
		return true;
	return false;
}

static void create(const struct request *rq, struct response *r, json_t *dns)
{
	_cleanup_json_ json_t *rec = json_loadb(rq->body, rq->len, 0, NULL);
	int code;
	if (!json_is_object(rec)) {
		refuse(r, 400, 9207, "Request body is invalid.");
		return;
	}
	if (!valid(rec, json_str_at(dns, "zone"), r))
		return;
	const char *why = conflict(dns, rec, &code);
	if (why) {
		refuse(r, 400, code, why);
		return;
	}
	complete(rec);
	json_array_append(json_object_get(dns, "records"), rec);
	ok(r, json_deep_copy(rec), NULL);
}

static void change(const struct request *rq, struct response *r, json_t *dns, size_t at)
{
	json_t *list_of = json_object_get(dns, "records");
	_cleanup_json_ json_t *patch = json_loadb(rq->body, rq->len, 0, NULL);
	_cleanup_json_ json_t *rec = json_deep_copy(json_array_get(list_of, at));
	int code;
	if (!json_is_object(patch)) {
		refuse(r, 400, 9207, "Request body is invalid.");
		return;
	}
	json_object_update(rec, patch);
	if (!valid(rec, json_str_at(dns, "zone"), r))
		return;
	complete(rec);
	const char *why = conflict(dns, rec, &code);
	if (why) {
		refuse(r, 400, code, why);
		return;
	}
	json_array_set(list_of, at, rec);
	ok(r, json_deep_copy(rec), NULL);
}

static void one_record(const struct request *rq, struct response *r, json_t *dns, const char *id)
{
	json_t *list_of = json_object_get(dns, "records"), *rec;
	size_t i;
	json_array_foreach(list_of, i, rec) {
		if (!same(rec, "id", id))
			continue;
		if (strcmp(rq->method, "DELETE") == 0) {
			json_array_remove(list_of, i);
			ok(r, json_pack("{s:s}", "id", id), NULL);
		} else if (strcmp(rq->method, "PATCH") == 0) {
			change(rq, r, dns, i);
		} else if (strcmp(rq->method, "GET") == 0) {
			ok(r, json_deep_copy(rec), NULL);
		} else {
			refuse(r, 405, 10000, "Method not allowed for this authentication scheme");
		}
		return;
	}
	refuse(r, 404, 81044, "Record does not exist.");
}

static void records(const struct request *rq, struct response *r, json_t *dns, const char *rest,
		    const char *mode)
{
	bool get = strcmp(rq->method, "GET") == 0;
	if (strcmp(mode, get ? "no-dns-read" : "no-dns-edit") == 0)
		refuse(r, 403, 10000, "Authentication error");
	else if (*rest == '/')
		one_record(rq, r, dns, rest + 1);
	else if (get)
		list(rq, r, dns);
	else if (strcmp(rq->method, "POST") == 0)
		create(rq, r, dns);
	else
		refuse(r, 405, 10000, "Method not allowed for this authentication scheme");
}

bool site_cloudflare(const struct request *rq, struct response *r)
{
	if (strcmp(rq->host, "api.cloudflare.com") != 0)
		return false;
	_cleanup_free_ char *knob = scenario_knob(rq->w, "cloudflare.mode");
	const char *mode = knob ? knob : "";
	struct store dns;
	store_open(rq->w, "dns", &dns);
	_cleanup_free_ char *prefix =
		xasprintf(BASE "/zones/%s/dns_records", json_str_at(dns.j, "zone_id"));
	if (refused_token(rq, r, json_str_at(dns.j, "token"), mode))
		;
	else if (strcmp(rq->path, BASE "/user/tokens/verify") == 0)
		verify(r, mode);
	else if (text_starts(rq->path, BASE "/accounts/") && text_ends(rq->path, "/tokens/verify"))
		verify(r, "");
	else if (strcmp(rq->path, BASE "/zones") == 0 && strcmp(rq->method, "GET") == 0)
		zones(rq, r, dns.j, mode);
	else if (text_starts(rq->path, prefix))
		records(rq, r, dns.j, rq->path + strlen(prefix), mode);
	else
		refuse(r, 404, 7003,
		       "Could not route to the given path, perhaps your object identifier is "
		       "invalid?");
	store_close(&dns, strcmp(rq->method, "GET") != 0);
	return true;
}
