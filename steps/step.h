/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* A step: one file steps/sNN-name.c exports one const struct step; steps/jobs.c lists them.
 *
 * The engine's rule: done, same digest of the inputs and check says PRESENT: skip. Running, failed
 * or another digest: apply even if PRESENT. Otherwise check decides. After apply, check runs again
 * and must say PRESENT. So check looks at the world, never at our own notes, and apply is safe to
 * run again after dying anywhere in it. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/http.h"
#include "base/proc.h"
#include "base/talk.h"
#include "model/paths.h"

struct step_ctx;

enum step_found { STEP_ABSENT, STEP_DIFFERENT, STEP_PRESENT };

struct step {
	const char *id;                 /* key in state.json, never renamed */
	unsigned number;                /* shown to people: 10, 20, ... */
	const char *title;              /* N_() */
	unsigned version;               /* in the digest: raise it to reopen the step everywhere */
	unsigned estimate_s;
	const char *const *inputs;      /* "config:KEY", "secret:NAME", "fact:NAME", "request:NAME"; KEY may end in ".*".
					   "file:KEY": what stands in the files that KEY names.
					   NULL-terminated. Reading anything else aborts. */
	int (*check)(struct step_ctx *, enum step_found *, struct err *);  /* read only */
	int (*apply)(struct step_ctx *, struct err *);
	int (*undo)(struct step_ctx *, struct err *);                      /* or NULL; only on the user's word */
};

struct job {
	const char *name;               /* "install" */
	const char *title;              /* N_() */
	const struct step *const *steps; /* NULL-terminated, in order */
	bool without_answers;           /* the questions need not be answered yet */
};

/* NULL when unknown. */
const struct job *job_find(const char *name);

/* --- inputs: only what the step declares ------------------------------------------------------ */

const char *step_str(struct step_ctx *c, const char *key);      /* borrowed; NULL: unset, no default */
long step_int(struct step_ctx *c, const char *key);
bool step_bool(struct step_ctx *c, const char *key);
const json_t *step_list(struct step_ctx *c, const char *key);   /* borrowed array of strings */
char *step_host(struct step_ctx *c, const char *which);         /* config_host(); needs "config:domains.*" */
/* The i-th of the files that a key names (of one that is no list: 0), at most 4 MiB; needs "file:KEY".
 * *ret new, NULL: it does not exist. *ret_path (borrowed) NULL: the key names no more. */
int step_file(struct step_ctx *c, const char *key, size_t i, const char **ret_path, char **ret,
	      size_t *ret_len, struct err *e);
const char *step_secret(struct step_ctx *c, const char *name);  /* borrowed; NULL: none */
const char *step_fact(struct step_ctx *c, const char *name);    /* string fact, borrowed; NULL: unknown */
const json_t *step_fact_json(struct step_ctx *c, const char *name);
const char *step_request(struct step_ctx *c, const char *name); /* "bundle" or "arch" of the request, or NULL */

/* Saves a generated secret (before it is used); becomes part of redaction. No-op in a dry run. */
int step_secret_set(struct step_ctx *c, const char *name, const char *value, struct err *e);

/* What outlives the cluster (model/vault.h): *ret new, NULL when nothing of this name is kept or it
 * does not open. Keeping is a no-op in a dry run; object is borrowed, NULL forgets. */
int step_kept(struct step_ctx *c, const char *name, json_t **ret, struct err *e);
int step_keep(struct step_ctx *c, const char *name, const json_t *object, struct err *e);

/* Notes a fact for later steps; saved with the step's end. Any step may set, readers declare. */
void step_fact_set(struct step_ctx *c, const char *name, const char *value);
void step_fact_set_json(struct step_ctx *c, const char *name, json_t *value); /* steals */

/* A short observation shown behind the step's title ("203.0.113.7"). */
void step_note(struct step_ctx *c, const char *text);

/* --- looking at the world --------------------------------------------------------------------- */

/* Runs a command that changes nothing, in dry runs too. argv ends with NULL. Its output is kept up
 * to 32 MiB. 0 when it ran, whatever its status. */
int step_query(struct step_ctx *c, const char *const *argv, struct proc_result *ret, struct err *e);

/* Reads a file below the root ("/etc/os-release"), at most max bytes. *ret new. Missing: *ret NULL, 0. */
int step_read(struct step_ctx *c, const char *path, size_t max, char **ret, size_t *ret_len, struct err *e);

