/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Keys as in the chart's values.schema.json (element-hq/ess-helm 26.8.1). */
#include "steps/values.h"

#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "steps/values-parts.h"

char *values_host(const char *host, unsigned port)
{
	return port == 443 ? xstrdup(host) : xasprintf("%s:%u", host, port);
}

static json_t *ingress(const char *host, unsigned port)
{
	_cleanup_free_ char *text = values_host(host, port);
	return json_pack("{s:s}", "host", text);
}

/* The names that pods must reach without leaving the house: the RTC authoriser looks up the server
 * name and Synapse, Synapse asks MAS (ess-helm docs/troubleshooting.md). */
static json_t *host_aliases(const struct values_in *in)
{
	const char *names[] = { in->server_name, in->synapse, in->auth, in->rtc };
	json_t *list = json_array();
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		bool twice = false;
		for (size_t k = 0; k < i; k++)
			twice |= !strcmp(names[k], names[i]);
		if (!twice)
			json_array_append_new(list, json_string(names[i]));
	}
	return json_pack("[{s:s, s:o}]", "ip", in->internal_address, "hostnames", list);
}

static json_t *postgres(const struct values_in *in, const char *user, const char *database,
			const char *key)
{
	return json_pack("{s:s, s:i, s:s, s:s, s:s, s:{s:s, s:s}}", "host", in->postgres.host,
			 "port", (int)in->postgres.port, "user", user, "database", database,
			 "sslMode", in->postgres.ssl_mode, "password", "secret",
			 VALUES_POSTGRES_SECRET, "secretKey", key);
}

static json_t *synapse(const struct values_in *in)
{
	json_t *j =
		json_pack("{s:o, s:o, s:{s:s, s:{s:s}}}", "ingress",
			  ingress(in->synapse, in->https), "hostAliases", host_aliases(in), "media",
			  "maxUploadSize", in->max_upload_size, "storage", "size", in->media_size);
	if (in->postgres.host)
		json_object_set_new(j, "postgres",
				    postgres(in, in->postgres.synapse_user,
					     in->postgres.synapse_database,
					     VALUES_POSTGRES_SYNAPSE));
	/* An empty list lets no other server in or out (Synapse, federation_domain_whitelist). */
	if (!in->federation)
		json_object_set_new(j, "additional",
				    json_pack("{s:{s:s}}", "federation.yaml", "config",
					      "federation_domain_whitelist: []\n"));
	return j;
}

static json_t *authentication(const struct values_in *in)
{
	json_t *j =
		json_pack("{s:o, s:o, s:o}", "ingress", ingress(in->auth, in->https), "hostAliases",
			  host_aliases(in), "additional", values_registration(in));
	if (in->postgres.host)
		json_object_set_new(j, "postgres",
				    postgres(in, in->postgres.auth_user, in->postgres.auth_database,
					     VALUES_POSTGRES_AUTH));
	return j;
}

static json_t *rtc(const struct values_in *in)
{
	json_t *j = json_pack("{s:o, s:o, s:o}", "ingress", ingress(in->rtc, in->https),
			      "hostAliases", host_aliases(in), "sfu", values_sfu(in));
	/* ess-helm docs/troubleshooting.md: the authoriser refuses staging certificates otherwise.
	 */
	if (in->staging)
		json_object_set_new(j, "extraEnv",
				    json_pack("[{s:s, s:s}]", "name",
					      "LIVEKIT_INSECURE_SKIP_VERIFY_TLS", "value",
					      "YES_I_KNOW_WHAT_I_AM_DOING"));
	return j;
}

json_t *values_build(const struct values_in *in)
{
	json_t *j = json_pack("{s:s, s:{s:s}, s:{s:s, s:b}, s:{s:s}, s:{s:s}, s:{s:s}}",
			      "serverName", in->server_name, "certManager", "clusterIssuer",
			      in->issuer, "ingress", "className", in->ingress_class, "tlsEnabled",
			      1, "image", "pullPolicy", "IfNotPresent", "networking", "ipFamily",
			      "ipv4", "storage", "storageClassName", in->storage_class);
	json_object_set_new(j, "synapse", synapse(in));
	json_object_set_new(j, "matrixAuthenticationService", authentication(in));
	json_object_set_new(j, "matrixRTC", rtc(in));
	json_object_set_new(j, "elementWeb",
			    json_pack("{s:o}", "ingress", ingress(in->web, in->https)));
	json_object_set_new(j, "elementAdmin",
			    in->admin ? json_pack("{s:b, s:o}", "enabled", 1, "ingress",
						  ingress(in->admin, in->https))
				      : json_pack("{s:b}", "enabled", 0));
	json_object_set_new(j, "postgres",
			    in->postgres.host ? json_pack("{s:b}", "enabled", 0)
					      : json_pack("{s:b, s:{s:s}}", "enabled", 1, "storage",
							  "size", in->postgres_size));
	json_object_set_new(j, "hookshot", json_pack("{s:b}", "enabled", 0));
	json_object_set_new(j, "wellKnownDelegation", json_pack("{s:b}", "enabled", 1));
	values_scale(in, j);
	return j;
}
