/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "steps/compat.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

#define ANY 999

/* Minor versions of Kubernetes 1. A line is what the versions begin with; K3s' own number is
 * Kubernetes'. */
static const struct row {
	const char *part, *line;
	int first, last;
	const char *source;
} rows[] = {
	{ "Helm", "4.2.", 33, 36, "helm.sh/docs/topics/version_skew" },
	{ "Helm", "4.0.", 31, 34, "helm.sh/docs/topics/version_skew" },
	{ "Helm", "3.21.", 33, 36, "helm.sh/docs/v3/topics/version_skew" },
	{ "Helm", "3.20.", 32, 35, "helm.sh/docs/v3/topics/version_skew" },
	{ "Helm", "3.19.", 31, 34, "helm.sh/docs/v3/topics/version_skew" },
	{ "cert-manager", "1.21.", 33, 36, "cert-manager.io/docs/releases" },
	{ "cert-manager", "1.20.", 32, 35, "cert-manager.io/docs/releases" },
	{ "ESS", "26.", 22, ANY,
	  "github.com/element-hq/ess-helm charts/matrix-stack/Chart.yaml (kubeVersion)" },
	{ "ESS", "25.", 22, ANY,
	  "github.com/element-hq/ess-helm charts/matrix-stack/Chart.yaml (kubeVersion)" },
};

/* Up to here the schema of the chart is refused by Helm 4 ("duplicate id"), as was tried with each.
 */
#define CHART_BEFORE_HELM_4 "25.8.3"

static const char *bare(const char *version)
{
	return version + (*version == 'v');
}

static const struct row *find(const char *part, const char *version)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (!strcmp(rows[i].part, part) && text_starts(bare(version), rows[i].line))
			return &rows[i];
	return NULL;
}

static char *range(const struct row *r)
{
	return r->last == ANY ? xasprintf("1.%d-", r->first)
			      : xasprintf("1.%d-1.%d", r->first, r->last);
}

/* The 36 of "v1.36.3+k3s1"; -1 for anything else. */
static int minor_of(const char *k3s)
{
	int major, minor;
	return sscanf(bare(k3s), "%d.%d.", &major, &minor) == 2 && major == 1 ? minor : -1;
}

static int check_one(const char *part, const char *version, const char *k3s, char **unknown,
		     struct err *e)
{
	const struct row *r = find(part, version);
	const int minor = minor_of(k3s);
	if (!r || minor < 0) {
		if (!*unknown)
			*unknown = xasprintf("%s %s", part, version);
		return 0;
	}
	if (minor >= r->first && minor <= r->last)
		return 0;
	_cleanup_free_ char *text = range(r);
	return err_set(e, FAULT_SRC_COMPAT,
		       N_("%s %s supports Kubernetes %s, and K3s %s is Kubernetes 1.%d (%s)"), part,
		       version, text, k3s, minor, r->source);
}

int compat_check(const struct compat_set *set, char **ret_unknown, struct err *e)
{
	*ret_unknown = NULL;
	_cleanup_free_ char *unknown = NULL;
	if (text_starts(bare(set->helm), "4.") &&
	    text_version_cmp(set->chart, CHART_BEFORE_HELM_4) < 0)
		return err_set(e, FAULT_SRC_COMPAT,
			       N_("ESS %s cannot be read by Helm %s; it needs Helm 3"), set->chart,
			       set->helm);
	if (set->k3s && (check_one("Helm", set->helm, set->k3s, &unknown, e) < 0 ||
			 check_one("cert-manager", set->cert_manager, set->k3s, &unknown, e) < 0 ||
			 check_one("ESS", set->chart, set->k3s, &unknown, e) < 0))
		return -1;
	const int known = unknown == NULL;
	*ret_unknown = steal(unknown);
	return known ? 0 : 1;
}

json_t *compat_table(void)
{
	json_t *all = json_array();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_free_ char *versions = xasprintf("%sx", rows[i].line);
		_cleanup_free_ char *kubernetes = range(&rows[i]);
		json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:s}", "part", rows[i].part,
						     "versions", versions, "kubernetes", kubernetes,
						     "source", rows[i].source));
	}
	return all;
}
