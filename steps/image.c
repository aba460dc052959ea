/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Images at their registries. What a manifest says is in image-manifest.c. */
#include "steps/image.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/crypto.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/tar.h"
#include "base/text.h"
#include "steps/fetch.h"
#include "steps/image-name.h"

#define MANIFEST_MAX_BYTES ((size_t)4 << 20) /* distribution-spec: registries may refuse more */
#define MANIFEST_S 15 /* what does not answer by then leaves time for the mirror */

void image_done(struct image *i)
{
	free(i->name);
	free(i->from);
	free(i->manifest);
	free(i->digest);
	free(i->type);
	json_decref(i->blobs);
	*i = (struct image){ 0 };
}

char *image_blob_path(const char *sha256)
{
	return xasprintf(IMAGE_BLOBS "/%s", sha256);
}

/* --- asking ----------------------------------------------------------------------------------- */

/* One manifest, checked against the digest that it must have (want, hexadecimal, or NULL). */
static int get_manifest(struct step_ctx *c, struct oci *o, const struct image_name *n,
			const char *reference, const char *want, struct http_response *ret,
			struct err *e)
{
	int r = oci_manifest(c, o, n->repository, reference, ret, e);
	if (r < 0)
		return -1;
	if (r == 0)
		return err_set(e, FAULT_IMG_MISSING, N_("%s does not have the image %s (%s)"),
			       o->base, n->repository, reference);
	_cleanup_free_ char *have = crypto_sha256(ret->body, ret->len);
	const char *said = http_header(ret, "docker-content-digest");
	if (!want && said && text_starts(said, "sha256:"))
		want = said + 7;
	if (!want || !strcmp(want, have))
		return 0;
	return err_set(e, FAULT_HASH, N_("%s: the SHA-256 is %s, but %s was expected"),
		       n->repository, have, want);
}

/* From an index to the manifest of the architecture: answers are exchanged in *r. */
static int pick_architecture(struct step_ctx *c, struct oci *o, const struct image_name *n,
			     const char *arch, struct http_response *r, struct err *e)
{
	_cleanup_json_ json_t *j = json_parse(r->body, r->len, FAULT_SUP_OCI, n->repository, e);
	if (!j)
		return -1;
	if (!image_is_index(j, http_header(r, "content-type")))
		return 0;
	const char *digest = image_index_pick(j, arch);
	if (!digest)
		return err_set(e, FAULT_IMG_ARCH,
			       N_("%s has the image %s (%s) for other machines only, not for %s"),
			       o->base, n->repository, n->reference, arch);
	struct http_response own = { 0 };
	if (get_manifest(c, o, n, digest, digest + 7, &own, e) < 0) {
		http_response_done(&own);
		return -1;
	}
	http_response_done(r);
	*r = own;
	return 0;
}

static int resolve_at(struct step_ctx *c, struct oci *o, const struct image_name *n,
		      const char *arch, struct image *ret, struct err *e)
{
	struct http_response r _cleanup_http_ = { 0 };
	const char *want = text_starts(n->reference, "sha256:") ? n->reference + 7 : NULL;
	if (get_manifest(c, o, n, n->reference, want, &r, e) < 0 ||
	    pick_architecture(c, o, n, arch, &r, e) < 0)
		return -1;
	_cleanup_free_ char *full = image_name_full(n);
	return image_manifest_parse(full, r.body, r.len, http_header(&r, "content-type"), ret, e);
}

/* Not there for anybody, as far as one can see, in contrast to an answer about this one image. */
static bool is_dead(enum fault f)
{
	return f == FAULT_HTTP_DNS || f == FAULT_HTTP_CONNECT || f == FAULT_HTTP_TIMEOUT ||
	       f == FAULT_HTTP_TLS;
}

int image_resolve(struct step_ctx *c, const char *name, const char *arch, json_t *dead,
		  struct image *ret, struct err *e)
{
	_cleanup_image_name_ struct image_name n;
	struct err first = ERR_INIT;
	if (!image_name_parse(name, &n))
		return err_set(e, FAULT_IMG_MISSING, N_("\"%s\" is no name of an image"), name);
	for (int mirror = 0; mirror < 2; mirror++) {
		struct oci o __attribute__((cleanup(oci_done)));
		struct err own = ERR_INIT;
		if (!oci_open_at(c, n.registry, mirror, &o) && mirror)
			break;
		if (json_object_get(dead, o.base))
			continue;
		o.timeout_s = MANIFEST_S;
		if (resolve_at(c, &o, &n, arch, ret, &own) == 0) {
			struct oci blobs __attribute__((cleanup(oci_done)));
			oci_open(c, n.registry, n.registry, &blobs);
			ret->from = steal(blobs.base);
			if (mirror)
				step_log(c, "manifest of %s: from the mirror %s, its registry gave none",
					 name, o.base);
			return 0;
		}
		if (is_dead(own.fault))
			json_object_set_new(dead, o.base, json_true());
		if (!err_is_set(&first) || is_dead(first.fault))
			first = own;
		if (own.fault == FAULT_CANCELLED)
			break;
	}
	if (!err_is_set(&first))
		err_set(&first, FAULT_SUP_REGISTRY, N_("no source of %s answers"), n.registry);
	if (e && !err_is_set(e))
		*e = first;
	return -1;
}

