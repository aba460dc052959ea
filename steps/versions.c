/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "steps/versions.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "steps/oci.h"
#include "steps/sources.h"

static const char *const tested[PART_MAX] = {
	[PART_K3S] = "v1.36.3+k3s1",
	[PART_HELM] = "v4.2.4",
	[PART_CERT_MANAGER] = "v1.21.1",
	[PART_CHART] = "26.8.1",
};

const char *version_tested(enum part part)
{
	return tested[part];
}

/* Reads a number without leading zeros; NULL when there is none. */
static const char *skip_number(const char *p)
{
	size_t n = strspn(p, "0123456789");
	return n == 0 || n > 6 || (n > 1 && *p == '0') ? NULL : p + n;
}

/* Behind X.Y.Z, or NULL. */
static const char *skip_triple(const char *p)
{
	for (int i = 0; i < 3; i++) {
		p = skip_number(p);
		if (!p || (i < 2 && *p++ != '.'))
			return NULL;
	}
	return p;
}

bool version_is_release(const char *tag)
{
	const char *rest = skip_triple(*tag == 'v' ? tag + 1 : tag);
	return rest && !*rest;
}

bool version_is_k3s(const char *tag)
{
	const char *rest = *tag == 'v' ? skip_triple(tag + 1) : NULL;
	if (!rest || !text_starts(rest, "+k3s"))
		return false;
	rest = skip_number(rest + 4);
	return rest && !*rest;
}

char *version_from_location(const char *location)
{
	const char *slash = strrchr(location, '/');
	_cleanup_free_ char *tag = text_trim(slash ? slash + 1 : location);
	char *escaped = strcasestr(tag, "%2b");
	if (escaped) {
		*escaped = '+';
		memmove(escaped + 1, escaped + 3, strlen(escaped + 3) + 1);
	}
	return version_is_k3s(tag) ? steal(tag) : NULL;
}

const char *version_newest_tag(const json_t *tags, long major)
{
	const char *best = NULL;
	size_t i;
	json_t *t;
	json_array_foreach(tags, i, t) {
		const char *tag = json_string_value(t);
		if (!tag || !version_is_release(tag) ||
		    strtol(*tag == 'v' ? tag + 1 : tag, NULL, 10) != major)
			continue;
		if (!best || text_version_cmp(best, tag) < 0)
			best = tag;
	}
	return best;
}

/* --- asking ----------------------------------------------------------------------------------- */

static int get_text(struct step_ctx *c, const char *url, struct http_response *ret, struct err *e)
{
	const struct http_request rq = { .url = url, .max = 65536 };
	return step_http(c, &rq, ret, e);
}

/* The channel server answers with a redirect to the release (k3s install.sh, get_release_version);
 * only its Location is read, since GitHub itself may be out of reach. Mirrors of China answer with
 * the version as text. */
static char *newest_k3s(struct step_ctx *c, struct err *e)
{
	struct http_response r _cleanup_http_ = { 0 };
	const char *channel = step_str(c, "supply.k3s_channel");
	_cleanup_free_ char *own = source_k3s_mirror(c);
	const char *base = own ? own : "https://update.k3s.io";
	_cleanup_free_ char *url = xasprintf(
		own ? "%s/k3s/channels/%s" : "%s/v1-release/channels/%s", base, channel);

	if (get_text(c, url, &r, e) < 0)
		return NULL;
	const char *location = http_header(&r, "location");
	char *version = location	  ? version_from_location(location)
			: r.status == 200 ? version_from_location(r.body)
					  : NULL;
	if (!version)
		err_set(e, FAULT_SUP_SOURCE, N_("%s answered %ld and names no version"), url,
			r.status);
	return version;
}

static char *newest_helm(struct step_ctx *c, struct err *e)
{
	struct http_response r _cleanup_http_ = { 0 };
	_cleanup_free_ char *base = source_base(c, "mirrors.helm", "https://get.helm.sh");
	_cleanup_free_ char *url = xasprintf("%s/helm4-latest-version",
					     base); /* helm scripts/get-helm-4 */

	if (get_text(c, url, &r, e) < 0)
		return NULL;
	_cleanup_free_ char *version = text_trim(r.status == 200 ? r.body : "");
	if (*version == 'v' && version_is_release(version))
		return steal(version);
	err_set(e, FAULT_SUP_SOURCE, N_("%s answered %ld and names no version"), url, r.status);
	return NULL;
}

static char *newest_chart(struct step_ctx *c, enum part part, struct err *e)
{
	struct oci oci __attribute__((cleanup(oci_done)));
	_cleanup_free_ char *repository = oci_chart(c, part, &oci);
	json_t *tags = NULL;
	if (oci_tags(c, &oci, repository, &tags, e) < 0)
		return NULL;
	const char *is = version_tested(part);
	/* Another first number is another product: cert-manager 2, or next year's chart. */
	const char *tag = version_newest_tag(tags, strtol(*is == 'v' ? is + 1 : is, NULL, 10));
	char *version = tag ? xstrdup(tag) : NULL;
	json_decref(tags);
	if (!version)
		err_set(e, FAULT_SUP_OCI, N_("%s/%s has no tag that is a release"), oci.base,
			repository);
	return version;
}

char *version_newest(struct step_ctx *c, enum part part, struct err *e)
{
	switch (part) {
	case PART_K3S:
		return newest_k3s(c, e);
	case PART_HELM:
		return newest_helm(c, e);
	default:
		return newest_chart(c, part, e);
	}
}
