/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Registration, in the words of MAS' docs/reference/configuration.md. */
#include <string.h>

#include "base/mem.h"
#include "steps/values-parts.h"

static const char *yesno(bool v)
{
	return v ? "true" : "false";
}

/* Without a token an address must be proven: an open server where neither is asked for is abused
 * within days (ess-helm docs/advanced.md). */
static char *account(const struct values_in *in)
{
	bool open = !strcmp(in->registration, "open");
	bool closed = !strcmp(in->registration, "closed");
	return xasprintf("account:\n"
			 "  password_registration_enabled: %s\n"
			 "  password_registration_token_required: %s\n"
			 "  password_registration_email_required: %s\n"
			 "  password_change_allowed: true\n"
			 "  password_recovery_enabled: %s\n",
			 yesno(!closed), yesno(!open), yesno(open), yesno(in->smtp));
}

json_t *values_registration(const struct values_in *in)
{
	_cleanup_free_ char *text = account(in);
	json_t *j = json_pack("{s:{s:s}}", "auth.yaml", "config", text);
	/* Mail needs a password: all of it is in a Secret. */
	if (in->smtp)
		json_object_set_new(j, "email.yaml",
				    json_pack("{s:s, s:s}", "configSecret", VALUES_EMAIL_SECRET,
					      "configSecretKey", VALUES_EMAIL_KEY));
	return j;
}
