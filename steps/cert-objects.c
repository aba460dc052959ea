/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include <string.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/mem.h"
#include "steps/cluster-files.h"
#include "steps/objects.h"

/* "8.8.8.8:53,1.1.1.1:53": cert-manager wants the port. */
static char *nameservers(const json_t *resolvers)
{
	char *text = xstrdup("");
	for (size_t i = 0; i < json_array_size(resolvers); i++) {
		const char *s = json_string_value(json_array_get(resolvers, i));
		char *longer =
			xasprintf("%s%s%s%s", text, i ? "," : "", s, strchr(s, ':') ? "" : ":53");
		cleanup_free(&text);
		text = longer;
	}
	return text;
}

json_t *cert_manager_values(const struct cert_manager_in *in)
{
	_cleanup_free_ char *servers = nameservers(in->resolvers);
	/* Only these resolvers: home routers drop or answer for themselves what goes to the
	 * authoritative servers (cert-manager docs, dns01 self check). */
	json_t *j =
		json_pack("{s:{s:b}, s:s, s:b}", "crds", "enabled", 1, "dns01RecursiveNameservers",
			  servers, "dns01RecursiveNameserversOnly", 1);
	if (in->proxy) {
		_cleanup_free_ char *except =
			cluster_no_proxy(in->pod_cidr, in->service_cidr, NULL, in->no_proxy);
		json_object_set_new(j, "http_proxy", json_string(in->proxy));
		json_object_set_new(j, "https_proxy", json_string(in->proxy));
		json_object_set_new(j, "no_proxy", json_string(except));
	}
	return j;
}

json_t *cert_manager_probe(void)
{
	return json_pack("{s:s, s:s, s:{s:s, s:s}, s:{s:s, s:[s], s:{s:s, s:s}}}", "apiVersion",
			 "cert-manager.io/v1", "kind", "Certificate", "metadata", "name",
			 "ess-setup-probe", "namespace", CERT_MANAGER_NS, "spec", "secretName",
			 "ess-setup-probe", "dnsNames", "probe.invalid", "issuerRef", "name",
			 "ess-setup-probe", "kind", "ClusterIssuer");
}

const char *issuer_name(bool staging)
{
	return staging ? "letsencrypt-staging" : "letsencrypt-prod";
}

/* Accounts are of one environment: each has its own key. */
const char *issuer_account_secret(bool staging)
{
	return staging ? "letsencrypt-staging-account-key" : "letsencrypt-prod-account-key";
}

json_t *issuer_build(const char *email, bool staging)
{
	const char *server = staging ? "https://acme-staging-v02.api.letsencrypt.org/directory"
				     : "https://acme-v02.api.letsencrypt.org/directory";
	return json_pack(
		"{s:s, s:s, s:{s:s}, s:{s:{s:s, s:s, s:{s:s}, s:[{s:{s:{s:{s:s, s:s}}}}]}}}",
		"apiVersion", "cert-manager.io/v1", "kind", "ClusterIssuer", "metadata", "name",
		issuer_name(staging), "spec", "acme", "email", email, "server", server,
		"privateKeySecretRef", "name", issuer_account_secret(staging), "solvers", "dns01", "cloudflare",
		"apiTokenSecretRef", "name", CLOUDFLARE_SECRET, "key", "api-token");
}

json_t *issuer_secret(const char *token)
{
	_cleanup_secret_ char *value = crypto_base64(token, strlen(token));
	return json_pack("{s:s, s:s, s:s, s:{s:s, s:s}, s:{s:s}}", "apiVersion", "v1", "kind",
			 "Secret", "type", "Opaque", "metadata", "name", CLOUDFLARE_SECRET,
			 "namespace", CERT_MANAGER_NS, "data", "api-token", value);
}
