/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "steps/sources.h"

#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "steps/artefacts.h"
#include "steps/bundle.h"
#include "steps/oci.h"
#include "steps/tool.h"
#include "steps/versions.h"

#define PROBE_S 10

char *source_base(struct step_ctx *c, const char *mirror_key, const char *upstream)
{
	const char *mirror = step_str(c, mirror_key);
	char *base = xstrdup(mirror ? mirror : upstream);
	for (size_t n = strlen(base); n > 0 && base[n - 1] == '/'; n--)
		base[n - 1] = '\0';
	return base;
}

bool source_is_upstream(struct step_ctx *c, const char *class)
{
	_cleanup_free_ char *name = xasprintf("sources.%s", class);
	const char *chosen = step_fact(c, name);
	return chosen && text_starts(chosen, "upstream ");
}

/* The address is often copied with its first folder ("https://rancher-mirror.rancher.cn/k3s"). */
char *source_k3s_mirror(struct step_ctx *c)
{
	if (!step_str(c, "mirrors.k3s") || source_is_upstream(c, "k3s"))
		return NULL;
	char *base = source_base(c, "mirrors.k3s", "");
	if (text_ends(base, "/k3s"))
		base[strlen(base) - strlen("/k3s")] = '\0';
	return base;
}

/* --- what is tried ---------------------------------------------------------------------------- */

/* A registry's classes are tried with a manifest, the others with a file. */
static const struct class
{
	const char *name, *key;
	const char *registry, *repository, *tag; /* of the tested set; any that is needed will do */
	enum part part;				 /* where there is no registry */
} classes[] = {
	{ "k3s", "mirrors.k3s", NULL, NULL, NULL, PART_K3S },
	{ "helm", "mirrors.helm", NULL, NULL, NULL, PART_HELM },
	{ "chart-ess", "mirrors.ghcr_io", "ghcr.io", "element-hq/ess-helm/matrix-stack", NULL,
	  PART_CHART },
	{ "chart-cert-manager", "mirrors.quay_io", "quay.io", "jetstack/charts/cert-manager", NULL,
	  PART_CERT_MANAGER },
	{ "docker.io", "mirrors.docker_io", "docker.io", "library/haproxy", "3.2-alpine",
	  PART_MAX },
	{ "ghcr.io", "mirrors.ghcr_io", "ghcr.io", "element-hq/ess-helm/matrix-tools", "0.8.1",
	  PART_MAX },
	{ "quay.io", "mirrors.quay_io", "quay.io", "jetstack/cert-manager-controller", "v1.21.1",
	  PART_MAX },
	{ "oci.element.io", "mirrors.oci_element_io", "oci.element.io", "synapse", "v1.159.0",
	  PART_MAX },
};

enum source_verdict source_judge(long status, const char *type, bool json, char **ret_why)
{
	const bool html = type && !strncasecmp(type, "text/html", 9);
	*ret_why = status != 200 ? xasprintf("status %ld", status)
		   : html	 ? xstrdup("a web page instead of what was asked for")
				 : xstrdup("works");
	if (status >= 500 || status == 429)
		return SOURCE_DEAD;
	if (status != 200 || html || (json && type && !strstr(type, "json")))
		return SOURCE_REFUSES;
	return SOURCE_WORKS;
}

static enum source_verdict failed(const struct err *seen, char **ret_why)
{
	*ret_why = err_text(seen);
	/* A registry that speaks, but not for this: no token, no list. */
	return seen->fault == FAULT_SUP_OCI ? SOURCE_REFUSES : SOURCE_DEAD;
}

static enum source_verdict try_file(struct step_ctx *c, const char *url, char **ret_why,
				    struct err *seen)
{
	struct http_response r _cleanup_http_ = { 0 };
	const struct http_request rq = {
		.method = "HEAD", .url = url, .follow = true, .timeout_s = PROBE_S
	};
	if (step_http(c, &rq, &r, seen) < 0)
		return failed(seen, ret_why);
	return source_judge(r.status, http_header(&r, "content-type"), false, ret_why);
}

static enum source_verdict try_manifest(struct step_ctx *c, const struct class *k, bool mirror,
					char **ret_why, struct err *seen)
{
	struct oci o __attribute__((cleanup(oci_done)));
	struct http_response r _cleanup_http_ = { 0 };
	oci_open_at(c, k->registry, mirror, &o);
	o.timeout_s = PROBE_S;
	const char *tag = k->tag ? k->tag : version_tested(k->part);
	int there = oci_manifest(c, &o, k->repository, tag, &r, seen);
	if (there < 0)
		return failed(seen, ret_why);
	return source_judge(r.status, http_header(&r, "content-type"), true, ret_why);
}

