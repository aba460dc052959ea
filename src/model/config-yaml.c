/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Reading config files for people by libyaml's events. JSON comes the same way: for values like
 * ours it is YAML. Aliases are never expanded, so a small file cannot become a large one. */
#include "model/config-yaml.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/config-yaml-text.h"
#include "model/keys-check.h"

#define DEPTH_MAX 16
#define ITEMS_MAX 64
#define GENERATE "auto-generated-32-chars"

struct import {
	yaml_parser_t parser;
	const char *text;
	const char *name;
	struct config work; /* changed here, handed over only when nothing is wrong */
	struct yaml_secrets *secrets;
	struct problems *p;
	json_t *seen; /* names of keys and groups that were met */
};

void yaml_secrets_done(struct yaml_secrets *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i].key);
		free_secret(s->v[i].value);
	}
	free(s->v);
	*s = (struct yaml_secrets){ 0 };
}

/* --- problems --------------------------------------------------------------------------------- */

static void note(struct import *im, yaml_mark_t mark, const char *key, const struct err *e)
{
	yaml_text_note(im->p, im->name, mark.line, mark.column, key, e);
}

/* A problem whose message takes the key alone. */
static void complain(struct import *im, yaml_mark_t mark, const char *key, enum fault fault,
		     const char *msgid)
{
	struct err e = ERR_INIT;
	err_set(&e, fault, msgid, key);
	note(im, mark, key, &e);
}

/* --- events ----------------------------------------------------------------------------------- */

/* -1 once the text cannot be read further; the problem is noted. */
static int next(struct import *im, yaml_event_t *ev)
{
	struct err e = ERR_INIT;
	const yaml_parser_t *p = &im->parser;

	if (im->p->n >= YAML_PROBLEMS_MAX)
		return -1;
	if (yaml_parser_parse(&im->parser, ev))
		return 0;
	size_t line = p->problem_mark.line, column = p->problem_mark.column;
	if (p->error == YAML_READER_ERROR) /* these have no mark */
		yaml_text_position(im->text, p->problem_offset, &line, &column);
	err_set(&e, FAULT_CONFIG_BAD,
		N_("%s is not YAML from here on: %s; a right line looks like \"  https: 8443\""),
		im->name, p->problem ? p->problem : "?");
	yaml_text_note(im->p, im->name, line, column, "", &e);
	return -1;
}

/* Passes over the rest of a node whose first event is ev. */
static int skip(struct import *im, const yaml_event_t *ev)
{
	bool open = ev->type == YAML_MAPPING_START_EVENT || ev->type == YAML_SEQUENCE_START_EVENT;
	unsigned depth = open;

	while (depth > 0) {
		yaml_event_t inner;
		if (next(im, &inner) < 0)
			return -1;
		if (inner.type == YAML_MAPPING_START_EVENT ||
		    inner.type == YAML_SEQUENCE_START_EVENT)
			depth++;
		else if (inner.type == YAML_MAPPING_END_EVENT ||
			 inner.type == YAML_SEQUENCE_END_EVENT)
			depth--;
		yaml_mark_t mark = inner.start_mark;
		yaml_event_delete(&inner);
		if (depth > DEPTH_MAX) {
			complain(im, mark, im->name, FAULT_CONFIG_BAD,
				 N_("%s is nested too deeply here; settings have at most three "
				    "levels, as in examples/site.yaml"));
			return -1;
		}
	}
	return 0;
}

/* Anchors, aliases and tags have no use here, and they are what bombs are made of. */
static bool has_decor(struct import *im, const yaml_event_t *ev, const char *key)
{
	const yaml_char_t *anchor = NULL, *tag = NULL;

	if (ev->type == YAML_ALIAS_EVENT) {
		complain(im, ev->start_mark, key, FAULT_CONFIG_BAD,
			 N_("%s: aliases (*name) are not allowed; write the value itself, for "
			    "example 8443"));
		return true;
	}
	if (ev->type == YAML_SCALAR_EVENT) {
		anchor = ev->data.scalar.anchor;
		tag = ev->data.scalar.tag;
	} else if (ev->type == YAML_MAPPING_START_EVENT) {
		anchor = ev->data.mapping_start.anchor;
		tag = ev->data.mapping_start.tag;
	} else if (ev->type == YAML_SEQUENCE_START_EVENT) {
		anchor = ev->data.sequence_start.anchor;
		tag = ev->data.sequence_start.tag;
	}
	if (anchor)
		complain(im, ev->start_mark, key, FAULT_CONFIG_BAD,
			 N_("%s: anchors (&name) are not allowed; write the value alone, for "
			    "example 8443"));
	else if (tag)
		complain(im, ev->start_mark, key, FAULT_CONFIG_BAD,
			 N_("%s: tags (!name) are not allowed; write the value alone, for example "
			    "8443"));
	return anchor || tag;
}

