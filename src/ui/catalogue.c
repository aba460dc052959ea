/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The form is described in gettext's manual, "The Format of GNU MO Files". */
#include "ui/catalogue.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/mem.h"

#define MO_MAGIC 0x950412deu
#define MO_MAX ((size_t)8 << 20)
#define MO_HEADER 28

struct catalogue {
	char *data;
	size_t len;
	uint32_t count, originals, translations; /* the two tables of {length, offset}, sorted by original */
};

static uint32_t word(const struct catalogue *c, size_t at)
{
	uint32_t v;
	memcpy(&v, c->data + at, sizeof(v));
	return v;
}

/* The i-th text of a table; NULL when it does not lie in the file or has no end. */
static const char *text_at(const struct catalogue *c, uint32_t table, uint32_t i)
{
	size_t len = word(c, table + (size_t)i * 8), off = word(c, table + (size_t)i * 8 + 4);
	if (off >= c->len || len >= c->len - off || c->data[off + len] != '\0')
		return NULL;
	return c->data + off;
}

static bool table_fits(const struct catalogue *c, uint32_t table)
{
	return table <= c->len && c->count <= (c->len - table) / 8;
}

static bool valid(struct catalogue *c)
{
	if (c->len < MO_HEADER || word(c, 0) != MO_MAGIC || word(c, 4) >> 16 > 1)
		return false;
	c->count = word(c, 8);
	c->originals = word(c, 12);
	c->translations = word(c, 16);
	if (!table_fits(c, c->originals) || !table_fits(c, c->translations))
		return false;
	for (uint32_t i = 0; i < c->count; i++)
		if (!text_at(c, c->originals, i) || !text_at(c, c->translations, i))
			return false;
	return true;
}

struct catalogue *catalogue_open(const char *path)
{
	struct catalogue *c = xcalloc(1, sizeof(*c));
	if (fs_read(path, MO_MAX, &c->data, &c->len, NULL) < 0 || !valid(c))
		return catalogue_close(c);
	return c;
}

struct catalogue *catalogue_close(struct catalogue *c)
{
	if (c) {
		free(c->data);
		free(c);
	}
	return NULL;
}

const char *catalogue_text(const struct catalogue *c, const char *msgid)
{
	uint32_t low = 0, high = c && *msgid ? c->count : 0; /* "" is the catalogue's own header */

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int r = strcmp(msgid, text_at(c, c->originals, middle));
		if (r == 0)
			return text_at(c, c->translations, middle);
		if (r < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return msgid;
}
