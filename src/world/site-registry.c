/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* OCI registries: ghcr.io with the ESS chart, quay.io with cert-manager's, and the image registries
 * with what the charts use. A token is asked for as the real ones do it:
 * ghcr.io's answer to /v2/ names the placeholder "user/image", which is no repository. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/http.h"

#define GHCR_BLOBS "pkg-containers.githubusercontent.com"
#define QUAY_BLOBS "cdn01.quay.io"
#define MANIFEST "application/vnd.oci.image.manifest.v1+json"

static const struct registry {
	const char *host, *realm, *service, *ping_scope;
	const char *repository, *chart, *blobs;
} registries[] = {
	{ "ghcr.io", "https://ghcr.io/token", "ghcr.io", "repository:user/image:pull",
	  "element-hq/ess-helm/matrix-stack", "matrix-stack", GHCR_BLOBS },
	{ "quay.io", "https://quay.io/v2/auth", "quay.io", NULL, "jetstack/charts/cert-manager",
	  "cert-manager", QUAY_BLOBS },
	{ "registry-1.docker.io", "https://auth.docker.io/token", "registry.docker.io", NULL, NULL, NULL,
	  NULL },
	{ "oci.element.io", "https://oci.element.io/service/token", "harbor-registry", NULL, NULL, NULL,
	  NULL },
};

static void error(struct response *r, int status, const char *code, const char *message)
{
	reply_json(r, status,
		   json_pack("{s:[{s:s, s:s}]}", "errors", "code", code, "message", message));
}

static char *token_for(const char *repository)
{
	_cleanup_free_ char *text = xasprintf("rehearsal:%s", repository);
	return crypto_base64(text, strlen(text));
}

static bool has_repository(const struct registry *reg, const char *repository)
{
	return (reg->repository && strcmp(reg->repository, repository) == 0) ||
	       image_site_has(reg->host, repository);
}

/* "repository:NAME:pull": NAME. New, or NULL. */
static char *scope_repository(const char *scope)
{
	static const char head[] = "repository:", tail[] = ":pull";
	const size_t n = scope ? strlen(scope) : 0, ends = sizeof(head) - 1 + sizeof(tail) - 1;
	if (n <= ends || !text_starts(scope, head) || !text_ends(scope, tail))
		return NULL;
	return xstrndup(scope + sizeof(head) - 1, n - ends);
}

static void give_token(const struct request *rq, struct response *r, const struct registry *reg)
{
	_cleanup_free_ char *scope = request_query(rq, "scope"),
			    *service = request_query(rq, "service");
	_cleanup_free_ char *repository = scope_repository(scope);
	if (!service || strcmp(service, reg->service) != 0) {
		error(r, 400, "UNSUPPORTED", "unknown service");
	} else if (!repository || !has_repository(reg, repository)) {
		error(r, 403, "DENIED", "requested access to the resource is denied");
	} else {
		_cleanup_free_ char *token = token_for(repository);
		reply_json(r, 200, json_pack("{s:s, s:i}", "token", token, "expires_in", 300));
	}
}

/* The repository of "/v2/NAME/tags/list", "/manifests/..." or "/blobs/..."; *ret_rest is borrowed from
 * the path. New, or NULL. */
static char *path_repository(const char *path, const char **ret_rest)
{
	static const char *const kinds[] = { "/tags/", "/manifests/", "/blobs/" };
	if (!text_starts(path, "/v2/"))
		return NULL;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		const char *at = strstr(path, kinds[i]);
		if (at) {
			*ret_rest = at + 1;
			return xstrndup(path + 4, (size_t)(at - path - 4));
		}
	}
	return NULL;
}

static void challenge(struct response *r, const struct registry *reg, const char *scope)
{
	error(r, 401, "UNAUTHORIZED", "authentication required");
	if (scope)
		reply_header(r, "WWW-Authenticate: Bearer realm=\"%s\",service=\"%s\",scope=\"%s\"",
			     reg->realm, reg->service, scope);
	else
		reply_header(r, "WWW-Authenticate: Bearer realm=\"%s\",service=\"%s\"", reg->realm,
			     reg->service);
}

