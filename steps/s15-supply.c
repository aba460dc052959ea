/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Step 15, supply: every version is resolved once and pinned with its digest, every source answers,
 * what the next steps install lies verified in the cache, and what later ones need is on its way. */
#include <string.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "steps/artefacts.h"
#include "steps/bundle.h"
#include "steps/cluster-files.h"
#include "steps/compat.h"
#include "steps/fetch.h"
#include "steps/k3s.h"
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

/* What the k3s step needs it gets by itself, so here only what the steps before it need must lie ready. */
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
		if (p != PART_K3S && check_file(c, path, part_fact(c, p, "sha256"), ret, e) < 0)
			return -1;
	}
	return 0;
}

/* What later steps need of K3s: noted for them, and on its way unless this K3s is installed. */
static int k3s_ahead(struct step_ctx *c, json_t *items, struct err *e)
{
	_cleanup_json_ json_t *files = artefact_k3s_files(c);
	const char *key, *sha256 = part_fact(c, PART_K3S, "sha256");
	json_t *item;
	step_fact_set_json(c, "supply.k3s.files", json_incref(files));
	int there = sha256 ? step_has_hash(c, K3S_BIN, sha256, e) : 0;
	if (there == 0)
		json_object_foreach(files, key, item)
			json_array_append(items, item);
	return there < 0 ? -1 : 0;
}

/* Its version known, a part begins to come in while the next one is looked up. */
static int begin(struct step_ctx *c, enum part part, struct err *e)
{
	_cleanup_json_ json_t *items = json_array();
	if (part_pin(c, part, e) < 0)
		return -1;
	if (part != PART_K3S)
		json_array_append_new(items, artefact_item(c, part));
	else if (k3s_ahead(c, items, e) < 0)
		return -1;
	return step_fetch_ahead(c, items, e);
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

/* K3s' images are moved to where K3s takes them from. */
static int k3s_file_there(struct step_ctx *c, const json_t *item, struct err *e)
{
	const char *url = json_str_at(item, "url"), *sha256 = json_str_at(item, "sha256");
	_cleanup_free_ char *moved = xasprintf(K3S_IMAGES "%s", strrchr(url, '/'));
	int there = step_has_hash(c, moved, sha256, e);
	if (there)
		return there < 0 ? -1 : 0;
	return still_there(c, json_str_at(item, "path"), sha256, e);
}

/* Everything that the bundle must have had, K3s' files too. */
static int all_there(struct step_ctx *c, struct err *e)
{
	_cleanup_json_ json_t *files = part_wanted(c, PART_K3S) ? artefact_k3s_files(c) : json_object();
	const char *key;
	json_t *item;
	for (enum part p = PART_HELM; p < PART_MAX; p++) {
		_cleanup_free_ char *path = artefact_path(c, p);
		if (still_there(c, path, part_fact(c, p, "sha256"), e) < 0)
			return -1;
	}
	json_object_foreach(files, key, item)
		if (k3s_file_there(c, item, e) < 0)
			return -1;
	step_fact_set_json(c, "supply.k3s.files", json_incref(files));
	return 0;
}

static int fetch_now(struct step_ctx *c, enum part part, struct err *e)
{
	_cleanup_json_ json_t *item = artefact_item(c, part);
	step_progress(c, -1, N_("fetching %s"), json_str_at(item, "name"));
	return step_fetch(c, item, e);
}

/* What the table does not know is said, and tried. */
static int fit_each_other(struct step_ctx *c, struct err *e)
{
	const struct compat_set set = {
		.k3s = part_wanted(c, PART_K3S) ? part_fact(c, PART_K3S, "version") : NULL,
		.helm = part_fact(c, PART_HELM, "version"),
		.cert_manager = part_fact(c, PART_CERT_MANAGER, "version"),
		.chart = part_fact(c, PART_CHART, "version"),
	};
	_cleanup_free_ char *unknown = NULL;
	int r = compat_check(&set, &unknown, e);
	if (r > 0)
		step_log(c, "whether %s fits the others is not known to this program", unknown);
	return r < 0 ? -1 : 0;
}

/* The one that is needed first, then the one that takes longest. */
static const enum part order[] = { PART_HELM, PART_K3S, PART_CERT_MANAGER, PART_CHART };

static int from_network(struct step_ctx *c, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		if (part_wanted(c, order[i]) && begin(c, order[i], e) < 0)
			return -1;
	if (fit_each_other(c, e) < 0)
		return -1;
	for (enum part p = 0; p < PART_MAX; p++)
		if (p != PART_K3S && fetch_now(c, p, e) < 0)
			return -1;
	return 0;
}

static int from_bundle(struct step_ctx *c, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(order); i++)
		if (part_wanted(c, order[i]) && part_pin(c, order[i], e) < 0)
			return -1;
	return fit_each_other(c, e) < 0 ? -1 : all_there(c, e);
}

static int apply(struct step_ctx *c, struct err *e)
{
	_cleanup_json_ json_t *bundle = NULL;
	if (!step_fact(c, "machine.arch"))
		return err_set(e, FAULT_NOT_YET, N_("%s is not known yet"), "machine.arch");
	if (take_bundle(c, e) < 0 || bundle_load(c, &bundle, e) < 0)
		return -1;
	/* For a plan the sources' answers change nothing. */
	if ((!step_dry_run(c) && sources_choose(c, e) < 0) ||
	    (bundle ? from_bundle(c, e) : from_network(c, e)) < 0)
		return -1;
	_cleanup_free_ char *over = sources_passed_over(c);
	_cleanup_free_ char *note = xasprintf(
		"K3s %s, Helm %s, ESS %s%s%s",
		part_wanted(c, PART_K3S) ? part_fact(c, PART_K3S, "version") : "-",
		part_fact(c, PART_HELM, "version"), part_fact(c, PART_CHART, "version"),
		over ? "; mirror passed over: " : "", over ? over : "");
	step_note(c, note);
	return 0;
}

const struct step step_supply = {
	.id = "supply",
	.number = 15,
	.title = N_("Choose versions and fetch the parts"),
	.version = 2,
	.estimate_s = 120,
	.inputs = inputs,
	.check = check,
	.apply = apply,
};
