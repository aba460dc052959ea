/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Putting a bundle in place: read once from front to end, every member verified into a folder of
 * its own, and only when all is right moved to where steps look for it. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "steps/artefacts.h"
#include "steps/bundle.h"
#include "steps/digests.h"
#include "steps/image.h"

#define STAGE CACHE "/bundle.new"
#define CHUNK ((size_t)256 << 10)
#define SPARE ((long long)256 << 20) /* the disk must not be full to the brim afterwards */

int bundle_open(struct tar_reader *r, const char *file, const char *arch, json_t **ret_manifest,
		struct err *e)
{
	size_t n;
	if (tar_read_open(r, file, e) < 0)
		return -1;
	int more = tar_read_next(r, e);
	if (more < 0)
		return -1;
	if (!more || strcmp(r->name, "manifest.json"))
		return err_set(e, FAULT_BUN_FILE, N_("%s does not begin with manifest.json"), file);
	if (r->size > (long long)BUNDLE_MANIFEST_MAX)
		return err_set(e, FAULT_BUN_SIZE, N_("its manifest has %lld bytes"), r->size);
	_cleanup_free_ char *text = xcalloc((size_t)r->size + 1, 1);
	if (tar_read(r, text, (size_t)r->size, &n, e) < 0)
		return -1;
	_cleanup_json_ json_t *j = json_parse(text, n, FAULT_BUN_MANIFEST, "manifest.json", e);
	if (!j || bundle_check(j, arch, e) < 0)
		return -1;
	*ret_manifest = steal(j);
	return 0;
}

/* --- the folder in between -------------------------------------------------------------------- */

static void drop_stage(void)
{
	_cleanup_free_ char *dir = path_under(STAGE);
	DIR *d = opendir(dir);
	struct dirent *entry;
	while (d && (entry = readdir(d)))
		unlinkat(dirfd(d), entry->d_name, 0);
	if (d)
		closedir(d);
	rmdir(dir);
}

static char *staged(size_t i)
{
	_cleanup_free_ char *path = xasprintf(STAGE "/%zu", i);
	return path_under(path);
}

/* What it takes is known before the first byte is written. */
static int has_room(const json_t *members, struct err *e)
{
	_cleanup_free_ char *dir = path_under(STAGE);
	long long need = 0;
	size_t i;
	json_t *m;
	json_array_foreach(members, i, m)
		need += json_int_at(m, "size", 0);
	return bundle_has_room(dir, need + SPARE, e);
}

static int write_error(const char *path, struct err *e)
{
	return err_set(e, errno == ENOSPC || errno == EDQUOT ? FAULT_NO_SPACE : FAULT_IO,
		       N_("%s cannot be written: %s"), path, strerror(errno));
}

static int write_all(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t w = write(fd, p, n);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return -1;
		p += w;
		n -= (size_t)w;
	}
	return 0;
}

/* Copies the member's content; its SHA-256 is new. */
static int copy_out(struct step_ctx *c, struct tar_reader *r, int fd, const char *path,
		    char **ret_sha256, struct err *e)
{
	_cleanup_free_ char *buf = xcalloc(CHUNK, 1);
	struct crypto_hash *h = crypto_hash_new();
	int rc = 0;
	for (size_t n = 1; rc == 0 && n > 0;) {
		rc = tar_read(r, buf, CHUNK, &n, e);
		if (rc == 0 && write_all(fd, buf, n) < 0)
			rc = write_error(path, e);
		if (rc == 0)
			crypto_hash_add(h, buf, n);
		if (rc == 0 && step_cancelled(c))
			rc = err_set(e, FAULT_CANCELLED, N_("The run was cancelled"));
	}
	*ret_sha256 = crypto_hash_text(h);
	crypto_hash_free(h);
	return rc;
}

