/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The machine and its network: /proc/net, ranges for the cluster, firewalls, the public address. */
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/net.h"
#include "base/text.h"
#include "steps/ctx.h"
#include "steps/firewall.h"
#include "steps/hairpin.h"
#include "steps/lan.h"
#include "steps/machine.h"
#include "steps/procnet.h"
#include "steps/stun.h"
#include "tests/unit/unit.h"

#define ROUTE_HEAD                                                                                 \
	"Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n"
#define ROUTE_DEFAULT "eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n"
#define ROUTE_LAN "eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n"
#define FIB                                                                                        \
	"Main:\n  +-- 0.0.0.0/0 3 0 5\n     |-- 0.0.0.0\n        /0 universe UNICAST\n"            \
	"           |-- 127.0.0.1\n              /32 host LOCAL\n"                                 \
	"           |-- 192.168.1.0\n              /24 link UNICAST\n"                             \
	"           |-- 192.168.1.10\n              /32 host LOCAL\n"                              \
	"        |-- 192.168.1.255\n           /32 link BROADCAST\n"                               \
	"Local:\n           |-- 192.168.1.10\n              /32 host LOCAL\n"

static const char tcp[] = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when "
			  "retrnsmt   uid  timeout inode\n"
			  "   0: 00000000:07E8 00000000:0000 0A 00000000:00000000 00:00000000 "
			  "00000000     0        0 1611 1 0 100 0\n"
			  "   1: 0A01A8C0:C458 507100CB:0050 01 00000000:00000000 03:00001765 "
			  "00000000     0        0 0 3 0\n";
static const char tcp6[] = "  sl  local_address                         remote_address             "
			   "           st tx_queue\n"
			   "   0: 00000000000000000000000000000000:1F90 "
			   "00000000000000000000000000000000:0000 0A 00000000:0 00\n";
static const char udp[] = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when "
			  "retrnsmt   uid  timeout inode ref\n"
			  "  123: 00000000:2118 00000000:0000 07 00000000:00000000 00:00000000 "
			  "00000000     0        0 1 2 0 0\n";

START_TEST(ports_in_use)
{
	struct port_set t = { 0 }, u = { 0 };
	procnet_ports(tcp, false, &t);
	procnet_ports(tcp6, false, &t);
	procnet_ports(udp, true, &u);
	ck_assert(port_set_has(&t, 2024));
	ck_assert(port_set_has(&t, 8080));
	ck_assert_msg(!port_set_has(&t, 50264), "an outgoing connection is no listener");
	ck_assert(port_set_has(&u, 8472));
	ck_assert(!port_set_has(&u, 2024));
	ck_assert(!port_set_has(&t, 70000));
	procnet_ports(NULL, true, &u);
}
END_TEST

START_TEST(lan_of_a_home)
{
	struct lan l;
	struct err e = ERR_INIT;
	ck_assert_int_eq(lan_parse(ROUTE_HEAD ROUTE_DEFAULT ROUTE_LAN, FIB, &l, &e), 0);
	ck_assert_str_eq(l.interface, "eth0");
	ck_assert_str_eq(l.address, "192.168.1.10");
	ck_assert_uint_eq(strv_len(l.networks), 1);
	ck_assert_str_eq(l.networks[0], "192.168.1.0/24");
	lan_done(&l);
}
END_TEST

START_TEST(lan_incomplete)
{
	static const struct {
		const char *route, *fib;
	} rows[] = { { NULL, NULL },
		     { ROUTE_HEAD ROUTE_LAN, FIB },
		     { ROUTE_HEAD ROUTE_DEFAULT ROUTE_LAN, "" },
		     { ROUTE_HEAD ROUTE_DEFAULT, FIB } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct lan l;
		struct err e = ERR_INIT;
		ck_assert_int_eq(lan_parse(rows[i].route, rows[i].fib, &l, &e), -1);
		ck_assert_int_eq(e.fault, FAULT_PRE_ROUTE);
		lan_done(&l);
	}
}
END_TEST