/* --- the cache -------------------------------------------------------------------------------- */

/* 1 when a blob is there; it got its name only with the right hash, so its size is enough. */
static int blob_there(const json_t *blob)
{
	_cleanup_free_ char *path = image_blob_path(json_str_at(blob, "sha256"));
	_cleanup_free_ char *real = path_under(path);
	struct stat st;
	return stat(real, &st) == 0 && st.st_size == json_int_at(blob, "size", -1);
}

int image_whole(struct step_ctx *c, const struct image *i, struct err *e)
{
	_cleanup_free_ char *manifest = image_blob_path(i->digest);
	size_t k;
	json_t *blob;
	json_array_foreach(i->blobs, k, blob)
		if (!blob_there(blob))
			return 0;
	return step_has_hash(c, manifest, i->digest, e);
}

/* What is missing of it, as items of steps/fetch.h. New. */
static json_t *blob_items(const struct image *i)
{
	_cleanup_image_name_ struct image_name n = { 0 };
	json_t *all = json_array();
	size_t k;
	json_t *blob;
	if (!i->from || !image_name_parse(i->name, &n))
		return all;
	json_array_foreach(i->blobs, k, blob) {
		const char *sha256 = json_str_at(blob, "sha256");
		_cleanup_free_ char *path = image_blob_path(sha256);
		if (!blob_there(blob))
			json_array_append_new(
				all, fetch_blob(i->name, i->from, n.repository, sha256, path));
	}
	return all;
}

int image_fetch(struct step_ctx *c, const struct image *i, struct err *e)
{
	_cleanup_json_ json_t *all = blob_items(i);
	_cleanup_free_ char *manifest = image_blob_path(i->digest);
	size_t k;
	json_t *item;
	json_array_foreach(all, k, item)
		if (step_fetch(c, item, e) < 0)
			return -1;
	return step_write(c, manifest, i->manifest, i->manifest_len, 0644, e);
}

/* The manifest comes first here: whether the image is whole its blobs tell. */
int image_ahead(struct step_ctx *c, const struct image *i, struct err *e)
{
	_cleanup_json_ json_t *all = blob_items(i);
	_cleanup_free_ char *manifest = image_blob_path(i->digest);
	if (step_write(c, manifest, i->manifest, i->manifest_len, 0644, e) < 0)
		return -1;
	return step_fetch_ahead(c, all, e);
}

int image_cached(struct step_ctx *c, const char *name, const char *digest, struct image *ret,
		 struct err *e)
{
	_cleanup_free_ char *path = image_blob_path(digest);
	_cleanup_free_ char *text = NULL;
	size_t len;
	*ret = (struct image){ 0 };
	if (step_read(c, path, MANIFEST_MAX_BYTES, &text, &len, e) < 0)
		return -1;
	_cleanup_free_ char *have = text ? crypto_sha256(text, len) : NULL;
	if (!have || strcmp(have, digest))
		return 0;
	return image_manifest_parse(name, text, len, NULL, ret, e);
}

/* --- the archive ------------------------------------------------------------------------------ */

static int pack_blob(struct tar_writer *w, const char *sha256, struct err *e)
{
	_cleanup_free_ char *path = image_blob_path(sha256);
	_cleanup_free_ char *real = path_under(path);
	_cleanup_free_ char *name = xasprintf("blobs/sha256/%s", sha256);
	return tar_write_file(w, name, real, e);
}

int image_pack(struct step_ctx *c, const struct image *i, const char *arch, const char *path,
	       struct err *e)
{
	static const char layout[] = "{\"imageLayoutVersion\":\"1.0.0\"}";
	_cleanup_free_ char *real = path_under(path);
	_cleanup_free_ char *index = image_layout_index(i, arch);
	_cleanup_tar_writer_ struct tar_writer w = { .fd = -1 };
	size_t k;
	json_t *blob;
	const char *slash = strrchr(path, '/');
	_cleanup_free_ char *folder = xstrndup(path, (size_t)(slash - path));
	if (step_mkdir(c, folder, 0700, e) < 0 || tar_write_open(&w, real, 0600, e) < 0 ||
	    tar_write_data(&w, "oci-layout", layout, sizeof(layout) - 1, e) < 0 ||
	    tar_write_data(&w, "index.json", index, strlen(index), e) < 0 ||
	    pack_blob(&w, i->digest, e) < 0)
		return -1;
	json_array_foreach(i->blobs, k, blob) {
		if (step_cancelled(c))
			return err_set(e, FAULT_CANCELLED, N_("The run was cancelled"));
		if (pack_blob(&w, json_str_at(blob, "sha256"), e) < 0)
			return -1;
	}
	return tar_write_finish(&w, e);
}
