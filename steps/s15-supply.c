/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Step 15, supply: every version is resolved once and pinned with its digest, every source answers,
 * and what later steps install lies verified in the cache. */
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/text.h"
#include "steps/oci.h"
#include "steps/steps.h"
#include "steps/tool.h"
#include "steps/versions.h"

/* The script is addressed by its commit (that of v1.35.5+k3s1, the script serves every version):
 * get.k3s.io has whatever is newest. The digest is the one of install.sh.sha256sum beside it. */
#define K3S_INSTALL_COMMIT "6a4781ad53ee5cad273bedcd9462ae36ac97d798"
#define K3S_INSTALL_SHA256 "8598e002e61d658fed7b7542fc6d2c66d8da6eae69e088830105d2ee1ffb6d91"

#define CACHE "/var/cache/ess-setup"
#define SHA256_HEX 64

static const char *const inputs[] = {
	"config:cluster.kind",	      "config:supply.*",     "config:mirrors.*",
	"fact:machine.arch",	      "fact:supply.k3s.*",   "fact:supply.helm.*",
	"fact:supply.cert_manager.*", "fact:supply.chart.*", NULL,
};

static const struct {
	const char *name; /* in facts and keys */
	const char *title;
	bool v; /* upstream writes its versions with a v */
} parts[PART_MAX] = {
	[PART_K3S] = { "k3s", "K3s", true },
	[PART_HELM] = { "helm", "Helm", true },
	[PART_CERT_MANAGER] = { "cert_manager", "cert-manager", true },
	[PART_CHART] = { "chart", "Element Server Suite", false },
};

static bool is_wanted(struct step_ctx *c, enum part part)
{
	return part != PART_K3S || strcmp(step_str(c, "cluster.kind"), "existing");
}

static const char *part_fact(struct step_ctx *c, enum part part, const char *what)
{
	_cleanup_free_ char *name = xasprintf("supply.%s.%s", parts[part].name, what);
	return step_fact(c, name);
}

static void set_part_fact(struct step_ctx *c, enum part part, const char *what, const char *value)
{
	_cleanup_free_ char *name = xasprintf("supply.%s.%s", parts[part].name, what);
	step_fact_set(c, name, value);
}

/* The version that the config asks for, as upstream writes it; new, or NULL. */
static char *configured(struct step_ctx *c, enum part part)
{
	_cleanup_free_ char *key = xasprintf("supply.%s_version", parts[part].name);
	const char *s = step_str(c, key);
	if (!s)
		return NULL;
	s += *s == 'v';
	return xasprintf("%s%s", parts[part].v ? "v" : "", s);
}

/* What a resolved version depends on: while it stays, the version stays. New. */
static char *origin(struct step_ctx *c, enum part part)
{
	char *version = configured(c, part);
	if (version)
		return version;
	return part == PART_K3S ? xasprintf("channel %s", step_str(c, "supply.k3s_channel"))
				: xstrdup("newest");
}

static bool is_pinned(struct step_ctx *c, enum part part)
{
	const char *now = part_fact(c, part, "origin");
	_cleanup_free_ char *wanted = origin(c, part);
	return now && part_fact(c, part, "version") && part_fact(c, part, "sha256") &&
	       !strcmp(now, wanted);
}

/* --- sources ---------------------------------------------------------------------------------- */

/* K3s' own releases, or the mirror's folders ("v1.36.3-k3s1", as its install script does). New. */
static char *k3s_url(struct step_ctx *c, bool mirror, const char *version, const char *file)
{
	_cleanup_free_ char *name = xstrdup(version);
	char *plus = strchr(name, '+');
	if (mirror) {
		_cleanup_free_ char *base = source_base(c, "mirrors.k3s", "");
		if (plus)
			*plus = '-';
		return xasprintf("%s/k3s/%s/%s", base, name, file);
	}
	_cleanup_free_ char *base = source_base(c, "mirrors.github", "https://github.com");
	if (!plus)
		return xasprintf("%s/k3s-io/k3s/releases/download/%s/%s", base, name, file);
	*plus = '\0';
	return xasprintf("%s/k3s-io/k3s/releases/download/%s%%2B%s/%s", base, name, plus + 1, file);
}

static const char *k3s_file(struct step_ctx *c)
{
	return strcmp(step_fact(c, "machine.arch"), "arm64") ? "k3s" : "k3s-arm64";
}

