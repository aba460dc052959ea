/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* cert-manager: issuers register, Ingresses with its annotation get a Certificate. */
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "base/x509.h"
#include "world/acme.h"
#include "world/cluster.h"
#include "world/tls.h"

static bool controller_ready(const struct cluster *c)
{
	const json_t *d = cluster_get(c, "deployments", "cert-manager", "cert-manager");
	return json_int_at(d, "status.readyReplicas", 0) > 0;
}

/* The account's key, made when it is not there, as pkg/issuer/acme/setup.go does; new. NULL with what
 * is wrong with the one that is there. */
static char *account_key(struct cluster *c, const json_t *issuer, char **ret_trouble)
{
	const char *name = json_str_at(issuer, "spec.acme.privateKeySecretRef.name");
	const json_t *s = cluster_get(c, "secrets", "cert-manager", name);
	const char *text = json_string_value(json_object_get(json_object_get(s, "data"), "tls.key"));
	unsigned char *key = NULL;
	size_t len = 0;
	*ret_trouble = NULL;
	if (!s) {
		char *fresh = tls_rsa_key();
		_cleanup_free_ char *key64 = crypto_base64(fresh, strlen(fresh));
		cluster_put(c, json_pack("{s:s, s:s, s:{s:s, s:s}, s:s, s:{s:s}}", "apiVersion", "v1",
					 "kind", "Secret", "metadata", "name", name, "namespace",
					 "cert-manager", "type", "Opaque", "data", "tls.key", key64));
		return fresh;
	}
	if (!text || crypto_unbase64(text, &key, &len) < 0 || !strstr((char *)key, "PRIVATE KEY"))
		*ret_trouble = xstrdup("Account private key is invalid: error decoding private key PEM block");
	else if (!x509_is_rsa_key(key, len))
		*ret_trouble = xasprintf("ACME private key in \"%s\" is not of type RSA", name);
	if (*ret_trouble)
		cleanup_free(&key), key = NULL;
	return (char *)key;
}

static void issuer_fails(struct cluster *c, json_t *issuer, const char *reason, const char *message)
{
	status_condition(issuer, "Ready", "False", reason, message);
	status_observe(issuer, "Ready");
	cluster_touch(c, issuer);
}

static void settle_issuer(struct cluster *c, json_t *issuer)
{
	_cleanup_free_ char *refused = scenario_knob(c->w, "issuer.refused"), *trouble = NULL;
	_cleanup_free_ char *key = account_key(c, issuer, &trouble);
	_cleanup_free_ char *sum = key ? crypto_sha256(key, strlen(key)) : NULL;
	const char *last = json_str_at(issuer, "status.acme.lastPrivateKeyHash");
	const bool is_ready = status_current(issuer) && status_is(issuer, "Ready", "True");
	if (trouble) {
		if (!status_current(issuer) || is_ready)
			issuer_fails(c, issuer, "ErrVerifyACMEAccount", trouble);
		return;
	}
	if (refused) {
		_cleanup_free_ char *text =
			xasprintf("Failed to register ACME account: %s", refused);
		if (!status_current(issuer) || is_ready)
			issuer_fails(c, issuer, "ErrRegisterACMEAccount", text);
		return;
	}
	if (is_ready && last && strcmp(last, sum) == 0)
		return;
	const char *server = json_str_at(issuer, "spec.acme.server");
	_cleanup_free_ char *uri = acme_account(c->w, server ? server : "", key);
	status_condition(issuer, "Ready", "True", "ACMEAccountRegistered",
			 "The ACME account was registered with the ACME server");
	json_object_set_new(json_object_get(issuer, "status"), "acme",
			    json_pack("{s:s, s:s}", "uri", uri, "lastPrivateKeyHash", sum));
	status_observe(issuer, "Ready");
	cluster_touch(c, issuer);
}

/* --- from Ingress to Certificate --- */

static json_t *wanted(const json_t *ingress, const json_t *tls, const char *issuer)
{
	return json_pack(
		"{s:s, s:s, s:{s:s, s:s, s:[{s:s, s:s, s:s, s:s, s:b}]}, s:{s:s, s:O, s:{s:s, s:s, "
		"s:s}, s:[s, s]}}",
		"apiVersion", "cert-manager.io/v1", "kind", "Certificate", "metadata", "name",
		json_str_at(tls, "secretName"), "namespace",
		json_str_at(ingress, "metadata.namespace"), "ownerReferences", "apiVersion",
		"networking.k8s.io/v1", "kind", "Ingress", "name",
		json_str_at(ingress, "metadata.name"), "uid", json_str_at(ingress, "metadata.uid"),
		"controller", 1, "spec", "secretName", json_str_at(tls, "secretName"), "dnsNames",
		json_object_get(tls, "hosts"), "issuerRef", "group", "cert-manager.io", "kind",
		"ClusterIssuer", "name", issuer, "usages", "digital signature", "key encipherment");
}

static const char *issuer_of(const json_t *ingress)
{
	return json_string_value(json_object_get(json_at(ingress, "metadata.annotations"),
						 "cert-manager.io/cluster-issuer"));
}

static void shim(struct cluster *c, const json_t *ingress)
{
	json_t *tls;
	size_t i;
	json_array_foreach(json_at(ingress, "spec.tls"), i, tls)
		if (json_str_at(tls, "secretName"))
			cluster_put(c, wanted(ingress, tls, issuer_of(ingress)));
}

/* What an Ingress asked for goes with it. */
static bool orphaned(const struct cluster *c, const json_t *certificate)
{
	const json_t *ref = json_array_get(json_at(certificate, "metadata.ownerReferences"), 0);
	if (!ref)
		return false;
	const json_t *ingress =
		cluster_get(c, "ingresses", json_str_at(certificate, "metadata.namespace"),
			    json_str_at(ref, "name"));
	return !ingress || !issuer_of(ingress) ||
	       strcmp(json_str_at(ingress, "metadata.uid"), json_str_at(ref, "uid")) != 0;
}

void settle_certificates(struct cluster *c)
{
	if (!json_object_get(json_object_get(c->st.j, "crds"), "cert-manager") ||
	    !controller_ready(c))
		return;
	size_t n = 0, i;
	const char *key;
	json_t *o;
	char **keys = xcalloc(json_object_size(c->objects) + 1, sizeof(*keys));
	json_object_foreach(c->objects, key, o)
		if (text_starts(key, "clusterissuers") || text_starts(key, "ingresses"))
			keys[n++] = xstrdup(key);
	for (i = 0; i < n; i++) {
		o = json_object_get(c->objects, keys[i]);
		if (text_starts(keys[i], "clusterissuers"))
			settle_issuer(c, o);
		else if (issuer_of(o))
			shim(c, o);
	}
	strv_free(keys);

	n = 0;
	keys = xcalloc(json_object_size(c->objects) + 1, sizeof(*keys));
	json_object_foreach(c->objects, key, o)
		if (text_starts(key, "certificates."))
			keys[n++] = xstrdup(key);
	for (i = 0; i < n; i++) {
		o = json_object_get(c->objects, keys[i]);
		if (orphaned(c, o))
			cluster_delete(c, "certificates", json_str_at(o, "metadata.namespace"),
				       json_str_at(o, "metadata.name"));
		else
			settle_certificate(c, o);
	}
	strv_free(keys);
}
