/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The public IPv4 address as DNS shows it, asked at several resolvers and judged. */
#pragma once

#include "steps/step.h"

enum address_kind {
	ADDRESS_SILENT,	  /* nobody answered, or no DNS */
	ADDRESS_REFUSED,  /* SERVFAIL, REFUSED and the like */
	ADDRESS_MISSING,  /* no such name */
	ADDRESS_EMPTY,	  /* the name is there but has no A record */
	ADDRESS_DANGLING, /* an alias that leads to no address */
	ADDRESS_FOUND
};

/* What one resolver said. */
struct address_seen {
	const char *server;
	enum address_kind kind;
	char **addresses; /* each once; new */
	char *alias;	  /* target of a CNAME; new or NULL */
	int rcode;
	char *lie;	  /* address given for a name that cannot exist; new or NULL */
};

/* Asks every resolver of the list; *ret new array of the list's length. -1 only when cancelled. */
int address_ask(struct step_ctx *c, const json_t *resolvers, const char *name,
		struct address_seen **ret, struct err *e);
void address_free(struct address_seen *v, size_t n);

/* The one address that all who answered agree on, new; NULL with FAULT_IP_*. Pure. */
char *address_judge(const struct address_seen *v, size_t n, const char *name, struct err *e);

/* A machine that has a public address of its own: DNS must show that one, FAULT_IP_STALE. Pure. */
int address_compare(const char *own, const char *shown, struct err *e);

/* Fails unless it is an address that can be reached from the Internet. Pure. */
int address_is_public(const char *address, const char *where, struct err *e);
