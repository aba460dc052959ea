/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "steps/images.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "steps/bundle.h"
#include "steps/image-name.h"
#include "steps/image.h"
#include "steps/tool.h"

#define IMPORT_TIMEOUT_S 1200
#define ARCHIVE "/var/cache/ess-setup/import/image.tar"
/* K3s' own images get it too when they are imported from a file
 * (pkg/agent/containerd/containerd.go): the kubelet then never removes them to make room. */
#define PINNED "io.cri-containerd.pinned=pinned"

static json_t *names_of(const char *manifest, struct err *e)
{
	_cleanup_manifest_ struct manifest m = { 0 };
	if (manifest_parse(&m, manifest, strlen(manifest), e) < 0)
		return NULL;
	return image_names(&m);
}

/* --- the head start --------------------------------------------------------------------------- */

struct found {
	json_t *dead, *digests, *sources;
};

/* False when it is over: cancelled. */
static bool get_ahead(struct step_ctx *c, const char *name, struct found *f, struct err *e)
{
	_cleanup_image_ struct image i = { 0 };
	struct err own = ERR_INIT;
	if (image_resolve(c, name, step_fact(c, "machine.arch"), f->dead, &i, &own) == 0 &&
	    image_ahead(c, &i, &own) == 0) {
		json_object_set_new(f->digests, name, json_string(i.digest));
		json_object_set_new(f->sources, name, json_string(i.from));
		return true;
	}
	if (own.fault == FAULT_CANCELLED) {
		if (e && !err_is_set(e))
			*e = own;
		return false;
	}
	_cleanup_free_ char *why = err_text(&own);
	step_log(c, "%s: %s; the cluster fetches it when it is needed", name, why);
	return true;
}

static int ahead(struct step_ctx *c, const json_t *names, struct found *f, struct err *e)
{
	size_t i;
	json_t *name;
	json_array_foreach(names, i, name) {
		step_progress(c, -1, N_("asking for the images (%zu of %zu)"), i + 1,
			      json_array_size(names));
		if (!get_ahead(c, json_string_value(name), f, e))
			return -1;
	}
	return 0;
}

/* --- from a bundle ---------------------------------------------------------------------------- */

static int find_in_bundle(struct step_ctx *c, const json_t *bundle, const json_t *names,
			  json_t *digests, struct err *e)
{
	size_t i;
	json_t *one;
	json_array_foreach(names, i, one) {
		const char *name = json_string_value(one);
		const char *digest =
			json_string_value(json_object_get(json_object_get(bundle, "images"), name));
		_cleanup_image_ struct image im = { 0 };
		if (!digest)
			return err_set(e, FAULT_BUN_MISSING,
				       N_("the image %s is not in the bundle"), name);
		if (image_cached(c, name, digest, &im, e) < 0)
			return -1;
		int whole = im.name ? image_whole(c, &im, e) : 0;
		if (whole <= 0)
			return whole < 0 ? -1
					 : err_set(e, FAULT_BUN_MISSING,
						   N_("parts of the image %s are gone from %s"),
						   name, IMAGE_BLOBS);
		json_object_set_new(digests, name, json_string(digest));
	}
	return 0;
}

int images_prepare(struct step_ctx *c, const char *ess, const char *cert_manager, struct err *e)
{
	_cleanup_json_ json_t *dead = json_object(), *digests = json_object(),
			      *sources = json_object();
	_cleanup_json_ json_t *bundle = NULL;
	struct found f = { dead, digests, sources };
	_cleanup_json_ json_t *first = names_of(cert_manager, e),
			      *then = first ? names_of(ess, e) : NULL;
	if (!then || bundle_load(c, &bundle, e) < 0)
		return -1;
	int r = bundle ? find_in_bundle(c, bundle, first, digests, e) ||
				 find_in_bundle(c, bundle, then, digests, e)
		       : ahead(c, first, &f, e) || ahead(c, then, &f, e);
	if (r)
		return -1;
	step_fact_set_json(c, "images.cert_manager", json_incref(first));
	step_fact_set_json(c, "images.ess", json_incref(then));
	step_fact_set_json(c, "images.digests", json_incref(digests));
	step_fact_set_json(c, "images.sources", json_incref(sources));
	return 0;
}

/* --- into containerd -------------------------------------------------------------------------- */

