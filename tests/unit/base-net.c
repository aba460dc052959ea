/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* base/net: addresses, their kinds, the connection map, connecting. */
#include <arpa/inet.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/net.h"
#include "tests/unit/unit.h"

START_TEST(addresses)
{
	static const char *const bad[] = {
	    "",		"1.2.3",   "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.04", "1.2.3.4 ",
	    " 1.2.3.4", "a.b.c.d", "1.2.3.-4",	"0x1.2.3.4", "1..3.4",	 "::1"};
	uint32_t ip;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(!net_parse_ipv4(bad[i], &ip), "%s", bad[i]);
	ck_assert(net_parse_ipv4("10.0.200.3", &ip) && ip == 0x0a00c803);
	ck_assert(net_parse_ipv4("0.0.0.0", &ip) && ip == 0);
}
END_TEST

START_TEST(cidrs)
{
	static const char *const bad[] = {"",		"10.0.0.0",    "10.0.0.0/",   "10.0.0.0/33",
					  "10.0.0.1/8", "10.0.0.0/-1", "10.0.0.0/08", "/8",
					  "10.0.0/8",	"10.0.0.0/8/8"};
	uint32_t base;
	unsigned bits;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		ck_assert_msg(!net_parse_cidr(bad[i], &base, &bits), "%s", bad[i]);
	ck_assert(net_parse_cidr("10.42.0.0/16", &base, &bits) && base == 0x0a2a0000 && bits == 16);
	ck_assert(net_parse_cidr("0.0.0.0/0", &base, &bits) && bits == 0);
	ck_assert(net_in_cidr(0x0a2affff, 0x0a2a0000, 16) &&
		  !net_in_cidr(0x0a2b0000, 0x0a2a0000, 16));
	ck_assert(net_in_cidr(0xffffffff, 0, 0));
	ck_assert(net_cidr_overlap("10.0.0.0/8", "10.42.0.0/16") &&
		  net_cidr_overlap("10.42.0.0/16", "10.0.0.0/8"));
	ck_assert(!net_cidr_overlap("10.42.0.0/16", "10.43.0.0/16") &&
		  !net_cidr_overlap("x", "10.0.0.0/8"));
}
END_TEST

static const struct {
	const char *addr;
	enum net_kind kind;
} kinds[] = {
    {"8.8.8.8", NET_PUBLIC},	     {"9.255.255.255", NET_PUBLIC},
    {"10.0.0.0", NET_PRIVATE},	     {"10.255.255.255", NET_PRIVATE},
    {"11.0.0.0", NET_PUBLIC},	     {"100.63.255.255", NET_PUBLIC},
    {"100.64.0.0", NET_CGNAT},	     {"100.127.255.255", NET_CGNAT},
    {"100.128.0.0", NET_PUBLIC},     {"127.0.0.1", NET_LOOPBACK},
    {"169.254.9.9", NET_LINK_LOCAL}, {"172.15.255.255", NET_PUBLIC},
    {"172.16.0.0", NET_PRIVATE},     {"172.31.255.255", NET_PRIVATE},
    {"172.32.0.0", NET_PUBLIC},	     {"192.168.1.1", NET_PRIVATE},
    {"192.169.0.0", NET_PUBLIC},     {"0.0.0.0", NET_RESERVED},
    {"192.0.2.1", NET_RESERVED},     {"198.18.0.1", NET_RESERVED},
    {"198.20.0.0", NET_PUBLIC},	     {"203.0.113.7", NET_RESERVED},
    {"224.0.0.1", NET_RESERVED},     {"255.255.255.255", NET_RESERVED},
};

START_TEST(classify)
{
	uint32_t ip;
	ck_assert(net_parse_ipv4(kinds[_i].addr, &ip));
	ck_assert_msg(net_classify(ip) == kinds[_i].kind, "%s", kinds[_i].addr);
}
END_TEST

START_TEST(map)
{
	static const char *const rules[] = {
	    "a.example:443:127.0.0.1:1443", "b.example::10.0.0.1:", ":8448::9448", "bad",
	    "c.example:x:1.1.1.1:1",	    "c.example:1:2:3:4",    NULL};
	static const struct {
		const char *host;
		unsigned port;
		const char *to;
		unsigned to_port;
	} cases[] = {
	    {"a.example", 443, "127.0.0.1", 1443},  {"A.Example", 443, "127.0.0.1", 1443},
	    {"a.example", 80, "a.example", 80},	    {"b.example", 5, "10.0.0.1", 5},
	    {"z.example", 8448, "z.example", 9448}, {"c.example", 1, "c.example", 1},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		_cleanup_free_ char *host = NULL;
		unsigned port = 0;
		net_map(rules, cases[i].host, cases[i].port, &host, &port);
		ck_assert_str_eq(host, cases[i].to);
		ck_assert_uint_eq(port, cases[i].to_port);
	}
	_cleanup_free_ char *host = NULL;
	unsigned port = 0;
	net_map(NULL, "h", 1, &host, &port);
	ck_assert_str_eq(host, "h");
	ck_assert_uint_eq(port, 1);
}
END_TEST

static int listener(unsigned *port)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(sa);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert(bind(fd, (struct sockaddr *)&sa, len) == 0 && listen(fd, 1) == 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	*port = ntohs(sa.sin_port);
	return fd;
}

START_TEST(connecting)
{
	unsigned port;
	_cleanup_close_ int l = listener(&port);
	_cleanup_free_ char *rule = xasprintf("::127.0.0.1:%u", port);
	const char *const rules[] = {rule, NULL};
	_cleanup_close_ int fd = net_connect(rules, "203.0.113.7", 443, 2000);
	ck_assert_int_ge(fd, 0);
	_cleanup_close_ int peer = accept(l, NULL, NULL);
	ck_assert_int_eq(write(fd, "x", 1), 1);
	char c = 0;
	ck_assert(read(peer, &c, 1) == 1 && c == 'x');
	close(l);
	l = -1;
	ck_assert_int_eq(net_connect(rules, "203.0.113.7", 443, 2000), -1);
	ck_assert_int_eq(errno, ECONNREFUSED);
	ck_assert_int_eq(net_connect(NULL, "name.example", 443, 100), -1);
	ck_assert_int_eq(errno, EINVAL);
}
END_TEST

/* A listener whose queue is full lets further connections wait. */
START_TEST(connect_timeout)
{
	unsigned port;
	_cleanup_close_ int l = listener(&port);
	int fds[8], n = 0, failed = 0;
	listen(l, 0);
	while (n < 8 && !failed) {
		fds[n] = net_connect(NULL, "127.0.0.1", port, 150);
		failed = fds[n] < 0 ? errno : 0;
		n += fds[n] >= 0;
	}
	ck_assert_int_eq(failed, ETIMEDOUT);
	while (n > 0)
		close(fds[--n]);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("net");
	TCase *t = tcase_create("net");
	tcase_add_test(t, addresses);
	tcase_add_test(t, cidrs);
	tcase_add_loop_test(t, classify, 0, ARRAY_LEN(kinds));
	tcase_add_test(t, map);
	tcase_add_test(t, connecting);
	tcase_add_test(t, connect_timeout);
	suite_add_tcase(s, t);
	return unit_run(s);
}
