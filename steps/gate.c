/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The gate: Ingress hosts, the report, and the order of the checks. */
#include "steps/gate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "steps/gate-sites.h"
#include "steps/gate-walk.h"

#define TEXT_LEN 200

void gate_report_done(struct gate_report *r)
{
	for (size_t i = 0; i < r->n; i++) {
		free(r->v[i].object);
		free(r->v[i].field);
		free(r->v[i].text);
	}
	free(r->v);
	*r = (struct gate_report){ 0 };
}

static const char *const reasons[] = {
	[GATE_HOST_PORT] = N_("The host of an Ingress must not carry a port."),
	[GATE_URL_PORT] = N_("This address must carry the public HTTPS port exactly once (and none "
			     "when it is 443)."),
	[GATE_SERVER] = N_("m.server must be the Synapse host, a colon and the public HTTPS port."),
	[GATE_PLACEHOLDER] = N_("A placeholder was not filled in."),
	[GATE_EXAMPLE] = N_("This is a reserved example name, not one of yours."),
	[GATE_FOREIGN] = N_("This is not one of your names."),
	[GATE_OTHER] = N_("Another one of your names belongs here."),
	[GATE_UNREADABLE] = N_("What stands here cannot be read."),
	[GATE_MISSING] = N_("This is missing in the manifest."),
};

void gate_offend(struct gate *g, enum gate_rule rule, const char *text, size_t len)
{
	struct gate_report *r = g->report;
	const char *inside = g->secret ? strstr(g->path, " > ") : NULL;
	char *field = inside ? xstrndup(g->path, (size_t)(inside - g->path)) : xstrdup(g->path);
	r->v = xreallocarray(r->v, r->n + 1, sizeof(*r->v));
	r->v[r->n++] = (struct gate_offence){ .rule = rule,
					      .object = xstrdup(g->object),
					      .field = field,
					      .text = g->secret ? xstrdup(GATE_HIDDEN) : xstrndup(text, len),
					      .reason = reasons[rule] };
}

void gate_offend_text(struct gate *g, enum gate_rule rule, const char *text)
{
	/* its first line tells enough */
	size_t line = text ? strcspn(text, "\n") : 0;
	size_t cut = text ? text_cut(text, TEXT_LEN) : 0;
	gate_offend(g, rule, text ? text : "", line < cut ? line : cut);
}

size_t gate_enter(struct gate *g, const char *sep, const char *name)
{
	size_t len = strlen(g->path);
	snprintf(g->path + len, GATE_PATH_LEN - len, "%s%s", len ? sep : "", name);
	return len;
}

size_t gate_enter_item(struct gate *g, size_t index)
{
	size_t len = strlen(g->path);
	snprintf(g->path + len, GATE_PATH_LEN - len, "[%zu]", index);
	return len;
}

void gate_leave(struct gate *g, size_t len)
{
	g->path[len] = '\0';
}

/* --- Ingress ---------------------------------------------------------------------------------- */

static void check_host(struct gate *g, const char *host)
{
	if (!host)
		gate_offend_text(g, GATE_UNREADABLE, NULL);
	else if (strchr(host, ':'))
		gate_offend_text(g, GATE_HOST_PORT, host);
	else if (!site_is_ours(g->names, host, strlen(host)))
		gate_offend_text(g, site_judge(g->names, host), host);
}

static void check_rules(struct gate *g, const struct manifest *m, size_t rules)
{
	size_t index = 0, back = gate_enter(g, ".", "rules");
	if (rules && !manifest_is_seq(m, rules))
		gate_offend_text(g, GATE_UNREADABLE, NULL);
	for (size_t rule = manifest_first(m, rules); rule; rule = manifest_next(m, rule)) {
		size_t item = gate_enter_item(g, index++);
		size_t host = manifest_get(m, rule, "host");
		gate_enter(g, ".", "host");
		if (host || !manifest_is_map(m, rule))
			check_host(g, manifest_text(m, host));
		gate_leave(g, item);
	}
	gate_leave(g, back);
}

