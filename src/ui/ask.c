/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "ui/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"
#include "model/config.h"
#include "model/secrets.h"
#include "ui/show.h"
#include "ui/store.h"

char *ask_line(const char *prompt, bool secret)
{
	_cleanup_secret_ char *line = NULL;
	size_t cap = 0;
	struct termios shown, hidden;
	bool hide = secret && tcgetattr(STDIN_FILENO, &shown) == 0;

	printf("%s ", prompt);
	fflush(stdout);
	if (hide) {
		hidden = shown;
		hidden.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
	}
	ssize_t n = getline(&line, &cap, stdin);
	if (hide) {
		tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
		puts("");
	}
	if (n < 0 && cap > 0)
		line[0] = '\0'; /* getline() may leave a buffer without an end */
	return n < 0 ? NULL : text_trim(line);
}

unsigned ask_choice(const char *const *items, size_t n, const char *zero, unsigned def)
{
	for (size_t i = 0; i < n; i++)
		printf("  %zu  %s\n", i + 1, items[i]);
	printf("  0  %s\n", zero);
	_cleanup_free_ char *prompt = xasprintf(_("Type a number [%u]:"), def);
	for (;;) {
		_cleanup_free_ char *line = ask_line(prompt, false);
		long v;
		if (!line)
			return 0;
		if (!*line)
			return def;
		if (text_to_long(line, 0, (long)n, &v))
			return (unsigned)v;
		printf(_("Please type a number from 0 to %zu.\n"), n);
	}
}

/* --- one answer ------------------------------------------------------------------------------- */

static bool has_secret(const char *name)
{
	struct secrets *s = secrets_open(NULL);
	bool has = s && secrets_get(s, name);
	secrets_close(s);
	return has;
}

static void print_question(const struct key *key)
{
	printf("\n%s\n  %s\n", _(key->label), _(key->help));
	if (key->example)
		printf(_("  Example: %s\n"), key->example);
	if (key->choices) {
		_cleanup_free_ char *all = text_join(key->choices, ", ");
		printf(_("  One of: %s\n"), all);
	}
}

static char *prompt_for(const struct config *c, const struct key *key)
{
	if (key->flags & KEY_SECRET)
		return xstrdup(has_secret(key->name) ? _("(stored; Enter keeps it, 0 = back):") :
						       _("(not shown while typing; 0 = back):"));
	_cleanup_free_ char *now = config_text(c, key->name);
	if (!*now)
		return xstrdup(_("(0 = back):"));
	return xasprintf(_("[%s] (Enter keeps it, 0 = back):"), now);
}

static int save_answer(struct config *c, const struct key *key, const char *value, struct err *e)
{
	if (key_check(key, value, e) < 0)
		return -1;
	if (key->flags & KEY_SECRET)
		return store_secret(key->name, value, e);
	return config_set(c, key->name, value, e) < 0 ? -1 : store_config(c, e);
}

/* Without it no certificate can be had: the token is asked for like a required key. */
static bool is_required(const struct key *key, int arg)
{
	(void)arg;
	return key->flags & KEY_REQUIRED || !strcmp(key->name, "cloudflare.token");
}

/* False when the user wants back. */
static bool ask_key(const struct ui *ui, struct config *c, const struct key *key)
{
	(void)ui;
	print_question(key);
	for (;;) {
		_cleanup_free_ char *prompt = prompt_for(c, key);
		_cleanup_secret_ char *value = ask_line(prompt, key->flags & KEY_SECRET);
		struct err e = ERR_INIT;
		if (!value || !strcmp(value, "0"))
			return false;
		bool have = key->flags & KEY_SECRET ? has_secret(key->name) : config_is_set(c, key->name);
		if (!*value && (have || !is_required(key, 0)))
			return true;
		if (save_answer(c, key, value, &e) == 0)
			return true;
		_cleanup_free_ char *text = show_err(&e);
		printf(_("Wrong: %s\n"), text);
		if (e.fault == FAULT_LOCKED || e.fault == FAULT_IO || e.fault == FAULT_NO_SPACE)
			return false;
	}
}

/* Goes back one question at 0; false when that leaves the first one. */
static bool ask_keys(const struct ui *ui, struct config *c, bool (*wanted)(const struct key *, int), int arg)
{
	size_t n, at = 0, count = 0;
	const struct key *all = keys(&n);
	const struct key **list = xcalloc(n, sizeof(*list));

	for (size_t i = 0; i < n; i++)
		if (wanted(&all[i], arg))
			list[count++] = &all[i];
	while (at < count) {
		if (ask_key(ui, c, list[at]))
			at++;
		else if (at == 0 || feof(stdin))
			break;
		else
			at--;
	}
	free(list);
	return at == count;
}

static bool is_on_page(const struct key *key, int page)
{
	return (int)key->page == page && !is_required(key, 0);
}

/* --- all of them ------------------------------------------------------------------------------ */

static void report(const struct ui *ui, const struct config *c)
{
	struct problems problems = { 0 };
	struct err e = ERR_INIT;

	if (store_check(c, ui->rehearse, &problems, &e) == 0)
		puts(_("The configuration is complete and valid."));
	show_problems(&problems);
	if (err_is_set(&e))
		show_failure(ui, &e);
	problems_done(&problems);
}

const char *ask_page_title(enum key_page page)
{
	static const char *const titles[PAGE_MAX] = {
		[PAGE_DOMAIN] = N_("Names"),
		[PAGE_PORTS] = N_("Ports"),
		[PAGE_CERTIFICATE] = N_("Certificates and Cloudflare"),
		[PAGE_ADMIN] = N_("Administrator and registration"),
		[PAGE_STORAGE] = N_("Storage and database"),
		[PAGE_ADVANCED] = N_("Advanced: mirrors, proxy, firewall, existing cluster"),
	};
	return _(titles[page]);
}

void ask_configuration(const struct ui *ui)
{
	const char *pages[PAGE_MAX];
	_cleanup_config_ struct config c = { 0 };
	struct err e = ERR_INIT;

	for (int i = 0; i < PAGE_MAX; i++)
		pages[i] = ask_page_title((enum key_page)i);
	if (config_load(&c, &e) < 0) {
		show_failure(ui, &e);
		return;
	}
	if (!ask_keys(ui, &c, is_required, 0))
		return;
	for (;;) {
		puts("");
		report(ui, &c);
		puts(_("Everything else has a usual value. What do you want to change?"));
		unsigned page = ask_choice(pages, PAGE_MAX, _("nothing more"), 0);
		if (page == 0)
			return;
		ask_keys(ui, &c, is_on_page, (int)page - 1);
	}
}