START_TEST(ranges_avoid_the_lan)
{
	/* 10.42.7.0/24 by a VPN, and the whole of 10.0.0.0/8. */
	static const struct {
		const char *route, *pods, *services;
	} rows[] = {
		{ "", "10.42.0.0/16", "10.43.0.0/16" },
		{ "tun0\t00072A0A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n", "10.142.0.0/16",
		  "10.143.0.0/16" },
		{ "tun0\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0\n", "172.26.0.0/16",
		  "172.27.0.0/16" },
		/* What K3s itself made is no reason to move away. */
		{ "cni0\t00002A0A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n", "10.42.0.0/16",
		  "10.43.0.0/16" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct lan l;
		const char *pods, *services;
		struct err e = ERR_INIT;
		_cleanup_free_ char *route = xasprintf(ROUTE_HEAD ROUTE_DEFAULT ROUTE_LAN "%s",
						       rows[i].route);
		ck_assert_int_eq(lan_parse(route, FIB, &l, &e), 0);
		ck_assert_int_eq(lan_choose(&l, &pods, &services, &e), 0);
		ck_assert_str_eq(pods, rows[i].pods);
		ck_assert_str_eq(services, rows[i].services);
		lan_done(&l);
	}
}
END_TEST

START_TEST(internal_addresses)
{
	static const struct {
		const char *address;
		bool fits;
	} rows[] = { { "10.43.0.200", true }, { "10.43.0.2", true },	{ "10.43.0.0", false },
		     { "10.43.0.1", false },  { "10.43.0.10", false },	{ "10.43.1.0", false },
		     { "10.43.0.255", true }, { "10.42.0.200", false }, { "x", false } };
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ck_assert_msg(lan_is_internal("10.43.0.0/16", rows[i].address) == rows[i].fits,
			      "%s", rows[i].address);
	_cleanup_free_ char *nth = lan_nth("10.43.0.0/16", 200);
	ck_assert_str_eq(nth, "10.43.0.200");
	ck_assert_ptr_null(lan_nth("nonsense", 1));
}
END_TEST

START_TEST(machine_texts)
{
	static const char release[] =
		"PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nVERSION_ID=\"12\"\nID=debian\n";
	_cleanup_free_ char *id = machine_release_value(release, "ID");
	_cleanup_free_ char *version = machine_release_value(release, "VERSION_ID");
	ck_assert_str_eq(id, "debian");
	ck_assert_str_eq(version, "12");
	ck_assert_ptr_null(machine_release_value(release, "VERSION"));
	ck_assert_ptr_null(machine_release_value(NULL, "ID"));
	ck_assert_uint_eq(
		machine_meminfo_mib("MemTotal:        2048000 kB\nMemFree: 1 kB\n", "MemTotal"),
		2000);
	ck_assert_uint_eq(machine_meminfo_mib("", "MemTotal"), 0);
	ck_assert_uint_eq(machine_cpus("processor\t: 0\nmodel name\t: x\n\nprocessor\t: 1\n"), 2);
	ck_assert(machine_has_word("cpuset cpu io memory pids\n", "pids"));
	ck_assert(!machine_has_word("cpuset hugetlbpids\n", "pids"));
	ck_assert(!machine_has_word(NULL, "pids"));
}
END_TEST

START_TEST(ufw_rules)
{
	static const char shown[] =
		"Added user rules (see 'ufw status' for running firewall):\n"
		"ufw allow 22/tcp\nufw allow from 10.42.0.0/16 comment 'ess-setup'\n"
		"ufw allow from 10.43.0.0/16 to any port 22\n";
	bool ours = false;
	ck_assert(firewall_ufw_allows(shown, "10.42.0.0/16", &ours) && ours);
	ck_assert_msg(!firewall_ufw_allows(shown, "10.43.0.0/16", &ours),
		      "a rule for one port is not enough");
	ck_assert(!firewall_ufw_allows("", "10.42.0.0/16", &ours));
	ck_assert(firewall_ufw_allows("ufw allow from 10.43.0.0/16\n", "10.43.0.0/16", &ours) &&
		  !ours);
	ck_assert(firewall_ufw_allows("ufw allow from 10.43.0.0/16 comment 'mine'\n",
				      "10.43.0.0/16", &ours) &&
		  !ours);
}
END_TEST

#define NFT_CHAIN(family, name, hook, policy)                                                      \
	"{\"chain\":{\"family\":\"" family "\",\"table\":\"filter\",\"name\":\"" name              \
	"\",\"type\":\"filter\",\"hook\":\"" hook "\",\"prio\":0,\"policy\":\"" policy "\"}}"
#define NFT_RULE(addr)                                                                             \
	"{\"rule\":{\"family\":\"inet\",\"table\":\"filter\",\"chain\":\"input\",\"expr\":[{"      \
	"\"match\":{\"op\":\"==\",\"left\":"                                                       \
	"{\"payload\":{\"protocol\":\"ip\",\"field\":\"saddr\"}},\"right\":{\"set\":[{\"prefix\":" \
	"{\"addr\":\"" addr "\",\"len\":16}}]}}},{\"accept\":null}]}}"

START_TEST(nft_rulesets)
{
	static const struct {
		const char *ruleset, *chain;
	} rows[] = {
		{ "{\"nftables\":[]}", NULL },
		{ "{\"nftables\":[" NFT_CHAIN("inet", "input", "input", "accept") "]}", NULL },
		{ "{\"nftables\":[" NFT_CHAIN("inet", "input", "input", "drop") "]}",
		  "inet filter input" },
		{ "{\"nftables\":[" NFT_CHAIN("ip6", "input", "input", "drop") "]}", NULL },
		{ "{\"nftables\":[" NFT_CHAIN("ip", "FORWARD", "forward", "drop") "]}", NULL },
		{ "{\"nftables\":[" NFT_CHAIN("inet", "forward", "forward", "drop") "]}",
		  "inet filter forward" },
		{ "{\"nftables\":[" NFT_CHAIN("inet", "input", "input",
					      "drop") "," NFT_RULE("10.42.0.0") "]}",
		  NULL },
		{ "{\"nftables\":[" NFT_CHAIN("inet", "input", "input",
					      "drop") "," NFT_RULE("10.99.0.0") "]}",
		  "inet filter input" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_json_ json_t *j = json_loads(rows[i].ruleset, 0, NULL);
		_cleanup_free_ char *chain = NULL;
		ck_assert_ptr_nonnull(j);
		firewall_nft_blocks(j, "10.42.0.0/16", &chain);
		ck_assert_msg(rows[i].chain ? chain && !strcmp(chain, rows[i].chain) : !chain,
			      "row %zu: %s", i, chain ? chain : "-");
	}
}
END_TEST

/* --- the router's hairpin --------------------------------------------------------------------- */

static int udp_socket(unsigned *ret_port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sa);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&sa, sizeof(sa)), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	*ret_port = ntohs(sa.sin_port);
	return fd;
}

