/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Writing a YAML stream with libyaml's emitter, and proving that it reads back the same. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "steps/manifest.h"

struct buffer {
	char *text;
	size_t len, room;
};

static int append(void *arg, unsigned char *data, size_t len)
{
	struct buffer *b = arg;
	if (b->room - b->len < len + 1) {
		b->room = b->room + len + 1 > 2 * b->room ? b->room + len + 1 : 2 * b->room;
		b->text = xreallocarray(b->text, b->room, 1);
	}
	memcpy(b->text + b->len, data, len);
	b->len += len;
	b->text[b->len] = '\0';
	return 1;
}

/* Inside { } and as a key, libyaml writes an empty plain scalar (null) as '' (a string). */
static int copy_scalar(yaml_event_t *to, const yaml_event_t *from, bool needs_word)
{
	const char *value = (const char *)from->data.scalar.value;
	int length = (int)from->data.scalar.length;
	if (needs_word && length == 0 && from->data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
		value = "null";
		length = 4;
	}
	/* Plain text that must be quoted (libyaml writes no emoji plain) needs no "!" before it. */
	return yaml_scalar_event_initialize(
		to, from->data.scalar.anchor, from->data.scalar.tag, (const yaml_char_t *)value,
		length, from->data.scalar.plain_implicit,
		!from->data.scalar.tag || from->data.scalar.quoted_implicit,
		from->data.scalar.style);
}

static int copy_document_start(yaml_event_t *to, const yaml_event_t *from)
{
	return yaml_document_start_event_initialize(to, from->data.document_start.version_directive,
						    from->data.document_start.tag_directives.start,
						    from->data.document_start.tag_directives.end,
						    from->data.document_start.implicit);
}

/* The emitter eats its events, the manifest keeps its own. */
static int copy_event(yaml_event_t *to, const yaml_event_t *from, bool needs_word)
{
	switch (from->type) {
	case YAML_STREAM_START_EVENT:
		return yaml_stream_start_event_initialize(to, YAML_UTF8_ENCODING);
	case YAML_STREAM_END_EVENT:
		return yaml_stream_end_event_initialize(to);
	case YAML_DOCUMENT_START_EVENT:
		return copy_document_start(to, from);
	case YAML_DOCUMENT_END_EVENT:
		return yaml_document_end_event_initialize(to, from->data.document_end.implicit);
	case YAML_ALIAS_EVENT:
		return yaml_alias_event_initialize(to, from->data.alias.anchor);
	case YAML_SCALAR_EVENT:
		return copy_scalar(to, from, needs_word);
	case YAML_SEQUENCE_START_EVENT:
		return yaml_sequence_start_event_initialize(
			to, from->data.sequence_start.anchor, from->data.sequence_start.tag,
			from->data.sequence_start.implicit, from->data.sequence_start.style);
	case YAML_SEQUENCE_END_EVENT:
		return yaml_sequence_end_event_initialize(to);
	case YAML_MAPPING_START_EVENT:
		return yaml_mapping_start_event_initialize(
			to, from->data.mapping_start.anchor, from->data.mapping_start.tag,
			from->data.mapping_start.implicit, from->data.mapping_start.style);
	case YAML_MAPPING_END_EVENT:
		return yaml_mapping_end_event_initialize(to);
	default:
		return 0;
	}
}

/* Marks the scalars that libyaml writes as simple keys or inside flow collections. */
static bool *find_needy(const struct manifest *m)
{
	bool *needy = xcalloc(m->n + 1, sizeof(*needy));
	for (size_t i = 0; i < m->n; i++) {
		const yaml_event_t *ev = &m->ev[i];
		bool flow = (ev->type == YAML_MAPPING_START_EVENT &&
			     ev->data.mapping_start.style == YAML_FLOW_MAPPING_STYLE) ||
			    (ev->type == YAML_SEQUENCE_START_EVENT &&
			     ev->data.sequence_start.style == YAML_FLOW_SEQUENCE_STYLE);
		if (flow && !needy[i])
			for (size_t j = i; j < m->next[i]; j++)
				needy[j] = true;
		if (!flow && ev->type == YAML_MAPPING_START_EVENT)
			for (size_t k = manifest_first(m, i); k;
			     k = manifest_next(m, manifest_next(m, k)))
				needy[k] = true;
	}
	return needy;
}

