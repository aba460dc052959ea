/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* DNS questions to a chosen server. */
#include "base/dns.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <ctype.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <resolv.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/net.h"
#include "base/text.h"

#define TIMEOUT_MS 3000
#define DNS_PORT 53

static const struct {
	const char *name;
	ns_type wire;
} types[] = {
    [DNS_A] = {"A", ns_t_a},
    [DNS_NS] = {"NS", ns_t_ns},
    [DNS_CNAME] = {"CNAME", ns_t_cname},
    [DNS_SOA] = {"SOA", ns_t_soa},
    [DNS_TXT] = {"TXT", ns_t_txt},
    [DNS_AAAA] = {"AAAA", ns_t_aaaa},
    [DNS_SRV] = {"SRV", ns_t_srv},
    [DNS_CAA] = {"CAA", ns_t_caa},
};

const char *dns_type_name(enum dns_type type)
{
	return types[type].name;
}

/* --- asking ----------------------------------------------------------------------------------- */

struct message {
	unsigned char buf[NS_MAXMSG];
	size_t len;
};

/* "ADDRESS" or "ADDRESS:PORT". */
static bool parse_server(const char *server, struct sockaddr_in *sa)
{
	const char *colon = strchrnul(server, ':');
	_cleanup_free_ char *addr = xstrndup(server, (size_t)(colon - server));
	uint32_t ip;
	long port = DNS_PORT;
	if (!net_parse_ipv4(addr, &ip) || (*colon && !text_to_long(colon + 1, 1, 65535, &port)))
		return false;
	*sa = (struct sockaddr_in){
	    .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(ip)};
	return true;
}

/* Recursion desired, a random id. */
static bool make_query(const char *name, enum dns_type type, struct message *q)
{
	struct __res_state rs;
	memset(&rs, 0, sizeof(rs));
	if (res_ninit(&rs) < 0)
		return false;
	rs.options = (rs.options & RES_INIT) | RES_RECURSE; /* not what resolv.conf asks for */
	int n = res_nmkquery(&rs, ns_o_query, name, ns_c_in, types[type].wire, NULL, 0, NULL,
			     q->buf, sizeof(q->buf));
	res_nclose(&rs);
	q->len = n > 0 ? (size_t)n : 0;
	return n > 0;
}

static bool wait_for(int fd, short events, long deadline)
{
	struct pollfd p = {.fd = fd, .events = events};
	for (;;) {
		long left = deadline - clock_ms();
		int n = left > 0 ? poll(&p, 1, (int)left) : 0;
		if (n >= 0 || errno != EINTR)
			return n > 0;
	}
}

/* An answer with our id; one that is too short to have any is left to the parser to refuse. */
static bool is_ours(const struct message *q, const struct message *a)
{
	return a->len < NS_HFIXEDSZ || memcmp(q->buf, a->buf, 2) == 0;
}

static bool ask_udp(const struct sockaddr_in *sa, const struct message *q, struct message *a)
{
	long deadline = clock_ms() + TIMEOUT_MS;
	/* Connected: the kernel drops packets of others and tells of a closed port. */
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)sa, sizeof(*sa)) < 0 ||
	    send(fd, q->buf, q->len, 0) < 0)
		return false;
	while (wait_for(fd, POLLIN, deadline)) {
		ssize_t n = recv(fd, a->buf, sizeof(a->buf), 0);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			return false;
		a->len = n > 0 ? (size_t)n : 0;
		if (n >= 0 && is_ours(q, a))
			return true;
	}
	return false;
}

