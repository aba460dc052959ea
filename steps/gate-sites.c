/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The places with public addresses in ess-helm 26.8.1, and the names that may stand there. */
#include "steps/gate-sites.h"

#include <string.h>
#include <strings.h>

#include "base/mem.h"

/* Paths below charts/matrix-stack of ess-helm. */
static const struct site keys[] = {
	/* configs/matrix-authentication-service/config-overrides.yaml.tpl */
	{ "public_base", "http", SITE_URL, SITE_AUTH },
	{ "homeserver", "matrix", SITE_NAME, SITE_SERVER_NAME },
	/* configs/synapse/synapse-01-shared-underrides, -04-homeserver-overrides.yaml.tpl */
	{ "web_client_location", "", SITE_URL, SITE_ANY },
	{ "public_baseurl", "", SITE_URL, SITE_SYNAPSE },
	{ "server_name", "", SITE_NAME, SITE_SERVER_NAME },
	/* there and in templates/well-known/_helpers.tpl */
	{ "livekit_service_url", NULL, SITE_URL, SITE_RTC },
	{ "m.server", "", SITE_SERVER, SITE_SYNAPSE },
	/* there and in configs/element-web/config.json.tpl */
	{ "base_url", "m.homeserver", SITE_URL, SITE_SYNAPSE },
	{ "server_name", "m.homeserver", SITE_NAME, SITE_SERVER_NAME },
	/* configs/hookshot/config-override.yaml.tpl */
	{ "urlPrefix", "generic", SITE_URL, SITE_ANY },
	{ "publicUrl", "widgets", SITE_URL, SITE_ANY },
};

static const struct site envs[] = {
	/* templates/matrix-rtc/_helpers.tpl, templates/element-admin/_helpers.tpl */
	{ "LIVEKIT_URL", NULL, SITE_URL, SITE_RTC },
	{ "SERVER_NAME", NULL, SITE_NAME, SITE_SERVER_NAME },
};

const struct site *site_of_key(const char *key, const char *parent)
{
	for (size_t i = 0; i < ARRAY_LEN(keys); i++)
		if (strcmp(keys[i].key, key) == 0 &&
		    (!keys[i].parent || strcmp(keys[i].parent, parent) == 0))
			return &keys[i];
	return NULL;
}

const struct site *site_of_env(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(envs); i++)
		if (strcmp(envs[i].key, name) == 0)
			return &envs[i];
	return NULL;
}

/* A key in JSON or YAML: a word of its own, and a colon behind it. */
static bool is_key(const char *text, const char *word, size_t len)
{
	const char *after = word + len + strspn(word + len, "\"'");
	return (word == text || strchr(" \t\n\"'{,", word[-1])) &&
	       after[strspn(after, " \t")] == ':';
}

bool site_in_text(const char *text)
{
	static const char *const words[] = {
		"public_base",	       "public_baseurl", "web_client_location",
		"livekit_service_url", "m.server",	 "m.homeserver"
	};
	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		for (const char *s = text; (s = strstr(s, words[i])); s++)
			if (is_key(text, s, strlen(words[i])))
				return true;
	return false;
}

const char *site_host(const struct gate_names *names, enum site_name name)
{
	switch (name) {
	case SITE_SERVER_NAME:
		return names->server_name;
	case SITE_SYNAPSE:
		return names->synapse;
	case SITE_AUTH:
		return names->auth;
	case SITE_RTC:
		return names->rtc;
	case SITE_ANY:
		break;
	}
	return NULL;
}

bool site_is_ours(const struct gate_names *names, const char *host, size_t len)
{
	const char *const ours[] = { names->server_name, names->synapse, names->auth,
				     names->rtc,	 names->web,	 names->admin };
	for (size_t i = 0; i < ARRAY_LEN(ours); i++)
		if (ours[i] && strlen(ours[i]) == len && strncasecmp(ours[i], host, len) == 0)
			return true;
	return false;
}

static bool is_under(const char *host, const char *domain)
{
	size_t h = strlen(host), d = strlen(domain);
	return h >= d && strcasecmp(host + h - d, domain) == 0 &&
	       (h == d || host[h - d - 1] == '.');
}

enum gate_rule site_judge(const struct gate_names *names, const char *host)
{
	/* RFC 2606 and RFC 6761 */
	static const char *const reserved[] = { "example.com", "example.net", "example.org",
						"example",     "test",	      "invalid",
						"localhost" };
	static const char *const fill_me[] = { "your-domain", "yourdomain", "placeholder",
					       "changeme",    "change-me",  "auto-generated" };
	if (!*host || strpbrk(host, "${}<>%@"))
		return GATE_PLACEHOLDER;
	for (size_t i = 0; i < ARRAY_LEN(fill_me); i++)
		if (strcasestr(host, fill_me[i]) && !strcasestr(names->server_name, fill_me[i]))
			return GATE_PLACEHOLDER;
	for (size_t i = 0; i < ARRAY_LEN(reserved); i++)
		if (is_under(host, reserved[i]) && !is_under(names->server_name, reserved[i]))
			return GATE_EXAMPLE;
	return GATE_FOREIGN;
}
