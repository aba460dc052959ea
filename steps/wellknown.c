/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Finds m.server inside the JSON text of the well-known ConfigMap, as a span of that text, so that
 * an edit leaves the rest of the text alone. */
#include "steps/wellknown.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"

#define NAME_END "-well-known-haproxy"
#define MEMBER "m.server"

/* Behind the JSON string that begins at s (a quote). The text is known to be valid JSON. */
static const char *skip_string(const char *s)
{
	for (s++; *s != '"'; s++)
		if (*s == '\\')
			s++;
	return s + 1;
}

/* Where the value of the outermost object's member begins. The text is a valid JSON object. */
static const char *member_value(const char *text, const char *name)
{
	int depth = 0;
	for (const char *s = text; *s;) {
		if (*s != '"') {
			depth += *s == '{' || *s == '[';
			depth -= *s == '}' || *s == ']';
			s++;
			continue;
		}
		const char *end = skip_string(s), *after = end + strspn(end, " \t\r\n");
		size_t len = (size_t)(end - s) - 2;
		if (depth == 1 && *after == ':' && len == strlen(name) &&
		    memcmp(s + 1, name, len) == 0)
			return after + 1 + strspn(after + 1, " \t\r\n");
		s = end;
	}
	return NULL;
}

/* msgid has one %s, for the object. */
static int bad_server(const struct manifest *m, const struct wellknown *wk, const char *msgid,
		      struct err *e)
{
	_cleanup_free_ char *name = manifest_object_name(m, wk->object);
	return err_set(e, FAULT_RENDER_SERVER, msgid, name);
}

/* 1: this entry of the data holds m.server; 0: it does not. */
static int look_into(const struct manifest *m, size_t node, struct wellknown *wk, struct err *e)
{
	const char *text = manifest_text(m, node);
	if (!text || !strstr(text, MEMBER))
		return 0;
	_cleanup_json_ json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(json))
		return bad_server(m, wk,
				  N_("%s: m.server stands in a text that is no JSON object."), e);
	if (!json_object_get(json, MEMBER))
		return 0;
	const char *value = member_value(text, MEMBER);
	if (!json_is_string(json_object_get(json, MEMBER)) || !value)
		return bad_server(m, wk, N_("%s: m.server is no string."), e);
	const char *end = skip_string(value);
	if (memchr(value, '\\', (size_t)(end - value)))
		return bad_server(m, wk, N_("%s: m.server is written with escapes."), e);
	if (wk->node)
		return bad_server(m, wk, N_("%s: m.server stands there twice."), e);
	wk->node = node;
	wk->value = value + 1;
	wk->len = (size_t)(end - value) - 2;
	return 1;
}

static bool mentions_server(const struct manifest *m, size_t object)
{
	size_t data = manifest_get(m, object, "data");
	for (size_t i = data; i && i < m->next[data]; i++) {
		const char *text = manifest_text(m, i);
		if (text && strstr(text, MEMBER))
			return true;
	}
	return false;
}

static int not_there(const struct manifest *m, struct err *e)
{
	for (size_t i = 0; i < m->nobjects; i++) {
		if (!mentions_server(m, m->objects[i]))
			continue;
		_cleanup_free_ char *name = manifest_object_name(m, m->objects[i]);
		return err_set(
			e, FAULT_RENDER_WELL_KNOWN,
			N_("There is no ConfigMap whose name ends in %s; m.server stands in %s."),
			NAME_END, name);
	}
	return err_set(e, FAULT_RENDER_WELL_KNOWN,
		       N_("There is no ConfigMap whose name ends in %s."), NAME_END);
}

int wellknown_find(const struct manifest *m, struct wellknown *ret, struct err *e)
{
	*ret = (struct wellknown){ 0 };
	for (size_t i = 0; i < m->nobjects; i++) {
		const char *kind = manifest_text_at(m, m->objects[i], "kind", NULL);
		const char *name = manifest_text_at(m, m->objects[i], "metadata", "name");
		if (strcmp(kind, "ConfigMap") != 0 || !name || !text_ends(name, NAME_END))
			continue;
		if (ret->object)
			return err_set(e, FAULT_RENDER_WELL_KNOWN,
				       N_("There are two ConfigMaps whose names end in %s."),
				       NAME_END);
		ret->object = m->objects[i];
	}
	if (!ret->object)
		return not_there(m, e);
	size_t data = manifest_get(m, ret->object, "data");
	for (size_t key = manifest_first(m, data); key;
	     key = manifest_next(m, manifest_next(m, key)))
		if (look_into(m, manifest_next(m, key), ret, e) < 0)
			return -1;
	return ret->node ? 0 : bad_server(m, ret, N_("%s: m.server is missing."), e);
}
