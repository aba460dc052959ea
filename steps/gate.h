/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The gate: reads a finished manifest (or the objects of the live cluster as a List) and names
 * every place at which the public port or the names would be wrong. It changes nothing. */
#pragma once

#include <stddef.h>

#include "base/err.h"

struct gate_names {
	const char *server_name, *synapse, *auth, *rtc, *web;
	const char *admin;   /* NULL: switched off */
	unsigned https_port; /* public */
};

enum gate_rule {
	GATE_HOST_PORT,	  /* an Ingress host carries a port */
	GATE_URL_PORT,	  /* one of our URLs has no port, another one, two, or 443 */
	GATE_SERVER,	  /* m.server is not host:port */
	GATE_PLACEHOLDER, /* a placeholder where one of our names must stand */
	GATE_EXAMPLE,	  /* a reserved example name there (RFC 2606, RFC 6761) */
	GATE_FOREIGN,	  /* any other name there */
	GATE_OTHER,	  /* one of our names, but not the one that belongs there */
	GATE_UNREADABLE,  /* the place is there, what stands in it is not understood */
	GATE_MISSING	  /* no Ingress, no m.server */
};

struct gate_offence {
	enum gate_rule rule;
	char *object;	    /* "ConfigMap/ess-synapse" */
	char *field;	    /* "data.server > m.server": behind ">" within the text of the field */
	char *text;	    /* what stands there; GATE_HIDDEN in a Secret */
	const char *reason; /* msgid, static: a whole sentence */
};

struct gate_report {
	struct gate_offence *v;
	size_t n;
};
void gate_report_done(struct gate_report *r);
#define _cleanup_gate_report_ __attribute__((cleanup(gate_report_done)))

/* In place of what must not be told: the contents of a Secret (its field ends at the entry of its data
 * then), and the password of an address. As redact_text() writes it. */
#define GATE_HIDDEN "[secret]"

/* 0 when all is right. -1 with FAULT_RENDER_GATE when not (all offences are in the report then), or
 * with the fault of manifest_parse(). *ret must be freed in any case. */
int gate_check(const char *manifest, size_t len, const struct gate_names *names,
	       struct gate_report *ret, struct err *e);

/* The same for a file of the user's own values: addresses with one of our names must carry the port
 * wherever they stand in it. file is its name for the report. FAULT_EXTRA_VALUES. */
int gate_check_values(const char *file, const char *text, size_t len, const struct gate_names *names,
		      struct gate_report *ret, struct err *e);
