/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The places at which ESS keeps its public addresses, and what may stand there. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "steps/gate.h"

enum site_kind { SITE_URL, SITE_NAME, SITE_SERVER };
enum site_name { SITE_SERVER_NAME, SITE_SYNAPSE, SITE_AUTH, SITE_RTC, SITE_ANY };

struct site {
	const char *key;
	const char *parent; /* key of the mapping around it; "": it stands at the root; NULL: any */
	enum site_kind kind;
	enum site_name name; /* whose name must stand there */
};

/* The site of a key inside a configuration text, and of an environment variable; NULL: none. */
const struct site *site_of_key(const char *key, const char *parent);
const struct site *site_of_env(const char *name);

/* Does a text that cannot be read as YAML speak of a site? */
bool site_in_text(const char *text);

/* One of the user's names; NULL for SITE_ANY. */
const char *site_host(const struct gate_names *names, enum site_name name);

/* Is this one of the user's names? Case does not count. */
bool site_is_ours(const struct gate_names *names, const char *host, size_t len);

/* What is wrong with a host that is not ours: GATE_PLACEHOLDER, _EXAMPLE or _FOREIGN. What the
 * user's own server name is like too (in a rehearsal) does not count as placeholder or example. */
enum gate_rule site_judge(const struct gate_names *names, const char *host);
