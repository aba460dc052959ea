/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Step 60 of bundle-make: everything into one file. */
#include <string.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "steps/bundle.h"
#include "steps/steps.h"

static const char *const inputs[] = { PART_INPUTS,
				      "request:bundle",
				      "config:supply.k3s_install_sha256",
				      "fact:images.*",
				      "fact:machine.arch",
				      "fact:supply.airgap.*",
				      NULL };

/* Another time and another program make no other content. */
static bool same_content(const json_t *a, const json_t *b)
{
	static const char *const members[] = { "format", "arch", "parts", "images", "members" };
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		if (!json_equal(json_object_get(a, members[i]), json_object_get(b, members[i])))
			return false;
	return true;
}

static int check(struct step_ctx *c, enum step_found *ret, struct err *e)
{
	const char *file = step_request(c, "bundle");
	_cleanup_tar_reader_ struct tar_reader r = { .fd = -1 };
	_cleanup_json_ json_t *there = NULL, *wanted = NULL;
	*ret = STEP_ABSENT;
	if (!file || !fs_exists(file) || !(wanted = bundle_build(c, NULL)))
		return 0;
	*ret = bundle_open(&r, file, NULL, &there, NULL) == 0 && same_content(there, wanted)
		       ? STEP_PRESENT
		       : STEP_DIFFERENT;
	return 0;
}

static int apply(struct step_ctx *c, struct err *e)
{
	const char *file = step_request(c, "bundle");
	if (!file)
		return err_set(e, FAULT_REQUEST_BAD,
			       N_("the request names no file for the bundle"));
	_cleanup_json_ json_t *manifest = bundle_build(c, e);
	if (!manifest || bundle_write(c, manifest, file, e) < 0)
		return -1;
	step_note(c, file);
	return 0;
}

const struct step step_bundle_pack = {
	.id = "bundle-pack",
	.number = 60,
	.title = N_("Write the bundle"),
	.version = 1,
	.estimate_s = 60,
	.inputs = inputs,
	.check = check,
	.apply = apply,
};
