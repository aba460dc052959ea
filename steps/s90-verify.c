/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Step 90, verify: the objects in the cluster still pass the gate, and every public address answers as
 * it must. Asked are the public names and ports, but at the cluster's own address, so that a router without hairpin does not matter; whether the way
 * through the router works too is measured afterwards and only noted. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/net.h"
#include "steps/ess.h"
#include "steps/gate-own.h"
#include "steps/gather.h"
#include "steps/hairpin.h"
#include "steps/probes.h"
#include "steps/steps.h"

#define WAIT_S 300
#define POLL_MS 3000
/* Looks in a row at the same wrong answer that comes from the configuration and not from starting. */
#define PATIENCE 5
#define ASK_TIMEOUT_S 20
#define OUTSIDE_TIMEOUT_S 10
/* ess-helm README.md; the report is FederationOK (matrix-federation-tester, main.go). */
#define TESTER "https://federationtester.matrix.org/api/report?server_name="

struct verify {
	struct probe_names names;
	struct gate_own own;
	char *address;    /* of the ingress; NULL: ask DNS */
	bool settled;     /* the first wrong answer will not change by waiting */
	json_t *results;  /* [{id, title, url, ok, seen}] */
	json_t *warnings; /* sentences */
};

static void verify_done(struct verify *v)
{
	gate_own_done(&v->own);
	free(v->address);
	json_decref(v->results);
	json_decref(v->warnings);
}

/* In another cluster the ingress controller tells its address in the status of the Ingress; where it
 * does not, DNS must know it. */
static int find_address(struct step_ctx *c, struct verify *v, struct err *e)
{
	_cleanup_json_ json_t *ingress = NULL;
	const char *address = step_fact(c, "machine.address");

	if (strcmp(step_str(c, "cluster.kind"), "existing")) {
		v->address = address ? xstrdup(address) : NULL;
		return 0;
	}
	if (kube_get(c, "ingresses", "ess-synapse", ESS_NS, &ingress, e) < 0)
		return -1;
	const char *ip =
		json_str_at(json_array_get(json_at(ingress, "status.loadBalancer.ingress"), 0), "ip");
	v->address = ip ? xstrdup(ip) : NULL;
	return 0;
}

static int verify_init(struct step_ctx *c, struct verify *v, struct err *e)
{
	*v = (struct verify){ .results = json_array(), .warnings = json_array() };
	gate_own_names(c, &v->own);
	const struct gate_names *own = &v->own.names;
	v->names = (struct probe_names){
		.server_name = own->server_name,
		.synapse = own->synapse,
		.auth = own->auth,
		.rtc = own->rtc,
		.web = own->web,
		.admin = own->admin,
		.https = own->https_port,
		.federation = step_int(c, "ports.federation"),
		.plan = step_str(c, "federation.plan"),
	};
	return find_address(c, v, e);
}

static bool is_staging(struct step_ctx *c)
{
	return !strcmp(step_str(c, "certificates.environment"), "staging");
}

static int ask(struct step_ctx *c, const char *url, const char *address, unsigned timeout_s,
	       struct http_response *ret, struct err *e)
{
	const struct http_request rq = {
		.url = url,
		.bypass_proxy = true, /* our own server; a proxy sees it from elsewhere or not at all */
		.timeout_s = timeout_s,
		.resolve_to = address,
		.any_issuer = is_staging(c),
	};
	return step_http(c, &rq, ret, e);
}

/* What no answer means here: the same words as for a download would send people astray. */
static int no_answer(const char *url, const struct err *why, struct err *e)
{
	_cleanup_free_ char *text = err_text(why);
	if (why->fault == FAULT_CANCELLED) {
		*e = *why;
		return -1;
	}
	return err_set(e, why->fault == FAULT_HTTP_TLS ? FAULT_VERIFY_TLS : FAULT_VERIFY_UNREACHABLE,
		       N_("%s: %s"), url, text);
}

