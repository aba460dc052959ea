/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Config files for people: what is read, what is refused and where, and the way out and in again.
 */
#include <stdio.h>
#include <string.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "model/config-yaml.h"
#include "tests/unit/unit.h"

/* Requirements, 5.3.2, as they stand there. */
static const char site[] = "# 端口配置\n"
			   "ports:\n"
			   "  http: 8080\n"
			   "  https: 8443\n"
			   "  federation: 8448\n"
			   "  udp_range: \"30152-30250\"\n"
			   "  internal:\n"
			   "    http: 30080\n"
			   "    https: 30443\n"
			   "    federation: 30448\n"
			   "\n"
			   "# 域名配置\n"
			   "domains:\n"
			   "  server_name: \"example.com\"\n"
			   "  synapse: \"matrix.example.com\"\n"
			   "  auth: \"account.example.com\"\n"
			   "  rtc: \"mrtc.example.com\"\n"
			   "  web: \"chat.example.com\"\n"
			   "\n"
			   "# 管理员配置\n"
			   "admin:\n"
			   "  username: \"admin\"\n"
			   "  password: \"auto-generated-32-chars\"\n"
			   "  email: \"admin@example.com\"  # 可选\n"
			   "\n"
			   "# 证书配置\n"
			   "certificates:\n"
			   "  email: \"certs@example.com\"  # 必需\n"
			   "  environment: \"production\"   # 或 \"staging\"\n";

struct result {
	int r;
	struct config c;
	struct yaml_secrets secrets;
	struct problems p;
};

static struct result import_bytes(const char *text, size_t len)
{
	struct result res;
	config_new(&res.c);
	res.r = config_import(&res.c, text, len, "site.yaml", &res.secrets, &res.p);
	return res;
}

static void result_done(struct result *res)
{
	config_done(&res->c);
	yaml_secrets_done(&res->secrets);
	problems_done(&res->p);
}
#define _cleanup_result_ __attribute__((cleanup(result_done)))

static struct result import(const char *text)
{
	return import_bytes(text, strlen(text));
}

static char *all_texts(const struct problems *p)
{
	char *all = xstrdup("");
	for (size_t i = 0; i < p->n; i++) {
		_cleanup_free_ char *text = err_text(&p->v[i].err);
		char *longer =
			xasprintf("%s%s: %s\n", all, p->v[i].where ? p->v[i].where : "-", text);
		free(all);
		all = longer;
	}
	return all;
}

static void must_be_taken(const struct result *res)
{
	_cleanup_free_ char *all = all_texts(&res->p);
	ck_assert_msg(res->r == 0 && res->p.n == 0, "%s", all);
}

static void check_site(const struct config *c, const char *web, const char *range)
{
	struct problems p;
	ck_assert_int_eq(config_int(c, "ports.https"), 8443);
	ck_assert_int_eq(config_int(c, "ports.internal.federation"), 30448);
	ck_assert_str_eq(config_str(c, "ports.udp_range"), range);
	ck_assert_str_eq(config_str(c, "domains.web"), web);
	ck_assert_str_eq(config_str(c, "certificates.environment"), "production");
	ck_assert_str_eq(config_str(c, "admin.email"), "admin@example.com");
	ck_assert_ptr_null(json_at(c->root, "admin.password"));
	ck_assert_int_eq(config_check(c, CONFIG_REHEARSE, &p), 0);
	ck_assert_uint_eq(p.n, 3); /* the domain and two addresses at example.com */
	problems_done(&p);
	ck_assert_int_eq(config_check(c, 0, &p), -1);
	ck_assert_uint_eq(p.nerrors, 3);
	problems_done(&p);
}

START_TEST(the_example_of_the_requirements)
{
	_cleanup_result_ struct result res = import(site);
	must_be_taken(&res);
	ck_assert_uint_eq(res.secrets.n, 0); /* that password means: make one */
	check_site(&res.c, "chat.example.com", "30152-30250");
}
END_TEST

static char *read_example(void)
{
	const char *src = getenv("ESS_SRC");
	_cleanup_free_ char *path = xasprintf("%s/examples/site.yaml", src ? src : ".");
	char *text = NULL;
	ck_assert_int_eq(fs_read(path, 1 << 20, &text, NULL, NULL), 0);
	return text;
}

