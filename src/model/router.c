/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The forwarding table of the home router. */
#include "model/router.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct table {
	struct router_row *rows;
	size_t n;
};

static void add(struct table *t, const char *protocol, long first, long count, bool required,
		const char *reason)
{
	t->rows[t->n++] = (struct router_row){ .protocol = protocol,
					       .outside = (unsigned)first,
					       .machine = (unsigned)first,
					       .count = (unsigned)count,
					       .required = required,
					       .reason = reason };
}

/* "30152-30352", checked by the table of keys. */
static void add_range(struct table *t, const char *range, const char *reason)
{
	char *end;
	long first = strtol(range, &end, 10);
	long last = *end == '-' ? strtol(end + 1, NULL, 10) : first;
	add(t, "UDP", first, last - first + 1, true, reason);
}

size_t router_table(const struct config *c, struct router_row ret[ROUTER_ROWS])
{
	static const char *const media = N_("sound and picture of calls");
	struct table t = { .rows = ret };
	long https = config_int(c, "ports.https"), federation = config_int(c, "ports.federation");
	bool srv = strcmp(config_str(c, "federation.plan"), "srv") == 0;

	if (srv && federation == https)
		add(&t, "TCP", https, 1, true,
		    N_("web pages, apps, calls, and other Matrix servers (HTTPS)"));
	else
		add(&t, "TCP", https, 1, true, N_("web pages, apps and calls (HTTPS)"));
	add(&t, "TCP", config_int(c, "ports.http"), 1, false,
	    N_("leads to HTTPS who types http://"));
	if (srv && federation != https)
		add(&t, "TCP", federation, 1, true, N_("other Matrix servers (federation)"));
	if (strcmp(config_str(c, "ports.rtc_mode"), "muxed") == 0)
		add(&t, "UDP", config_int(c, "ports.rtc_udp"), 1, true, media);
	else
		add_range(&t, config_str(c, "ports.udp_range"), media);
	add(&t, "TCP", config_int(c, "ports.rtc_tcp"), 1, true,
	    N_("sound and picture of calls, for people in networks that block UDP"));
	return t.n;
}

char *router_ports(unsigned first, unsigned count)
{
	return count == 1 ? xasprintf("%u", first) : xasprintf("%u-%u", first, first + count - 1);
}
