/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Where programs come from: K3s' channels and releases, its install script, Helm's archives. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/http.h"

#define ASSETS "release-assets.githubusercontent.com"
#define K3S_NEWEST "v1.36.3+k3s1"
#define HELM_NEWEST "v4.2.4"

static const char *const hosts[] = {
	"update.k3s.io",
	"github.com",
	ASSETS,
	"objects.githubusercontent.com",
	"raw.githubusercontent.com",
	"get.helm.sh",
	"stun.l.google.com",
	"ghcr.io",
	"pkg-containers.githubusercontent.com",
	"quay.io",
	"cdn01.quay.io",
	"registry-1.docker.io",
	"auth.docker.io",
	"oci.element.io",
	"api.cloudflare.com",
	"acme-v02.api.letsencrypt.org",
	"acme-staging-v02.api.letsencrypt.org",
	"federationtester.matrix.org",
	"deb.debian.org",
	"security.debian.org",
};

bool site_known(const char *host)
{
	for (size_t i = 0; i < ARRAY_LEN(hosts); i++)
		if (strcmp(hosts[i], host) == 0)
			return true;
	return false;
}

static void not_found(struct response *r)
{
	reply_text(r, 404, "text/html; charset=utf-8", "<!DOCTYPE html><title>Not Found</title>");
}

static void channels(const struct request *rq, struct response *r)
{
	static const char *const names[] = { "stable", "v1.36" };
	const char *name = text_starts(rq->path, "/v1-release/channels/") ? rq->path + 21 : "";
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i], name) == 0) {
			reply_redirect(r, 302,
				       "https://github.com/k3s-io/k3s/releases/tag/" K3S_NEWEST);
			return;
		}
	not_found(r);
}

/* "v1.36.3%2Bk3s1" or with a plain +. New. */
static char *tag_of(const char *text, size_t len)
{
	_cleanup_free_ char *raw = xstrndup(text, len);
	char *plus = strcasestr(raw, "%2b");
	return plus ? xasprintf("%.*s+%s", (int)(plus - raw), raw, plus + 3) : steal(raw);
}

static void github(const struct request *rq, struct response *r)
{
	static const char downloads[] = "/k3s-io/k3s/releases/download/",
			  tags[] = "/k3s-io/k3s/releases/tag/";
	if (text_starts(rq->path, tags)) {
		reply_text(r, 200, "text/html; charset=utf-8",
			   "<!DOCTYPE html><title>Release</title>");
		return;
	}
	if (!text_starts(rq->path, downloads)) {
		not_found(r);
		return;
	}
	/* GitHub hands its release files out elsewhere. */
	_cleanup_free_ char *to = xasprintf("https://" ASSETS "/github-production-release-asset/%s",
					    rq->path + sizeof(downloads) - 1);
	reply_redirect(r, 302, to);
}

/* A release's list, one line for each of its files (here: those that are modelled). */
static void checksums(struct response *r, const json_t *k3s, const json_t *images)
{
	_cleanup_free_ char *text = xasprintf("%s  k3s-airgap-images-%s.tar.zst\n%s  %s\n",
					      json_str_at(images, "sha256"), MACHINE_ARCH,
					      json_str_at(k3s, "sha256"), K3S_FILE);
	reply_text(r, 200, "text/plain; charset=utf-8", text);
}

static void assets(const struct request *rq, struct response *r)
{
	static const char prefix[] = "/github-production-release-asset/";
	const char *at = text_starts(rq->path, prefix) ? rq->path + sizeof(prefix) - 1 : "";
	const char *slash = strchr(at, '/');
	_cleanup_free_ char *tag = slash ? tag_of(at, (size_t)(slash - at)) : xstrdup("");
	_cleanup_free_ char *name = xasprintf("k3s-%s", tag);
	_cleanup_free_ char *images_name = xasprintf("k3s-airgap-images-%s", tag);
	_cleanup_json_ json_t *all = artefacts(rq->w);
	const json_t *k3s = json_object_get(all, name),
		     *images = json_object_get(all, images_name);
	if (!k3s)
		not_found(r);
	else if (strcmp(slash, "/sha256sum-" MACHINE_ARCH ".txt") == 0)
		checksums(r, k3s, images);
	else if (strcmp(slash, "/" K3S_FILE) == 0)
		reply_file(rq, r, json_str_at(k3s, "file"), "application/octet-stream");
	else if (strcmp(slash, "/k3s-airgap-images-" MACHINE_ARCH ".tar.zst") == 0)
		reply_file(rq, r, json_str_at(images, "file"), "application/octet-stream");
	else
		not_found(r);
}

static void raw(const struct request *rq, struct response *r)
{
	if (text_starts(rq->path, "/k3s-io/k3s/") && text_ends(rq->path, "/install.sh"))
		reply_file(rq, r, "/world/files/k3s-install.sh", "text/plain; charset=utf-8");
	else
		reply_text(r, 404, "text/plain", "404: Not Found");
}

static void helm(const struct request *rq, struct response *r)
{
	if (strcmp(rq->path, "/helm4-latest-version") == 0) {
		reply_text(r, 200, "text/plain", HELM_NEWEST);
		return;
	}
	char version[32], rest[64];
	_cleanup_json_ json_t *all = artefacts(rq->w);
	if (sscanf(rq->path, "/helm-%31[^-]-linux-%63s", version, rest) != 2 ||
	    !text_starts(rest, MACHINE_ARCH ".tar.gz")) {
		not_found(r);
		return;
	}
	_cleanup_free_ char *name = xasprintf("helm-%s", version);
	const json_t *file = json_object_get(all, name);
	const char *suffix = rest + strlen(MACHINE_ARCH ".tar.gz");
	if (!file) {
		not_found(r);
	} else if (strcmp(suffix, ".sha256") == 0) {
		reply_text(r, 200, "text/plain", json_str_at(file, "sha256"));
	} else if (strcmp(suffix, ".sha256sum") == 0) {
		_cleanup_free_ char *text =
			xasprintf("%s  %s\n", json_str_at(file, "sha256"), rq->path + 1);
		reply_text(r, 200, "text/plain", text);
	} else if (!*suffix) {
		reply_file(rq, r, json_str_at(file, "file"), "application/x-tar");
	} else {
		not_found(r);
	}
}

bool site_supply(const struct request *rq, struct response *r)
{
	static const struct {
		const char *host;
		void (*answer)(const struct request *, struct response *);
	} sites[] = {
		{ "update.k3s.io", channels },	      { "github.com", github }, { ASSETS, assets },
		{ "raw.githubusercontent.com", raw }, { "get.helm.sh", helm },
	};
	for (size_t i = 0; i < ARRAY_LEN(sites); i++)
		if (strcmp(sites[i].host, rq->host) == 0) {
			sites[i].answer(rq, r);
			return true;
		}
	return false;
}
