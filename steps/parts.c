/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The parts of an installation: which are wanted, and the pinning of their versions and digests. */
#include "steps/parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "steps/bundle.h"
#include "steps/digests.h"
#include "steps/tool.h"
#include "steps/versions.h"

static const struct {
	const char *name; /* in facts and keys */
	const char *title;
	bool v; /* upstream writes its versions with a v */
} parts[PART_MAX] = {
	[PART_K3S] = { "k3s", "K3s", true },
	[PART_HELM] = { "helm", "Helm", true },
	[PART_CERT_MANAGER] = { "cert_manager", "cert-manager", true },
	[PART_CHART] = { "chart", "Element Server Suite", false },
};

bool part_wanted(struct step_ctx *c, enum part part)
{
	return part != PART_K3S || strcmp(step_str(c, "cluster.kind"), "existing");
}

const char *part_fact(struct step_ctx *c, enum part part, const char *what)
{
	_cleanup_free_ char *name = xasprintf("supply.%s.%s", parts[part].name, what);
	return step_fact(c, name);
}

static void set_part_fact(struct step_ctx *c, enum part part, const char *what, const char *value)
{
	_cleanup_free_ char *name = xasprintf("supply.%s.%s", parts[part].name, what);
	step_fact_set(c, name, value);
}

char *part_configured(struct step_ctx *c, enum part part)
{
	_cleanup_free_ char *key = xasprintf("supply.%s_version", parts[part].name);
	const char *s = step_str(c, key);
	if (!s)
		return NULL;
	s += *s == 'v';
	return xasprintf("%s%s", parts[part].v ? "v" : "", s);
}

/* What a resolved version depends on: while it stays, the version stays. New. */
static char *origin(struct step_ctx *c, enum part part)
{
	_cleanup_json_ json_t *bundle = NULL;
	if (bundle_load(c, &bundle, NULL) == 0 && bundle) {
		_cleanup_free_ char *id = bundle_id(bundle);
		return xasprintf("bundle %s", id);
	}
	char *version = part_configured(c, part);
	if (version)
		return version;
	return part == PART_K3S ? xasprintf("channel %s", step_str(c, "supply.k3s_channel"))
				: xstrdup("newest");
}

bool part_pinned(struct step_ctx *c, enum part part)
{
	const char *now = part_fact(c, part, "origin");
	_cleanup_free_ char *wanted = origin(c, part);
	return now && part_fact(c, part, "version") && part_fact(c, part, "sha256") &&
	       !strcmp(now, wanted);
}

const char *part_name(enum part part)
{
	return parts[part].name;
}

const char *part_title(enum part part)
{
	return parts[part].title;
}

/* --- resolving -------------------------------------------------------------------------------- */

static void note(struct step_ctx *c, enum part part, const char *version, const char *digest,
		 const char *images)
{
	_cleanup_free_ char *from = origin(c, part);
	set_part_fact(c, part, "origin", from);
	set_part_fact(c, part, "version", version);
	if (digest)
		set_part_fact(c, part, "sha256", digest);
	if (images)
		set_part_fact(c, part, "images_sha256", images);
	step_log(c, "%s %s (%s), sha256 %s", parts[part].title, version, from, digest ? digest : "not known yet");
}

/* A bundle has one version of each part, and no other can be had. */
static int resolve_in(struct step_ctx *c, const json_t *bundle, enum part part, struct err *e)
{
	_cleanup_free_ char *wanted = part_configured(c, part);
	const char *version = bundle_part(bundle, part, "version");
	if (wanted && strcmp(wanted, version))
		return err_set(e, FAULT_BUN_MISSING, N_("%s %s is asked for, the bundle has %s"), parts[part].title,
			       wanted, version);
	note(c, part, version, bundle_part(bundle, part, "sha256"), bundle_part(bundle, part, "images_sha256"));
	return 0;
}

static int resolve(struct step_ctx *c, enum part part, struct err *e)
{
	struct err seen = ERR_INIT;
	_cleanup_free_ char *version = part_configured(c, part);

	step_progress(c, -1, N_("looking up the version of %s"), parts[part].title);
	if (!version && !(version = version_newest(c, part, &seen))) {
		if (seen.fault == FAULT_CANCELLED)
			return tool_excuse(c, &seen, e);
		_cleanup_free_ char *why = err_text(&seen);
		step_log(c, "%s: %s; the tested version %s is taken", parts[part].title, why,
			 version_tested(part));
		version = xstrdup(version_tested(part));
		err_clear(&seen);
	}
	_cleanup_free_ char *images = NULL;
	_cleanup_free_ char *digest = part_digest(c, part, version, &images, &seen);
	if (!digest && tool_excuse(c, &seen, e) < 0)
		return -1;
	note(c, part, version, digest, images);
	return 0;
}

/* A step's facts are what its last run set: those that stay are set again. */
int part_pin(struct step_ctx *c, enum part part, struct err *e)
{
	static const char *const facts[] = { "origin", "version", "sha256", "images_sha256" };
	_cleanup_json_ json_t *bundle = NULL;
	if (bundle_load(c, &bundle, e) < 0)
		return -1;
	if (bundle)
		return resolve_in(c, bundle, part, e);
	if (!part_pinned(c, part))
		return resolve(c, part, e);
	for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
		const char *now = part_fact(c, part, facts[i]);
		_cleanup_free_ char *value = now ? xstrdup(now) : NULL;
		if (value)
			set_part_fact(c, part, facts[i], value);
	}
	return 0;
}