static char *k3s_script_url(struct step_ctx *c)
{
	static const char upstream[] = "github.com", raw[] = "raw.githubusercontent.com";
	_cleanup_free_ char *base = source_base(c, "mirrors.github", "https://github.com");
	/* Mirrors that carry the host's name in their path carry raw files beside it. */
	if (text_ends(base, upstream))
		return xasprintf("%.*s%s/k3s-io/k3s/%s/install.sh",
				 (int)(strlen(base) - strlen(upstream)), base, raw,
				 K3S_INSTALL_COMMIT);
	return xasprintf("%s/k3s-io/k3s/raw/%s/install.sh", base, K3S_INSTALL_COMMIT);
}

static char *helm_url(struct step_ctx *c, const char *version, const char *suffix)
{
	_cleanup_free_ char *base = source_base(c, "mirrors.helm", "https://get.helm.sh");
	return xasprintf("%s/helm-%s-linux-%s.tar.gz%s", base, version,
			 step_fact(c, "machine.arch"), suffix);
}

/* --- digests ---------------------------------------------------------------------------------- */

static bool is_hex64(const char *s)
{
	return strspn(s, "0123456789abcdef") >= SHA256_HEX;
}

/* "HASH" alone, or the line "HASH  file" of a list. New, or NULL. */
static char *find_digest(const char *text, const char *file)
{
	_cleanup_strv_ char **lines = text_split(text, '\n');
	for (char **l = lines; l && *l; l++) {
		if (!is_hex64(*l))
			continue;
		_cleanup_free_ char *name = text_trim(*l + SHA256_HEX);
		const char *bare = *name == '*' ? name + 1 : name;
		if (!file || !strcmp(bare, file))
			return xstrndup(*l, SHA256_HEX);
	}
	return NULL;
}

static char *fetch_digest(struct step_ctx *c, const char *url, const char *file, struct err *e)
{
	struct http_response r _cleanup_http_ = { 0 };
	const struct http_request rq = { .url = url, .follow = true, .max = 1 << 20 };
	if (step_http(c, &rq, &r, e) < 0)
		return NULL;
	if (r.status == 404) {
		err_set(e, FAULT_SUP_VERSION, N_("%s does not exist"), url);
		return NULL;
	}
	if (r.status != 200) {
		err_set(e, FAULT_SUP_SOURCE, N_("%s answered %ld"), url, r.status);
		return NULL;
	}
	char *digest = find_digest(r.body, file);
	if (!digest)
		err_set(e, FAULT_SUP_DIGEST, N_("%s has no SHA-256 for %s"), url,
			file ? file : "the file");
	return digest;
}

static char *k3s_digest(struct step_ctx *c, const char *version, struct err *e)
{
	_cleanup_free_ char *list = xasprintf("sha256sum-%s.txt", step_fact(c, "machine.arch"));
	_cleanup_free_ char *url = k3s_url(c, false, version, list);
	if (!step_str(c, "mirrors.k3s"))
		return fetch_digest(c, url, k3s_file(c), e);

	/* The mirror needs no trust as long as the digest comes from elsewhere. */
	struct err seen = ERR_INIT;
	char *digest = fetch_digest(c, url, k3s_file(c), &seen);
	if (digest || seen.fault == FAULT_CANCELLED) {
		if (!digest && e)
			*e = seen;
		return digest;
	}
	_cleanup_free_ char *mirror_url = k3s_url(c, true, version, list);
	step_log(c, "GitHub cannot be asked for K3s' digest: it is taken from the mirror, which is "
		    "trusted by that");
	return fetch_digest(c, mirror_url, k3s_file(c), e);
}

static char *digest_of(struct step_ctx *c, enum part part, const char *version, struct err *e)
{
	if (part == PART_K3S)
		return k3s_digest(c, version, e);
	if (part == PART_HELM) {
		_cleanup_free_ char *url = helm_url(c, version, ".sha256");
		return fetch_digest(c, url, NULL, e);
	}
	struct oci oci __attribute__((cleanup(oci_done)));
	_cleanup_free_ char *repository = oci_chart(c, part, &oci);
	char *digest = NULL;
	return oci_chart_digest(c, &oci, repository, version, &digest, e) == 0 ? digest : NULL;
}

/* --- resolving -------------------------------------------------------------------------------- */