/* Sends or receives exactly len bytes. */
static bool transfer(int fd, unsigned char *buf, size_t len, bool sending, long deadline)
{
	while (len > 0) {
		if (!wait_for(fd, sending ? POLLOUT : POLLIN, deadline))
			return false;
		ssize_t n = sending ? send(fd, buf, len, MSG_NOSIGNAL) : recv(fd, buf, len, 0);
		if (n < 0 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (n <= 0)
			return false;
		buf += n;
		len -= (size_t)n;
	}
	return true;
}

/* RFC 1035, 4.2.2: the message behind its length in two bytes. */
static bool ask_tcp(const struct sockaddr_in *sa, const struct message *q, struct message *a)
{
	long deadline = clock_ms() + TIMEOUT_MS;
	unsigned char head[2] = {(unsigned char)(q->len >> 8), (unsigned char)q->len};
	_cleanup_free_ unsigned char *out = xcalloc(q->len + 2, 1);
	memcpy(out, head, 2);
	memcpy(out + 2, q->buf, q->len);
	_cleanup_close_ int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return false;
	if (connect(fd, (const struct sockaddr *)sa, sizeof(*sa)) < 0 && errno != EINPROGRESS)
		return false;
	if (!transfer(fd, out, q->len + 2, true, deadline) ||
	    !transfer(fd, head, 2, false, deadline))
		return false;
	a->len = (size_t)head[0] << 8 | head[1];
	return transfer(fd, a->buf, a->len, false, deadline) && is_ours(q, a);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Lower case, no dot at the end (but for the root). Takes nothing, new. */
static char *tidy_name(const char *name)
{
	char *s = xstrdup(name);
	size_t n = strlen(s);
	if (n > 1 && s[n - 1] == '.' && s[n - 2] != '\\')
		s[n - 1] = '\0';
	for (char *p = s; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	return s;
}

/* The name at *p, which moves behind it; new, or NULL. */
static char *read_name(ns_msg *msg, const unsigned char **p)
{
	char buf[NS_MAXDNAME];
	int n = ns_name_uncompress(ns_msg_base(*msg), ns_msg_end(*msg), *p, buf, sizeof(buf));
	if (n < 0)
		return NULL;
	*p += n;
	return tidy_name(*buf ? buf : ".");
}

static char *read_soa(ns_msg *msg, const unsigned char *p, const unsigned char *end)
{
	_cleanup_free_ char *mname = read_name(msg, &p);
	_cleanup_free_ char *rname = mname ? read_name(msg, &p) : NULL;
	return rname && end - p >= 20 ? xasprintf("%s %s %lu", mname, rname, ns_get32(p)) : NULL;
}

static char *read_srv(ns_msg *msg, const unsigned char *p, const unsigned char *end)
{
	if (end - p < 7)
		return NULL;
	unsigned prio = ns_get16(p), weight = ns_get16(p + 2), port = ns_get16(p + 4);
	p += 6;
	_cleanup_free_ char *target = read_name(msg, &p);
	return target ? xasprintf("%u %u %u %s", prio, weight, port, target) : NULL;
}

static char *read_caa(const unsigned char *p, const unsigned char *end)
{
	if (end - p < 2 || end - p - 2 < p[1])
		return NULL;
	const unsigned char *tag = p + 2, *value = tag + p[1];
	_cleanup_free_ char *t = text_clean((const char *)tag, p[1]);
	_cleanup_free_ char *v = text_clean((const char *)value, (size_t)(end - value));
	return xasprintf("%u %s %s", p[0], t, v);
}

static char *read_txt(const unsigned char *p, const unsigned char *end)
{
	_cleanup_free_ char *joined = xcalloc((size_t)(end - p) + 1, 1);
	size_t len = 0;
	while (p < end) {
		size_t n = *p++;
		if (n > (size_t)(end - p))
			return NULL;
		memcpy(joined + len, p, n);
		len += n;
		p += n;
	}
	return text_clean(joined, len);
}

static char *read_address(const unsigned char *p, size_t len, int family)
{
	char buf[INET6_ADDRSTRLEN];
	if (len != (family == AF_INET ? 4 : 16) || !inet_ntop(family, p, buf, sizeof(buf)))
		return NULL;
	return xstrdup(buf);
}

static char *read_data(ns_msg *msg, ns_rr *rr, enum dns_type type)
{
	const unsigned char *p = ns_rr_rdata(*rr), *end = p + ns_rr_rdlen(*rr);
	switch (type) {
	case DNS_A:
		return read_address(p, ns_rr_rdlen(*rr), AF_INET);
	case DNS_AAAA:
		return read_address(p, ns_rr_rdlen(*rr), AF_INET6);
	case DNS_NS:
	case DNS_CNAME:
		return read_name(msg, &p);
	case DNS_SOA:
		return read_soa(msg, p, end);
	case DNS_TXT:
		return read_txt(p, end);
	case DNS_SRV:
		return read_srv(msg, p, end);
	case DNS_CAA:
		return read_caa(p, end);
	}
	return NULL;
}

/* Does the answer repeat the question? A server that refuses may leave it out. */
static bool repeats_question(ns_msg *msg, const char *name, enum dns_type type)
{
	ns_rr rr;
	if (ns_msg_count(*msg, ns_s_qd) == 0)
		return ns_msg_getflag(*msg, ns_f_rcode) != ns_r_noerror;
	if (ns_parserr(msg, ns_s_qd, 0, &rr) < 0)
		return false;
	_cleanup_free_ char *asked = tidy_name(name);
	_cleanup_free_ char *repeated = tidy_name(*ns_rr_name(rr) ? ns_rr_name(rr) : ".");
	return strcmp(asked, repeated) == 0 && ns_rr_type(rr) == types[type].wire;
}

static bool read_record(ns_msg *msg, int i, struct dns_answer *ret)
{
	ns_rr rr;
	if (ns_parserr(msg, ns_s_an, i, &rr) < 0)
		return false;
	for (size_t t = 0; t < ARRAY_LEN(types); t++) {
		if (ns_rr_type(rr) != types[t].wire || ns_rr_class(rr) != ns_c_in)
			continue;
		char *data = read_data(msg, &rr, (enum dns_type)t);
		if (!data)
			return false;
		ret->records = xreallocarray(ret->records, ret->n + 1, sizeof(*ret->records));
		ret->records[ret->n++] = (struct dns_record){
		    .type = (enum dns_type)t,
		    .ttl = (unsigned)ns_rr_ttl(rr),
		    .name = tidy_name(*ns_rr_name(rr) ? ns_rr_name(rr) : "."),
		    .data = data,
		};
	}
	return true; /* other types (RRSIG, ...) are passed over */
}

static bool read_answer(const struct message *a, const char *name, enum dns_type type,
			struct dns_answer *ret)
{
	ns_msg msg;
	if (ns_initparse(a->buf, (int)a->len, &msg) < 0 || !ns_msg_getflag(msg, ns_f_qr) ||
	    !repeats_question(&msg, name, type))
		return false;
	ret->rcode = ns_msg_getflag(msg, ns_f_rcode);
	for (int i = 0; i < ns_msg_count(msg, ns_s_an); i++)
		if (!read_record(&msg, i, ret))
			return false;
	return true;
}

static bool is_truncated(const struct message *a)
{
	return a->len >= NS_HFIXEDSZ && (a->buf[2] & 0x02);
}

int dns_query(const char *server, const char *name, enum dns_type type, struct dns_answer *ret,
	      struct err *e)
{
	struct sockaddr_in sa;
	memset(ret, 0, sizeof(*ret));
	if (!parse_server(server, &sa))
		return err_set(e, FAULT_DNS_BAD, N_("%s is not the address of a name server"),
			       server);
	_cleanup_free_ struct message *q = xcalloc(1, sizeof(*q)), *a = xcalloc(1, sizeof(*a));
	if (!make_query(name, type, q))
		return err_set(e, FAULT_DNS_BAD, N_("%s cannot be a name in DNS"), name);
	bool ok = ask_udp(&sa, q, a);
	/* Some networks let no UDP to port 53 out, and some servers speak TCP only. */
	if (!ok || is_truncated(a))
		ok = ask_tcp(&sa, q, a);
	if (!ok)
		ok = ask_udp(&sa, q, a) && !is_truncated(a);
	if (!ok)
		return err_set(e, FAULT_DNS_TIMEOUT,
			       N_("The name server %s gave no answer about %s (%s)"), server, name,
			       types[type].name);
	return dns_read(server, a->buf, a->len, name, type, ret, e);
}

unsigned char *dns_question(const char *name, enum dns_type type, size_t *ret_len, struct err *e)
{
	_cleanup_free_ struct message *q = xcalloc(1, sizeof(*q));
	if (!make_query(name, type, q)) {
		err_set(e, FAULT_DNS_BAD, N_("%s cannot be a name in DNS"), name);
		return NULL;
	}
	unsigned char *out = xcalloc(q->len, 1);
	memcpy(out + 2, q->buf + 2, q->len - 2);
	*ret_len = q->len;
	return out;
}

int dns_read(const char *server, const void *buf, size_t len, const char *name, enum dns_type type,
	     struct dns_answer *ret, struct err *e)
{
	_cleanup_free_ struct message *a = xcalloc(1, sizeof(*a));
	memset(ret, 0, sizeof(*ret));
	a->len = len;
	if (len <= sizeof(a->buf)) {
		memcpy(a->buf, buf, len);
		if (read_answer(a, name, type, ret))
			return 0;
	}
	dns_answer_done(ret);
	return err_set(e, FAULT_DNS_BAD,
		       N_("The name server %s gave a broken answer about %s (%s)"), server, name,
		       types[type].name);
}

char *dns_rcode_name(int rcode)
{
	static const char *const names[] = { "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED" };
	if (rcode >= 0 && (size_t)rcode < ARRAY_LEN(names))
		return xstrdup(names[rcode]);
	return xasprintf("code %d", rcode);
}

void dns_answer_done(struct dns_answer *a)
{
	for (size_t i = 0; i < a->n; i++) {
		free(a->records[i].name);
		free(a->records[i].data);
	}
	free(a->records);
	*a = (struct dns_answer){0};
}

const struct dns_record *dns_first(const struct dns_answer *a, enum dns_type type)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->records[i].type == type)
			return &a->records[i];
	return NULL;
}
