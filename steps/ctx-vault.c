/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* How a step reaches what is kept beyond the life of the cluster (model/vault.h). */
#include "base/json.h"
#include "steps/ctx.h"

/* Opened at its first use; NULL where there are no secrets yet, or with e set. */
static struct vault *vault(struct step_ctx *c, struct err *e)
{
	if (c->vault || !c->secrets)
		return c->vault;
	c->vault = vault_open(c->secrets, e);
	if (c->vault && vault_is_damaged(c->vault))
		step_log(c, "kept.json is damaged: nothing in it can be used");
	return c->vault;
}

int step_kept(struct step_ctx *c, const char *name, json_t **ret, struct err *e)
{
	struct err own = ERR_INIT;
	const struct vault *v = vault(c, &own);
	*ret = NULL;
	if (err_is_set(&own)) {
		if (e && !err_is_set(e))
			*e = own;
		return -1;
	}
	if (!v)
		return 0;
	*ret = vault_get(v, name);
	if (!*ret && vault_has(v, name))
		step_log(c, "what is kept as %s does not open with the key", name);
	return 0;
}

int step_keep(struct step_ctx *c, const char *name, const json_t *object, struct err *e)
{
	if (c->dry_run)
		return 0;
	struct vault *v = vault(c, e);
	return v ? vault_put(v, name, object, e) : -1;
}
