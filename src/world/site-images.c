/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The images that the world's charts use, at their registries: an index for two architectures, a
 * manifest each, a configuration and two layers, made of nothing but the image's name. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/http.h"

#define MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define INDEX "application/vnd.oci.image.index.v1+json"
#define DOCKER_MANIFEST "application/vnd.docker.distribution.manifest.v2+json"
#define DOCKER_LIST "application/vnd.docker.distribution.manifest.list.v2+json"
#define LAYER_SIZE 4000

static const struct image {
	const char *host, *repository, *tag;
	bool docker; /* in the older media types */
} images[] = {
	{ "ghcr.io", "element-hq/ess-helm/matrix-tools", "0.8.1", false },
	{ "ghcr.io", "element-hq/matrix-authentication-service", "1.23.0", false },
	{ "ghcr.io", "oliver006/redis_exporter", "v1.84.0", false },
	{ "oci.element.io", "element-admin", "0.1.12", false },
	{ "oci.element.io", "element-web", "v1.12.26", false },
	{ "oci.element.io", "lk-jwt-service", "0.6.0", true },
	{ "oci.element.io", "synapse", "v1.159.0", false },
	{ "registry-1.docker.io", "library/haproxy", "3.2-alpine", true },
	{ "registry-1.docker.io", "library/postgres", "17-alpine", false },
	{ "registry-1.docker.io", "library/redis", "7.4-alpine", false },
	{ "registry-1.docker.io", "livekit/livekit-server", "v1.13.5", true },
	{ "registry-1.docker.io", "prometheuscommunity/postgres-exporter", "v0.18.1", false },
	{ "quay.io", "jetstack/cert-manager-cainjector", "v1.21.1", false },
	{ "quay.io", "jetstack/cert-manager-controller", "v1.21.1", false },
	{ "quay.io", "jetstack/cert-manager-webhook", "v1.21.1", false },
};

static const char *const architectures[] = { "amd64", "arm64" };

static const struct image *find(const char *host, const char *repository)
{
	for (size_t i = 0; i < ARRAY_LEN(images); i++)
		if (strcmp(images[i].host, host) == 0 &&
		    strcmp(images[i].repository, repository) == 0)
			return &images[i];
	return NULL;
}

bool image_site_has(const char *host, const char *repository)
{
	return find(host, repository) != NULL;
}

/* --- content --- */

/* Number 0 is the configuration. New. */
static char *blob_text(const struct image *im, const char *arch, int number)
{
	if (number == 0)
		return xasprintf("{\"architecture\":\"%s\",\"os\":\"linux\",\"config\":{\"Labels\":"
				 "{\"name\":\"%s\"}},"
				 "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}",
				 arch, im->repository);
	char *text = xcalloc(LAYER_SIZE + 1, 1);
	/* The first layer is the same for all, as a common base is. */
	_cleanup_free_ char *line =
		number == 1 ? xasprintf("base for %s\n", arch)
			    : xasprintf("%s:%s for %s\n", im->repository, im->tag, arch);
	for (size_t at = 0; at < LAYER_SIZE; at++)
		text[at] = line[at % strlen(line)];
	return text;
}

static json_t *descriptor(const char *type, const char *text)
{
	_cleanup_free_ char *sum = crypto_sha256(text, strlen(text));
	_cleanup_free_ char *digest = xasprintf("sha256:%s", sum);
	return json_pack("{s:s, s:s, s:I}", "mediaType", type, "digest", digest, "size",
			 (json_int_t)strlen(text));
}

