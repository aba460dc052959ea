/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Step 35, helm: the pinned Helm, unpacked from the verified archive. */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "steps/helm.h"
#include "steps/steps.h"
#include "steps/tool.h"

#define CACHE "/var/cache/ess-setup"

static const char *const inputs[] = { "fact:machine.arch", "fact:supply.helm.version",
				      "fact:supply.helm.sha256", NULL };

static int check(struct step_ctx *c, enum step_found *ret, struct err *e)
{
	const char *wanted = step_fact(c, "supply.helm.version");
	_cleanup_free_ char *now = NULL;
	struct err seen = ERR_INIT;

	if (helm_version(c, &now, &seen) < 0)
		return tool_lost(c, &seen, STEP_DIFFERENT, ret, e);
	if (!now || !wanted)
		*ret = STEP_ABSENT;
	else
		*ret = strcmp(now, wanted) ? STEP_DIFFERENT : STEP_PRESENT;
	return 0;
}

static int apply(struct step_ctx *c, struct err *e)
{
	const char *version = step_fact(c, "supply.helm.version"),
		   *sha256 = step_fact(c, "supply.helm.sha256");
	const char *arch = step_fact(c, "machine.arch");
	if (!version || !arch)
		return err_set(e, FAULT_NOT_YET, N_("the version of Helm is not known yet"));

	_cleanup_free_ char *archive = xasprintf(CACHE "/helm-%s-linux-%s.tar.gz", version, arch);

	/* It was verified when it was fetched; a later change must not become root's. */
	int intact = sha256 && !step_dry_run(c) ? step_has_hash(c, archive, sha256, e) : 1;
	if (intact <= 0)
		return intact < 0 ? -1
				  : err_set(e, FAULT_HASH, N_("%s is missing or altered"), archive);
	if (helm_unpack(c, version, arch, e) < 0)
		return -1;
	step_note(c, version);
	return 0;
}

const struct step step_helm = {
	.id = "helm",
	.number = 35,
	.title = N_("Install Helm"),
	.version = 1,
	.estimate_s = 5,
	.inputs = inputs,
	.check = check,
	.apply = apply,
};
