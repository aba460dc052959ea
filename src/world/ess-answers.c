/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What the parts of ESS answer, made from the live ConfigMaps, so that a wrong port in them shows.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/ess-answers.h"

static bool runs(const struct cluster *c, const char *plural, const char *name)
{
	return json_int_at(cluster_get(c, plural, "ess", name), "status.readyReplicas", 0) > 0;
}

static const char *config(const struct cluster *c, const char *map, const char *key)
{
	const json_t *m = cluster_get(c, "configmaps", "ess", map);
	return json_string_value(json_object_get(json_object_get(m, "data"), key));
}

/* The rest of the line after a word, without quotes; "" when it is not there. New. */
static char *setting(const char *text, const char *word)
{
	const char *at = text ? strstr(text, word) : NULL;
	if (!at)
		return xstrdup("");
	at += strlen(word);
	at += strspn(at, " \"");
	return xstrndup(at, strcspn(at, "\"\n"));
}

/* A URL without its last slash. */
static void drop_slash(char *url)
{
	size_t n = strlen(url);
	if (n && url[n - 1] == '/')
		url[n - 1] = '\0';
}

static json_t *metadata(const struct cluster *c)
{
	_cleanup_free_ char *base =
		setting(config(c, "ess-matrix-authentication-service", "mas-config-overrides.yaml"),
			"public_base:");
	drop_slash(base);
	_cleanup_free_ char *issuer = xasprintf("%s/", base),
			    *authorize = xasprintf("%s/authorize", base);
	_cleanup_free_ char *token = xasprintf("%s/oauth2/token", base),
			    *reg = xasprintf("%s/oauth2/registration", base);
	_cleanup_free_ char *account = xasprintf("%s/account/", base),
			    *jwks = xasprintf("%s/oauth2/keys.json", base);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:[s], s:[s, s]}", "issuer", issuer,
			 "authorization_endpoint", authorize, "token_endpoint", token,
			 "registration_endpoint", reg, "account_management_uri", account,
			 "jwks_uri", jwks, "response_types_supported", "code",
			 "grant_types_supported", "authorization_code", "refresh_token");
}

static void unknown(struct response *r)
{
	reply_json(r, 404,
		   json_pack("{s:s, s:s}", "errcode", "M_UNRECOGNIZED", "error",
			     "Unrecognized request"));
}

void ess_synapse(const struct cluster *c, const struct request *rq, struct response *r)
{
	const char *own = config(c, "ess-synapse", "04-homeserver-overrides.yaml");
	_cleanup_free_ char *server = setting(own, "\nserver_name:");
	const char *p = rq->path;
	if (!runs(c, "statefulsets", "ess-synapse-main")) {
		reply_text(r, 503, "text/plain", "no available server");
	} else if (strcmp(p, "/_matrix/client/versions") == 0) {
		reply_json(r, 200,
			   json_pack("{s:[s, s, s], s:{s:b}}", "versions", "v1.10", "v1.11",
				     "v1.12", "unstable_features", "org.matrix.msc4143", 1));
	} else if (strcmp(p, "/_matrix/client/v1/auth_metadata") == 0 ||
		   strstr(p, "/org.matrix.msc2965/auth_metadata")) {
		reply_json(r, 200, metadata(c));
	} else if (text_starts(p, "/_matrix/key/v2/server")) {
		reply_json(r, 200,
			   json_pack("{s:s, s:{s:{s:s}}, s:{}, s:I}", "server_name", server,
				     "verify_keys", "ed25519:a_reh", "key",
				     "Noi6WqcDj0QmPxCNQqgezwTlBKrfqehY1u2FyWP9uYw",
				     "old_verify_keys", "valid_until_ts",
				     (json_int_t)4102444800000));
	} else if (strcmp(p, "/_matrix/federation/v1/version") == 0) {
		reply_json(r, 200,
			   json_pack("{s:{s:s, s:s}}", "server", "name", "Synapse", "version",
				     "1.159.0"));
	} else if (strcmp(p, "/_synapse/ess/version") == 0) {
		const char *text = config(c, "ess-synapse-haproxy", "ess-version.json");
		reply_text(r, 200, "application/json", text ? text : "{}");
	} else if (strstr(p, "/rtc/transports")) {
		reply_json(r, 401,
			   json_pack("{s:s, s:s}", "errcode", "M_MISSING_TOKEN", "error",
				     "Missing access token"));
	} else if (text_starts(p, "/_matrix/client/v3/directory/room/")) {
		reply_json(r, 404,
			   json_pack("{s:s, s:s}", "errcode", "M_NOT_FOUND", "error",
				     "Room alias not found"));
	} else {
		unknown(r);
	}
}