static char *manifest_text(const struct image *im, const char *arch)
{
	_cleanup_free_ char *config = blob_text(im, arch, 0), *base = blob_text(im, arch, 1),
			    *own = blob_text(im, arch, 2);
	const char *layer = im->docker ? "application/vnd.docker.image.rootfs.diff.tar.gzip"
				       : "application/vnd.oci.image.layer.v1.tar+gzip";
	_cleanup_json_ json_t *m =
		json_pack("{s:i, s:s, s:o, s:[o,o]}", "schemaVersion", 2, "mediaType",
			  im->docker ? DOCKER_MANIFEST : MANIFEST, "config",
			  descriptor(im->docker ? "application/vnd.docker.container.image.v1+json"
						: "application/vnd.oci.image.config.v1+json",
				     config),
			  "layers", descriptor(layer, base), descriptor(layer, own));
	return json_dumps(m, JSON_COMPACT);
}

static char *index_text(const struct image *im)
{
	json_t *list = json_array();
	for (size_t i = 0; i < ARRAY_LEN(architectures); i++) {
		_cleanup_free_ char *text = manifest_text(im, architectures[i]);
		json_t *d = descriptor(im->docker ? DOCKER_MANIFEST : MANIFEST, text);
		json_object_set_new(
			d, "platform",
			json_pack("{s:s, s:s}", "architecture", architectures[i], "os", "linux"));
		json_array_append_new(list, d);
	}
	_cleanup_json_ json_t *m = json_pack("{s:i, s:s, s:o}", "schemaVersion", 2, "mediaType",
					     im->docker ? DOCKER_LIST : INDEX, "manifests", list);
	return json_dumps(m, JSON_COMPACT);
}

/* --- answers --- */

static void error(struct response *r, int status, const char *code, const char *message)
{
	reply_json(r, status,
		   json_pack("{s:[{s:s, s:s}]}", "errors", "code", code, "message", message));
}

static bool is_digest(const char *text, const char *digest)
{
	_cleanup_free_ char *sum = crypto_sha256(text, strlen(text));
	return strncmp(digest, "sha256:", 7) == 0 && strcmp(digest + 7, sum) == 0;
}

static void manifest(const struct request *rq, struct response *r, const struct image *im,
		     const char *reference)
{
	const char *accept = request_header(rq, "accept");
	_cleanup_free_ char *text = index_text(im);
	const char *type = im->docker ? DOCKER_LIST : INDEX;
	if (strcmp(reference, im->tag) != 0 && !is_digest(text, reference)) {
		type = im->docker ? DOCKER_MANIFEST : MANIFEST;
		for (size_t i = 0; i < ARRAY_LEN(architectures); i++) {
			free(text);
			text = manifest_text(im, architectures[i]);
			if (is_digest(text, reference))
				break;
		}
	}
	if (strcmp(reference, im->tag) != 0 && !is_digest(text, reference)) {
		error(r, 404, "MANIFEST_UNKNOWN", "manifest unknown");
	} else if (!accept || !strstr(accept, type)) {
		error(r, 404, "MANIFEST_UNKNOWN",
		      "manifest found, but accept header does not support it");
	} else {
		_cleanup_free_ char *sum = crypto_sha256(text, strlen(text));
		reply_text(r, 200, type, text);
		reply_header(r, "Docker-Content-Digest: sha256:%s", sum);
	}
}

static void blob(struct response *r, const struct image *im, const char *digest)
{
	for (size_t a = 0; a < ARRAY_LEN(architectures); a++)
		for (int number = 0; number < 3; number++) {
			_cleanup_free_ char *text = blob_text(im, architectures[a], number);
			if (is_digest(text, digest)) {
				reply_text(r, 200, "application/octet-stream", text);
				return;
			}
		}
	error(r, 404, "BLOB_UNKNOWN", "blob unknown to registry");
}

void image_site(const struct request *rq, struct response *r, const char *repository,
		const char *rest)
{
	const struct image *im = find(rq->host, repository);
	if (strcmp(rest, "tags/list") == 0)
		reply_json(r, 200, json_pack("{s:s, s:[s]}", "name", repository, "tags", im->tag));
	else if (text_starts(rest, "manifests/"))
		manifest(rq, r, im, rest + 10);
	else if (text_starts(rest, "blobs/"))
		blob(r, im, rest + 6);
	else
		error(r, 404, "UNSUPPORTED", "not found");
}
