/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What the pages and subcommands of ess-setup share: the options, the table of commands, the
 * language. */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "model/exit.h"

#define _(s) lang_text(s)
#define N_(s) s

/* The options that every command has; filled by main(). */
struct ui {
	bool json;       /* --json: answers for programs */
	bool rehearse;   /* --rehearse: ESS_SETUP_ROOT leads into a simulated world */
	const char *scenario; /* --scenario: what goes wrong in the simulated world, or NULL */
	bool plain;           /* --plain: no dialogs */
	const char *lang; /* --lang: "zh_CN", "en", or NULL */
};

struct command {
	const char *name;
	const char *args;      /* "import FILE|export"; one line of usage, or NULL */
	const char *summary;   /* N_() */
	int (*run)(struct ui *ui, int argc, char **argv); /* argv[0] is the command's name; exit status */
};

extern const struct command
	cmd_apply,
	cmd_attach,
	cmd_bundle_make,
	cmd_bundle_use,
	cmd_cancel,
	cmd_config,
	cmd_discovery,
	cmd_explain,
	cmd_kept,
	cmd_log,
	cmd_plan,
	cmd_render,
	cmd_router,
	cmd_secret,
	cmd_state,
	cmd_status,
	cmd_user;

/* By name; NULL when there is none. */
const struct command *command_find(const char *name);

/* --- options of a command --------------------------------------------------------------------- */

struct opt {
	const char *name;    /* "until" for --until; a single letter "o" for -o */
	const char **value;  /* takes the argument, or NULL */
	bool *flag;          /* is set for an option without argument, or NULL */
};

/* Takes the known options out of argv (opts ends with a NULL name; opts may be NULL) and leaves the
 * other words in their order, argv[0] first. Returns how many words are left; -1 after the usage
 * was printed. A lone "-" is a word; "--" ends the options. */
int opt_parse(const struct command *cmd, const struct opt *opts, int argc, char **argv);

/* Prints what is wrong and the usage line to stderr. Returns EXIT_INVALID. */
int usage(const struct command *cmd, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* --- language --------------------------------------------------------------------------------- */

/* Chooses the language of all texts: want ("zh_CN", "en", "auto" or NULL), else the environment.
 * Works without any locale installed. May be called again to change it. */
void lang_set(const char *want);

/* The text in the language in use, borrowed until lang_set(); _() for short. */
const char *lang_text(const char *msgid) __attribute__((format_arg(1)));

/* The one in use: "zh_CN" or "en". */
const char *lang_get(void);

/* True when s names a language that the program speaks. */
bool lang_known(const char *s);
