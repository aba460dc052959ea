/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Step 55, cert-manager: installed from the cached chart, its Deployments ready and its webhook
 * answering; the next steps would else fail with "no endpoints available". */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "steps/gather.h"
#include "steps/generated.h"
#include "steps/helm.h"
#include "steps/images.h"
#include "steps/kube.h"
#include "steps/steps.h"

#define RELEASE "cert-manager"
#define INSTALL_S 1200
#define READY_WAIT_S 1200
#define WEBHOOK_WAIT_S 300

static const char *const inputs[] = {
	CERT_MANAGER_INPUTS,
	IMAGES_IMPORT_INPUTS,
	"fact:supply.cert_manager.sha256",
	"fact:supply.cert_manager.version",
	NULL,
};

static const char *const deployments[] = { "cert-manager", "cert-manager-cainjector",
					   "cert-manager-webhook" };

/* --- check ------------------------------------------------------------------------------------ */

static int release_right(struct step_ctx *c, enum step_found *ret, struct err *e)
{
	const char *version = step_fact(c, "supply.cert_manager.version");
	struct helm_release r __attribute__((cleanup(helm_release_done))) = { 0 };
	_cleanup_json_ json_t *have = NULL;
	*ret = STEP_ABSENT;
	if (helm_status(c, RELEASE, CERT_MANAGER_NS, &r, e))
		return -1;
	if (r.status == HELM_NOT_FOUND)
		return 0;
	*ret = STEP_DIFFERENT;
	if (r.status != HELM_DEPLOYED || !version || !r.chart ||
	    !text_starts(r.chart, "cert-manager-") ||
	    text_version_cmp(r.chart + strlen("cert-manager-"), version))
		return 0;
	_cleanup_json_ json_t *want = gather_cert_manager(c, e);
	if (!want || helm_values(c, RELEASE, CERT_MANAGER_NS, &have, e))
		return -1;
	if (have && json_equal(have, want))
		*ret = STEP_PRESENT;
	return 0;
}

static int deployments_ready(struct step_ctx *c, char **ret_seen, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(deployments); i++) {
		_cleanup_json_ json_t *d = NULL;
		_cleanup_free_ char *why = NULL;
		if (kube_get(c, "deployments", deployments[i], CERT_MANAGER_NS, &d, e))
			return -1;
		if (!kube_workload_ready(d, &why)) {
			*ret_seen = xasprintf("%s: %s", deployments[i], why);
			return 0;
		}
	}
	return 1;
}

static int webhook_answers(struct step_ctx *c, char **ret_seen, struct err *e)
{
	_cleanup_json_ json_t *probe = cert_manager_probe();
	return kube_would_apply(c, probe, ret_seen, e);
}

static int look(struct step_ctx *c, enum step_found *ret, struct err *e)
{
	_cleanup_free_ char *seen = NULL;
	if (release_right(c, ret, e))
		return -1;
	if (*ret != STEP_PRESENT)
		return 0;
	int r = deployments_ready(c, &seen, e);
	if (r > 0)
		r = webhook_answers(c, &seen, e);
	if (r == 0)
		*ret = STEP_DIFFERENT;
	return r < 0 ? -1 : 0;
}

static int check(struct step_ctx *c, enum step_found *ret, struct err *e)
{
	struct err own = ERR_INIT;
	if (look(c, ret, &own) == 0 || kube_absent(&own, ret) == 0)
		return 0;
	*e = own;
	return -1;
}

/* --- apply ------------------------------------------------------------------------------------ */

static int chart(struct step_ctx *c, char **ret, struct err *e)
{
	const char *version, *sha256;
	if (gather_fact(c, "supply.cert_manager.version", &version, e) ||
	    gather_fact(c, "supply.cert_manager.sha256", &sha256, e))
		return -1;
	_cleanup_free_ char *path = xasprintf("/var/cache/ess-setup/cert-manager-%s.tgz", version);
	int good = step_dry_run(c) ? 1 : step_has_hash(c, path, sha256, e);
	if (good == 0)
		return err_set(e, FAULT_HASH, N_("%s is missing or changed"), path);
	if (good > 0)
		*ret = steal(path);
	return good < 0 ? -1 : 0;
}

static int install(struct step_ctx *c, struct err *e)
{
	_cleanup_free_ char *tgz = NULL;
	_cleanup_free_ char *file = generated_path("cert-manager-values.json");
	_cleanup_free_ char *text = generated_build(c, "cert-manager-values.json", e);
	if (!text || chart(c, &tgz, e) || step_write(c, file, text, strlen(text), 0600, e))
		return -1;
	const char *const values[] = { file, NULL };
	const struct helm_install in = {
		.release = RELEASE,
		.ns = CERT_MANAGER_NS,
		.chart = tgz,
		.values = values,
		.timeout_s = INSTALL_S,
		.wait = true,
	};
	step_progress(c, 10, N_("installing cert-manager"));
	return helm_install(c, &in, e);
}

static int ready(struct step_ctx *c, void *arg, char **ret_seen, struct err *e)
{
	int r = deployments_ready(c, ret_seen, e);
	if (r == 0)
		step_progress(c, 70, N_("waiting for cert-manager: %s"), *ret_seen);
	return r;
}

static int answers(struct step_ctx *c, void *arg, char **ret_seen, struct err *e)
{
	step_progress(c, 90, N_("waiting for cert-manager's webhook"));
	return webhook_answers(c, ret_seen, e);
}

/* helm also puts back what was removed or changed behind it. */
static int apply(struct step_ctx *c, struct err *e)
{
	if (images_import(c, "images.cert_manager", e) || install(c, e) ||
	    step_wait(c, READY_WAIT_S, 2000, FAULT_CERT_MANAGER, ready, NULL, e))
		return -1;
	return step_wait(c, WEBHOOK_WAIT_S, 2000, FAULT_CERT_MANAGER_WEBHOOK, answers, NULL, e);
}

const struct step step_cert_manager = {
	.id = "cert-manager",
	.number = 55,
	.title = N_("Certificates (cert-manager)"),
	.version = 1,
	.estimate_s = 60,
	.inputs = inputs,
	.check = check,
	.apply = apply,
};
