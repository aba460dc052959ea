/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* See mas.h. */
#include "steps/mas.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "steps/ess.h"

/* ess-helm README.md, "Creating an initial user" */
#define WORKLOAD "deploy/ess-matrix-authentication-service"
#define CONTAINER "matrix-authentication-service"

char *mas_said(const char *err_tail)
{
	_cleanup_strv_ char **lines = text_split(err_tail ? err_tail : "", '\n');
	const char *said = "-";

	for (size_t i = 0; lines && lines[i]; i++) {
		const char *line = lines[i] + strspn(lines[i], " \t");
		/* kubectl's own last line says only that the command failed. */
		if (!*line || text_starts(line, "command terminated with exit code"))
			continue;
		said = line;
		/* anyhow prints "Error: ..." first and its causes after it, clap "error: ..." and the usage. */
		if (text_starts(line, "Error: ") || text_starts(line, "error: "))
			return xstrdup(line + strlen("Error: "));
	}
	return xstrdup(said);
}

int mas_find_admin(const char *err_tail, const char *name, char **ret_id)
{
	_cleanup_strv_ char **lines = text_split(err_tail ? err_tail : "", '\n');
	_cleanup_free_ char *field = xasprintf(" username=%s", name);
	bool from_start = false;

	*ret_id = NULL;
	for (size_t i = 0; lines && lines[i]; i++) {
		if (strstr(lines[i], "can request admin privileges ("))
			from_start = true;
		const char *at = strstr(lines[i], field);
		const char *id = strstr(lines[i], "user.id=");
		const char *end = at ? at + strlen(field) : NULL;
		if (!at || (*end && *end != ' '))
			continue;
		if (id) {
			id += strlen("user.id=");
			*ret_id = xstrndup(id, strcspn(id, " "));
		}
		return 1;
	}
	return from_start ? 0 : 1;
}

/* manage.rs: info!(%registration_token.id, "Created user registration token: {}", ...). What follows the
 * token may be the field, or the end of a colour. */
char *mas_find_token(const char *err_tail)
{
	static const char words[] = "Created user registration token: ";
	const char *at = err_tail ? strstr(err_tail, words) : NULL;
	if (!at)
		return NULL;
	at += strlen(words);
	const size_t len = strcspn(at, " \t\r\n\033\"");
	return len ? xstrndup(at, len) : NULL;
}

enum fault mas_fault(const char *err_tail)
{
	const char *s = err_tail ? err_tail : "";
	if (strstr(s, "User already exists"))
		return FAULT_NONE;
	if (strstr(s, "Username not available on homeserver"))
		return FAULT_USER_TAKEN;
	if (strstr(s, "That password is too weak"))
		return FAULT_USER_PASSWORD_WEAK;
	if (strstr(s, "Username cannot be empty") || strstr(s, "Invalid username"))
		return FAULT_USER_NAME;
	return FAULT_USER_FAILED;
}

static int failed(const struct proc_result *r, struct err *e)
{
	_cleanup_free_ char *said = mas_said(r->err_tail);
	return err_set(e, mas_fault(r->err_tail), N_("mas-cli: %s"), said);
}

static int exec(struct step_ctx *c, const char *const *argv, bool read_only, struct proc_result *r,
		struct err *e)
{
	return kube_exec(c, ESS_NS, WORKLOAD, CONTAINER, argv, NULL, read_only, r, e);
}

/* kubectl: there is no such Deployment, or none of its pods runs yet. */
static bool nobody_to_ask(const struct proc_result *r)
{
	const char *s = r->err_tail ? r->err_tail : "";
	return strstr(s, "(NotFound)") || strstr(s, "unable to upgrade connection") ||
	       strstr(s, "cannot exec into a container in a completed pod") ||
	       strstr(s, "container not found") || strstr(s, "does not have a host assigned") ||
	       strstr(s, "timed out waiting for the condition");
}

