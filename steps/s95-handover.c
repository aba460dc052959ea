/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Step 95, handover: the page with addresses, router table and what people type, for root only. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "steps/handover.h"
#include "steps/steps.h"

#define FILE_PATH "/var/lib/ess-setup/handover.txt"
#define FILE_MODE 0600

static bool fact_is(struct step_ctx *c, const char *name, const char *value)
{
	const char *fact = step_fact(c, name);
	return fact && !strcmp(fact, value);
}

/* Of the steps that found something; new. */
static json_t *all_warnings(struct step_ctx *c)
{
	json_t *all = json_array();
	const json_t *dns = step_fact_json(c, "dns.warnings"), *verify = step_fact_json(c, "verify.warnings");
	if (dns)
		json_array_extend(all, (json_t *)dns);
	if (verify)
		json_array_extend(all, (json_t *)verify);
	return all;
}

static char *build(struct step_ctx *c)
{
	_cleanup_json_ json_t *warnings = all_warnings(c);
	_cleanup_free_ char *synapse = step_host(c, "synapse");
	_cleanup_free_ char *auth = step_host(c, "auth");
	_cleanup_free_ char *rtc = step_host(c, "rtc");
	_cleanup_free_ char *web = step_host(c, "web");
	_cleanup_free_ char *admin = step_host(c, "admin");
	bool muxed = !strcmp(step_str(c, "ports.rtc_mode"), "muxed");
	const struct handover h = {
		.server_name = step_str(c, "domains.server_name"),
		.synapse = synapse,
		.auth = auth,
		.rtc = rtc,
		.web = web,
		.admin = admin,
		.http = step_int(c, "ports.http"),
		.https = step_int(c, "ports.https"),
		.federation = step_int(c, "ports.federation"),
		.node_http = step_int(c, "ports.internal.http"),
		.node_https = step_int(c, "ports.internal.https"),
		.node_federation = step_int(c, "ports.internal.federation"),
		.rtc_tcp = step_int(c, "ports.rtc_tcp"),
		.rtc_udp = step_int(c, "ports.rtc_udp"),
		.udp_range = muxed ? NULL : step_str(c, "ports.udp_range"),
		.plan = step_str(c, "federation.plan"),
		.registration = step_str(c, "registration.mode"),
		.machine = step_fact(c, "machine.address"),
		.hairpin = step_fact(c, "public.hairpin"),
		.username = step_str(c, "admin.username"),
		.existed = !step_secret(c, "admin.password"),
		.by_argument = fact_is(c, "admin.password_by_argument", "yes"),
		.staging = !strcmp(step_str(c, "certificates.environment"), "staging"),
		.warnings = warnings,
	};
	return handover_text(&h);
}

static int check(struct step_ctx *c, enum step_found *ret, struct err *e)
{
	_cleanup_free_ char *text = build(c);
	_cleanup_free_ char *old = NULL;
	int same = step_same(c, FILE_PATH, text, strlen(text), FILE_MODE, e);

	if (same < 0)
		return -1;
	if (!same && step_read(c, FILE_PATH, (size_t)1 << 20, &old, NULL, e) < 0)
		return -1;
	*ret = same ? STEP_PRESENT : old ? STEP_DIFFERENT : STEP_ABSENT;
	return 0;
}

static int apply(struct step_ctx *c, struct err *e)
{
	_cleanup_free_ char *text = build(c);
	if (step_write(c, FILE_PATH, text, strlen(text), FILE_MODE, e) < 0)
		return -1;
	step_note(c, FILE_PATH);
	return 0;
}

static int undo(struct step_ctx *c, struct err *e)
{
	return step_remove(c, FILE_PATH, e);
}

static const char *const inputs[] = {
	"config:domains.*",		   "config:ports.*",	  "config:federation.plan", "config:registration.mode",
	"config:admin.username",	   "config:certificates.environment",
	"secret:admin.password",	   "fact:machine.address", "fact:public.hairpin",
	"fact:admin.password_by_argument", "fact:dns.warnings", "fact:verify.warnings", NULL
};

const struct step step_handover = {
	.id = "handover",
	.number = 95,
	.title = N_("Summary"),
	.version = 1,
	.estimate_s = 1,
	.inputs = inputs,
	.check = check,
	.apply = apply,
	.undo = undo,
};
