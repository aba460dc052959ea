/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Step 40, values: what the chart and Traefik are told is written down, and proved by rendering the
 * chart with it: the chart's schema, the post-renderer and the gate, before the machine is touched.
 */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "steps/gate-own.h"
#include "steps/gather.h"
#include "steps/generated.h"
#include "steps/helm.h"
#include "steps/images.h"
#include "steps/kube.h"
#include "steps/postrender.h"
#include "steps/steps.h"
#include "steps/values-files.h"

#define MODE 0600

static const char *const inputs[] = {
	VALUES_INPUTS,
	TRAEFIK_INPUTS,
	VALUES_FILES_INPUTS,
	IMAGES_PREPARE_INPUTS,
	"config:cluster.kind",
	"fact:supply.cert_manager.sha256",
	"fact:supply.cert_manager.version",
	"fact:supply.chart.version",
	"fact:supply.chart.sha256",
	"fact:supply.helm.version",
	"fact:supply.k3s.version",
	"fact:" VALUES_FILES_FACT,
	NULL,
};

/* Compares one generated file with what would be written now. */
static int look(struct step_ctx *c, const char *name, enum step_found *ret, char **ret_text,
		struct err *e)
{
	_cleanup_free_ char *path = generated_path(name);
	_cleanup_free_ char *have = NULL;
	_cleanup_free_ char *text = generated_build(c, name, e);
	if (!text || step_read(c, path, 1 << 20, &have, NULL, e))
		return -1;
	int same = step_same(c, path, text, strlen(text), MODE, e);
	if (same < 0)
		return -1;
	*ret = same ? STEP_PRESENT : have ? STEP_DIFFERENT : STEP_ABSENT;
	if (ret_text)
		*ret_text = steal(text);
	return 0;
}

/* Was all of it judged as it is now? A file of the user's that is gone was not. */
static bool was_judged(struct step_ctx *c, const char *text)
{
	_cleanup_free_ char *now = values_files_digest(c, text, NULL);
	const char *judged = step_fact(c, VALUES_FILES_FACT);
	return now && judged && !strcmp(now, judged);
}

static int check(struct step_ctx *c, enum step_found *ret, struct err *e)
{
	_cleanup_free_ char *text = NULL;
	struct err own = ERR_INIT;
	enum step_found traefik = STEP_PRESENT;
	int r = look(c, "values.json", ret, &text, &own);
	if (!r && gather_own_k3s(c))
		r = look(c, "traefik.json", &traefik, NULL, &own);
	if (r && kube_absent(&own, ret) == 0)
		return 0;
	if (r) {
		*e = own;
		return -1;
	}
	if (*ret == STEP_PRESENT && (traefik != STEP_PRESENT || !was_judged(c, text)))
		*ret = STEP_DIFFERENT;
	if (*ret == STEP_PRESENT && gather_own_k3s(c) && !step_fact_json(c, "images.ess"))
		*ret = STEP_DIFFERENT;
	return 0;
}

/* --- apply ------------------------------------------------------------------------------------ */

static int write_file(struct step_ctx *c, const char *name, char **ret_text, struct err *e)
{
	_cleanup_free_ char *path = generated_path(name);
	_cleanup_free_ char *text = generated_build(c, name, e);
	if (!text || step_write(c, path, text, strlen(text), MODE, e))
		return -1;
	if (ret_text)
		*ret_text = steal(text);
	return 0;
}

/* The version that the chart is rendered for: of the K3s to come, or of the cluster that is there.
 */
static int kube_version(struct step_ctx *c, char **ret, struct err *e)
{
	static const char *const argv[] = { "kubectl", "version", "-o", "json", NULL };
	if (gather_own_k3s(c)) {
		const char *v;
		if (gather_fact(c, "supply.k3s.version", &v, e))
			return -1;
		*ret = xstrdup(v);
		return 0;
	}
	_cleanup_proc_ struct proc_result r = { 0 };
	if (step_query(c, argv, &r, e))
		return -1;
	if (r.status)
		return err_set(e, FAULT_KUBE_UNREACHABLE, N_("the cluster does not answer: %s"),
			       r.last_err);
	_cleanup_json_ json_t *j =
		json_parse(r.out, r.out_len, FAULT_COMMAND_OUTPUT, "kubectl version", e);
	const char *v = json_str_at(j, "serverVersion.gitVersion");
	*ret = v ? xstrdup(v) : NULL;
	return v ? 0
		 : err_set(e, FAULT_KUBE_UNREACHABLE, N_("the cluster does not tell its version"));
}

