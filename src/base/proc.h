/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Child processes: no shell, own process group, default signals, only descriptors 0-2, a given
 * environment, time-out and cancel. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"

enum proc_stream { PROC_OUT, PROC_ERR };

struct proc_spec {
	const char *const *argv;  /* argv[0] without a slash is looked up in path */
	const char *path;         /* where to look; the child gets PATH from env, not from here */
	const char *const *env;   /* the child's whole environment, "NAME=value", NULL-terminated */
	const char *cwd;          /* NULL: / */
	const void *input;        /* bytes for stdin; NULL: /dev/null */
	size_t input_len;
	unsigned timeout_s;       /* 0: none. Then SIGTERM to the group, grace_s, SIGKILL */
	unsigned grace_s;         /* 0: 5 s */
	size_t capture_max;       /* not 0: stdout is kept instead of going to line; more is FAULT_COMMAND_OUTPUT */
	void (*line)(void *arg, enum proc_stream stream, const char *line); /* valid UTF-8; may be NULL */
	void *arg;
	const volatile sig_atomic_t *cancel; /* looked at every 100 ms; may be NULL */
};

struct proc_result {
	int status;        /* exit status, or 128 + signal */
	bool timed_out;
	char *out;         /* stdout, NUL-terminated; new; NULL when capture_max is 0 */
	size_t out_len;
	char *last_err;    /* the last non-empty line of stderr (else of stdout); new, "" when none */
	char *err_tail;    /* the end of stderr, whole lines, at most 8 KiB; new, "" when none (kubectl
			      exec and helm write their own line after the one that tells) */
};

/* Runs to the end of the child (not of its pipes: a grandchild that keeps them does not hang us).
 * 0 when it ran, whatever its status; -1: FAULT_COMMAND_MISSING, FAULT_CANCELLED, FAULT_TIMEOUT,
 * FAULT_COMMAND_OUTPUT, FAULT_INTERNAL. proc_result_done() in every case. */
int proc_run(const struct proc_spec *spec, struct proc_result *ret, struct err *e);
void proc_result_done(struct proc_result *r);
#define _cleanup_proc_ __attribute__((cleanup(proc_result_done)))

/* Starts a program and goes on: default signals, none blocked, its own group, only fds as its 0-2.
 * env NULL: empty; cwd NULL: /. An errno value, 0 when it runs; *ret is its pid, for the caller to wait
 * for. */
int proc_start(const char *program, const char *const *argv, const char *const *env, const char *cwd,
	       const int fds[3], pid_t *ret);

/* Full path of the executable name in the colon-separated path; new, or NULL. */
char *proc_find(const char *name, const char *path);
