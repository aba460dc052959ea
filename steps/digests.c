/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Digests from the publishers: lists of checksums, and the manifests of charts. */
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

static char *k3s_digest(struct step_ctx *c, const char *version, char **ret_list, struct err *e)
{
	_cleanup_free_ char *list = xasprintf("sha256sum-%s.txt", step_fact(c, "machine.arch"));
	_cleanup_free_ char *url = artefact_k3s_url(c, false, version, list);
	const char *file = artefact_k3s_file(c);
	if (!step_str(c, "mirrors.k3s"))
		return fetch_digest(c, url, file, ret_list, e);

	/* The mirror needs no trust as long as the digest comes from elsewhere. */
	struct err seen = ERR_INIT;
	char *digest = fetch_digest(c, url, file, ret_list, &seen);
	if (digest || seen.fault == FAULT_CANCELLED) {
		if (!digest && e)
			*e = seen;
		return digest;
	}
	_cleanup_free_ char *mirror_url = artefact_k3s_url(c, true, version, list);
	step_log(c, "GitHub cannot be asked for K3s' digest: it is taken from the mirror, which is "
		    "trusted by that");
	return fetch_digest(c, mirror_url, file, ret_list, e);
}

char *part_digest(struct step_ctx *c, enum part part, const char *version, char **ret_images,
		  struct err *e)
{
	*ret_images = NULL;
	if (part == PART_K3S) {
		_cleanup_free_ char *list = NULL, *images = artefact_k3s_images(c);
		char *digest = k3s_digest(c, version, &list, e);
		*ret_images = list ? digest_find(list, images) : NULL;
		return digest;
	}
	if (part == PART_HELM) {
		_cleanup_free_ char *url = artefact_helm_url(c, version, ".sha256");
		return fetch_digest(c, url, NULL, NULL, e);
	}
	struct oci oci __attribute__((cleanup(oci_done)));
	_cleanup_free_ char *repository = oci_chart(c, part, &oci);
	char *digest = NULL;
	return oci_chart_digest(c, &oci, repository, version, &digest, e) == 0 ? digest : NULL;
}