/* Names that containerd knows, one a line between line breaks; NULL: it does not tell. New. */
static char *known(struct step_ctx *c)
{
	static const char *const argv[] = {
		"k3s", "ctr", "-n", "k8s.io", "images", "ls", "-q", NULL
	};
	struct proc_result r _cleanup_proc_ = { 0 };
	return tool_ask(c, argv, &r, NULL) > 0 ? xasprintf("\n%s\n", r.out) : NULL;
}

static int run_ctr(struct step_ctx *c, const char *const *argv, const char *name, struct err *e)
{
	struct proc_result r _cleanup_proc_ = { 0 };
	if (step_run(c, argv, NULL, IMPORT_TIMEOUT_S, &r, e) < 0)
		return -1;
	if (r.status == 0)
		return 0;
	return err_set(e, strstr(r.last_err, "no space left") ? FAULT_NO_SPACE : FAULT_IMG_IMPORT,
		       N_("%s: k3s ctr ended with status %d: %s"), name, r.status, r.last_err);
}

static int import(struct step_ctx *c, const struct image *i, bool pinned, struct err *e)
{
	_cleanup_free_ char *real = path_under(ARCHIVE);
	const char *const argv[] = { "k3s", "ctr", "-n", "k8s.io", "images", "import", real, NULL };
	const char *const label[] = { "k3s",   "ctr",	"-n",	"k8s.io", "images",
				      "label", i->name, PINNED, NULL };
	if (image_pack(c, i, step_fact(c, "machine.arch"), ARCHIVE, e) < 0)
		return -1;
	int r = run_ctr(c, argv, i->name, e);
	if (r == 0 && pinned)
		r = run_ctr(c, label, i->name, e);
	return step_remove(c, ARCHIVE, e) < 0 ? -1 : r;
}

/* Waits for what the head start is at, and gets what it did not come to. */
static int complete(struct step_ctx *c, struct image *i, struct err *e)
{
	const char *from =
		json_string_value(json_object_get(step_fact_json(c, "images.sources"), i->name));
	int whole = image_whole(c, i, e);
	if (whole || !from)
		return whole;
	i->from = xstrdup(from);
	return image_fetch(c, i, e) < 0 ? -1 : 1;
}

/* 1 when it is there now, 0 when not all of it lies in the cache. */
static int import_one(struct step_ctx *c, const char *name, bool bundle, struct err *e)
{
	const char *digest =
		json_string_value(json_object_get(step_fact_json(c, "images.digests"), name));
	_cleanup_image_ struct image i = { 0 };
	if (!digest || image_cached(c, name, digest, &i, e) < 0)
		return digest ? -1 : 0;
	int whole = i.name ? complete(c, &i, e) : 0;
	if (whole <= 0)
		return whole;
	return import(c, &i, bundle, e) < 0 ? -1 : 1;
}

int images_import(struct step_ctx *c, const char *fact, struct err *e)
{
	const json_t *names = step_fact_json(c, fact);
	_cleanup_json_ json_t *bundle = NULL;
	size_t i;
	json_t *one;
	if (step_dry_run(c) || json_array_size(names) == 0)
		return 0;
	if (bundle_load(c, &bundle, e) < 0)
		return -1;
	_cleanup_free_ char *have = known(c);
	json_array_foreach(names, i, one) {
		const char *name = json_string_value(one);
		_cleanup_free_ char *line = xasprintf("\n%s\n", name);
		struct err own = ERR_INIT;
		if (have && strstr(have, line))
			continue;
		step_progress(c, -1, N_("handing images to the cluster (%zu of %zu)"), i + 1,
			      json_array_size(names));
		int r = import_one(c, name, bundle != NULL, &own);
		if (r == 0 && bundle)
			return err_set(e, FAULT_BUN_MISSING,
				       N_("parts of the image %s are gone from %s"), name,
				       IMAGE_BLOBS);
		if (r < 0 && (bundle || own.fault == FAULT_CANCELLED)) {
			if (e && !err_is_set(e))
				*e = own;
			return -1;
		}
		_cleanup_free_ char *why = r < 0 ? err_text(&own) : NULL;
		if (r <= 0)
			step_log(c, "%s: %s; the cluster fetches it itself", name,
				 why ? why : "not fetched yet");
	}
	return 0;
}
