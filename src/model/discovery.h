/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What will work from where, and what a person types into each client: known before installing,
 * from the federation plan and the public HTTPS port. verify measures the same table afterwards. */
#pragma once

#include "model/config.h"

enum discovery_row {
	DISCOVERY_WEB,		  /* Element Web */
	DISCOVERY_X,		  /* Element X (telephones) */
	DISCOVERY_DESKTOP,	  /* Element Desktop */
	DISCOVERY_FEDERATION_IN,  /* messages from other servers */
	DISCOVERY_FEDERATION_OUT, /* messages to other servers */
	DISCOVERY_CALLS,
	DISCOVERY_ADMIN, /* Element Admin; DISCOVERY_NONE when it is switched off */
	DISCOVERY_ROWS
};

enum discovery_column { DISCOVERY_LAN, DISCOVERY_OUTSIDE, DISCOVERY_COLUMNS };

enum discovery_verdict {
	DISCOVERY_YES,
	DISCOVERY_PARTLY, /* under the condition that the note names */
	DISCOVERY_NO,
	DISCOVERY_NONE /* the question makes no sense here */
};

/* Does the router let the LAN reach its own public address? As the fact public.hairpin. */
enum discovery_hairpin { HAIRPIN_UNKNOWN, HAIRPIN_YES, HAIRPIN_NO };

struct discovery_cell {
	enum discovery_verdict verdict;
	const char *note; /* msgid, static, or NULL */
	bool measured;	  /* found out by step verify, else concluded from the answers */
};

struct discovery_line {
	const char *title; /* msgid */
	struct discovery_cell cell[DISCOVERY_COLUMNS];
	const char *type; /* msgid: what to do in the client, one %s for .value; NULL: nothing */
	char *value;	  /* "https://matrix.example.com:8443"; new, or NULL */
};

struct discovery {
	struct discovery_line line[DISCOVERY_ROWS];
	const char *summary; /* msgid: the plan in one or two sentences, without arguments */
	const char *improve; /* msgid: what makes more work, one %s; or NULL */
	char *improve_value; /* "_matrix-fed._tcp.example.com SRV 10 0 8448 matrix.example.com"; or
				NULL */
};

void discovery_done(struct discovery *d);
#define _cleanup_discovery_ __attribute__((cleanup(discovery_done)))

/* A pure function; the answers are valid (config_check()). */
void discovery_plan(const struct config *c, enum discovery_hairpin hairpin, struct discovery *ret);

/* Puts what step verify found in the place of what was concluded: its fact verify.results, an array of
 * {id, ok}; NULL: nothing is known yet. From outside nobody looks but the federation tester, so that
 * most cells of that column stay as they are. True when any cell was measured. */
bool discovery_measure(struct discovery *d, const json_t *results);

/* "yes", "no" or anything else of the fact public.hairpin (NULL: not known yet). */
enum discovery_hairpin discovery_hairpin(const char *fact);
