/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Sources: OCI distribution-spec (pull, content discovery); distribution/docs spec/auth/token; Helm
 * pkg/registry/constants.go for the media type of a chart. */
#include "steps/oci.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "steps/sources.h"

#define ACCEPT_MANIFEST "Accept: application/vnd.oci.image.manifest.v1+json"
#define ACCEPT_IMAGE                                                                                     \
	"Accept: application/vnd.oci.image.index.v1+json, "                                              \
	"application/vnd.docker.distribution.manifest.list.v2+json, "                                    \
	"application/vnd.oci.image.manifest.v1+json, application/vnd.docker.distribution.manifest.v2+json"
#define CHART_LAYER "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
#define TAGS_PAGE 1000
#define PAGES_MAX 50
#define SHA256 "sha256:"
/* distribution spec/auth/token: without expires_in a token is good for 60 seconds. */
#define TOKEN_S 60
#define TOKEN_MARGIN_S 10
#define OPEN_MS (10 * 60 * 1000)

static const struct {
	const char *name, *key, *base;
} registries[] = {
	/* docker.io is the name, not the host (containerd core/remotes/docker/registry.go). */
	{ "docker.io", "mirrors.docker_io", "https://registry-1.docker.io" },
	{ "ghcr.io", "mirrors.ghcr_io", "https://ghcr.io" },
	{ "quay.io", "mirrors.quay_io", "https://quay.io" },
	{ "oci.element.io", "mirrors.oci_element_io", "https://oci.element.io" },
};

bool oci_open(struct step_ctx *c, const char *registry, const char *class, struct oci *ret)
{
	return oci_open_at(c, registry, !source_is_upstream(c, class), ret);
}

bool oci_open_at(struct step_ctx *c, const char *registry, bool mirror, struct oci *ret)
{
	*ret = (struct oci){ 0 };
	for (size_t i = 0; i < ARRAY_LEN(registries); i++) {
		if (strcmp(registries[i].name, registry))
			continue;
		const bool has = mirror && step_str(c, registries[i].key);
		ret->base = has ? source_base(c, registries[i].key, "") : xstrdup(registries[i].base);
		return has;
	}
	ret->base = xasprintf("https://%s", registry);
	return false;
}

char *oci_api(const char *base)
{
	const char *host = strstr(base, "://");
	const char *path = strchr(host ? host + 3 : base, '/');
	for (const char *p = path; p; p = strchr(p + 1, '/'))
		if (text_starts(p, "/v2") && (p[3] == '/' || p[3] == '\0'))
			return xstrdup(base);
	return xasprintf("%s/v2", base);
}

void oci_done(struct oci *o)
{
	free(o->base);
	free_secret(o->authorization);
	free(o->scope);
	*o = (struct oci){ 0 };
}

char *oci_chart(struct step_ctx *c, enum part part, struct oci *ret)
{
	const bool ess = part == PART_CHART;
	oci_open(c, ess ? "ghcr.io" : "quay.io", ess ? "chart-ess" : "chart-cert-manager", ret);
	return xstrdup(ess ? "element-hq/ess-helm/matrix-stack" : "jetstack/charts/cert-manager");
}

/* --- the token dance -------------------------------------------------------------------------- */

void oci_challenge_done(struct oci_challenge *ch)
{
	free(ch->realm);
	free(ch->service);
	free(ch->scope);
	*ch = (struct oci_challenge){ 0 };
}

/* One NAME="VALUE" or NAME=VALUE; *p moves behind it and its comma. */
static bool parameter(const char **p, char **ret_name, char **ret_value)
{
	const char *s = *p + strspn(*p, " \t,");
	size_t n = strcspn(s, "= \t,");
	if (n == 0 || s[n] != '=')
		return false;
	*ret_name = xstrndup(s, n);
	s += n + 1;
	if (*s == '"') {
		n = strcspn(++s, "\"");
		*ret_value = xstrndup(s, n);
		s += n + (s[n] == '"');
	} else {
		n = strcspn(s, ", \t");
		*ret_value = xstrndup(s, n);
		s += n;
	}
	*p = s;
	return true;
}

bool oci_challenge_parse(const char *header, struct oci_challenge *ret)
{
	char *name, *value;
	*ret = (struct oci_challenge){ 0 };
	if (!header || strncasecmp(header, "Bearer ", 7))
		return false;
	for (const char *p = header + 7; parameter(&p, &name, &value); free(name)) {
		char **member = !strcasecmp(name, "realm")     ? &ret->realm
				: !strcasecmp(name, "service") ? &ret->service
				: !strcasecmp(name, "scope")   ? &ret->scope
							       : NULL;
		if (member && !*member)
			*member = value;
		else
			free(value);
	}
	if (ret->realm)
		return true;
	oci_challenge_done(ret);
	return false;
}

