/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The other half of the ledger: its file, and asking it before anything is ordered. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "steps/ess.h"
#include "steps/kept.h"
#include "steps/ledger.h"
#include "steps/tls-names.h"

#define LEDGER_FILE "/var/lib/ess-setup/issuances.json"
#define LEDGER_FILE_MAX ((size_t)4 << 20)

json_t *ledger_load(struct step_ctx *c, struct err *e)
{
	_cleanup_free_ char *text = NULL;
	size_t len;
	bool sound = true;

	if (step_read(c, LEDGER_FILE, LEDGER_FILE_MAX, &text, &len, e) < 0)
		return NULL;
	/* It only ever spares a refused order: damage must not stop the installation. */
	json_t *ledger = text ? ledger_understand(text, len, &sound)
			      : json_pack("{s:i, s:[]}", "format", 1, "issued");
	if (!sound)
		step_log(c, "%s is damaged: what can be understood of it is used", LEDGER_FILE);
	return ledger;
}

int ledger_save(struct step_ctx *c, const json_t *ledger, struct err *e)
{
	_cleanup_free_ char *text = json_pretty(ledger), *old = NULL;
	size_t len;
	bool sound = true;

	if (step_read(c, LEDGER_FILE, LEDGER_FILE_MAX, &old, &len, e) < 0)
		return -1;
	if (old)
		json_decref(ledger_understand(old, len, &sound));
	if (!sound && step_write(c, LEDGER_FILE ".damaged", old, len, 0600, e) < 0)
		return -1;
	return step_write(c, LEDGER_FILE, text, strlen(text), 0600, e);
}

static char *time_text(time_t t)
{
	char text[64];
	struct tm tm;
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M UTC", gmtime_r(&t, &tm));
	return xstrdup(text);
}

static bool is_production(struct step_ctx *c)
{
	return !strcmp(step_str(c, "certificates.environment"), "production");
}

int ledger_allows(struct step_ctx *c, const json_t *ledger, const char *name, struct err *e)
{
	const time_t now = time(NULL);
	enum fault fault = FAULT_CERT_LIMIT;
	if (!is_production(c))
		return 0;
	time_t refused = ledger_refused_until(ledger, name, now, &fault);
	time_t set = ledger_frees_at(ledger, name, now);
	time_t failed = ledger_failures_free_at(ledger, name, now);
	_cleanup_free_ char *until = time_text(refused ? refused : set ? set : failed);
	if (refused)
		return err_set(e, fault, N_("Let's Encrypt refused %s; the next try is possible from %s"),
			       name, until);
	if (set)
		return err_set(e, FAULT_CERT_LIMIT_SET,
			       N_("%s got %d certificates within a week; the next one is possible from %s"),
			       name, 5, until);
	if (failed)
		return err_set(e, FAULT_CERT_LIMIT_FAILED,
			       N_("%d attempts for %s failed within an hour; the next one is possible from %s"),
			       5, name, until);
	return 0;
}

static int consult_domain(struct step_ctx *c, const json_t *ledger, size_t fresh, struct err *e)
{
	const char *zone = step_fact(c, "dns.zone");
	const char *domain = zone ? zone : step_str(c, "domains.server_name");
	time_t at = ledger_domain_frees_at(ledger, domain, fresh, time(NULL));
	_cleanup_free_ char *until = time_text(at);
	if (!at)
		return 0;
	return err_set(e, FAULT_CERT_LIMIT_DOMAIN,
		       N_("%s got %d certificates within a week; %zu more are possible from %s"), domain,
		       50, fresh, until);
}

int ledger_consult(struct step_ctx *c, struct err *e)
{
	struct tls_names names _cleanup_tls_names_ = { .n = 0 };
	_cleanup_json_ json_t *ledger = NULL, *live = NULL;
	size_t fresh = 0;

	if (!is_production(c) || step_dry_run(c))
		return 0;
	ledger = ledger_load(c, e);
	if (!ledger || kube_list(c, "secrets", ESS_NS, NULL, &live, e) < 0)
		return -1;
	tls_names(c, &names);
	for (size_t i = 0; i < names.n; i++) {
		const struct tls_name *t = &names.v[i];
		const json_t *have = kube_named(live, t->secret);
		_cleanup_free_ char *why =
			have ? kept_tls_misfit(have, t->secret, t->host, false, time(NULL))
			     : xstrdup("missing");
		if (!why)
			continue;
		if (ledger_allows(c, ledger, t->host, e) < 0)
			return -1;
		fresh += !ledger_knows(ledger, t->host);
	}
	return consult_domain(c, ledger, fresh, e);
}
