/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* events.jsonl, v 1: one JSON object a line, at most 8 KiB, valid UTF-8: v, seq, t (seconds since
 * the epoch), type, and by type:
 *   run.begin      run, job, steps [{id, number, title, estimate_s, status}]
 *   step.start     step, attempt
 *   step.progress  step, percent (-1: unknown), msgid, args
 *   log            step, src, line
 *   step.end       step, result (done, skipped, failed), elapsed_ms, error {code, card, msgid, args}
 *   run.end        status (done, failed, cancelled, degraded), error
 * The engine speaks msgids and args; the frontend translates. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"
#include "base/redact.h"

/* --- writing (engine) --- */
struct events;

/* Makes /var/log/ess-setup/RUN/{events.jsonl,install.log}, 0600, and points "current" at it. */
struct events *events_open(const char *run, struct err *e);
struct events *events_close(struct events *ev);

/* Secrets are taken out of every line from now on. Borrowed. */
void events_redact(struct events *ev, const struct redact *r);

/* Writes one event with a single write(2); fields is stolen; members v, seq, t, type are added. A
 * failure to write never stops the work. Lines too long are cut in "line" or last argument. */
void events_emit(struct events *ev, const char *type, json_t *fields);

/* A line of output for the log of the step (NULL: the engine's own). */
void events_log(struct events *ev, const char *step, const char *src, const char *line);

/* An err as {code, card, msgid, args}. New. */
json_t *events_error(const struct err *e);

/* Back from there: the fault, msgid (borrowed from j, which must outlive it) and args. */
void events_error_read(const json_t *j, struct err *ret);

/* --- reading (frontends) --- */

/* The exit status (model/exit.h) that a run.end stands for. */
int events_exit(const json_t *run_end);

struct events_reader;

/* Reads dir/events.jsonl from its start; dir NULL: the current run. */
struct events_reader *events_reader_open(const char *dir, struct err *e);
struct events_reader *events_reader_close(struct events_reader *r);

/* The next whole event, new; NULL when there is none yet. Broken lines are passed over, a last line
 * without newline waits for its end. */
json_t *events_reader_next(struct events_reader *r);
