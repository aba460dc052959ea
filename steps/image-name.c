/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "steps/image-name.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"

#define NAME_MAX_LEN 512

void image_name_done(struct image_name *n)
{
	free(n->registry);
	free(n->repository);
	free(n->reference);
	*n = (struct image_name){ 0 };
}

static bool only(const char *s, size_t n, const char *more)
{
	for (size_t i = 0; i < n; i++)
		if (!isalnum((unsigned char)s[i]) && !strchr(more, s[i]))
			return false;
	return n > 0;
}

/* Parts of lower-case letters, digits and separators between slashes. */
static bool repository_good(const char *s)
{
	for (const char *p = s;; p++) {
		const size_t n = strcspn(p, "/");
		for (size_t i = 0; i < n; i++)
			if (isupper((unsigned char)p[i]))
				return false;
		if (!only(p, n, "._-") || !isalnum((unsigned char)p[0]) ||
		    !isalnum((unsigned char)p[n - 1]))
			return false;
		p += n;
		if (!*p)
			return true;
	}
}

static bool digest_good(const char *s)
{
	return text_starts(s, "sha256:") && strlen(s) == 7 + 64 &&
	       strspn(s + 7, "0123456789abcdef") == 64;
}

/* Length of the registry in front of the first slash; 0: there is none. */
static size_t registry_length(const char *s)
{
	const size_t n = strcspn(s, "/");
	if (!s[n])
		return 0;
	const bool host =
		memchr(s, '.', n) || memchr(s, ':', n) || (n == 9 && !strncmp(s, "localhost", 9));
	return host ? n : 0;
}

bool image_name_parse(const char *text, struct image_name *ret)
{
	*ret = (struct image_name){ 0 };
	if (!text || strlen(text) > NAME_MAX_LEN)
		return false;
	const size_t host = registry_length(text);
	_cleanup_free_ char *registry = host ? xstrndup(text, host) : xstrdup("docker.io");
	_cleanup_free_ char *rest = xstrdup(host ? text + host + 1 : text);
	char *at = strchr(rest, '@');
	if (at)
		*at++ = '\0';
	char *colon = strchr(rest, ':');
	if (colon)
		*colon++ = '\0';
	const char *reference = at ? at : colon ? colon : "latest";
	const bool tag_good = !colon || (only(colon, strlen(colon), "._-") && strlen(colon) <= 128);
	if (!only(registry, strlen(registry), ".:-") || !repository_good(rest) || !tag_good ||
	    (at && !digest_good(at)))
		return false;
	if (!strcmp(registry, "index.docker.io")) {
		free(registry);
		registry = xstrdup("docker.io");
	}
	const bool library = !strcmp(registry, "docker.io") && !strchr(rest, '/');
	ret->registry = steal(registry);
	ret->repository = xasprintf("%s%s", library ? "library/" : "", rest);
	ret->reference = xstrdup(reference);
	return true;
}

char *image_name_full(const struct image_name *n)
{
	return xasprintf("%s/%s%c%s", n->registry, n->repository,
			 strchr(n->reference, ':') ? '@' : ':', n->reference);
}

/* --- of a manifest ---------------------------------------------------------------------------- */

static void add_name(json_t *all, const char *text)
{
	_cleanup_image_name_ struct image_name n;
	size_t i;
	json_t *one;
	if (!image_name_parse(text, &n))
		return;
	_cleanup_free_ char *full = image_name_full(&n);
	json_array_foreach(all, i, one)
		if (!strcmp(json_string_value(one), full))
			return;
	json_array_append_new(all, json_string(full));
}

static void add_containers(const struct manifest *m, size_t pod, const char *kind, json_t *all)
{
	const size_t list = manifest_get(m, pod, kind);
	if (!manifest_is_seq(m, list))
		return;
	for (size_t c = manifest_first(m, list); c; c = manifest_next(m, c))
		if (manifest_is_map(m, c))
			add_name(all, manifest_text(m, manifest_get(m, c, "image")));
}

/* Wherever a mapping has containers it is a pod's spec: of a Pod, a template, a CronJob's template.
 */
static void walk(const struct manifest *m, size_t node, json_t *all)
{
	if (manifest_is_map(m, node)) {
		add_containers(m, node, "initContainers", all);
		add_containers(m, node, "containers", all);
		for (size_t k = manifest_first(m, node); k; k = manifest_next(m, k))
			walk(m, k, all);
	} else if (manifest_is_seq(m, node)) {
		for (size_t i = manifest_first(m, node); i; i = manifest_next(m, i))
			walk(m, i, all);
	}
}

json_t *image_names(const struct manifest *m)
{
	static const char *const kinds[] = { "Pod",	   "Deployment", "StatefulSet", "DaemonSet",
					     "ReplicaSet", "Job",	 "CronJob" };
	json_t *all = json_array();
	for (size_t i = 0; i < m->nobjects; i++) {
		const char *kind = manifest_text_at(m, m->objects[i], "kind", NULL);
		for (size_t k = 0; kind && k < ARRAY_LEN(kinds); k++)
			if (!strcmp(kinds[k], kind))
				walk(m, manifest_get(m, m->objects[i], "spec"), all);
	}
	return all;
}
