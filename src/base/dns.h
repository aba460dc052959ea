/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* DNS questions to a chosen server: what the world sees, not what this machine's own resolver makes
 * of it. glibc's library builds and reads the messages; the sending is ours, because res_nsend()
 * takes SERVFAIL and REFUSED for silence. */
#pragma once

#include <stddef.h>

#include "base/err.h"

enum dns_type { DNS_A, DNS_NS, DNS_CNAME, DNS_SOA, DNS_TXT, DNS_AAAA, DNS_SRV, DNS_CAA };

struct dns_record {
	enum dns_type type;
	unsigned ttl;     /* seconds */
	char *name;       /* owner, lower case, no trailing dot */
	char *data;       /* A, AAAA: address; NS, CNAME: name; TXT: joined text; SRV: "prio weight port
			     target"; SOA: "mname rname serial"; CAA: "flags tag value" */
};

enum dns_rcode { DNS_OK = 0, DNS_SERVFAIL = 2, DNS_NXDOMAIN = 3, DNS_REFUSED = 5 };

struct dns_answer {
	int rcode;                 /* enum dns_rcode or any other of the protocol */
	struct dns_record *records; /* the answer section, CNAMEs included, in its order */
	size_t n;
};

/* Asks server ("8.8.8.8" or "127.0.0.1:5353") for name, recursion desired, UDP with TCP when
 * truncated, two tries of 3 s. 0 with any rcode (no records is DNS_OK with n = 0); -1 when nobody
 * answered (FAULT_DNS_TIMEOUT) or the answer is no DNS (FAULT_DNS_BAD). */
int dns_query(const char *server, const char *name, enum dns_type type, struct dns_answer *ret, struct err *e);
void dns_answer_done(struct dns_answer *a);
#define _cleanup_dns_ __attribute__((cleanup(dns_answer_done)))

/* The first record of a type, borrowed, or NULL. */
const struct dns_record *dns_first(const struct dns_answer *a, enum dns_type type);

const char *dns_type_name(enum dns_type type);