/* 1 when the file holds exactly this, 0 when not, -1 on failure. */
int step_same(struct step_ctx *c, const char *path, const void *data, size_t len, int mode, struct err *e);

/* 1 when the file is there and has this SHA-256. */
int step_has_hash(struct step_ctx *c, const char *path, const char *sha256, struct err *e);

/* One HTTP request that changes nothing, in dry runs too; proxy, CAs and map from the config. */
int step_http(struct step_ctx *c, const struct http_request *rq, struct http_response *ret, struct err *e);

/* The rules for net_connect(); borrowed, may be NULL. */
const char *const *step_connect_to(struct step_ctx *c);

/* --- changing the world: in a dry run these only note what they would do and return 0 --------- */

/* Runs a command that changes something and must succeed: a status other than 0 is
 * FAULT_COMMAND_FAILED with the last line of its output, or FAULT_NO_SPACE where one tells of a full
 * disk, unless ret is given (then the caller judges). input (or NULL) goes to stdin and is not logged. timeout_s 0: 600. In a dry run ret is
 * status 0 with empty output. */
int step_run(struct step_ctx *c, const char *const *argv, const char *input, unsigned timeout_s,
	     struct proc_result *ret, struct err *e);

/* Same with extra environment ("NAME=value", for scripts that take their options so), or NULL. */
int step_run_env(struct step_ctx *c, const char *const *argv, const char *const *env, const char *input,
		 unsigned timeout_s, struct proc_result *ret, struct err *e);

/* Talks to a command on a terminal of its own, for what must not stand in its arguments (base/talk.h).
 * 1: the conversation took place, *ret_status is how it ended; 0: it did not, nothing is running.
 * In a dry run 1 and status 0. *ret_said (new, use free_secret) has the command's last words. */
int step_talk(struct step_ctx *c, const char *const *argv, const struct talk_turn *turns, int *ret_status,
	      char **ret_said, struct err *e);

/* Writes a file below the root, atomically; does nothing when it is already so. Parents are made. */
int step_write(struct step_ctx *c, const char *path, const void *data, size_t len, int mode, struct err *e);
int step_remove(struct step_ctx *c, const char *path, struct err *e);
int step_mkdir(struct step_ctx *c, const char *path, int mode, struct err *e);

/* Makes or replaces the symlink path (below the root) -> target (as given). */
int step_symlink(struct step_ctx *c, const char *target, const char *path, struct err *e);

/* Copies a file below the root to another place, atomically (a verified download into /usr/local/bin). */
int step_install(struct step_ctx *c, const char *from, const char *to, int mode, struct err *e);

/* Moves a file below the root (a large download that is used once), also to another file system. */
int step_move(struct step_ctx *c, const char *from, const char *to, int mode, struct err *e);

/* Downloads to a path below the root unless it is already there with this hash. headers or NULL. */
int step_download(struct step_ctx *c, const char *url, const char *const *headers, const char *sha256,
		  const char *path, int mode, struct err *e);

/* One HTTP request that changes something (POST, PATCH, DELETE). In a dry run: status 0, no body. */
int step_http_change(struct step_ctx *c, const struct http_request *rq, struct http_response *ret, struct err *e);

/* --- telling and waiting ---------------------------------------------------------------------- */

bool step_dry_run(struct step_ctx *c);
bool step_rehearse(struct step_ctx *c);  /* example names allowed: for error texts only, never for behaviour */

/* What is happening now, in one sentence; percent -1 when unknown. printf-like as err_set(). */
void step_progress(struct step_ctx *c, int percent, const char *msgid, ...)
	__attribute__((format(printf, 3, 4)));

/* A line for the log. printf-like, English. */
void step_log(struct step_ctx *c, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Asks fn every interval until it answers 1 (ready); 0 means not yet, -1 ends with its err. fn sets
 * *ret_seen (new, or NULL) to what it saw last; on time-out that is the error's text. 0 at once in
 * a dry run. All sleeps of the steps are here; honours cancel. FAULT_TIMEOUT, or the fault given. */
int step_wait(struct step_ctx *c, unsigned timeout_s, unsigned interval_ms, enum fault on_timeout,
	      int (*fn)(struct step_ctx *c, void *arg, char **ret_seen, struct err *e), void *arg,
	      struct err *e);

/* True once the user cancelled: return -1 with FAULT_CANCELLED from long loops. */
bool step_cancelled(struct step_ctx *c);
