/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The gate's walk over an object or a file: every scalar, and what is written inside of it (JSON, YAML,
 * base64), is looked at. */
#include "steps/gate-walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/crypto.h"
#include "base/mem.h"
#include "base/text.h"
#include "steps/gate-sites.h"
#include "steps/url.h"

#define TEXTS_DEEP 4 /* a JSON text in a YAML text in a ConfigMap is 2 */

/* Where a node stands: the key of its value (of its sequence, for an item) and of the mapping
 * around. */
struct place {
	const char *key, *parent;
};

static void check_tree(struct gate *g, const struct manifest *m, size_t node, struct place at);

/* --- addresses -------------------------------------------------------------------------------- */

static bool port_is_right(const struct gate *g, const struct url *url)
{
	char want[16];
	snprintf(want, sizeof(want), "%u", g->names->https_port);
	if (url->odd)
		return false;
	if (g->names->https_port == 443)
		return !url->port;
	return url->port && strlen(want) == url->port_len &&
	       memcmp(want, url->port, url->port_len) == 0;
}

/* haproxy's "http-request redirect ... location URL"
 * (ess-helm, configs/well-known/partial-haproxy.cfg.tpl). */
static bool is_redirect(const char *text, const char *url)
{
	const char *line = url;
	while (line > text && line[-1] != '\n')
		line--;
	line += strspn(line, " \t");
	static const char before[] = "location ";
	size_t n = sizeof(before) - 1;
	return (size_t)(url - line) > n && memcmp(url - n, before, n) == 0 &&
	       strncmp(line, "http-request redirect", 21) == 0;
}

/* The user and password of an address are nobody's business. */
static void offend_url(struct gate *g, enum gate_rule rule, const struct url *url)
{
	if (url->host[-1] != '@') {
		gate_offend(g, rule, url->start, url->len);
		return;
	}
	const char *authority = strchr(url->start, ':') + 1, *end = url->start + url->len;
	authority += strspn(authority, "\\/");
	_cleanup_free_ char *text = xasprintf("%.*s" GATE_HIDDEN "@%.*s", (int)(authority - url->start),
					      url->start, (int)(end - url->host), url->host);
	gate_offend(g, rule, text, strlen(text));
}

static void judge_host(struct gate *g, const struct url *url)
{
	_cleanup_free_ char *host = xstrndup(url->host, url->host_len);
	enum gate_rule rule =
		url->odd && url->host_len == 0 ? GATE_PLACEHOLDER : site_judge(g->names, host);
	offend_url(g, rule, url);
}

static void check_urls(struct gate *g, const char *text)
{
	struct url url;
	for (const char *pos = text; url_next(text, &pos, &url);) {
		if (site_is_ours(g->names, url.host, url.host_len)) {
			if (!port_is_right(g, &url))
				offend_url(g, GATE_URL_PORT, &url);
		} else if (is_redirect(text, url.start)) {
			judge_host(g, &url);
		}
	}
}

/* --- sites ------------------------------------------------------------------------------------ */

static void check_site_url(struct gate *g, const struct site *site, const char *text)
{
	struct url url;
	const char *pos = text;
	if (!url_next(text, &pos, &url) || url.start != text) {
		gate_offend_text(g, *text ? GATE_UNREADABLE : GATE_PLACEHOLDER, text);
		return;
	}
	if (!site_is_ours(g->names, url.host, url.host_len)) {
		judge_host(g, &url);
		return;
	}
	const char *want = site_host(g->names, site->name);
	if (want && !url_host_is(&url, want))
		offend_url(g, GATE_OTHER, &url);
}

static void check_site_name(struct gate *g, const struct site *site, const char *text)
{
	if (strcasecmp(text, site_host(g->names, site->name)) == 0)
		return;
	bool ours = site_is_ours(g->names, text, strlen(text));
	gate_offend_text(g, ours ? GATE_OTHER : site_judge(g->names, text), text);
}

static void check_site_server(struct gate *g, const struct site *site, const char *text)
{
	_cleanup_free_ char *want =
		xasprintf("%s:%u", site_host(g->names, site->name), g->names->https_port);
	g->server_seen = true;
	if (strcasecmp(text, want) != 0)
		gate_offend_text(g, GATE_SERVER, text);
}

