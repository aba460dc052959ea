/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "steps/objects.h"
#include "steps/values.h"

/* A port of a container by name or by number. */
static json_t *target_port(const char *s)
{
	long n;
	return text_to_long(s, 1, 65535, &n) ? json_integer(n) : json_string(s);
}

static void add_port(json_t *ports, unsigned port, const char *target)
{
	size_t i;
	json_t *p;
	json_array_foreach(ports, i, p)
		if (json_int_at(p, "port", 0) == (long long)port)
			return;
	_cleanup_free_ char *name = xasprintf("tcp-%u", port);
	json_array_append_new(ports,
			      json_pack("{s:s, s:s, s:i, s:o}", "name", name, "protocol", "TCP",
					"port", (int)port, "targetPort", target_port(target)));
}

static json_t *selector(const char *text)
{
	json_t *j = json_object();
	_cleanup_strv_ char **pairs = text_split(text, ',');
	for (char **p = pairs; p && *p; p++) {
		char *eq = strchr(*p, '=');
		if (eq) {
			*eq = '\0';
			json_object_set_new(j, *p, json_string(eq + 1));
		}
	}
	return j;
}

/* In front of the ingress controller: pods find the public names here on 443 (well-known), on the
 * public port (every URL) and on 8448 (federation without delegation), whatever the router does. */
static json_t *internal_service(const struct routes_in *in)
{
	bool one = in->federation_port == in->https;
	const char *federation = one ? in->target : in->federation_target;
	json_t *ports = json_array();
	add_port(ports, 443, in->target);
	add_port(ports, in->https, in->target);
	add_port(ports, 8448, federation);
	add_port(ports, in->federation_port, federation);
	return json_pack("{s:s, s:s, s:{s:s, s:s}, s:{s:s, s:s, s:o, s:o}}", "apiVersion", "v1",
			 "kind", "Service", "metadata", "name", INTERNAL_SERVICE, "namespace",
			 in->ingress_ns, "spec", "type", "ClusterIP", "clusterIP",
			 in->internal_address, "selector", selector(in->ingress_selector), "ports",
			 ports);
}

static json_t *path(const char *prefix)
{
	return json_pack("{s:s, s:s, s:{s:{s:s, s:{s:s}}}}", "path", prefix, "pathType", "Prefix",
			 "backend", "service", "name", "ess-synapse", "port", "name",
			 "haproxy-synapse");
}

/* "websecure,matrixfed"; NULL when the controller's ports are numbers: then they are no entry
 * points. */
static char *entry_points(const struct routes_in *in)
{
	long n;
	if (text_to_long(in->target, 1, 65535, &n) ||
	    text_to_long(in->federation_target, 1, 65535, &n))
		return NULL;
	if (in->federation_port == in->https || !strcmp(in->target, in->federation_target))
		return xstrdup(in->target);
	return xasprintf("%s,%s", in->target, in->federation_target);
}

/* The certificate is the one that the chart orders for the server name; no annotation here, or two
 * Certificates would fight for it. */
static json_t *federation_ingress(const struct routes_in *in)
{
	json_t *meta = json_pack("{s:s, s:s}", "name", FEDERATION_INGRESS, "namespace", ESS_NS);
	_cleanup_free_ char *ep = entry_points(in);
	if (ep)
		json_object_set_new(
			meta, "annotations",
			json_pack("{s:s}", "traefik.ingress.kubernetes.io/router.entrypoints", ep));
	return json_pack("{s:s, s:s, s:o, s:{s:s, s:[{s:[s], s:s}], s:[{s:s, s:{s:[o, o]}}]}}",
			 "apiVersion", "networking.k8s.io/v1", "kind", "Ingress", "metadata", meta,
			 "spec", "ingressClassName", in->ingress_class, "tls", "hosts",
			 in->server_name, "secretName", "ess-well-known-certmanager-tls", "rules",
			 "host", in->server_name, "http", "paths", path("/_matrix/federation"),
			 path("/_matrix/key"));
}

json_t *routes_build(const struct routes_in *in)
{
	json_t *list = json_array();
	json_array_append_new(list, json_pack("{s:s, s:s, s:{s:s}}", "apiVersion", "v1", "kind",
					      "Namespace", "metadata", "name", ESS_NS));
	json_array_append_new(list, internal_service(in));
	if (in->federation)
		json_array_append_new(list, federation_ingress(in));
	return list;
}

/* data is stolen. */
static json_t *secret(const char *name, json_t *data)
{
	return json_pack("{s:s, s:s, s:s, s:{s:s, s:s, s:{s:s}}, s:o}", "apiVersion", "v1", "kind",
			 "Secret", "type", "Opaque", "metadata", "name", name, "namespace", ESS_NS,
			 "annotations", ROUTES_READERS, "current", "data", data);
}

static void put(json_t *data, const char *key, const char *value)
{
	_cleanup_secret_ char *text = crypto_base64(value, strlen(value));
	json_object_set_new(data, key, json_string(text));
}

json_t *routes_postgres_secret(const struct postgres_secret_in *in)
{
	json_t *data = json_object();
	put(data, VALUES_POSTGRES_SYNAPSE, in->synapse);
	put(data, VALUES_POSTGRES_AUTH, in->auth);
	return secret(VALUES_POSTGRES_SECRET, data);
}

/* matrix-tools replaces ${NAME} in configuration files; written as an escape, no "$" is one
 * (ess-helm matrix-tools/internal/pkg/renderer). JSON is YAML. */
static char *without_dollar(const char *s)
{
	size_t n = 0;
	for (const char *p = s; *p; p++)
		n += *p == '$';
	char *out = xcalloc(strlen(s) + n * 5 + 1, 1), *w = out;
	for (; *s; s++) {
		if (*s == '$') {
			memcpy(w, "\\u0024", 6);
			w += 6;
		} else {
			*w++ = *s;
		}
	}
	return out;
}

json_t *routes_email_secret(const struct email_secret_in *in)
{
	_cleanup_json_ json_t *email =
		json_pack("{s:s, s:s, s:s, s:s, s:i}", "from", in->from, "transport", "smtp",
			  "mode", in->mode, "hostname", in->host, "port", (int)in->port);
	/* MAS wants both or neither. */
	if (in->username && in->password) {
		json_object_set_new(email, "username", json_string(in->username));
		json_object_set_new(email, "password", json_string(in->password));
	}
	_cleanup_json_ json_t *all = json_pack("{s:O}", "email", email);
	_cleanup_secret_ char *text = json_canonical(all);
	_cleanup_secret_ char *safe = without_dollar(text);
	json_t *data = json_object();
	put(data, VALUES_EMAIL_KEY, safe);
	return secret(VALUES_EMAIL_SECRET, data);
}
