/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The inside of struct step_ctx: what the engine fills in before it calls a step. Steps themselves
 * use step.h only. */
#pragma once

#include <signal.h>

#include "base/meter.h"
#include "base/redact.h"
#include "model/config.h"
#include "model/events.h"
#include "model/request.h"
#include "model/secrets.h"
#include "steps/step.h"

struct step_ctx {
	/* Set up once a run; all borrowed but http. */
	const struct config *config;
	const struct request *request;
	struct secrets *secrets;      /* NULL: none stored yet and this is a dry run */
	struct redact *redact;
	struct events *events;        /* NULL: nobody listens (plan, render) */
	const volatile sig_atomic_t *cancel;
	struct http *http;
	char **connect_to;            /* network.connect_to as a vector */
	bool dry_run;
	bool rehearse;
	bool give_way;                /* set before ctx_init(): downloads here are a head start */
	struct fetcher *fetcher;      /* the process that fetches ahead (steps/fetch.h), or NULL */
	json_t *facts;                /* object, borrowed: the run's facts, older and newer */

	/* Set for each step. */
	const struct step *step;
	json_t *found;                /* facts set by this step; new object, the engine takes it */
	char *note;                   /* step_note(); the engine takes it */
	json_t *plan;                 /* dry run: {commands, files, requests, downloads}; borrowed */
	long long last_progress_ms;
	const char *fetching;         /* what is being downloaded, for its progress; borrowed, or NULL */
	struct meter meter;           /* of that */
};

/* Opens the http handle by the config; ctx_done() frees what the context owns. */
void ctx_init(struct step_ctx *c, const struct config *config, struct secrets *secrets, json_t *facts);
void ctx_done(struct step_ctx *c);

/* Starts a step: fresh found and note. */
void ctx_begin(struct step_ctx *c, const struct step *step);

/* HMAC over id, version and the values of the declared inputs. New. */
char *ctx_digest(struct step_ctx *c, const struct step *step);

/* Aborts when the step does not declare kind:name ("config", "secret", "fact"). */
void ctx_require(const struct step_ctx *c, const char *kind, const char *name);

/* The environment of every command: built from nothing but the config. extra or NULL. New vector. */
char **ctx_environment(const struct step_ctx *c, const char *const *extra);

/* How a download tells its progress: http_opts.progress, arg is the context. */
void ctx_http_progress(void *arg, long long done, long long total);

/* Waits while another process is downloading to path, telling its progress. Nothing in a dry run. */
int ctx_await(struct step_ctx *c, const char *path, struct err *e);

/* step_download() of at most max bytes; 0: as many as that allows. */
int ctx_download(struct step_ctx *c, const char *url, const char *const *headers, const char *sha256,
		 size_t max, const char *path, int mode, struct err *e);

/* Appends to a list of the plan; item is stolen. No-op outside a dry run. */
void ctx_plan(struct step_ctx *c, const char *list, json_t *item);
