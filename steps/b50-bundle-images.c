/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Step 50 of bundle-make: every image that the charts use, whole in the cache. */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "steps/image.h"
#include "steps/sources.h"
#include "steps/steps.h"

static const char *const inputs[] = { SOURCES_INPUTS, "fact:machine.arch", "fact:images.*", NULL };

static const char *const lists[] = { "images.cert_manager", "images.ess" };

/* 1 when it is there, 0 when not (or not known by its digest yet). */
static int there(struct step_ctx *c, const char *name, struct err *e)
{
	const char *digest =
		json_string_value(json_object_get(step_fact_json(c, "images.digests"), name));
	_cleanup_image_ struct image i = { 0 };
	if (!digest)
		return 0;
	if (image_cached(c, name, digest, &i, e) < 0)
		return -1;
	return i.name ? image_whole(c, &i, e) : 0;
}

static int check(struct step_ctx *c, enum step_found *ret, struct err *e)
{
	*ret = STEP_PRESENT;
	for (size_t k = 0; k < ARRAY_LEN(lists); k++) {
		const json_t *names = step_fact_json(c, lists[k]);
		size_t i;
		json_t *name;
		if (json_array_size(names) == 0)
			*ret = STEP_ABSENT;
		json_array_foreach(names, i, name) {
			int r = there(c, json_string_value(name), e);
			if (r < 0)
				return -1;
			if (r == 0)
				*ret = STEP_ABSENT;
		}
	}
	return 0;
}

static int fetch(struct step_ctx *c, const char *name, json_t *dead, json_t *digests, struct err *e)
{
	_cleanup_image_ struct image i = { 0 };
	if (image_resolve(c, name, step_fact(c, "machine.arch"), dead, &i, e) < 0 ||
	    image_fetch(c, &i, e) < 0)
		return -1;
	json_object_set_new(digests, name, json_string(i.digest));
	return 0;
}

static int apply(struct step_ctx *c, struct err *e)
{
	_cleanup_json_ json_t *dead = json_object(), *digests = json_object();
	for (size_t k = 0; k < ARRAY_LEN(lists); k++) {
		const json_t *names = step_fact_json(c, lists[k]);
		size_t i;
		json_t *name;
		json_array_foreach(names, i, name) {
			step_progress(c, -1, N_("fetching the image %s"), json_string_value(name));
			if (fetch(c, json_string_value(name), dead, digests, e) < 0)
				return -1;
		}
	}
	_cleanup_free_ char *note = xasprintf("%zu", json_object_size(digests));
	step_note(c, note);
	step_fact_set_json(c, "images.digests", json_incref(digests));
	return 0;
}

const struct step step_bundle_images = {
	.id = "bundle-images",
	.number = 50,
	.title = N_("Fetch the images"),
	.version = 1,
	.estimate_s = 600,
	.inputs = inputs,
	.check = check,
	.apply = apply,
};
