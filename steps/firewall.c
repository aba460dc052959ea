/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "steps/firewall.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/net.h"
#include "base/text.h"
#include "steps/tool.h"

#define COMMENT "ess-setup"

void firewall_done(struct firewall_state *f)
{
	strv_free(f->missing);
	strv_free(f->ours);
	free(f->chain);
	*f = (struct firewall_state){ 0 };
}

static const char *const names[] = {
	[FIREWALL_NONE] = "none",
	[FIREWALL_UFW] = "ufw",
	[FIREWALLD] = "firewalld",
	[FIREWALL_NFT] = "nftables",
};

const char *firewall_name(enum firewall kind)
{
	return names[kind];
}

enum firewall firewall_by_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (name && !strcmp(names[i], name))
			return (enum firewall)i;
	return FIREWALL_NONE;
}

/* --- looking ---------------------------------------------------------------------------------- */

bool firewall_ufw_allows(const char *show_added, const char *range, bool *ret_ours)
{
	_cleanup_free_ char *rule = xasprintf("ufw allow from %s", range);
	_cleanup_strv_ char **lines = text_split(show_added, '\n');
	for (char **l = lines; l && *l; l++) {
		const char *rest = text_starts(*l, rule) ? *l + strlen(rule) : NULL;
		if (rest && (!*rest || text_starts(rest, " comment "))) {
			*ret_ours = !strcmp(rest, " comment '" COMMENT "'");
			return true;
		}
	}
	return false;
}

/* 1 when ufw is active; then f has what it does not name, and what it names because of us. */
static int look_ufw(struct step_ctx *c, const char *const *ranges, struct firewall_state *f,
		    struct err *e)
{
	_cleanup_free_ char *conf = tool_read(c, "/etc/ufw/ufw.conf");
	_cleanup_strv_ char **lines = text_split(conf ? conf : "", '\n');
	bool enabled = false;
	for (char **l = lines; l && *l; l++)
		if (text_starts(*l, "ENABLED="))
			enabled = !strcasecmp(*l + strlen("ENABLED="), "yes");
	if (!enabled)
		return 0;

	struct proc_result r _cleanup_proc_ = { 0 };
	int asked = tool_ask(c, (const char *[]){ "ufw", "show", "added", NULL }, &r, e);
	if (asked <= 0)
		return asked;
	for (; *ranges; ranges++) {
		bool ours = false;
		if (!firewall_ufw_allows(r.out, *ranges, &ours))
			strv_add(&f->missing, xstrdup(*ranges));
		else if (ours)
			strv_add(&f->ours, xstrdup(*ranges));
	}
	return 1;
}

static int look_firewalld(struct step_ctx *c, const char *const *ranges, char ***ret_missing,
			  struct err *e)
{
	struct proc_result state _cleanup_proc_ = { 0 };
	int asked = tool_ask(c, (const char *[]){ "firewall-cmd", "--state", NULL }, &state, e);
	if (asked <= 0)
		return asked;
	for (; *ranges; ranges++) {
		struct proc_result r _cleanup_proc_ = { 0 };
		_cleanup_free_ char *source = xasprintf("--query-source=%s", *ranges);
		asked = tool_ask(c,
				 (const char *[]){ "firewall-cmd", "--permanent", "--zone=trusted",
						   source, NULL },
				 &r, e);
		if (asked < 0)
			return -1;
		if (asked == 0)
			strv_add(ret_missing, xstrdup(*ranges));
	}
	return 1;
}

/* Any {"prefix": {"addr", "len"}} below j that is the range. */
static bool names_prefix(const json_t *j, const char *addr, long long len)
{
	const char *key;
	json_t *v;
	size_t i;
	if (json_is_object(j)) {
		const char *have = json_str_at(j, "prefix.addr");
		if (have && !strcmp(have, addr) && json_int_at(j, "prefix.len", -1) == len)
			return true;
		json_object_foreach((json_t *)j, key, v)
			if (names_prefix(v, addr, len))
				return true;
	}
	json_array_foreach(j, i, v)
		if (names_prefix(v, addr, len))
			return true;
	return false;
}

static bool rule_accepts_from(const json_t *rule, const char *range)
{
	_cleanup_free_ char *addr = xstrndup(range, strcspn(range, "/"));
	const long long len = strtol(strchr(range, '/') + 1, NULL, 10);
	bool accepts = false, from = false;
	size_t i;
	json_t *x;
	json_array_foreach(json_at(rule, "expr"), i, x) {
		const char *field = json_str_at(x, "match.left.payload.field");
		if (json_object_get(x, "accept"))
			accepts = true;
		if (field && !strcmp(field, "saddr") &&
		    names_prefix(json_at(x, "match.right"), addr, len))
			from = true;
	}
	return accepts && from;
}

static bool same_at(const json_t *a, const json_t *b, const char *member_a, const char *member_b)
{
	const char *x = json_str_at(a, member_a), *y = json_str_at(b, member_b);
	return x && y && !strcmp(x, y);
}

static bool chain_accepts_from(const json_t *all, const json_t *chain, const char *range)
{
	size_t i;
	json_t *o;
	json_array_foreach(all, i, o) {
		const json_t *rule = json_object_get(o, "rule");
		if (rule && same_at(rule, chain, "family", "family") &&
		    same_at(rule, chain, "table", "table") &&
		    same_at(rule, chain, "chain", "name") && rule_accepts_from(rule, range))
			return true;
	}
	return false;
}

