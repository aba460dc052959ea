/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The files that an installation needs: from where, to where, and getting them. */
#include "steps/artefacts.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
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

/* --- getting them ----------------------------------------------------------------------------- */

int artefact_fetch(struct step_ctx *c, enum part part, struct err *e)
{
	const char *version = part_fact(c, part, "version"), *sha256 = part_fact(c, part, "sha256");
	_cleanup_free_ char *path = artefact_path(c, part);
	_cleanup_free_ char *url = NULL;

	step_progress(c, -1, N_("fetching %s %s"), part_title(part), version);
	if (part == PART_K3S) {
		url = artefact_k3s_url(c, true, version, artefact_k3s_file(c));
		return step_download(c, url, NULL, sha256, path, 0755, e);
	}
	if (part == PART_HELM) {
		url = artefact_helm_url(c, version, "");
		return step_download(c, url, NULL, sha256, path, 0644, e);
	}
	struct oci oci __attribute__((cleanup(oci_done)));
	_cleanup_free_ char *repository = oci_chart(c, part, &oci);
	/* An archive that is there needs no token. */
	int have = sha256 ? step_has_hash(c, path, sha256, e) : 0;
	if (have != 0)
		return have < 0 ? -1 : 0;
	return oci_download(c, &oci, repository, sha256 ? sha256 : "", path, e);
}

int artefact_fetch_script(struct step_ctx *c, struct err *e)
{
	_cleanup_free_ char *url = script_url(c);
	return step_download(c, url, NULL, artefact_script_sha256(c), K3S_INSTALL_SCRIPT, 0755, e);
}