/* The base of a source of this class; new, NULL: there is no mirror. */
static char *base_of(struct step_ctx *c, const struct class *k, bool mirror)
{
	struct oci o __attribute__((cleanup(oci_done))) = { 0 };
	if (mirror)
		return step_str(c, k->key) ? source_base(c, k->key, "") : NULL;
	if (k->part == PART_K3S)
		return source_base(c, "mirrors.github", "https://github.com");
	if (k->part == PART_HELM)
		return xstrdup("https://get.helm.sh");
	oci_open_at(c, k->registry, false, &o);
	return steal(o.base);
}

static enum source_verdict try_one(struct step_ctx *c, const struct class *k, bool mirror,
				   char **ret_why, struct err *seen)
{
	if (k->registry)
		return try_manifest(c, k, mirror, ret_why, seen);
	_cleanup_free_ char *version = part_configured(c, k->part);
	const char *v = version ? version : version_tested(k->part);
	_cleanup_free_ char *url = k->part == PART_K3S
					   ? artefact_k3s_url(c, mirror, v, artefact_k3s_file(c))
					   : artefact_helm_url_at(c, mirror, v, "");
	return try_file(c, url, ret_why, seen);
}

/* --- choosing --------------------------------------------------------------------------------- */

static void choose(struct step_ctx *c, const struct class *k, const char *how, const char *base)
{
	_cleanup_free_ char *name = xasprintf("sources.%s", k->name);
	_cleanup_free_ char *value = base ? xasprintf("%s %s", how, base) : xstrdup(how);
	step_fact_set(c, name, value);
	step_log(c, "source of %s: %s", k->name, value);
}

/* The mirror first; what the publisher has to say about a single thing is left to the download,
 * whose error says more. */
static int choose_class(struct step_ctx *c, const struct class *k, struct err *e)
{
	_cleanup_free_ char *tried = xstrdup("");
	_cleanup_free_ char *fact = xasprintf("sources.%s", k->name);
	step_fact_set(c, fact, "open"); /* an earlier choice must not decide about this one */
	for (int mirror = 1; mirror >= 0; mirror--) {
		struct err seen = ERR_INIT;
		_cleanup_free_ char *base = base_of(c, k, mirror);
		_cleanup_free_ char *why = NULL;
		if (!base)
			continue;
		step_progress(c, -1, N_("trying the source of %s: %s"), k->name, base);
		enum source_verdict v = try_one(c, k, mirror, &why, &seen);
		/* A proxy in the way is the same for every source, and has its own card. */
		if (seen.fault == FAULT_CANCELLED || seen.fault == FAULT_HTTP_PROXY) {
			*e = seen;
			return -1;
		}
		if (v == SOURCE_WORKS || (v == SOURCE_REFUSES && !mirror)) {
			choose(c, k, mirror ? "mirror" : "upstream", base);
			return 0;
		}
		step_log(c, "source of %s: %s: %s", k->name, base, why);
		char *longer = xasprintf("%s%s%s: %s", tried, *tried ? "; " : "", base, why);
		cleanup_free(&tried);
		tried = longer;
	}
	return err_set(e, FAULT_SRC_NONE, N_("%s: tried %s"), k->name, tried);
}

int sources_choose(struct step_ctx *c, struct err *e)
{
	_cleanup_json_ json_t *bundle = NULL;
	if (bundle_load(c, &bundle, e) < 0)
		return -1;
	for (size_t i = 0; i < ARRAY_LEN(classes); i++) {
		/* Another cluster pulls its images by itself. */
		if (!part_wanted(c, PART_K3S) &&
		    (classes[i].part == PART_K3S || classes[i].part == PART_MAX))
			continue;
		if (bundle)
			choose(c, &classes[i], "bundle", NULL);
		else if (choose_class(c, &classes[i], e) < 0)
			return -1;
	}
	return 0;
}

char *sources_passed_over(struct step_ctx *c)
{
	char **names = NULL;
	for (size_t i = 0; i < ARRAY_LEN(classes); i++)
		if (step_str(c, classes[i].key) && source_is_upstream(c, classes[i].name))
			strv_add(&names, xstrdup(classes[i].name));
	char *all = names ? text_join((const char *const *)names, ", ") : NULL;
	strv_free(names);
	return all;
}
