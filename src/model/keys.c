/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The table of config keys: look-up, spelling, and the checks that follow from the type. */
#include "model/keys.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "model/keys-check.h"

#define LIST_MAX 32
#define NAME_LEN 64

static const struct key_choice federation_plans[] = {
	{ "apex", N_("with the help of port 443 elsewhere") },
	{ "srv", N_("SRV record and federation port") },
	{ "none", N_("none") },
	{ NULL, NULL },
};
static const struct key_choice rtc_modes[] = {
	{ "range", N_("a range of ports") },
	{ "muxed", N_("a single port") },
	{ NULL, NULL },
};
static const struct key_choice environments[] = {
	{ "production", N_("for real use") },
	{ "staging", N_("for trying out (staging)") },
	{ NULL, NULL },
};
static const struct key_choice registration_modes[] = {
	{ "invite", N_("who is invited") },
	{ "open", N_("everybody (needs a mail server)") },
	{ "closed", N_("nobody") },
	{ NULL, NULL },
};
static const struct key_choice smtp_modes[] = {
	{ "starttls", "STARTTLS" },
	{ "tls", "TLS" },
	{ "plain", N_("not encrypted") },
	{ NULL, NULL },
};
static const struct key_choice postgres_modes[] = {
	{ "embedded", N_("installed along") },
	{ "external", N_("a PostgreSQL server of mine") },
	{ NULL, NULL },
};
/* matrix-stack values.schema.json, synapse.postgres.sslMode */
static const struct key_choice ssl_modes[] = {
	{ "disable", NULL },   { "allow", NULL },	{ "prefer", NULL }, { "require", NULL },
	{ "verify-ca", NULL }, { "verify-full", NULL }, { NULL, NULL },
};
static const struct key_choice address_modes[] = {
	{ "follow", N_("from the DNS record") },
	{ "stun", N_("from STUN servers") },
	{ "manual", N_("from the answer below") },
	{ NULL, NULL },
};
static const struct key_choice cluster_kinds[] = {
	{ "k3s", N_("K3s on this machine") },
	{ "existing", N_("a cluster of mine") },
	{ NULL, NULL },
};
static const struct key_choice languages[] = {
	{ "auto", N_("as the terminal says") },
	{ "zh_CN", "简体中文" },
	{ "en", "English" },
	{ NULL, NULL },
};

static const struct key table[] = {
#include "model/keys-table.h"
#include "model/keys-table-more.h"
};

const struct key *keys(size_t *ret_n)
{
	*ret_n = ARRAY_LEN(table);
	return table;
}

const struct key *key_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (!strcmp(table[i].name, name))
			return &table[i];
	return NULL;
}

static unsigned min3(unsigned a, unsigned b, unsigned c)
{
	unsigned m = a < b ? a : b;
	return m < c ? m : c;
}

/* Levenshtein's distance; names longer than the longest key are far from everything. */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[NAME_LEN + 1];
	size_t na = strlen(a), nb = strlen(b);

	if (na > NAME_LEN || nb > NAME_LEN)
		return NAME_LEN;
	for (size_t j = 0; j <= nb; j++)
		row[j] = (unsigned)j;
	for (size_t i = 1; i <= na; i++) {
		unsigned diagonal = row[0];
		row[0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			unsigned up = row[j];
			row[j] = min3(up + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = up;
		}
	}
	return row[nb];
}

/* The last part, because people leave out the group or put a key into the wrong one. */
static const char *leaf(const char *name)
{
	const char *dot = strrchr(name, '.');
	return dot ? dot + 1 : name;
}

/* How far name is from one key: as a whole, as a group misspelt, or as a key in a wrong group. */
static unsigned closeness(const char *name, const char *key)
{
	unsigned d = distance(name, key);
	size_t group_len = strcspn(key, ".");
	_cleanup_free_ char *group = xstrndup(key, group_len);

	if (!strchr(name, '.')) {
		unsigned g = distance(name, group);
		d = g < d ? g : d;
	}
	return !strcmp(leaf(name), leaf(key)) && d > 2 ? 2 : d;
}

