/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The page that remains: what runs where, what the router must do, what people type. Pure. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

/* All borrowed; NULL where nothing is known. */
struct handover {
	const char *server_name, *synapse, *auth, *rtc, *web;
	const char *admin;              /* NULL: off */
	long http, https, federation;   /* public ports */
	long node_http, node_https, node_federation;
	long rtc_tcp, rtc_udp;
	const char *udp_range;          /* NULL: the one muxed port rtc_udp */
	const char *plan;               /* federation.plan: apex, srv, none */
	const char *registration;       /* invite, open, closed */
	const char *machine;            /* LAN address */
	const char *hairpin;            /* yes, no, unknown */
	const char *username;
	bool existed;                   /* the account was there before: its password is not stored */
	bool by_argument;               /* its password was handed over as an argument */
	bool staging;
	const json_t *warnings;         /* of verify: array of sentences */
};

/* In English and Chinese, one after the other. New. */
char *handover_text(const struct handover *h);
