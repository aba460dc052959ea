/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The edits of the post-renderer. All are found and judged first, then made. */
#include "steps/postrender.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "steps/manifest.h"
#include "steps/wellknown.h"

struct edit {
	size_t node;
	char *text;
};

struct postrender {
	struct manifest m;
	struct edit *edits;
	unsigned nedits;
	unsigned ningresses;
	long port;	  /* what the Ingress hosts carry; 0: none of them does */
	const char *host; /* one that does, for messages; borrowed from m */
};

static void cleanup_postrender(struct postrender *p)
{
	for (unsigned i = 0; i < p->nedits; i++)
		free(p->edits[i].text);
	free(p->edits);
	manifest_done(&p->m);
}

/* Takes text (steals). */
static void add_edit(struct postrender *p, size_t node, char *text)
{
	p->edits = xreallocarray(p->edits, p->nedits + 1, sizeof(*p->edits));
	p->edits[p->nedits++] = (struct edit){ node, text };
}

/* --- Ingress ---------------------------------------------------------------------------------- */

struct ingress {
	struct postrender *p;
	size_t object;
	unsigned hosts, ported;
};

static int bad_shape(const struct ingress *in, size_t node, struct err *e)
{
	_cleanup_free_ char *name = manifest_object_name(&in->p->m, in->object);
	return err_set(
		e, FAULT_RENDER_HOST,
		N_("%s, line %lu of the manifest: the hosts stand in a form that is not known."),
		name, manifest_line(&in->p->m, node ? node : in->object));
}

static int take_host(struct ingress *in, size_t node, struct err *e)
{
	struct postrender *p = in->p;
	const char *host = manifest_text(&p->m, node);
	if (!host || !*host)
		return bad_shape(in, node, e);
	in->hosts++;
	const char *colon = strchr(host, ':');
	if (!colon)
		return 0;
	long port;
	_cleanup_free_ char *name = manifest_object_name(&p->m, in->object);
	if (colon == host || colon[1] == '0' || !text_to_long(colon + 1, 1, 65535, &port))
		return err_set(e, FAULT_RENDER_HOST,
			       N_("%s: behind the colon of the host \"%s\" stands no port number."),
			       name, host);
	if (p->port && p->port != port)
		return err_set(e, FAULT_RENDER_PORTS,
			       N_("%s: the host \"%s\" has another port than \"%s\"."), name, host,
			       p->host);
	p->port = port;
	p->host = host;
	in->ported++;
	add_edit(p, node, xstrndup(host, (size_t)(colon - host)));
	return 0;
}

static int take_rules(struct ingress *in, size_t rules, struct err *e)
{
	const struct manifest *m = &in->p->m;
	if (rules && !manifest_is_seq(m, rules))
		return bad_shape(in, rules, e);
	for (size_t rule = manifest_first(m, rules); rule; rule = manifest_next(m, rule)) {
		if (!manifest_is_map(m, rule))
			return bad_shape(in, rule, e);
		size_t host = manifest_get(m, rule, "host");
		if (host && take_host(in, host, e) < 0)
			return -1;
	}
	return 0;
}

static int take_tls(struct ingress *in, size_t tls, struct err *e)
{
	const struct manifest *m = &in->p->m;
	if (tls && !manifest_is_seq(m, tls))
		return bad_shape(in, tls, e);
	for (size_t entry = manifest_first(m, tls); entry; entry = manifest_next(m, entry)) {
		if (!manifest_is_map(m, entry))
			return bad_shape(in, entry, e);
		size_t hosts = manifest_get(m, entry, "hosts");
		if (hosts && !manifest_is_seq(m, hosts))
			return bad_shape(in, hosts, e);
		for (size_t host = manifest_first(m, hosts); host; host = manifest_next(m, host))
			if (take_host(in, host, e) < 0)
				return -1;
	}
	return 0;
}

