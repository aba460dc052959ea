/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What the API server refuses, in its words, and the defaults it adds. */
#include <ctype.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/cluster.h"

static int undeclared(const json_t *object, const json_t *part, const char *path, const char *words,
		      char **ret_error)
{
	const char *name;
	json_t *v;
	json_object_foreach((json_t *)part, name, v) {
		if (world_word_in(words, name))
			continue;
		const char *ns = json_str_at(object, "metadata.namespace");
		*ret_error = xasprintf("Error from server: failed to create typed patch object "
				       "(%s/%s; %s, Kind=%s): "
				       "%s.%s: field not declared in schema",
				       ns ? ns : "", json_str_at(object, "metadata.name"),
				       json_str_at(object, "apiVersion"),
				       json_str_at(object, "kind"), path, name);
		return -1;
	}
	return 0;
}

/* A DNS name as RFC 1123 has it, with an optional "*." in front. */
static bool is_dns_name(const char *s)
{
	if (strncmp(s, "*.", 2) == 0)
		s += 2;
	if (!*s || strlen(s) > 253)
		return false;
	for (const char *at = s; *at; at++) {
		bool edge = at == s || at[-1] == '.' || !at[1] || at[1] == '.';
		if (islower((unsigned char)*at) || isdigit((unsigned char)*at) ||
		    (*at == '-' && !edge) || (*at == '.' && at != s && at[-1] != '.' && at[1]))
			continue;
		return false;
	}
	return true;
}

static int bad_host(const json_t *ing, const char *path, size_t i, size_t k, const char *host,
		    char **ret_error)
{
	_cleanup_free_ char *where = strcmp(path, "tls") == 0
					     ? xasprintf("spec.tls[%zu].hosts[%zu]", i, k)
					     : xasprintf("spec.rules[%zu].host", i);
	*ret_error = xasprintf(
		"The Ingress \"%s\" is invalid: %s: Invalid value: \"%s\": a lowercase RFC 1123 "
		"subdomain "
		"must consist of lower case alphanumeric characters, '-' or '.', and must start "
		"and end "
		"with an alphanumeric character (e.g. 'example.com', regex used for validation is "
		"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
		json_str_at(ing, "metadata.name"), where, host);
	return -1;
}

static int validate_ingress(json_t *ing, char **ret_error)
{
	json_t *one, *host;
	size_t i, k;
	json_array_foreach(json_at(ing, "spec.rules"), i, one) {
		const char *name = json_str_at(one, "host");
		if (name && !is_dns_name(name))
			return bad_host(ing, "rules", i, 0, name, ret_error);
	}
	json_array_foreach(json_at(ing, "spec.tls"), i, one)
		json_array_foreach(json_object_get(one, "hosts"), k, host)
			if (!is_dns_name(json_string_value(host)))
				return bad_host(ing, "tls", i, k, json_string_value(host),
						ret_error);
	if (!json_object_get(ing, "status"))
		json_object_set_new(ing, "status", json_pack("{s:{}}", "loadBalancer"));
	return 0;
}

static int validate_issuer(json_t *issuer, char **ret_error)
{
	json_t *acme = json_at(issuer, "spec.acme"), *one;
	if (undeclared(issuer, acme, ".spec.acme",
		       "server email privateKeySecretRef solvers preferredChain caBundle "
		       "skipTLSVerify externalAccountBinding "
		       "disableAccountKeyGeneration enableDurationFeature profile "
		       "renewalInformationSource",
		       ret_error) < 0)
		return -1;
	size_t i;
	json_array_foreach(json_object_get(acme, "solvers"), i, one) {
		_cleanup_free_ char *path = xasprintf(".spec.acme.solvers[%zu]", i);
		if (undeclared(issuer, one, path, "dns01 http01 selector waitInsteadOfSelfCheck",
			       ret_error) < 0)
			return -1;
	}
	if (!json_str_at(acme, "server") || !json_str_at(acme, "privateKeySecretRef.name")) {
		const char *lack = json_str_at(acme, "server") ? "privateKeySecretRef" : "server";
		*ret_error = xasprintf(
			"The ClusterIssuer \"%s\" is invalid: spec.acme.%s: Required value",
			json_str_at(issuer, "metadata.name"), lack);
		return -1;
	}
	if (!json_object_get(acme, "renewalInformationSource"))
		json_object_set_new(acme, "renewalInformationSource", json_string("ARI"));
	return 0;
}

