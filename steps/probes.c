/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* See probes.h. The requests are those of ess-helm docs/troubleshooting.md and of the clients. */
#include "steps/probes.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "steps/ess.h"
#include "steps/url.h"

/* --- addresses inside answers ------------------------------------------------------------------- */

static bool is_ours(const struct probe_names *n, const struct url *u)
{
	const char *const hosts[] = { n->server_name, n->synapse, n->auth, n->rtc, n->web, n->admin };
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++)
		if (hosts[i] && url_host_is(u, hosts[i]))
			return true;
	return false;
}

static bool port_fits(const struct url *u, long port)
{
	_cleanup_free_ char *text = xasprintf("%ld", port);
	if (u->odd)
		return false;
	if (!u->port)
		return port == 443;
	return port != 443 && u->port_len == strlen(text) && !strncmp(u->port, text, u->port_len);
}

char *probe_wrong_url(const struct probe_names *n, const char *text)
{
	const char *pos = text;
	struct url u;

	while (url_next(text, &pos, &u))
		if (is_ours(n, &u) && !port_fits(&u, n->https))
			return xstrndup(u.start, u.len);
	return NULL;
}

static char *https_url(const char *host, long port)
{
	_cleanup_free_ char *suffix = ess_port_suffix(port);
	return xasprintf("https://%s%s", host, suffix);
}

/* An address that must be exactly this one; a final slash does not count. */
static char *expect_url(const char *what, const char *seen, const char *host, long port, bool *ret_port)
{
	_cleanup_free_ char *want = https_url(host, port);
	size_t n = strlen(want);
	if (seen && !strncmp(seen, want, n) && (!seen[n] || !strcmp(seen + n, "/")))
		return NULL;
	*ret_port = seen != NULL;
	return xasprintf("%s is \"%s\", not \"%s\"", what, seen ? seen : "", want);
}

/* --- judges ------------------------------------------------------------------------------------- */

static char *expect_status(const struct http_response *r, long status)
{
	_cleanup_free_ char *begin = text_clean(r->body ? r->body : "", text_cut(r->body ? r->body : "", 80));
	return r->status == status ? NULL
				   : xasprintf("status %ld instead of %ld, answer \"%s\"", r->status, status, begin);
}

/* The JSON object of an answer with status 200; NULL with *ret_wrong (new). */
static json_t *expect_json(const struct http_response *r, char **ret_wrong)
{
	*ret_wrong = expect_status(r, 200);
	if (*ret_wrong)
		return NULL;
	json_t *j = json_parse(r->body, r->len, FAULT_HTTP_PROTOCOL, "answer", NULL);
	if (json_is_object(j))
		return j;
	json_decref(j);
	_cleanup_free_ char *begin = text_clean(r->body, text_cut(r->body, 80));
	*ret_wrong = xasprintf("no JSON object but \"%s\"", begin);
	return NULL;
}

static char *judge_versions(const struct probe_names *n, const struct http_response *r, bool *ret_port)
{
	char *wrong;
	_cleanup_json_ json_t *j = expect_json(r, &wrong);
	if (j && json_array_size(json_object_get(j, "versions")) == 0)
		return xstrdup("the answer names no versions");
	return wrong;
}

static char *judge_keys(const struct probe_names *n, const struct http_response *r, bool *ret_port)
{
	char *wrong;
	_cleanup_json_ json_t *j = expect_json(r, &wrong);
	const char *name = json_str_at(j, "server_name");
	if (!j)
		return wrong;
	if (!name || strcmp(name, n->server_name))
		return xasprintf("the keys are those of \"%s\", not of \"%s\"", name ? name : "", n->server_name);
	return json_object_size(json_object_get(j, "verify_keys")) ? NULL : xstrdup("the answer names no keys");
}

/* MAS answers logins with its flows; Synapse itself refuses them when MAS is in charge. */
static char *judge_login(const struct probe_names *n, const struct http_response *r, bool *ret_port)
{
	char *wrong;
	_cleanup_json_ json_t *j = expect_json(r, &wrong);
	if (j && json_array_size(json_object_get(j, "flows")) == 0)
		return xstrdup("the answer names no way to log in");
	return wrong;
}

