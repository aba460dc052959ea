/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* RFC 8659: the first name from host upwards that has CAA records decides; "issue" records that do not
 * name the authority forbid, and so do critical ones with an unknown tag. Parameters: RFC 8657. */
#include "steps/caa.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "base/text.h"
#include "steps/resolver.h"

#define AUTHORITY "letsencrypt.org" /* letsencrypt.org/docs/caa */
#define CRITICAL 128

/* "letsencrypt.org; validationmethods=dns-01" */
static bool allows(const char *value)
{
	static const char methods[] = "validationmethods=";
	_cleanup_free_ char *domain = xstrndup(value, strcspn(value, ";"));
	_cleanup_free_ char *bare = text_trim(domain);
	const char *only = strcasestr(value, methods);
	if (strcasecmp(bare, AUTHORITY))
		return false;
	if (!only)
		return true;
	only += strlen(methods);
	_cleanup_free_ char *list = xstrndup(only, strcspn(only, ";"));
	return strstr(list, "dns-01") != NULL;
}

static bool is_known(const char *tag)
{
	static const char *const tags[] = { "issue", "issuewild", "iodef", "issuemail", "contactemail",
					    "contactphone", "issuevmc" };
	for (size_t i = 0; i < ARRAY_LEN(tags); i++)
		if (!strcasecmp(tags[i], tag))
			return true;
	return false;
}

enum caa caa_judge(const struct dns_answer *a, char **ret_why)
{
	bool any = false, allowed = false, restricted = false;
	*ret_why = NULL;
	for (size_t i = 0; i < a->n; i++) {
		const char *data = a->records[i].data;
		unsigned flags;
		char tag[32];
		int at = 0;
		if (a->records[i].type != DNS_CAA || sscanf(data, "%u %31s %n", &flags, tag, &at) < 2)
			continue;
		any = true;
		const bool issue = !strcasecmp(tag, "issue");
		const bool fatal = (flags & CRITICAL) && !is_known(tag);
		if (issue && at && allows(data + at))
			allowed = true;
		restricted = restricted || issue;
		if ((issue && !*ret_why) || fatal) {
			free(*ret_why);
			*ret_why = xstrdup(data);
		}
		if (fatal)
			return CAA_FORBIDS;
	}
	if (restricted && !allowed)
		return CAA_FORBIDS;
	free(*ret_why);
	*ret_why = NULL;
	return any ? CAA_ALLOWS : CAA_NONE;
}

/* The first resolver that answers; CAA_NONE when none does. */
static enum caa ask(struct step_ctx *c, const json_t *resolvers, const char *name, char **ret_why)
{
	*ret_why = NULL;
	for (size_t i = 0; i < json_array_size(resolvers); i++) {
		struct dns_answer a _cleanup_dns_ = { 0 };
		const char *server = json_string_value(json_array_get(resolvers, i));
		if (resolver_ask(c, server, name, DNS_CAA, &a, NULL) == 0 &&
		    (a.rcode == DNS_OK || a.rcode == DNS_NXDOMAIN))
			return caa_judge(&a, ret_why);
	}
	return CAA_NONE;
}

int caa_check(struct step_ctx *c, const json_t *resolvers, const char *zone, const char *host,
	      struct err *e)
{
	for (const char *name = host; name; name = strchr(name, '.') ? strchr(name, '.') + 1 : NULL) {
		_cleanup_free_ char *why = NULL;
		enum caa caa = ask(c, resolvers, name, &why);
		if (caa == CAA_FORBIDS)
			return err_set(e, FAULT_CERT_CAA, N_("for %s the record %s CAA %s decides"), host,
				       name, why);
		if (caa == CAA_ALLOWS || !strcasecmp(name, zone))
			return 0;
	}
	return 0;
}
