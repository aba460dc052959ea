/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The files that an installation needs: from where and to where. */
#include "steps/artefacts.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "steps/fetch.h"
#include "steps/oci.h"
#include "steps/sources.h"

/* The script is addressed by its commit (that of v1.35.5+k3s1, the script serves every version):
 * get.k3s.io has whatever is newest. The digest is the one of install.sh.sha256sum beside it. */
#define K3S_INSTALL_COMMIT "6a4781ad53ee5cad273bedcd9462ae36ac97d798"
#define K3S_INSTALL_SHA256 "8598e002e61d658fed7b7542fc6d2c66d8da6eae69e088830105d2ee1ffb6d91"

/* --- where from ------------------------------------------------------------------------------- */

/* The tag has a "+", which stands escaped in addresses (k3s-io/docs installation/airgap.md). */
static char *release_url(const char *base, const char *version, const char *file)
{
	const char *plus = strchr(version, '+');
	if (!plus)
		return xasprintf("%s/k3s-io/k3s/releases/download/%s/%s", base, version, file);
	return xasprintf("%s/k3s-io/k3s/releases/download/%.*s%%2B%s/%s", base, (int)(plus - version), version,
			 plus + 1, file);
}

char *artefact_k3s_upstream(const char *version, const char *file)
{
	return release_url("https://github.com", version, file);
}

/* K3s' own releases, or the mirror's folders ("v1.36.3-k3s1", as its install script does). New. */
char *artefact_k3s_url(struct step_ctx *c, bool mirror, const char *version, const char *file)
{
	_cleanup_free_ char *name = xstrdup(version);
	char *plus = strchr(name, '+');
	_cleanup_free_ char *at = mirror ? source_k3s_mirror(c) : NULL;
	if (at) {
		if (plus)
			*plus = '-';
		return xasprintf("%s/k3s/%s/%s", at, name, file);
	}
	_cleanup_free_ char *base = source_base(c, "mirrors.github", "https://github.com");
	return release_url(base, version, file);
}

const char *artefact_k3s_file(struct step_ctx *c)
{
	return strcmp(step_fact(c, "machine.arch"), "arm64") ? "k3s" : "k3s-arm64";
}

static char *script_url(struct step_ctx *c)
{
	static const char upstream[] = "github.com", raw[] = "raw.githubusercontent.com";
	_cleanup_free_ char *base = source_base(c, "mirrors.github", "https://github.com");
	/* Mirrors that carry the host's name in their path carry raw files beside it. */
	if (text_ends(base, upstream))
		return xasprintf("%.*s%s/k3s-io/k3s/%s/install.sh",
				 (int)(strlen(base) - strlen(upstream)), base, raw,
				 K3S_INSTALL_COMMIT);
	return xasprintf("%s/k3s-io/k3s/raw/%s/install.sh", base, K3S_INSTALL_COMMIT);
}

char *artefact_k3s_images(struct step_ctx *c)
{
	return xasprintf("k3s-airgap-images-%s.tar.zst", step_fact(c, "machine.arch"));
}

char *artefact_images_name(const char *version, const char *arch)
{
	return xasprintf("%s-k3s-airgap-images-%s.tar.zst", version, arch);
}

char *artefact_helm_url(struct step_ctx *c, const char *version, const char *suffix)
{
	return artefact_helm_url_at(c, !source_is_upstream(c, "helm"), version, suffix);
}

char *artefact_helm_url_at(struct step_ctx *c, bool mirror, const char *version, const char *suffix)
{
	static const char upstream[] = "https://get.helm.sh";
	_cleanup_free_ char *base = mirror ? source_base(c, "mirrors.helm", upstream) : xstrdup(upstream);
	return xasprintf("%s/helm-%s-linux-%s.tar.gz%s", base, version,
			 step_fact(c, "machine.arch"), suffix);
}

/* --- where to --------------------------------------------------------------------------------- */

char *artefact_name(enum part part, const char *version, const char *arch)
{
	switch (part) {
	case PART_K3S:
		return xasprintf("k3s-%s-%s", version, arch);
	case PART_HELM:
		return xasprintf("helm-%s-linux-%s.tar.gz", version, arch);
	case PART_CERT_MANAGER:
		return xasprintf("cert-manager-%s.tgz", version);
	default:
		return xasprintf("matrix-stack-%s.tgz", version);
	}
}

char *artefact_path(struct step_ctx *c, enum part part)
{
	_cleanup_free_ char *name = artefact_name(part, part_fact(c, part, "version"), step_fact(c, "machine.arch"));
	return xasprintf(CACHE "/%s", name);
}

const char *artefact_script_sha256(struct step_ctx *c)
{
	const char *s = step_str(c, "supply.k3s_install_sha256");
	return s ? s : K3S_INSTALL_SHA256;
}

/* --- what to fetch ---------------------------------------------------------------------------- */

json_t *artefact_item(struct step_ctx *c, enum part part)
{
	const char *version = part_fact(c, part, "version"), *sha256 = part_fact(c, part, "sha256");
	_cleanup_free_ char *name = xasprintf("%s %s", part_title(part), version);
	_cleanup_free_ char *path = artefact_path(c, part);
	if (part == PART_K3S || part == PART_HELM) {
		_cleanup_free_ char *url = part == PART_HELM
						   ? artefact_helm_url(c, version, "")
						   : artefact_k3s_url(c, true, version, artefact_k3s_file(c));
		return fetch_url(name, url, sha256, path, part == PART_K3S ? 0755 : 0644);
	}
	struct oci oci __attribute__((cleanup(oci_done)));
	_cleanup_free_ char *repository = oci_chart(c, part, &oci);
	return fetch_blob(name, oci.base, repository, sha256, path);
}

/* All of the images that K3s itself needs, in one file that it takes in when it starts. They spare the
 * pulls from Docker Hub, but nothing depends on them. A mirror for Docker Hub without one for K3s or
 * GitHub says that the way to GitHub is the bad one: then they are pulled. */
static json_t *images_item(struct step_ctx *c)
{
	const char *version = part_fact(c, PART_K3S, "version"),
		   *sha256 = part_fact(c, PART_K3S, "images_sha256"), *from = part_fact(c, PART_K3S, "origin");
	const bool bad_way = step_str(c, "mirrors.docker_io") && !step_str(c, "mirrors.k3s") &&
			     !step_str(c, "mirrors.github");
	if (!sha256 || (bad_way && !(from && text_starts(from, "bundle "))))
		return NULL;
	_cleanup_free_ char *file = artefact_k3s_images(c);
	_cleanup_free_ char *name = xasprintf("images of K3s %s", version);
	_cleanup_free_ char *archive = artefact_images_name(version, step_fact(c, "machine.arch"));
	_cleanup_free_ char *path = xasprintf(CACHE "/%s", archive);
	_cleanup_free_ char *url = artefact_k3s_url(c, true, version, file);
	return fetch_url(name, url, sha256, path, 0644);
}

json_t *artefact_k3s_files(struct step_ctx *c)
{
	_cleanup_free_ char *url = script_url(c);
	json_t *images = images_item(c);
	return json_pack("{s:o, s:o, s:o*}", "binary", artefact_item(c, PART_K3S), "script",
			 fetch_url("k3s-install.sh", url, artefact_script_sha256(c), K3S_INSTALL_SCRIPT, 0755),
			 "images", images);
}
