/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The forwarding table of the router, and the discovery table. */
#include "model/router.h"

#include <string.h>

#include "base/mem.h"
#include "model/discovery.h"
#include "tests/unit/unit.h"

static void set(struct config *c, const char *settings)
{
	struct err e = ERR_INIT;
	config_new(c);
	ck_assert_int_eq(config_set(c, "domains.server_name", "neighbour.org", &e), 0);
	while (*settings) {
		char name[64], value[64];
		int n = 0;
		ck_assert_int_eq(sscanf(settings, " %63[^=]=%63s%n", name, value, &n), 2);
		ck_assert_msg(config_set(c, name, value, &e) == 0, "%s=%s: %s", name, value,
			      e.msgid);
		settings += n;
	}
}

static const struct {
	const char *settings, *table; /* "TCP 8443", optional ones in brackets */
} routers[] = {
	{ "", "TCP 8443, [TCP 8080], TCP 8448, UDP 30152-30352, TCP 30001" },
	{ "federation.plan=apex", "TCP 8443, [TCP 8080], UDP 30152-30352, TCP 30001" },
	{ "federation.plan=none", "TCP 8443, [TCP 8080], UDP 30152-30352, TCP 30001" },
	{ "ports.rtc_mode=muxed", "TCP 8443, [TCP 8080], TCP 8448, UDP 30002, TCP 30001" },
	{ "ports.rtc_mode=muxed ports.rtc_udp=31000 ports.rtc_tcp=31001",
	  "TCP 8443, [TCP 8080], TCP 8448, UDP 31000, TCP 31001" },
	{ "ports.udp_range=30100-30100", "TCP 8443, [TCP 8080], TCP 8448, UDP 30100, TCP 30001" },
	{ "ports.https=443 ports.http=80 ports.federation=8449",
	  "TCP 443, [TCP 80], TCP 8449, UDP 30152-30352, TCP 30001" },
	{ "ports.https=9443 ports.federation=9443",
	  "TCP 9443, [TCP 8080], UDP 30152-30352, TCP 30001" },
};

START_TEST(router_rows)
{
	_cleanup_config_ struct config c;
	struct router_row rows[ROUTER_ROWS];
	char text[256] = "";
	set(&c, routers[_i].settings);
	size_t n = router_table(&c, rows);
	for (size_t i = 0; i < n; i++) {
		_cleanup_free_ char *ports = router_ports(rows[i].outside, rows[i].count);
		size_t len = strlen(text);
		snprintf(text + len, sizeof(text) - len, "%s%s%s %s%s", i ? ", " : "",
			 rows[i].required ? "" : "[", rows[i].protocol, ports,
			 rows[i].required ? "" : "]");
		ck_assert_uint_eq(rows[i].outside, rows[i].machine);
		ck_assert_ptr_nonnull(rows[i].reason);
	}
	ck_assert_str_eq(text, routers[_i].table);
}
END_TEST

/* Y yes, P partly, N no, - none; rows as in the enum, LAN and outside. */
static const struct {
	const char *settings, *hairpin, *table, *app, *web, *record;
} plans[] = {
	{ "", NULL, "PY PY PY -P -P PP NN", "https://matrix.neighbour.org:8443",
	  "https://element.neighbour.org:8443",
	  "_matrix-fed._tcp.neighbour.org SRV 10 0 8448 matrix.neighbour.org" },
	{ "", "yes", "YY YY YY -P -P PP NN", "https://matrix.neighbour.org:8443",
	  "https://element.neighbour.org:8443",
	  "_matrix-fed._tcp.neighbour.org SRV 10 0 8448 matrix.neighbour.org" },
	{ "", "no", "NY NY NY -P -P NP NN", "https://matrix.neighbour.org:8443",
	  "https://element.neighbour.org:8443",
	  "_matrix-fed._tcp.neighbour.org SRV 10 0 8448 matrix.neighbour.org" },
	{ "federation.plan=apex ports.https=9000", "yes", "YY YY YY -P -P PP PP", "neighbour.org",
	  "https://element.neighbour.org:9000",
	  "https://neighbour.org/.well-known/matrix/client "
	  "https://neighbour.org/.well-known/matrix/server" },
	{ "federation.plan=none", "unknown", "PY PY PY -N -N PP NN",
	  "https://matrix.neighbour.org:8443", "https://element.neighbour.org:8443", NULL },
	{ "ports.https=443", "yes", "YY YY YY -Y -Y PP YY", "neighbour.org",
	  "https://element.neighbour.org", NULL },
	{ "ports.https=443 federation.plan=none domains.admin=off", "yes", "YY YY YY -N -N PP --",
	  "neighbour.org", "https://element.neighbour.org", NULL },
};

static void expect_text(const char *got, const char *want)
{
	ck_assert_msg(got && want ? strcmp(got, want) == 0 : got == want, "%s instead of %s", got,
		      want);
}