/* A router on loopback: what comes in goes to the machine's port, with its last byte changed where it
 * is a bad one. */
static pid_t router(int in, unsigned to_port, bool bad)
{
	pid_t pid = fork();
	if (pid)
		return pid;
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)to_port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	char buf[2048];
	for (ssize_t n; (n = recv(in, buf, sizeof(buf), 0)) > 0;) {
		buf[n - 1] ^= (char)bad;
		sendto(in, buf, (size_t)n, 0, (struct sockaddr *)&to, sizeof(to));
	}
	_exit(0);
}

START_TEST(udp_hairpin)
{
	static const struct {
		bool forwards, bad;
		int want;
	} cases[] = { { true, false, 1 }, { false, false, 0 }, { true, true, 0 } };
	unsigned machine_port, router_port, other_port;
	int machine = udp_socket(&machine_port), in = udp_socket(&router_port), other = udp_socket(&other_port);
	char rule[64];
	snprintf(rule, sizeof(rule), "203.0.113.9:%u:127.0.0.1:%u", machine_port, router_port);
	char *rules[] = { rule, NULL };
	struct step_ctx c = { .connect_to = rules };
	int probe = socket(AF_PACKET, SOCK_DGRAM, 0);
	if (probe < 0) {
		ck_assert_int_eq(hairpin_udp(&c, "127.0.0.1", "203.0.113.9", machine_port), -1);
		return;
	}
	pid_t pid = router(in, cases[_i].forwards ? machine_port : other_port, cases[_i].bad);
	ck_assert_int_eq(hairpin_udp(&c, "127.0.0.1", "203.0.113.9", machine_port), cases[_i].want);
	ck_assert_int_eq(hairpin_udp(&c, "not an address", "203.0.113.9", machine_port), -1);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(probe);
	close(machine);
	close(in);
	close(other);
}
END_TEST

START_TEST(stun_answers)
{
	static const unsigned char id[STUN_ID] = "abcdefghijkl";
	/* XOR-MAPPED-ADDRESS 192.0.2.1 port 32853, as in RFC 5769, 2.2. */
	unsigned char ok[] = { 1,   1,	 0,   12,  0x21, 0x12, 0xa4, 0x42, 'a',	 'b', 'c',
			       'd', 'e', 'f', 'g', 'h',	 'i',  'j',  'k',  'l',	 0,   0x20,
			       0,   8,	 0,   1,   0xa1, 0x47, 0xe1, 0x12, 0xa6, 0x43 };
	uint32_t a = 0;
	ck_assert(stun_parse(ok, sizeof(ok), id, &a));
	ck_assert_uint_eq(a, 0xc0000201);
	for (size_t n = 0; n < sizeof(ok); n++)
		ck_assert_msg(!stun_parse(ok, n, id, &a), "cut at %zu", n);
	ok[19] = 'x';
	ck_assert_msg(!stun_parse(ok, sizeof(ok), id, &a), "an answer to somebody else");
}
END_TEST

int main(void)
{
	Suite *s = suite_create("steps-net");
	TCase *t = tcase_create("all");
	tcase_add_test(t, ports_in_use);
	tcase_add_test(t, lan_of_a_home);
	tcase_add_test(t, lan_incomplete);
	tcase_add_test(t, ranges_avoid_the_lan);
	tcase_add_test(t, internal_addresses);
	tcase_add_test(t, machine_texts);
	tcase_add_test(t, ufw_rules);
	tcase_add_test(t, nft_rulesets);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, udp_hairpin, 0, 3);
	tcase_add_test(t, stun_answers);
	suite_add_tcase(s, t);
	return unit_run(s);
}
