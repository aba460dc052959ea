/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The grammar of popt, as far as whiptail's scripts can see it: options and arguments in any order,
 * --name=value, "--" ends the options, the last of equal options wins, no abbreviations. */
#include <errno.h>
#include <libintl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "dialog/options.h"

enum kind { FLAG, STRING, INTEGER, SECONDS, BOX };

struct option {
	const char *name;
	enum kind kind;
	size_t at;        /* offset in struct options; BOX: the mode */
	bool ours;        /* whiptail has no such option */
};

#define AT(member) offsetof(struct options, member)

static const struct option table[] = {
    {"backtitle", STRING, AT(backtitle), false},
    {"cancel-button", STRING, AT(cancel), false},
    {"checklist", BOX, MODE_CHECKLIST, false},
    {"clear", FLAG, AT(clear), false},
    {"default-item", STRING, AT(default_item), false},
    {"defaultno", FLAG, AT(default_no), false},
    {"fb", FLAG, AT(full_buttons), false},
    {"fullbuttons", FLAG, AT(full_buttons), false},
    {"gauge", BOX, MODE_GAUGE, false},
    {"help", FLAG, AT(help), false},
    {"infobox", BOX, MODE_INFOBOX, false},
    {"inputbox", BOX, MODE_INPUTBOX, false},
    {"menu", BOX, MODE_MENU, false},
    {"msgbox", BOX, MODE_MSGBOX, false},
    {"no-button", STRING, AT(no), false},
    {"nocancel", FLAG, AT(no_cancel), false},
    {"noitem", FLAG, AT(no_item), false},
    {"notags", FLAG, AT(no_tags), false},
    {"ok-button", STRING, AT(ok), false},
    {"output-fd", INTEGER, AT(output_fd), false},
    {"passwordbox", BOX, MODE_PASSWORDBOX, false},
    {"radiolist", BOX, MODE_RADIOLIST, false},
    {"scrolltext", FLAG, AT(scroll), false},
    {"separate-output", FLAG, AT(separate), false},
    {"textbox", BOX, MODE_TEXTBOX, false},
    {"title", STRING, AT(title), false},
    {"topleft", FLAG, AT(top_left), false},
    {"version", FLAG, AT(version), false},
    {"yes-button", STRING, AT(yes), false},
    {"yesno", BOX, MODE_YESNO, false},

    {"extra-button", STRING, AT(extra), true},
    {"form", BOX, MODE_FORM, true},
    {"help-all", FLAG, AT(help_all), true},
    {"help-button", STRING, AT(help_button), true},
    {"json", FLAG, AT(json), true},
    {"progress-steps", BOX, MODE_STEPS, true},
    {"tailbox", BOX, MODE_TAILBOX, true},
    {"timeout", SECONDS, AT(timeout), true},
};

static const char unknown[] = "unknown option";

static const struct option *find(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (strlen(table[i].name) == len && !strncmp(table[i].name, name, len))
			return &table[i];
	return NULL;
}

/* popt's numbers: any base, "" is 0. NULL, or why it is none. */
static const char *number(const char *s, long min, long max, long *ret)
{
	char *end;
	errno = 0;
	long n = strtol(s, &end, 0);
	if (*end)
		return "invalid numeric value";
	if (errno == ERANGE || n < min || n > max)
		return "number too large or too small";
	*ret = n;
	return NULL;
}

/* Stores a value; NULL, or why it is wrong. */
static const char *store(struct options *o, const struct option *opt, const char *value)
{
	void *at = (char *)o + opt->at;
	const char *why = NULL;
	long n = 0;
	switch (opt->kind) {
	case FLAG: *(bool *)at = true; break;
	case STRING: *(const char **)at = value; break;
	case INTEGER:
		why = number(value, INT_MIN, INT_MAX, &n);
		if (!why)
			*(int *)at = (int)n;
		break;
	case SECONDS:
		why = number(value, 0, INT_MAX / 1000, &n);
		if (!why)
			*(long *)at = n;
		break;
	case BOX: break;
	}
	return why;
}

struct reader {
	struct options *o;
	char **argv;
	int argc, i;
	const char *bad, *why;
};

static enum parse fail(struct reader *r, const char *bad, const char *why)
{
	r->bad = bad;
	r->why = why;
	return PARSE_BAD;
}

/* argv[i] begins with "--". */
static enum parse long_option(struct reader *r)
{
	const char *word = r->argv[r->i];
	size_t len = strcspn(word + 2, "=");
	const char *value = word[2 + len] ? word + 2 + len + 1 : NULL;
	const struct option *opt = find(word + 2, len);
	if (!opt)
		return fail(r, word, unknown);
	bool wants = opt->kind == STRING || opt->kind == INTEGER || opt->kind == SECONDS;
	if (!wants && value)
		return fail(r, word, "option does not take an argument");
	const char *named = word;
	if (wants && !value) {
		if (r->i + 1 >= r->argc)
			/* an option of ours without its value is what it is to whiptail */
			return fail(r, word, opt->ours ? unknown : "missing argument");
		named = value = r->argv[++r->i];
	}
	if (opt->kind == BOX) {
		if (r->o->mode != MODE_NONE)
			return PARSE_USAGE;
		r->o->mode = (enum mode)opt->at;
		return PARSE_OK;
	}
	const char *why = store(r->o, opt, value);
	return why ? fail(r, named, why) : PARSE_OK;
}