START_TEST(discovery_rows)
{
	static const char letters[] = {
		[DISCOVERY_YES] = 'Y',
		[DISCOVERY_PARTLY] = 'P',
		[DISCOVERY_NO] = 'N',
		[DISCOVERY_NONE] = '-',
	};
	_cleanup_config_ struct config c;
	_cleanup_discovery_ struct discovery d;
	char table[64] = "";
	set(&c, plans[_i].settings);
	discovery_plan(&c, discovery_hairpin(plans[_i].hairpin), &d);
	for (size_t i = 0; i < DISCOVERY_ROWS; i++) {
		const struct discovery_cell *cell = d.line[i].cell;
		size_t len = strlen(table);
		snprintf(table + len, sizeof(table) - len, "%s%c%c", i ? " " : "",
			 letters[cell[DISCOVERY_LAN].verdict],
			 letters[cell[DISCOVERY_OUTSIDE].verdict]);
		ck_assert_ptr_nonnull(d.line[i].title);
		ck_assert_int_eq(d.line[i].type != NULL, d.line[i].value != NULL);
		for (size_t j = 0; j < DISCOVERY_COLUMNS; j++)
			/* who reads "partly" or "no" must read why */
			ck_assert(cell[j].note || cell[j].verdict == DISCOVERY_YES ||
				  cell[j].verdict == DISCOVERY_NONE);
	}
	ck_assert_str_eq(table, plans[_i].table);
	expect_text(d.line[DISCOVERY_X].value, plans[_i].app);
	expect_text(d.line[DISCOVERY_DESKTOP].value, plans[_i].app);
	expect_text(d.line[DISCOVERY_WEB].value, plans[_i].web);
	expect_text(d.improve_value, plans[_i].record);
	ck_assert_int_eq(d.improve != NULL, d.improve_value != NULL);
	ck_assert_ptr_nonnull(d.summary);
}
END_TEST

/* As the table above, and m where it was measured; results: id=ok of step verify. */
static const struct {
	const char *settings, *hairpin, *results, *table;
} looks[] = {
	{ "", "yes", "", "Y Y  Y Y  Y Y  - P  - P  P P  N N" },
	{ "", "no", "router=1 synapse=1 web=1", "YmY  YmY  YmY  - P  - P  N P  N N" },
	{ "", "yes", "router=1 router-udp=1", "YmY  YmY  YmY  - P  - P  YmP  N N" },
	{ "", "yes", "router=1 router-udp=0", "YmY  YmY  YmY  - P  - P  PmP  N N" },
	{ "", "yes", "router=0 router-udp=1", "NmY  NmY  NmY  - P  - P  NmP  N N" },
	{ "", "yes", "router-udp=1", "Y Y  Y Y  Y Y  - P  - P  P P  N N" },
	{ "", "yes", "router=1 router-udp=1 rtc-sfu=0", "YmY  YmY  YmY  - P  - P  NmNm N N" },
	{ "", "yes", "router=0", "NmY  NmY  NmY  - P  - P  NmP  N N" },
	{ "", "yes", "router=1 federation-tester=1", "YmY  YmY  YmY  - Ym - Ym P P  N N" },
	{ "", "yes", "router=1 federation-tester=0", "YmY  YmY  YmY  - Nm - Nm P P  N N" },
	{ "federation.plan=none", "yes", "federation-tester=0", "Y Y  Y Y  Y Y  - N  - N  P P  N N" },
	{ "", "yes", "router=1 web-config=0", "NmNm YmY  YmY  - P  - P  P P  N N" },
	{ "", "yes", "rtc-tcp=0 federation-port=0", "Y Y  Y Y  Y Y  - Nm - Nm NmNm N N" },
	{ "domains.admin=off ports.https=443", "yes", "admin=0 router=1", "YmY  YmY  YmY  - Y  - Y  P P  - -" },
};

START_TEST(discovery_measured)
{
	static const char letters[] = "YPN-";
	_cleanup_config_ struct config c;
	_cleanup_discovery_ struct discovery d;
	char table[128] = "", *p = table;
	json_t *results = json_array();
	char *words = xstrdup(looks[_i].results);
	for (char *save, *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save)) {
		char *is = strchr(w, '=');
		*is = 0;
		json_array_append_new(results, json_pack("{s:s, s:b}", "id", w, "ok", is[1] == '1'));
	}
	set(&c, looks[_i].settings);
	discovery_plan(&c, discovery_hairpin(looks[_i].hairpin), &d);
	const bool any = discovery_measure(&d, results);
	for (size_t i = 0; i < DISCOVERY_ROWS; i++)
		for (size_t j = 0; j < DISCOVERY_COLUMNS; j++) {
			const struct discovery_cell *cell = &d.line[i].cell[j];
			p += sprintf(p, "%s%c%c", i && !j ? " " : "", letters[cell->verdict],
				     cell->measured ? 'm' : ' ');
			ck_assert(cell->note || cell->verdict == DISCOVERY_YES ||
				  cell->verdict == DISCOVERY_NONE);
		}
	while (p > table && p[-1] == ' ')
		*--p = 0;
	ck_assert_str_eq(table, looks[_i].table);
	ck_assert_int_eq(any, strchr(table, 'm') != NULL);
	ck_assert(!discovery_measure(&d, NULL));
	json_decref(results);
	free(words);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("model-router");
	TCase *t = tcase_create("tables");
	tcase_add_loop_test(t, router_rows, 0, ARRAY_LEN(routers));
	tcase_add_loop_test(t, discovery_rows, 0, ARRAY_LEN(plans));
	tcase_add_loop_test(t, discovery_measured, 0, ARRAY_LEN(looks));
	suite_add_tcase(s, t);
	return unit_run(s);
}
