/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* mas-cli manage ..., as in matrix-authentication-service crates/cli/src/commands/manage.rs. Logs
 * go to stderr, one line each. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/kubectl.h"

static void say(const char *level, const char *text)
{
	_cleanup_free_ char *now = world_now_ns();
	fprintf(stderr, "%s  %s mas_cli::commands::manage:402 %s\n", now, level, text);
}

static json_t *users(json_t *cluster)
{
	json_t *u = json_object_get(cluster, "users");
	if (!u) {
		u = json_object();
		json_object_set_new(cluster, "users", u);
	}
	return u;
}

/* "@alice:example.com" is alice. New. */
static char *localpart(const char *name)
{
	name += *name == '@';
	return xstrndup(name, strcspn(name, ":"));
}

/* zxcvbn's score of 3 or more, roughly. */
static bool is_strong(const char *password)
{
	return strlen(password) >= 12;
}

static int register_user(const struct call *c, const char *const *argv, int argc, json_t *cluster)
{
	const char *password = NULL, *email = NULL, *name = NULL;
	bool admin = false, yes = false, ignore = false;
	for (int i = 0; i < argc; i++) {
		const char *a = argv[i];
		if (text_starts(a, "--password="))
			password = a + 11;
		else if (text_starts(a, "--email="))
			email = a + 8;
		else if ((strcmp(a, "--password") == 0 || strcmp(a, "-p") == 0) && i + 1 < argc)
			password = argv[++i];
		else if ((strcmp(a, "--email") == 0 || strcmp(a, "-e") == 0) && i + 1 < argc)
			email = argv[++i];
		else if ((strcmp(a, "--display-name") == 0 || strcmp(a, "-d") == 0) && i + 1 < argc)
			i++;
		else if (strcmp(a, "--admin") == 0 || strcmp(a, "-a") == 0)
			admin = true;
		else if (strcmp(a, "--no-admin") == 0 || strcmp(a, "-A") == 0)
			continue;
		else if (strcmp(a, "--yes") == 0 || strcmp(a, "-y") == 0)
			yes = true;
		else if (strcmp(a, "--ignore-password-complexity") == 0)
			ignore = true;
		else if (strcmp(a, "--help") == 0)
			return puts("Register a user\n\nUsage: mas-cli manage register-user "
				    "[OPTIONS] [USERNAME]"),
			       0;
		else if (*a == '-' || name) {
			fprintf(stderr,
				"error: unexpected argument '%s' found\n\nUsage: mas-cli manage "
				"register-user [OPTIONS] "
				"[USERNAME]\n\nFor more information, try '--help'.\n",
				a);
			return 2;
		} else
			name = a;
	}
	if (!name || (!yes && !isatty(STDIN_FILENO)))
		return call_unknown(c, "register-user without a name or a terminal");
	_cleanup_free_ char *local = localpart(name);
	if (password && !ignore && !is_strong(password)) {
		say("ERROR", "That password is too weak.");
		return 1;
	}
	if (json_object_get(users(cluster), local)) {
		fputs("Error: User already exists\n", stderr);
		return 1;
	}
	_cleanup_free_ char *typed = NULL;
	if (!yes && !mas_ask(&typed))
		return fputs("Error: Aborted\n", stderr), 1;
	password = password ? password : typed;
	_cleanup_free_ char *sum =
		password ? crypto_sha256(password, strlen(password)) : xstrdup("");
	json_object_set_new(users(cluster), local,
			    json_pack("{s:b, s:s, s:s, s:s}", "admin", admin, "email",
				      email ? email : "", "password_sha256", sum, "id",
				      "01JZZREHEARSAL0000000000AA"));
	if (!email)
		say("WARN", "No email address provided, user will need to add one");
	say("INFO", "user.id=01JZZREHEARSAL0000000000AA User registered");
	return 0;
}

static int with_user(const struct call *c, const char *verb, const char *const *argv, int argc,
		     json_t *cluster)
{
	const char *name = NULL, *second = NULL;
	bool dry = false;
	for (int i = 0; i < argc; i++) {
		if (strcmp(argv[i], "--dry-run") == 0 || strcmp(argv[i], "--deactivate") == 0 ||
		    strcmp(argv[i], "--reactivate") == 0 ||
		    strcmp(argv[i], "--ignore-complexity") == 0)
			dry = dry || strcmp(argv[i], "--dry-run") == 0;
		else if (!name)
			name = argv[i];
		else
			second = argv[i];
	}
	if (!name)
		return call_unknown(c, verb);
	_cleanup_free_ char *local = localpart(name);
	json_t *u = json_object_get(users(cluster), local);
	if (!u) {
		fputs("Error: User not found\n", stderr);
		return 1;
	}
	if (strcmp(verb, "kill-sessions") == 0) {
		say("INFO", dry ? "Dry run, not saving: Ended all active sessions"
				: "Ended all active sessions");
	} else if (strcmp(verb, "promote-admin") == 0) {
		json_object_set_new(u, "admin", json_true());
		say("INFO", "User promoted to admin");
	} else if (strcmp(verb, "demote-admin") == 0) {
		json_object_set_new(u, "admin", json_false());
		say("INFO", "User is no longer admin");
	} else if (strcmp(verb, "add-email") == 0 && second) {
		json_object_set_new(u, "email", json_string(second));
		say("INFO", "Email added");
	} else if (strcmp(verb, "set-password") == 0 && second) {
		if (!is_strong(second)) {
			say("ERROR", "That password is too weak.");
			return 1;
		}
		_cleanup_free_ char *sum = crypto_sha256(second, strlen(second));
		json_object_set_new(u, "password_sha256", json_string(sum));
		say("INFO", "Password changed");
	} else if (strcmp(verb, "lock-user") == 0 || strcmp(verb, "unlock-user") == 0) {
		json_object_set_new(u, "locked", json_boolean(*verb == 'l'));
		say("INFO", *verb == 'l' ? "Locking user" : "Unlocking user");
	} else {
		return call_unknown(c, verb);
	}
	return 0;
}

