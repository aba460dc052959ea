/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The installed server, as the world outside sees it: Traefik's ports, Ingresses and certificates.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/ess-answers.h"
#include "world/tls.h"

/* --- which Ingress, which Service --- */

static const json_t *entry_point(const struct cluster *c, unsigned port)
{
	json_t *p;
	size_t i;
	json_array_foreach(
		json_at(cluster_get(c, "services", "kube-system", "traefik"), "spec.ports"), i, p)
		if (json_int_at(p, "port", 0) == (long long)port)
			return p;
	return NULL;
}

static bool on_entry_point(const json_t *ingress, const char *name)
{
	const char *list = json_string_value(
		json_object_get(json_at(ingress, "metadata.annotations"),
				"traefik.ingress.kubernetes.io/router.entrypoints"));
	if (!list)
		return true;
	_cleanup_strv_ char **names = text_split(list, ',');
	for (char **n = names; n && *n; n++) {
		_cleanup_free_ char *one = text_trim(*n);
		if (strcmp(one, name) == 0)
			return true;
	}
	return false;
}

/* The Service behind the longest path that fits; borrowed. */
static const char *backend(const struct cluster *c, const char *host, const char *path,
			   const char *entry)
{
	const char *key, *best = NULL;
	json_t *o, *rule, *p;
	size_t i, k, len = 0;
	json_object_foreach(c->objects, key, o) {
		if (!text_starts(key, "ingresses.") || !on_entry_point(o, entry))
			continue;
		json_array_foreach(json_at(o, "spec.rules"), i, rule) {
			const char *name = json_str_at(rule, "host");
			if (!name || strcmp(name, host) != 0)
				continue;
			json_array_foreach(json_at(rule, "http.paths"), k, p) {
				const char *prefix = json_str_at(p, "path");
				size_t n = strlen(prefix);
				bool fits = text_starts(path, prefix) &&
					    (n == 1 || !path[n] || path[n] == '/');
				if (fits && n >= len) {
					len = n;
					best = json_str_at(p, "backend.service.name");
				}
			}
		}
	}
	return best;
}

int site_ess_ca(const struct world *w, const char *name)
{
	struct cluster c;
	const char *key, *secret = NULL;
	json_t *o, *tls, *h;
	size_t i, k;
	int ca = -1;
	const char *const names[] = { name, NULL };
	cluster_open(w, &c);
	json_object_foreach(c.objects, key, o) {
		if (!text_starts(key, "ingresses."))
			continue;
		json_array_foreach(json_at(o, "spec.tls"), i, tls)
			json_array_foreach(json_object_get(tls, "hosts"), k, h)
				if (strcmp(json_string_value(h), name) == 0)
					secret = json_str_at(tls, "secretName");
	}
	const json_t *s = secret ? cluster_get(&c, "secrets", "ess", secret) : NULL;
	const char *crt = json_string_value(json_object_get(json_object_get(s, "data"), "tls.crt"));
	const char *issuer = json_string_value(
		json_object_get(json_at(s, "metadata.annotations"), "cert-manager.io/issuer-name"));
	unsigned char *pem = NULL;
	size_t len;
	if (secret)
		ca = CA_NONE;
	if (crt && crypto_unbase64(crt, &pem, &len) == 0 && tls_covers((char *)pem, names))
		ca = issuer && strstr(issuer, "staging") ? CA_STAGING : CA_REAL;
	free(pem);
	cluster_close(&c);
	return ca;
}

static void route(const struct cluster *c, const struct request *rq, struct response *r,
		  const char *entry)
{
	const char *to = backend(c, rq->host, rq->path, entry);
	if (!to)
		reply_text(r, 404, "text/plain; charset=utf-8", "404 page not found\n");
	else if (strcmp(to, "ess-synapse") == 0)
		ess_synapse(c, rq, r);
	else if (strcmp(to, "ess-matrix-authentication-service") == 0)
		ess_mas(c, rq, r);
	else if (strcmp(to, "ess-well-known") == 0)
		ess_well_known(c, rq, r);
	else if (strcmp(to, "ess-element-web") == 0 || strcmp(to, "ess-element-admin") == 0)
		ess_web(c, rq, r, to);
	else if (strcmp(to, "ess-matrix-rtc-authorisation-service") == 0 ||
		 strcmp(to, "ess-matrix-rtc-sfu") == 0)
		ess_rtc(c, rq, r, strcmp(to, "ess-matrix-rtc-sfu") != 0);
	else
		reply_text(r, 503, "text/plain", "no available server");
}

/* The value of --entryPoints.ENTRY.OPTION=, borrowed; NULL: Traefik runs without it. */
static const char *argument(const struct cluster *c, const char *entry, const char *option)
{
	_cleanup_free_ char *want = xasprintf("--entryPoints.%s.%s=", entry, option);
	const json_t *d = cluster_get(c, "deployments", "kube-system", "traefik");
	const json_t *first = json_array_get(json_at(d, "spec.template.spec.containers"), 0);
	json_t *a;
	size_t i;
	json_array_foreach(json_object_get(first, "args"), i, a)
		if (text_starts(json_string_value(a), want))
			return json_string_value(a) + strlen(want);
	return NULL;
}

static bool is_true(const char *value)
{
	return value && strcmp(value, "true") == 0;
}

/* Traefik refuses %2F and %23 in paths unless the entry point was told otherwise. */
static bool encoded_refused(const struct cluster *c, const struct request *rq, const char *entry)
{
	return (strcasestr(rq->path, "%2f") &&
		!is_true(argument(c, entry, "http.encodedCharacters.allowEncodedSlash"))) ||
	       (strcasestr(rq->path, "%23") &&
		!is_true(argument(c, entry, "http.encodedCharacters.allowEncodedHash")));
}

bool site_ess(const struct request *rq, struct response *r)
{
	struct cluster c;
	cluster_open(rq->w, &c);
	const json_t *port = k3s_running(rq->w) ? entry_point(&c, rq->port) : NULL;
	const json_t *traefik = cluster_get(&c, "deployments", "kube-system", "traefik");
	const char *entry = json_str_at(port, "name");
	const char *redirect =
		entry ? argument(&c, entry, "http.redirections.entryPoint.to") : NULL;
	bool tls = entry && is_true(argument(&c, entry, "http.tls"));
	if (!entry || json_int_at(traefik, "status.readyReplicas", 0) < 1) {
		r->status = 0; /* nobody listens there */
	} else if (redirect) {
		_cleanup_free_ char *to = xasprintf("https://%s%s%s", rq->host, redirect, rq->path);
		reply_redirect(r, 301, to);
	} else if (rq->tls != tls) {
		reply_text(r, rq->tls ? 404 : 400, "text/plain",
			   rq->tls ? "404 page not found\n"
				   : "Client sent an HTTP request to an HTTPS server.\n");
	} else if (encoded_refused(&c, rq, entry)) {
		reply_text(r, 400, "text/plain", "Bad Request\n");
	} else {
		route(&c, rq, r, entry);
	}
	cluster_close(&c);
	return true;
}