/* A plan goes on without what only the network knows. */
static int excuse(struct step_ctx *c, const struct err *seen, struct err *e)
{
	enum step_found unused;
	if (step_dry_run(c))
		return tool_lost(c, seen, STEP_ABSENT, &unused, e);
	if (e && !err_is_set(e))
		*e = *seen;
	return -1;
}

static int resolve(struct step_ctx *c, enum part part, struct err *e)
{
	struct err seen = ERR_INIT;
	_cleanup_free_ char *version = configured(c, part);

	step_progress(c, -1, N_("looking up the version of %s"), parts[part].title);
	if (!version && !(version = version_newest(c, part, &seen))) {
		if (seen.fault == FAULT_CANCELLED)
			return excuse(c, &seen, e);
		_cleanup_free_ char *why = err_text(&seen);
		step_log(c, "%s: %s; the tested version %s is taken", parts[part].title, why,
			 version_tested(part));
		version = xstrdup(version_tested(part));
		err_clear(&seen);
	}
	_cleanup_free_ char *digest = digest_of(c, part, version, &seen);
	if (!digest && excuse(c, &seen, e) < 0)
		return -1;
	_cleanup_free_ char *from = origin(c, part);
	set_part_fact(c, part, "origin", from);
	set_part_fact(c, part, "version", version);
	if (digest)
		set_part_fact(c, part, "sha256", digest);
	step_log(c, "%s %s (%s), sha256 %s", parts[part].title, version, from,
		 digest ? digest : "not known yet");
	return 0;
}

/* A step's facts are what its last run set: those that stay are set again. */
static int pin(struct step_ctx *c, enum part part, struct err *e)
{
	static const char *const facts[] = { "origin", "version", "sha256" };
	if (!is_pinned(c, part))
		return resolve(c, part, e);
	for (size_t i = 0; i < ARRAY_LEN(facts); i++) {
		_cleanup_free_ char *value = xstrdup(part_fact(c, part, facts[i]));
		set_part_fact(c, part, facts[i], value);
	}
	return 0;
}

/* --- the cache -------------------------------------------------------------------------------- */

static char *cached(struct step_ctx *c, enum part part)
{
	const char *version = part_fact(c, part, "version"), *arch = step_fact(c, "machine.arch");
	switch (part) {
	case PART_K3S:
		return xasprintf(CACHE "/k3s-%s-%s", version, arch);
	case PART_HELM:
		return xasprintf(CACHE "/helm-%s-linux-%s.tar.gz", version, arch);
	case PART_CERT_MANAGER:
		return xasprintf(CACHE "/cert-manager-%s.tgz", version);
	default:
		return xasprintf(CACHE "/matrix-stack-%s.tgz", version);
	}
}

static const char *script_sha256(struct step_ctx *c)
{
	const char *s = step_str(c, "supply.k3s_install_sha256");
	return s ? s : K3S_INSTALL_SHA256;
}

/* Worst first: a missing file outweighs an altered one. */
static int check_file(struct step_ctx *c, const char *path, const char *sha256,
		      enum step_found *ret, struct err *e)
{
	_cleanup_free_ char *real = path_under(path);
	if (!fs_exists(real)) {
		*ret = STEP_ABSENT;
		return 0;
	}
	int same = step_has_hash(c, path, sha256, e);
	if (same == 0 && *ret == STEP_PRESENT)
		*ret = STEP_DIFFERENT;
	return same < 0 ? -1 : 0;
}

static int check(struct step_ctx *c, enum step_found *ret, struct err *e)
{
	*ret = STEP_PRESENT;
	for (enum part p = 0; p < PART_MAX && *ret != STEP_ABSENT; p++) {
		if (!is_wanted(c, p))
			continue;
		if (!step_fact(c, "machine.arch") || !part_fact(c, p, "sha256")) {
			*ret = STEP_ABSENT;
			return 0;
		}
		if (!is_pinned(c, p))
			*ret = STEP_DIFFERENT;
		_cleanup_free_ char *path = cached(c, p);
		if (check_file(c, path, part_fact(c, p, "sha256"), ret, e) < 0)
			return -1;
	}
	if (!is_wanted(c, PART_K3S) || *ret == STEP_ABSENT)
		return 0;
	return check_file(c, CACHE "/k3s-install.sh", script_sha256(c), ret, e);
}