static void check_tls(struct gate *g, const struct manifest *m, size_t tls)
{
	size_t index = 0, back = gate_enter(g, ".", "tls");
	if (tls && !manifest_is_seq(m, tls))
		gate_offend_text(g, GATE_UNREADABLE, NULL);
	for (size_t entry = manifest_first(m, tls); entry; entry = manifest_next(m, entry)) {
		size_t item = gate_enter_item(g, index++), n = 0;
		size_t hosts = manifest_get(m, entry, "hosts");
		size_t list = gate_enter(g, ".", "hosts");
		if (hosts && !manifest_is_seq(m, hosts))
			gate_offend_text(g, GATE_UNREADABLE, NULL);
		for (size_t host = manifest_first(m, hosts); host; host = manifest_next(m, host)) {
			size_t one = gate_enter_item(g, n++);
			check_host(g, manifest_text(m, host));
			gate_leave(g, one);
		}
		gate_leave(g, list);
		gate_leave(g, item);
	}
	gate_leave(g, back);
}

static void check_ingress(struct gate *g, const struct manifest *m, size_t object)
{
	size_t spec = manifest_get(m, object, "spec");
	size_t back = gate_enter(g, ".", "spec");
	if (!manifest_is_map(m, spec))
		gate_offend_text(g, GATE_UNREADABLE, NULL);
	check_rules(g, m, manifest_get(m, spec, "rules"));
	check_tls(g, m, manifest_get(m, spec, "tls"));
	gate_leave(g, back);
}

/* ---------------------------------------------------------------------------------------------- */

static void check_object(struct gate *g, const struct manifest *m, size_t object, bool *ingress)
{
	const char *kind = manifest_text_at(m, object, "kind", NULL);
	g->object = manifest_object_name(m, object);
	g->secret = strcmp(kind, "Secret") == 0;
	if (strcmp(kind, "Ingress") == 0) {
		*ingress = true;
		check_ingress(g, m, object);
	}
	gate_walk(g, m, object);
	free(steal(g->object));
}

static void miss(struct gate *g, const char *object, const char *field)
{
	g->object = xstrdup(object);
	size_t back = gate_enter(g, "", field);
	gate_offend_text(g, GATE_MISSING, NULL);
	gate_leave(g, back);
	free(steal(g->object));
}

int gate_check(const char *manifest, size_t len, const struct gate_names *names,
	       struct gate_report *ret, struct err *e)
{
	_cleanup_manifest_ struct manifest m = { 0 };
	struct gate g = { .names = names, .report = ret };
	bool ingress = false;
	*ret = (struct gate_report){ 0 };
	if (manifest_parse(&m, manifest, len, e) < 0)
		return -1;
	for (size_t i = 0; i < m.nobjects; i++)
		check_object(&g, &m, m.objects[i], &ingress);
	if (!ingress)
		miss(&g, "Ingress", "spec.rules");
	if (!g.server_seen)
		miss(&g, "ConfigMap", "data.server > m.server");
	if (ret->n == 0)
		return 0;
	const struct gate_offence *first = &ret->v[0];
	return err_set(e, FAULT_RENDER_GATE,
		       N_("%zu places of the manifest are wrong. The first is %s, %s: \"%s\"."),
		       ret->n, first->object, first->field, first->text);
}

int gate_check_values(const char *file, const char *text, size_t len, const struct gate_names *names,
		      struct gate_report *ret, struct err *e)
{
	_cleanup_manifest_ struct manifest m = { 0 };
	struct gate g = { .names = names, .report = ret, .object = (char *)file };
	*ret = (struct gate_report){ 0 };
	if (manifest_parse_text(&m, text, len) < 0)
		return err_set(e, FAULT_EXTRA_VALUES, N_("%s is no valid YAML"), file);
	for (size_t root = 0; (root = manifest_root(&m, root));)
		gate_walk(&g, &m, root);
	if (ret->n == 0)
		return 0;
	const struct gate_offence *first = &ret->v[0];
	return err_set(e, FAULT_EXTRA_VALUES, N_("%s, key %s: \"%s\" is not right there"), file, first->field,
		       first->text);
}
