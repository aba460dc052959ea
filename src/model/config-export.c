/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Writing config files for people: what is set as YAML, everything else as comments. */
#include "model/config-yaml.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"

#define INDENT 2

static void put_indent(FILE *f, unsigned depth)
{
	fprintf(f, "%*s", (int)(depth * INDENT), "");
}

/* Double-quoted: in that style any text can be written, and nothing is taken for another type. */
static void put_quoted(FILE *f, const char *s)
{
	fputc('"', f);
	for (; *s; s++) {
		unsigned char ch = (unsigned char)*s;
		if (ch == '"' || ch == '\\')
			fprintf(f, "\\%c", ch);
		else if (ch < 0x20 || ch == 0x7f)
			fprintf(f, "\\x%02x", ch);
		else
			fputc(ch, f);
	}
	fputc('"', f);
}

static void put_value(FILE *f, const json_t *v)
{
	size_t i;
	const json_t *item;

	if (json_is_integer(v)) {
		fprintf(f, "%lld", (long long)json_integer_value(v));
	} else if (json_is_boolean(v)) {
		fputs(json_is_true(v) ? "true" : "false", f);
	} else if (json_is_array(v)) {
		fputc('[', f);
		json_array_foreach(v, i, item)
		{
			fputs(i ? ", " : "", f);
			put_quoted(f, json_string_value(item));
		}
		fputc(']', f);
	} else {
		put_quoted(f, json_is_string(v) ? json_string_value(v) : "");
	}
}

/* Opens the headings of name that are not open yet; the depth of the key itself. */
static unsigned open_groups(FILE *f, const char *name, const char *previous)
{
	unsigned depth = 0;
	const char *start = name;
	bool common = previous != NULL;

	for (const char *dot = strchr(start, '.'); dot; dot = strchr(start, '.')) {
		size_t len = (size_t)(dot - name) + 1;
		common = common && !strncmp(name, previous, len);
		if (!common) {
			if (depth == 0)
				fputc('\n', f);
			put_indent(f, depth);
			fprintf(f, "%.*s:\n", (int)(dot - start), start);
		}
		start = dot + 1;
		depth++;
	}
	return depth;
}

static void put_key(FILE *f, const struct config *c, const struct key *key, unsigned depth)
{
	const char *leaf = strrchr(key->name, '.') + 1;

	put_indent(f, depth);
	if (key->flags & KEY_SECRET) {
		fprintf(f, "# %s: (%s; kept encrypted, not in this file)\n", leaf, key->label);
		return;
	}
	_cleanup_json_ json_t *v = config_json(c, key->name);
	if (config_is_set(c, key->name)) {
		fprintf(f, "%s: ", leaf);
		put_value(f, v);
		fprintf(f, "  # %s\n", key->label);
		return;
	}
	fprintf(f, "# %s: ", leaf);
	if (json_is_null(v))
		fprintf(f, "  (%s; for example %s)\n", key->label, key->example);
	else {
		put_value(f, v);
		fprintf(f, "  (%s)\n", key->label);
	}
}

char *config_export(const struct config *c)
{
	char *out = NULL;
	size_t len, n;
	const struct key *k = keys(&n);
	const char *previous = NULL;
	FILE *f = open_memstream(&out, &len);

	if (!f)
		abort();
	fputs("# Settings of ess-setup. Lines with # are not set: the values in them are the "
	      "defaults.\n",
	      f);
	for (size_t i = 0; i < n; i++) {
		unsigned depth = open_groups(f, k[i].name, previous);
		put_key(f, c, &k[i], depth);
		previous = k[i].name;
	}
	if (fclose(f) != 0)
		abort();
	return out;
}
