/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The discovery table. The ways that clients and servers go: Matrix client-server API, "Server
 * Discovery" (well-known on 443); server-server API, "Resolving server names" (well-known on 443,
 * then SRV _matrix-fed._tcp, then 8448); MSC4143 for the address of the call server, which apps ask
 * of the home server since August 2026 and read from the well-known before (matrix-rust-sdk#6676,
 * element-web#34725); Element Admin always reads the well-known (its src/api/matrix.ts). */
#include "model/discovery.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const char note_hairpin_no[] =
	N_("the router does not let its own network reach the public address; for pages and "
	   "messages, DNS entries in the router that lead these names to this machine help");
static const char note_hairpin_unknown[] = N_("if the router lets its own network reach the public "
					      "address (it is tried during the installation)");
static const char note_srv[] =
	N_("when the SRV record stands and the router forwards the federation port");
static const char note_apex[] = N_("when the page on port 443 of the server name answers");
static const char note_alone[] = N_("this server stays alone by your choice");
static const char note_short[] =
	N_("should the short name not be found, the full address of the home server works too");
static const char note_admin[] = N_("it asks port 443 of the server name, which nothing answers in "
				    "this plan; the command line works");
static const char note_media[] = N_("when the router forwards the call ports");
static const char note_new_apps[] = N_("with apps from autumn 2026 on and forwarded call ports; "
				       "older ones look for the call server on port 443");

struct plan {
	bool on_443; /* something answers for the server name on 443 */
	bool srv, alone;
	const char *server_name;
	char *synapse, *web, *admin; /* admin: NULL when it is switched off */
	unsigned https;
};

static struct plan read_plan(const struct config *c)
{
	const char *plan = config_str(c, "federation.plan");
	struct plan p = { .srv = strcmp(plan, "srv") == 0,
			  .alone = strcmp(plan, "none") == 0,
			  .server_name = config_str(c, "domains.server_name"),
			  .synapse = config_host(c, "synapse"),
			  .web = config_host(c, "web"),
			  .admin = config_host(c, "admin"),
			  .https = (unsigned)config_int(c, "ports.https") };
	p.on_443 = p.https == 443 || strcmp(plan, "apex") == 0;
	return p;
}

static char *address(const char *host, unsigned port)
{
	return port == 443 ? xasprintf("https://%s", host) : xasprintf("https://%s:%u", host, port);
}

static struct discovery_cell planned(enum discovery_verdict verdict, const char *note)
{
	return (struct discovery_cell){ .verdict = verdict, .note = note };
}

static struct discovery_cell measured(enum discovery_verdict verdict, const char *note)
{
	return (struct discovery_cell){ .verdict = verdict, .note = note, .measured = true };
}

static struct discovery_cell outside(const struct plan *p, enum discovery_row row)
{
	const struct discovery_cell yes = planned(DISCOVERY_YES, NULL);
	switch (row) {
	case DISCOVERY_WEB:
		return yes; /* its configuration carries the full address */
	case DISCOVERY_X:
	case DISCOVERY_DESKTOP:
		return planned(DISCOVERY_YES, p->on_443 && p->https != 443 ? note_short : NULL);
	case DISCOVERY_FEDERATION_IN:
	case DISCOVERY_FEDERATION_OUT:
		/* Out needs in: other servers fetch our signing key the way they would reach us. */
		if (p->alone)
			return planned(DISCOVERY_NO, note_alone);
		if (p->https == 443)
			return yes;
		return planned(DISCOVERY_PARTLY, p->srv ? note_srv : note_apex);
	case DISCOVERY_ADMIN:
		if (!p->admin)
			return planned(DISCOVERY_NONE, NULL);
		if (p->https == 443)
			return yes;
		return p->on_443 ? planned(DISCOVERY_PARTLY, note_apex)
				 : planned(DISCOVERY_NO, note_admin);
	default:
		return planned(DISCOVERY_PARTLY, p->on_443 ? note_media : note_new_apps);
	}
}

/* In the LAN the names lead to the public address too, so the router must turn packets round. */
static struct discovery_cell in_lan(struct discovery_cell out, enum discovery_row row,
				    enum discovery_hairpin hairpin)
{
	if (row == DISCOVERY_FEDERATION_IN || row == DISCOVERY_FEDERATION_OUT)
		return planned(DISCOVERY_NONE, NULL);
	if (out.verdict == DISCOVERY_NO || out.verdict == DISCOVERY_NONE)
		return out;
	if (hairpin == HAIRPIN_NO)
		return planned(DISCOVERY_NO, note_hairpin_no);
	if (hairpin == HAIRPIN_UNKNOWN)
		return planned(DISCOVERY_PARTLY, note_hairpin_unknown);
	return out;
}

static void fill_typing(const struct plan *p, struct discovery *d)
{
	static const char *const in_browser = N_("open in the browser: %s");
	static const char *const in_app =
		N_("choose another account provider or home server, and type: %s");
	char *full = address(p->synapse, p->https);
	const char *in_apps = p->on_443 ? p->server_name : full;
	d->line[DISCOVERY_WEB].type = in_browser;
	d->line[DISCOVERY_WEB].value = address(p->web, p->https);
	d->line[DISCOVERY_X].type = in_app;
	d->line[DISCOVERY_X].value = xstrdup(in_apps);
	d->line[DISCOVERY_DESKTOP].type = in_app;
	d->line[DISCOVERY_DESKTOP].value = xstrdup(in_apps);
	free(full);
	if (p->admin) {
		d->line[DISCOVERY_ADMIN].type = in_browser;
		d->line[DISCOVERY_ADMIN].value = address(p->admin, p->https);
	}
}

static void fill_advice(const struct config *c, const struct plan *p, struct discovery *d)
{
	if (p->alone && p->https == 443) {
		d->summary = N_("Port 443 is open: apps find this server by its name alone. There "
				"is no exchange with other Matrix servers.");
	} else if (p->https == 443) {
		d->summary = N_("Port 443 is open: apps and other servers find this server by its "
				"name alone.");
	} else if (p->alone) {
		d->summary = N_("People type the full address with its port. There is no exchange "
				"with other Matrix servers.");
	} else if (p->srv) {
		d->summary = N_("People type the full address with its port. Other servers find "
				"this one by a DNS record and the federation port.");
		d->improve = N_("This DNS record lets other servers find this one: %s");
		d->improve_value = xasprintf("_matrix-fed._tcp.%s SRV 10 0 %ld %s", p->server_name,
					     config_int(c, "ports.federation"), p->synapse);
	} else {
		d->summary = N_("Something with port 443, such as Cloudflare's proxy, answers for "
				"the server name and tells the real address. Apps and other "
				"servers then find this server by its name alone.");
		d->improve = N_("These two pages must be answered on port 443, with the content "
				"that this server gives on its own port: %s");
		d->improve_value = xasprintf(
			"https://%s/.well-known/matrix/client https://%s/.well-known/matrix/server",
			p->server_name, p->server_name);
	}
}

void discovery_plan(const struct config *c, enum discovery_hairpin hairpin, struct discovery *ret)
{
	static const char *const titles[DISCOVERY_ROWS] = {
		[DISCOVERY_WEB] = N_("Element Web (browser)"),
		[DISCOVERY_X] = N_("Element X (telephone)"),
		[DISCOVERY_DESKTOP] = N_("Element Desktop"),
		[DISCOVERY_FEDERATION_IN] = N_("messages from other servers"),
		[DISCOVERY_FEDERATION_OUT] = N_("messages to other servers"),
		[DISCOVERY_CALLS] = N_("calls with picture"),
		[DISCOVERY_ADMIN] = N_("Element Admin (browser)"),
	};
	struct plan p = read_plan(c);
	*ret = (struct discovery){ 0 };
	for (enum discovery_row row = 0; row < DISCOVERY_ROWS; row++) {
		struct discovery_line *line = &ret->line[row];
		line->title = titles[row];
		line->cell[DISCOVERY_OUTSIDE] = outside(&p, row);
		line->cell[DISCOVERY_LAN] = in_lan(line->cell[DISCOVERY_OUTSIDE], row, hairpin);
	}
	fill_typing(&p, ret);
	fill_advice(c, &p, ret);
	free(p.synapse);
	free(p.web);
	free(p.admin);
}

/* --- measured --------------------------------------------------------------------------------- */

static const char note_broken[] =
	N_("the server itself does not answer as it must; the next run of ess-setup apply tells more");
static const char note_udp[] =
	N_("no UDP packet came back through the router: calls go by TCP, when it forwards that port; see "
	   "ess-setup router");
static const char note_tester[] = N_("the federation tester does not reach this server");

/* What must answer for a row to work at all: ids of steps/probes.c and of step verify. */
static const char *const needed[DISCOVERY_ROWS][5] = {
	[DISCOVERY_WEB] = { "web", "web-config", "synapse", "openid" },
	[DISCOVERY_X] = { "synapse", "login", "auth-metadata", "openid" },
	[DISCOVERY_DESKTOP] = { "synapse", "login", "auth-metadata", "openid" },
	[DISCOVERY_FEDERATION_IN] = { "well-known-server", "federation-keys", "federation-port" },
	[DISCOVERY_FEDERATION_OUT] = { "well-known-server", "federation-keys", "federation-port" },
	[DISCOVERY_CALLS] = { "rtc-authoriser", "rtc-sfu", "rtc-tcp", "synapse" },
	[DISCOVERY_ADMIN] = { "admin", "synapse" },
};

/* 1 and 0 as it was found, -1 when nobody looked. */
static int found(const json_t *results, const char *id)
{
	size_t i;
	json_t *one;
	json_array_foreach (results, i, one) {
		const char *name = json_string_value(json_object_get(one, "id"));
		if (name && strcmp(name, id) == 0)
			return json_is_true(json_object_get(one, "ok"));
	}
	return -1;
}

static bool measure_broken(struct discovery_line *l, enum discovery_row row, const json_t *results)
{
	bool broken = false;
	for (size_t i = 0; needed[row][i]; i++)
		broken |= found(results, needed[row][i]) == 0;
	for (size_t i = 0; i < DISCOVERY_COLUMNS && broken; i++)
		if (l->cell[i].verdict != DISCOVERY_NONE)
			l->cell[i] = measured(DISCOVERY_NO, note_broken);
	return broken;
}

/* Calls in the house: the page must be reached, and the packets of sound and picture come back. */
static bool measure_calls(struct discovery_cell *cell, const char *condition, int udp)
{
	if (udp < 0)
		return false;
	/* That the ports are forwarded is no condition any more. */
	*cell = udp ? measured(DISCOVERY_YES, condition == note_media ? NULL : condition)
		    : measured(DISCOVERY_PARTLY, note_udp);
	return true;
}

/* The way of a phone in the house was tried with a page; the sound of calls goes by UDP. */
static bool measure_lan(struct discovery_line *l, enum discovery_row row, int router, int udp)
{
	struct discovery_cell *cell = &l->cell[DISCOVERY_LAN];
	const enum discovery_verdict out = l->cell[DISCOVERY_OUTSIDE].verdict;
	if (router < 0 || out == DISCOVERY_NO || out == DISCOVERY_NONE)
		return false;
	if (router == 0)
		*cell = measured(DISCOVERY_NO, note_hairpin_no);
	else if (row == DISCOVERY_CALLS)
		return measure_calls(cell, l->cell[DISCOVERY_OUTSIDE].note, udp);
	else if (row == DISCOVERY_ADMIN)
		return false;
	else
		*cell = measured(DISCOVERY_YES, l->cell[DISCOVERY_OUTSIDE].note);
	return true;
}

static bool measure_federation(struct discovery_line *l, int tester)
{
	struct discovery_cell *cell = &l->cell[DISCOVERY_OUTSIDE];
	if (tester < 0 || cell->note == note_alone)
		return false;
	*cell = tester ? measured(DISCOVERY_YES, NULL)
		       : measured(DISCOVERY_NO, note_tester);
	return true;
}

bool discovery_measure(struct discovery *d, const json_t *results)
{
	const int router = found(results, "router"), tester = found(results, "federation-tester");
	const int udp = found(results, "router-udp");
	bool any = false;
	for (enum discovery_row row = 0; row < DISCOVERY_ROWS; row++) {
		struct discovery_line *l = &d->line[row];
		const bool federation = row == DISCOVERY_FEDERATION_IN ||
					row == DISCOVERY_FEDERATION_OUT;
		if (measure_broken(l, row, results))
			any = true;
		else if (federation ? measure_federation(l, tester) : measure_lan(l, row, router, udp))
			any = true;
	}
	return any;
}

void discovery_done(struct discovery *d)
{
	for (size_t i = 0; i < DISCOVERY_ROWS; i++)
		free(d->line[i].value);
	free(d->improve_value);
	*d = (struct discovery){ 0 };
}

enum discovery_hairpin discovery_hairpin(const char *fact)
{
	if (fact && strcmp(fact, "yes") == 0)
		return HAIRPIN_YES;
	return fact && strcmp(fact, "no") == 0 ? HAIRPIN_NO : HAIRPIN_UNKNOWN;
}