static int validate_secret(json_t *secret, const json_t *old, char **ret_error)
{
	const char *type = json_str_at(secret, "type"), *was = json_str_at(old, "type");
	if (!type)
		json_object_set_new(secret, "type", json_string("Opaque"));
	if (type && was && strcmp(type, was) != 0) {
		*ret_error = xasprintf("The Secret \"%s\" is invalid: type: Invalid value: \"%s\": "
				       "field is immutable",
				       json_str_at(secret, "metadata.name"), type);
		return -1;
	}
	if (type && strcmp(type, "kubernetes.io/tls") == 0) {
		static const char *const need[] = { "tls.crt", "tls.key" };
		for (size_t i = 0; i < ARRAY_LEN(need); i++) {
			if (json_object_get(json_object_get(secret, "data"), need[i]))
				continue;
			*ret_error =
				xasprintf("The Secret \"%s\" is invalid: data[%s]: Required value",
					  json_str_at(secret, "metadata.name"), need[i]);
			return -1;
		}
	}
	return 0;
}

static int validate_claim(json_t *pvc, const json_t *old, char **ret_error)
{
	json_t *spec = json_object_get(pvc, "spec");
	if (!json_object_get(spec, "storageClassName"))
		json_object_set_new(spec, "storageClassName", json_string("local-path"));
	json_object_set_new(spec, "volumeMode", json_string("Filesystem"));
	const char *now = json_str_at(spec, "storageClassName"),
		   *was = json_str_at(old, "spec.storageClassName");
	if (was && strcmp(now, was) != 0) {
		*ret_error = xasprintf("The PersistentVolumeClaim \"%s\" is invalid: spec: "
				       "Forbidden: spec is immutable after "
				       "creation except resources.requests and "
				       "volumeAttributesClassName for bound claims",
				       json_str_at(pvc, "metadata.name"));
		return -1;
	}
	return 0;
}

int validate_object(struct cluster *c, json_t *object, const json_t *old, char **ret_error)
{
	const struct kind *k = kind_of(object);
	const char *name = json_str_at(object, "metadata.name");
	if (undeclared(object, object, "",
		       "apiVersion kind metadata spec status data stringData binaryData type "
		       "immutable rules roleRef subjects "
		       "secrets imagePullSecrets automountServiceAccountToken involvedObject "
		       "reason message count "
		       "firstTimestamp lastTimestamp provisioner reclaimPolicy volumeBindingMode "
		       "subsets webhooks",
		       ret_error) < 0 ||
	    undeclared(object, json_object_get(object, "metadata"), ".metadata",
		       "name namespace labels annotations finalizers ownerReferences generateName "
		       "uid creationTimestamp "
		       "resourceVersion generation deletionTimestamp",
		       ret_error) < 0)
		return -1;
	if (k->spec &&
	    undeclared(object, json_object_get(object, "spec"), ".spec", k->spec, ret_error) < 0)
		return -1;
	if (!is_dns_name(name) && strcmp(k->plural, "roles") != 0 &&
	    strcmp(k->plural, "rolebindings") != 0) {
		*ret_error =
			xasprintf("The %s \"%s\" is invalid: metadata.name: Invalid value: \"%s\": "
				  "a lowercase RFC 1123 "
				  "subdomain must consist of lower case alphanumeric characters",
				  k->kind, name, name);
		return -1;
	}
	if (strcmp(k->kind, "Ingress") == 0)
		return validate_ingress(object, ret_error);
	if (strcmp(k->kind, "Service") == 0)
		return validate_service(c, object, old, ret_error);
	if (strcmp(k->kind, "ClusterIssuer") == 0)
		return validate_issuer(object, ret_error);
	if (strcmp(k->kind, "Secret") == 0)
		return validate_secret(object, old, ret_error);
	if (strcmp(k->kind, "PersistentVolumeClaim") == 0)
		return validate_claim(object, old, ret_error);
	return 0;
}
