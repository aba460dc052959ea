/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Reading a YAML stream into an array of events, and walking it. */
#include "steps/manifest.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

#define DEPTH_MAX 100	   /* ESS nests 15 deep */
#define EVENTS_MAX 1000000 /* ESS has 10 000; keeps memory within bounds */
#define FEW_KEYS 16

void manifest_done(struct manifest *m)
{
	for (size_t i = 0; i < m->n; i++)
		yaml_event_delete(&m->ev[i]);
	free(m->ev);
	free(m->next);
	free(m->objects);
	*m = (struct manifest){ 0 };
}

/* --- walking ---------------------------------------------------------------------------------- */

const char *manifest_text(const struct manifest *m, size_t node)
{
	if (!node || m->ev[node].type != YAML_SCALAR_EVENT)
		return NULL;
	return (const char *)m->ev[node].data.scalar.value;
}

static bool is_end(const yaml_event_t *ev)
{
	return ev->type == YAML_MAPPING_END_EVENT || ev->type == YAML_SEQUENCE_END_EVENT;
}

size_t manifest_first(const struct manifest *m, size_t node)
{
	if (!manifest_is_map(m, node) && !manifest_is_seq(m, node))
		return 0;
	return is_end(&m->ev[node + 1]) ? 0 : node + 1;
}

size_t manifest_next(const struct manifest *m, size_t node)
{
	size_t next = m->next[node];
	return is_end(&m->ev[next]) ? 0 : next;
}

size_t manifest_get(const struct manifest *m, size_t map, const char *name)
{
	if (!manifest_is_map(m, map))
		return 0;
	for (size_t key = manifest_first(m, map); key;) {
		size_t value = manifest_next(m, key);
		const char *text = manifest_text(m, key);
		if (text && strcmp(text, name) == 0)
			return value;
		key = manifest_next(m, value);
	}
	return 0;
}

const char *manifest_text_at(const struct manifest *m, size_t map, const char *name,
			     const char *name2)
{
	size_t node = manifest_get(m, map, name);
	return manifest_text(m, name2 ? manifest_get(m, node, name2) : node);
}

char *manifest_object_name(const struct manifest *m, size_t object)
{
	const char *kind = manifest_text_at(m, object, "kind", NULL);
	const char *name = manifest_text_at(m, object, "metadata", "name");
	return xasprintf("%s/%s", kind ? kind : "?", name ? name : "?");
}

unsigned long manifest_line(const struct manifest *m, size_t node)
{
	return (unsigned long)m->ev[node].start_mark.line + 1;
}

size_t manifest_root(const struct manifest *m, size_t after)
{
	/* (stream start), document start, root, document end, document start, root ... */
	size_t start = after ? m->next[after] + 1 : 1;
	return m->ev[start].type == YAML_DOCUMENT_START_EVENT ? start + 1 : 0;
}

void manifest_set_text(struct manifest *m, size_t node, const char *text)
{
	yaml_event_t *ev = &m->ev[node];
	free(ev->data.scalar.value);
	ev->data.scalar.value = (yaml_char_t *)xstrdup(text);
	ev->data.scalar.length = strlen(text);
}

/* --- reading ---------------------------------------------------------------------------------- */

struct reader {
	yaml_parser_t parser;
	struct manifest *m;
	size_t open[DEPTH_MAX]; /* containers that have no end yet */
	size_t depth;
	bool duplicates_allowed;
};

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The name that stands twice in a mapping, or NULL. */
static const char *duplicate_of(const struct manifest *m, size_t map)
{
	size_t n = 0, room = FEW_KEYS;
	const char *few[FEW_KEYS], **names = few;
	_cleanup_free_ const char **many = NULL;
	for (size_t key = manifest_first(m, map); key;
	     key = manifest_next(m, manifest_next(m, key))) {
		if (n == room) {
			room *= 2;
			many = xreallocarray(many, room, sizeof(*many));
			if (names == few)
				memcpy(many, few, sizeof(few));
			names = many;
		}
		const char *text = manifest_text(m, key);
		if (text)
			names[n++] = text;
	}
	qsort(names, n, sizeof(*names), compare_names);
	for (size_t i = 1; i < n; i++)
		if (strcmp(names[i - 1], names[i]) == 0)
			return names[i];
	return NULL;
}

static int yaml_fault(struct reader *r, struct err *e)
{
	const char *problem = r->parser.problem ? r->parser.problem : "out of memory";
	return err_set(e, FAULT_RENDER_YAML, N_("The manifest is no valid YAML: line %zu: %s"),
		       r->parser.problem_mark.line + 1, problem);
}

static yaml_event_t *new_event(struct manifest *m)
{
	if (m->n == m->room) {
		m->room = m->room ? m->room * 2 : 1024;
		m->ev = xreallocarray(m->ev, m->room, sizeof(*m->ev));
		m->next = xreallocarray(m->next, m->room, sizeof(*m->next));
	}
	m->next[m->n] = m->n + 1;
	m->ev[m->n] = (yaml_event_t){ 0 };
	return &m->ev[m->n++];
}