/* --- content --- */

static const json_t *chart_of(const json_t *all, const struct registry *reg, const char *version)
{
	_cleanup_free_ char *name = xasprintf("%s-%s", reg->chart, version);
	return json_object_get(all, name);
}

static char *manifest_of(const json_t *chart)
{
	_cleanup_free_ char *config =
		xasprintf("{\"name\":\"%s\",\"version\":\"%s\",\"apiVersion\":\"v2\"}",
			  json_str_at(chart, "name"), json_str_at(chart, "version"));
	_cleanup_free_ char *config_sum = crypto_sha256(config, strlen(config));
	_cleanup_free_ char *config_digest = xasprintf("sha256:%s", config_sum);
	_cleanup_free_ char *digest = xasprintf("sha256:%s", json_str_at(chart, "sha256"));
	_cleanup_json_ json_t *m =
		json_pack("{s:i, s:s, s:{s:s, s:s, s:I}, s:[{s:s, s:s, s:I}]}", "schemaVersion", 2,
			  "mediaType", MANIFEST, "config", "mediaType",
			  "application/vnd.cncf.helm.config.v1+json", "digest", config_digest,
			  "size", (json_int_t)strlen(config), "layers", "mediaType",
			  "application/vnd.cncf.helm.chart.content.v1.tar+gzip", "digest", digest,
			  "size", (json_int_t)json_int_at(chart, "size", 0));
	return json_dumps(m, JSON_COMPACT);
}

static void manifest(const struct request *rq, struct response *r, const struct registry *reg,
		     const char *tag)
{
	_cleanup_json_ json_t *all = artefacts(rq->w);
	const json_t *chart = reg->chart ? chart_of(all, reg, tag) : NULL;
	const char *accept = request_header(rq, "accept");
	if (!chart) {
		error(r, 404, "MANIFEST_UNKNOWN", "manifest unknown");
		return;
	}
	if (!accept || !strstr(accept, MANIFEST)) {
		error(r, 404, "MANIFEST_UNKNOWN",
		      "OCI manifest found, but accept header does not support OCI manifests");
		return;
	}
	_cleanup_free_ char *text = manifest_of(chart);
	_cleanup_free_ char *sum = crypto_sha256(text, strlen(text));
	reply_text(r, 200, MANIFEST, text);
	reply_header(r, "Docker-Content-Digest: sha256:%s", sum);
}

/* Many more tags than releases: each push to the chart's main branch has one. */
static json_t *all_tags(const struct request *rq, const struct registry *reg)
{
	_cleanup_json_ json_t *all = artefacts(rq->w);
	json_t *tags = json_array(), *a;
	const char *key;
	if (strcmp(reg->chart, "matrix-stack") == 0) {
		json_array_append_new(tags, json_string("25.04.01"));
		for (int i = 0; i < 130; i++) {
			_cleanup_free_ char *seed = xasprintf("push-%d", i);
			_cleanup_free_ char *sum = crypto_sha256(seed, strlen(seed));
			_cleanup_free_ char *tag = xasprintf("26.%d.0-sha%.40s", 1 + i / 17, sum);
			json_array_append_new(tags, json_string(tag));
		}
		json_array_append_new(tags, json_string("26.9.0-dev"));
	} else {
		json_array_append_new(tags, json_string("v1.22.0-alpha.0"));
		json_array_append_new(tags, json_string("v1.20.2"));
	}
	json_object_foreach(all, key, a)
		if (strcmp(json_str_at(a, "name"), reg->chart) == 0)
			json_array_append(tags, json_object_get(a, "version"));
	return tags;
}

