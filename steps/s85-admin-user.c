/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Step 85, admin-user: the administrator exists and may ask for admin rights. The password is saved
 * before it is used: a run that dies in between finds it again. */
#include <string.h>

#include "base/crypto.h"
#include "base/mem.h"
#include "steps/ess.h"
#include "steps/mas.h"
#include "steps/steps.h"

#define PASSWORD_LEN 32
/* What the example of a configuration says in place of a password: make one. */
#define GENERATE "auto-generated-32-chars"
#define BY_ARGUMENT "admin.password_by_argument"

static int check(struct step_ctx *c, enum step_found *ret, struct err *e)
{
	_cleanup_free_ char *id = NULL;
	enum mas_user user;
	struct err own = ERR_INIT;

	if (mas_user(c, step_str(c, "admin.username"), &user, &id, &own) < 0) {
		if (kube_absent(&own, ret) == 0)
			return 0;
		*e = own;
		return -1;
	}
	*ret = user == MAS_ADMIN ? STEP_PRESENT : user == MAS_USER ? STEP_DIFFERENT : STEP_ABSENT;
	return 0;
}

/* The given or generated password, which is in secrets.json then. New. */
static char *password(struct step_ctx *c, struct err *e)
{
	const char *given = step_secret(c, "admin.password");
	if (given && *given && strcmp(given, GENERATE))
		return xstrdup(given);
	if (step_dry_run(c))
		return xstrdup("(generated)");
	char *made = crypto_password(PASSWORD_LEN, e);
	if (made && step_secret_set(c, "admin.password", made, e) < 0) {
		free_secret(made);
		return NULL;
	}
	return made;
}

static int make_admin(struct step_ctx *c, const char *name, struct err *e)
{
	_cleanup_secret_ char *pw = password(c, e);
	bool by_argument;
	if (!pw)
		return -1;
	step_progress(c, -1, N_("making the administrator %s"), name);
	if (mas_register_admin(c, name, pw, step_str(c, "admin.email"), &by_argument, e) < 0)
		return -1;
	/* For the moment of that command others could see it: the handover says so. */
	if (by_argument)
		step_fact_set(c, BY_ARGUMENT, "yes");
	return 0;
}

/* Facts that are not set again are forgotten. */
static void keep_fact(struct step_ctx *c)
{
	const char *before = step_fact(c, BY_ARGUMENT);
	if (before)
		step_fact_set(c, BY_ARGUMENT, before);
}

static int apply(struct step_ctx *c, struct err *e)
{
	const char *name = step_str(c, "admin.username");
	_cleanup_free_ char *id = NULL;
	_cleanup_free_ char *id_after = NULL;
	enum mas_user user = MAS_NO_USER;
	struct err own = ERR_INIT;

	if (mas_user(c, name, &user, &id, &own) < 0 && !step_dry_run(c)) {
		*e = own;
		return -1;
	}
	if (user == MAS_ADMIN || user == MAS_USER)
		keep_fact(c);
	if (user == MAS_USER && mas_promote(c, name, e) < 0)
		return -1;
	if ((user == MAS_NO_USER || user == MAS_UNKNOWN) && make_admin(c, name, e) < 0)
		return -1;
	if (step_dry_run(c))
		return 0;
	if (!id && mas_user(c, name, &user, &id_after, e) < 0)
		return -1;
	if (id || id_after)
		step_fact_set(c, "admin.user_id", id ? id : id_after);
	step_note(c, name);
	return 0;
}

static const char *const inputs[] = { "config:admin.username", "config:admin.email",
				      "secret:admin.password", "fact:" BY_ARGUMENT, NULL };

const struct step step_admin_user = {
	.id = "admin-user",
	.number = 85,
	.title = N_("Administrator"),
	.version = 1,
	.estimate_s = 15,
	.inputs = inputs,
	.check = check,
	.apply = apply,
};
