/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Reading a chart's archive, and checking values against its structure. */
#include "world/chart.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/text.h"
#include "world/world.h"
#include "world/yaml.h"

void chart_done(struct chart *c)
{
	free(c->name);
	free(c->version);
	*c = (struct chart){ 0 };
}

int chart_read(const char *path, struct chart *ret, char **ret_error)
{
	static const char *const env[] = { "LC_ALL=C", "PATH=/usr/bin:/bin", NULL };
	const char *const argv[] = { "tar", "-xzOf", path, "--wildcards", "*/Chart.yaml", NULL };
	struct proc_result out _cleanup_proc_ = { 0 };
	struct proc_spec spec = { .argv = argv,
				  .path = "/usr/bin:/bin",
				  .env = env,
				  .timeout_s = 10,
				  .capture_max = 65536 };
	_cleanup_json_ json_t *yaml = NULL;
	_cleanup_free_ char *bad = NULL;
	if (proc_run(&spec, &out, NULL) == 0 && out.status == 0)
		yaml = yaml_load_one(out.out, out.out_len, &bad);
	const char *name = json_str_at(yaml, "name"), *version = json_str_at(yaml, "version");
	*ret = (struct chart){ 0 };
	if (!name || !version) {
		*ret_error = strstr(out.last_err ? out.last_err : "", "No such file")
				     ? xasprintf("Error: open %s: no such file or directory", path)
				     : xasprintf("Error: file '%s' does not appear to be a gzipped "
						 "archive; got 'text/html; charset=utf-8'",
						 path);
		return -1;
	}
	ret->name = xstrdup(name);
	ret->version = xstrdup(version);
	return 0;
}

/* Members of the values by path; "..." stands for what every component of matrix-stack takes. */
#define COMMON                                                                                     \
	"enabled image labels annotations extraEnv extraVolumes extraVolumeMounts "                \
	"extraInitContainers "                                                                     \
	"containersSecurityContext podSecurityContext nodeSelector priorityClassName "             \
	"schedulerName runtimeClassName "                                                          \
	"affinity resources serviceAccount serviceMonitors tolerations topologySpreadConstraints " \
	"livenessProbe "                                                                           \
	"readinessProbe startupProbe replicas"
#define INGRESS "annotations host className tlsEnabled tlsSecret controllerType service"
#define EXPOSED                                                                                    \
	"enabled annotations portType internalTrafficPolicy externalTrafficPolicy externalIPs "
#define DATABASE "host port user database sslMode password"
#define STORAGE "existingClaim size storageClassName resourcePolicy selector volumeName"

