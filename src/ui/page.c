/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "ui/page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/mem.h"
#include "model/paths.h"

#define MIN_ROWS 18
#define MIN_COLS 60
#define MOST_ITEMS 9

bool pages_possible(const struct ui *ui)
{
	const char *term = getenv("TERM"), *plain = getenv("ESS_SETUP_PLAIN");
	struct winsize size;

	if (ui->plain || ui->json || (plain && *plain))
		return false;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return false;
	if (!term || !*term || !strcmp(term, "dumb"))
		return false;
	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_row >= MIN_ROWS &&
	       size.ws_col >= MIN_COLS;
}

struct dialog page_box(const struct pages *p, const char *title)
{
	return (struct dialog){
		.title = title,
		.backtitle = p->ui->rehearse ? _("ess-setup   REHEARSAL: nothing on this machine is changed") :
					       PACKAGE_STRING,
		.ok = _("Ok"),
		.cancel = _("Back"),
		.yes = _("Yes"),
		.no = _("No"),
		.digits_choose = true,
	};
}

enum dialog_end page_end(struct pages *p, enum dialog_end end)
{
	p->gone |= end == DIALOG_GONE;
	return end;
}

void page_say(struct pages *p, const char *title, const char *text)
{
	struct dialog d = page_box(p, title);

	if (!p->gone)
		page_end(p, dialog_message(&d, text));
}

void page_wait(const struct pages *p, const char *text)
{
	struct dialog d = page_box(p, NULL);

	if (!p->gone)
		dialog_info(&d, text);
}

unsigned page_choose(struct pages *p, const char *title, const char *text, const char *const *labels,
		     size_t n, const char *zero, unsigned first)
{
	static const char *const digits[] = { "0", "1", "2", "3", "4", "5", "6", "7", "8", "9" };
	struct dialog_item items[MOST_ITEMS + 1];
	struct dialog d = page_box(p, title);
	size_t cur = first ? first - 1 : n;

	if (p->gone)
		return 0;
	d.no_cancel = true; /* item 0 says it */
	if (n > MOST_ITEMS)
		n = MOST_ITEMS;
	for (size_t i = 0; i < n; i++)
		items[i] = (struct dialog_item){ .tag = digits[i + 1], .text = labels[i] };
	items[n] = (struct dialog_item){ .tag = digits[0], .text = zero };
	if (page_end(p, dialog_menu(&d, text, items, n + 1, &cur)) != DIALOG_OK || cur >= n)
		return 0;
	return (unsigned)cur + 1;
}

void page_log(struct pages *p)
{
	_cleanup_free_ char *dir = path_get(PATH_LOG_CURRENT);
	_cleanup_free_ char *path = xasprintf("%s/install.log", dir);
	struct dialog d = page_box(p, _("Log"));
	enum dialog_end end = DIALOG_OK;

	if (p->gone)
		return;
	if (dialog_tail(&d, path, &end) == 0) {
		page_end(p, end);
		return;
	}
	_cleanup_free_ char *why = xasprintf(_("There is no log to show. %s: %s"), path, strerror(errno));
	page_say(p, _("Log"), why);
}
