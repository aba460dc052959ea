/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Runs the box of a request, and puts its answer into whiptail's words, or into JSON. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "dialog/run.h"

enum dialog_end request_run(struct request *r, char **value)
{
	const struct dialog *d = &r->look;
	enum dialog_end end = DIALOG_OK;
	*value = r->init ? xstrdup(r->init) : NULL;
	switch (r->o->mode) {
	case MODE_TEXTBOX:
	case MODE_MSGBOX: return dialog_message(d, r->text);
	case MODE_YESNO: return dialog_yesno(d, r->text);
	case MODE_INFOBOX: dialog_info(d, r->text); return DIALOG_OK;
	case MODE_INPUTBOX: return dialog_input(d, r->text, value, false);
	case MODE_PASSWORDBOX: return dialog_input(d, r->text, value, true);
	case MODE_MENU: return dialog_menu(d, r->text, r->items, r->n, &r->cur);
	case MODE_CHECKLIST: return dialog_checklist(d, r->text, r->items, r->n, false, &r->cur);
	case MODE_RADIOLIST: return dialog_checklist(d, r->text, r->items, r->n, true, &r->cur);
	case MODE_GAUGE: return feed_gauge(r);
	case MODE_STEPS: return feed_steps(r);
	case MODE_FORM: return dialog_form(d, r->text, r->fields, r->n, NULL);
	case MODE_TAILBOX: dialog_tail(d, r->file, &end); return end;
	case MODE_NONE: break;
	}
	return DIALOG_GONE;
}

int answer_status(const struct request *r, enum dialog_end end)
{
	bool has_cancel = r->o->mode != MODE_MSGBOX && r->o->mode != MODE_TEXTBOX && r->o->mode != MODE_YESNO &&
			  r->o->mode != MODE_TAILBOX;
	switch (end) {
	case DIALOG_OK: return EXIT_OK;
	case DIALOG_CANCEL: return EXIT_CANCEL;
	case DIALOG_HELP: return EXIT_HELP;
	case DIALOG_EXTRA: return EXIT_EXTRA;
	case DIALOG_TIMEOUT: return EXIT_TIMEOUT;
	case DIALOG_ESC:
	case DIALOG_GONE:
	case DIALOG_EVENT: break;
	}
	/* whiptail: without a Cancel button Esc is what Cancel would have been */
	return has_cancel && r->o->no_cancel ? EXIT_CANCEL : EXIT_ESC;
}

/* Which entries count: the row of a menu, the last of a radio list that are on, all of a check list. */
static bool chosen(const struct request *r, size_t i)
{
	if (r->o->mode == MODE_MENU)
		return i == r->cur;
	if (!r->items[i].on)
		return false;
	for (size_t k = i + 1; r->o->mode == MODE_RADIOLIST && k < r->n; k++)
		if (r->items[k].on)
			return false;
	return true;
}

static json_t *values(const struct request *r, const char *value)
{
	if (r->o->mode == MODE_INPUTBOX || r->o->mode == MODE_PASSWORDBOX)
		return json_text(value ? value : "");
	if (r->fields) {
		json_t *j = json_object();
		for (size_t i = 0; i < r->n; i++)
			json_object_set_new(j, r->fields[i].label, json_text(r->fields[i].value));
		return j;
	}
	if (!r->items)
		return NULL;
	json_t *j = json_array();
	for (size_t i = 0; i < r->n; i++)
		if (chosen(r, i))
			json_array_append_new(j, json_text(r->items[i].tag));
	if (r->o->mode == MODE_CHECKLIST)
		return j;
	json_t *one = json_array_size(j) ? json_incref(json_array_get(j, 0)) : json_null();
	json_decref(j);
	return one;
}

static char *as_json(const struct request *r, enum dialog_end end, bool answered, const char *value)
{
	static const char *const names[] = {"ok", "cancel", "extra", "help", "esc", "timeout", "gone", "event"};
	_cleanup_json_ json_t *j = json_object();
	json_object_set_new(j, "button", json_string(names[end]));
	json_object_set_new(j, "status", json_integer(answer_status(r, end)));
	json_t *v = answered ? values(r, value) : NULL;
	if (v)
		json_object_set_new(j, "value", v);
	_cleanup_free_ char *text = json_dumps(j, JSON_COMPACT | JSON_SORT_KEYS);
	return xasprintf("%s\n", text);
}

/* Quotes around the tags of a check list are not escaped: scripts eval them as they are. */
static char *as_whiptail(const struct request *r, const char *value)
{
	if (r->o->mode == MODE_INPUTBOX || r->o->mode == MODE_PASSWORDBOX)
		return xstrdup(value ? value : "");
	char *out = NULL;
	size_t len;
	FILE *f = open_memstream(&out, &len);
	if (!f)
		abort();
	bool check = r->o->mode == MODE_CHECKLIST, first = true;
	for (size_t i = 0; i < r->n && r->items; i++) {
		if (!chosen(r, i))
			continue;
		if (check && r->o->separate)
			fprintf(f, "%s\n", r->items[i].tag);
		else if (check)
			fprintf(f, "%s\"%s\"", first ? "" : " ", r->items[i].tag);
		else
			fputs(r->items[i].tag, f);
		first = false;
	}
	for (size_t i = 0; i < r->n && r->fields; i++)
		fprintf(f, "%s\n", r->fields[i].value);
	fclose(f);
	return out;
}

char *answer_text(const struct request *r, enum dialog_end end, const char *value)
{
	bool answered = end == DIALOG_OK || end == DIALOG_EXTRA || end == DIALOG_HELP;
	if (r->o->json)
		return as_json(r, end, answered, value);
	return answered ? as_whiptail(r, value) : NULL;
}
