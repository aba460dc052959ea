/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Manifests for tests: tests/data/manifest.yaml.in with names filled in, and random names that are
 * easily confused. */
#pragma once

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/mem.h"
#include "steps/gate.h"

struct fixture {
	char server[64], synapse[96], auth[96], rtc[128], web[96], admin[160]; /* admin "": off */
	unsigned port;
};

static inline struct gate_names fixture_names(const struct fixture *f)
{
	return (struct gate_names){ f->server, f->synapse, f->auth,
				    f->rtc,    f->web,	   *f->admin ? f->admin : NULL,
				    f->port };
}

static const struct fixture fixture_plain = { "neighbour.org",
					      "matrix.neighbour.org",
					      "account.neighbour.org",
					      "mrtc.neighbour.org",
					      "element.neighbour.org",
					      "admin.neighbour.org",
					      8443 };

/* Each name is a beginning, an end or a part of another one, or of a placeholder. */
static inline struct fixture fixture_random(unsigned seed)
{
	static const char *const words[] = { "m",   "ma",   "matrix",  "matrix-1",
					     "a",   "x",    "example", "your-domain",
					     "com", "host", "web",     "443" };
	unsigned n = ARRAY_LEN(words), r = seed * 2654435761u;
	struct fixture f = { .port = seed % 5 == 0 ? 443 : 1024 + r % 60000 };
	snprintf(f.server, sizeof(f.server), "%s.%s.net", words[r % n], words[(r >> 8) % n]);
	const char *word = words[(r >> 4) % n];
	snprintf(f.synapse, sizeof(f.synapse), "%s.%s", word, f.server);
	snprintf(f.auth, sizeof(f.auth), "%s%s.%s", word, word, f.server);
	snprintf(f.rtc, sizeof(f.rtc), "%s.%s", word, f.synapse);
	snprintf(f.web, sizeof(f.web), "%s-%s", word, f.server);
	if (seed % 3)
		snprintf(f.admin, sizeof(f.admin), "%s.%s", f.server, f.server);
	return f;
}

static inline const char *fixture_value(const struct fixture *f, const char *token, char *buf,
					size_t room)
{
	const struct {
		const char *token, *host;
	} table[] = { { "server", f->server }, { "synapse", f->synapse }, { "auth", f->auth },
		      { "rtc", f->rtc },       { "web", f->web },	  { "admin", f->admin } };
	char port[16] = "";
	if (f->port != 443)
		snprintf(port, sizeof(port), ":%u", f->port);
	if (strcmp(token, "port") == 0) {
		snprintf(buf, room, "%u", f->port);
		return buf;
	}
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (strcasecmp(table[i].token, token) == 0) {
			bool bare = strcmp(table[i].token, token) == 0;
			snprintf(buf, room, "%s%s", table[i].host, bare ? "" : port);
			return buf;
		}
	ck_abort_msg("unknown token %s", token);
	return NULL;
}

/* Replaces %token% (the bare host) and %TOKEN% (host:port, or the host with 443); %% is %. New. */
static inline char *fixture_fill(const struct fixture *f, const char *text)
{
	char *out = NULL;
	size_t len;
	FILE *fp = open_memstream(&out, &len);
	while (*text) {
		size_t plain = strcspn(text, "%");
		fwrite(text, 1, plain, fp);
		text += plain;
		if (!*text)
			break;
		size_t n = strcspn(text + 1, "%");
		_cleanup_free_ char *token = xstrndup(text + 1, n);
		char value[200];
		fputs(n ? fixture_value(f, token, value, sizeof(value)) : "%", fp);
		text += n + 2;
	}
	fclose(fp);
	return out;
}

/* The rendered manifest as helm would hand it to the post-renderer. New. */
static inline char *fixture_manifest(const struct fixture *f)
{
	const char *src = getenv("ESS_SRC");
	_cleanup_free_ char *path = xasprintf("%s/tests/data/manifest.yaml.in", src ? src : ".");
	struct err e = ERR_INIT;
	char *text = NULL;
	ck_assert_msg(fs_read(path, 1 << 20, &text, NULL, &e) == 0, "%s", path);
	if (!*f->admin) {
		char *begins = strstr(text, "# admin begins"), *ends = strstr(text, "# admin ends");
		memmove(begins, ends, strlen(ends) + 1);
	}
	char *filled = fixture_fill(f, text);
	free(text);
	return filled;
}

/* A copy with the nth (from 1) "find" replaced; 0: all. The test fails when there is none. New. */
static inline char *fixture_replace(const char *text, const char *find, const char *with,
				    unsigned nth)
{
	char *out = NULL;
	size_t len;
	unsigned seen = 0, done = 0;
	FILE *fp = open_memstream(&out, &len);
	for (const char *hit; (hit = strstr(text, find)); text = hit + strlen(find)) {
		bool it = ++seen == nth || nth == 0;
		fwrite(text, 1, (size_t)(hit - text), fp);
		fputs(it ? with : find, fp);
		done += it;
	}
	fputs(text, fp);
	fclose(fp);
	ck_assert_msg(done > 0, "not in the manifest: %s", find);
	return out;
}

/* What helm renders from the official chart (which is not part of the project), or NULL. New. */
static inline char *fixture_official(const char *name)
{
	const char *shared = getenv("ESS_SHARED"), *src = getenv("ESS_SRC");
	_cleanup_free_ char *path =
		shared ? xasprintf("%s/facts/%s", shared, name)
		       : xasprintf("%s/../shared/facts/%s", src ? src : ".", name);
	char *text = NULL;
	return fs_read(path, 1 << 22, &text, NULL, NULL) == 0 ? text : NULL;
}
