/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What comes before every run, plan or render: the answers are there and right, the request is
 * written, a rehearsal has its world. */
#pragma once

#include "ui/ui.h"

struct job_options {
	const char *config;      /* file to import first, or NULL */
	const char *token_file;  /* file with the Cloudflare token, or NULL */
	const char *until;       /* id of the last step, or NULL */
	bool without_secrets;    /* the token need not be there yet (plan, render) */
};

/* EXIT_OK when the engine may be started; else what was wrong has been said, and the status. */
int job_prepare(const struct ui *ui, const struct job_options *o);

/* Writes the request that the engine works on. */
int job_request(const struct ui *ui, const struct job_options *o, struct err *e);

/* The last word before the machine is changed: names, ports, notice, and a question on a terminal.
 * EXIT_OK to go on. */
int job_confirm(const struct ui *ui);
