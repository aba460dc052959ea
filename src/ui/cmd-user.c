/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* ess-setup user invite: a registration token for somebody who shall get an account. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "model/config.h"
#include "ui/call.h"
#include "ui/show.h"

#define DAY_S 86400
/* Seconds are 32 bits wide at mas-cli. */
#define DAYS_MAX 49710
#define USES_MAX 1000000

struct invitation {
	long uses; /* 0: without limit */
	long days; /* 0: for ever */
};

/* A token that nobody can use is worse than none. */
static int refuse_closed(const struct config *c, struct err *e)
{
	const char *mode = config_str(c, "registration.mode");
	if (!mode || strcmp(mode, "closed"))
		return 0;
	return err_set(e, FAULT_USER_INVITE,
		       N_("registration.mode is closed: with it no token lets anybody in"));
}

static json_t *ask_engine(const struct invitation *i, struct err *e)
{
	_cleanup_free_ char *uses = xasprintf("%ld", i->uses);
	_cleanup_free_ char *seconds = xasprintf("%ld", i->days * DAY_S);
	const char *const argv[] = { "ess-engine", "invite", "--uses", uses, "--expires-in", seconds, NULL };
	return call_json(argv, e);
}

/* "https://element.example.com:8443": there people choose to make an account. New. */
static char *web_address(const struct config *c)
{
	_cleanup_free_ char *host = config_host(c, "web");
	const long port = config_int(c, "ports.https");
	return port == 443 ? xasprintf("https://%s", host) : xasprintf("https://%s:%ld", host, port);
}

static void print(const char *token, const struct invitation *i, const char *address)
{
	printf("%s\n\n", token);
	if (i->uses == 1)
		puts(_("It makes one account."));
	else if (i->uses)
		printf(_("It makes %ld accounts.\n"), i->uses);
	else
		puts(_("It makes any number of accounts: give it to nobody whom you do not trust."));
	if (i->days) {
		char until[64];
		const time_t end = time(NULL) + i->days * DAY_S;
		struct tm tm;
		strftime(until, sizeof(until), "%Y-%m-%d %H:%M", localtime_r(&end, &tm));
		printf(_("It is valid until %s.\n"), until);
	} else {
		puts(_("It is valid for ever."));
	}
	printf(_("The person opens %s, chooses to create an account, and enters it when asked.\n"), address);
}

static int invite(const struct ui *ui, const struct invitation *i)
{
	_cleanup_config_ struct config c = { 0 };
	struct err e = ERR_INIT;

	if (config_load(&c, &e) < 0 || refuse_closed(&c, &e) < 0)
		return show_failure(ui, &e);
	_cleanup_json_ json_t *answer = ask_engine(i, &e);
	const char *token = json_str_at(answer, "token");
	if (!token) {
		err_set(&e, FAULT_USER_INVITE, N_("there was no token in the answer"));
		return show_failure(ui, &e);
	}
	_cleanup_free_ char *address = web_address(&c);
	if (ui->json)
		show_json(json_pack("{s:s, s:I, s:I, s:s}", "token", token, "uses", (json_int_t)i->uses, "days",
				    (json_int_t)i->days, "address", address));
	else
		print(token, i, address);
	return EXIT_OK;
}

static int run(struct ui *ui, int argc, char **argv)
{
	struct invitation i;
	const char *uses = "1", *days = "7";
	const struct opt opts[] = { { "uses", &uses, NULL }, { "days", &days, NULL }, { 0 } };

	argc = opt_parse(&cmd_user, opts, argc, argv);
	if (argc < 0)
		return EXIT_INVALID;
	if (argc != 2 || strcmp(argv[1], "invite"))
		return usage(&cmd_user, _("what to do about users is missing"));
	if (!text_to_long(uses, 0, USES_MAX, &i.uses))
		return usage(&cmd_user, _("--uses takes a number from 0 to %d, not %s"), USES_MAX, uses);
	if (!text_to_long(days, 0, DAYS_MAX, &i.days))
		return usage(&cmd_user, _("--days takes a number from 0 to %d, not %s"), DAYS_MAX, days);
	return invite(ui, &i);
}

const struct command cmd_user = {
	.name = "user",
	.args = "invite [--uses N] [--days D]",
	.summary = N_("a registration token for a new person"),
	.run = run,
};