static void check_site(struct gate *g, const struct site *site, const char *text)
{
	if (!text)
		gate_offend_text(g, GATE_UNREADABLE, NULL);
	else if (site->kind == SITE_URL)
		check_site_url(g, site, text);
	else if (site->kind == SITE_NAME)
		check_site_name(g, site, text);
	else
		check_site_server(g, site, text);
}

/* --- texts ------------------------------------------------------------------------------------ */

/* Reads a text as YAML (JSON is that too). True when it has an inside, which was checked then. */
static bool check_inside(struct gate *g, const char *text)
{
	char first = text[strspn(text, " \t\r\n")];
	bool maybe = first == '{' || first == '[' || strstr(text, ": ") || strstr(text, ":\n");
	if (!maybe || g->deep == TEXTS_DEEP)
		return false;
	_cleanup_manifest_ struct manifest m = { 0 };
	if (manifest_parse_text(&m, text, strlen(text)) < 0) {
		if (site_in_text(text))
			gate_offend_text(g, GATE_UNREADABLE, text);
		return false;
	}
	bool inside = false;
	size_t back = gate_enter(g, " > ", "");
	g->deep++;
	for (size_t root = 0; (root = manifest_root(&m, root));)
		if (manifest_is_map(&m, root) || manifest_is_seq(&m, root)) {
			inside = true;
			check_tree(g, &m, root, (struct place){ "", "" });
		}
	g->deep--;
	gate_leave(g, back);
	return inside;
}

static void check_text(struct gate *g, const char *text)
{
	/* What has an inside is judged by its values: a comment in it does no harm. */
	if (!check_inside(g, text))
		check_urls(g, text);
}

static bool is_base64(const struct gate *g, struct place at)
{
	return g->deep == 0 && ((g->secret && strcmp(at.parent, "data") == 0) ||
				strcmp(at.parent, "binaryData") == 0);
}

static void check_scalar(struct gate *g, const char *text, struct place at)
{
	const struct site *site = g->deep ? site_of_key(at.key, at.parent) : NULL;
	if (site)
		check_site(g, site, text);
	if (is_base64(g, at)) {
		_cleanup_free_ unsigned char *raw = NULL;
		size_t len;
		if (crypto_unbase64(text, &raw, &len) < 0 || !text_is_utf8((char *)raw, len))
			return;
		_cleanup_free_ char *plain = xstrndup((char *)raw, len);
		check_text(g, plain);
		return;
	}
	check_text(g, text);
}

/* A container's variable: {name: LIVEKIT_URL, value: ...}. */
static void check_env(struct gate *g, const struct manifest *m, size_t map)
{
	const char *name = manifest_text_at(m, map, "name", NULL);
	const struct site *site = name ? site_of_env(name) : NULL;
	size_t value = manifest_get(m, map, "value");
	if (!site || !value)
		return;
	size_t back = gate_enter(g, ".", "value");
	check_site(g, site, manifest_text(m, value));
	gate_leave(g, back);
}

static void check_map(struct gate *g, const struct manifest *m, size_t map, struct place at)
{
	if (g->deep == 0 && strcmp(at.key, "env") == 0)
		check_env(g, m, map);
	for (size_t key = manifest_first(m, map), value; key; key = manifest_next(m, value)) {
		value = manifest_next(m, key);
		const char *name = manifest_text(m, key);
		size_t back =
			gate_enter(g, text_ends(g->path, " > ") ? "" : ".", name ? name : "?");
		if (name)
			check_urls(g, name);
		check_tree(g, m, value, (struct place){ name ? name : "", at.key });
		gate_leave(g, back);
	}
}

static void check_tree(struct gate *g, const struct manifest *m, size_t node, struct place at)
{
	const char *text = manifest_text(m, node);
	if (!text && g->deep && site_of_key(at.key, at.parent))
		gate_offend_text(g, GATE_UNREADABLE, NULL);
	if (text) {
		check_scalar(g, text, at);
	} else if (manifest_is_map(m, node)) {
		check_map(g, m, node, at);
	} else if (manifest_is_seq(m, node)) {
		size_t index = 0;
		for (size_t i = manifest_first(m, node); i; i = manifest_next(m, i)) {
			size_t back = gate_enter_item(g, index++);
			check_tree(g, m, i, at);
			gate_leave(g, back);
		}
	}
}

void gate_walk(struct gate *g, const struct manifest *m, size_t object)
{
	check_tree(g, m, object, (struct place){ "", "" });
}