static int download(struct step_ctx *c, enum part part, struct err *e)
{
	const char *version = part_fact(c, part, "version"), *sha256 = part_fact(c, part, "sha256");
	_cleanup_free_ char *path = cached(c, part);
	_cleanup_free_ char *url = NULL;

	step_progress(c, -1, N_("fetching %s %s"), parts[part].title, version);
	if (part == PART_K3S) {
		url = k3s_url(c, step_str(c, "mirrors.k3s") != NULL, version, k3s_file(c));
		return step_download(c, url, NULL, sha256, path, 0755, e);
	}
	if (part == PART_HELM) {
		url = helm_url(c, version, "");
		return step_download(c, url, NULL, sha256, path, 0644, e);
	}
	struct oci oci __attribute__((cleanup(oci_done)));
	_cleanup_free_ char *repository = oci_chart(c, part, &oci);
	/* An archive that is there needs no token. */
	int have = sha256 ? step_has_hash(c, path, sha256, e) : 0;
	if (have != 0)
		return have < 0 ? -1 : 0;
	return oci_download(c, &oci, repository, sha256 ? sha256 : "", path, e);
}

/* --- sources of images ------------------------------------------------------------------------ */

static int probe_registry(struct step_ctx *c, const char *key, const char *upstream, struct err *e)
{
	struct http_response r _cleanup_http_ = { 0 };
	struct err seen = ERR_INIT;
	_cleanup_free_ char *base = source_base(c, key, upstream);
	_cleanup_free_ char *url = xasprintf("%s/v2/", base);
	const struct http_request rq = { .url = url };

	/* 401 is the usual answer to a stranger, and as good as any. */
	if (step_http(c, &rq, &r, &seen) == 0 && r.status < 500)
		return 0;
	if (seen.fault == FAULT_CANCELLED)
		return excuse(c, &seen, e);
	_cleanup_free_ char *why = err_is_set(&seen) ? err_text(&seen)
						     : xasprintf("status %ld", r.status);
	err_clear(&seen);
	err_set(&seen, FAULT_SUP_REGISTRY, N_("the registry %s does not answer: %s"), base, why);
	return excuse(c, &seen, e);
}

static int probe_registries(struct step_ctx *c, struct err *e)
{
	static const struct {
		const char *key, *upstream;
	} registries[] = {
		{ "mirrors.docker_io", "https://registry-1.docker.io" },
		{ "mirrors.ghcr_io", "https://ghcr.io" },
		{ "mirrors.quay_io", "https://quay.io" },
		{ "mirrors.oci_element_io", "https://oci.element.io" },
	};
	for (size_t i = 0; i < ARRAY_LEN(registries); i++)
		if (probe_registry(c, registries[i].key, registries[i].upstream, e) < 0)
			return -1;
	return 0;
}

static int apply(struct step_ctx *c, struct err *e)
{
	if (!step_fact(c, "machine.arch"))
		return err_set(e, FAULT_NOT_YET, N_("%s is not known yet"), "machine.arch");
	for (enum part p = 0; p < PART_MAX; p++)
		if (is_wanted(c, p) && pin(c, p, e) < 0)
			return -1;
	/* Another cluster pulls its images by itself; for a plan their answers change nothing. */
	if (is_wanted(c, PART_K3S) && !step_dry_run(c) && probe_registries(c, e) < 0)
		return -1;
	for (enum part p = 0; p < PART_MAX; p++)
		if (is_wanted(c, p) && download(c, p, e) < 0)
			return -1;
	if (is_wanted(c, PART_K3S)) {
		_cleanup_free_ char *url = k3s_script_url(c);
		if (step_download(c, url, NULL, script_sha256(c), CACHE "/k3s-install.sh", 0755,
				  e) < 0)
			return -1;
	}
	_cleanup_free_ char *note = xasprintf(
		"K3s %s, Helm %s, ESS %s",
		is_wanted(c, PART_K3S) ? part_fact(c, PART_K3S, "version") : "-",
		part_fact(c, PART_HELM, "version"), part_fact(c, PART_CHART, "version"));
	step_note(c, note);
	return 0;
}

const struct step step_supply = {
	.id = "supply",
	.number = 15,
	.title = N_("Choose versions and fetch the parts"),
	.version = 1,
	.estimate_s = 120,
	.inputs = inputs,
	.check = check,
	.apply = apply,
};
