/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Step 60, issuer: the Cloudflare token as a Secret first (an issuer made before it may stay
 * unready), then the kept key of its account, then the ClusterIssuer and its account at Let's Encrypt. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "steps/gather.h"
#include "steps/kept.h"
#include "steps/kube.h"
#include "steps/steps.h"

#define RESOURCE "clusterissuers.cert-manager.io"
#define READY_WAIT_S 300

static const char *const inputs[] = { ISSUER_INPUTS, "secret:cloudflare.token", NULL };

/* --- check ------------------------------------------------------------------------------------ */

/* Ready by its newest content; *ret_condition borrowed from issuer, NULL while it speaks of older.
 */
static bool issuer_ready(const json_t *issuer, const json_t **ret_condition)
{
	const json_t *ready = kube_condition(issuer, "Ready");
	long long generation = json_int_at(issuer, "metadata.generation", 0);
	bool current = json_int_at(ready, "observedGeneration", generation) >= generation;
	*ret_condition = current ? ready : NULL;
	return current && kube_condition_true(issuer, "Ready");
}

static int get_issuer(struct step_ctx *c, json_t **ret, struct err *e)
{
	return kube_get(c, RESOURCE, issuer_name(gather_staging(c)), NULL, ret, e);
}

static int look(struct step_ctx *c, enum step_found *ret, struct err *e)
{
	const char *token = step_secret(c, "cloudflare.token");
	_cleanup_json_ json_t *secret = token ? issuer_secret(token) : NULL;
	_cleanup_json_ json_t *issuer = gather_issuer(c, e);
	_cleanup_json_ json_t *live = NULL;
	const json_t *condition;
	if (!issuer)
		return -1;
	_cleanup_json_ json_t *all =
		secret ? json_pack("[O, O]", secret, issuer) : json_pack("[O]", issuer);
	if (kube_check(c, all, ret, e))
		return -1;
	if (*ret != STEP_PRESENT)
		return 0;
	if (get_issuer(c, &live, e))
		return -1;
	int kept = kept_has_account(c, gather_staging(c), e);
	if (!secret || !issuer_ready(live, &condition) || kept == 0)
		*ret = STEP_DIFFERENT;
	return kept < 0 ? -1 : 0;
}

static int check(struct step_ctx *c, enum step_found *ret, struct err *e)
{
	struct err own = ERR_INIT;
	if (look(c, ret, &own) == 0 || kube_absent(&own, ret) == 0)
		return 0;
	*e = own;
	return -1;
}

/* --- apply ------------------------------------------------------------------------------------ */

/* Reasons of cert-manager's pkg/issuer/acme/setup.go, texts of the ACME server behind them. */
static enum fault fault_of(const char *reason, const char *message)
{
	static const struct {
		const char *text;
		enum fault fault;
	} texts[] = {
		{ "invalidContact", FAULT_ISSUER_EMAIL },
		{ "invalidEmail", FAULT_ISSUER_EMAIL },
		{ "unsupportedContact", FAULT_ISSUER_EMAIL },
		{ "rateLimited", FAULT_ISSUER_LIMIT },
		{ "already exists", FAULT_ISSUER_KEY },
		{ "private key", FAULT_ISSUER_KEY },
		{ "exists but is deactivated", FAULT_ISSUER_KEY },
		{ "not of type RSA", FAULT_ISSUER_KEY },
	};
	for (size_t i = 0; i < ARRAY_LEN(texts); i++)
		if (strstr(message, texts[i].text))
			return texts[i].fault;
	if (!strncmp(reason, "Invalid", strlen("Invalid")))
		return FAULT_ISSUER_CONFIG;
	return FAULT_ISSUER_ACCOUNT;
}

struct issuer_wait {
	char *reason, *message; /* of the last look */
};

/* What waiting cannot mend; a server that is not reached is tried again by cert-manager. */
static bool hopeless(enum fault f)
{
	return f != FAULT_ISSUER_ACCOUNT;
}

