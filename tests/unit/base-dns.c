/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* base/dns against a small name server in a child process, UDP and TCP. */
#include <arpa/inet.h>
#include <poll.h>
#include <resolv.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/dns.h"
#include "base/mem.h"
#include "base/text.h"
#include "tests/unit/unit.h"

static pid_t server_pid;
static char server[32];

/* --- the name server: what it answers is told by the first label of the question ------------ */

struct reply {
	unsigned char buf[65536];
	size_t len;
	unsigned answers;
};

static void put(struct reply *r, const void *p, size_t n)
{
	memcpy(r->buf + r->len, p, n);
	r->len += n;
}

static void put16(struct reply *r, unsigned v)
{
	put(r, (unsigned char[]){(unsigned char)(v >> 8), (unsigned char)v}, 2);
}

/* One record, owned by the question's name (a pointer to byte 12). */
static void record(struct reply *r, unsigned type, unsigned ttl, const void *data, size_t n)
{
	put16(r, 0xc00c);
	put16(r, type);
	put16(r, 1);
	put16(r, ttl >> 16);
	put16(r, ttl & 0xffff);
	put16(r, (unsigned)n);
	put(r, data, n);
	r->answers++;
}

#define RECORD(r, type, ttl, literal) record(r, type, ttl, literal, sizeof(literal) - 1)

/* Fills in the answer; false: keep silent. */
static bool answer(struct reply *r, const char *label, bool tcp)
{
	if (text_starts(label, "silent"))
		return false;
	if (text_starts(label, "address"))
		RECORD(r, 1, 300, "\xcb\x00\x71\x07");
	if (text_starts(label, "alias")) {
		RECORD(r, 5, 60,
		       "\x06TARGET\x07"
		       "example\x00");
		RECORD(r, 46, 60, "unknown kind of record");
		RECORD(r, 1, 60, "\xcb\x00\x71\x08");
		RECORD(r, 28, 60, "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01");
	}
	if (text_starts(label, "kinds")) {
		RECORD(r, 33, 5,
		       "\x00\x0a\x00\x05\x20\xfb\x06matrix\x07"
		       "example\x00");
		RECORD(r, 33, 5, "\x00\x00\x00\x00\x00\x00\x00"); /* "." */
		RECORD(r, 16, 5, "\x05hello\x07, w\x01\xffld");
		RECORD(r, 257, 5, "\x80\x05issueletsencrypt.org");
		RECORD(r, 2, 5, "\x02ns\xc0\x0c");
		RECORD(r, 6, 5,
		       "\x02ns\x00\x05"
		       "admin\x00\x78\x49\x3a\x81"
		       "0123456789abcdef");
	}
	if (text_starts(label, "truncated") && !tcp)
		r->buf[2] |= 0x02;
	if (text_starts(label, "truncated") && tcp)
		for (int i = 0; i < 100; i++)
			RECORD(r, 16, 5,
			       "\x14"
			       "12345678901234567890");
	if (text_starts(label, "rcode"))
		r->buf[3] = (unsigned char)((r->buf[3] & 0xf0) | (label[5] - '0'));
	if (text_starts(label, "badrr"))
		RECORD(r, 1, 5, "\x01\x02\x03");
	if (text_starts(label, "loop"))
		RECORD(r, 5, 5, "\xc0\x2a"); /* far behind the end, or itself */
	if (text_starts(label, "badtxt"))
		RECORD(r, 16, 5, "\x20too short");
	r->buf[6] = (unsigned char)(r->answers >> 8);
	r->buf[7] = (unsigned char)r->answers;
	if (text_starts(label, "missing")) /* one more than there is */
		r->buf[7]++;
	return true;
}

/* Makes the reply to query; false: none. */
static bool reply_to(const unsigned char *query, size_t n, bool tcp, struct reply *r)
{
	char label[64] = "";
	memcpy(label, query + 13, query[12] & 63);
	*r = (struct reply){.len = 0};
	put(r, query, n);
	r->buf[2] |= 0x80;
	r->buf[3] |= 0x80;
	return answer(r, label, tcp);
}

static void serve_udp(int fd)
{
	static struct reply r;
	unsigned char query[512];
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	ssize_t n = recvfrom(fd, query, sizeof(query), 0, (struct sockaddr *)&from, &len);
	if (n < 17 || !reply_to(query, (size_t)n, false, &r))
		return;
	bool foreign = memcmp(query + 13, "foreign", 7) == 0,
	     garbage = memcmp(query + 13, "garbage", 7) == 0;
	bool other = memcmp(query + 13, "other", 5) == 0;
	for (int i = 0; foreign && i < 3; i++) { /* with a wrong id first, as a forger would */
		r.buf[0]++;
		r.buf[3] |= 3;
		sendto(fd, r.buf, r.len, 0, (struct sockaddr *)&from, len);
		r.buf[3] &= 0xf0;
	}
	r.buf[0] = query[0];
	if (other)
		r.buf[13] = 'x';
	sendto(fd, r.buf, garbage ? 5 : r.len, 0, (struct sockaddr *)&from, len);
}