/* The text of a scalar, new; NULL with a problem when a NUL is in it ("\0" in quotes). */
static char *scalar_text(struct import *im, const yaml_event_t *ev, const char *key)
{
	const char *s = (const char *)ev->data.scalar.value;
	if (strlen(s) == ev->data.scalar.length)
		return xstrdup(s);
	complain(im, ev->start_mark, key, FAULT_CONFIG_VALUE,
		 N_("%s contains a NUL character; write plain text, as in examples/site.yaml"));
	return NULL;
}

static bool is_null(const yaml_event_t *ev)
{
	static const char *const words[] = { "", "~", "null", "Null", "NULL" };
	if (ev->type != YAML_SCALAR_EVENT || ev->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
		return false;
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (!strcmp((const char *)ev->data.scalar.value, words[i]))
			return true;
	return false;
}

/* --- values ----------------------------------------------------------------------------------- */

static void set_value(struct import *im, const struct key *key, const char *text, yaml_mark_t mark)
{
	struct err e = ERR_INIT;
	if (config_set(&im->work, key->name, text, &e) < 0)
		note(im, mark, key->name, &e);
}

static void set_secret(struct import *im, const struct key *key, const char *text, yaml_mark_t mark)
{
	struct err e = ERR_INIT;
	struct yaml_secrets *s = im->secrets;

	if (!*text || (!strcmp(key->name, "admin.password") && !strcmp(text, GENERATE)))
		return;
	if (key_check(key, text, &e) < 0) {
		note(im, mark, key->name, &e);
		return;
	}
	s->v = xreallocarray(s->v, s->n + 1, sizeof(*s->v));
	s->v[s->n++] = (struct yaml_secret){ .key = xstrdup(key->name), .value = xstrdup(text) };
}

/* YAML 1.1 knows more words for true and false than we do. */
static const char *bool_word(const char *text)
{
	static const char *const yes[] = { "true", "yes", "on", "y" };
	static const char *const no[] = { "false", "no", "off", "n" };
	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		if (!strcasecmp(text, yes[i]))
			return "true";
		if (!strcasecmp(text, no[i]))
			return "false";
	}
	return text;
}

static void read_scalar(struct import *im, const struct key *key, const yaml_event_t *ev)
{
	_cleanup_secret_ char *text = NULL;

	if (is_null(ev)) {
		if (!(key->flags & KEY_SECRET))
			set_value(im, key, NULL, ev->start_mark);
		return;
	}
	text = scalar_text(im, ev, key->name);
	if (!text)
		return;
	if (key->flags & KEY_SECRET)
		set_secret(im, key, text, ev->start_mark);
	else
		set_value(im, key, key->type == KEY_BOOL ? bool_word(text) : text, ev->start_mark);
}

/* One item of a list: a scalar without comma, since that separates the items in text form. */
static char *read_item(struct import *im, const struct key *key, const yaml_event_t *ev)
{
	if (has_decor(im, ev, key->name))
		return NULL;
	if (ev->type != YAML_SCALAR_EVENT || is_null(ev)) {
		struct err e = ERR_INIT;
		err_set(&e, FAULT_CONFIG_VALUE,
			N_("%s: the items of the list must be single values, such as %s"),
			key->name, key->example);
		note(im, ev->start_mark, key->name, &e);
		return NULL;
	}
	char *text = scalar_text(im, ev, key->name);
	if (text && strchr(text, ',')) {
		struct err e = ERR_INIT;
		key_bad(key, text,
			N_("%s: \"%s\" contains a comma; write each item on a line of its own. A "
			   "right value is "
			   "%s"),
			&e);
		note(im, ev->start_mark, key->name, &e);
		free(text);
		return NULL;
	}
	return text;
}