static int take_ingress(struct postrender *p, size_t object, struct err *e)
{
	const struct manifest *m = &p->m;
	struct ingress in = { .p = p, .object = object };
	size_t spec = manifest_get(m, object, "spec");
	if (!manifest_is_map(m, spec))
		return bad_shape(&in, spec, e);
	/* A merge key or an alias could bring hosts from elsewhere; charts use neither. */
	for (size_t i = object; i < m->next[object]; i++) {
		const char *text = manifest_text(m, i);
		if (m->ev[i].type == YAML_ALIAS_EVENT || (text && strcmp(text, "<<") == 0))
			return bad_shape(&in, i, e);
	}
	if (take_rules(&in, manifest_get(m, spec, "rules"), e) < 0 ||
	    take_tls(&in, manifest_get(m, spec, "tls"), e) < 0)
		return -1;
	p->ningresses++;
	if (in.ported && in.ported != in.hosts) {
		_cleanup_free_ char *name = manifest_object_name(m, object);
		return err_set(e, FAULT_RENDER_PORTS,
			       N_("%s: some of its hosts carry a port, others do not."), name);
	}
	return 0;
}

/* --- m.server --------------------------------------------------------------------------------- */

/* "host:port:443" as the chart makes it (ess-helm, templates/well-known/_helpers.tpl: the Synapse
 * host and ":443"); without a port in the values, and after an earlier pass, "host:port". */
static int take_server(struct postrender *p, struct err *e)
{
	struct wellknown wk;
	if (wellknown_find(&p->m, &wk, e) < 0)
		return -1;
	_cleanup_free_ char *value = xstrndup(wk.value, wk.len);
	const char *first = strchr(value, ':');
	const char *second = first ? strchr(first + 1, ':') : NULL;
	_cleanup_free_ char *digits = first ? xstrndup(first + 1, strcspn(first + 1, ":")) : NULL;
	long port;
	if (!first || first == value || *digits == '0' || !text_to_long(digits, 1, 65535, &port) ||
	    (second && strcmp(second, ":443") != 0))
		return err_set(e, FAULT_RENDER_SERVER,
			       N_("m.server is \"%s\": this form is not known."), value);
	if (second && p->port == 0)
		return err_set(e, FAULT_RENDER_PORTS,
			       N_("m.server is \"%s\", but no Ingress host carries a port."),
			       value);
	if (second ? port != p->port : p->port != 0)
		return err_set(e, FAULT_RENDER_PORTS,
			       N_("m.server is \"%s\", which does not fit the port %ld of the "
				  "Ingress hosts."),
			value, p->port);
	if (!second)
		return 0;
	const char *text = manifest_text(&p->m, wk.node);
	add_edit(p, wk.node,
		 xasprintf("%.*s%.*s%s", (int)(wk.value - text), text, (int)(second - value), value,
			   wk.value + wk.len));
	return 0;
}

/* ---------------------------------------------------------------------------------------------- */

static int find_edits(struct postrender *p, struct err *e)
{
	for (size_t i = 0; i < p->m.nobjects; i++) {
		const char *kind = manifest_text_at(&p->m, p->m.objects[i], "kind", NULL);
		if (strcmp(kind, "Ingress") == 0 && take_ingress(p, p->m.objects[i], e) < 0)
			return -1;
	}
	if (p->ningresses == 0)
		return err_set(e, FAULT_RENDER_NO_INGRESS,
			       N_("There is no Ingress in the manifest."));
	return take_server(p, e);
}

int postrender_counted(const char *in, size_t len, char **ret_out, size_t *ret_len,
		       unsigned *ret_edits, struct err *e)
{
	__attribute__((cleanup(cleanup_postrender))) struct postrender p = { 0 };
	if (manifest_parse(&p.m, in, len, e) < 0 || find_edits(&p, e) < 0)
		return -1;
	for (unsigned i = 0; i < p.nedits; i++)
		manifest_set_text(&p.m, p.edits[i].node, p.edits[i].text);
	*ret_edits = p.nedits;
	return manifest_write(&p.m, ret_out, ret_len, e);
}

int postrender(const char *in, size_t len, char **ret_out, size_t *ret_len, struct err *e)
{
	unsigned edits;
	return postrender_counted(in, len, ret_out, ret_len, &edits, e);
}
