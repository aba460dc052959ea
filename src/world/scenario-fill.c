/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What a scenario leaves open is chosen when it is put into force: {domain} is that of the world,
 * {number}, {word}, {address} and {byte} are other ones each time, so that nobody can know them by heart. */
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/mem.h"
#include "world/world.h"

static char *replace(const char *text, const char *mark, const char *value)
{
	char *out = xstrdup("");
	for (const char *at; (at = strstr(text, mark)); text = at + strlen(mark)) {
		char *longer = xasprintf("%s%.*s%s", out, (int)(at - text), text, value);
		free(out);
		out = longer;
	}
	char *whole = xasprintf("%s%s", out, text);
	free(out);
	return whole;
}

static char *zone(const struct world *w)
{
	struct store dns;
	store_open(w, "dns", &dns);
	const char *name = json_str_at(dns.j, "zone");
	char *domain = xstrdup(name ? name : "");
	store_close(&dns, false);
	return domain;
}

char *scenario_fill(const struct world *w, const char *text)
{
	unsigned char dice[12];
	char word[9] = "";
	if (crypto_random(dice, sizeof(dice), NULL) < 0)
		world_die("no random numbers");
	for (size_t i = 0; i < 8; i++)
		word[i] = (char)('a' + dice[i] % 26);
	_cleanup_free_ char *number = xasprintf("%d", 1000 + (dice[8] << 8 | dice[9]) % 9000);
	/* RFC 5737, TEST-NET-3 */
	_cleanup_free_ char *address = xasprintf("203.0.113.%d", 1 + dice[10] % 254);
	_cleanup_free_ char *byte = xasprintf("%d", 2 + dice[11] % 250);
	_cleanup_free_ char *domain = zone(w);
	const struct {
		const char *mark, *value;
	} marks[] = { { "{domain}", domain },
		      { "{number}", number },
		      { "{word}", word },
		      { "{address}", address },
		      { "{byte}", byte } };
	char *filled = xstrdup(text);
	for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
		char *next = replace(filled, marks[i].mark, marks[i].value);
		free(filled);
		filled = next;
	}
	return filled;
}
