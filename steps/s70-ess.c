/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Step 70, ess: the release is installed from the pinned chart with our values, and nobody has
 * changed its objects since. Waiting for its pods is the next step's.
 *
 * A changed public address reaches the chart as manualIP, which is the variable NODE_IP in the SFU's
 * pod and stands nowhere else (ess-helm templates/matrix-rtc/_sfu_helpers.tpl), or with STUN as a
 * variable of our own there: helm upgrade starts the SFU anew and nothing else, and that ends its calls. So the wait for the end of calls comes
 * before helm, and only where the address is what changes in a running release. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "steps/ess.h"
#include "steps/gather.h"
#include "steps/helm.h"
#include "steps/images.h"
#include "steps/ledger.h"
#include "steps/steps.h"
#include "steps/values-files.h"
#include "steps/values.h"

#define VALUES_MAX ((size_t)4 << 20)
/* Hooks pull images over a slow line, check the configuration and prepare the secrets. */
#define HOOK_TIMEOUT_S 1800

static char *chart_name(struct step_ctx *c)
{
	const char *version = step_fact(c, "supply.chart.version");
	return xasprintf("matrix-stack-%s", version ? version : "unknown");
}

/* helm keeps it as the release's description where there are files that only helm itself can merge.
 * *ret new; NULL: there are none, the values are compared. */
static int description(struct step_ctx *c, char **ret, struct err *e)
{
	*ret = NULL;
	if (!values_files_extra(c))
		return 0;
	_cleanup_free_ char *hash = values_files_digest(c, NULL, e);
	*ret = hash ? xasprintf("ess-setup values %s", hash) : NULL;
	return hash ? 0 : -1;
}

/* helm gets what step values judged, and nothing else. */
static int refuse_unjudged(struct step_ctx *c, struct err *e)
{
	const char *judged;
	if (gather_fact(c, VALUES_FILES_FACT, &judged, e) < 0)
		return -1;
	_cleanup_free_ char *now = values_files_digest(c, NULL, e);
	if (!now || !strcmp(now, judged))
		return now ? 0 : -1;
	return err_set(e, FAULT_EXTRA_VALUES, N_("the values files changed after they were judged"));
}

/* 1 when the release was installed with the values that lie there now. */
static int values_fit(struct step_ctx *c, const struct helm_release *r, struct err *e)
{
	_cleanup_free_ char *want_description = NULL;
	_cleanup_free_ char *text = NULL;
	_cleanup_json_ json_t *have = NULL;
	size_t len;

	if (step_read(c, ESS_VALUES, VALUES_MAX, &text, &len, e) < 0)
		return -1;
	if (!text)
		return 0;
	if (description(c, &want_description, e) < 0)
		return -1;
	if (want_description)
		return r->description && !strcmp(r->description, want_description);
	_cleanup_json_ json_t *want = json_parse(text, len, FAULT_IO, ESS_VALUES, e);
	if (!want || helm_values(c, ESS_RELEASE, ESS_NS, &have, e) < 0)
		return -1;
	return json_equal(want, have);
}

/* A sentence about the first object that is not as helm made it; NULL: none. */
static int find_drift(struct step_ctx *c, char **ret, struct err *e)
{
	_cleanup_free_ char *manifest = NULL;
	_cleanup_json_ json_t *live = NULL;

	*ret = NULL;
	if (helm_manifest(c, ESS_RELEASE, ESS_NS, &manifest, e) < 0 || ess_live(c, &live, e) < 0)
		return -1;
	_cleanup_json_ json_t *wanted = manifest ? ess_manifest_objects(manifest, e) : NULL;
	if (!wanted)
		return -1;
	*ret = ess_drift(wanted, live);
	return 0;
}

static int look(struct step_ctx *c, enum step_found *ret, struct err *e)
{
	struct helm_release r __attribute__((cleanup(helm_release_done))) = { 0 };
	_cleanup_free_ char *chart = chart_name(c);
	_cleanup_free_ char *drift = NULL;

	*ret = STEP_ABSENT;
	if (helm_status(c, ESS_RELEASE, ESS_NS, &r, e) < 0)
		return -1;
	if (r.status == HELM_NOT_FOUND || r.status == HELM_UNINSTALLED)
		return 0;
	*ret = STEP_DIFFERENT;
	if (r.status != HELM_DEPLOYED || !r.chart || strcmp(r.chart, chart))
		return 0;
	int fit = values_fit(c, &r, e);
	if (fit <= 0)
		return fit;
	if (find_drift(c, &drift, e) < 0)
		return -1;
	if (drift)
		step_log(c, "%s", drift);
	else
		*ret = STEP_PRESENT;
	return 0;
}

static int check(struct step_ctx *c, enum step_found *ret, struct err *e)
{
	struct err own = ERR_INIT;

	if (look(c, ret, &own) == 0 || kube_absent(&own, ret) == 0)
		return 0;
	*e = own;
	return -1;
}

/* Both are kept when ESS is removed (ess-helm docs/maintenance.md); with only the data of the two,
 * new passwords would be made that the old database does not know. */
