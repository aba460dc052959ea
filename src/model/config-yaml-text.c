/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* A config file as bytes. */
#include "model/config-yaml-text.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"

void yaml_text_note(struct problems *p, const char *name, size_t line, size_t column,
		    const char *key, const struct err *e)
{
	problems_add(p, key, false, e);
	p->v[p->n - 1].where = xasprintf("%s:%zu:%zu", name, line + 1, column + 1);
}

void yaml_text_position(const char *text, size_t offset, size_t *line, size_t *column)
{
	*line = *column = 0;
	for (size_t i = 0; i < offset; i++) {
		++*column;
		if (text[i] == '\n') {
			++*line;
			*column = 0;
		}
	}
}

static void note_offset(struct problems *p, const char *name, const char *text, size_t offset,
			const char *msgid)
{
	struct err e = ERR_INIT;
	size_t line, column;
	yaml_text_position(text, offset, &line, &column);
	err_set(&e, FAULT_CONFIG_BAD, msgid, name);
	yaml_text_note(p, name, line, column, "", &e);
}

/* The lines from the beginning that are UTF-8. */
static size_t valid_lines(const char *text, size_t len)
{
	size_t good = 0;
	while (good < len) {
		const char *nl = memchr(text + good, '\n', len - good);
		size_t end = nl ? (size_t)(nl - text) + 1 : len;
		if (!text_is_utf8(text + good, end - good))
			break;
		good = end;
	}
	return good;
}

/* YAML forbids tabs in front of keys; libyaml's words for it help nobody. JSON may have them. */
static void find_tabs(struct problems *p, const char *name, const char *text, size_t len)
{
	size_t start = text_starts(text, "\xef\xbb\xbf") ? 3 : 0;

	if (text[start + strspn(text + start, " \t\r\n")] == '{')
		return;
	for (size_t i = start; i < len && p->n < YAML_PROBLEMS_MAX;) {
		size_t blank = strspn(text + i, " \t");
		const char *tab = memchr(text + i, '\t', blank);
		if (tab)
			note_offset(p, name, text, (size_t)(tab - text),
				    N_("%s: this line begins with a tab; YAML wants spaces, for "
				       "example \"  https: 8443\""));
		i += blank + strcspn(text + i + blank, "\n");
		i += text[i] == '\n';
	}
}

int yaml_text_check(struct problems *p, const char *name, const char *text, size_t len)
{
	struct err e = ERR_INIT;

	if (len > YAML_TEXT_MAX) {
		err_set(&e, FAULT_CONFIG_BAD,
			N_("%s has %zu bytes; a file with settings has a few thousand, at most "
			   "%zu"),
			name, len, YAML_TEXT_MAX);
		problems_add(p, "", false, &e);
		return -1;
	}
	const char *nul = memchr(text, '\0', len);
	if (nul)
		note_offset(p, name, text, (size_t)(nul - text),
			    N_("%s contains a NUL byte: this is no text file in UTF-8; "
			       "examples/site.yaml is one"));
	else if (!text_is_utf8(text, len))
		note_offset(p, name, text, valid_lines(text, len),
			    N_("%s: this line is not UTF-8; save the file in UTF-8, as "
			       "examples/site.yaml is"));
	else
		find_tabs(p, name, text, len);
	return p->nerrors ? -1 : 0;
}