static const struct {
	const char *path, *members;
} ess_values[] = {
	{ "", "global serverName labels certManager matrixTools image ingress storage tolerations "
	      "topologySpreadConstraints "
	      "priorityClassName schedulerName runtimeClassName affinity clusterDomain networking "
	      "deploymentMarkers "
	      "initSecrets matrixRTC elementAdmin elementWeb haproxy hookshot "
	      "matrixAuthenticationService postgres redis "
	      "synapse wellKnownDelegation" },
	{ "certManager", "clusterIssuer issuer" },
	{ "ingress", "annotations className tlsEnabled tlsSecret controllerType service" },
	{ "image", "pullPolicy pullSecrets" },
	{ "networking", "ipFamily" },
	{ "storage", "storageClassName resourcePolicy" },
	{ "synapse", COMMON " checkConfigHook postgres redis media macaroon "
			    "registrationSharedSecret signingKey additional "
			    "appservices logging extraArgs ingress hostAliases workers" },
	{ "synapse.ingress", INGRESS " additionalPaths" },
	{ "synapse.media", "storage maxUploadSize" },
	{ "synapse.media.storage", STORAGE },
	{ "synapse.postgres", DATABASE },
	{ "matrixAuthenticationService",
	  COMMON " additional encryptionSecret synapseSharedSecret postgres privateKeys syn2mas "
		 "ingress hostAliases" },
	{ "matrixAuthenticationService.ingress", INGRESS },
	{ "matrixAuthenticationService.postgres", DATABASE },
	{ "elementWeb", COMMON " additional ingress" },
	{ "elementWeb.ingress", INGRESS },
	{ "elementAdmin", COMMON " ingress" },
	{ "elementAdmin.ingress", INGRESS },
	{ "matrixRTC",
	  COMMON " restrictRoomCreationToLocalUsers livekitAuth ingress hostAliases sfu" },
	{ "matrixRTC.ingress", INGRESS },
	{ "matrixRTC.sfu",
	  COMMON " hostNetwork useStunToDiscoverPublicIP manualIP nodeIPSource additional logging "
		 "exposedServices" },
	{ "matrixRTC.sfu.exposedServices", "rtcTcp rtcMuxedUdp rtcUdp turnTLS turn" },
	{ "matrixRTC.sfu.exposedServices.rtcTcp", EXPOSED "port nodePort" },
	{ "matrixRTC.sfu.exposedServices.rtcMuxedUdp", EXPOSED "port nodePort" },
	{ "matrixRTC.sfu.exposedServices.rtcUdp", EXPOSED "portRange" },
	{ "matrixRTC.sfu.exposedServices.rtcUdp.portRange", "startPort endPort nodePort" },
	{ "postgres", COMMON " postgresExporter adminPassword essPasswords storage" },
	{ "postgres.storage", STORAGE },
	{ "wellKnownDelegation", "enabled ingress labels baseDomainRedirect additional headers" },
	{ "wellKnownDelegation.ingress",
	  "annotations className tlsEnabled tlsSecret controllerType service" },
	{ "wellKnownDelegation.additional", "client server support" },
	{ "wellKnownDelegation.baseDomainRedirect", "enabled url" },
};

/* "- at '/synapse/ingress': additional properties 'port' not allowed" for each, or "". New. */
static char *unknown_members(const json_t *at, const char *path, const char *members)
{
	char *names = xstrdup("");
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)at, key, v) {
		if (world_word_in(members, key))
			continue;
		char *more = xasprintf("%s%s'%s'", names, *names ? ", " : "", key);
		free(names);
		names = more;
	}
	_cleanup_free_ char *pointer = xasprintf("%s%s", *path ? "/" : "", path);
	for (char *c = pointer; *c; c++)
		*c = (char)(*c == '.' ? '/' : *c);
	char *text = *names ? xasprintf("- at '%s': additional properties %s not allowed\n",
					pointer, names)
			    : xstrdup("");
	free(names);
	return text;
}

static void add_text(char **all, char *text)
{
	char *both = xasprintf("%s%s", *all, text);
	free(*all);
	free(text);
	*all = both;
}

static const char *type_name(const json_t *v)
{
	return json_is_string(v)    ? "string"
	       : json_is_number(v)  ? "number"
	       : json_is_boolean(v) ? "boolean"
	       : json_is_null(v)    ? "null"
	       : json_is_array(v)   ? "array"
				    : "object";
}