static int stage_one(struct step_ctx *c, struct tar_reader *r, const json_t *member, size_t i,
		     struct err *e)
{
	const char *name = json_str_at(member, "name"), *sha256 = json_str_at(member, "sha256");
	_cleanup_free_ char *path = staged(i);
	_cleanup_free_ char *have = NULL;
	int more = tar_read_next(r, e);
	if (more < 0)
		return -1;
	if (!more)
		return err_set(e, FAULT_BUN_MISSING, N_("it ends before its member %s"), name);
	if (strcmp(r->name, name))
		return err_set(e, FAULT_BUN_MEMBER, N_("it has \"%s\" where %s must be"), r->name,
			       name);
	if (r->size != json_int_at(member, "size", -1))
		return err_set(e, FAULT_BUN_SIZE, N_("%s has %lld bytes instead of %lld"), name,
			       r->size, json_int_at(member, "size", -1));
	_cleanup_close_ int fd =
		open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return write_error(path, e);
	if (copy_out(c, r, fd, path, &have, e) < 0)
		return -1;
	if (strcmp(have, sha256))
		return err_set(e, FAULT_BUN_HASH, N_("%s: the SHA-256 is %s, but %s was expected"),
			       name, have, sha256);
	return fsync(fd) < 0 ? write_error(path, e) : 0;
}

static int stage_all(struct step_ctx *c, struct tar_reader *r, const json_t *members, struct err *e)
{
	const size_t n = json_array_size(members);
	for (size_t i = 0; i < n; i++) {
		step_progress(c, (int)(i * 90 / n), N_("checking the bundle (%zu of %zu)"), i + 1,
			      n);
		if (stage_one(c, r, json_array_get(members, i), i, e) < 0)
			return -1;
	}
	int more = tar_read_next(r, e);
	if (more > 0)
		return err_set(e, FAULT_BUN_MEMBER,
			       N_("it has \"%s\", which its manifest does not name"), r->name);
	return more;
}

/* --- does it all fit together? ---------------------------------------------------------------- */

static size_t find_member(const json_t *members, const char *name)
{
	size_t i;
	json_t *m;
	json_array_foreach(members, i, m)
		if (!strcmp(json_str_at(m, "name"), name))
			return i;
	return (size_t)-1;
}

static int check_image(const json_t *members, const char *name, const char *digest, struct err *e)
{
	_cleanup_image_ struct image im = { 0 };
	_cleanup_free_ char *text = NULL;
	_cleanup_free_ char *member = xasprintf("blobs/sha256/%s", digest);
	const size_t at = find_member(members, member);
	_cleanup_free_ char *path = at == (size_t)-1 ? NULL : staged(at);
	size_t len, i;
	json_t *blob;
	if (!path)
		return err_set(e, FAULT_BUN_MISSING, N_("the image %s is not in the bundle"), name);
	if (fs_read(path, BUNDLE_MANIFEST_MAX, &text, &len, e) < 0 ||
	    image_manifest_parse(name, text, len, NULL, &im, e) < 0)
		return -1;
	json_array_foreach(im.blobs, i, blob) {
		_cleanup_free_ char *part =
			xasprintf("blobs/sha256/%s", json_str_at(blob, "sha256"));
		if (find_member(members, part) == (size_t)-1)
			return err_set(e, FAULT_BUN_MISSING,
				       N_("the image %s is not in the bundle"), name);
	}
	return 0;
}

/* What this program knows by itself counts more than what a bundle says. */
static int check_known(struct step_ctx *c, const json_t *members, struct err *e)
{
	size_t i;
	json_t *m;
	json_array_foreach(members, i, m) {
		const char *name = json_str_at(m, "name"), *known = digest_known(c, name);
		if (known && strcmp(known, json_str_at(m, "sha256")))
			return err_set(e, FAULT_BUN_HASH,
				       N_("%s: the SHA-256 is %s, but %s was expected"), name,
				       json_str_at(m, "sha256"), known);
	}
	return 0;
}

static int check_file(const json_t *members, const char *file, const char *sha256, struct err *e)
{
	const size_t at = find_member(members, file);
	if (at == (size_t)-1)
		return err_set(e, FAULT_BUN_MISSING, N_("%s is not in the bundle"), file);
	const char *have = json_str_at(json_array_get(members, at), "sha256");
	if (sha256 && !strcmp(have, sha256))
		return 0;
	return err_set(e, FAULT_BUN_HASH, N_("%s: the SHA-256 is %s, but %s was expected"), file,
		       have, sha256 ? sha256 : "-");
}