static char *judge_auth(const struct probe_names *n, const struct http_response *r, bool *ret_port)
{
	char *wrong;
	_cleanup_json_ json_t *j = expect_json(r, &wrong);
	return j ? expect_url("issuer", json_string_value(json_object_get(j, "issuer")), n->auth, n->https, ret_port)
		 : wrong;
}

/* Traefik refuses %2F and %23 with status 400 unless it is told not to; Synapse knows no such room. */
static char *judge_slash(const struct probe_names *n, const struct http_response *r, bool *ret_port)
{
	return expect_status(r, 404);
}

static char *judge_authoriser(const struct probe_names *n, const struct http_response *r, bool *ret_port)
{
	return expect_status(r, 405);
}

static char *judge_ok(const struct probe_names *n, const struct http_response *r, bool *ret_port)
{
	return expect_status(r, 200);
}

static const json_t *member(const json_t *j, const char *a, const char *b)
{
	return json_object_get(json_object_get(j, a), b);
}

static char *judge_client(const struct probe_names *n, const struct http_response *r, bool *ret_port)
{
	char *wrong;
	_cleanup_json_ json_t *j = expect_json(r, &wrong);
	if (!j)
		return wrong;
	const char *base = json_string_value(member(j, "m.homeserver", "base_url"));
	wrong = expect_url("m.homeserver.base_url", base, n->synapse, n->https, ret_port);
	if (wrong)
		return wrong;
	const json_t *focus = json_array_get(json_object_get(j, "org.matrix.msc4143.rtc_foci"), 0);
	return expect_url("rtc_foci.livekit_service_url",
			  json_string_value(json_object_get(focus, "livekit_service_url")), n->rtc, n->https, ret_port);
}

static char *judge_server(const struct probe_names *n, const struct http_response *r, bool *ret_port)
{
	char *wrong;
	_cleanup_json_ json_t *j = expect_json(r, &wrong);
	if (!j)
		return wrong;
	const char *server = json_string_value(json_object_get(j, "m.server"));
	_cleanup_free_ char *want = xasprintf("%s:%ld", n->synapse, n->https);
	if (server && !strcmp(server, want))
		return NULL;
	*ret_port = server != NULL;
	return xasprintf("m.server is \"%s\", not \"%s\"", server ? server : "", want);
}

static char *judge_web(const struct probe_names *n, const struct http_response *r, bool *ret_port)
{
	char *wrong;
	_cleanup_json_ json_t *j = expect_json(r, &wrong);
	if (!j)
		return wrong;
	const json_t *home = member(j, "default_server_config", "m.homeserver");
	return expect_url("base_url", json_string_value(json_object_get(home, "base_url")), n->synapse, n->https, ret_port);
}

/* The chart leads the bare domain to Element Web, unless that is switched off or somebody else's. */
static char *judge_apex(const struct probe_names *n, const struct http_response *r, bool *ret_port)
{
	const char *to = http_header(r, "location");
	_cleanup_free_ char *wrong = r->status >= 300 && r->status < 400 && to ? probe_wrong_url(n, to) : NULL;
	*ret_port = wrong != NULL;
	return wrong ? xasprintf("it leads to \"%s\"", to) : NULL;
}

/* --- the table ---------------------------------------------------------------------------------- */