static void check_types(const json_t *values, char **all)
{
	static const struct {
		const char *path, *type;
	} types[] = {
		{ "serverName", "string" },
		{ "certManager", "object" },
		{ "synapse.ingress.host", "string" },
		{ "matrixAuthenticationService.ingress.host", "string" },
		{ "elementWeb.ingress.host", "string" },
		{ "elementAdmin.ingress.host", "string" },
		{ "matrixRTC.ingress.host", "string" },
		{ "synapse.enabled", "boolean" },
		{ "elementAdmin.enabled", "boolean" },
		{ "postgres.enabled", "boolean" },
		{ "matrixRTC.sfu.exposedServices.rtcTcp.port", "number" },
		{ "matrixRTC.sfu.exposedServices.rtcTcp.nodePort", "string" },
		{ "matrixRTC.sfu.exposedServices.rtcMuxedUdp.port", "number" },
		{ "matrixRTC.sfu.exposedServices.rtcUdp.portRange.startPort", "number" },
		{ "matrixRTC.sfu.useStunToDiscoverPublicIP", "boolean" },
		{ "matrixRTC.sfu.manualIP", "string" },
		{ "synapse.media.maxUploadSize", "string" },
		{ "synapse.postgres.port", "number" },
		{ "storage.storageClassName", "string" },
		{ "synapse.hostAliases", "array" },
	};
	for (size_t i = 0; i < ARRAY_LEN(types); i++) {
		const json_t *v = json_at(values, types[i].path);
		if (!v || strcmp(type_name(v), types[i].type) == 0)
			continue;
		_cleanup_free_ char *pointer = xstrdup(types[i].path);
		for (char *c = pointer; *c; c++)
			*c = (char)(*c == '.' ? '/' : *c);
		add_text(all, xasprintf("- at '/%s': got %s, want %s\n", pointer, type_name(v),
					types[i].type));
	}
	if (json_object_size(json_object_get(values, "certManager")) > 1)
		add_text(all, xstrdup("- at '/certManager': maxProperties: got 2, want 1\n"));
	const char *size = json_str_at(values, "synapse.media.maxUploadSize");
	size_t digits = size ? strspn(size, "0123456789") : 1;
	if (size && (!digits || !strchr("MK", size[digits]) || strlen(size) != digits + 1))
		add_text(all, xasprintf("- at '/synapse/media/maxUploadSize': '%s' does not match "
					"pattern '^[0-9]+[MK]$'\n",
					size));
	const char *controller = json_str_at(values, "ingress.controllerType");
	if (controller && strcmp(controller, "ingress-nginx") != 0)
		add_text(
			all,
			xstrdup("- at '/ingress/controllerType': value must be 'ingress-nginx'\n"));
}

/* The chart's own validation, after the schema. */
static char *missing_values(const struct release *r)
{
	static const char *const need[] = { "elementAdmin", "elementWeb",
					    "matrixAuthenticationService", "matrixRTC", "synapse" };
	char *all = xstrdup("");
	for (size_t i = 0; i < ARRAY_LEN(need); i++)
		if (ess_on(r, need[i], true) && !ess_host(r, need[i]))
			add_text(&all,
				 xasprintf("- %s.ingress.host is required when %s.enabled=true\n",
					   need[i], need[i]));
	if (!json_str_at(r->values, "serverName")) {
		add_text(&all, xstrdup("- serverName is required when synapse.enabled=true\n"));
		add_text(&all, xstrdup("- serverName is required when "
				       "wellKnownDelegation.enabled=true\n"));
	}
	if (!ess_on(r, "postgres", true) && !json_at(r->values, "synapse.postgres"))
		add_text(&all, xstrdup("- synapse.postgres is required when synapse.enabled=true "
				       "but postgres.enabled=false\n"));
	if (!*all) {
		free(all);
		return NULL;
	}
	char *text = xasprintf("Error: execution error at "
			       "(matrix-stack/templates/z_validation/validation.txt:55:3): \n%s\n"
			       "Use --debug flag to render out invalid YAML",
			       all);
	free(all);
	return text;
}

char *chart_check(const struct release *r)
{
	bool ess = strcmp(r->chart->name, "matrix-stack") == 0;
	_cleanup_free_ char *bad = xstrdup("");
	for (size_t i = 0; ess && i < ARRAY_LEN(ess_values); i++) {
		const json_t *at =
			*ess_values[i].path ? json_at(r->values, ess_values[i].path) : r->values;
		add_text(&bad, unknown_members(at, ess_values[i].path, ess_values[i].members));
	}
	if (ess)
		check_types(r->values, &bad);
	else
		add_text(&bad, unknown_members(r->values, "", cert_manager_values));
	if (*bad)
		return xasprintf("Error: values don't meet the specifications of the schema(s) in "
				 "the following chart(s):\n"
				 "%s:\n%s\n",
				 r->chart->name, bad);
	return ess ? missing_values(r) : NULL;
}

json_t *chart_objects(const struct release *r)
{
	return strcmp(r->chart->name, "matrix-stack") == 0 ? ess_objects(r)
							   : cert_manager_objects(r);
}