static void tags(const struct request *rq, struct response *r, const struct registry *reg)
{
	_cleanup_free_ char *n = request_query(rq, "n"), *last = request_query(rq, "last");
	_cleanup_json_ json_t *all = all_tags(rq, reg);
	/* No registry gives more than a hundred at once, whatever it is asked for. */
	size_t size = n && atoi(n) > 0 && atoi(n) < 100 ? (size_t)atoi(n) : 100, at = 0;
	json_t *page = json_array();
	for (size_t i = 0; last && i < json_array_size(all); i++)
		if (strcmp(json_string_value(json_array_get(all, i)), last) == 0)
			at = i + 1;
	for (; at < json_array_size(all) && json_array_size(page) < size; at++)
		json_array_append(page, json_array_get(all, at));
	const char *end = json_string_value(json_array_get(page, json_array_size(page) - 1));
	_cleanup_free_ char *link =
		at < json_array_size(all)
			? xasprintf("Link: </v2/%s/tags/list?last=%s&n=%zu>; rel=\"next\"",
				    reg->repository, end, size)
			: NULL;
	reply_json(r, 200, json_pack("{s:s, s:o}", "name", reg->repository, "tags", page));
	if (link)
		reply_header(r, "%s", link);
}

static const json_t *by_digest(const json_t *all, const char *sha256)
{
	const char *key;
	json_t *a;
	json_object_foreach((json_t *)all, key, a)
		if (strcmp(json_str_at(a, "sha256"), sha256) == 0)
			return a;
	return NULL;
}

static void content(const struct request *rq, struct response *r, const struct registry *reg,
		    const char *repository, const char *rest)
{
	if (!repository || !has_repository(reg, repository))
		error(r, 404, "NAME_UNKNOWN", "repository name not known to registry");
	else if (image_site_has(reg->host, repository))
		image_site(rq, r, repository, rest);
	else if (strcmp(rest, "tags/list") == 0)
		tags(rq, r, reg);
	else if (text_starts(rest, "manifests/"))
		manifest(rq, r, reg, rest + 10);
	else if (text_starts(rest, "blobs/sha256:")) {
		_cleanup_free_ char *to =
			xasprintf("https://%s/blobs/sha256:%s", reg->blobs, rest + 13);
		reply_redirect(r, 307, to);
	} else
		error(r, 404, "UNSUPPORTED", "not found");
}

static void blob(const struct request *rq, struct response *r)
{
	_cleanup_json_ json_t *all = artefacts(rq->w);
	const json_t *file =
		text_starts(rq->path, "/blobs/sha256:") ? by_digest(all, rq->path + 14) : NULL;
	/* A storage takes its own signature only, never the registry's token. */
	if (request_header(rq, "authorization"))
		reply_text(r, 400, "application/xml",
			   "<Error><Code>InvalidAuthenticationInfo</Code></Error>");
	else if (file)
		reply_file(rq, r, json_str_at(file, "file"), "application/octet-stream");
	else
		reply_text(r, 404, "application/xml", "<Error><Code>BlobNotFound</Code></Error>");
}

bool site_registry(const struct request *rq, struct response *r)
{
	if (strcmp(rq->host, GHCR_BLOBS) == 0 || strcmp(rq->host, QUAY_BLOBS) == 0) {
		blob(rq, r);
		return true;
	}
	for (size_t i = 0; i < ARRAY_LEN(registries); i++) {
		const struct registry *reg = &registries[i];
		_cleanup_free_ char *own = xasprintf("https://%s%s", rq->host, rq->path);
		if (strcmp(own, reg->realm) == 0) {
			give_token(rq, r, reg);
			return true;
		}
		if (strcmp(rq->host, reg->host) != 0)
			continue;
		const char *rest = "";
		_cleanup_free_ char *repository = path_repository(rq->path, &rest);
		_cleanup_free_ char *token = token_for(repository ? repository : "-");
		_cleanup_free_ char *bearer = xasprintf("Bearer %s", token);
		_cleanup_free_ char *scope = xasprintf("repository:%s:pull", repository ? repository : "-");
		const char *given = request_header(rq, "authorization");
		bool ping = strcmp(rq->path, "/v2/") == 0;
		if (!given || strcmp(given, bearer) != 0)
			challenge(r, reg, ping ? reg->ping_scope : scope);
		else if (ping)
			reply_text(r, 200, "application/json", "{}");
		else
			content(rq, r, reg, repository, rest);
		return true;
	}
	return false;
}