const struct probe probes[] = {
	{ .id = "synapse", .title = N_("homeserver"), .at = AT_SYNAPSE, .path = "/_matrix/client/versions",
	  .fault = FAULT_VERIFY_SYNAPSE, .judge = judge_versions },
	{ .id = "login", .title = N_("logins go to the authentication service"), .at = AT_SYNAPSE,
	  .path = "/_matrix/client/v3/login", .fault = FAULT_VERIFY_LOGIN, .judge = judge_login },
	{ .id = "auth-metadata", .title = N_("homeserver names the authentication service"), .at = AT_SYNAPSE,
	  .path = "/_matrix/client/v1/auth_metadata", .fault = FAULT_VERIFY_AUTH, .judge = judge_auth },
	{ .id = "openid", .title = N_("authentication service"), .at = AT_AUTH,
	  .path = "/.well-known/openid-configuration", .fault = FAULT_VERIFY_AUTH, .judge = judge_auth },
	{ .id = "rtc-authoriser", .title = N_("admission to calls"), .at = AT_RTC, .path = "/sfu/get",
	  .fault = FAULT_VERIFY_RTC, .judge = judge_authoriser },
	{ .id = "rtc-sfu", .title = N_("call server"), .at = AT_RTC, .path = "/", .fault = FAULT_VERIFY_RTC,
	  .judge = judge_ok },
	{ .id = "well-known-client", .title = N_("clients find the homeserver and the calls"), .at = AT_SERVER_NAME,
	  .path = "/.well-known/matrix/client", .fault = FAULT_VERIFY_WELL_KNOWN, .judge = judge_client },
	{ .id = "well-known-server", .title = N_("servers find the homeserver"), .at = AT_SERVER_NAME,
	  .path = "/.well-known/matrix/server", .fault = FAULT_VERIFY_WELL_KNOWN, .judge = judge_server },
	{ .id = "apex", .title = N_("bare domain"), .at = AT_SERVER_NAME, .path = "/", .fault = FAULT_VERIFY_WELL_KNOWN,
	  .judge = judge_apex },
	{ .id = "web-config", .title = N_("Element Web knows the homeserver"), .at = AT_WEB, .path = "/config.json",
	  .fault = FAULT_VERIFY_WEB, .judge = judge_web },
	{ .id = "web", .title = N_("Element Web"), .at = AT_WEB, .path = "/", .fault = FAULT_VERIFY_WEB, .judge = judge_ok },
	{ .id = "admin", .title = N_("Element Admin"), .at = AT_ADMIN, .path = "/", .fault = FAULT_VERIFY_ADMIN,
	  .judge = judge_ok },
	{ .id = "encoded-slash", .title = N_("room addresses pass Traefik"), .at = AT_SYNAPSE,
	  .path = "/_matrix/client/v3/directory/room/%23ess-setup-probe%2Fx%3A%s", .fault = FAULT_VERIFY_SLASH,
	  .judge = judge_slash },
	{ .id = "federation-keys", .title = N_("keys for other servers"), .at = AT_SYNAPSE,
	  .path = "/_matrix/key/v2/server", .fault = FAULT_VERIFY_FEDERATION, .judge = judge_keys },
	{ .id = "federation-port", .title = N_("federation port"), .at = AT_SERVER_NAME,
	  .path = "/_matrix/key/v2/server", .federation_port = true, .federation = true,
	  .fault = FAULT_VERIFY_FEDERATION, .judge = judge_keys },
	{ .id = NULL },
};

static const char *host_of(const struct probe *p, const struct probe_names *n)
{
	switch (p->at) {
	case AT_SERVER_NAME:
		return n->server_name;
	case AT_SYNAPSE:
		return n->synapse;
	case AT_AUTH:
		return n->auth;
	case AT_RTC:
		return n->rtc;
	case AT_WEB:
		return n->web;
	case AT_ADMIN:
		return n->admin;
	}
	return NULL;
}

bool probe_applies(const struct probe *p, const struct probe_names *n)
{
	return host_of(p, n) && (!p->federation || !strcmp(n->plan, "srv"));
}

char *probe_url(const struct probe *p, const struct probe_names *n)
{
	_cleanup_free_ char *base = https_url(host_of(p, n), p->federation_port ? n->federation : n->https);
	const char *name = strstr(p->path, "%s");
	if (!name)
		return xasprintf("%s%s", base, p->path);
	return xasprintf("%s%.*s%s%s", base, (int)(name - p->path), p->path, n->server_name, name + 2);
}

int probe_judge(const struct probe *p, const struct probe_names *n, const struct http_response *r, struct err *e)
{
	bool port = false;
	_cleanup_free_ char *url = probe_url(p, n);
	_cleanup_free_ char *wrong = p->judge(n, r, &port);

	if (wrong)
		return err_set(e, port ? FAULT_VERIFY_PORT : p->fault, N_("%s: %s"), url, wrong);
	_cleanup_free_ char *astray = r->status == 200 ? probe_wrong_url(n, r->body) : NULL;
	if (astray)
		return err_set(e, FAULT_VERIFY_PORT, N_("%s: the answer sends clients to %s"), url, astray);
	return 0;
}
