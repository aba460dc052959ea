/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "ui/show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "dialog/cols.h"
#include "model/events.h"
#include "model/paths.h"

#define NARROWEST 20

const char *show_text(const char *msgid)
{
	return msgid ? lang_text(msgid) : "";
}

char *show_msg(const char *msgid, const json_t *args)
{
	const char *v[ERR_ARGS];
	unsigned n = 0;

	for (; n < ERR_ARGS && n < json_array_size(args); n++)
		v[n] = json_string_value(json_array_get(args, n)) ?: "";
	return err_expand(show_text(msgid), v, n);
}

char *show_err(const struct err *e)
{
	const char *v[ERR_ARGS];

	for (unsigned i = 0; i < e->nargs; i++)
		v[i] = e->args[i];
	return err_expand(show_text(e->msgid), v, e->nargs);
}

/* Between Chinese words and their quotation marks there are no blanks; around the names that the labels
 * stand for there are. */
static void close_quotes(char *text)
{
	static const char open[] = "“", end[] = "”";
	char *to = text;

	for (const char *s = text; *s; s++) {
		bool before = *s == ' ' && text_starts(s + 1, open);
		bool behind = *s == ' ' && to - text >= 3 && !memcmp(to - 3, end, 3);
		if (!before && !behind)
			*to++ = *s;
	}
	*to = '\0';
}

/* A name that comes again belongs to a command that is typed. */
static bool is_first(const struct err *e, unsigned i)
{
	for (unsigned k = 0; k < i; k++)
		if (!strcmp(e->args[k], e->args[i]))
			return false;
	return true;
}

char *show_reason(const struct err *e)
{
	_cleanup_strv_ char **quoted = NULL;
	const char *v[ERR_ARGS];

	for (unsigned i = 0; i < e->nargs; i++) {
		const struct key *key = is_first(e, i) ? key_find(e->args[i]) : NULL;
		/* TRANSLATORS: the label of an answer within a sentence */
		strv_add(&quoted, key ? xasprintf(_("\"%s\""), _(key->label)) : xstrdup(e->args[i]));
		v[i] = quoted[i];
	}
	char *text = err_expand(show_text(e->msgid), v, e->nargs);
	close_quotes(text);
	return text;
}

char *show_duration(long long ms)
{
	long long s = ms < 0 ? 0 : ms / 1000;
	if (s < 3600)
		return xasprintf("%lld:%02lld", s / 60, s % 60);
	return xasprintf("%lld:%02lld:%02lld", s / 3600, s / 60 % 60, s % 60);
}

char *show_pad(const char *s, int columns)
{
	int blanks = columns - cols(s);
	return xasprintf("%s%*s", s, blanks > 0 ? blanks : 0, "");
}

char *show_remedy(const struct remedy *r)
{
	switch (r->kind) {
	case REMEDY_RETRY:
		return xstrdup("ess-setup apply");
	case REMEDY_EDIT: {
		const struct key *key = key_find(r->object);
		if (key && key->flags & KEY_SECRET)
			return xasprintf("ess-setup config set %s -", r->object);
		return xasprintf("ess-setup config set %s %s", r->object,
				 key && key->example ? key->example : "...");
	}
	case REMEDY_LOG:
		return xstrdup("ess-setup log");
	case REMEDY_BUNDLE:
		return xstrdup("ess-setup bundle");
	case REMEDY_COMMAND:
		return xasprintf("ess-setup %s", r->object);
	}
	return xstrdup("");
}

void show_wrapped(FILE *out, const char *text)
{
	struct winsize size = { 0 };

	if (ioctl(fileno(out), TIOCGWINSZ, &size) < 0 || size.ws_col < NARROWEST) {
		fprintf(out, "%s%s", text, text_ends(text, "\n") || !*text ? "" : "\n");
		return;
	}
	_cleanup_strv_ char **lines = cols_wrap(text, size.ws_col);
	for (size_t i = 0; lines && lines[i]; i++)
		if (*lines[i] || lines[i + 1])
			fprintf(out, "%s\n", lines[i]);
}

