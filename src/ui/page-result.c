/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* How a run ended: the summary with what to do next, or the card of what went wrong. */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "model/events.h"
#include "ui/handover.h"
#include "ui/page.h"
#include "ui/show.h"

static void summary(struct pages *p, bool all, bool finished)
{
	const char *const labels[] = { _("Show the administrator's password"), _("Router and apps"), _("Log") };
	void (*const runs[])(struct pages *) = { page_password, page_router, page_log };
	_cleanup_free_ char *handover = finished ? handover_text() : NULL;
	_cleanup_secret_ char *credentials = finished ? handover_credentials() : NULL;
	_cleanup_free_ char *text = xasprintf(
		"%s%s%s\n%s",
		!finished ? _("What was to be done is done, and nothing was wrong. Install from the menu when you like.") :
		all ? _("All done.") :
		      _("Done, but something that is not essential does not work; the status shows what."),
		p->ui->rehearse ? "\n" : "",
		p->ui->rehearse ? _("This was a rehearsal: nothing on this machine was changed.") : "",
		handover ? handover : "");
	size_t skip = credentials ? 0 : finished ? 1 : 2;
	unsigned at = 0;

	while ((at = page_choose(p, _("Summary"), text, labels + skip, ARRAY_LEN(labels) - skip, _("menu"), at)) > 0)
		runs[skip + at - 1](p);
}

bool page_result(struct pages *p, const json_t *last, long long step, bool finished)
{
	const char *status = json_str_at(last, "status") ?: "";
	const json_t *error = json_object_get(last, "error");
	struct err e = ERR_INIT;

	if (!strcmp(status, "done") || !strcmp(status, "degraded")) {
		summary(p, !strcmp(status, "done"), finished);
		return false;
	}
	if (!strcmp(status, "cancelled")) {
		page_say(p, _("Cancelled"), _("Cancelled. What is done is kept; it can be continued from the menu."));
		return false;
	}
	if (json_is_object(error))
		events_error_read(error, &e);
	_cleanup_free_ char *seen = show_err(&e);
	_cleanup_free_ char *title = xasprintf(_("Step %lld failed"), step);
	return page_card(p, title, e.fault, seen);
}