static int list_admins(json_t *cluster)
{
	const char *name;
	json_t *u;
	int total = 0;
	json_object_foreach(users(cluster), name, u)
		total += json_is_true(json_object_get(u, "admin"));
	_cleanup_free_ char *head =
		xasprintf("The following users can request admin privileges (%d total):", total);
	say("INFO", head);
	json_object_foreach(users(cluster), name, u) {
		_cleanup_free_ char *line =
			xasprintf("user.id=%s username=%s", json_str_at(u, "id"), name);
		if (json_is_true(json_object_get(u, "admin")))
			say("INFO", line);
	}
	return 0;
}

/* A number of 32 bits behind "--name=" or as the next word; 1 taken, 0 another option, -1 clap refuses. */
static int u32_option(const char *name, const char *const *argv, int argc, int *i, long *ret)
{
	const size_t n = strlen(name);
	const char *text = NULL;
	if (strncmp(argv[*i], name, n) == 0 && argv[*i][n] == '=')
		text = argv[*i] + n + 1;
	else if (strcmp(argv[*i], name) == 0 && *i + 1 < argc)
		text = argv[++*i];
	if (!text)
		return 0;
	if (text_to_long(text, 0, 4294967295L, ret))
		return 1;
	fprintf(stderr, "error: invalid value '%s' for '%s'\n\nFor more information, try '--help'.\n", text, name);
	return -1;
}

/* Letters and digits, twelve of them (rand's Alphanumeric in manage.rs). New. */
static char *random_token(void)
{
	_cleanup_free_ char *uuid = crypto_uuid(NULL);
	char *token = xstrdup("            ");
	for (size_t i = 0; token[i]; i++)
		token[i] = "ABCDEFGHJKLMNPQR"[strchr("0123456789abcdef", uuid[24 + i]) - "0123456789abcdef"];
	return token;
}

static int issue_token(const struct call *c, const char *const *argv, int argc, json_t *cluster)
{
	long limit = 1, expires = 0;
	bool limited = false, unlimited = false;
	for (int i = 0; i < argc; i++) {
		int took = u32_option("--usage-limit", argv, argc, &i, &limit);
		limited |= took > 0;
		if (took == 0)
			took = u32_option("--expires-in", argv, argc, &i, &expires);
		if (took < 0)
			return 2;
		if (took == 0 && strcmp(argv[i], "--unlimited") != 0)
			return call_unknown(c, argv[i]);
		unlimited |= took == 0;
	}
	if (limited && unlimited) {
		fputs("error: the argument '--usage-limit <USAGE_LIMIT>' cannot be used with '--unlimited'\n", stderr);
		return 2;
	}
	_cleanup_free_ char *token = random_token();
	json_t *tokens = json_object_get(cluster, "tokens");
	if (!tokens)
		json_object_set_new(cluster, "tokens", tokens = json_object());
	json_object_set_new(tokens, token,
			    json_pack("{s:I, s:I}", "uses", (json_int_t)(unlimited ? 0 : limit), "expires_in",
				      (json_int_t)expires));
	_cleanup_free_ char *line = xasprintf(
		"Created user registration token: %s registration_token.id=01JZZREHEARSAL0000000000BB", token);
	say("INFO", line);
	return 0;
}

int mas_run(const struct call *c, const char *const *argv, int argc, json_t *cluster)
{
	if (argc < 2 || strcmp(argv[0], "manage") != 0)
		return call_unknown(c, "mas-cli other than manage");
	if (strcmp(argv[1], "register-user") == 0)
		return register_user(c, argv + 2, argc - 2, cluster);
	if (strcmp(argv[1], "list-admin-users") == 0)
		return list_admins(cluster);
	if (strcmp(argv[1], "issue-user-registration-token") == 0)
		return issue_token(c, argv + 2, argc - 2, cluster);
	return with_user(c, argv[1], argv + 2, argc - 2, cluster);
}