/* part: "chart" or "cert_manager", whose archive has this name. */
static int chart_path(struct step_ctx *c, const char *part, const char *name, char **ret, struct err *e)
{
	_cleanup_free_ char *version_fact = xasprintf("supply.%s.version", part);
	_cleanup_free_ char *sha256_fact = xasprintf("supply.%s.sha256", part);
	const char *version, *sha256;
	if (gather_fact(c, version_fact, &version, e) || gather_fact(c, sha256_fact, &sha256, e))
		return -1;
	_cleanup_free_ char *path = xasprintf("/var/cache/ess-setup/%s-%s.tgz", name, version);
	int good = step_has_hash(c, path, sha256, e);
	if (good == 0)
		return err_set(e, FAULT_HASH, N_("%s is missing or changed"), path);
	if (good > 0)
		*ret = steal(path);
	return good < 0 ? -1 : 0;
}

/* The post-renderer runs in here instead of behind helm: Helm 4 keeps a plugin's stderr to itself,
 * so the reason of a refusal would be lost (helm 4.1.4: "plugin ... exited with error"). */
static int render(struct step_ctx *c, char **ret, struct err *e)
{
	_cleanup_free_ char *version = NULL, *chart = NULL, *manifest = NULL;
	_cleanup_strv_ char **files = values_files(c);
	size_t len;
	if (kube_version(c, &version, e) || chart_path(c, "chart", "matrix-stack", &chart, e))
		return -1;
	const struct helm_install in = {
		.release = ESS_RELEASE,
		.ns = ESS_NS,
		.chart = chart,
		.values = (const char *const *)files,
	};
	if (helm_template(c, &in, version, &manifest, e))
		return -1;
	return postrender(manifest, strlen(manifest), ret, &len, e);
}

/* cert-manager's images do not depend on its values. */
static int render_cert_manager(struct step_ctx *c, char **ret, struct err *e)
{
	_cleanup_free_ char *version = NULL, *chart = NULL;
	if (kube_version(c, &version, e) || chart_path(c, "cert_manager", "cert-manager", &chart, e))
		return -1;
	const struct helm_install in = {
		.release = "cert-manager",
		.ns = CERT_MANAGER_NS,
		.chart = chart,
	};
	return helm_template(c, &in, version, ret, e);
}

/* Another cluster fetches its images by itself, wherever its machines are. */
static int prepare_images(struct step_ctx *c, const char *manifest, struct err *e)
{
	_cleanup_free_ char *cert_manager = NULL;
	if (!gather_own_k3s(c))
		return 0;
	if (render_cert_manager(c, &cert_manager, e))
		return -1;
	return images_prepare(c, manifest, cert_manager, e);
}

static int pass_gate(struct step_ctx *c, const char *manifest, const struct gate_names *names, struct err *e)
{
	_cleanup_gate_report_ struct gate_report report = { 0 };
	int r = gate_check(manifest, strlen(manifest), names, &report, e);
	gate_log(c, &report);
	return r;
}

/* The user's files, and what the chart makes of all of them. */
static int judge(struct step_ctx *c, struct err *e)
{
	_cleanup_gate_own_ struct gate_own own = { 0 };
	_cleanup_free_ char *manifest = NULL;
	gate_own_names(c, &own);
	if (values_files_judge(c, &own.names, e))
		return -1;
	/* A plan has neither helm nor the chart yet. */
	if (step_dry_run(c))
		return 0;
	step_progress(c, 40, N_("rendering the chart"));
	if (render(c, &manifest, e))
		return -1;
	step_progress(c, 90, N_("checking every address in the result"));
	if (pass_gate(c, manifest, &own.names, e))
		return -1;
	return prepare_images(c, manifest, e);
}

static int apply(struct step_ctx *c, struct err *e)
{
	_cleanup_free_ char *text = NULL, *before = NULL, *after = NULL;
	if (write_file(c, "values.json", &text, e))
		return -1;
	if (gather_own_k3s(c) && write_file(c, "traefik.json", NULL, e))
		return -1;
	before = values_files_digest(c, text, e);
	if (!before || judge(c, e) || !(after = values_files_digest(c, text, e)))
		return -1;
	if (strcmp(before, after))
		return err_set(e, FAULT_EXTRA_VALUES, N_("the values files changed while they were looked at"));
	step_fact_set(c, VALUES_FILES_FACT, after);
	return 0;
}

const struct step step_values = {
	.id = "values",
	.number = 40,
	.title = N_("Settings of the chart"),
	.version = 1,
	.estimate_s = 5,
	.inputs = inputs,
	.check = check,
	.apply = apply,
};
