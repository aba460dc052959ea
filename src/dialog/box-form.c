/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Several fields, each judged while it is typed: the reason stands below, and Ok waits for it. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <newt.h>
#include <slang.h>

#include "base/mem.h"
#include "dialog/box.h"

struct form {
	struct dialog_field *fields;
	dialog_check_fn check;
	void *data;
	size_t last; /* the field that had the focus, while it is on a button */
};

/* The member of to that stands where text does in from; text itself where it does not. */
static const char *translated(const char *const *from, const char *const *to, const char *text)
{
	for (size_t i = 0; from && to && from[i]; i++)
		if (!strcmp(from[i], text))
			return to[i];
	return text;
}

static const char *value_of(const struct box *b, size_t i)
{
	const struct form *f = b->data;
	return translated(f->fields[i].shown, f->fields[i].choices, b->entries[i]->buf);
}

static char *fault_of(const struct box *b, size_t i)
{
	const struct form *f = b->data;
	return f->check ? f->check(f->data, i, value_of(b, i)) : NULL;
}

static size_t focused(const struct box *b)
{
	for (size_t i = 0; i < b->nfields; i++)
		if (&b->entries[i]->w == b->widgets[b->focus])
			return i;
	return b->nfields;
}

/* The first field that a warning stands at, or n. */
static size_t warned(const struct box *b)
{
	const struct form *f = b->data;
	size_t i = 0;
	while (i < b->nfields && !(f->fields[i].warn && f->fields[i].hint))
		i++;
	return i;
}

/* The reason of the focused field; elsewhere the first reason there is, then the first warning; else
 * the hint. */
static void explain(struct box *b)
{
	struct form *f = b->data;
	size_t at = focused(b);
	if (at < b->nfields)
		f->last = at;
	_cleanup_free_ char *why = at < b->nfields ? fault_of(b, at) : NULL;
	for (size_t i = 0; at == b->nfields && i < b->nfields && !why; i++)
		why = fault_of(b, i);
	if (at == b->nfields && !why)
		at = warned(b);
	const char *hint = at < b->nfields && f->fields[at].hint ? f->fields[at].hint : "";
	bool red = why || (at < b->nfields && f->fields[at].warn);
	text_set(b->note, why ? why : hint);
	b->note->color = red ? NEWT_COLORSET_TITLE : NEWT_COLORSET_TEXTBOX;
	text_fit(b->note, b->w - 2);
}

/* --- fields with choices -------------------------------------------------------------------------- */

static bool begins_with(const char *choice, const struct key *key)
{
	return key->text[0] && !key->text[1] && tolower((unsigned char)choice[0]) == tolower((unsigned char)key->text[0]);
}

/* What the key leads to, or NULL. */
static const char *next_choice(const char *const *choices, const char *now, const struct key *key)
{
	size_t n = 0, at = 0;
	while (choices[n])
		n++;
	while (at < n && strcmp(choices[at], now) != 0)
		at++;
	if (!n)
		return NULL;
	if (key->code == ' ' || key->code == NEWT_KEY_RIGHT)
		return choices[at < n ? (at + 1) % n : 0];
	if (key->code == NEWT_KEY_LEFT)
		return choices[at < n ? (at + n - 1) % n : n - 1];
	for (size_t i = 1; i <= n; i++)
		if (begins_with(choices[(at + i) % n], key))
			return choices[(at + i) % n];
	return NULL;
}

/* Keys that change text change the choice instead, and no others get through. */
static bool choose(struct box *b, const struct key *key, bool *done, enum dialog_end *end)
{
	const struct form *f = b->data;
	size_t at = focused(b);
	const struct dialog_field *field = at < b->nfields ? &f->fields[at] : NULL;
	const char *const *choices = field && field->shown ? field->shown : field ? field->choices : NULL;
	bool arrow = key->code == NEWT_KEY_LEFT || key->code == NEWT_KEY_RIGHT;
	bool erases = key->code == NEWT_KEY_BKSPC || key->code == NEWT_KEY_DELETE || key->code == CTRL('U') ||
		      key->code == CTRL('K');
	(void)done;
	(void)end;
	if (!choices || !(arrow || erases || key->text[0]))
		return false;
	const char *to = next_choice(choices, b->entries[at]->buf, key);
	if (to)
		entry_set(b->entries[at], to);
	else
		SLtt_beep();
	return true;
}

static bool right(struct box *b, enum dialog_end end)
{
	for (size_t i = 0; end == DIALOG_OK && i < b->nfields; i++) {
		_cleanup_free_ char *why = fault_of(b, i);
		if (why) {
			box_focus(b, &b->entries[i]->w);
			return false;
		}
	}
	return true;
}

static void add_fields(struct box *b, const struct dialog_field *fields, size_t n)
{
	b->nfields = n;
	b->labels = xcalloc(n, sizeof(struct w_text *));
	b->entries = xcalloc(n, sizeof(struct w_entry *));
	for (size_t i = 0; i < n; i++) {
		b->labels[i] = text_new(fields[i].label);
		const char *text = fields[i].value ? fields[i].value : "";
		b->entries[i] = entry_new(translated(fields[i].choices, fields[i].shown, text), fields[i].secret);
		b->entries[i]->enter_moves = true;
		b->entries[i]->cols = fields[i].width;
		box_add(b, &b->labels[i]->w);
		box_add(b, &b->entries[i]->w);
	}
	b->note = text_new("");
	box_add(b, &b->note->w);
}

enum dialog_end dialog_form(const struct dialog *d, const char *text, struct dialog_field *fields,
			    size_t n, dialog_check_fn check)
{
	struct form f = {.fields = fields, .check = check, .data = d->data};
	struct box b;
	box_init(&b, d, BOX_FORM, text);
	b.data = &f;
	add_fields(&b, fields, n);
	box_add_buttons(&b);
	b.before_draw = explain;
	b.leave = right;
	b.key = choose;
	size_t first = d->field && *d->field < n ? *d->field : 0;
	if (n && !d->scroll)
		box_focus(&b, &b.entries[first]->w);
	f.last = first;
	enum dialog_end end = box_run(&b);
	if (d->field)
		*d->field = f.last;
	for (size_t i = 0; i < n; i++) {
		char *value = xstrdup(value_of(&b, i));
		free_secret(fields[i].value);
		fields[i].value = value;
	}
	box_free(&b);
	return end;
}
