/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The start menu on a terminal, and what is shown before it the first time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "dialog/screen.h"
#include "ui/notice.h"
#include "ui/page.h"
#include "ui/show.h"
#include "ui/start.h"

static void page_language(struct pages *p)
{
	struct err e = ERR_INIT;
	unsigned n = page_choose(p, "语言 / Language", "", start_language_names, START_LANGUAGES, _("back"),
				 !strcmp(lang_get(), "en") ? 2 : 1);

	if (n > 0 && start_set_language(start_languages[n - 1], &e) < 0)
		page_failure(p, &e);
}

/* The breaks in a sentence are made for lines of 80 columns; here the box breaks them. */
static void flow(char *text)
{
	char *to = text;

	for (const char *s = text; *s; s++) {
		bool ends = to > text && (to[-1] == '.' || to[-1] == '\n' || (to - text >= 3 && !memcmp(to - 3, "。", 3)));
		bool chinese = to > text && (unsigned char)to[-1] & 0x80 && (unsigned char)s[1] & 0x80;
		if (*s != '\n' || ends || !s[1])
			*to++ = *s;
		else if (!chinese) /* no blanks between its words */
			*to++ = ' ';
	}
	*to = '\0';
}

static void page_notice(struct pages *p)
{
	_cleanup_free_ char *text = notice_text();

	if (!text)
		return;
	flow(text);
	page_say(p, _("Before you begin"), text);
	if (!p->gone)
		notice_done();
}

static void page_check(struct pages *p)
{
	_cleanup_free_ char *text = xstrdup(start_check_text());
	_cleanup_free_ char *answers = NULL;
	struct dialog d = page_box(p, _("Check"));

	/* A rehearsal takes example answers where there are none. */
	if (!p->ui->rehearse && !page_ready(p, &answers))
		return;
	flow(text);
	d.yes = _("Check");
	d.no = _("Back");
	if (page_end(p, dialog_yesno(&d, text)) == DIALOG_OK)
		page_run(p, START_CHECK_UNTIL);
}

static void page_status(struct pages *p, const struct standing *s)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (!out)
		abort();
	standing_write(s, out);
	fclose(out);
	page_say(p, _("Status"), text);
	free(text);
}

static void do_item(struct pages *p, enum start_item item, const struct standing *s)
{
	switch (item) {
	case START_CONFIGURE:
		if (page_ask(p))
			page_preview(p);
		break;
	case START_CHECK:
		page_check(p);
		break;
	case START_INSTALL:
		if (start_is_running(s))
			page_watch(p);
		else
			page_preview(p);
		break;
	case START_STATUS:
		page_status(p, s);
		break;
	case START_REHEARSE:
		page_rehearse(p);
		break;
	case START_LANGUAGE:
		page_language(p);
		break;
	case START_ITEMS:
		break;
	}
}

/* False when the user leaves. */
static bool one_turn(struct pages *p, int *ret_status)
{
	_cleanup_standing_ struct standing s = { 0 };
	const char *labels[START_ITEMS];
	struct err e = ERR_INIT;

	if (standing_get(&s, &e) < 0) {
		*ret_status = exit_status(e.fault);
		return page_failure(p, &e);
	}
	*ret_status = EXIT_OK;
	start_texts(&s, labels);
	_cleanup_free_ char *sentence = standing_sentence(&s);
	unsigned n = page_choose(p, _("Matrix video conference server"), sentence, labels, START_ITEMS,
				 _("leave"), start_next(&s) + 1);
	if (n == 0)
		return false;
	do_item(p, n - 1, &s);
	return !p->gone;
}

static int run(struct pages *p)
{
	int status = EXIT_OK;

	if (start_language_is_open(p->ui))
		page_language(p);
	page_notice(p);
	while (!p->gone && one_turn(p, &status))
		;
	return p->gone ? EXIT_FAILED : status;
}

int pages_run(struct ui *ui)
{
	struct pages p = { .ui = ui };

	keys(&p.ndrafts);
	p.drafts = xcalloc(p.ndrafts, sizeof(char *));
	/* The console of the kernel has no Chinese font. */
	if (!strcmp(getenv("TERM") ?: "", "linux"))
		lang_set("en");
	if (screen_open() != SCREEN_OK) {
		free(p.drafts);
		ui->plain = true;
		return start_page(ui);
	}
	int status = run(&p);
	screen_close();
	for (size_t i = 0; i < p.ndrafts; i++)
		free_secret(p.drafts[i]);
	free(p.drafts);
	return status;
}