static void note(struct verify *v, const char *id, const char *title, const char *url,
		 const struct err *why)
{
	_cleanup_free_ char *seen = why && err_is_set(why) ? err_text(why) : NULL;
	json_array_append_new(v->results,
			      json_pack("{s:s, s:s, s:s, s:b, s:o}", "id", id, "title", title, "url", url,
					"ok", seen == NULL, "seen", seen ? json_text(seen) : json_null()));
}

/* Who starts or is not routed to yet answers 404 or 5xx, or not at all; 200 and 400 are words of one
 * that is up, and come from what it was configured to say. */
static bool is_settled(const struct http_response *r)
{
	return r->status == 200 || r->status == 400;
}

static int run_probe(struct step_ctx *c, struct verify *v, const struct probe *p, struct err *e)
{
	_cleanup_http_ struct http_response r = { 0 };
	_cleanup_free_ char *url = probe_url(p, &v->names);
	struct err why = ERR_INIT;
	struct err own = ERR_INIT;
	int rc = ask(c, url, v->address, ASK_TIMEOUT_S, &r, &why);

	rc = rc < 0 ? no_answer(url, &why, &own) : probe_judge(p, &v->names, &r, &own);
	note(v, p->id, p->title, url, &own);
	if (rc < 0 && !err_is_set(e)) {
		*e = own;
		v->settled = is_settled(&r);
	}
	return rc;
}

/* The TCP port for calls, on the node itself: the one media path that can be tried without a call. */
static int media_port(struct step_ctx *c, struct verify *v, struct err *e)
{
	const long port = step_int(c, "ports.rtc_tcp");
	struct err own = ERR_INIT;

	if (!v->address)
		return 0;
	_cleanup_free_ char *where = xasprintf("%s:%ld", v->address, port);
	int fd = net_connect(step_connect_to(c), v->address, (unsigned)port, 3000);
	if (fd >= 0)
		close(fd);
	else
		err_set(&own, FAULT_VERIFY_RTC, N_("port %s for calls: %s"), where, strerror(errno));
	note(v, "rtc-tcp", N_("TCP port for calls"), where, &own);
	if (fd < 0 && !err_is_set(e))
		*e = own;
	return fd < 0 ? -1 : 0;
}

/* Everything required, in one pass; the first fault is told. A check ends there, apply keeps all results. */
static int required(struct step_ctx *c, struct verify *v, bool all, struct err *e)
{
	int rc = 0;

	json_array_clear(v->results);
	v->settled = false;
	for (const struct probe *p = probes; p->id; p++) {
		if (!probe_applies(p, &v->names))
			continue;
		if (run_probe(c, v, p, e) < 0)
			rc = -1;
		if (step_cancelled(c) || (rc < 0 && !all))
			return -1;
	}
	return media_port(c, v, e) < 0 ? -1 : rc;
}

/* --- what is only noted --------------------------------------------------------------------------- */

static void warn(struct verify *v, const char *id, const char *title, const char *url,
		 const struct err *why)
{
	_cleanup_free_ char *text = err_text(why);
	note(v, id, title, url, why);
	json_array_append_new(v->warnings, json_text(text));
}

/* The way that a phone in the house takes: by public DNS to the public address, through the router
 * and back. */
static void look_through_router(struct step_ctx *c, struct verify *v)
{
	_cleanup_http_ struct http_response r = { 0 };
	_cleanup_free_ char *url = probe_url(&probes[0], &v->names);
	struct err why = ERR_INIT;
	struct err own = ERR_INIT;

	if (ask(c, url, NULL, OUTSIDE_TIMEOUT_S, &r, &why) == 0 &&
	    probe_judge(&probes[0], &v->names, &r, &own) == 0) {
		note(v, "router", N_("from this network by the public address"), url, NULL);
		return;
	}
	_cleanup_free_ char *text = err_text(err_is_set(&own) ? &own : &why);
	err_clear(&own);
	err_set(&own, FAULT_VERIFY_UNREACHABLE,
		N_("devices in this network may not reach %s by the public address (%s): the router needs the forwarding table and NAT loopback (hairpin)"),
		v->names.synapse, text);
	warn(v, "router", N_("from this network by the public address"), url, &own);
}