int mas_user(struct step_ctx *c, const char *name, enum mas_user *ret, char **ret_id, struct err *e)
{
	const char *const list[] = { "mas-cli", "manage", "list-admin-users", NULL };
	/* The only question about one user; without --dry-run it would end his sessions. */
	const char *const ask[] = { "mas-cli", "manage", "kill-sessions", "--dry-run", name, NULL };
	_cleanup_proc_ struct proc_result r = { 0 };
	_cleanup_proc_ struct proc_result r2 = { 0 };

	*ret = MAS_UNKNOWN;
	*ret_id = NULL;
	if (exec(c, list, true, &r, e) < 0)
		return -1;
	if (r.status != 0)
		return nobody_to_ask(&r) ? 0 : failed(&r, e);
	if (mas_find_admin(r.err_tail, name, ret_id)) {
		*ret = MAS_ADMIN;
		return 0;
	}
	if (exec(c, ask, true, &r2, e) < 0)
		return -1;
	if (r2.status == 0)
		*ret = MAS_USER;
	else if (r2.err_tail && strstr(r2.err_tail, "User not found"))
		*ret = MAS_NO_USER;
	else
		return nobody_to_ask(&r2) ? 0 : failed(&r2, e);
	return 0;
}

/* The whole way through register-user without --yes (manage.rs, dialoguer): a menu that is searched by
 * typing, a password asked twice, the menu again with "Create the user" in front, and a last question.
 * 1: done, 0: it went otherwise and nothing was made (MAS commits at the very end). */
static int register_by_prompts(struct step_ctx *c, const char *const *argv, const char *password,
			       struct err *e)
{
	static const char menu[] = "What do you want to do next?";
	_cleanup_secret_ char *line = xasprintf("%s\r", password);
	const struct talk_turn turns[] = {
		{ menu, "Set a password\r" }, { "Password", line },
		{ "Confirm password", line }, { menu, "\r" },
		{ "Confirm?", "y" },          { NULL, NULL },
	};
	_cleanup_secret_ char *said = NULL;
	int status;
	int r = kube_talk(c, ESS_NS, WORKLOAD, CONTAINER, argv, turns, &status, &said, e);

	if (r <= 0)
		return r;
	if (status == 0)
		return 1;
	if (mas_fault(said) != FAULT_USER_FAILED)
		return mas_fault(said) == FAULT_NONE
			       ? 1
			       : err_set(e, mas_fault(said), N_("mas-cli ended with status %d"), status);
	return 0;
}

static int register_by_argument(struct step_ctx *c, const char **argv, size_t n, const char *password,
				struct err *e)
{
	/* One word: a password may begin with a dash. */
	_cleanup_secret_ char *with = xasprintf("--password=%s", password);
	_cleanup_proc_ struct proc_result r = { 0 };

	argv[n] = with;
	argv[n + 1] = "--yes";
	if (exec(c, argv, false, &r, e) < 0)
		return -1;
	if (r.status == 0 || mas_fault(r.err_tail) == FAULT_NONE)
		return 0;
	return failed(&r, e);
}

int mas_register_admin(struct step_ctx *c, const char *name, const char *password, const char *email,
		       bool *ret_by_argument, struct err *e)
{
	_cleanup_free_ char *mail = email ? xasprintf("--email=%s", email) : NULL;
	const char *argv[10] = { "mas-cli", "manage", "register-user", "--admin", name, mail };
	int r = register_by_prompts(c, argv, password, e);

	*ret_by_argument = false;
	if (r != 0)
		return r < 0 ? -1 : 0;
	step_log(c, "the prompts of mas-cli are not the known ones: the password goes as an argument");
	*ret_by_argument = true;
	return register_by_argument(c, argv, mail ? 6 : 5, password, e);
}

int mas_promote(struct step_ctx *c, const char *name, struct err *e)
{
	const char *const argv[] = { "mas-cli", "manage", "promote-admin", name, NULL };
	_cleanup_proc_ struct proc_result r = { 0 };

	if (exec(c, argv, false, &r, e) < 0)
		return -1;
	return r.status == 0 ? 0 : failed(&r, e);
}

int mas_invite(struct step_ctx *c, long uses, long seconds, char **ret_token, struct err *e)
{
	_cleanup_free_ char *limit = uses ? xasprintf("--usage-limit=%ld", uses) : xstrdup("--unlimited");
	_cleanup_free_ char *expires = seconds ? xasprintf("--expires-in=%ld", seconds) : NULL;
	const char *const argv[] = { "mas-cli", "manage", "issue-user-registration-token", limit, expires, NULL };
	_cleanup_proc_ struct proc_result r = { 0 };

	if (exec(c, argv, false, &r, e) < 0)
		return -1;
	*ret_token = r.status == 0 ? mas_find_token(r.err_tail) : NULL;
	if (*ret_token)
		return 0;
	_cleanup_free_ char *said = mas_said(r.err_tail);
	return err_set(e, FAULT_USER_INVITE, r.status ? N_("mas-cli: %s") : N_("mas-cli named no token"), said);
}
