/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* See chart-parts.h. Names and limits: matrix-stack 26.8.1, values.yaml and values.schema.json. */
#include "model/chart-parts.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "model/keys-check.h"

#define WORKERS_MAX 50
#define REGISTRY_CHARS "abcdefghijklmnopqrstuvwxyz0123456789-._"

/* docker.io alone lets the official images go by their bare name (values.yaml: "postgres"). */
static const struct chart_part parts[] = {
	{ "matrix-tools", "matrixTools", NULL },
	{ "synapse", "synapse", NULL },
	{ "auth", "matrixAuthenticationService", NULL },
	{ "rtc", "matrixRTC", NULL },
	{ "sfu", "matrixRTC.sfu", NULL },
	{ "web", "elementWeb", NULL },
	{ "admin", "elementAdmin", NULL },
	{ "haproxy", "haproxy", NULL },
	{ "postgres", "postgres", "library/postgres" },
	{ "postgres-exporter", "postgres.postgresExporter", NULL },
	{ "redis", "redis", NULL },
	{ "redis-exporter", "redis.redisExporter", NULL },
};

/* Without sso-login: the chart refuses it beside the Matrix Authentication Service
 * (templates/synapse/_helpers.tpl). */
static const struct chart_worker workers[] = {
	{ "account-data", false },
	{ "appservice", false },
	{ "background", false },
	{ "client-reader", true },
	{ "device-lists", true },
	{ "encryption", false },
	{ "event-creator", true },
	{ "event-persister", true },
	{ "federation-inbound", true },
	{ "federation-reader", true },
	{ "federation-sender", true },
	{ "initial-synchrotron", true },
	{ "mas-helper", true },
	{ "media-repository", false },
	{ "presence-writer", false },
	{ "push-rules", false },
	{ "pusher", true },
	{ "receipts", true },
	{ "sliding-sync", true },
	{ "synchrotron", true },
	{ "typing-persister", false },
	{ "user-dir", false },
};

static bool begins(const char *entry, size_t len, const char *name)
{
	return strlen(name) == len && !strncmp(entry, name, len);
}

const struct chart_part *chart_part_parse(const char *entry, const char **ret_registry)
{
	const size_t len = strcspn(entry, "=");
	for (size_t i = 0; i < ARRAY_LEN(parts) && entry[len]; i++) {
		if (!begins(entry, len, parts[i].name))
			continue;
		*ret_registry = entry + len + 1;
		return &parts[i];
	}
	return NULL;
}

const struct chart_worker *chart_worker_parse(const char *entry, long *ret_count)
{
	const size_t len = strcspn(entry, "=");
	for (size_t i = 0; i < ARRAY_LEN(workers); i++) {
		if (!begins(entry, len, workers[i].name))
			continue;
		*ret_count = 1;
		if (entry[len] && !text_to_long(entry + len + 1, 1, WORKERS_MAX, ret_count))
			*ret_count = 0;
		return &workers[i];
	}
	return NULL;
}

const char *chart_part_name(size_t i)
{
	return i < ARRAY_LEN(parts) ? parts[i].name : NULL;
}

const char *chart_worker_name(size_t i)
{
	return i < ARRAY_LEN(workers) ? workers[i].name : NULL;
}

/* --- their checks (keys-check.h) -------------------------------------------------------------- */

/* "registry.example.com:5000/mirror" as in an image's name: without a dot, a port or "localhost"
 * the first word would be a folder of docker.io (distribution/reference). */
static bool is_registry(const char *s)
{
	_cleanup_strv_ char **words = text_split(s, '/');
	if (!words || !words[0] || text_ends(s, "/") || *s == '/' || strstr(s, "//"))
		return false;
	char *colon = strchr(words[0], ':');
	long port;
	if (!colon && !strchr(words[0], '.') && strcmp(words[0], "localhost") != 0)
		return false;
	if (colon && !text_to_long(colon + 1, 1, 65535, &port))
		return false;
	if (colon)
		*colon = '\0';
	for (char **w = words; *w; w++)
		if (!**w || (*w)[strspn(*w, REGISTRY_CHARS)] || strchr("-._", **w) ||
		    strchr("-._", (*w)[strlen(*w) - 1]))
			return false;
	return true;
}

int check_part_registry(const struct key *key, const char *value, struct err *e)
{
	const char *registry;
	if (!chart_part_parse(value, &registry))
		return key_bad(key, value,
			       N_("%s: \"%s\" begins with no part that has an image and an equals "
				  "sign; write for example %s"),
			       e);
	if (!is_registry(registry))
		return key_bad(key, value,
			       N_("%s: \"%s\" names no registry (host, host:port or host/folder, "
				  "without https://); a right one is %s"),
			       e);
	return 0;
}

int check_worker(const struct key *key, const char *value, struct err *e)
{
	long count;
	const struct chart_worker *w = chart_worker_parse(value, &count);
	if (!w)
		return key_bad(key, value,
			       N_("%s: \"%s\" is no worker of Synapse that this chart has; write "
				  "for example %s"),
			       e);
	if (!count)
		return key_bad(
			key, value,
			N_("%s: \"%s\" has no right number of workers (1 to 50); write for "
			   "example %s"),
			e);
	if (count > 1 && !w->many)
		return key_bad(key, value,
			       N_("%s: \"%s\": of this worker only one can run; a right value is "
				  "%s"),
			       e);
	return 0;
}
