/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What ess-dialog does with its command line: reads, draws, answers. */
#pragma once

#include "dialog/dialog.h"
#include "dialog/options.h"

/* What a box needs besides its look. Strings borrowed from argv but where said. */
struct request {
	struct options *o;
	struct dialog look;
	char *text;             /* new */
	const char *file;       /* tailbox */
	const char *init;
	struct dialog_item *items; /* new, of strings from argv */
	struct dialog_field *fields; /* new, with new values */
	const char **steps;     /* new */
	size_t n, cur;
	unsigned long percent;
	int feed;               /* gauges: where the lines come from */
};

/* Reads the arguments of the box. EXIT_OK, or the exit status after having said why. */
int request_read(struct request *r, struct options *o);
void request_free(struct request *r);

/* Shows the box on the open screen. *value: a new string to be written, or NULL. */
enum dialog_end request_run(struct request *r, char **value);

/* Lines on r->feed move the gauge until they end. */
enum dialog_end feed_gauge(struct request *r);
enum dialog_end feed_steps(struct request *r);

/* The status for an end, and the answer as text for --json or as whiptail writes it. */
int answer_status(const struct request *r, enum dialog_end end);
/* New, or NULL for nothing. */
char *answer_text(const struct request *r, enum dialog_end end, const char *value);
