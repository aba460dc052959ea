/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What helm says, understood: the state of a release, what it needs before it can go on, and what
 * the words of a failure mean. Nothing here runs a command. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "steps/helm.h"

/* helm pkg/release/common/status.go */
static const struct {
	const char *text;
	enum helm_status status;
} status_names[] = {
	{ "deployed", HELM_DEPLOYED },
	{ "failed", HELM_FAILED },
	{ "uninstalled", HELM_UNINSTALLED },
	{ "superseded", HELM_SUPERSEDED },
	{ "uninstalling", HELM_UNINSTALLING },
	{ "pending-install", HELM_PENDING_INSTALL },
	{ "pending-upgrade", HELM_PENDING_UPGRADE },
	{ "pending-rollback", HELM_PENDING_ROLLBACK },
};

void helm_release_done(struct helm_release *r)
{
	free(r->chart);
	free(r->description);
	*r = (struct helm_release){ 0 };
}

int helm_status_parse(const char *out, size_t len, struct helm_release *ret, struct err *e)
{
	_cleanup_json_ json_t *j = json_parse(out, len, FAULT_COMMAND_OUTPUT, "helm status", e);
	const char *status = json_str_at(j, "info.status");
	const char *description = json_str_at(j, "info.description");

	*ret = (struct helm_release){ .status = HELM_UNKNOWN };
	if (!j)
		return -1;
	if (!status)
		return err_set(e, FAULT_COMMAND_OUTPUT, N_("helm status names no state of the release"));
	for (size_t i = 0; i < ARRAY_LEN(status_names); i++)
		if (!strcmp(status, status_names[i].text))
			ret->status = status_names[i].status;
	ret->revision = (long)json_int_at(j, "version", 0);
	ret->description = description ? xstrdup(description) : NULL;
	return 0;
}

char *helm_list_chart(const char *out, size_t len, const char *release)
{
	_cleanup_json_ json_t *list = json_parse(out, len, FAULT_COMMAND_OUTPUT, "helm list", NULL);
	size_t i;
	json_t *r;

	json_array_foreach (list, i, r) {
		const char *name = json_str_at(r, "name");
		const char *chart = json_str_at(r, "chart");
		if (name && chart && !strcmp(name, release))
			return xstrdup(chart);
	}
	return NULL;
}

/* helm sets a record to pending-* before it touches an object and to deployed or failed after; only
 * a helm that died (SIGKILL, power) leaves pending behind. Taking that one record away is enough:
 * the next upgrade --install sees the revision before it, or adopts what revision 1 had made. */
enum helm_repair helm_repair_for(enum helm_status status, long revision, bool alive)
{
	if (alive)
		return HELM_WAIT_FOR_OTHER;
	switch (status) {
	case HELM_PENDING_INSTALL:
	case HELM_PENDING_UPGRADE:
	case HELM_PENDING_ROLLBACK:
		/* Without a revision there is no record whose name we know: let helm speak. */
		return revision > 0 ? HELM_DROP_PENDING : HELM_GO_ON;
	case HELM_UNINSTALLING:
		return HELM_UNINSTALL_AGAIN;
	case HELM_NOT_FOUND:
	case HELM_DEPLOYED:
	case HELM_FAILED:
	case HELM_UNINSTALLED:
	case HELM_SUPERSEDED:
	case HELM_UNKNOWN:
		break;
	}
	return HELM_GO_ON;
}

static void append_line(char **text, const char *line)
{
	char *joined = *text ? xasprintf("%s; %s", *text, line) : xstrdup(line);
	free(*text);
	*text = joined;
}

char *helm_said(const char *err_tail)
{
	_cleanup_strv_ char **lines = text_split(err_tail ? err_tail : "", '\n');
	char *said = NULL;

	for (size_t i = 0; lines && lines[i]; i++) {
		_cleanup_free_ char *line = text_trim(lines[i]);
		const char *s = line;
		if (text_starts(s, "Error: "))
			s += strlen("Error: ");
		if (!*s || text_starts(s, "Use --debug flag") || text_starts(s, "failed to load plugins") ||
		    text_starts(s, "level=") || text_starts(s, "WARNING:"))
			continue;
		append_line(&said, s);
	}
	return said ? said : xstrdup("-");
}

/* In this order: the first that fits decides. The words are those of helm pkg/action, pkg/cmd and of
 * the API server, the same in Helm 3 and 4 but for capitals. */
static const struct {
	const char *words;
	enum fault fault;
} fault_words[] = {
	{ "cluster unreachable", FAULT_KUBE_UNREACHABLE },
	{ "another operation (install/upgrade/rollback) is in progress", FAULT_HELM_PENDING },
	{ "has no deployed releases", FAULT_HELM_PENDING },
	{ "running post render", FAULT_HELM_POST_RENDER },
	{ "for \"--post-renderer\" flag", FAULT_HELM_POST_RENDER },
	{ "don't meet the specifications of the schema", FAULT_HELM_VALUES },
	{ "execution error at", FAULT_HELM_VALUES },
	{ "additional properties", FAULT_HELM_VALUES },
	{ "is not allowed", FAULT_HELM_VALUES },
	{ "invalid ownership metadata", FAULT_HELM_FOREIGN },
	{ "cannot be imported into the current release", FAULT_HELM_FOREIGN },
	{ "provided port is already allocated", FAULT_HELM_NODEPORT },
	{ "provided port is not in the valid range", FAULT_HELM_NODEPORT },
	{ "field is immutable", FAULT_HELM_IMMUTABLE },
	{ "updates to statefulset spec", FAULT_HELM_IMMUTABLE },
	{ "spec is immutable after creation", FAULT_HELM_IMMUTABLE },
	{ "hooks failed", FAULT_HELM_HOOK },
	{ "failed pre-install", FAULT_HELM_HOOK },
	{ "failed post-install", FAULT_HELM_HOOK },
	{ "backofflimitexceeded", FAULT_HELM_HOOK },
	{ "context deadline exceeded", FAULT_HELM_TIMEOUT },
	{ "timed out waiting for the condition", FAULT_HELM_TIMEOUT },
	{ "context canceled", FAULT_CANCELLED },
};

enum fault helm_fault(const char *err_tail)
{
	_cleanup_free_ char *low = xstrdup(err_tail ? err_tail : "");
	for (char *p = low; *p; p++)
		*p = (char)tolower((unsigned char)*p);
	for (size_t i = 0; i < ARRAY_LEN(fault_words); i++)
		if (strstr(low, fault_words[i].words))
			return fault_words[i].fault;
	return FAULT_HELM;
}

char *helm_plugin_yaml(const char *engine)
{
	/* helm internal/plugin: apiVersion v1, type postrenderer/v1; recorded with Helm 4.1.4. */
	_cleanup_json_ json_t *j = json_pack(
		"{s:s, s:s, s:s, s:s, s:s, s:{s:[{s:o, s:[s]}]}}", "apiVersion", "v1", "type",
		"postrenderer/v1", "name", HELM_POST_RENDERER, "version", "1.0.0", "runtime", "subprocess",
		"runtimeConfig", "platformCommand", "command", json_text(engine), "args", "post-render");
	return json_pretty(j);
}
