/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What the finished server is asked, and what it must answer. Pure: the verify step asks. */
#pragma once

#include "base/http.h"

/* All borrowed. */
struct probe_names {
	const char *server_name, *synapse, *auth, *rtc, *web;
	const char *admin;            /* NULL: off */
	long https, federation;       /* public ports */
	const char *plan;             /* federation.plan */
};

struct probe {
	const char *id;               /* "auth-metadata": in results and logs */
	const char *title;            /* N_(): what is asked */
	enum probe_host { AT_SERVER_NAME, AT_SYNAPSE, AT_AUTH, AT_RTC, AT_WEB, AT_ADMIN } at;
	const char *path;             /* "%s" in it: the server name */
	bool federation_port;         /* on the federation port instead of the HTTPS one */
	bool federation;              /* only where other servers come to that port (plan srv) */
	enum fault fault;             /* when the answer is wrong */
	/* NULL when the answer is right, else what is wrong with it (new). A wrong address inside is
	 * told by *ret_port. */
	char *(*judge)(const struct probe_names *n, const struct http_response *r, bool *ret_port);
};

/* In the order in which they are asked; ends with id NULL. */
extern const struct probe probes[];

/* False: not for this configuration (Element Admin is off, no federation). */
bool probe_applies(const struct probe *p, const struct probe_names *n);

/* Its URL. New. */
char *probe_url(const struct probe *p, const struct probe_names *n);

/* Judges an answer: 0, or -1 with FAULT_VERIFY_PORT or the probe's own fault, URL and observed value. */
int probe_judge(const struct probe *p, const struct probe_names *n, const struct http_response *r, struct err *e);

/* The first URL in a text that has one of our hosts and not the public port, new; NULL: none. */
char *probe_wrong_url(const struct probe_names *n, const char *text);