static int read_list(struct import *im, const struct key *key, yaml_mark_t mark)
{
	_cleanup_strv_ char **items = NULL;
	size_t before = im->p->n;

	for (size_t n = 0;; n++) {
		yaml_event_t ev;
		if (next(im, &ev) < 0)
			return -1;
		bool end = ev.type == YAML_SEQUENCE_END_EVENT;
		char *item = end || n > ITEMS_MAX ? NULL : read_item(im, key, &ev);
		int r = end ? 0 : skip(im, &ev);
		yaml_event_delete(&ev);
		if (item)
			strv_add(&items, item);
		if (r < 0)
			return -1;
		if (end)
			break;
	}
	if (im->p->n > before)
		return 0;
	_cleanup_free_ char *text =
		items ? text_join((const char *const *)items, ",") : xstrdup("");
	set_value(im, key, text, mark);
	return 0;
}

static int read_value(struct import *im, const struct key *key, yaml_event_t *ev)
{
	struct err e = ERR_INIT;

	if (key->flags & KEY_NO_YAML) {
		err_set(&e, FAULT_CONFIG_VALUE,
			N_("%s does not belong into a file that is passed around; give it by "
			   "dialog or with %s"),
			key->name, "--cloudflare-token-file FILE");
		note(im, ev->start_mark, key->name, &e);
		return skip(im, ev);
	}
	if (has_decor(im, ev, key->name))
		return skip(im, ev);
	if (ev->type == YAML_SCALAR_EVENT) {
		read_scalar(im, key, ev);
		return 0;
	}
	if (ev->type == YAML_SEQUENCE_START_EVENT && key->type == KEY_LIST)
		return read_list(im, key, ev->start_mark);
	err_set(&e, FAULT_CONFIG_VALUE, N_("%s takes a single value, such as %s"), key->name,
		key->example);
	note(im, ev->start_mark, key->name, &e);
	return skip(im, ev);
}

/* --- structure -------------------------------------------------------------------------------- */

static int read_mapping(struct import *im, const char *prefix);

/* The first key below the group, or NULL when name is no group. */
static const char *group_member(const char *name)
{
	size_t n, len = strlen(name);
	const struct key *k = keys(&n);
	for (size_t i = 0; i < n; i++)
		if (!strncmp(k[i].name, name, len) && k[i].name[len] == '.')
			return k[i].name;
	return NULL;
}

static int read_group(struct import *im, const char *name, yaml_event_t *ev)
{
	struct err e = ERR_INIT;

	if (has_decor(im, ev, name))
		return skip(im, ev);
	if (ev->type == YAML_MAPPING_START_EVENT)
		return read_mapping(im, name);
	if (is_null(ev))
		return 0;
	err_set(&e, FAULT_CONFIG_VALUE,
		N_("%s is a heading, not a setting; below it stand settings such as %s"), name,
		group_member(name));
	note(im, ev->start_mark, name, &e);
	return skip(im, ev);
}

static int read_unknown(struct import *im, const char *name, yaml_mark_t mark,
			const yaml_event_t *ev)
{
	struct err e = ERR_INIT;
	config_set(&im->work, name, "", &e);
	note(im, mark, name, &e);
	has_decor(im, ev, name);
	return skip(im, ev);
}

static int skip_next(struct import *im)
{
	yaml_event_t ev;
	if (next(im, &ev) < 0)
		return -1;
	int r = skip(im, &ev);
	yaml_event_delete(&ev);
	return r;
}

static int read_entry(struct import *im, const char *name, yaml_mark_t mark)
{
	const struct key *key = key_find(name);
	bool group = !key && group_member(name);
	yaml_event_t ev;

	if (next(im, &ev) < 0)
		return -1;
	int r;
	if ((key || group) && json_object_get(im->seen, name)) {
		complain(im, mark, name, FAULT_CONFIG_BAD,
			 N_("%s stands here for the second time; keep only one, as in "
			    "examples/site.yaml"));
		r = skip(im, &ev);
	} else {
		json_object_set_new(im->seen, name, json_true());
		r = key	    ? read_value(im, key, &ev)
		    : group ? read_group(im, name, &ev)
			    : read_unknown(im, name, mark, &ev);
	}
	if (key && (key->flags & KEY_SECRET) && ev.type == YAML_SCALAR_EVENT)
		explicit_bzero(ev.data.scalar.value, ev.data.scalar.length);
	yaml_event_delete(&ev);
	return r;
}

