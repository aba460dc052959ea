/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The start menu, in plain text and in dialogs alike: its items and which of them makes sense now. */
#pragma once

#include "ui/standing.h"

/* In the order of their numbers, from 1 on; 0 leaves. */
enum start_item {
	START_CONFIGURE,
	START_CHECK,
	START_INSTALL,
	START_STATUS,
	START_REHEARSE,
	START_LANGUAGE,
	START_ITEMS
};

/* The step up to which START_CHECK goes. */
#define START_CHECK_UNTIL "dns"

/* The texts of the items, in the chosen language. Borrowed. */
void start_texts(const struct standing *s, const char *ret[START_ITEMS]);

/* What makes sense now. */
enum start_item start_next(const struct standing *s);

/* True when START_INSTALL means to watch a run. */
bool start_is_running(const struct standing *s);

/* What START_CHECK does, before it does it. Borrowed. */
const char *start_check_text(void);

/* Nobody has chosen a language yet. */
struct ui;
bool start_language_is_open(const struct ui *ui);

#define START_LANGUAGES 2
extern const char *const start_language_names[START_LANGUAGES], *const start_languages[START_LANGUAGES];

/* Chooses one from now on and notes it in the answers. */
int start_set_language(const char *lang, struct err *e);
