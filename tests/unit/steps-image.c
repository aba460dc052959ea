/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Images: names as containerd takes them apart, what a rendered chart uses, manifests, the layout.
 */
#include <string.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/mem.h"
#include "steps/image-name.h"
#include "steps/image.h"
#include "tests/unit/unit.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HEX2 "ff23456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

START_TEST(names)
{
	static const struct {
		const char *text, *full;
	} rows[] = {
		{ "postgres", "docker.io/library/postgres:latest" },
		{ "docker.io/postgres:17-alpine", "docker.io/library/postgres:17-alpine" },
		{ "index.docker.io/library/redis:7", "docker.io/library/redis:7" },
		{ "livekit/livekit-server:v1.13.5", "docker.io/livekit/livekit-server:v1.13.5" },
		{ "oci.element.io/synapse:v1.159.0", "oci.element.io/synapse:v1.159.0" },
		{ "registry.example.com:5000/a/b_c:1", "registry.example.com:5000/a/b_c:1" },
		{ "localhost/a:1", "localhost/a:1" },
		{ "ghcr.io/a/b@sha256:" HEX, "ghcr.io/a/b@sha256:" HEX },
		{ "ghcr.io/a/b:1@sha256:" HEX, "ghcr.io/a/b@sha256:" HEX },
		{ "ghcr.io/a/b@sha256:123", NULL },
		{ "ghcr.io/A/b:1", NULL },
		{ "ghcr.io/a//b:1", NULL },
		{ "ghcr.io/a/../b:1", NULL },
		{ "ghcr.io/a/b:", NULL },
		{ "ghcr.io/a/b:t ag", NULL },
		{ "ghcr.io/", NULL },
		{ "ghcr.io/-a:1", NULL },
		{ "", NULL },
		{ NULL, NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_image_name_ struct image_name n;
		const bool good = image_name_parse(rows[i].text, &n);
		ck_assert_msg(good == (rows[i].full != NULL), "%s",
			      rows[i].text ? rows[i].text : "NULL");
		if (!good)
			continue;
		_cleanup_free_ char *full = image_name_full(&n);
		ck_assert_str_eq(full, rows[i].full);
	}
}
END_TEST

START_TEST(of_a_manifest)
{
	static const char yaml[] = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: h, "
				   "annotations: {helm.sh/hook: pre-install}}\n"
				   "spec: {template: {spec: {containers: [{name: a, image: "
				   "'ghcr.io/t/tools:1'}]}}}\n---\n"
				   "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: "
				   "d}\nspec:\n  template:\n    spec:\n"
				   "      initContainers:\n      - {name: i, image: "
				   "'ghcr.io/t/tools:1'}\n      containers:\n"
				   "      - {name: a, image: 'docker.io/postgres:17'}\n      - "
				   "{name: b, image: postgres:17}\n---\n"
				   "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: c}\n"
				   "spec: {jobTemplate: {spec: {template: {spec: {containers: "
				   "[{name: a, image: redis}]}}}}}\n---\n"
				   "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: m}\ndata: "
				   "{containers: '[{image: no/image:1}]'}\n";
	_cleanup_manifest_ struct manifest m = { 0 };
	ck_assert_int_eq(manifest_parse(&m, yaml, strlen(yaml), NULL), 0);
	_cleanup_json_ json_t *all = image_names(&m);
	_cleanup_free_ char *text = json_canonical(all);
	ck_assert_str_eq(text, "[\"ghcr.io/t/tools:1\",\"docker.io/library/postgres:17\","
			       "\"docker.io/library/redis:latest\"]");
}
END_TEST

START_TEST(indexes)
{
	_cleanup_json_ json_t *index = json_loads(
		"{\"manifests\":["
		"{\"digest\":\"sha256:" HEX
		"\",\"platform\":{\"os\":\"unknown\",\"architecture\":\"unknown\"}},"
		"{\"digest\":\"sha256:" HEX
		"\",\"platform\":{\"os\":\"windows\",\"architecture\":\"amd64\"}},"
		"{\"digest\":\"sha256:" HEX
		"\",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\",\"variant\":\"v3\"}},"
		"{\"digest\":\"sha256:" HEX2
		"\",\"platform\":{\"os\":\"linux\",\"architecture\":\"amd64\"}},"
		"{\"digest\":\"short\",\"platform\":{\"os\":\"linux\",\"architecture\":\"s390x\"}},"
		"{\"digest\":\"sha256:" HEX "\",\"platform\":{\"os\":\"linux\",\"architecture\":"
					    "\"arm64\",\"variant\":\"v8\"}}]}",
		0, NULL);
	ck_assert(image_is_index(index, NULL));
	ck_assert_str_eq(image_index_pick(index, "amd64"), "sha256:" HEX2);
	ck_assert_str_eq(image_index_pick(index, "arm64"), "sha256:" HEX);
	ck_assert_ptr_null(image_index_pick(index, "s390x"));
	ck_assert_ptr_null(image_index_pick(index, "riscv64"));
	ck_assert_ptr_null(image_index_pick(NULL, "amd64"));
}
END_TEST

#define CONFIG "\"config\":{\"digest\":\"sha256:" HEX "\",\"size\":7}"
#define LAYER "{\"digest\":\"sha256:" HEX2 "\",\"size\":9}"

START_TEST(manifests)
{
	static const struct {
		const char *text, *type, *want;
	} rows[] = {
		{ "{\"schemaVersion\":2," CONFIG ",\"layers\":[" LAYER "," LAYER "]}",
		  "application/vnd.oci.image.manifest.v1+json",
		  "application/vnd.oci.image.manifest.v1+json" },
		{ "{\"schemaVersion\":2," CONFIG ",\"layers\":[" LAYER "]}",
		  "application/vnd.docker.distribution.manifest.v2+json; charset=utf-8",
		  "application/vnd.docker.distribution.manifest.v2+json" },
		{ "{\"schemaVersion\":2,\"mediaType\":\"application/"
		  "vnd.docker.distribution.manifest.v2+json\"," CONFIG ",\"layers\":[" LAYER "]}",
		  NULL, "application/vnd.docker.distribution.manifest.v2+json" },
		{ "{\"schemaVersion\":1," CONFIG ",\"layers\":[" LAYER "]}", NULL, NULL },
		{ "{\"schemaVersion\":2," CONFIG "}", NULL, NULL },
		{ "{\"schemaVersion\":2,\"layers\":[" LAYER "]}", NULL, NULL },
		{ "{\"schemaVersion\":2,\"mediaType\":\"application/x\"," CONFIG
		  ",\"layers\":[" LAYER "]}",
		  NULL, NULL },
		{ "{\"schemaVersion\":2," CONFIG ",\"layers\":[{\"digest\":\"md5:1\",\"size\":1}]}",
		  NULL, NULL },
		{ "{\"schemaVersion\":2," CONFIG ",\"layers\":[{\"digest\":\"sha256:" HEX2
		  "\",\"size\":-1}]}",
		  NULL, NULL },
		{ "<html>", NULL, NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_image_ struct image im = { 0 };
		struct err e = ERR_INIT;
		int r = image_manifest_parse("a/b:1", rows[i].text, strlen(rows[i].text),
					     rows[i].type, &im, &e);
		ck_assert_msg((r == 0) == (rows[i].want != NULL), "row %zu", i);
		if (r < 0) {
			ck_assert_int_eq(e.fault, FAULT_SUP_OCI);
			continue;
		}
		ck_assert_str_eq(im.type, rows[i].want);
		ck_assert_uint_eq(json_array_size(im.blobs),
				  2); /* a layer that stands twice counts once */
		ck_assert_int_eq(json_int_at(json_array_get(im.blobs, 1), "size", 0), 9);
	}
}
END_TEST

START_TEST(layout)
{
	static const char text[] = "{\"schemaVersion\":2," CONFIG ",\"layers\":[" LAYER "]}";
	_cleanup_image_ struct image im = { 0 };
	ck_assert_int_eq(
		image_manifest_parse("docker.io/library/a:1", text, strlen(text), NULL, &im, NULL),
		0);
	_cleanup_free_ char *index = image_layout_index(&im, "arm64");
	_cleanup_json_ json_t *j = json_loads(index, 0, NULL);
	const json_t *m = json_array_get(json_object_get(j, "manifests"), 0);
	const json_t *notes = json_object_get(m, "annotations");
	_cleanup_free_ char *digest = xasprintf("sha256:%s", im.digest);
	ck_assert_str_eq(json_string_value(json_object_get(notes, "io.containerd.image.name")),
			 "docker.io/library/a:1");
	ck_assert_str_eq(
		json_string_value(json_object_get(notes, "org.opencontainers.image.ref.name")),
		"1");
	ck_assert_str_eq(json_str_at(m, "digest"), digest);
	ck_assert_int_eq(json_int_at(m, "size", 0), (long long)strlen(text));
	ck_assert_str_eq(json_str_at(m, "platform.architecture"), "arm64");
}
END_TEST

START_TEST(apis)
{
	static const char *const rows[][2] = {
		{ "https://ghcr.io", "https://ghcr.io/v2" },
		{ "https://m.example.com:5000", "https://m.example.com:5000/v2" },
		{ "https://m.example.com/ghcr", "https://m.example.com/ghcr/v2" },
		{ "https://m.example.com/v2", "https://m.example.com/v2" },
		{ "https://m.example.com/v2/ghcr", "https://m.example.com/v2/ghcr" },
		{ "https://m.example.com/v20", "https://m.example.com/v20/v2" },
		{ "https://v2/a", "https://v2/a/v2" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_free_ char *api = oci_api(rows[i][0]);
		ck_assert_str_eq(api, rows[i][1]);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("steps-image");
	TCase *t = tcase_create("all");
	tcase_add_test(t, names);
	tcase_add_test(t, of_a_manifest);
	tcase_add_test(t, indexes);
	tcase_add_test(t, manifests);
	tcase_add_test(t, layout);
	tcase_add_test(t, apis);
	suite_add_tcase(s, t);
	return unit_run(s);
}
