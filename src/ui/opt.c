/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Options of a command, and what is said when they are wrong (getopt_long speaks only the language
 * of an installed locale). */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "ui/ui.h"

int usage(const struct command *cmd, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	_cleanup_free_ char *what = xvasprintf(fmt, ap);
	va_end(ap);
	fprintf(stderr, "ess-setup: %s\n", what);
	if (cmd)
		fprintf(stderr, _("Usage: ess-setup %s %s\n"), cmd->name, cmd->args ? cmd->args : "");
	return EXIT_INVALID;
}

static const struct opt *opt_find(const struct opt *opts, const char *word, size_t len)
{
	for (const struct opt *o = opts; o && o->name; o++)
		if (strlen(o->name) == len && !memcmp(o->name, word, len))
			return o;
	return NULL;
}

int opt_parse(const struct command *cmd, const struct opt *opts, int argc, char **argv)
{
	int left = 1;
	bool ended = false;

	for (int i = 1; i < argc; i++) {
		char *word = argv[i];
		if (ended || word[0] != '-' || !word[1]) {
			argv[left++] = word;
			continue;
		}
		if (!strcmp(word, "--")) {
			ended = true;
			continue;
		}
		bool is_long = word[1] == '-';
		const char *name = word + (is_long ? 2 : 1);
		size_t len = is_long ? strcspn(name, "=") : 1;
		const struct opt *o = opt_find(opts, name, len);
		const char *attached = name[len] == '=' ? name + len + 1 : name[len] ? name + len : NULL;
		if (!o || (is_long && len == 1)) {
			usage(cmd, _("there is no option %s"), word);
			return -1;
		}
		if (o->flag) {
			if (attached) {
				usage(cmd, _("the option %s takes no value"), word);
				return -1;
			}
			*o->flag = true;
			continue;
		}
		if (!attached && i + 1 >= argc) {
			usage(cmd, _("the option %s needs a value"), word);
			return -1;
		}
		*o->value = attached ? attached : argv[++i];
	}
	argv[left] = NULL;
	return left;
}