START_TEST(the_example_that_we_ship)
{
	_cleanup_free_ char *text = read_example();
	_cleanup_result_ struct result res = import(text);
	must_be_taken(&res);
	ck_assert_uint_eq(res.secrets.n, 0);
	check_site(&res.c, "element.example.com", "30152-30352");
}
END_TEST

/* Its comments are right, too: without the "# " they are settings. */
START_TEST(every_setting_stands_in_the_example)
{
	_cleanup_free_ char *text = read_example();
	size_t n;
	const struct key *k = keys(&n);
	for (size_t i = 0; i < n; i++) {
		const char *leaf = strrchr(k[i].name, '.') + 1;
		_cleanup_free_ char *line = xasprintf(" %s:", leaf);
		bool shown = strstr(text, line) != NULL;
		bool hidden = !strcmp(k[i].name, "cloudflare.token") ||
			      !strcmp(k[i].name, "network.connect_to") ||
			      !strcmp(k[i].name, "supply.k3s_install_sha256");
		ck_assert_msg(shown != hidden, "%s", k[i].name);
	}
}
END_TEST

START_TEST(other_ways_to_write)
{
	static const char *const same[] = {
		"ports: {https: 9443}\ndns: {manage: true}\nnetwork: {resolvers: [9.9.9.9, "
		"1.1.1.1]}\n",
		"---\nports:\n  https: \"9443\"\ndns:\n  manage: yes\nnetwork:\n  resolvers:\n    "
		"- 9.9.9.9\n    - 1.1.1.1\n",
		"\xef\xbb\xbfports:\n  https: 9443\ndns:\n  manage: True\nnetwork:\n  resolvers: "
		"9.9.9.9,1.1.1.1\n",
		"ports:\r\n  https: 9443\r\ndns:\r\n  manage: on\r\nnetwork:\r\n  resolvers: "
		"'9.9.9.9, 1.1.1.1'\r\n",
		"{\"ports\": {\"https\": 9443}, \"dns\": {\"manage\": true},\n \"network\": "
		"{\"resolvers\": [\"9.9.9.9\", "
		"\"1.1.1.1\"]}}\n",
		"{\"ports\":{\"https\":9443},\"dns\":{\"manage\":true},\"network\":{\"resolvers\":["
		"\"9.9.9.9\","
		"\"1.1.1.1\"]}}",
		"{\n\t\"ports\": {\n\t\t\"https\": 9443\n\t},\n\t\"dns\": {\"manage\": "
		"true},\n\t\"network\": "
		"{\"resolvers\": [\"9.9.9.9\",\n\t\t\"1.1.1.1\"]}\n}\n",
		"%YAML 1.1\n---\nports:\n  https: 9443\ndns: {manage: ON}\nnetwork: {resolvers: "
		"[9.9.9.9, 1.1.1.1]}\n...\n",
		"ports:\n  https: 9443\t# a tab before a comment\ndns:\n  manage: y\nnetwork:\n  "
		"resolvers: "
		"[\"9.9.9.9\",1.1.1.1]",
	};
	for (size_t i = 0; i < ARRAY_LEN(same); i++) {
		_cleanup_result_ struct result res = import(same[i]);
		_cleanup_free_ char *all = all_texts(&res.p);
		ck_assert_msg(res.r == 0 && res.p.n == 0, "%zu: %s", i, all);
		_cleanup_free_ char *list = config_text(&res.c, "network.resolvers");
		ck_assert_str_eq(list, "9.9.9.9,1.1.1.1");
		ck_assert_int_eq(config_int(&res.c, "ports.https"), 9443);
		ck_assert(config_bool(&res.c, "dns.manage"));
	}
}
END_TEST

