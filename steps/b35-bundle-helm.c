/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Step 35 of bundle-make: a Helm that runs here, to render the charts, whatever the bundle is for.
 */
#include <string.h>

#include "base/mem.h"
#include "steps/artefacts.h"
#include "steps/digests.h"
#include "steps/helm.h"
#include "steps/machine.h"
#include "steps/sources.h"
#include "steps/steps.h"
#include "steps/tool.h"

static const char *const inputs[] = { PART_INPUTS, SOURCES_INPUTS, "config:supply.digests", NULL };

static int check(struct step_ctx *c, enum step_found *ret, struct err *e)
{
	const char *wanted = part_fact(c, PART_HELM, "version");
	_cleanup_free_ char *now = NULL;
	if (helm_version(c, &now, e) < 0)
		return -1;
	*ret = now && wanted && !strcmp(now, wanted) ? STEP_PRESENT : STEP_ABSENT;
	return 0;
}

static int fetch(struct step_ctx *c, const char *name, struct err *e)
{
	_cleanup_free_ char *path = xasprintf(CACHE "/%s", name);
	const char *upstream = "https://get.helm.sh";
	_cleanup_free_ char *base = source_is_upstream(c, "helm")
					    ? xstrdup(upstream)
					    : source_base(c, "mirrors.helm", upstream);
	_cleanup_free_ char *url = xasprintf("%s/%s", base, name);
	_cleanup_free_ char *list = xasprintf("https://get.helm.sh/%s.sha256", name);
	const char *known = digest_known(c, name);
	_cleanup_free_ char *digest = known ? xstrdup(known) : digest_fetch(c, list, NULL, e);
	return digest ? step_download(c, url, NULL, digest, path, 0644, e) : -1;
}

static int apply(struct step_ctx *c, struct err *e)
{
	const char *version = part_fact(c, PART_HELM, "version"), *arch = machine_arch(e);
	if (!arch)
		return -1;
	if (!version)
		return err_set(e, FAULT_NOT_YET, N_("the version of Helm is not known yet"));
	_cleanup_free_ char *name = artefact_name(PART_HELM, version, arch);
	if (fetch(c, name, e) < 0)
		return -1;
	return helm_unpack(c, version, arch, e);
}

const struct step step_bundle_helm = {
	.id = "bundle-helm",
	.number = 35,
	.title = N_("A Helm to read the charts with"),
	.version = 1,
	.estimate_s = 10,
	.inputs = inputs,
	.check = check,
	.apply = apply,
};
