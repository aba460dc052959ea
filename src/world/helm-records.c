/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Helm's records of releases: Secrets in the release's namespace, one a revision. */
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/helm.h"

/* The content is large: it lies in a file of its own, and the Secret names that. */
static json_t *decode(const struct world *w, const json_t *secret)
{
	const char *text = json_str_at(secret, "data.release");
	unsigned char *file = NULL;
	size_t len;
	if (!text || crypto_unbase64(text, &file, &len) < 0)
		return NULL;
	_cleanup_free_ char *content = world_read(w, (char *)file, NULL);
	free(file);
	return content ? json_loads(content, 0, NULL) : NULL;
}

json_t *record_revision(const struct cluster *cl, const char *release, const char *ns,
			long long revision)
{
	_cleanup_free_ char *name = xasprintf("sh.helm.release.v1.%s.v%lld", release, revision);
	return decode(cl->w, cluster_get(cl, "secrets", ns, name));
}

static long long newest(const struct cluster *cl, const char *release, const char *ns,
			const char *status)
{
	_cleanup_free_ char *prefix = xasprintf("secrets/%s/sh.helm.release.v1.%s.v", ns, release);
	const char *key;
	json_t *o;
	long long best = 0;
	json_object_foreach(cl->objects, key, o) {
		if (!text_starts(key, prefix))
			continue;
		const char *have =
			json_string_value(json_object_get(json_at(o, "metadata.labels"), "status"));
		long long n = atoll(key + strlen(prefix));
		if (n > best && (!status || (have && strcmp(have, status) == 0)))
			best = n;
	}
	return best;
}

json_t *record_newest(const struct cluster *cl, const char *release, const char *ns)
{
	long long n = newest(cl, release, ns, NULL);
	return n ? record_revision(cl, release, ns, n) : NULL;
}

json_t *record_deployed(const struct cluster *cl, const char *release, const char *ns)
{
	long long n = newest(cl, release, ns, "deployed");
	return n ? record_revision(cl, release, ns, n) : NULL;
}

void record_save(struct cluster *cl, const json_t *record)
{
	const char *release = json_str_at(record, "name"), *ns = json_str_at(record, "namespace");
	long long revision = json_int_at(record, "version", 1);
	_cleanup_free_ char *name = xasprintf("sh.helm.release.v1.%s.v%lld", release, revision);
	_cleanup_free_ char *number = xasprintf("%lld", revision);
	_cleanup_free_ char *text = json_dumps(record, JSON_COMPACT);
	_cleanup_free_ char *file = xasprintf("/world/releases/%s.%s.json", ns, name);
	_cleanup_free_ char *b64 = crypto_base64(file, strlen(file));
	world_write(cl->w, file, text, strlen(text), 0600);
	cluster_put(cl, json_pack("{s:s, s:s, s:{s:s, s:s, s:{s:s, s:s, s:s, s:s}}, s:s, s:{s:s}}",
				  "apiVersion", "v1", "kind", "Secret", "metadata", "name", name,
				  "namespace", ns, "labels", "name", release, "owner", "helm",
				  "status", json_str_at(record, "info.status"), "version", number,
				  "type", "helm.sh/release.v1", "data", "release", b64));
}

void record_delete_all(struct cluster *cl, const char *release, const char *ns)
{
	for (long long n; (n = newest(cl, release, ns, NULL)) > 0;) {
		_cleanup_free_ char *name = xasprintf("sh.helm.release.v1.%s.v%lld", release, n);
		cluster_delete(cl, "secrets", ns, name);
	}
}
