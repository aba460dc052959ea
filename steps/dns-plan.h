/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Which DNS records there must be, and what is wrong with those that there are. Pure. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

enum dns_role {
	DNS_HOST,    /* leads to the public address; may be proxied where the port allows it */
	DNS_RTC,     /* leads to the public address, never proxied */
	DNS_ADDRESS, /* ip.: kept by someone else, never proxied; need not be in this zone */
	DNS_ANY,     /* the apex behind Cloudflare's proxy: anything that answers */
	DNS_SERVICE  /* SRV for federation */
};

struct dns_want {
	enum dns_role role;
	char *name;
	char *content; /* address, or the target of DNS_SERVICE */
	unsigned port; /* DNS_SERVICE */
};

enum dns_verdict {
	DNS_RIGHT,
	DNS_CREATE,    /* nothing is there: make .change */
	DNS_CHANGE,    /* patch record .id with .change */
	DNS_UNPROXY,   /* only the proxy is wrong: patch .id */
	DNS_IN_THE_WAY /* something that only its owner may remove */
};

struct dns_finding {
	enum dns_verdict verdict;
	const char *id; /* borrowed from the records */
	json_t *change; /* what to POST or PATCH; new or NULL */
	char *text;	/* for people: "matrix.example.com A 203.0.113.7"; new, NULL when right */
};
void dns_finding_done(struct dns_finding *f);

/* records: all of the zone; aliases: names (NULL-terminated) that a CNAME may lead to; https: the
 * public port, which decides whether the proxy may stand in front. */
void dns_compare(const json_t *records, const struct dns_want *w, const char *const *aliases,
		 unsigned https, struct dns_finding *ret);

/* "matrix.example.com AAAA 2001:db8::1": an IPv6 address that visitors try although only IPv4 is served
 * here. New or NULL. */
char *dns_ipv6(const json_t *records, const struct dns_want *w);

/* "_acme-challenge.matrix.example.com CNAME elsewhere": what keeps the proof from being written there. New
 * or NULL. */
char *dns_proof_alias(const json_t *records, const struct dns_want *w);

/* True for the HTTPS ports that Cloudflare's proxy serves. */
bool dns_proxy_serves(unsigned port);
