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
 * truncated or when UDP is not answered, then UDP again, 3 s each. 0 with any rcode (no records is DNS_OK with n = 0); -1 when nobody
 * answered (FAULT_DNS_TIMEOUT) or the answer is no DNS (FAULT_DNS_BAD). */
int dns_query(const char *server, const char *name, enum dns_type type, struct dns_answer *ret, struct err *e);

/* For another way of asking (DNS over HTTPS, RFC 8484): the question as it goes over the wire, with id 0
 * as that wants it, new; NULL with FAULT_DNS_BAD. And an answer of a server read as dns_query does. */
unsigned char *dns_question(const char *name, enum dns_type type, size_t *ret_len, struct err *e);
int dns_read(const char *server, const void *buf, size_t len, const char *name, enum dns_type type,
	     struct dns_answer *ret, struct err *e);

/* "SERVFAIL", "REFUSED", ... or "code 9". New. */
char *dns_rcode_name(int rcode);

void dns_answer_done(struct dns_answer *a);
#define _cleanup_dns_ __attribute__((cleanup(dns_answer_done)))

/* The first record of a type, borrowed, or NULL. */
const struct dns_record *dns_first(const struct dns_answer *a, enum dns_type type);

const char *dns_type_name(enum dns_type type);