static enum parse short_options(struct reader *r)
{
	const char *word = r->argv[r->i];
	for (const char *c = word + 1; *c; c++) {
		if (*c == 'h')
			r->o->help = true;
		else if (*c == 'v')
			r->o->version = true;
		else
			return fail(r, word, unknown);
	}
	return PARSE_OK;
}

enum parse options_parse(struct options *o, int argc, char **argv, const char **bad, const char **why)
{
	memset(o, 0, sizeof(*o));
	o->output_fd = 2;
	o->storage = xcalloc((size_t)argc + 1, sizeof(char *));
	o->args = (const char *const *)o->storage;
	struct reader r = {.o = o, .argv = argv, .argc = argc};
	bool only_args = false, posix = getenv("POSIXLY_CORRECT") != NULL;
	size_t n = 0;
	for (r.i = 1; r.i < argc; r.i++) {
		char *word = argv[r.i];
		enum parse rc = PARSE_OK;
		if (only_args || word[0] != '-' || !word[1]) {
			o->storage[n++] = word;
			only_args |= posix;
		} else if (!strcmp(word, "--")) {
			only_args = true;
		} else {
			rc = word[1] == '-' ? long_option(&r) : short_options(&r);
		}
		if (rc != PARSE_OK) {
			*bad = r.bad;
			*why = r.why;
			return rc;
		}
	}
	return PARSE_OK;
}

void options_free(struct options *o)
{
	free(o->storage);
	o->storage = NULL;
	o->args = NULL;
}

const char *options_next(struct options *o)
{
	return *o->args ? *o->args++ : NULL;
}

bool options_number(struct options *o, int *n)
{
	char *end;
	const char *s = options_next(o);
	if (!s)
		return false;
	*n = (int)strtoul(s, &end, 10);
	return *end == '\0';
}

const char *options_usage(void)
{
	/* newt's own message, so that its translations serve here */
	return dgettext("newt",
			"Box options: \n"
			"\t--msgbox <text> <height> <width>\n"
			"\t--yesno  <text> <height> <width>\n"
			"\t--infobox <text> <height> <width>\n"
			"\t--inputbox <text> <height> <width> [init] \n"
			"\t--passwordbox <text> <height> <width> [init] \n"
			"\t--textbox <file> <height> <width>\n"
			"\t--menu <text> <height> <width> <listheight> [tag item] ...\n"
			"\t--checklist <text> <height> <width> <listheight> [tag item status]...\n"
			"\t--radiolist <text> <height> <width> <listheight> [tag item status]...\n"
			"\t--gauge <text> <height> <width> <percent>\n"
			"Options: (depend on box-option)\n"
			"\t--clear\t\t\t\tclear screen on exit\n"
			"\t--defaultno\t\t\tdefault no button\n"
			"\t--default-item <string>\t\tset default string\n"
			"\t--fb, --fullbuttons\t\tuse full buttons\n"
			"\t--nocancel\t\t\tno cancel button\n"
			"\t--yes-button <text>\t\tset text of yes button\n"
			"\t--no-button <text>\t\tset text of no button\n"
			"\t--ok-button <text>\t\tset text of ok button\n"
			"\t--cancel-button <text>\t\tset text of cancel button\n"
			"\t--noitem\t\t\tdon't display items\n"
			"\t--notags\t\t\tdon't display tags\n"
			"\t--separate-output\t\toutput one line at a time\n"
			"\t--output-fd <fd>\t\toutput to fd, not stdout\n"
			"\t--title <title>\t\t\tdisplay title\n"
			"\t--backtitle <backtitle>\t\tdisplay backtitle\n"
			"\t--scrolltext\t\t\tforce vertical scrollbars\n"
			"\t--topleft\t\t\tput window in top-left corner\n"
			"\t-h, --help\t\t\tprint this message\n"
			"\t-v, --version\t\t\tprint version information\n\n");
}

const char *options_usage_more(void)
{
	return "Not in whiptail:\n"
	       "\t--form <text> <height> <width> <formheight> [label init] ...\n"
	       "\t--tailbox <file> <height> <width>\n"
	       "\t--progress-steps <text> <height> <width> <listheight> [step] ...\n"
	       "\t--extra-button <text>\t\ta third button, status 3\n"
	       "\t--help-button <text>\t\ta help button, status 2\n"
	       "\t--timeout <seconds>\t\tgive up with status 5\n"
	       "\t--json\t\t\t\tanswer with a JSON object\n";
}