static int close_container(struct reader *r, struct err *e)
{
	struct manifest *m = r->m;
	size_t node = r->open[--r->depth];
	m->next[node] = m->n;
	const char *twice = NULL;
	if (manifest_is_map(m, node) && !r->duplicates_allowed)
		twice = duplicate_of(m, node);
	if (twice)
		return err_set(e, FAULT_RENDER_DUPLICATE,
			       N_("The name \"%s\" stands twice in the mapping of line %lu of "
				  "the manifest."),
			twice, manifest_line(m, node));
	return 0;
}

static int read_events(struct reader *r, struct err *e)
{
	struct manifest *m = r->m;
	for (;;) {
		yaml_event_t *ev = new_event(m);
		if (!yaml_parser_parse(&r->parser, ev))
			return yaml_fault(r, e);
		if (ev->type == YAML_STREAM_END_EVENT)
			return 0;
		if (m->n > EVENTS_MAX)
			return err_set(e, FAULT_RENDER_SIZE,
				       N_("The manifest has more than %d elements."), EVENTS_MAX);
		if (ev->type == YAML_MAPPING_START_EVENT || ev->type == YAML_SEQUENCE_START_EVENT) {
			if (r->depth == DEPTH_MAX)
				return err_set(e, FAULT_RENDER_YAML,
					       N_("The manifest is nested too deeply at line %lu."),
					       manifest_line(m, m->n - 1));
			r->open[r->depth++] = m->n - 1;
		} else if (is_end(ev) && close_container(r, e) < 0) {
			return -1;
		}
	}
}

static int parse(struct manifest *m, const char *buf, size_t len, bool duplicates_allowed,
		 struct err *e)
{
	struct reader r = { .m = m, .duplicates_allowed = duplicates_allowed };
	*m = (struct manifest){ 0 };
	if (!yaml_parser_initialize(&r.parser))
		abort();
	yaml_parser_set_input_string(&r.parser, (const unsigned char *)buf, len);
	int ret = read_events(&r, e);
	yaml_parser_delete(&r.parser);
	if (ret < 0)
		manifest_done(m);
	return ret;
}

int manifest_parse_text(struct manifest *m, const char *buf, size_t len)
{
	if (!text_is_utf8(buf, len))
		return -1;
	return parse(m, buf, len, true, NULL);
}

/* --- objects ---------------------------------------------------------------------------------- */

static bool is_null(const struct manifest *m, size_t node)
{
	const char *text = manifest_text(m, node);
	return text && m->ev[node].data.scalar.plain_implicit &&
	       (!*text || strcmp(text, "~") == 0 || strcmp(text, "null") == 0);
}

static int add_object(struct manifest *m, size_t node, bool in_list, struct err *e)
{
	const char *kind = manifest_text_at(m, node, "kind", NULL);
	if (!kind || !manifest_text_at(m, node, "apiVersion", NULL))
		return err_set(e, FAULT_RENDER_OBJECT,
			       N_("At line %lu of the manifest stands no Kubernetes object: it has "
				  "no kind or no apiVersion."),
			manifest_line(m, node));
	size_t items = manifest_get(m, node, "items");
	if (!in_list && text_ends(kind, "List") && manifest_is_seq(m, items)) {
		for (size_t i = manifest_first(m, items); i; i = manifest_next(m, i))
			if (add_object(m, i, true, e) < 0)
				return -1;
		return 0;
	}
	if ((m->nobjects & (m->nobjects - 1)) == 0)
		m->objects = xreallocarray(m->objects, m->nobjects ? m->nobjects * 2 : 1,
					   sizeof(*m->objects));
	m->objects[m->nobjects++] = node;
	return 0;
}

static int find_objects(struct manifest *m, struct err *e)
{
	for (size_t root = 0; (root = manifest_root(m, root));)
		if (!is_null(m, root) && add_object(m, root, false, e) < 0)
			return -1;
	if (m->nobjects == 0)
		return err_set(e, FAULT_RENDER_OBJECT, N_("The manifest is empty."));
	return 0;
}

int manifest_parse(struct manifest *m, const char *buf, size_t len, struct err *e)
{
	*m = (struct manifest){ 0 };
	if (len > MANIFEST_MAX)
		return err_set(e, FAULT_RENDER_SIZE, N_("The manifest is larger than %zu bytes."),
			       MANIFEST_MAX);
	if (!text_is_utf8(buf, len))
		return err_set(e, FAULT_RENDER_UTF8, N_("The manifest is not valid UTF-8."));
	if (parse(m, buf, len, false, e) < 0)
		return -1;
	if (find_objects(m, e) < 0) {
		manifest_done(m);
		return -1;
	}
	return 0;
}
