/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What a bundle's manifest says, and the one in force. */
#include "steps/bundle.h"

#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "steps/image-name.h"

#define MEMBERS_MAX 2000
#define TOTAL_MAX (64LL << 30)
#define BLOBS "blobs/sha256/"

static bool is_sha256(const char *s)
{
	return s && strlen(s) == CRYPTO_HEX_LEN && strspn(s, "0123456789abcdef") == CRYPTO_HEX_LEN;
}

/* The files of the cache have names that begin so (steps/artefacts.c); nothing else may come from
 * outside into it. */
bool bundle_name_good(const char *name, const char *sha256)
{
	static const char *const heads[] = { "k3s-", "helm-v", "cert-manager-v", "matrix-stack-" };
	if (!name || !tar_name_good(name) || !is_sha256(sha256))
		return false;
	if (text_starts(name, BLOBS))
		return !strcmp(name + strlen(BLOBS), sha256);
	if (strchr(name, '/') || text_ends(name, ".part") || text_ends(name, ".new"))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(heads); i++)
		if (text_starts(name, heads[i]))
			return true;
	return text_starts(name, "v") && strstr(name, "-k3s-airgap-images-") &&
	       text_ends(name, ".tar.zst");
}

/* --- checking --------------------------------------------------------------------------------- */

static int bad(const char *what, struct err *e)
{
	return err_set(e, FAULT_BUN_MANIFEST, N_("its manifest is wrong or incomplete: %s"), what);
}

static int check_members(const json_t *members, struct err *e)
{
	_cleanup_json_ json_t *seen = json_object();
	long long total = 0;
	size_t i;
	json_t *m;
	if (!json_is_array(members) || json_array_size(members) == 0 ||
	    json_array_size(members) > MEMBERS_MAX)
		return bad("members", e);
	json_array_foreach(members, i, m) {
		const char *name = json_str_at(m, "name"), *sha256 = json_str_at(m, "sha256");
		const long long size = json_int_at(m, "size", -1);
		if (!name || !is_sha256(sha256) || size < 0)
			return bad("members", e);
		if (!bundle_name_good(name, sha256))
			return err_set(e, FAULT_BUN_MEMBER, N_("its manifest names \"%s\""), name);
		if (json_object_get(seen, name))
			return err_set(e, FAULT_BUN_MEMBER, N_("its manifest names \"%s\" twice"),
				       name);
		json_object_set_new(seen, name, json_true());
		total += size;
		if (size > TAR_SIZE_MAX || total > TOTAL_MAX)
			return err_set(e, FAULT_BUN_SIZE, N_("it would take %lld bytes and more"),
				       total);
	}
	return 0;
}

static int check_images(const json_t *images, struct err *e)
{
	const char *name;
	json_t *digest;
	if (!json_is_object(images))
		return bad("images", e);
	json_object_foreach((json_t *)images, name, digest) {
		_cleanup_image_name_ struct image_name n;
		if (!image_name_parse(name, &n) || !is_sha256(json_string_value(digest)))
			return bad("images", e);
	}
	return 0;
}

int bundle_check(const json_t *manifest, const char *arch, struct err *e)
{
	const long long format = json_int_at(manifest, "format", 0);
	const char *made_for = json_str_at(manifest, "arch");
	if (format > BUNDLE_FORMAT)
		return err_set(e, FAULT_BUN_FORMAT, N_("its format is %lld, this program knows %d"),
			       format, BUNDLE_FORMAT);
	if (format != BUNDLE_FORMAT)
		return bad("format", e);
	if (!made_for)
		return bad("arch", e);
	if (arch && strcmp(made_for, arch))
		return err_set(e, FAULT_BUN_ARCH, N_("it is for %s, this machine is %s"), made_for,
			       arch);
	for (enum part p = 0; p < PART_MAX; p++)
		if (!bundle_part(manifest, p, "version") ||
		    !is_sha256(bundle_part(manifest, p, "sha256")))
			return bad(part_name(p), e);
	if (check_members(json_object_get(manifest, "members"), e) < 0)
		return -1;
	return check_images(json_object_get(manifest, "images"), e);
}

const char *bundle_part(const json_t *manifest, enum part part, const char *what)
{
	return json_str_at(json_object_get(json_object_get(manifest, "parts"), part_name(part)),
			   what);
}

char *bundle_id(const json_t *manifest)
{
	_cleanup_free_ char *text = json_canonical(manifest);
	char *sum = crypto_sha256(text, strlen(text));
	sum[12] = '\0';
	return sum;
}

int bundle_has_room(const char *folder, long long need, struct err *e)
{
	struct statvfs fs;
	if (statvfs(folder, &fs) < 0)
		return err_set(e, FAULT_IO, N_("%s: %s"), folder, strerror(errno));
	const long long have = (long long)fs.f_bavail * (long long)fs.f_frsize;
	if (have >= need)
		return 0;
	return err_set(e, FAULT_NO_SPACE,
		       N_("the bundle takes %lld MiB, and %lld MiB are free at %s"), need >> 20,
		       have >> 20, folder);
}

/* --- the one in force ------------------------------------------------------------------------- */

int bundle_load(struct step_ctx *c, json_t **ret, struct err *e)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	*ret = NULL;
	if (step_read(c, BUNDLE_RECORD, BUNDLE_MANIFEST_MAX, &text, &len, e) < 0)
		return -1;
	if (!text)
		return 0;
	_cleanup_json_ json_t *j = json_parse(text, len, FAULT_BUN_MANIFEST, BUNDLE_RECORD, e);
	if (!j || bundle_check(j, NULL, e) < 0)
		return -1;
	*ret = steal(j);
	return 0;
}