/* Sound and picture of people in the house go by UDP through the router too. No warning: calls get by
 * with TCP, and a rule for UDP that is still missing looks the same. */
static void look_for_udp(struct step_ctx *c, struct verify *v)
{
	const char *public = step_fact(c, "public.address");
	struct port_span spans[2];
	struct err why = ERR_INIT;

	if (!v->address || !public || gather_call_ports(c, spans, &why) < 0)
		return;
	const unsigned port = spans[1].first;
	_cleanup_free_ char *where = xasprintf("%s:%u/udp", public, port);
	const int came = hairpin_udp(c, v->address, public, port);
	if (came < 0)
		return;
	if (!came)
		err_set(&why, FAULT_VERIFY_RTC,
			N_("no packet to %s came back through the router: its rules for UDP are missing, or it does not lead its own network back (hairpin)"),
			where);
	note(v, "router-udp", N_("sound and picture from this network by the public address"), where, &why);
}

/* The tester may be slow or gone: only a clear "no" counts. */
static void ask_tester(struct step_ctx *c, struct verify *v)
{
	_cleanup_http_ struct http_response r = { 0 };
	_cleanup_free_ char *url = xasprintf("%s%s", TESTER, v->names.server_name);
	const struct http_request rq = { .url = url, .follow = true, .timeout_s = 30 };
	struct err why = ERR_INIT;

	if (!strcmp(v->names.plan, "none") || is_staging(c))
		return;
	if (step_http(c, &rq, &r, &why) < 0 || r.status != 200)
		return;
	_cleanup_json_ json_t *report =
		json_parse(r.body, r.len, FAULT_HTTP_PROTOCOL, "federation tester", NULL);
	const json_t *ok = json_object_get(report, "FederationOK");
	if (json_is_true(ok))
		note(v, "federation-tester", N_("other servers, seen from outside"), url, NULL);
	if (!json_is_false(ok))
		return;
	err_set(&why, FAULT_VERIFY_FEDERATION,
		N_("the federation tester does not reach %s from outside: see https://federationtester.matrix.org/#%s"),
		v->names.server_name, v->names.server_name);
	warn(v, "federation-tester", N_("other servers, seen from outside"), url, &why);
}

/* Chosen, so no warning: but whoever reads the results must know, and the handover says it first. */
static void note_staging(struct step_ctx *c, struct verify *v)
{
	struct err why = ERR_INIT;
	if (!is_staging(c))
		return;
	err_set(&why, FAULT_VERIFY_TLS,
		N_("the certificates are of the staging environment: no browser trusts them, and calls do not work"));
	note(v, "staging", N_("certificates"), "-", &why);
}

/* Once everything required is there. */
static void look_further(struct step_ctx *c, struct verify *v)
{
	note(v, "objects", N_("names and ports of the objects in the cluster"), ESS_NS, NULL);
	look_through_router(c, v);
	look_for_udp(c, v);
	ask_tester(c, v);
	note_staging(c, v);
}

/* --- check ---------------------------------------------------------------------------------------- */

/* Somebody may have mended what the last run warned of; looked at only then, since it goes out into the
 * world. Nothing has to be applied for it, so it is noted here. */
static void warn_anew(struct step_ctx *c, struct verify *v)
{
	const size_t before = json_array_size(step_fact_json(c, "verify.warnings"));
	if (before == 0)
		return;
	look_further(c, v);
	if (json_array_size(v->warnings) >= before)
		return;
	step_fact_set_json(c, "verify.results", steal(v->results));
	step_fact_set_json(c, "verify.warnings", steal(v->warnings));
}

