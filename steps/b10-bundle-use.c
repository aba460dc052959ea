/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The step of bundle-use: the bundle is verified and in force. */
#include "base/json.h"
#include "base/mem.h"
#include "steps/bundle.h"
#include "steps/machine.h"
#include "steps/steps.h"
#include "steps/tool.h"

static const char *const inputs[] = { "request:bundle", "config:supply.digests",
				      "config:supply.k3s_install_sha256", NULL };

static int check(struct step_ctx *c, enum step_found *ret, struct err *e)
{
	const char *file = step_request(c, "bundle"), *arch = machine_arch(e);
	struct err seen = ERR_INIT;
	if (!arch)
		return -1;
	int there = file ? bundle_is_put(c, file, arch, &seen) : 0;
	if (there < 0)
		return tool_lost(c, &seen, STEP_DIFFERENT, ret, e);
	*ret = there ? STEP_PRESENT : STEP_ABSENT;
	return 0;
}

static int apply(struct step_ctx *c, struct err *e)
{
	const char *file = step_request(c, "bundle"), *arch = machine_arch(e);
	_cleanup_json_ json_t *manifest = NULL;
	if (!arch)
		return -1;
	if (!file)
		return err_set(e, FAULT_REQUEST_BAD,
			       N_("the request names no file for the bundle"));
	if (bundle_put(c, file, arch, e) < 0 || bundle_load(c, &manifest, e) < 0)
		return -1;
	_cleanup_free_ char *note = xasprintf("K3s %s, Helm %s, ESS %s",
					      bundle_part(manifest, PART_K3S, "version") ?: "-",
					      bundle_part(manifest, PART_HELM, "version") ?: "-",
					      bundle_part(manifest, PART_CHART, "version") ?: "-");
	step_note(c, note);
	return 0;
}

const struct step step_bundle_use = {
	.id = "bundle-use",
	.number = 10,
	.title = N_("Check the bundle and put it in place"),
	.version = 1,
	.estimate_s = 60,
	.inputs = inputs,
	.check = check,
	.apply = apply,
};