static bool chain_drops(const json_t *chain)
{
	const char *hook = json_str_at(chain, "hook"), *policy = json_str_at(chain, "policy");
	const char *family = json_str_at(chain, "family"), *name = json_str_at(chain, "name");
	if (!hook || !policy || strcmp(policy, "drop") || !family || !name)
		return false;
	if (!strcmp(hook, "input"))
		return strcmp(family, "ip6") != 0;
	/* K3s puts its own accepting rules into iptables' FORWARD chain, as Docker's policy shows
	 * daily. */
	return !strcmp(hook, "forward") && strcmp(family, "ip6") &&
	       !(!strcmp(family, "ip") && !strcmp(name, "FORWARD"));
}

void firewall_nft_blocks(const json_t *ruleset, const char *range, char **ret_chain)
{
	const json_t *all = json_at(ruleset, "nftables");
	size_t i;
	json_t *o;
	*ret_chain = NULL;
	json_array_foreach(all, i, o) {
		const json_t *chain = json_object_get(o, "chain");
		if (!chain || !chain_drops(chain) || chain_accepts_from(all, chain, range))
			continue;
		*ret_chain = xasprintf("%s %s %s", json_str_at(chain, "family"),
				       json_str_at(chain, "table") ?: "?",
				       json_str_at(chain, "name"));
		return;
	}
}

static int look_nft(struct step_ctx *c, const char *const *ranges, struct firewall_state *f,
		    struct err *e)
{
	struct proc_result r _cleanup_proc_ = { 0 };
	int asked = tool_ask(c, (const char *[]){ "nft", "-j", "list", "ruleset", NULL }, &r, e);
	if (asked <= 0)
		return asked;
	_cleanup_json_ json_t *ruleset = json_parse(r.out, r.out_len, FAULT_COMMAND_OUTPUT, "nft",
						    NULL);
	for (; *ranges; ranges++) {
		_cleanup_free_ char *chain = NULL;
		firewall_nft_blocks(ruleset, *ranges, &chain);
		if (!chain)
			continue;
		strv_add(&f->missing, xstrdup(*ranges));
		if (!f->chain)
			f->chain = steal(chain);
	}
	if (f->missing)
		f->kind = FIREWALL_NFT;
	return 0;
}

int firewall_look(struct step_ctx *c, const char *const *ranges, struct firewall_state *ret,
		  struct err *e)
{
	*ret = (struct firewall_state){ 0 };
	int r = look_ufw(c, ranges, ret, e);
	if (r == 0) {
		r = look_firewalld(c, ranges, &ret->missing, e);
		if (r > 0)
			ret->kind = FIREWALLD;
		else if (r == 0)
			r = look_nft(c, ranges, ret, e);
	} else if (r > 0) {
		ret->kind = FIREWALL_UFW;
	}
	return r < 0 ? -1 : 0;
}

/* --- changing --------------------------------------------------------------------------------- */

static int firewalld_source(struct step_ctx *c, const char *verb, const char *range, struct err *e)
{
	_cleanup_free_ char *source = xasprintf("--%s-source=%s", verb, range);
	return step_run(
		c,
		(const char *[]){ "firewall-cmd", "--permanent", "--zone=trusted", source, NULL },
		NULL, 0, NULL, e);
}

static int firewalld_reload(struct step_ctx *c, struct err *e)
{
	return step_run(c, (const char *[]){ "firewall-cmd", "--reload", NULL }, NULL, 0, NULL, e);
}

int firewall_add(struct step_ctx *c, const struct firewall_state *f, char ***ret_added,
		 struct err *e)
{
	for (char **range = f->missing; range && *range; range++) {
		int r = f->kind == FIREWALL_UFW
				? step_run(c,
					   (const char *[]){ "ufw", "allow", "from", *range, "to",
							     "any", "comment", COMMENT, NULL },
					   NULL, 0, NULL, e)
				: firewalld_source(c, "add", *range, e);
		if (r < 0)
			return -1;
		strv_add(ret_added, xstrdup(*range));
	}
	return f->kind == FIREWALLD && f->missing ? firewalld_reload(c, e) : 0;
}

int firewall_remove(struct step_ctx *c, enum firewall kind, const char *range, struct err *e)
{
	if (kind == FIREWALL_UFW)
		return step_run(c,
				(const char *[]){ "ufw", "delete", "allow", "from", range, "to",
						  "any", NULL },
				NULL, 0, NULL, e);
	if (kind != FIREWALLD || firewalld_source(c, "remove", range, e) < 0)
		return kind == FIREWALLD ? -1 : 0;
	return firewalld_reload(c, e);
}

int firewall_refuse(const struct firewall_state *f, struct err *e)
{
	_cleanup_free_ char *ranges = text_join((const char *const *)f->missing, ", ");
	if (f->kind == FIREWALL_NFT)
		return err_set(e, FAULT_PRE_FIREWALL_NFT,
			       N_("the chain \"%s\" drops what comes from the cluster; add to it: "
				  "ip saddr { %s } accept"),
			       f->chain, ranges);

	char **commands = NULL;
	for (char **range = f->missing; range && *range; range++)
		strv_add(
			&commands,
			f->kind == FIREWALL_UFW
				? xasprintf("ufw allow from %s to any", *range)
				: xasprintf(
					  "firewall-cmd --permanent --zone=trusted --add-source=%s",
					  *range));
	if (f->kind == FIREWALLD)
		strv_add(&commands, xstrdup("firewall-cmd --reload"));
	_cleanup_free_ char *all = text_join((const char *const *)commands, "; ");
	strv_free(commands);
	return err_set(e, FAULT_PRE_FIREWALL, N_("%s is active and lacks rules: %s"),
		       firewall_name(f->kind), all);
}
