/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* ess-engine: its subcommands, and what they share. Each subcommand returns the exit status. */
#pragma once

#include <jansson.h>
#include <signal.h>

#include "base/err.h"
#include "model/config.h"
#include "model/request.h"
#include "model/secrets.h"
#include "model/state.h"
#include "steps/ctx.h"

int engine_run(int argc, char **argv);         /* the job that request.json asks for */
int engine_plan(int argc, char **argv);        /* the same code path with dry_run, as JSON on stdout */
int engine_render(int argc, char **argv);      /* -o DIR: every generated file */
int engine_invite(int argc, char **argv);      /* --uses N --expires-in S: a registration token, as JSON */
int engine_fetch(int argc, char **argv);       /* files ahead of the steps that need them */
int engine_probe(int argc, char **argv);       /* check of every step, or of answers, as JSON on stdout */
int engine_post_render(int argc, char **argv); /* manifest on stdin, manifest on stdout */

/* Set by SIGTERM and SIGINT. */
extern volatile sig_atomic_t engine_cancelled;

/* Everything that a subcommand works with; session_done() frees it. */
struct session {
	struct request request;
	struct config config;
	struct secrets *secrets;
	struct state state;
	const struct job *job;
	struct step_ctx ctx;
};

/* Loads request, config, secrets and state, finds the job and checks the config. With read_only no
 * key is made and nothing is written. */
int session_open(struct session *s, bool read_only, struct err *e);
void session_done(struct session *s);

/* One JSON line on stdout with the error, and its exit status. */
int engine_fail(const struct err *e);

/* Prints JSON for programs on stdout. */
void engine_print(const json_t *o);

/* {id, number, title, estimate_s}. New. */
json_t *engine_step_head(const struct step *step);

/* Why a step is (not) applied. */
enum decision { DECIDE_SKIP, DECIDE_ADOPT, DECIDE_APPLY };

/* The engine's rule (steps/step.h); *ret_reason is static. check runs only where it decides. */
int engine_decide(struct session *s, const struct step *step, const char *digest, enum decision *ret,
		  const char **ret_reason, struct err *e);
