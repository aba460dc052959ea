/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* A YAML stream as the flat array of its libyaml events, which can be walked like a tree, edited
 * and written again. Values, order, scalar styles, tags and anchors are kept; comments are not
 * (libyaml has no event for them). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <yaml.h>

#include "base/err.h"

#define MANIFEST_MAX ((size_t)32 * 1024 * 1024)

/* A node is the index of its first event. Index 0 is the start of the stream: no node. */
struct manifest {
	yaml_event_t *ev;
	size_t *next; /* of each event: the index behind the whole node that begins there */
	size_t n, room;
	size_t *objects; /* the Kubernetes objects: root mappings, and the items of Lists */
	size_t nobjects;
};

void manifest_done(struct manifest *m);
#define _cleanup_manifest_ __attribute__((cleanup(manifest_done)))

/* Reads the manifest of a release: FAULT_RENDER_SIZE over MANIFEST_MAX, _UTF8, _YAML (also when it
 * is nested or repeated beyond reason), _DUPLICATE for a name that stands twice in a mapping,
 * _OBJECT when a document is no Kubernetes object or there is none at all. */
int manifest_parse(struct manifest *m, const char *buf, size_t len, struct err *e);

/* Reads any YAML or JSON text, such as a configuration file inside a ConfigMap: no objects, and
 * names may stand twice. -1 when it is no YAML. */
int manifest_parse_text(struct manifest *m, const char *buf, size_t len);

/* The root node of the document behind the one with root "after" (0: of the first); 0 ends. */
size_t manifest_root(const struct manifest *m, size_t after);

static inline bool manifest_is_map(const struct manifest *m, size_t node)
{
	return node && m->ev[node].type == YAML_MAPPING_START_EVENT;
}

static inline bool manifest_is_seq(const struct manifest *m, size_t node)
{
	return node && m->ev[node].type == YAML_SEQUENCE_START_EVENT;
}

/* The text of a scalar, borrowed (until it is replaced); NULL for any other node. */
const char *manifest_text(const struct manifest *m, size_t node);

/* Children: keys and values in turn for a mapping, items for a sequence. 0 ends. */
size_t manifest_first(const struct manifest *m, size_t node);
size_t manifest_next(const struct manifest *m, size_t node);

/* The value of a name in a mapping; 0 when there is none. */
size_t manifest_get(const struct manifest *m, size_t map, const char *name);

/* The text at name.name (the second name may be NULL); NULL when it is missing. Borrowed. */
const char *manifest_text_at(const struct manifest *m, size_t map, const char *name,
			     const char *name2);

/* "Kind/name" of an object, for messages. New. */
char *manifest_object_name(const struct manifest *m, size_t object);

/* Line of a node in the input, from 1. */
unsigned long manifest_line(const struct manifest *m, size_t node);

/* Replaces the text of a scalar; its style stays. */
void manifest_set_text(struct manifest *m, size_t node, const char *text);

/* Writes the stream, reads the result back and compares: FAULT_INTERNAL if anything but a comment
 * got lost. *ret is new. */
int manifest_write(const struct manifest *m, char **ret, size_t *ret_len, struct err *e);
