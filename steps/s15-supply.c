/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Step 15, supply: every version is resolved once and pinned with its digest, every source answers,
 * and what later steps install lies verified in the cache. */
#include <string.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "steps/artefacts.h"
#include "steps/bundle.h"
#include "steps/parts.h"
#include "steps/sources.h"
#include "steps/steps.h"

static const char *const inputs[] = { PART_INPUTS, SOURCES_INPUTS, "config:supply.*", "fact:machine.arch", NULL };

/* Worst first: a missing file outweighs an altered one. */
static int check_file(struct step_ctx *c, const char *path, const char *sha256,
		      enum step_found *ret, struct err *e)
{
	_cleanup_free_ char *real = path_under(path);
	if (!fs_exists(real)) {
		*ret = STEP_ABSENT;
		return 0;
	}
	int same = step_has_hash(c, path, sha256, e);
	if (same == 0 && *ret == STEP_PRESENT)
		*ret = STEP_DIFFERENT;
	return same < 0 ? -1 : 0;
}

static int check(struct step_ctx *c, enum step_found *ret, struct err *e)
{
	*ret = STEP_PRESENT;
	for (enum part p = 0; p < PART_MAX && *ret != STEP_ABSENT; p++) {
		if (!part_wanted(c, p))
			continue;
		if (!step_fact(c, "machine.arch") || !part_fact(c, p, "sha256")) {
			*ret = STEP_ABSENT;
			return 0;
		}
		if (!part_pinned(c, p))
			*ret = STEP_DIFFERENT;
		_cleanup_free_ char *path = artefact_path(c, p);
		if (check_file(c, path, part_fact(c, p, "sha256"), ret, e) < 0)
			return -1;
	}
	if (!part_wanted(c, PART_K3S) || *ret == STEP_ABSENT)
		return 0;
	return check_file(c, K3S_INSTALL_SCRIPT, artefact_script_sha256(c), ret, e);
}

/* The bundle that the answers name, unless it is in force already; then its file may be gone. */
static int take_bundle(struct step_ctx *c, struct err *e)
{
	const char *file = step_str(c, "supply.bundle"), *arch = step_fact(c, "machine.arch");
	_cleanup_json_ json_t *record = NULL;
	struct err seen = ERR_INIT;
	if (!file)
		return 0;
	if (bundle_load(c, &record, e) < 0)
		return -1;
	int there = record ? bundle_is_put(c, file, arch, &seen) : 0;
	if (there < 0)
		step_log(c, "%s cannot be read; the bundle that was put in place from it is used", file);
	return there ? 0 : bundle_put(c, file, arch, e);
}

/* What a bundle brought is there or nowhere. */
static int still_there(struct step_ctx *c, const char *path, const char *sha256, struct err *e)
{
	int there = step_has_hash(c, path, sha256, e);
	if (there)
		return there < 0 ? -1 : 0;
	return err_set(e, FAULT_BUN_MISSING, N_("%s is missing or changed"), path);
}

static int get_parts(struct step_ctx *c, struct err *e)
{
	_cleanup_json_ json_t *bundle = NULL;
	if (bundle_load(c, &bundle, e) < 0)
		return -1;
	for (enum part p = 0; p < PART_MAX; p++) {
		_cleanup_free_ char *path = artefact_path(c, p);
		if (part_wanted(c, p) && (bundle ? still_there(c, path, part_fact(c, p, "sha256"), e)
						 : artefact_fetch(c, p, e)) < 0)
			return -1;
	}
	if (!part_wanted(c, PART_K3S))
		return 0;
	return bundle ? still_there(c, K3S_INSTALL_SCRIPT, artefact_script_sha256(c), e)
		      : artefact_fetch_script(c, e);
}

static int apply(struct step_ctx *c, struct err *e)
{
	if (!step_fact(c, "machine.arch"))
		return err_set(e, FAULT_NOT_YET, N_("%s is not known yet"), "machine.arch");
	if (take_bundle(c, e) < 0)
		return -1;
	/* For a plan their answers change nothing. */
	if (!step_dry_run(c) && sources_choose(c, e) < 0)
		return -1;
	for (enum part p = 0; p < PART_MAX; p++)
		if (part_wanted(c, p) && part_pin(c, p, e) < 0)
			return -1;
	if (get_parts(c, e) < 0)
		return -1;
	_cleanup_free_ char *note = xasprintf(
		"K3s %s, Helm %s, ESS %s",
		part_wanted(c, PART_K3S) ? part_fact(c, PART_K3S, "version") : "-",
		part_fact(c, PART_HELM, "version"), part_fact(c, PART_CHART, "version"));
	step_note(c, note);
	return 0;
}

const struct step step_supply = {
	.id = "supply",
	.number = 15,
	.title = N_("Choose versions and fetch the parts"),
	.version = 1,
	.estimate_s = 120,
	.inputs = inputs,
	.check = check,
	.apply = apply,
};
