/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The command line of ess-dialog: whiptail's grammar, and a few words more. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

enum mode {
	MODE_NONE,
	MODE_MSGBOX,
	MODE_YESNO,
	MODE_INFOBOX,
	MODE_INPUTBOX,
	MODE_PASSWORDBOX,
	MODE_TEXTBOX,
	MODE_MENU,
	MODE_CHECKLIST,
	MODE_RADIOLIST,
	MODE_GAUGE,
	/* not in whiptail */
	MODE_FORM,
	MODE_TAILBOX,
	MODE_STEPS,
};

enum {
	EXIT_OK = 0,
	EXIT_CANCEL = 1,
	EXIT_HELP = 2,
	EXIT_EXTRA = 3,
	EXIT_TIMEOUT = 5,
	EXIT_BAD_OPTION = 1,
	EXIT_ESC = 255,
	EXIT_USAGE = 255,
};

struct options {
	enum mode mode;
	const char *title, *backtitle, *default_item;
	const char *ok, *cancel, *yes, *no, *extra, *help_button;
	bool clear, default_no, full_buttons, no_cancel, no_item, no_tags, scroll, separate, top_left, json;
	bool help, help_all, version;
	int output_fd;
	long timeout; /* seconds */
	const char *const *args; /* what is no option, in order; NULL-terminated, borrowed from options_args */
	char **storage;
};

enum parse { PARSE_OK, PARSE_USAGE, PARSE_BAD };

/* Reads argv. PARSE_BAD: *bad and *why say what is wrong with which word, as popt says it. Free with
 * options_free(), whatever is returned. Strings are borrowed from argv. */
enum parse options_parse(struct options *o, int argc, char **argv, const char **bad, const char **why);
void options_free(struct options *o);

/* The next argument, NULL after the last. */
const char *options_next(struct options *o);

/* The next argument as whiptail reads a number: strtoul of the whole word, "" is 0. False: none, or
 * no number. */
bool options_number(struct options *o, int *n);

/* whiptail's usage text in the language of the environment, byte for byte. Static. */
const char *options_usage(void);
/* And what whiptail does not know. Static. */
const char *options_usage_more(void);
