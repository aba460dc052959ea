/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Making a bundle of what lies in the cache. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/json.h"
#include "base/mem.h"
#include "steps/artefacts.h"
#include "steps/bundle.h"
#include "steps/image.h"

/* --- the manifest ----------------------------------------------------------------------------- */

static int add_member(json_t *members, const char *name, const char *sha256, struct err *e)
{
	_cleanup_free_ char *path = xasprintf(CACHE "/%s", name);
	_cleanup_free_ char *real = path_under(path);
	struct stat st;
	size_t i;
	json_t *m;
	json_array_foreach(members, i, m)
		if (!strcmp(json_str_at(m, "name"), name))
			return 0;
	if (stat(real, &st) < 0)
		return err_set(e, FAULT_IO, N_("%s: %s"), path, strerror(errno));
	json_array_append_new(members, json_pack("{s:s, s:s, s:I}", "name", name, "sha256", sha256,
						 "size", (json_int_t)st.st_size));
	return 0;
}

static int add_blob(json_t *members, const char *sha256, struct err *e)
{
	_cleanup_free_ char *name = xasprintf("blobs/sha256/%s", sha256);
	return add_member(members, name, sha256, e);
}

static int add_image(struct step_ctx *c, json_t *members, const char *name, const char *digest,
		     struct err *e)
{
	_cleanup_image_ struct image im = { 0 };
	size_t i;
	json_t *blob;
	if (image_cached(c, name, digest, &im, e) < 0)
		return -1;
	if (!im.name)
		return err_set(e, FAULT_NOT_YET, N_("%s is not known yet"), name);
	json_array_foreach(im.blobs, i, blob)
		if (add_blob(members, json_str_at(blob, "sha256"), e) < 0)
			return -1;
	return add_blob(members, digest, e);
}

static int add_parts(struct step_ctx *c, json_t *parts, json_t *members, struct err *e)
{
	for (enum part p = 0; p < PART_MAX; p++) {
		const char *version = part_fact(c, p, "version"),
			   *sha256 = part_fact(c, p, "sha256");
		if (!version || !sha256)
			return err_set(e, FAULT_NOT_YET, N_("%s is not known yet"), part_title(p));
		_cleanup_free_ char *file = artefact_name(p, version, step_fact(c, "machine.arch"));
		json_object_set_new(parts, part_name(p),
				    json_pack("{s:s, s:s}", "version", version, "sha256", sha256));
		if (add_member(members, file, sha256, e) < 0)
			return -1;
	}
	const char *images = part_fact(c, PART_K3S, "images_sha256");
	_cleanup_free_ char *archive = artefact_images_name(part_fact(c, PART_K3S, "version"),
							    step_fact(c, "machine.arch"));
	/* Without its own images K3s cannot start where there is no line. */
	if (!images)
		return err_set(e, FAULT_SUP_DIGEST, N_("the checksum of %s is not known"), archive);
	json_object_set_new(json_object_get(parts, part_name(PART_K3S)), "images_sha256",
			    json_string(images));
	if (add_member(members, archive, images, e) < 0)
		return -1;
	return add_member(members, "k3s-install.sh", artefact_script_sha256(c), e);
}

json_t *bundle_build(struct step_ctx *c, struct err *e)
{
	_cleanup_json_ json_t *parts = json_object(), *members = json_array();
	const json_t *images = step_fact_json(c, "images.digests");
	const char *name;
	json_t *digest;
	char made[32];
	time_t now = time(NULL);
	struct tm tm;
	strftime(made, sizeof(made), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
	if (add_parts(c, parts, members, e) < 0)
		return NULL;
	json_object_foreach((json_t *)images, name, digest)
		if (add_image(c, members, name, json_string_value(digest), e) < 0)
			return NULL;
	return json_pack("{s:i, s:s, s:s, s:s, s:O, s:O, s:O}", "format", BUNDLE_FORMAT, "program",
			 PACKAGE_STRING, "made", made, "arch", step_fact(c, "machine.arch"),
			 "parts", parts, "images", images ? images : json_object(), "members",
			 members);
}

/* --- the file --------------------------------------------------------------------------------- */

struct telling {
	struct step_ctx *c;
	long long total;
};

static void tell(void *arg, long long done)
{
	const struct telling *t = arg;
	step_progress(t->c, (int)(done * 100 / t->total),
		      N_("writing the bundle: %lld of %lld MiB"), done >> 20, t->total >> 20);
}

static long long size_of(const json_t *manifest, size_t text_len)
{
	long long total = tar_member_size((long long)text_len) + TAR_END_SIZE;
	size_t i;
	json_t *m;
	json_array_foreach(json_object_get(manifest, "members"), i, m)
		total += tar_member_size(json_int_at(m, "size", 0));
	return total;
}

static int has_room(const char *file, long long need, struct err *e)
{
	const char *slash = strrchr(file, '/');
	_cleanup_free_ char *folder =
		slash ? xstrndup(file, (size_t)(slash - file) + 1) : xstrdup(".");
	return bundle_has_room(folder, need, e);
}

int bundle_write(struct step_ctx *c, const json_t *manifest, const char *file, struct err *e)
{
	_cleanup_tar_writer_ struct tar_writer w = { .fd = -1 };
	_cleanup_free_ char *text = json_pretty(manifest);
	struct telling t = { c, size_of(manifest, strlen(text)) };
	size_t i;
	json_t *m;
	if (step_dry_run(c))
		return 0;
	if (has_room(file, t.total, e) < 0 || tar_write_open(&w, file, 0644, e) < 0)
		return -1;
	w.progress = tell;
	w.arg = &t;
	if (tar_write_data(&w, "manifest.json", text, strlen(text), e) < 0)
		return -1;
	json_array_foreach(json_object_get(manifest, "members"), i, m) {
		_cleanup_free_ char *path = xasprintf(CACHE "/%s", json_str_at(m, "name"));
		_cleanup_free_ char *real = path_under(path);
		if (step_cancelled(c))
			return err_set(e, FAULT_CANCELLED, N_("The run was cancelled"));
		if (tar_write_file(&w, json_str_at(m, "name"), real, e) < 0)
			return -1;
	}
	return tar_write_finish(&w, e);
}