static void keep(char **where, const char *text)
{
	free(*where);
	*where = xstrdup(text ? text : "");
}

static int ready(struct step_ctx *c, void *arg, char **ret_seen, struct err *e)
{
	struct issuer_wait *w = arg;
	_cleanup_json_ json_t *live = NULL;
	const json_t *condition;
	if (get_issuer(c, &live, e))
		return -1;
	if (issuer_ready(live, &condition))
		return 1;
	keep(&w->reason, json_str_at(condition, "reason"));
	keep(&w->message, json_str_at(condition, "message"));
	*ret_seen =
		xasprintf("%s: %s", *w->reason ? w->reason : "-", *w->message ? w->message : "-");
	step_progress(c, 50, N_("waiting for the account at Let's Encrypt"));
	enum fault f = fault_of(w->reason, w->message);
	return *w->reason && hopeless(f) ? err_set(e, f, N_("%s: %s"), w->reason, w->message) : 0;
}

/* cert-manager has looked at the other key: what it said of the old one is over. */
static int key_is_new(struct step_ctx *c, void *arg, char **ret_seen, struct err *e)
{
	_cleanup_json_ json_t *live = NULL;
	const json_t *condition;
	if (get_issuer(c, &live, e))
		return -1;
	const bool fine = issuer_ready(live, &condition);
	const char *reason = json_str_at(condition, "reason") ?: "-";
	const char *message = json_str_at(condition, "message") ?: "-";
	*ret_seen = xasprintf("%s: %s", reason, message);
	return fine || fault_of(reason, message) != FAULT_ISSUER_KEY;
}

static int wait_once(struct step_ctx *c, struct err *e)
{
	struct issuer_wait w = { 0 };
	int r = step_wait(c, READY_WAIT_S, 2000, FAULT_ISSUER_ACCOUNT, ready, &w, e);
	free(w.reason);
	free(w.message);
	return r;
}

/* A key that cannot be used, and for which nothing kept stands in, is of no use to anybody: once, it makes
 * way for that of a new account, which cert-manager makes where there is none. */
static int wait_ready(struct step_ctx *c, struct err *e)
{
	const bool staging = gather_staging(c);
	struct err own = ERR_INIT;
	if (wait_once(c, &own) == 0)
		return 0;
	if (own.fault != FAULT_ISSUER_KEY) {
		*e = own;
		return -1;
	}
	_cleanup_free_ char *said = err_text(&own);
	step_log(c, "the account's key cannot be used and is replaced: %s", said);
	if (kube_delete(c, "secrets", issuer_account_secret(staging), CERT_MANAGER_NS, e))
		return -1;
	return step_wait(c, 30, 1000, FAULT_ISSUER_KEY, key_is_new, NULL, e) ? -1 : wait_once(c, e);
}

static int apply(struct step_ctx *c, struct err *e)
{
	const char *token = step_secret(c, "cloudflare.token");
	_cleanup_json_ json_t *issuer = gather_issuer(c, e);
	if (!issuer)
		return -1;
	if (!token && !step_dry_run(c))
		return err_set(e, FAULT_CF_NO_TOKEN, N_("no Cloudflare API token is stored"));
	_cleanup_json_ json_t *secret = issuer_secret(token ? token : "");
	step_progress(c, 10, N_("handing the Cloudflare token to cert-manager"));
	if (kube_apply(c, secret, e) ||
	    (!step_dry_run(c) && kept_restore_account(c, gather_staging(c), e) < 0) ||
	    kube_apply(c, issuer, e))
		return -1;
	int r = wait_ready(c, e);
	return r < 0 || step_dry_run(c) ? r : kept_save_account(c, gather_staging(c), e);
}

const struct step step_issuer = {
	.id = "issuer",
	.number = 60,
	.title = N_("Account at Let's Encrypt"),
	.version = 1,
	.estimate_s = 15,
	.inputs = inputs,
	.check = check,
	.apply = apply,
};