const char *key_nearest(const char *name)
{
	const char *best = NULL;
	unsigned len = (unsigned)strlen(name);
	unsigned best_distance = len < 3 ? len : 3 + len / 6; /* "a" is near to nothing */

	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		unsigned d = closeness(name, table[i].name);
		if (d < best_distance) {
			best = table[i].name;
			best_distance = d;
		}
	}
	return best;
}

static int check_int(const struct key *key, const char *value, struct err *e)
{
	long n;
	/* text_to_long would take "+80" and "080", which YAML and people read differently. */
	bool plain = *value && value[strspn(value, "0123456789")] == '\0' &&
		     (value[0] != '0' || !value[1]);
	if (plain && text_to_long(value, key->min, key->max, &n))
		return 0;
	_cleanup_free_ char *clean = text_clean(value, strlen(value));
	return err_set(e, FAULT_CONFIG_VALUE,
		       N_("%s: \"%s\" is not a whole number from %ld to %ld; a right value is %s"),
		       key->name, clean, key->min, key->max, key->example);
}

static int check_enum(const struct key *key, const char *value, struct err *e)
{
	_cleanup_strv_ char **values = NULL;
	for (const struct key_choice *c = key->choices; c->value; c++) {
		if (!strcmp(c->value, value))
			return 0;
		strv_add(&values, xstrdup(c->value));
	}
	_cleanup_free_ char *choices = text_join((const char *const *)values, ", ");
	_cleanup_free_ char *clean = text_clean(value, strlen(value));
	return err_set(e, FAULT_CONFIG_VALUE,
		       N_("%s: \"%s\" is not one of %s; a right value is %s"), key->name, clean,
		       choices, key->example);
}

static int check_one(const struct key *key, const char *value, struct err *e)
{
	/* Quotes that came with the value: from a shell, or a line copied out of YAML. */
	size_t n = strlen(value);
	if (key->check && key->check != check_text && key->check != check_password && n >= 2 &&
	    (value[0] == '"' || value[0] == '\'') && value[n - 1] == value[0])
		return key_bad(key, value,
			       N_("%s: %s is written with quotation marks around it; leave them "
				  "out, as in "
				  "%s"),
			       e);
	return key->check ? key->check(key, value, e) : 0;
}

static int check_list(const struct key *key, const char *value, struct err *e)
{
	_cleanup_strv_ char **items = text_split(value, ',');
	size_t n = items ? strv_len(items) : 0;

	if (n == 0)
		return key_bad(key, value, N_("%s is empty (%s); write at least one, such as %s"),
			       e);
	if (n > LIST_MAX)
		return key_bad(key, value,
			       N_("%s: \"%s\" has more than 32 items; a right list is %s"), e);
	for (size_t i = 0; i < n; i++) {
		char *item = text_trim(items[i]);
		free(items[i]);
		items[i] = item;
		if (check_one(key, item, e) < 0)
			return -1;
		for (size_t j = 0; j < i; j++)
			if (!strcmp(items[i], items[j]))
				return key_bad(key, value,
					       N_("%s: \"%s\" names something twice; a right list "
						  "is %s"),
					       e);
	}
	return 0;
}

int key_check(const struct key *key, const char *value, struct err *e)
{
	switch (key->type) {
	case KEY_INT:
		return check_int(key, value, e);
	case KEY_BOOL:
		if (!strcmp(value, "true") || !strcmp(value, "false"))
			return 0;
		return key_bad(key, value,
			       N_("%s: \"%s\" is neither true nor false; a right value is %s"), e);
	case KEY_ENUM:
		return check_enum(key, value, e);
	case KEY_LIST:
		return check_list(key, value, e);
	case KEY_STRING:
		return check_one(key, value, e);
	}
	return 0;
}