static void serve_tcp(int listener)
{
	static struct reply r;
	unsigned char head[2], query[512];
	_cleanup_close_ int fd = accept(listener, NULL, NULL);
	if (fd < 0 || recv(fd, head, 2, MSG_WAITALL) != 2)
		return;
	size_t n = (size_t)head[0] << 8 | head[1];
	if (n > sizeof(query) || recv(fd, query, n, MSG_WAITALL) != (ssize_t)n ||
	    !reply_to(query, n, true, &r))
		return;
	head[0] = (unsigned char)(r.len >> 8);
	head[1] = (unsigned char)r.len;
	send(fd, head, 1, 0); /* in pieces: the reader must put them together */
	send(fd, head + 1, 1, 0);
	send(fd, r.buf, r.len / 2, 0);
	send(fd, r.buf + r.len / 2, r.len - r.len / 2, 0);
}

static _Noreturn void serve(int udp, int tcp)
{
	for (;;) {
		struct pollfd p[] = {{.fd = udp, .events = POLLIN}, {.fd = tcp, .events = POLLIN}};
		poll(p, 2, -1);
		if (p[0].revents)
			serve_udp(udp);
		if (p[1].revents)
			serve_tcp(tcp);
	}
}

static void setup(void)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(sa);
	int udp = -1, tcp = -1;
	/* The same port for both; another process may have taken one of them. */
	for (int tries = 0; tries < 20; tries++) {
		sa.sin_port = 0;
		udp = socket(AF_INET, SOCK_DGRAM, 0);
		tcp = socket(AF_INET, SOCK_STREAM, 0);
		ck_assert_int_eq(bind(udp, (struct sockaddr *)&sa, len), 0);
		ck_assert_int_eq(getsockname(udp, (struct sockaddr *)&sa, &len), 0);
		if (bind(tcp, (struct sockaddr *)&sa, len) == 0 && listen(tcp, 5) == 0)
			break;
		close(udp);
		close(tcp);
	}
	snprintf(server, sizeof(server), "127.0.0.1:%u", ntohs(sa.sin_port));
	server_pid = fork();
	if (server_pid == 0)
		serve(udp, tcp);
	close(udp);
	close(tcp);
}

static void teardown(void)
{
	kill(server_pid, SIGKILL);
	waitpid(server_pid, NULL, 0);
}

/* --- tests ------------------------------------------------------------------------------------ */

/* "TYPE ttl name data" of each record, one a line. */
static char *shown(const struct dns_answer *a)
{
	char *s = xstrdup("");
	for (size_t i = 0; i < a->n; i++) {
		const struct dns_record *r = &a->records[i];
		char *more = xasprintf("%s%s %u %s %s\n", s, dns_type_name(r->type), r->ttl,
				       r->name, r->data);
		free(s);
		s = more;
	}
	return s;
}

static const struct {
	const char *name;
	enum dns_type type;
	int rcode;
	const char *want;
} answers[] = {
    {"address.Example", DNS_A, DNS_OK, "A 300 address.example 203.0.113.7\n"},
    {"address.example.", DNS_A, DNS_OK, "A 300 address.example 203.0.113.7\n"},
    {"nothing.example", DNS_A, DNS_OK, ""},
    {"rcode2.example", DNS_A, DNS_SERVFAIL, ""},
    {"rcode3.example", DNS_TXT, DNS_NXDOMAIN, ""},
    {"rcode5.example", DNS_CAA, DNS_REFUSED, ""},
    {"foreign.example", DNS_A, DNS_OK, ""},
    {"alias.example", DNS_AAAA, DNS_OK,
     "CNAME 60 alias.example target.example\nA 60 alias.example 203.0.113.8\nAAAA 60 alias.example "
     "2001:db8::1\n"},
    {"kinds.example", DNS_SRV, DNS_OK,
     "SRV 5 kinds.example 10 5 8443 matrix.example\nSRV 5 kinds.example 0 0 0 .\n"
     "TXT 5 kinds.example hello, w?\xef\xbf\xbdld\nCAA 5 kinds.example 128 issue letsencrypt.org\n"
     "NS 5 kinds.example ns.kinds.example\nSOA 5 kinds.example ns admin 2018065025\n"},
};

START_TEST(answered)
{
	struct err e = ERR_INIT;
	_cleanup_dns_ struct dns_answer a;
	int r = dns_query(server, answers[_i].name, answers[_i].type, &a, &e);
	_cleanup_free_ char *text = err_text(&e);
	ck_assert_msg(r == 0, "%s", text);
	ck_assert_int_eq(a.rcode, answers[_i].rcode);
	_cleanup_free_ char *s = shown(&a);
	ck_assert_str_eq(s, answers[_i].want);
}
END_TEST

