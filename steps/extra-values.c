/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Helm merges mappings and replaces everything else, null removes a whole part (helm,
 * pkg/chart/common/util/coalesce.go): so a key is refused when it is one of ours, stands below one of
 * ours, or puts something that is no mapping above one of ours. */
#include "steps/extra-values.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "steps/manifest.h"

#define PATH_LEN 256
#define DEEP_MAX 32 /* of merge keys and aliases that name each other */

#define COMPONENT(path, answer)                                                                    \
	{ path ".enabled", answer }, { path ".ingress.host", answer },                             \
		{ path ".ingress.className", "cluster.ingress_class" },                            \
		{ path ".ingress.tlsEnabled", NULL }

/* Keys of the chart's values.schema.json (ess-helm 26.8.1), and the answer that decides about each;
 * NULL: nobody may. */
static const struct protected_key {
	const char *path, *answer;
} protected_keys[] = {
	{ "serverName", "domains.server_name" },
	{ "certManager", "certificates.environment" },
	{ "ingress.className", "cluster.ingress_class" },
	{ "ingress.tlsEnabled", NULL },
	COMPONENT("synapse", "domains.synapse"),
	COMPONENT("matrixAuthenticationService", "domains.auth"),
	COMPONENT("matrixRTC", "domains.rtc"),
	COMPONENT("elementWeb", "domains.web"),
	COMPONENT("elementAdmin", "domains.admin"),
	{ "wellKnownDelegation.enabled", NULL },
	/* Pods reach our own names by these, and not by way of the router. */
	{ "synapse.hostAliases", NULL },
	{ "matrixAuthenticationService.hostAliases", NULL },
	{ "matrixRTC.hostAliases", NULL },
	/* "-c FILE" brings configuration that nobody can look at before (synapse/config/_base.py). */
	{ "synapse.extraArgs", NULL },
	{ "matrixRTC.sfu.enabled", NULL },
	{ "matrixRTC.sfu.exposedServices", "ports.rtc_mode" },
	{ "matrixRTC.sfu.manualIP", "network.public_address_mode" },
	{ "matrixRTC.sfu.useStunToDiscoverPublicIP", "network.public_address_mode" },
};

struct walk {
	const struct manifest *m;
	const char *file;
	char path[PATH_LEN];
	unsigned deep;
};

/* What an alias stands for: the nearest node before it with its anchor. */
static size_t resolve(const struct manifest *m, size_t node)
{
	if (m->ev[node].type != YAML_ALIAS_EVENT)
		return node;
	const char *name = (const char *)m->ev[node].data.alias.anchor;
	for (size_t i = node; --i > 0;) {
		const yaml_event_t *ev = &m->ev[i];
		const yaml_char_t *anchor = ev->type == YAML_SCALAR_EVENT ? ev->data.scalar.anchor
					    : manifest_is_map(m, i)	  ? ev->data.mapping_start.anchor
					    : manifest_is_seq(m, i)	  ? ev->data.sequence_start.anchor
									  : NULL;
		if (anchor && strcmp((const char *)anchor, name) == 0)
			return i;
	}
	return node;
}

/* Is it the path itself, or below it? */
static bool is_under(const char *path, const char *top)
{
	const size_t n = strlen(top);
	return strncmp(path, top, n) == 0 && (path[n] == '\0' || path[n] == '.');
}

static int refuse(const struct walk *w, size_t node, const struct protected_key *k, struct err *e)
{
	const unsigned long line = manifest_line(w->m, node);
	if (k->answer)
		return err_set(e, FAULT_EXTRA_VALUES,
			       N_("%s, line %lu: the key %s belongs to the answer %s: change it there"), w->file,
			       line, w->path, k->answer);
	return err_set(e, FAULT_EXTRA_VALUES,
		       N_("%s, line %lu: the key %s must not be set: the server would not work with another value"),
		       w->file, line, w->path);
}

static int check_map(struct walk *w, size_t map, struct err *e);

static int check_value(struct walk *w, size_t key, size_t value, struct err *e)
{
	bool above = false;
	for (size_t i = 0; i < ARRAY_LEN(protected_keys); i++) {
		const struct protected_key *k = &protected_keys[i];
		if (is_under(w->path, k->path) || (is_under(k->path, w->path) && !manifest_is_map(w->m, value)))
			return refuse(w, key, k, e);
		above |= is_under(k->path, w->path);
	}
	return above ? check_map(w, value, e) : 0;
}

/* "<<: *base", or a list of such. */
static int check_merge(struct walk *w, size_t value, struct err *e)
{
	value = resolve(w->m, value);
	if (!manifest_is_seq(w->m, value))
		return check_map(w, value, e);
	for (size_t i = manifest_first(w->m, value); i; i = manifest_next(w->m, i))
		if (check_map(w, resolve(w->m, i), e) < 0)
			return -1;
	return 0;
}

static int check_map(struct walk *w, size_t map, struct err *e)
{
	const size_t len = strlen(w->path);
	int rc = 0;

	if (++w->deep > DEEP_MAX)
		return err_set(e, FAULT_EXTRA_VALUES, N_("%s is nested too deeply"), w->file);
	for (size_t key = manifest_first(w->m, map), next; rc == 0 && key; key = next) {
		const size_t value = manifest_next(w->m, key);
		const char *name = manifest_text(w->m, resolve(w->m, key));
		next = manifest_next(w->m, value);
		if (!name)
			continue; /* no key of the chart */
		if (strcmp(name, "<<") == 0) {
			rc = check_merge(w, value, e);
			continue;
		}
		snprintf(w->path + len, PATH_LEN - len, "%s%s", len ? "." : "", name);
		rc = check_value(w, key, resolve(w->m, value), e);
		w->path[len] = '\0';
	}
	w->deep--;
	return rc;
}

int extra_values_judge(const char *file, const char *text, size_t len, const struct gate_names *names,
		       struct err *e)
{
	_cleanup_gate_report_ struct gate_report report = { 0 };
	_cleanup_manifest_ struct manifest m = { 0 };
	struct walk w = { .m = &m, .file = file };

	if (manifest_parse_text(&m, text, len) < 0)
		return err_set(e, FAULT_EXTRA_VALUES, N_("%s is no valid YAML"), file);
	for (size_t root = 0; (root = manifest_root(&m, root));)
		if (manifest_is_map(&m, root) && check_map(&w, root, e) < 0)
			return -1;
	return gate_check_values(file, text, len, names, &report, e);
}
