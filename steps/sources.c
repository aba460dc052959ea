/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Where each kind of artefact comes from: its publisher, or the mirror that the config names. */
#include "steps/sources.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "steps/bundle.h"
#include "steps/tool.h"

char *source_base(struct step_ctx *c, const char *mirror_key, const char *upstream)
{
	const char *mirror = step_str(c, mirror_key);
	char *base = xstrdup(mirror ? mirror : upstream);
	for (size_t n = strlen(base); n > 0 && base[n - 1] == '/'; n--)
		base[n - 1] = '\0';
	return base;
}

/* --- registries of images --------------------------------------------------------------------- */

static int probe_registry(struct step_ctx *c, const char *key, const char *upstream, struct err *e)
{
	struct http_response r _cleanup_http_ = { 0 };
	struct err seen = ERR_INIT;
	_cleanup_free_ char *base = source_base(c, key, upstream);
	_cleanup_free_ char *url = xasprintf("%s/v2/", base);
	const struct http_request rq = { .url = url };

	/* 401 is the usual answer to a stranger, and as good as any. */
	if (step_http(c, &rq, &r, &seen) == 0 && r.status < 500)
		return 0;
	if (seen.fault == FAULT_CANCELLED)
		return tool_excuse(c, &seen, e);
	_cleanup_free_ char *why = err_is_set(&seen) ? err_text(&seen)
						     : xasprintf("status %ld", r.status);
	err_clear(&seen);
	err_set(&seen, FAULT_SUP_REGISTRY, N_("the registry %s does not answer: %s"), base, why);
	return tool_excuse(c, &seen, e);
}

int sources_answer(struct step_ctx *c, struct err *e)
{
	static const struct {
		const char *key, *upstream;
	} registries[] = {
		{ "mirrors.docker_io", "https://registry-1.docker.io" },
		{ "mirrors.ghcr_io", "https://ghcr.io" },
		{ "mirrors.quay_io", "https://quay.io" },
		{ "mirrors.oci_element_io", "https://oci.element.io" },
	};
	_cleanup_json_ json_t *bundle = NULL;
	if (bundle_load(c, &bundle, e) < 0)
		return -1;
	if (bundle)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(registries); i++)
		if (probe_registry(c, registries[i].key, registries[i].upstream, e) < 0)
			return -1;
	return 0;
}