static int look(struct step_ctx *c, struct verify *v, enum step_found *ret, struct err *e)
{
	struct err own = ERR_INIT;

	*ret = STEP_ABSENT;
	if (verify_init(c, v, e) < 0)
		return -1;
	/* What is only noted was not looked at yet; and before there is a machine to ask, nobody must wait
	 * for answers from the world outside. */
	if (!step_fact_json(c, "verify.results") ||
	    (!v->address && strcmp(step_str(c, "cluster.kind"), "existing")))
		return 0;
	*ret = STEP_PRESENT;
	if (gate_live(c, &v->own.names, &own) == 0 && required(c, v, false, &own) == 0) {
		warn_anew(c, v);
		return 0;
	}
	if (own.fault == FAULT_CANCELLED || own.fault == FAULT_KUBE_UNREACHABLE) {
		*e = own;
		return -1;
	}
	_cleanup_free_ char *text = err_text(&own);
	step_log(c, "%s", text);
	*ret = STEP_DIFFERENT;
	return 0;
}

static int check(struct step_ctx *c, enum step_found *ret, struct err *e)
{
	struct verify v __attribute__((cleanup(verify_done))) = { 0 };
	struct err own = ERR_INIT;

	if (look(c, &v, ret, &own) == 0 || kube_absent(&own, ret) == 0)
		return 0;
	*e = own;
	return -1;
}

/* --- apply ---------------------------------------------------------------------------------------- */

struct attempt {
	struct verify *v;
	struct err last;
	unsigned times; /* last, in a row */
};

static int answers(struct step_ctx *c, void *arg, char **ret_seen, struct err *e)
{
	struct attempt *a = arg;

	const enum fault before = a->last.fault;
	a->last = (struct err)ERR_INIT;
	if (required(c, a->v, true, &a->last) == 0)
		return 1;
	a->times = a->last.fault == before ? a->times + 1 : 0;
	if (step_cancelled(c))
		return err_set(e, FAULT_CANCELLED, N_("cancelled while asking the server"));
	*ret_seen = err_text(&a->last);
	step_progress(c, -1, N_("waiting: %s"), *ret_seen);
	if (a->times < PATIENCE || !a->v->settled)
		return 0;
	*e = a->last;
	return -1;
}

static int apply(struct step_ctx *c, struct err *e)
{
	struct verify v __attribute__((cleanup(verify_done))) = { 0 };
	struct attempt a = { .v = &v, .last = ERR_INIT };
	struct err own = ERR_INIT;

	if (step_dry_run(c))
		return 0;
	if (verify_init(c, &v, e) < 0)
		return -1;
	/* Whatever the server answers: an object that was changed takes effect at the next start of its pod. */
	if (gate_live(c, &v.own.names, e) < 0)
		return -1;
	/* Traefik needs some seconds to take over a new certificate or route. */
	if (step_wait(c, WAIT_S, POLL_MS, FAULT_TIMEOUT, answers, &a, &own) < 0) {
		*e = own.fault == FAULT_TIMEOUT && err_is_set(&a.last) ? a.last : own;
		return -1;
	}
	look_further(c, &v);
	char text[64];
	snprintf(text, sizeof(text), "%zu checks, %zu warnings", json_array_size(v.results),
		 json_array_size(v.warnings));
	step_note(c, text);
	step_fact_set_json(c, "verify.results", steal(v.results));
	step_fact_set_json(c, "verify.warnings", steal(v.warnings));
	return 0;
}

static const char *const inputs[] = { GATE_OWN_INPUTS,
				      CALL_PORTS_INPUTS,
				      "config:ports.federation",
				      "config:federation.plan",
				      "config:certificates.environment",
				      "config:cluster.kind",
				      "fact:machine.address",
				      "fact:public.address",
				      "fact:verify.results",
				      "fact:verify.warnings",
				      "fact:values.sha256",
				      NULL };

const struct step step_verify = {
	.id = "verify",
	.number = 90,
	.title = N_("Verification"),
	.version = 1,
	.estimate_s = 20,
	.inputs = inputs,
	.check = check,
	.apply = apply,
};
