/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* mas-cli: users, by the exact arguments of MAS crates/cli/src/commands/manage.rs. The image has no
 * shell and no terminal of ours; mas-cli tells everything on stderr. */
#pragma once

#include "steps/step.h"

enum mas_user { MAS_UNKNOWN, MAS_NO_USER, MAS_USER, MAS_ADMIN };

/* What a user is; MAS_UNKNOWN when MAS is not there to be asked (0), -1 on failure. id (new, may be
 * NULL) is the user's id when MAS_ADMIN. */
int mas_user(struct step_ctx *c, const char *name, enum mas_user *ret, char **ret_id, struct err *e);

/* Makes an administrator; an existing user is success. email or NULL. The password is typed at
 * mas-cli's prompts; where those are not the known ones it goes as an argument: *ret_by_argument. */
int mas_register_admin(struct step_ctx *c, const char *name, const char *password, const char *email,
		       bool *ret_by_argument, struct err *e);

int mas_promote(struct step_ctx *c, const char *name, struct err *e);

/* Makes a registration token for so many accounts (0: any number) and so many seconds (0: for ever).
 * *ret_token new (free_secret); it must not be logged. FAULT_USER_INVITE. */
int mas_invite(struct step_ctx *c, long uses, long seconds, char **ret_token, struct err *e);

/* --- pure -------------------------------------------------------------------------------------- */

/* Looks for a user in what "list-admin-users" wrote: 1 found (*ret_id new), 0 not; 1 without id when the
 * beginning of a long list was cut off, since then nobody can say. */
int mas_find_admin(const char *err_tail, const char *name, char **ret_id);

/* The fault that the words of a failed mas-cli mean; FAULT_NONE: the user exists already. */
enum fault mas_fault(const char *err_tail);

/* The token in what "issue-user-registration-token" wrote; new (free_secret), NULL: there is none. */
char *mas_find_token(const char *err_tail);

/* The telling line of what mas-cli and kubectl exec wrote. New. */
char *mas_said(const char *err_tail);
