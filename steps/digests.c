/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Digests from the publishers: lists of checksums, and the manifests of charts. What is built in is in
 * digests-known.c. */
#include "steps/digests.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "steps/artefacts.h"
#include "steps/oci.h"

#define SHA256_HEX 64

static bool is_hex64(const char *s)
{
	return strspn(s, "0123456789abcdef") >= SHA256_HEX;
}

/* "HASH" alone, or the line "HASH  file" of a list. New, or NULL. */
char *digest_find(const char *text, const char *file)
{
	_cleanup_strv_ char **lines = text_split(text, '\n');
	for (char **l = lines; l && *l; l++) {
		if (!is_hex64(*l))
			continue;
		_cleanup_free_ char *name = text_trim(*l + SHA256_HEX);
		const char *bare = *name == '*' ? name + 1 : name;
		if (!file || !strcmp(bare, file))
			return xstrndup(*l, SHA256_HEX);
	}
	return NULL;
}

/* The list at url; new. */
static char *fetch_list(struct step_ctx *c, const char *url, struct err *e)
{
	struct http_response r _cleanup_http_ = { 0 };
	const struct http_request rq = { .url = url, .follow = true, .max = 1 << 20 };
	if (step_http(c, &rq, &r, e) < 0)
		return NULL;
	if (r.status == 200)
		return steal(r.body);
	if (r.status == 404)
		err_set(e, FAULT_SUP_VERSION, N_("%s does not exist"), url);
	else
		err_set(e, FAULT_SUP_SOURCE, N_("%s answered %ld"), url, r.status);
	return NULL;
}

/* The list stays with the caller where he wants more of it. */
static char *fetch_digest(struct step_ctx *c, const char *url, const char *file, char **ret_list,
			  struct err *e)
{
	_cleanup_free_ char *list = fetch_list(c, url, e);
	char *digest = list ? digest_find(list, file) : NULL;
	if (list && !digest)
		err_set(e, FAULT_SUP_DIGEST, N_("%s has no SHA-256 for %s"), url,
			file ? file : "the file");
	if (digest && ret_list)
		*ret_list = steal(list);
	return digest;
}

char *digest_fetch(struct step_ctx *c, const char *url, const char *file, struct err *e)
{
	return fetch_digest(c, url, file, NULL, e);
}

/* A publisher that does not answer leaves only the mirror, and that would vouch for itself. */
static char *not_from_mirror(const struct err *seen, const char *file, struct err *e)
{
	_cleanup_free_ char *why = err_text(seen);
	if (seen->fault == FAULT_CANCELLED || seen->fault == FAULT_SUP_VERSION) {
		if (e && !err_is_set(e))
			*e = *seen;
		return NULL;
	}
	err_set(e, FAULT_SRC_DIGEST, N_("%s: its publisher cannot be asked for the checksum: %s"), file, why);
	return NULL;
}

/* With a mirror the list is asked for at the publisher all the same: it is small. The images' digest
 * stands in it too; where it cannot be had they are pulled one by one. */
static char *k3s_digest(struct step_ctx *c, const char *version, const char *file, char **ret_images,
			struct err *e)
{
	struct err seen = ERR_INIT;
	const char *arch = step_fact(c, "machine.arch"), *known = digest_known(c, file);
	const bool mirror = step_str(c, "mirrors.k3s") || step_str(c, "mirrors.github");
	_cleanup_free_ char *name = xasprintf("sha256sum-%s.txt", arch);
	_cleanup_free_ char *url = artefact_k3s_upstream(version, name);
	_cleanup_free_ char *list = NULL;
	_cleanup_free_ char *images = artefact_k3s_images(c);
	_cleanup_free_ char *archive = artefact_images_name(version, arch);
	const char *known_images = digest_known(c, archive);
	if (known && known_images) {
		*ret_images = xstrdup(known_images);
		return xstrdup(known);
	}
	_cleanup_free_ char *digest =
		fetch_digest(c, url, artefact_k3s_file(c), &list, mirror || known ? &seen : e);
	*ret_images = known_images ? xstrdup(known_images) : list ? digest_find(list, images) : NULL;
	if (known && seen.fault != FAULT_CANCELLED)
		return xstrdup(known);
	if (digest || !err_is_set(&seen))
		return steal(digest);
	return not_from_mirror(&seen, file, e);
}

static char *helm_digest(struct step_ctx *c, const char *version, const char *file, struct err *e)
{
	struct err seen = ERR_INIT;
	const bool mirror = step_str(c, "mirrors.helm");
	_cleanup_free_ char *url = xasprintf("https://get.helm.sh/helm-%s-linux-%s.tar.gz.sha256", version,
					     step_fact(c, "machine.arch"));
	char *digest = digest_fetch(c, url, NULL, mirror ? &seen : e);
	return digest || !mirror ? digest : not_from_mirror(&seen, file, e);
}

static char *chart_digest(struct step_ctx *c, enum part part, const char *version, const char *file, struct err *e)
{
	struct oci oci __attribute__((cleanup(oci_done)));
	struct err seen = ERR_INIT;
	char *digest = NULL;
	const bool mirror = step_str(c, part == PART_CHART ? "mirrors.ghcr_io" : "mirrors.quay_io");
	_cleanup_free_ char *repository = oci_chart(c, part, &oci);
	oci_done(&oci);
	oci_open_at(c, part == PART_CHART ? "ghcr.io" : "quay.io", false, &oci);
	if (oci_chart_digest(c, &oci, repository, version, &digest, mirror ? &seen : e) == 0)
		return digest;
	return mirror ? not_from_mirror(&seen, file, e) : NULL;
}

char *part_digest(struct step_ctx *c, enum part part, const char *version, char **ret_images,
		  struct err *e)
{
	*ret_images = NULL;
	_cleanup_free_ char *file = artefact_name(part, version, step_fact(c, "machine.arch"));
	const char *known = digest_known(c, file);
	if (part == PART_K3S)
		return k3s_digest(c, version, file, ret_images, e);
	if (known)
		return xstrdup(known);
	switch (part) {
	case PART_HELM:
		return helm_digest(c, version, file, e);
	default:
		return chart_digest(c, part, version, file, e);
	}
}
