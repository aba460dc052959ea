/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What went wrong: a fault code, one translatable sentence, and the values that were seen. */
#pragma once

#include <stdarg.h>
#include <stdarg.h>
#include <stddef.h>

/* Marks a text that is translated where it is shown. */
#define N_(s) s

/* Every way the program can fail. One row of fault-table.h each; the row also carries the card
 * that explains it to a person. (Prefix FAULT_: OpenSSL owns ERR_.) */
enum fault {
	FAULT_NONE,
#define FAULT(name, id, title, causes, remedies) FAULT_##name,
#include "base/fault-table.h"
#undef FAULT
	FAULT_MAX
};

#define ERR_ARGS 6
#define ERR_ARG_LEN 256

/* Owned by the caller, initialised with ERR_INIT; holds no allocation, so it needs no free. */
struct err {
	enum fault fault;
	const char *msgid;   /* static, English, marked N_(); what failed and with which object */
	unsigned nargs;
	char args[ERR_ARGS][ERR_ARG_LEN]; /* each conversion of msgid, already formatted */
};

#define ERR_INIT { .fault = FAULT_NONE }

/* What the program can start by itself to get out of a fault. */
enum remedy_kind { REMEDY_RETRY, REMEDY_EDIT, REMEDY_LOG, REMEDY_BUNDLE, REMEDY_COMMAND };

struct remedy {
	enum remedy_kind kind;
	const char *object;  /* EDIT: config key; COMMAND: arguments of ess-setup; else NULL */
};

#define FAULT_CAUSES 5
#define FAULT_REMEDIES 3

/* The card of a fault: all texts are msgids. Static. */
struct fault_card {
	const char *name;    /* "CF_ZONE_READ" */
	const char *id;      /* "E-CF-004": shown to people, never renamed */
	const char *title;   /* one sentence: what is wrong */
	const char *causes[FAULT_CAUSES + 1];     /* most likely first, with what to do; NULL ends */
	struct remedy remedies[FAULT_REMEDIES];
	unsigned nremedies;
};

/* Records a fault and returns -1. The first cause wins: a later call on the same err changes
 * nothing. e may be NULL; errno is kept. msgid is printf-like with %s %d %u %ld %lu %lld %llu %zu %% only, static,
 * and at most ERR_ARGS conversions; long arguments are cut at a character boundary. */
int err_set(struct err *e, enum fault fault, const char *msgid, ...)
	__attribute__((format(printf, 3, 4)));
int err_vset(struct err *e, enum fault fault, const char *msgid, va_list ap)
	__attribute__((format(printf, 3, 0)));

int err_vset(struct err *e, enum fault fault, const char *msgid, va_list ap)
	__attribute__((format(printf, 3, 0)));

/* True once a fault was recorded. */
static inline int err_is_set(const struct err *e) { return e && e->fault != FAULT_NONE; }

/* Forgets the fault, for a caller that dealt with it. */
void err_clear(struct err *e);

/* Puts args into msgid's conversions (in order, or %2$s by number) without printf: both may come
 * from a file. Returns a new string. */
char *err_expand(const char *msgid, const char *const *args, unsigned nargs);

/* The English sentence. Returns a new string. */
char *err_text(const struct err *e);

/* The card of a fault, or of an id such as "E-CF-004" (NULL when unknown). Borrowed, static. */
const struct fault_card *fault_card(enum fault fault);
const struct fault_card *fault_card_by_id(const char *id);