static char *url_escape(const char *s)
{
	char *out = xcalloc(strlen(s) * 3 + 1, 1), *o = out;
	for (; *s; s++) {
		if (isalnum((unsigned char)*s) || strchr("-._~:/", *s))
			*o++ = *s;
		else
			o += snprintf(o, 4, "%%%02X", (unsigned char)*s);
	}
	return out;
}

char *oci_token_url(const struct oci_challenge *ch, const char *repository)
{
	_cleanup_free_ char *wanted = xasprintf("repository:%s:pull", repository);
	_cleanup_free_ char *scope = url_escape(ch->scope ? ch->scope : wanted);
	_cleanup_free_ char *service = url_escape(ch->service ? ch->service : "");
	return xasprintf("%s%cservice=%s&scope=%s", ch->realm, strchr(ch->realm, '?') ? '&' : '?',
			 service, scope);
}

static int ask_token(struct step_ctx *c, struct oci *o, const char *repository,
		     const char *challenge, struct err *e)
{
	struct oci_challenge ch __attribute__((cleanup(oci_challenge_done)));
	struct http_response r _cleanup_http_ = { 0 };
	if (!oci_challenge_parse(challenge, &ch))
		return err_set(e, FAULT_SUP_OCI,
			       N_("%s asks for a log-in of a kind that is not known"), o->base);

	_cleanup_free_ char *url = oci_token_url(&ch, repository);
	const struct http_request rq = { .url = url, .max = 1 << 20, .timeout_s = o->timeout_s };
	if (step_http(c, &rq, &r, e) < 0)
		return -1;
	_cleanup_json_ json_t *body = r.status == 200 ? json_parse(r.body, r.len, FAULT_SUP_OCI,
								   "token", NULL)
						      : NULL;
	const char *token = json_str_at(body, "token") ?: json_str_at(body, "access_token");
	if (!token)
		return err_set(e, FAULT_SUP_OCI, N_("%s gives no token for %s (status %ld)"),
			       o->base, repository, r.status);
	free_secret(o->authorization);
	free(o->scope);
	o->authorization = xasprintf("Authorization: Bearer %s", token);
	o->scope = xstrdup(repository);
	const long long good_s = json_int_at(body, "expires_in", TOKEN_S);
	o->old_ms = clock_ms() + 1000 * (good_s > TOKEN_MARGIN_S ? good_s - TOKEN_MARGIN_S : 0);
	return 0;
}

/* A token is for one repository and for a while. */
static void drop_token(struct oci *o, const char *repository)
{
	if (o->scope && !strcmp(o->scope, repository) && clock_ms() < o->old_ms)
		return;
	free_secret(o->authorization);
	free(o->scope);
	o->authorization = o->scope = NULL;
}

/* GET with a token where one is asked for; the caller judges the status. */
static int get(struct step_ctx *c, struct oci *o, const char *repository, const char *url,
	       const char *accept, struct http_response *ret, struct err *e)
{
	drop_token(o, repository);
	for (int tries = 0;; tries++) {
		const char *headers[3] = { accept, o->authorization, NULL };
		const struct http_request rq = { .url = url,
						 .headers = accept ? headers : &headers[1],
						 .follow = true,
						 .timeout_s = o->timeout_s };
		if (step_http(c, &rq, ret, e) < 0)
			return -1;
		if (ret->status != 401 || tries > 0)
			return 0;
		const char *challenge = http_header(ret, "www-authenticate");
		int r = ask_token(c, o, repository, challenge ? challenge : "", e);
		http_response_done(ret);
		*ret = (struct http_response){ 0 };
		if (r < 0)
			return -1;
	}
}

/* --- tags ------------------------------------------------------------------------------------- */

char *oci_next_page(const char *link, const char *base)
{
	const char *open = link ? strchr(link, '<') : NULL,
		   *close = open ? strchr(open, '>') : NULL;
	if (!close || !strstr(close, "next"))
		return NULL;
	_cleanup_free_ char *target = xstrndup(open + 1, (size_t)(close - open - 1));
	if (*target != '/')
		return steal(target);
	/* The path of the answer is absolute; of the base only scheme and host count. */
	const char *host = strstr(base, "://");
	size_t n = host ? (size_t)(host - base) + 3 + strcspn(host + 3, "/") : strlen(base);
	return xasprintf("%.*s%s", (int)n, base, target);
}

int oci_tags(struct step_ctx *c, struct oci *o, const char *repository, json_t **ret, struct err *e)
{
	_cleanup_json_ json_t *all = json_array();
	_cleanup_free_ char *api = oci_api(o->base);
	_cleanup_free_ char *url = xasprintf("%s/%s/tags/list?n=%d", api, repository, TAGS_PAGE);

	for (int page = 0; url && page < PAGES_MAX; page++) {
		struct http_response r _cleanup_http_ = { 0 };
		if (get(c, o, repository, url, NULL, &r, e) < 0)
			return -1;
		if (r.status != 200)
			return err_set(e, FAULT_SUP_OCI,
				       N_("%s answered %ld when asked for the versions of %s"),
				       o->base, r.status, repository);
		_cleanup_json_ json_t *body = json_parse(r.body, r.len, FAULT_SUP_OCI, o->base, e);
		if (!body)
			return -1;
		json_array_extend(all, json_object_get(body, "tags"));
		free(url);
		url = oci_next_page(http_header(&r, "link"), o->base);
	}
	*ret = steal(all);
	return 0;
}

