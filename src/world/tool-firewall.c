/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* ufw, firewalld's firewall-cmd and nft: which of them rules this machine is the knob "firewall"
 * (ufw, firewalld, nftables; none by default). Rules are kept in host.json. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/world.h"

bool firewall_changes(const struct call *c)
{
	_cleanup_free_ char *args =
		c->argc ? text_join((const char *const *)c->argv, " ") : xstrdup("");
	return !(text_starts(args, "status") || text_starts(args, "--state") ||
		 strstr(args, "--list") || strstr(args, "--query") || strstr(args, "--get") ||
		 strstr(args, "list ") || text_starts(args, "show"));
}

static json_t *rules(struct store *host)
{
	json_t *r = json_object_get(host->j, "firewall");
	if (!r) {
		r = json_array();
		json_object_set_new(host->j, "firewall", r);
	}
	return r;
}

static size_t find(const json_t *list, const char *rule)
{
	json_t *v;
	size_t i;
	json_array_foreach(list, i, v)
		if (strcmp(json_string_value(v), rule) == 0)
			return i;
	return SIZE_MAX;
}

static void add(struct store *host, const char *rule)
{
	if (find(rules(host), rule) == SIZE_MAX)
		json_array_append_new(rules(host), json_string(rule));
}

static bool drop(struct store *host, const char *rule)
{
	size_t i = find(rules(host), rule);
	if (i == SIZE_MAX)
		return false;
	json_array_remove(rules(host), i);
	return true;
}

/* ufw finds a rule without its comment. */
static bool drop_prefix(struct store *host, const char *rule)
{
	json_t *v;
	size_t i;
	json_array_foreach(rules(host), i, v)
		if (strncmp(json_string_value(v), rule, strlen(rule)) == 0 &&
		    (!json_string_value(v)[strlen(rule)] ||
		     text_starts(json_string_value(v) + strlen(rule), " comment ")))
			return json_array_remove(rules(host), i) == 0;
	return false;
}

static int ufw(struct call *c, struct store *host, bool on, const char *args)
{
	json_t *v;
	size_t i;
	if (strcmp(args, "status") == 0 || strcmp(args, "status verbose") == 0) {
		printf("Status: %s\n", on ? "active" : "inactive");
		if (on && strstr(args, "verbose"))
			puts("Logging: on (low)\nDefault: deny (incoming), allow (outgoing), deny "
			     "(routed)\nNew profiles: skip");
		if (on) {
			puts("\nTo                         Action      From\n--                    "
			     "     ------      ----");
			json_array_foreach(rules(host), i, v)
				printf("Anywhere                   ALLOW       %s\n",
				       json_string_value(v) + 5);
		}
		return 0;
	}
	if (strcmp(args, "show added") == 0) {
		puts("Added user rules (see 'ufw status' for running firewall):");
		json_array_foreach(rules(host), i, v)
			printf("ufw allow %s\n", json_string_value(v));
		return 0;
	}
	bool away = text_starts(args, "delete allow from ");
	if (away || text_starts(args, "allow from ")) {
		/* "from CIDR to any [comment TEXT]" is kept as "from CIDR [comment 'TEXT']" */
		const char *from = strstr(args, "from "), *comment = strstr(args, " comment ");
		const char *end = strstr(from, " to any");
		if (!end || (comment && away))
			return call_unknown(c, args);
		_cleanup_free_ char *rule = xasprintf(
			"%.*s%s%s%s", (int)(end - from), from, comment ? " comment '" : "",
			comment ? comment + 9 : "", comment ? "'" : "");
		if (!away)
			add(host, rule);
		puts(!away		       ? "Rule added"
		     : drop_prefix(host, rule) ? "Rule deleted"
					       : "Could not delete non-existent rule");
		return 0;
	}
	return call_unknown(c, args);
}

static int firewalld(struct call *c, struct store *host, bool on, const char *args)
{
	if (strcmp(args, "--state") == 0) {
		fputs(on ? "running\n" : "not running\n", on ? stdout : stderr);
		return on ? 0 : 252;
	}
	if (!on) {
		fputs("FirewallD is not running\n", stderr);
		return 252;
	}
	if (strcmp(args, "--reload") == 0)
		return puts("success"), 0;
	static const char *const words[] = { "--add-", "--remove-", "--query-" };
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		const char *at = strstr(args, words[i]);
		if (!at)
			continue;
		const char *zone = strstr(args, "--zone=");
		_cleanup_free_ char *rule = xasprintf("%.*s %s", zone ? (int)strcspn(zone, " ") : 0,
						      zone ? zone : "", at + strlen(words[i]));
		bool have = find(rules(host), rule) != SIZE_MAX;
		if (i == 2)
			return puts(have ? "yes" : "no"), have ? 0 : 1;
		if (i == 0)
			add(host, rule);
		else
			drop(host, rule);
		return puts("success"), 0;
	}
	return call_unknown(c, args);
}

static int nft(struct call *c, bool on, const char *args)
{
	if (strcmp(args, "-j list ruleset") == 0) {
		puts(on ? "{\"nftables\":[{\"metainfo\":{\"json_schema_version\":1}},{\"table\":{"
			  "\"family\":\"inet\",\"name\":"
			  "\"filter\",\"handle\":1}},{\"chain\":{\"family\":\"inet\",\"table\":"
			  "\"filter\",\"name\":\"input\","
			  "\"handle\":1,\"type\":\"filter\",\"hook\":\"input\",\"prio\":0,"
			  "\"policy\":\"drop\"}}]}"
			: "{\"nftables\":[{\"metainfo\":{\"json_schema_version\":1}}]}");
		return 0;
	}
	if (strcmp(args, "list ruleset") == 0) {
		if (on)
			puts("table inet filter {\n\tchain input {\n\t\ttype filter hook input "
			     "priority filter; policy drop;\n\t}\n}");
		return 0;
	}
	return call_unknown(c, args);
}

int tool_firewall(struct call *c)
{
	_cleanup_free_ char *args =
		c->argc ? text_join((const char *const *)c->argv, " ") : xstrdup("");
	_cleanup_free_ char *active = scenario_knob(c->w, "firewall");
	struct store host;
	store_open(c->w, "host", &host);
	int rc;
	if (strcmp(c->name, "ufw") == 0)
		rc = ufw(c, &host, active && strcmp(active, "ufw") == 0, args);
	else if (strcmp(c->name, "nft") == 0)
		rc = nft(c, active && strcmp(active, "nftables") == 0, args);
	else
		rc = firewalld(c, &host, active && strcmp(active, "firewalld") == 0, args);
	store_close(&host, true);
	return rc;
}