static int refuse_old_data(struct step_ctx *c, struct err *e)
{
	_cleanup_json_ json_t *claim = NULL, *secret = NULL;
	if (step_dry_run(c) || strcmp(step_str(c, "postgres.mode"), "embedded"))
		return 0;
	if (kube_get(c, "persistentvolumeclaims", "ess-postgres-data", ESS_NS, &claim, e) < 0 ||
	    kube_get(c, "secrets", "ess-generated", ESS_NS, &secret, e) < 0)
		return -1;
	if (!claim || secret)
		return 0;
	return err_set(e, FAULT_ESS_OLD_DATA,
		       N_("the volume %s of %s is there, but the Secret %s is not"), "ess-postgres-data",
		       json_str_at(claim, "metadata.creationTimestamp") ?: "-", "ess-generated");
}

/* Found here: helm's own refusal comes late, after the hooks, and names no holder. */
static int find_ports(struct step_ctx *c, struct err *e)
{
	struct port_span spans[2];
	_cleanup_json_ json_t *services = NULL;

	if (gather_call_ports(c, spans, e) < 0 || kube_list(c, "services", "*", NULL, &services, e) < 0)
		return -1;
	_cleanup_free_ char *holder = ess_port_holder(services, spans, ARRAY_LEN(spans));
	if (!holder)
		return 0;
	return err_set(e, FAULT_ESS_NODEPORT, N_("this service holds a port for calls: %s"), holder);
}

/* True when the release that runs announces another address than the values to come. */
static int address_changes(struct step_ctx *c, bool *ret, struct err *e)
{
	struct helm_release r __attribute__((cleanup(helm_release_done))) = { 0 };
	_cleanup_json_ json_t *have = NULL;
	_cleanup_free_ char *text = NULL;
	size_t len;

	*ret = false;
	if (helm_status(c, ESS_RELEASE, ESS_NS, &r, e) < 0)
		return -1;
	if (r.status != HELM_DEPLOYED)
		return 0;
	if (helm_values(c, ESS_RELEASE, ESS_NS, &have, e) < 0 ||
	    step_read(c, ESS_VALUES, VALUES_MAX, &text, &len, e) < 0)
		return -1;
	_cleanup_json_ json_t *want = text ? json_parse(text, len, FAULT_IO, ESS_VALUES, e) : NULL;
	if (!want)
		return text ? -1 : 0;
	const char *was = values_rtc_address(have);
	const char *is = values_rtc_address(want);
	*ret = was && is && strcmp(was, is) != 0;
	return 0;
}

static int spare_calls(struct step_ctx *c, struct err *e)
{
	bool changes;
	if (address_changes(c, &changes, e) < 0)
		return -1;
	return changes ? ess_wait_for_calls(c, step_int(c, "rtc.restart_wait_minutes"), e) : 0;
}

static int apply(struct step_ctx *c, struct err *e)
{
	_cleanup_free_ char *chart = chart_name(c);
	_cleanup_free_ char *file = xasprintf("/var/cache/ess-setup/%s.tgz", chart);
	_cleanup_free_ char *text = NULL;
	_cleanup_strv_ char **values = values_files(c);
	struct helm_release r __attribute__((cleanup(helm_release_done))) = { 0 };

	if (refuse_old_data(c, e) < 0 || ledger_consult(c, e) < 0)
		return -1;
	/* In a plan the values are not written yet. */
	if (description(c, &text, step_dry_run(c) ? NULL : e) < 0 && !step_dry_run(c))
		return -1;
	const struct helm_install in = {
		.release = ESS_RELEASE,
		.ns = ESS_NS,
		.chart = file,
		.values = (const char *const *)values,
		.post_renderer = HELM_POST_RENDERER,
		.description = text,
		.timeout_s = HOOK_TIMEOUT_S,
	};
	if (!step_dry_run(c) && (find_ports(c, e) < 0 || refuse_unjudged(c, e) < 0 ||
				 images_import(c, "images.ess", e) < 0 || spare_calls(c, e) < 0))
		return -1;
	step_progress(c, -1, N_("installing %s; first its images and its database are prepared"), chart);
	if (helm_install(c, &in, e) < 0)
		return -1;
	if (step_dry_run(c))
		return 0;
	if (helm_status(c, ESS_RELEASE, ESS_NS, &r, e) < 0)
		return -1;
	char revision[32];
	snprintf(revision, sizeof(revision), "%ld", r.revision);
	step_fact_set(c, "ess.revision", revision);
	step_note(c, chart);
	return 0;
}

static int undo(struct step_ctx *c, struct err *e)
{
	return helm_uninstall(c, ESS_RELEASE, ESS_NS, e);
}

static const char *const inputs[] = { "config:domains.*",
				      CALL_PORTS_INPUTS,
				      IMAGES_IMPORT_INPUTS,
				      "config:rtc.restart_wait_minutes",
				      VALUES_FILES_INPUTS,
				      "config:certificates.environment",
				      "config:postgres.mode",
				      "fact:" VALUES_FILES_FACT,
				      "fact:dns.zone",
				      "fact:supply.chart.version",
				      "fact:supply.chart.sha256",
				      NULL };

const struct step step_ess = {
	.id = "ess",
	.number = 70,
	.title = N_("Element Server Suite"),
	.version = 1,
	.estimate_s = 240,
	.inputs = inputs,
	.check = check,
	.apply = apply,
	.undo = undo,
};