static int emit(const struct manifest *m, struct buffer *out)
{
	yaml_emitter_t emitter;
	if (!yaml_emitter_initialize(&emitter))
		abort();
	yaml_emitter_set_output(&emitter, append, out);
	yaml_emitter_set_unicode(&emitter, 1);
	yaml_emitter_set_width(&emitter, -1);
	yaml_emitter_set_indent(&emitter, 2);
	_cleanup_free_ bool *needy = find_needy(m);
	int ok = 1;
	for (size_t i = 0; ok && i < m->n; i++) {
		yaml_event_t ev;
		ok = copy_event(&ev, &m->ev[i], needy[i]) && yaml_emitter_emit(&emitter, &ev);
	}
	ok = ok && yaml_emitter_flush(&emitter);
	yaml_emitter_delete(&emitter);
	return ok ? 0 : -1;
}

/* --- proof ------------------------------------------------------------------------------------ */

static bool same_text(const yaml_char_t *a, const yaml_char_t *b)
{
	return a && b ? strcmp((const char *)a, (const char *)b) == 0 : a == b;
}

/* Could this plain text be read as anything but a string? Generous; but not 1:30, which only
 * YAML 1.1 took for a number and Kubernetes' reader (sigs.k8s.io/yaml, goyaml.v2) does not. */
static bool may_be_typed(const char *s)
{
	static const char *const words[] = { "",   "~",	  "null", "true", "false", "yes", "no",
					     "on", "off", "y",	  "n",	  "<<",	   "=" };
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcasecmp(s, words[i]) == 0)
			return true;
	return s[strspn(s, "0123456789abcdefABCDEFxXoO_.,+-")] == '\0' && strpbrk(s, "0123456789");
}

static bool same_scalar(const yaml_event_t *a, const yaml_event_t *b)
{
	const char *x = (const char *)a->data.scalar.value, *y = (const char *)b->data.scalar.value;
	bool plain = a->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	bool plain_now = b->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	if (!same_text(a->data.scalar.tag, b->data.scalar.tag) ||
	    !same_text(a->data.scalar.anchor, b->data.scalar.anchor))
		return false;
	if (strcmp(x, y) != 0)
		return plain && plain_now && !*x && strcmp(y, "null") == 0;
	if (plain == plain_now || a->data.scalar.tag)
		return true;
	return plain && !may_be_typed(x);
}

static bool same_event(const yaml_event_t *a, const yaml_event_t *b)
{
	if (a->type != b->type)
		return false;
	switch (a->type) {
	case YAML_SCALAR_EVENT:
		return same_scalar(a, b);
	case YAML_ALIAS_EVENT:
		return same_text(a->data.alias.anchor, b->data.alias.anchor);
	case YAML_SEQUENCE_START_EVENT:
		return same_text(a->data.sequence_start.anchor, b->data.sequence_start.anchor) &&
		       same_text(a->data.sequence_start.tag, b->data.sequence_start.tag);
	case YAML_MAPPING_START_EVENT:
		return same_text(a->data.mapping_start.anchor, b->data.mapping_start.anchor) &&
		       same_text(a->data.mapping_start.tag, b->data.mapping_start.tag);
	default:
		return true;
	}
}

/* libyaml's emitter has known corners; whatever it does, a manifest must not change its meaning. */
static bool reads_back(const struct manifest *m, const struct buffer *out)
{
	_cleanup_manifest_ struct manifest again = { 0 };
	if (manifest_parse_text(&again, out->text, out->len) < 0 || again.n != m->n)
		return false;
	for (size_t i = 0; i < m->n; i++)
		if (!same_event(&m->ev[i], &again.ev[i]))
			return false;
	return true;
}

int manifest_write(const struct manifest *m, char **ret, size_t *ret_len, struct err *e)
{
	struct buffer out = { 0 };
	if (emit(m, &out) < 0 || !out.text || !reads_back(m, &out)) {
		free(out.text);
		return err_set(e, FAULT_INTERNAL,
			       N_("The manifest did not read back the same after it was written."));
	}
	*ret = out.text;
	*ret_len = out.len;
	return 0;
}
