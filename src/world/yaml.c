/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "world/yaml.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"

static json_t *scalar(const yaml_node_t *n)
{
	const char *s = (const char *)n->data.scalar.value;
	if (n->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return json_stringn(s, n->data.scalar.length);
	if (!*s || strcmp(s, "~") == 0 || strcmp(s, "null") == 0)
		return json_null();
	if (strcmp(s, "true") == 0 || strcmp(s, "false") == 0)
		return json_boolean(*s == 't');
	char *end;
	errno = 0;
	long long i = strtoll(s, &end, 10);
	if (!*end && !errno && (isdigit((unsigned char)*s) || *s == '-'))
		return json_integer(i);
	double d = strtod(s, &end);
	if (!*end && !errno && isdigit((unsigned char)*s))
		return json_real(d);
	return json_string(s);
}

static json_t *convert(yaml_document_t *doc, const yaml_node_t *n, unsigned depth)
{
	if (!n || depth > 100)
		return NULL;
	json_t *j;
	switch (n->type) {
	case YAML_SCALAR_NODE:
		return scalar(n);
	case YAML_SEQUENCE_NODE:
		j = json_array();
		for (yaml_node_item_t *i = n->data.sequence.items.start;
		     i < n->data.sequence.items.top; i++)
			json_array_append_new(
				j, convert(doc, yaml_document_get_node(doc, *i), depth + 1));
		return j;
	case YAML_MAPPING_NODE:
		j = json_object();
		for (yaml_node_pair_t *p = n->data.mapping.pairs.start;
		     p < n->data.mapping.pairs.top; p++) {
			const yaml_node_t *key = yaml_document_get_node(doc, p->key);
			if (key && key->type == YAML_SCALAR_NODE)
				json_object_set_new(j, (const char *)key->data.scalar.value,
						    convert(doc,
							    yaml_document_get_node(doc, p->value),
							    depth + 1));
		}
		return j;
	default:
		return NULL;
	}
}

json_t *yaml_load(const char *text, size_t len, char **ret_error)
{
	yaml_parser_t parser;
	yaml_document_t doc;
	json_t *all = json_array();
	bool more = true;
	if (!yaml_parser_initialize(&parser))
		return NULL;
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	while (more && yaml_parser_load(&parser, &doc)) {
		const yaml_node_t *root = yaml_document_get_root_node(&doc);
		json_t *j = convert(&doc, root, 0);
		if (j && !json_is_null(j))
			json_array_append(all, j);
		json_decref(j);
		more = root != NULL;
		yaml_document_delete(&doc);
	}
	if (more) {
		*ret_error = xasprintf("error converting YAML to JSON: yaml: line %zu: %s",
				       parser.problem_mark.line + 1,
				       parser.problem ? parser.problem : "?");
		json_decref(all);
		all = NULL;
	}
	yaml_parser_delete(&parser);
	return all;
}

json_t *yaml_load_one(const char *text, size_t len, char **ret_error)
{
	_cleanup_json_ json_t *all = yaml_load(text, len, ret_error);
	if (!all)
		return NULL;
	json_t *first = json_array_get(all, 0);
	return first ? json_incref(first) : json_object();
}

static bool is_plain(const char *s)
{
	static const char *const words[] = { "true", "false", "null", "yes", "no",
					     "on",   "off",   "y",    "n" };
	if (!isalpha((unsigned char)*s) && *s != '/')
		return false;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcasecmp(words[i], s) == 0)
			return false;
	for (const char *at = s; *at; at++)
		if (!isalnum((unsigned char)*at) && !strchr("_-./=", *at) &&
		    !(*at == ':' && at[1] && at[1] != ' ') &&
		    !(*at == ' ' && at[1] && at[1] != '#'))
			return false;
	return true;
}

/* Block literal where it is sure to come back the same. */
static bool is_literal(const char *s)
{
	if (!strchr(s, '\n') || *s == ' ' || *s == '\n' || *s == '\t')
		return false;
	for (const char *at = s; *at; at++)
		if ((unsigned char)*at < ' ' && *at != '\n')
			return false;
	return !strstr(s, " \n") && !text_ends(s, "\n\n") && !text_ends(s, " ");
}

static void put_literal(FILE *f, const char *s, unsigned indent)
{
	fputs(text_ends(s, "\n") ? "|" : "|-", f);
	for (const char *line = s; *line;) {
		const char *end = strchrnul(line, '\n');
		fputc('\n', f);
		if (end > line)
			fprintf(f, "%*s%.*s", (int)indent, "", (int)(end - line), line);
		line = *end ? end + 1 : end;
	}
}

static void put(FILE *f, const json_t *j, unsigned indent, bool after_dash);

static void put_value(FILE *f, const json_t *j, unsigned indent)
{
	if ((json_is_object(j) && json_object_size(j)) ||
	    (json_is_array(j) && json_array_size(j))) {
		fputc('\n', f);
		put(f, j, indent, false);
		return;
	}
	fputc(' ', f);
	const char *s = json_string_value(j);
	if (s && is_literal(s)) {
		put_literal(f, s, indent);
	} else if (s && is_plain(s)) {
		fputs(s, f);
	} else {
		_cleanup_free_ char *flat = json_dumps(j, JSON_ENCODE_ANY | JSON_COMPACT);
		fputs(flat, f);
	}
	fputc('\n', f);
}

static void put_pair(FILE *f, const char *key, const json_t *v, unsigned indent)
{
	if (is_plain(key)) {
		fprintf(f, "%s:", key);
	} else {
		_cleanup_json_ json_t *k = json_string(key);
		_cleanup_free_ char *flat = json_dumps(k, JSON_ENCODE_ANY);
		fprintf(f, "%s:", flat);
	}
	put_value(f, v, json_is_array(v) ? indent : indent + 2);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void put(FILE *f, const json_t *j, unsigned indent, bool after_dash)
{
	const char *key;
	json_t *v;
	size_t i, n = 0;
	json_array_foreach(j, i, v) {
		if ((json_is_object(v) && json_object_size(v))) {
			fprintf(f, "%*s- ", (int)indent, "");
			put(f, v, indent + 2, true);
		} else {
			fprintf(f, "%*s-", (int)indent, "");
			put_value(f, v, indent + 2);
		}
	}
	if (!json_is_object(j))
		return;
	_cleanup_free_ const char **keys = xcalloc(json_object_size(j) + 1, sizeof(*keys));
	json_object_foreach((json_t *)j, key, v)
		keys[n++] = key;
	qsort(keys, n, sizeof(*keys), by_name);
	for (i = 0; i < n; i++) {
		if (i || !after_dash)
			fprintf(f, "%*s", (int)indent, "");
		put_pair(f, keys[i], json_object_get(j, keys[i]), indent);
	}
}

char *yaml_dump(const json_t *j)
{
	char *buf = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&buf, &len);
	if (!f)
		abort();
	put(f, j, 0, false);
	fclose(f);
	return buf;
}
