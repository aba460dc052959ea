/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What manifests and indexes say: pure. Sources: image-spec manifest.md, image-index.md; Docker's
 * image manifest version 2, schema 2. */
#include <string.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "steps/image.h"

#define OCI_MANIFEST "application/vnd.oci.image.manifest.v1+json"
#define OCI_INDEX "application/vnd.oci.image.index.v1+json"
#define DOCKER_MANIFEST "application/vnd.docker.distribution.manifest.v2+json"
#define DOCKER_LIST "application/vnd.docker.distribution.manifest.list.v2+json"
#define BLOBS_MAX 200
#define BLOB_SIZE_MAX (2LL << 30)

/* The manifest's own word counts, then what it was served as; parameters of the type do not. */
static bool is_type(const json_t *manifest, const char *served, const char *type)
{
	const char *own = json_str_at(manifest, "mediaType");
	if (own)
		return !strcmp(own, type);
	return served && text_starts(served, type) && strchr("; ", served[strlen(type)]) != NULL;
}

bool image_is_index(const json_t *manifest, const char *type)
{
	return is_type(manifest, type, OCI_INDEX) || is_type(manifest, type, DOCKER_LIST) ||
	       json_is_array(json_object_get(manifest, "manifests"));
}

static const char *digest_of(const json_t *descriptor)
{
	const char *d = json_str_at(descriptor, "digest");
	return d && text_starts(d, "sha256:") && strlen(d) == 7 + CRYPTO_HEX_LEN &&
			       strspn(d + 7, "0123456789abcdef") == CRYPTO_HEX_LEN
		       ? d
		       : NULL;
}

const char *image_index_pick(const json_t *index, const char *arch)
{
	size_t i;
	json_t *m;
	json_array_foreach(json_object_get(index, "manifests"), i, m) {
		const char *os = json_str_at(m, "platform.os"),
			   *a = json_str_at(m, "platform.architecture");
		const char *variant = json_str_at(m, "platform.variant");
		/* arm64 has one variant that matters, v8; amd64's v2 and later are for newer
		 * processors. */
		if (os && a && !strcmp(os, "linux") && !strcmp(a, arch) &&
		    (!variant || !strcmp(variant, "v8")) && digest_of(m))
			return digest_of(m);
	}
	return NULL;
}

static bool has_blob(const json_t *blobs, const char *sha256)
{
	size_t i;
	json_t *b;
	json_array_foreach(blobs, i, b)
		if (!strcmp(json_str_at(b, "sha256"), sha256))
			return true;
	return false;
}

static int add_blob(json_t *blobs, const json_t *descriptor, const char *name, struct err *e)
{
	const char *digest = digest_of(descriptor);
	const long long size = json_int_at(descriptor, "size", -1);
	if (!digest || size < 0 || size > BLOB_SIZE_MAX || json_array_size(blobs) >= BLOBS_MAX)
		return err_set(e, FAULT_SUP_OCI,
			       N_("the manifest of %s names a part that cannot be right"), name);
	if (!has_blob(blobs, digest + 7))
		json_array_append_new(blobs, json_pack("{s:s, s:I}", "sha256", digest + 7, "size",
						       (json_int_t)size));
	return 0;
}

int image_manifest_parse(const char *name, const char *text, size_t len, const char *type,
			 struct image *ret, struct err *e)
{
	_cleanup_json_ json_t *m = json_parse(text, len, FAULT_SUP_OCI, name, e);
	_cleanup_json_ json_t *blobs = json_array();
	const json_t *layers = json_object_get(m, "layers");
	size_t i;
	json_t *layer;
	if (!m)
		return -1;
	const bool docker = is_type(m, type, DOCKER_MANIFEST);
	if ((!docker && !is_type(m, type, OCI_MANIFEST) && json_object_get(m, "mediaType")) ||
	    !json_is_array(layers) || json_int_at(m, "schemaVersion", 0) != 2)
		return err_set(e, FAULT_SUP_OCI, N_("what the registry has as %s is no image"),
			       name);
	if (add_blob(blobs, json_object_get(m, "config"), name, e) < 0)
		return -1;
	json_array_foreach(layers, i, layer)
		if (add_blob(blobs, layer, name, e) < 0)
			return -1;
	*ret = (struct image){
		.name = xstrdup(name),
		.manifest = xstrndup(text, len),
		.manifest_len = len,
		.digest = crypto_sha256(text, len),
		.type = xstrdup(docker ? DOCKER_MANIFEST : OCI_MANIFEST),
		.blobs = steal(blobs),
	};
	return 0;
}

char *image_layout_index(const struct image *i, const char *arch)
{
	const char *colon = strrchr(i->name, ':');
	_cleanup_free_ char *digest = xasprintf("sha256:%s", i->digest);
	_cleanup_json_ json_t *index = json_pack(
		"{s:i, s:s, s:[{s:s, s:s, s:I, s:{s:s, s:s}, s:{s:s, s:s}}]}", "schemaVersion", 2,
		"mediaType", OCI_INDEX, "manifests", "mediaType", i->type, "digest", digest, "size",
		(json_int_t)i->manifest_len, "platform", "os", "linux", "architecture", arch,
		"annotations", "io.containerd.image.name", i->name,
		"org.opencontainers.image.ref.name", colon ? colon + 1 : "latest");
	return json_canonical(index);
}
