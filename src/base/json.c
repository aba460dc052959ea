/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Small helpers on jansson. */
#include "base/json.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

void cleanup_json(json_t **j)
{
	json_decref(*j);
}

json_t *json_text(const char *s)
{
	_cleanup_free_ char *valid = text_utf8(s, strlen(s));
	json_t *j = json_string(valid);
	if (!j)
		abort();
	return j;
}

json_t *json_at(const json_t *j, const char *path)
{
	while (j && *path) {
		size_t n = strcspn(path, ".");
		_cleanup_free_ char *name = xstrndup(path, n);
		j = json_object_get(j, name);
		path += n + (path[n] == '.');
	}
	return (json_t *)j;
}

const char *json_str_at(const json_t *j, const char *path)
{
	return json_string_value(json_at(j, path));
}

long long json_int_at(const json_t *j, const char *path, long long fallback)
{
	const json_t *v = json_at(j, path);
	return json_is_integer(v) ? json_integer_value(v) : fallback;
}

json_t *json_parse(const char *buf, size_t len, enum fault fault, const char *what, struct err *e)
{
	json_error_t je;
	json_t *j = json_loadb(buf, len, JSON_REJECT_DUPLICATES, &je);
	if (!j)
		err_set(e, fault, N_("%s is not valid JSON: line %d, column %d: %s"), what, je.line,
			je.column, je.text);
	return j;
}

static char *dump(const json_t *j, size_t flags, const char *end)
{
	_cleanup_free_ char *s = json_dumps(j, JSON_SORT_KEYS | JSON_ENCODE_ANY | flags);
	if (!s)
		abort();
	return xasprintf("%s%s", s, end);
}

char *json_canonical(const json_t *j)
{
	return dump(j, JSON_COMPACT, "");
}

char *json_pretty(const json_t *j)
{
	return dump(j, JSON_INDENT(2), "\n");
}