/* --- a chart ---------------------------------------------------------------------------------- */

const char *oci_chart_layer(const json_t *manifest)
{
	size_t i;
	json_t *layer;
	json_array_foreach(json_at(manifest, "layers"), i, layer) {
		const char *type = json_str_at(layer, "mediaType"),
			   *digest = json_str_at(layer, "digest");
		if (type && digest && !strcmp(type, CHART_LAYER) && text_starts(digest, SHA256) &&
		    strlen(digest) == strlen(SHA256) + 64)
			return digest;
	}
	return NULL;
}

int oci_chart_digest(struct step_ctx *c, struct oci *o, const char *repository, const char *tag,
		     char **ret, struct err *e)
{
	struct http_response r _cleanup_http_ = { 0 };
	_cleanup_free_ char *api = oci_api(o->base);
	_cleanup_free_ char *url = xasprintf("%s/%s/manifests/%s", api, repository, tag);
	if (get(c, o, repository, url, ACCEPT_MANIFEST, &r, e) < 0)
		return -1;
	if (r.status == 404)
		return err_set(e, FAULT_SUP_VERSION, N_("%s/%s has no version %s"), o->base,
			       repository, tag);
	if (r.status != 200)
		return err_set(e, FAULT_SUP_OCI, N_("%s answered %ld when asked for %s %s"),
			       o->base, r.status, repository, tag);
	_cleanup_json_ json_t *manifest = json_parse(r.body, r.len, FAULT_SUP_OCI, o->base, e);
	if (!manifest)
		return -1;
	const char *digest = oci_chart_layer(manifest);
	if (!digest)
		return err_set(e, FAULT_SUP_OCI, N_("%s/%s %s is no Helm chart"), o->base,
			       repository, tag);
	*ret = xstrdup(digest + strlen(SHA256));
	return 0;
}

/* --- images and blobs ------------------------------------------------------------------------- */

int oci_manifest(struct step_ctx *c, struct oci *o, const char *repository, const char *reference,
		 struct http_response *ret, struct err *e)
{
	_cleanup_free_ char *api = oci_api(o->base);
	_cleanup_free_ char *url = xasprintf("%s/%s/manifests/%s", api, repository, reference);
	if (get(c, o, repository, url, ACCEPT_IMAGE, ret, e) < 0)
		return -1;
	if (ret->status == 404)
		return 0;
	if (ret->status != 200)
		return err_set(e, FAULT_SUP_OCI, N_("%s answered %ld when asked for %s %s"), o->base, ret->status,
			       repository, reference);
	return 1;
}

char *oci_blob_url(const struct oci *o, const char *repository, const char *sha256)
{
	_cleanup_free_ char *api = oci_api(o->base);
	return xasprintf("%s/%s/blobs/" SHA256 "%s", api, repository, sha256);
}

/* A blob is fetched in one go, so the token is asked for beforehand, and at this repository: the
 * challenge of /v2/ itself names another scope. */
int oci_authorize(struct step_ctx *c, struct oci *o, const char *repository, struct err *e)
{
	struct http_response r _cleanup_http_ = { 0 };
	drop_token(o, repository);
	if (o->scope || step_dry_run(c))
		return 0;
	_cleanup_free_ char *api = oci_api(o->base);
	_cleanup_free_ char *ping = xasprintf("%s/%s/tags/list?n=1", api, repository);
	if (get(c, o, repository, ping, NULL, &r, e) < 0)
		return -1;
	if (!o->scope) { /* it asks nobody: no need to look again for each blob */
		o->scope = xstrdup(repository);
		o->old_ms = clock_ms() + OPEN_MS;
	}
	return 0;
}

int oci_download(struct step_ctx *c, struct oci *o, const char *repository, const char *sha256,
		 const char *path, struct err *e)
{
	_cleanup_free_ char *url = oci_blob_url(o, repository, sha256);
	for (int tries = 0;; tries++) {
		struct err own = ERR_INIT;
		if (oci_authorize(c, o, repository, e) < 0)
			return -1;
		const char *headers[] = { o->authorization, NULL };
		if (step_download(c, url, headers, sha256, path, 0644, &own) == 0)
			return 0;
		/* A token may be refused before its time; what came so far is gone on with. */
		if (own.fault != FAULT_HTTP_STATUS || !o->authorization || tries > 0) {
			if (e && !err_is_set(e))
				*e = own;
			return -1;
		}
		o->old_ms = 0;
	}
}
