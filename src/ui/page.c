/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "ui/page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "model/paths.h"
#include "ui/host.h"

static enum dialog_end ended(struct pages *p, enum dialog_end end)
{
	p->gone |= end == DIALOG_GONE;
	return end;
}

void page_say(struct pages *p, const char *title, const char *text)
{
	if (!p->gone)
		p->face->say(p, title, text);
}

void page_wait(struct pages *p, const char *text)
{
	if (!p->gone)
		p->face->wait(p, text);
}

unsigned page_list(struct pages *p, const struct page_list *l)
{
	return p->gone ? 0 : p->face->choose(p, l);
}

unsigned page_choose(struct pages *p, const char *title, const char *text, const char *const *labels,
		     size_t n, const char *zero, unsigned first)
{
	const struct page_list l = {
		.title = title, .text = text, .labels = labels, .n = n, .zero = zero, .first = first,
	};
	return page_list(p, &l);
}

enum dialog_end page_confirm(struct pages *p, const struct page_question *q)
{
	return p->gone ? DIALOG_GONE : ended(p, p->face->confirm(p, q));
}

enum dialog_end page_form(struct pages *p, struct page_form *f)
{
	return p->gone ? DIALOG_GONE : ended(p, p->face->form(p, f));
}

void page_corner(struct pages *p)
{
	_cleanup_free_ char *address = host_address();

	free(p->right);
	p->right = address ? xasprintf(_("this machine: %s"), address) : NULL;
}

void page_log(struct pages *p)
{
	_cleanup_free_ char *dir = path_get(PATH_LOG_CURRENT);
	_cleanup_free_ char *path = xasprintf("%s/install.log", dir);

	if (p->gone || p->face->log(p, _("Log"), path) == 0)
		return;
	_cleanup_free_ char *why = xasprintf(_("There is no log to show. %s: %s"), path, strerror(errno));
	page_say(p, _("Log"), why);
}
