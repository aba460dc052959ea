/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What makes cert-manager take a Secret that is there: internal/controller/certificates/policies, the
 * trigger chain of v1.21: keys fit, annotations name the issuer and the Certificate, the names are
 * exactly those asked for, two thirds of its life are not over. */
#include "steps/kept.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/x509.h"
#include "steps/objects.h"
#include "steps/tls-names.h"

#define ANNOTATIONS "cert-manager.io/"
#define LABELS "controller.cert-manager.io/"
/* Less time than that is left: it is renewed in any case, and may end before that is done. */
#define LEFT_MIN_S (7L * 86400)

static const char *environment_name(bool staging)
{
	return staging ? "staging" : "production";
}

/* --- does it fit? ------------------------------------------------------------------------------ */

static const char *note_of(const json_t *secret, const char *name)
{
	return json_string_value(json_object_get(json_at(secret, "metadata.annotations"), name));
}

/* A member of a Secret's data, decoded; new (free_secret), NULL when it is missing or no base64. */
static char *data_of(const json_t *secret, const char *name, size_t *ret_len)
{
	const char *text =
		json_string_value(json_object_get(json_object_get(secret, "data"), name));
	unsigned char *raw = NULL;
	if (!text || !*text || crypto_unbase64(text, &raw, ret_len) < 0)
		return NULL;
	return (char *)raw;
}

static bool is_note(const json_t *secret, const char *name, const char *want)
{
	const char *have = note_of(secret, name);
	return have && !strcmp(have, want);
}

static char *notes_misfit(const json_t *secret, const char *name, bool staging)
{
	const char *issuer = note_of(secret, "cert-manager.io/issuer-name");
	const char *of = note_of(secret, "cert-manager.io/certificate-name");
	if (!issuer || strcmp(issuer, issuer_name(staging)))
		return xasprintf("it is of the issuer %s, not of %s", issuer ? issuer : "-",
				 issuer_name(staging));
	if (!is_note(secret, "cert-manager.io/issuer-kind", "ClusterIssuer") ||
	    !is_note(secret, "cert-manager.io/issuer-group", "cert-manager.io"))
		return xstrdup("its issuer is not of the kind ClusterIssuer");
	if (!of || strcmp(of, name))
		return xasprintf("it is of the certificate %s, not of %s", of ? of : "-", name);
	return NULL;
}

static char *facts_misfit(const struct x509_facts *f, const char *host, bool staging, time_t now)
{
	/* Every issuer of the staging environment says so (letsencrypt.org/docs/staging-environment). */
	const bool of_staging = strstr(f->issuer, "(STAGING)") != NULL;
	if (of_staging != staging)
		return xasprintf("its issuer is %s, which is of %s", f->issuer,
				 environment_name(of_staging));
	if (strv_len(f->names) != 1 || strcasecmp(f->names[0], host)) {
		_cleanup_free_ char *names = text_join((const char *const *)f->names, ", ");
		return xasprintf("it is for %s, not for %s", *names ? names : "no name", host);
	}
	if (!now)
		return NULL;
	if (now < f->from)
		return xstrdup("it is not valid yet");
	if (now >= f->to)
		return xasprintf("it ended %ld days ago", (long)((now - f->to) / 86400));
	if (f->to - now < LEFT_MIN_S)
		return xasprintf("it ends within %ld days", (long)((f->to - now + 86399) / 86400));
	return NULL;
}

char *kept_tls_misfit(const json_t *secret, const char *name, const char *host, bool staging, time_t now)
{
	struct x509_facts facts _cleanup_x509_ = { 0 };
	size_t crt_len = 0, key_len = 0;
	_cleanup_secret_ char *crt = data_of(secret, "tls.crt", &crt_len);
	_cleanup_secret_ char *key = data_of(secret, "tls.key", &key_len);
	if (!crt || !x509_read(crt, crt_len, &facts))
		return xstrdup("it holds no certificate");
	if (!key || !x509_key_fits(crt, crt_len, key, key_len))
		return xstrdup("its key is not the one of its certificate");
	char *why = notes_misfit(secret, name, staging);
	return why ? why : facts_misfit(&facts, host, staging, now);
}