static const char *remedy_words(enum remedy_kind kind)
{
	switch (kind) {
	case REMEDY_RETRY:
		return _("try again; what is done is kept");
	case REMEDY_EDIT:
		return _("change the answer");
	case REMEDY_LOG:
		return _("read the log");
	case REMEDY_BUNDLE:
		return _("collect what is needed for a report");
	case REMEDY_COMMAND:
		return _("run this");
	}
	return "";
}

static void print_causes(FILE *fp, const struct fault_card *card)
{
	for (unsigned i = 0; card->causes[i]; i++)
		fprintf(fp, "  %u. %s\n", i + 1, show_text(card->causes[i]));
}

static void print_remedies(FILE *fp, const struct fault_card *card)
{
	for (unsigned i = 0; i < card->nremedies; i++) {
		_cleanup_free_ char *typed = show_remedy(&card->remedies[i]);
		fprintf(fp, "  %s   (%s)\n", typed, remedy_words(card->remedies[i].kind));
	}
}

void show_card(const struct fault_card *card)
{
	printf("%s  %s\n", card->id, show_text(card->title));
	puts(_("Causes, the most likely first:"));
	print_causes(stdout, card);
	puts(_("What you can do:"));
	print_remedies(stdout, card);
}

int show_failure(const struct ui *ui, const struct err *e)
{
	const struct fault_card *card = fault_card(e->fault);
	_cleanup_free_ char *text = show_err(e);

	if (ui->json) {
		json_t *error = events_error(e);
		json_object_set_new(error, "text", json_text(text));
		show_json(json_pack("{s:o}", "error", error));
		return (int)exit_status(e->fault);
	}
	if (!card) {
		fprintf(stderr, "%s\n", text);
		return (int)exit_status(e->fault);
	}
	const char *title = show_text(card->title);
	fprintf(stderr, "%s  %s\n", card->id, title);
	if (*text && strcmp(text, title))
		fprintf(stderr, _("Seen: %s\n"), text);
	fprintf(stderr, "%s\n", _("Causes, the most likely first:"));
	print_causes(stderr, card);
	fprintf(stderr, "%s\n", _("What you can do:"));
	print_remedies(stderr, card);
	return (int)exit_status(e->fault);
}

void show_problems(const struct problems *p)
{
	for (size_t i = 0; i < p->n; i++) {
		const struct problem *q = &p->v[i];
		_cleanup_free_ char *text = show_err(&q->err);
		_cleanup_free_ char *line =
			xasprintf("%s%s%s", q->where ? q->where : "", q->where ? ": " : "", text);
		fprintf(stderr, q->warning ? _("Note: %s\n") : _("Wrong: %s\n"), line);
	}
}

json_t *show_problems_json(const struct problems *p)
{
	json_t *list = json_array();
	for (size_t i = 0; i < p->n; i++) {
		const struct problem *q = &p->v[i];
		_cleanup_free_ char *text = show_err(&q->err);
		json_t *o = events_error(&q->err);
		json_object_set_new(o, "key", q->key ? json_text(q->key) : json_null());
		json_object_set_new(o, "warning", json_boolean(q->warning));
		json_object_set_new(o, "where", q->where ? json_text(q->where) : json_null());
		json_object_set_new(o, "text", json_text(text));
		json_array_append_new(list, o);
	}
	return list;
}

void show_json(json_t *j)
{
	_cleanup_json_ json_t *owned = j;
	_cleanup_free_ char *text = json_pretty(owned);
	fputs(text, stdout);
}

void show_banner(const struct ui *ui)
{
	if (ui->rehearse && !ui->json)
		fprintf(stderr, _("*** REHEARSAL in %s: a simulated world. Nothing on this machine is changed. ***\n"),
			path_root());
}
