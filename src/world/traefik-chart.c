/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What Traefik's chart 40.1 makes of its values: entry points, Service, Deployment. */
#include "world/traefik.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"

#define NS "kube-system"
#define IMAGE "rancher/mirrored-library-traefik:3.7.4"

json_t *traefik_defaults(void)
{
	/* traefik-helm-chart v40.1.0, values.yaml, ports; and K3s' own manifests/traefik.yaml */
	return json_pack("{s:{s:{s:i, s:{s:b}, s:s}, s:{s:i, s:{s:b}, s:s}, s:{s:i, s:{s:b}, s:i, "
			 "s:s}, s:{s:i, s:{s:b}, s:i, s:s, "
			 "s:{s:{s:b}}}}}",
			 "ports", "metrics", "port", 9100, "expose", "default", 0, "protocol",
			 "TCP", "traefik", "port", 8080, "expose", "default", 0, "protocol", "TCP",
			 "web", "port", 8000, "expose", "default", 1, "exposedPort", 80, "protocol",
			 "TCP", "websecure", "port", 8443, "expose", "default", 1, "exposedPort",
			 443, "protocol", "TCP", "http", "tls", "enabled", 1);
}

static void arg(json_t *args, const char *name, const char *option, const char *value)
{
	_cleanup_free_ char *text = xasprintf("--entryPoints.%s.%s=%s", name, option, value);
	json_array_append_new(args, json_string(text));
}

static void list_arg(json_t *args, const char *name, const char *option, const json_t *list)
{
	char *all = xstrdup("");
	json_t *v;
	size_t i;
	json_array_foreach(list, i, v) {
		char *more = xasprintf("%s%s%s", all, i ? "," : "", json_string_value(v));
		free(all);
		all = more;
	}
	if (*all)
		arg(args, name, option, all);
	free(all);
}

static void encoded_args(json_t *args, const char *name, const json_t *encoded)
{
	const char *key;
	json_t *v;
	json_object_foreach((json_t *)encoded, key, v) {
		_cleanup_free_ char *option = xasprintf("http.encodedCharacters.%s", key);
		arg(args, name, option, json_is_true(v) ? "true" : "false");
	}
}

/* False, with the job's last words, where the template fails. */
static bool redirect_args(json_t *args, const char *name, const json_t *ports, const json_t *entry,
			  char **ret_error)
{
	const char *to = json_str_at(entry, "to"), *scheme = json_str_at(entry, "scheme");
	if (!to)
		return true;
	const json_t *target = json_object_get(ports, to);
	if (!target) {
		*ret_error = xasprintf("ERROR: Cannot redirect %s to %s: entryPoint not found",
				       name, to);
		return false;
	}
	_cleanup_free_ char *port = xasprintf(":%lld", json_int_at(target, "exposedPort", 0));
	arg(args, name, "http.redirections.entryPoint.to", port);
	if (scheme)
		arg(args, name, "http.redirections.entryPoint.scheme", scheme);
	const json_t *permanent = json_object_get(entry, "permanent");
	if (permanent)
		arg(args, name, "http.redirections.entryPoint.permanent",
		    json_is_true(permanent) ? "true" : "false");
	return true;
}

json_t *traefik_arguments(const json_t *ports, char **ret_error)
{
	json_t *args = json_pack("[s, s, s]", "--ping=true", "--providers.kubernetescrd",
				 "--providers.kubernetesingress"),
	       *p;
	const char *name;
	json_object_foreach((json_t *)ports, name, p) {
		_cleanup_free_ char *address = xasprintf(":%lld/tcp", json_int_at(p, "port", 0));
		static const char *const timeouts[] = { "readTimeout", "writeTimeout",
							"idleTimeout" };
		arg(args, name, "address", address);
		if (json_is_true(json_object_get(p, "asDefault")))
			arg(args, name, "asDefault", "true");
		encoded_args(args, name, json_at(p, "http.encodedCharacters"));
		if (!redirect_args(args, name, ports, json_at(p, "http.redirections.entryPoint"),
				   ret_error)) {
			json_decref(args);
			return NULL;
		}
		if (json_is_true(json_at(p, "http.tls.enabled")))
			arg(args, name, "http.tls", "true");
		list_arg(args, name, "forwardedHeaders.trustedIPs",
			 json_at(p, "forwardedHeaders.trustedIPs"));
		for (size_t i = 0; i < ARRAY_LEN(timeouts); i++) {
			const json_t *t = json_object_get(
				json_at(p, "transport.respondingTimeouts"), timeouts[i]);
			_cleanup_free_ char *option =
				xasprintf("transport.respondingTimeouts.%s", timeouts[i]);
			_cleanup_free_ char *number =
				xasprintf("%lld", (long long)json_integer_value(t));
			if (t)
				arg(args, name, option,
				    json_is_string(t) ? json_string_value(t) : number);
		}
	}
	return args;
}

json_t *traefik_service(const json_t *ports)
{
	json_t *list = json_array(), *p;
	const char *name;
	json_object_foreach((json_t *)ports, name, p) {
		if (!json_is_true(json_at(p, "expose.default")))
			continue;
		long long port = json_int_at(p, "exposedPort", json_int_at(p, "port", 0));
		json_t *one =
			json_pack("{s:s, s:I, s:s, s:s}", "name", name, "port", (json_int_t)port,
				  "targetPort", name, "protocol",
				  json_str_at(p, "protocol") ? json_str_at(p, "protocol") : "TCP");
		if (json_int_at(p, "nodePort", 0))
			json_object_set_new(one, "nodePort",
					    json_integer(json_int_at(p, "nodePort", 0)));
		json_array_append_new(list, one);
	}
	return json_pack("{s:s, s:s, s:{s:s, s:s, s:{s:s}}, s:{s:s, s:o, s:{s:s, s:s}}}",
			 "apiVersion", "v1", "kind", "Service", "metadata", "name", "traefik",
			 "namespace", NS, "labels", "app.kubernetes.io/name", "traefik", "spec",
			 "type", "LoadBalancer", "ports", list, "selector",
			 "app.kubernetes.io/instance", "traefik-kube-system",
			 "app.kubernetes.io/name", "traefik");
}

json_t *traefik_deployment(const json_t *ports, json_t *args)
{
	json_t *list = json_array(), *p;
	const char *name;
	json_object_foreach((json_t *)ports, name, p)
		json_array_append_new(
			list, json_pack("{s:s, s:I, s:s}", "name", name, "containerPort",
					(json_int_t)json_int_at(p, "port", 0), "protocol", "TCP"));
	json_t *labels = json_pack("{s:s, s:s}", "app.kubernetes.io/instance",
				   "traefik-kube-system", "app.kubernetes.io/name", "traefik");
	return json_pack("{s:s, s:s, s:{s:s, s:s, s:O}, s:{s:i, s:{s:O}, s:{s:{s:o}, s:{s:[{s:s, "
			 "s:s, s:o, s:o}]}}}}",
			 "apiVersion", "apps/v1", "kind", "Deployment", "metadata", "name",
			 "traefik", "namespace", NS, "labels", labels, "spec", "replicas", 1,
			 "selector", "matchLabels", labels, "template", "metadata", "labels",
			 labels, "spec", "containers", "name", "traefik", "image", IMAGE, "args",
			 args, "ports", list);
}