START_TEST(text_stays_text)
{
	static const char *const cases[][2] = {
		{ "smtp: {username: \"$(reboot)\"}", "$(reboot)" },
		{ "smtp:\n  username: $(id)\n", "$(id)" },
		{ "smtp:\n  username: 'it''s'\n", "it's" },
		{ "smtp:\n  username: \"a\\\"b\"\n", "a\"b" },
		{ "smtp:\n  username: a\"b'c\n", "a\"b'c" },
		{ "smtp:\n  username: 0123\n", "0123" },
		{ "smtp:\n  username: true\n", "true" },
		{ "smtp:\n  username: \"null\"\n", "null" },
		{ "smtp:\n  username: \"\\u4e2d\"\n", "\xe4\xb8\xad" },
		{ "smtp:\n  username: 1e3\n", "1e3" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		_cleanup_result_ struct result res = import(cases[i][0]);
		must_be_taken(&res);
		ck_assert_str_eq(config_str(&res.c, "smtp.username"), cases[i][1]);
	}
}
END_TEST

START_TEST(what_is_not_named_is_kept)
{
	struct yaml_secrets secrets;
	struct problems p;
	_cleanup_config_ struct config c = { 0 };
	static const char one[] = "ports:\n  https: 9443\n  http:\nadmin:\n  email: ~\n";

	config_new(&c);
	ck_assert_int_eq(config_set(&c, "ports.http", "9080", NULL), 0);
	ck_assert_int_eq(config_set(&c, "domains.web", "chat", NULL), 0);
	ck_assert_int_eq(config_set(&c, "admin.email", "a@home-chat.net", NULL), 0);
	ck_assert_int_eq(config_import(&c, one, strlen(one), "f", &secrets, &p), 0);
	ck_assert_int_eq(config_int(&c, "ports.https"), 9443);
	ck_assert_str_eq(config_str(&c, "domains.web"), "chat");
	ck_assert(!config_is_set(&c, "ports.http")); /* named without a value: the default */
	ck_assert(!config_is_set(&c, "admin.email"));
	static const char bad[] =
		"ports:\n  https: 9444\n  http: x\nadmin:\n  password: long-enough-secret\n";
	ck_assert_int_eq(config_import(&c, bad, strlen(bad), "f", &secrets, &p), -1);
	ck_assert_int_eq(config_int(&c, "ports.https"), 9443); /* all or nothing */
	ck_assert_uint_eq(secrets.n, 0);
	problems_done(&p);
}
END_TEST

START_TEST(secrets_go_their_own_way)
{
	_cleanup_result_ struct result res =
		import("admin:\n  password: \"S3cret pass: #word\"\nsmtp:\n  password: 12345678\n"
		       "postgres:\n  synapse_password: p'\"w\n");
	must_be_taken(&res);
	ck_assert_uint_eq(res.secrets.n, 3);
	ck_assert_str_eq(res.secrets.v[0].key, "admin.password");
	ck_assert_str_eq(res.secrets.v[0].value, "S3cret pass: #word");
	ck_assert_str_eq(res.secrets.v[1].value, "12345678");
	ck_assert_str_eq(res.secrets.v[2].key, "postgres.synapse_password");
	ck_assert_str_eq(res.secrets.v[2].value, "p'\"w");
	ck_assert_uint_eq(json_object_size(res.c.root), 0);
	_cleanup_result_ struct result none = import("admin:\n  password:\n  username: root\n");
	must_be_taken(&none);
	ck_assert_uint_eq(none.secrets.n, 0);
}
END_TEST

/* --- refused ---------------------------------------------------------------------------------- */

struct refusal {
	const char *text;
	const char *where; /* line and column */
	const char *wrong;
};

static const struct refusal refusals[] = {
	{ "", "1:1", "no settings" },
	{ "# only a comment\n", "2:1", "no settings" },
	{ "~\n", "1:1", "no settings" },
	{ "ports\n", "1:1", "headings" },
	{ "- ports\n", "1:1", "headings" },
	{ "ports: 8080\n", "1:8", "heading" },
	{ "ports: [8080]\n", "1:8", "heading" },
	{ "ports:\n  internal: 30080\n", "2:13", "ports.internal.http" },
	{ "port:\n  https: 8443\n", "1:1", "did you mean ports." },
	{ "ports:\n  htps: 8443\n", "2:3", "ports.https" },
	{ "colour: red\n", "1:1", "colour" },
	{ "ports:\n  https:\n    public: 8443\n", "3:5", "single value" },
	{ "ports:\n  https: [8443]\n", "2:10", "single value" },
	{ "ports:\n  https: 0\n", "2:10", "ports.https" },
	{ "ports:\n  https: 65536\n", "2:10", "65535" },
	{ "ports:\n  https: 8443.5\n", "2:10", "whole number" },
	{ "ports:\n  https: 0x20fb\n", "2:10", "whole number" },
	{ "ports:\n  https: \"\"\n", "2:10", "whole number" },
	{ "ports:\n  https: 8443\n  https: 8444\n", "3:3", "second time" },
	{ "ports:\n  http: 1\ndomains: {}\nports:\n  https: 2\n", "4:1", "second time" },
	{ "{\"dns\": {\"manage\": true, \"manage\": true}}", "1:26", "second time" },
	{ "ports:\n\thttps: 8443\n", "2:1", "tab" },
	{ "ports:\n\t\n  https: 8443\n", "2:1", "tab" },
	{ "ports:\n  http: 80\n  \thttps: 8443\n", "3:3", "tab" },
	{ "ports: &p\n  https: 8443\n", "1:8", "anchors" },
	{ "ports:\n  https: &a 8443\n", "2:10", "anchors" },
	{ "ports:\n  https: *a\n", "2:10", "aliases" },
	{ "ports:\n  https: !!int 8443\n", "2:10", "tags" },
	{ "ports: !x\n  https: 8443\n", "1:8", "tags" },
	{ "base: &b {https: 8443}\nports:\n  <<: *b\n", "3:3", "<<" },
	{ "ports:\n  https: 8443\n---\nports:\n  https: 8444\n", "4:1", "second document" },
	{ "ports:\n  https: 8443\n...\nmore\n", "4:1", "not YAML" },
	{ "ports:\n  https: 8443\n http: 8080\n", "3:2", "not YAML" },
	{ "ports: {https: 8443\n", "2:1", "not YAML" },
	{ "ports:\n  https: \"8443\n", "3:1", "not YAML" },
	{ "ports:\n  @x: 1\n", "2:3", "not YAML" },
	{ "a: b: c\n", "1:5", "not YAML" },
	{ "{\"ports\": {\"https\": 8443}", "2:1", "not YAML" },
	{ "{\"ports\": {\"https\": 8443}} x", "1:28", "not YAML" },
	{ "? [a, b]\n: 1\n", "1:3", "plain word" },
	{ "? {a: b}\n: 1\n", "1:3", "plain word" },
	{ "ports:\n  ? &x https\n  : 8443\n", "2:5", "plain word" },
	{ "*x : 1\n", "1:1", "plain word" },
	{ "dns:\n  manage: maybe\n", "2:11", "true" },
	{ "cloudflare:\n  token: abcdefghijklmnopqrstuvwxyz0123456789ABCD\n", "2:10",
	  "--cloudflare-token-file" },
	{ "admin:\n  password: short\n", "2:13", "fewer than 8" },
	{ "admin:\n  password: [a, b]\n", "2:13", "single value" },
	{ "smtp:\n  username: \"a\\0b\"\n", "2:13", "NUL" },
	{ "smtp:\n  username: |\n    two\n    lines\n", "2:13", "line break" },
	{ "domains:\n  server_name: \"\"\n", "2:16", "empty" },
	{ "domains:\n  server_name: \"example.com:8443\"\n", "2:16", "port" },
	{ "network:\n  resolvers: []\n", "2:14", "empty" },
	{ "network:\n  resolvers: [[8.8.8.8]]\n", "2:15", "single values" },
	{ "network:\n  resolvers: [{a: 8.8.8.8}]\n", "2:15", "single values" },
	{ "network:\n  resolvers: [~]\n", "2:15", "single values" },
	{ "network:\n  resolvers: [\"8.8.8.8,1.1.1.1\"]\n", "2:15", "comma" },
	{ "network:\n  resolvers: [*a]\n", "2:15", "aliases" },
	{ "network:\n  resolvers: [dns.google]\n", "2:14", "IPv4" },
	{ "x: [[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]\n", "1:20", "deeply" },
};

START_TEST(refused_and_where)
{
	const struct refusal *f = &refusals[_i];
	_cleanup_result_ struct result res = import(f->text);
	_cleanup_free_ char *all = all_texts(&res.p);
	_cleanup_free_ char *where = xasprintf("site.yaml:%s: ", f->where);
	ck_assert_msg(res.r == -1 && res.p.nerrors > 0, "taken: %s", f->text);
	ck_assert_msg(strstr(all, where) != NULL, "not at %s: %s", f->where, all);
	ck_assert_msg(strstr(all, f->wrong) != NULL, "no \"%s\": %s", f->wrong, all);
	ck_assert_uint_eq(json_object_size(res.c.root), 0);
}
END_TEST

START_TEST(all_at_once)
{
	_cleanup_result_ struct result res =
		import("ports:\n  https: 0\n  htp: 1\n  http: 80\n  http: 81\ndomains: &d\n  "
		       "server_name: x\n"
		       "certificates:\n  email: *d\n  environment: x\nfoo: bar\n");
	_cleanup_free_ char *all = all_texts(&res.p);
	static const char *const where[] = { ":2:", ":3:", ":5:", ":6:", ":9:", ":10:", ":11:" };
	for (size_t i = 0; i < ARRAY_LEN(where); i++)
		ck_assert_msg(strstr(all, where[i]) != NULL, "%s: %s", where[i], all);
	ck_assert_uint_eq(res.p.nerrors, ARRAY_LEN(where));
}
END_TEST

START_TEST(billion_laughs)
{
	_cleanup_result_ struct result res =
		import("a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
		       "b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, "
		       "*b, *b, *b]\n"
		       "d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c]\ne: &e [*d, *d, *d, *d, *d, *d, "
		       "*d, *d, *d]\n"
		       "ports: *e\n");
	_cleanup_free_ char *all = all_texts(&res.p);
	ck_assert_int_eq(res.r, -1);
	ck_assert_ptr_nonnull(strstr(all, "anchors"));
	ck_assert_ptr_nonnull(strstr(all, "aliases"));
	_cleanup_result_ struct result self = import("a: &a [*a]\n");
	ck_assert_int_eq(self.r, -1);
}
END_TEST

START_TEST(bytes_that_are_no_text)
{
	static const struct {
		const char *bytes;
		size_t len;
		const char *where, *wrong;
	} cases[] = {
		{ "ports:\n  https: 84\0043", 20, "2:", "not YAML" },
		{ "ports:\n  ht\0tps: 8443\n", 22, "2:5", "NUL" },
		{ "\0", 1, "1:1", "NUL" },
		{ "\xff\xfep\0o\0r\0t\0s\0", 12, "1:", "NUL" }, /* UTF-16 */
		{ "ports:\n  https: 8443 # \xe9t\xe9\n", 27, "2:", "UTF-8" },
		{ "a: \xed\xa0\x80\n", 7, "1:", "UTF-8" },
		{ "a: \xc0\xaf\n", 6, "1:", "UTF-8" },
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		_cleanup_result_ struct result res = import_bytes(cases[i].bytes, cases[i].len);
		_cleanup_free_ char *all = all_texts(&res.p);
		_cleanup_free_ char *where = xasprintf("site.yaml:%s", cases[i].where);
		ck_assert_int_eq(res.r, -1);
		ck_assert_msg(strstr(all, where) && strstr(all, cases[i].wrong), "%zu: %s", i, all);
	}
}
END_TEST

static void fill_is_refused(char c, size_t len)
{
	_cleanup_free_ char *text = xcalloc(len + 1, 1);
	memset(text, c, len);
	_cleanup_result_ struct result res = import_bytes(text, len);
	ck_assert_msg(res.r == -1, "%zu times %c was taken", len, c);
	ck_assert_uint_le(res.p.n, 100);
}

START_TEST(large_files)
{
	static const char fill[] = "[{-:\n\t ?&*!x,\"'|%@#";
	for (size_t i = 0; i < strlen(fill); i++)
		fill_is_refused(fill[i], (size_t)1 << 20);
	fill_is_refused('x', 10 << 20);
	fill_is_refused('\n', 10 << 20);

	/* A key that is wrong on each of very many lines: the list of problems has an end. */
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);
	for (int i = 0; i < 50000; i++)
		fprintf(f, "key%d: %d\n", i, i);
	fclose(f);
	_cleanup_free_ char *owned = text;
	_cleanup_result_ struct result res = import_bytes(owned, len);
	ck_assert_int_eq(res.r, -1);
	ck_assert_uint_le(res.p.n, 101);
}
END_TEST