/* Everything up to the end of the mapping whose start was read. */
static int read_mapping(struct import *im, const char *prefix)
{
	for (;;) {
		yaml_event_t ev;
		if (next(im, &ev) < 0)
			return -1;
		yaml_mark_t mark = ev.start_mark;
		bool end = ev.type == YAML_MAPPING_END_EVENT;
		bool plain = ev.type == YAML_SCALAR_EVENT && !ev.data.scalar.anchor;
		_cleanup_free_ char *name = NULL;
		if (plain) {
			_cleanup_free_ char *word = text_clean((const char *)ev.data.scalar.value,
							       ev.data.scalar.length);
			name = xasprintf("%s%s%s", prefix, *prefix ? "." : "", word);
		}
		int r = end || plain ? 0 : skip(im, &ev);
		yaml_event_delete(&ev);
		if (end)
			return 0;
		if (!plain)
			complain(im, mark, *prefix ? prefix : im->name, FAULT_CONFIG_BAD,
				 N_("%s: the name of a setting must be a plain word, for example "
				    "https"));
		if (r < 0 || (plain ? read_entry(im, name, mark) : skip_next(im)) < 0)
			return -1;
	}
}

static int read_document(struct import *im, yaml_event_t *ev)
{
	if (ev->type == YAML_STREAM_END_EVENT || is_null(ev)) {
		complain(im, ev->start_mark, im->name, FAULT_CONFIG_BAD,
			 N_("%s contains no settings; examples/site.yaml shows how they are "
			    "written"));
		return -1;
	}
	if (has_decor(im, ev, im->name))
		return -1;
	if (ev->type != YAML_MAPPING_START_EVENT) {
		complain(im, ev->start_mark, im->name, FAULT_CONFIG_BAD,
			 N_("%s does not consist of headings and settings, such as \"ports:\" and "
			    "below it \"  https: 8443\""));
		return -1;
	}
	return read_mapping(im, "");
}

/* The event after those that only say where things begin and end. */
static int next_content(struct import *im, yaml_event_t *ev)
{
	for (;;) {
		if (next(im, ev) < 0)
			return -1;
		if (ev->type != YAML_STREAM_START_EVENT && ev->type != YAML_DOCUMENT_START_EVENT &&
		    ev->type != YAML_DOCUMENT_END_EVENT)
			return 0;
		yaml_event_delete(ev);
	}
}

static void read_stream(struct import *im)
{
	yaml_event_t ev;

	if (next_content(im, &ev) < 0)
		return;
	int r = read_document(im, &ev);
	yaml_event_delete(&ev);
	if (r < 0 || next_content(im, &ev) < 0)
		return;
	if (ev.type != YAML_STREAM_END_EVENT)
		complain(im, ev.start_mark, im->name, FAULT_CONFIG_BAD,
			 N_("%s contains a second document (after ---); keep all settings in one, "
			    "as in examples/site.yaml"));
	yaml_event_delete(&ev);
}

static void parse(struct import *im, const char *text, size_t len)
{
	if (!yaml_parser_initialize(&im->parser))
		abort();
	yaml_parser_set_input_string(&im->parser, (const unsigned char *)text, len);
	read_stream(im);
	yaml_parser_delete(&im->parser);
}

int config_import(struct config *c, const char *text, size_t len, const char *name,
		  struct yaml_secrets *ret_secrets, struct problems *ret)
{
	/* A terminated copy, for strspn() and friends. */
	_cleanup_secret_ char *copy = len <= YAML_TEXT_MAX ? xcalloc(len + 1, 1) : xcalloc(1, 1);
	struct import im = {
		.text = copy, .name = name, .secrets = ret_secrets, .p = ret, .seen = json_object()
	};

	*ret = (struct problems){ 0 };
	*ret_secrets = (struct yaml_secrets){ 0 };
	config_new(&im.work);
	json_decref(im.work.root);
	im.work.root = json_deep_copy(c->root);
	if (len <= YAML_TEXT_MAX)
		memcpy(copy, text, len);
	if (yaml_text_check(ret, name, copy, len) == 0)
		parse(&im, copy, len);
	json_decref(im.seen);
	if (ret->nerrors == 0) {
		json_t *old = c->root;
		c->root = im.work.root;
		im.work.root = old;
	} else {
		yaml_secrets_done(ret_secrets);
	}
	config_done(&im.work);
	return ret->nerrors ? -1 : 0;
}
