/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The machine's own firewall. The cluster needs exactly this of it: what comes from the pods' and
 * the services' addresses is let in (K3s, requirements.md, "Ubuntu / Debian"). Its public ports
 * need nothing: they are translated before the rules for input are asked. Port 6443 stays closed.
 */
#pragma once

#include "steps/step.h"

enum firewall { FIREWALL_NONE, FIREWALL_UFW, FIREWALLD, FIREWALL_NFT };

struct firewall_state {
	enum firewall kind;
	char **missing; /* ranges that are not let in; new vector, NULL when all are */
	char **ours; /* FIREWALL_UFW: ranges let in by a rule that bears our comment; new vector */
	char *chain; /* FIREWALL_NFT: "inet filter input", the chain that drops; new or NULL */
};
void firewall_done(struct firewall_state *f);

/* Looks which one is active and which of the ranges (NULL-terminated) it blocks. */
int firewall_look(struct step_ctx *c, const char *const *ranges, struct firewall_state *ret,
		  struct err *e);

/* Adds the missing rules; *ret_added gets each range that was added. */
int firewall_add(struct step_ctx *c, const struct firewall_state *f, char ***ret_added,
		 struct err *e);

/* The card: FAULT_PRE_FIREWALL with the commands, or _NFT with the rule. */
int firewall_refuse(const struct firewall_state *f, struct err *e);

/* Takes a range's rule away again. */
int firewall_remove(struct step_ctx *c, enum firewall kind, const char *range, struct err *e);

const char *firewall_name(enum firewall kind);
enum firewall firewall_by_name(const char *name);

/* --- pure parts --- */

/* A line "ufw allow from RANGE" in "ufw show added", with any comment or none; *ret_ours when the
 * comment is ours. */
bool firewall_ufw_allows(const char *show_added, const char *range, bool *ret_ours);

/* In "nft -j list ruleset": the first base chain for input (or forward) that drops and has no rule
 * that accepts what comes from the range; *ret_chain new, NULL when there is none. */
void firewall_nft_blocks(const json_t *ruleset, const char *range, char **ret_chain);