char *kept_account_misfit(const json_t *secret, bool staging)
{
	size_t len = 0;
	_cleanup_secret_ char *key = data_of(secret, "tls.key", &len);
	if (!key || !x509_is_rsa_key(key, len))
		return xasprintf("it holds no RSA key for an account of %s", environment_name(staging));
	return NULL;
}

/* --- what is kept ------------------------------------------------------------------------------ */

/* Members of an object whose names begin so; new. */
static json_t *with_prefix(const json_t *members, const char *prefix)
{
	json_t *out = json_object();
	const char *name;
	json_t *v;
	json_object_foreach((json_t *)members, name, v)
		if (text_starts(name, prefix))
			json_object_set(out, name, v);
	return out;
}

json_t *kept_extract(const json_t *secret)
{
	json_t *annotations = with_prefix(json_at(secret, "metadata.annotations"), ANNOTATIONS);
	json_t *labels = with_prefix(json_at(secret, "metadata.labels"), LABELS);
	return json_pack("{s:s, s:s, s:O, s:{s:O, s:O, s:o, s:o}, s:O}", "apiVersion", "v1", "kind",
			 "Secret", "type", json_object_get(secret, "type"), "metadata", "name",
			 json_at(secret, "metadata.name"), "namespace",
			 json_at(secret, "metadata.namespace"), "annotations", annotations, "labels",
			 labels, "data", json_object_get(secret, "data"));
}

static char *tls_entry(bool staging, const char *host)
{
	return xasprintf("tls/%s/%s", environment_name(staging), host);
}

static char *account_entry(bool staging)
{
	return xasprintf("account/%s", environment_name(staging));
}

/* 1 when it is not kept like this; keeps it unless only to be counted. */
static int keep(struct step_ctx *c, const char *entry, const json_t *live, bool count, struct err *e)
{
	_cleanup_json_ json_t *now = kept_extract(live);
	_cleanup_json_ json_t *before = NULL;
	if (!now || step_kept(c, entry, &before, e) < 0)
		return -1;
	if (json_equal(json_object_get(now, "data"), json_object_get(before, "data")) &&
	    json_equal(json_at(now, "metadata"), json_at(before, "metadata")))
		return 0;
	if (count)
		return 1;
	step_log(c, "kept for later installations: %s", entry);
	return step_keep(c, entry, now, e) < 0 ? -1 : 1;
}

/* --- TLS Secrets ------------------------------------------------------------------------------- */