START_TEST(first_of_a_type)
{
	_cleanup_dns_ struct dns_answer a;
	ck_assert_int_eq(dns_query(server, "alias.example", DNS_A, &a, NULL), 0);
	ck_assert_str_eq(dns_first(&a, DNS_A)->data, "203.0.113.8");
	ck_assert_ptr_null(dns_first(&a, DNS_TXT));
}
END_TEST

START_TEST(truncated_goes_on_by_tcp)
{
	_cleanup_dns_ struct dns_answer a;
	ck_assert_int_eq(dns_query(server, "truncated.example", DNS_TXT, &a, NULL), 0);
	ck_assert_uint_eq(a.n, 100);
	ck_assert_str_eq(a.records[99].data, "12345678901234567890");
}
END_TEST

static const char *const broken[] = {"garbage.example", "badrr.example", "badtxt.example",
				     "missing.example", "other.example", "loop.example"};

START_TEST(broken_answers)
{
	struct err e = ERR_INIT;
	_cleanup_dns_ struct dns_answer a;
	ck_assert_int_eq(dns_query(server, broken[_i], DNS_A, &a, &e), -1);
	ck_assert_int_eq(e.fault, FAULT_DNS_BAD);
	ck_assert_uint_eq(a.n, 0);
}
END_TEST

START_TEST(bad_questions)
{
	static const char *const names[] = {
	    "a..b",
	    "0123456789012345678901234567890123456789012345678901234567890123.example",
	};
	static const char *const servers[] = {
	    "", "name.example", "1.2.3.4:", "1.2.3.4:0", "1.2.3.4:65536", "::1"};
	for (size_t i = 0; i < ARRAY_LEN(names) + ARRAY_LEN(servers); i++) {
		struct err e = ERR_INIT;
		_cleanup_dns_ struct dns_answer a;
		bool bad_name = i < ARRAY_LEN(names);
		const char *where = bad_name ? server : servers[i - ARRAY_LEN(names)];
		ck_assert_int_eq(dns_query(where, bad_name ? names[i] : "a.example", DNS_A, &a, &e),
				 -1);
		ck_assert_int_eq(e.fault, FAULT_DNS_BAD);
	}
}
END_TEST

START_TEST(nobody_answers)
{
	struct err e = ERR_INIT;
	_cleanup_dns_ struct dns_answer a;
	long begin = clock_ms();
	ck_assert_int_eq(dns_query(server, "silent.example", DNS_A, &a, &e), -1);
	ck_assert_int_eq(e.fault, FAULT_DNS_TIMEOUT);
	ck_assert_int_ge(clock_ms() - begin, 5900);
	ck_assert_int_lt(clock_ms() - begin, 12000);
}
END_TEST

START_TEST(closed_port_is_told_at_once)
{
	struct err e = ERR_INIT;
	_cleanup_dns_ struct dns_answer a;
	kill(server_pid, SIGKILL);
	waitpid(server_pid, NULL, 0);
	long begin = clock_ms();
	ck_assert_int_eq(dns_query(server, "address.example", DNS_A, &a, &e), -1);
	ck_assert_int_eq(e.fault, FAULT_DNS_TIMEOUT);
	ck_assert_int_lt(clock_ms() - begin, 2000);
	server_pid = fork(); /* something for teardown to end */
	if (server_pid == 0)
		for (;;)
			pause();
}
END_TEST

START_TEST(own_resolver_is_left_alone)
{
	struct __res_state before;
	_cleanup_dns_ struct dns_answer a;
	ck_assert_int_eq(res_init(), 0);
	memcpy(&before, &_res, sizeof(before));
	ck_assert_int_eq(dns_query(server, "address.example", DNS_A, &a, NULL), 0);
	ck_assert_mem_eq(&before.nsaddr_list, &_res.nsaddr_list, sizeof(before.nsaddr_list));
	ck_assert_uint_eq(before.options, _res.options);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("dns");
	TCase *t = tcase_create("dns");
	tcase_set_timeout(t, 30);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, answered, 0, ARRAY_LEN(answers));
	tcase_add_test(t, first_of_a_type);
	tcase_add_test(t, truncated_goes_on_by_tcp);
	tcase_add_loop_test(t, broken_answers, 0, ARRAY_LEN(broken));
	tcase_add_test(t, bad_questions);
	tcase_add_test(t, nobody_answers);
	tcase_add_test(t, closed_port_is_told_at_once);
	tcase_add_test(t, own_resolver_is_left_alone);
	suite_add_tcase(s, t);
	return unit_run(s);
}