void ess_mas(const struct cluster *c, const struct request *rq, struct response *r)
{
	if (!runs(c, "deployments", "ess-matrix-authentication-service"))
		reply_text(r, 503, "text/plain", "no available server");
	else if (strcmp(rq->path, "/.well-known/openid-configuration") == 0)
		reply_json(r, 200, metadata(c));
	else if (text_starts(rq->path, "/_matrix/client/") && text_ends(rq->path, "/login"))
		reply_json(r, 200,
			   json_pack("{s:[{s:s}, {s:s, s:b}]}", "flows", "type", "m.login.password",
				     "type", "m.login.sso", "oauth_aware_preferred", 1));
	else if (strcmp(rq->path, "/") == 0 || text_starts(rq->path, "/login"))
		reply_text(r, 200, "text/html; charset=utf-8",
			   "<!DOCTYPE html><title>matrix-authentication-service</title>");
	else
		reply_text(r, 404, "text/html; charset=utf-8", "<!DOCTYPE html><title>404</title>");
}

void ess_well_known(const struct cluster *c, const struct request *rq, struct response *r)
{
	static const char prefix[] = "/.well-known/matrix/";
	const char *name = text_starts(rq->path, prefix) ? rq->path + sizeof(prefix) - 1 : NULL;
	const char *text = name ? config(c, "ess-well-known-haproxy", name) : NULL;
	_cleanup_free_ char *to = setting(config(c, "ess-haproxy", "haproxy.cfg"), "location ");
	to[strcspn(to, " ")] = '\0';
	if (!runs(c, "deployments", "ess-haproxy")) {
		reply_text(r, 503, "text/plain", "no available server");
	} else if (name && strcmp(rq->method, "GET") != 0 && strcmp(rq->method, "HEAD") != 0) {
		reply_text(r, 405, "text/html",
			   "<html><body><h1>405 Method Not Allowed</h1></body></html>");
	} else if (text) {
		reply_text(r, 200, "application/json", text);
		reply_header(r, "Access-Control-Allow-Origin: *");
	} else if (!name && *to) {
		reply_redirect(r, 301, to);
	} else {
		reply_text(r, 404, "text/html", "<html><body><h1>404 Not Found</h1></body></html>");
	}
}

void ess_web(const struct cluster *c, const struct request *rq, struct response *r,
	     const char *workload)
{
	const char *own = strcmp(workload, "ess-element-web") == 0
				  ? config(c, workload, "config.json")
				  : NULL;
	if (!runs(c, "deployments", workload))
		reply_text(r, 503, "text/plain", "no available server");
	else if (own && strcmp(rq->path, "/config.json") == 0)
		reply_text(r, 200, "application/json", own);
	else if (strcmp(rq->path, "/") == 0)
		reply_text(r, 200, "text/html; charset=utf-8",
			   "<!DOCTYPE html><title>Element</title>");
	else
		reply_text(r, 404, "text/html", "<html><body>404 Not Found</body></html>");
}

void ess_rtc(const struct cluster *c, const struct request *rq, struct response *r, bool authoriser)
{
	if (!runs(c, "deployments",
		  authoriser ? "ess-matrix-rtc-authorisation-service" : "ess-matrix-rtc-sfu"))
		reply_text(r, 503, "text/plain", "no available server");
	else if (authoriser)
		reply_text(r, strcmp(rq->method, "POST") == 0 ? 400 : 405, "text/plain", "");
	else
		reply_text(r, 200, "text/plain", "OK");
}