static int check_whole(struct step_ctx *c, const json_t *manifest, struct err *e)
{
	const json_t *members = json_object_get(manifest, "members");
	const char *arch = json_str_at(manifest, "arch"), *name;
	json_t *digest;
	if (check_known(c, members, e) < 0)
		return -1;
	for (enum part p = 0; p < PART_MAX; p++) {
		_cleanup_free_ char *file =
			artefact_name(p, bundle_part(manifest, p, "version"), arch);
		if (check_file(members, file, bundle_part(manifest, p, "sha256"), e) < 0)
			return -1;
	}
	_cleanup_free_ char *archive =
		artefact_images_name(bundle_part(manifest, PART_K3S, "version"), arch);
	if (check_file(members, archive, bundle_part(manifest, PART_K3S, "images_sha256"), e) < 0 ||
	    check_file(members, "k3s-install.sh", artefact_script_sha256(c), e) < 0)
		return -1;
	json_object_foreach(json_object_get(manifest, "images"), name, digest)
		if (check_image(members, name, json_string_value(digest), e) < 0)
			return -1;
	return 0;
}

/* --- into place ------------------------------------------------------------------------------- */

static int move_all(struct step_ctx *c, const json_t *members, struct err *e)
{
	size_t i;
	json_t *m;
	if (step_mkdir(c, IMAGE_BLOBS, 0755, e) < 0)
		return -1;
	json_array_foreach(members, i, m) {
		_cleanup_free_ char *from = staged(i);
		_cleanup_free_ char *to = xasprintf(CACHE "/%s", json_str_at(m, "name"));
		_cleanup_free_ char *real = path_under(to);
		const bool program = text_starts(json_str_at(m, "name"), "k3s-");
		if (chmod(from, program ? 0755 : 0644) < 0 || rename(from, real) < 0)
			return write_error(real, e);
	}
	return 0;
}

int bundle_put(struct step_ctx *c, const char *file, const char *arch, struct err *e)
{
	_cleanup_tar_reader_ struct tar_reader r = { .fd = -1 };
	_cleanup_json_ json_t *manifest = NULL;
	if (bundle_open(&r, file, arch, &manifest, e) < 0)
		return -1;
	if (step_dry_run(c))
		return 0;
	const json_t *members = json_object_get(manifest, "members");
	drop_stage();
	int rc = step_mkdir(c, STAGE, 0700, e);
	if (rc == 0)
		rc = has_room(members, e);
	if (rc == 0)
		rc = stage_all(c, &r, members, e);
	if (rc == 0)
		rc = check_whole(c, manifest, e);
	if (rc == 0)
		rc = move_all(c, members, e);
	drop_stage();
	if (rc < 0)
		return -1;
	_cleanup_free_ char *text = json_pretty(manifest);
	step_log(c, "bundle of %s in place: %zu files", json_str_at(manifest, "made") ?: "-",
		 json_array_size(members));
	return step_write(c, BUNDLE_RECORD, text, strlen(text), 0600, e);
}

int bundle_is_put(struct step_ctx *c, const char *file, const char *arch, struct err *e)
{
	_cleanup_tar_reader_ struct tar_reader r = { .fd = -1 };
	_cleanup_json_ json_t *manifest = NULL, *record = NULL;
	size_t i;
	json_t *m;
	if (bundle_load(c, &record, NULL) < 0 || !record)
		return 0;
	if (bundle_open(&r, file, arch, &manifest, e) < 0)
		return -1;
	if (!json_equal(manifest, record))
		return 0;
	json_array_foreach(json_object_get(manifest, "members"), i, m) {
		_cleanup_free_ char *path = xasprintf(CACHE "/%s", json_str_at(m, "name"));
		_cleanup_free_ char *real = path_under(path);
		struct stat st;
		if (stat(real, &st) < 0 || st.st_size != json_int_at(m, "size", -1))
			return 0;
	}
	return 1;
}