static int save_tls(struct step_ctx *c, bool count, struct err *e)
{
	struct tls_names names _cleanup_tls_names_ = { .n = 0 };
	_cleanup_json_ json_t *live = NULL;
	int n = 0;

	tls_names(c, &names);
	if (kube_list(c, "secrets", ESS_NS, NULL, &live, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		const json_t *secret = kube_named(live, names.v[i].secret);
		const char *issuer = note_of(secret, "cert-manager.io/issuer-name");
		const bool staging = issuer && !strcmp(issuer, issuer_name(true));
		_cleanup_free_ char *entry = tls_entry(staging, names.v[i].host);
		_cleanup_free_ char *why =
			secret ? kept_tls_misfit(secret, names.v[i].secret, names.v[i].host, staging, 0)
			       : xstrdup("missing");
		int kept = why ? 0 : keep(c, entry, secret, count, e);
		if (kept < 0)
			return -1;
		n += kept;
	}
	return n;
}

int kept_save_tls(struct step_ctx *c, struct err *e)
{
	return save_tls(c, step_dry_run(c), e);
}

int kept_unsaved_tls(struct step_ctx *c, struct err *e)
{
	return save_tls(c, true, e);
}

/* The kept Secret for a name, if it fits; *ret new or NULL. Why it does not is logged. */
static int fitting(struct step_ctx *c, const struct tls_name *t, bool staging, json_t **ret, struct err *e)
{
	_cleanup_free_ char *entry = tls_entry(staging, t->host);
	if (step_kept(c, entry, ret, e) < 0)
		return -1;
	_cleanup_free_ char *why =
		*ret ? kept_tls_misfit(*ret, t->secret, t->host, staging, time(NULL)) : NULL;
	if (!why)
		return 0;
	step_log(c, "the kept certificate %s is not put back: %s", entry, why);
	json_decref(*ret);
	*ret = NULL;
	return 0;
}

static int restore_tls(struct step_ctx *c, bool count, struct err *e)
{
	const bool staging = !strcmp(step_str(c, "certificates.environment"), "staging");
	struct tls_names names _cleanup_tls_names_ = { .n = 0 };
	_cleanup_json_ json_t *live = NULL, *certificates = NULL;
	int n = 0;

	tls_names(c, &names);
	if (kube_list(c, "secrets", ESS_NS, NULL, &live, e) < 0 ||
	    kube_list(c, "certificates.cert-manager.io", ESS_NS, NULL, &certificates, e) < 0)
		return -1;
	for (size_t i = 0; i < names.n; i++) {
		const struct tls_name *t = &names.v[i];
		const json_t *have = kube_named(live, t->secret);
		_cleanup_json_ json_t *kept = NULL;
		_cleanup_free_ char *why =
			have ? kept_tls_misfit(have, t->secret, t->host, staging, time(NULL)) : NULL;
		if ((have && !why) || kube_named(certificates, t->secret))
			continue;
		if (fitting(c, t, staging, &kept, e) < 0)
			return -1;
		if (!kept)
			continue;
		n++;
		if (count)
			continue;
		step_log(c, "the kept certificate of %s is put back", t->host);
		if (kube_apply(c, kept, e) < 0)
			return -1;
	}
	return n;
}

int kept_restore_tls(struct step_ctx *c, struct err *e)
{
	return restore_tls(c, false, e);
}

int kept_missing_tls(struct step_ctx *c, struct err *e)
{
	return restore_tls(c, true, e);
}

/* --- the account's key ------------------------------------------------------------------------- */

static int live_account(struct step_ctx *c, bool staging, json_t **ret, struct err *e)
{
	return kube_get(c, "secrets", issuer_account_secret(staging), CERT_MANAGER_NS, ret, e);
}

int kept_restore_account(struct step_ctx *c, bool staging, struct err *e)
{
	_cleanup_free_ char *entry = account_entry(staging);
	_cleanup_json_ json_t *live = NULL, *kept = NULL;
	if (live_account(c, staging, &live, e) < 0 || step_kept(c, entry, &kept, e) < 0)
		return -1;
	_cleanup_free_ char *bad = live ? kept_account_misfit(live, staging) : xstrdup("missing");
	if (!bad || !kept)
		return 0;
	_cleanup_free_ char *why = kept_account_misfit(kept, staging);
	if (why) {
		step_log(c, "the kept key %s is not put back: %s", entry, why);
		return 0;
	}
	step_log(c, "the kept key %s is put back: the account stays the same", entry);
	return kube_apply(c, kept, e) < 0 ? -1 : 1;
}

static int save_account(struct step_ctx *c, bool staging, bool count, struct err *e)
{
	_cleanup_free_ char *entry = account_entry(staging);
	_cleanup_json_ json_t *live = NULL;
	if (live_account(c, staging, &live, e) < 0)
		return -1;
	_cleanup_free_ char *why = live ? kept_account_misfit(live, staging) : xstrdup("missing");
	return why ? 0 : keep(c, entry, live, count, e);
}

int kept_save_account(struct step_ctx *c, bool staging, struct err *e)
{
	return save_account(c, staging, step_dry_run(c), e) < 0 ? -1 : 0;
}

int kept_has_account(struct step_ctx *c, bool staging, struct err *e)
{
	int n = save_account(c, staging, true, e);
	return n < 0 ? -1 : n == 0;
}