/* --- out and in again ------------------------------------------------------------------------- */

static void round_trip(const struct config *c)
{
	_cleanup_free_ char *yaml = config_export(c);
	_cleanup_result_ struct result res = import(yaml);
	_cleanup_free_ char *all = all_texts(&res.p);
	_cleanup_free_ char *before = json_pretty(c->root);
	_cleanup_free_ char *after = json_pretty(res.c.root);
	ck_assert_msg(res.r == 0, "%s\n%s", all, yaml);
	ck_assert_str_eq(before, after);
}

START_TEST(export_and_import)
{
	size_t n;
	const struct key *k = keys(&n);
	_cleanup_config_ struct config all = { 0 };
	config_new(&all);
	for (size_t i = 0; i < n; i++) {
		_cleanup_config_ struct config one = { 0 };
		config_new(&one);
		if (k[i].flags & KEY_SECRET)
			continue;
		ck_assert_int_eq(config_set(&one, k[i].name, k[i].example, NULL), 0);
		ck_assert_int_eq(config_set(&all, k[i].name, k[i].example, NULL), 0);
		round_trip(&one);
	}
	round_trip(&all);
	ck_assert_int_eq(config_set(&all, "smtp.username",
				    "\"x\\y\": 'z' # \xe4\xb8\xad $(id) *a &b !c %d", NULL),
			 0);
	round_trip(&all);
}
END_TEST

START_TEST(export_shows_everything)
{
	size_t n;
	const struct key *k = keys(&n);
	_cleanup_config_ struct config c = { 0 };
	config_new(&c);
	ck_assert_int_eq(config_set(&c, "ports.https", "9443", NULL), 0);
	_cleanup_free_ char *yaml = config_export(&c);
	ck_assert_ptr_nonnull(strstr(yaml, "\n  https: 9443"));
	ck_assert_ptr_nonnull(strstr(yaml, "\n  # http: 8080  (HTTP port)"));
	ck_assert_ptr_nonnull(strstr(yaml, "\n    # http: 30080"));
	for (size_t i = 0; i < n; i++)
		ck_assert_msg(strstr(yaml, k[i].label) != NULL, "%s", k[i].name);
	_cleanup_free_ char *heading = xasprintf("\nports:\n");
	char *first = strstr(yaml, heading);
	ck_assert(first && !strstr(first + 1, heading));
}
END_TEST

/* --- anything at all -------------------------------------------------------------------------- */

static unsigned next_random(unsigned *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

/* Small changes to a right file: never a crash, a hang or a leak; and what is taken passes its
 * validators. */
START_TEST(mutations)
{
	static const char bytes[] = "\0\t\n\r :-[]{}&*!|>%@`\"'#?,~x0\x7f\x80\xff";
	unsigned state = 2463534242u + (unsigned)_i * 7919u;
	_cleanup_free_ char *text = xcalloc(sizeof(site) + 64, 1);

	for (int round = 0; round < 300; round++) {
		size_t len = sizeof(site) - 1;
		memcpy(text, site, sizeof(site));
		for (unsigned m = next_random(&state) % 6 + 1; m > 0; m--) {
			size_t at = next_random(&state) % len;
			size_t span = next_random(&state) % 12;
			unsigned what = next_random(&state) % 4;
			if (what == 0) {
				text[at] = bytes[next_random(&state) % (sizeof(bytes) - 1)];
			} else if (what == 1 && at + span < len) {
				memmove(text + at, text + at + span, len - at - span);
				len -= span;
			} else if (what == 2 && len + span < sizeof(site) + 64 && at + span < len) {
				memmove(text + at + span, text + at, len - at);
				len += span;
			} else {
				text[at] = (char)next_random(&state);
			}
		}
		_cleanup_result_ struct result res = import_bytes(text, len);
		ck_assert_int_eq(res.r, res.p.nerrors ? -1 : 0);
		struct problems p;
		config_check(&res.c, CONFIG_REHEARSE, &p);
		for (size_t i = 0; i < p.n; i++) {
			_cleanup_free_ char *message = err_text(&p.v[i].err);
			ck_assert_msg(p.v[i].err.fault == FAULT_CONFIG_VALUE, "%s", message);
		}
		problems_done(&p);
		if (res.r == 0)
			round_trip(&res.c);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("config files");
	TCase *t = tcase_create("import");
	tcase_set_timeout(t, 60);
	tcase_add_test(t, the_example_of_the_requirements);
	tcase_add_test(t, the_example_that_we_ship);
	tcase_add_test(t, every_setting_stands_in_the_example);
	tcase_add_test(t, other_ways_to_write);
	tcase_add_test(t, text_stays_text);
	tcase_add_test(t, what_is_not_named_is_kept);
	tcase_add_test(t, secrets_go_their_own_way);
	tcase_add_loop_test(t, refused_and_where, 0, (int)ARRAY_LEN(refusals));
	tcase_add_test(t, all_at_once);
	tcase_add_test(t, billion_laughs);
	tcase_add_test(t, bytes_that_are_no_text);
	tcase_add_test(t, large_files);
	tcase_add_test(t, export_and_import);
	tcase_add_test(t, export_shows_everything);
	tcase_add_loop_test(t, mutations, 0, 4);
	suite_add_tcase(s, t);
	return unit_run(s);
}
