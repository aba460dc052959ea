/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Bundles' manifests, known digests, versions that fit, and what answers of sources mean. */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "steps/artefacts.h"
#include "steps/bundle.h"
#include "steps/compat.h"
#include "steps/digests.h"
#include "steps/sources.h"
#include "steps/versions.h"
#include "tests/unit/unit.h"

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HEX2 "ff23456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

START_TEST(names)
{
	static const struct {
		const char *name;
		bool good;
	} rows[] = {
		{ "k3s-v1.36.3+k3s1-amd64", true },
		{ "k3s-install.sh", true },
		{ "v1.36.3+k3s1-k3s-airgap-images-arm64.tar.zst", true },
		{ "helm-v4.2.4-linux-amd64.tar.gz", true },
		{ "cert-manager-v1.21.1.tgz", true },
		{ "matrix-stack-26.8.1.tgz", true },
		{ "blobs/sha256/" HEX, true },
		{ "blobs/sha256/" HEX2, false }, /* another digest than its content */
		{ "blobs/sha256/" HEX "/x", false },
		{ "k3s-/x", false },
		{ "../k3s-x", false },
		{ "/k3s-x", false },
		{ "k3s-x.part", false },
		{ "bundle.new", false },
		{ "helm/repository/x", false },
		{ "vmlinuz", false },
		{ "", false },
		{ NULL, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		ck_assert_msg(bundle_name_good(rows[i].name, HEX) == rows[i].good, "row %zu", i);
	for (enum part p = 0; p < PART_MAX; p++) {
		_cleanup_free_ char *name = artefact_name(p, version_tested(p), "amd64");
		ck_assert_msg(bundle_name_good(name, HEX), "%s", name);
	}
	_cleanup_free_ char *images = artefact_images_name(version_tested(PART_K3S), "arm64");
	ck_assert(bundle_name_good(images, HEX));
}
END_TEST

#define PARTS                                                                                            \
	"\"parts\":{\"k3s\":{\"version\":\"v1\",\"sha256\":\"" HEX "\"},\"helm\":{\"version\":\"v1\",\"sha256\":\"" HEX  \
	"\"},\"cert_manager\":{\"version\":\"v1\",\"sha256\":\"" HEX "\"},\"chart\":{\"version\":\"1\",\"sha256\":\"" HEX "\"}}"
#define MEMBER "{\"name\":\"k3s-a\",\"sha256\":\"" HEX "\",\"size\":5}"

START_TEST(manifests)
{
	static const struct {
		const char *text;
		enum fault fault;
	} rows[] = {
		{ "{\"format\":1,\"arch\":\"amd64\"," PARTS ",\"images\":{\"a/b:1\":\"" HEX "\"},\"members\":[" MEMBER "]}", FAULT_NONE },
		{ "{\"format\":2,\"arch\":\"amd64\"," PARTS ",\"images\":{},\"members\":[" MEMBER "]}", FAULT_BUN_FORMAT },
		{ "{\"arch\":\"amd64\"," PARTS ",\"images\":{},\"members\":[" MEMBER "]}", FAULT_BUN_MANIFEST },
		{ "{\"format\":1," PARTS ",\"images\":{},\"members\":[" MEMBER "]}", FAULT_BUN_MANIFEST },
		{ "{\"format\":1,\"arch\":\"arm64\"," PARTS ",\"images\":{},\"members\":[" MEMBER "]}", FAULT_BUN_ARCH },
		{ "{\"format\":1,\"arch\":\"amd64\",\"images\":{},\"members\":[" MEMBER "]}", FAULT_BUN_MANIFEST },
		{ "{\"format\":1,\"arch\":\"amd64\"," PARTS ",\"members\":[" MEMBER "]}", FAULT_BUN_MANIFEST },
		{ "{\"format\":1,\"arch\":\"amd64\"," PARTS ",\"images\":{\"A\":\"" HEX "\"},\"members\":[" MEMBER "]}", FAULT_BUN_MANIFEST },
		{ "{\"format\":1,\"arch\":\"amd64\"," PARTS ",\"images\":{\"a/b:1\":7},\"members\":[" MEMBER "]}", FAULT_BUN_MANIFEST },
		{ "{\"format\":1,\"arch\":\"amd64\"," PARTS ",\"images\":{},\"members\":[]}", FAULT_BUN_MANIFEST },
		{ "{\"format\":1,\"arch\":\"amd64\"," PARTS ",\"images\":{},\"members\":[" MEMBER "," MEMBER "]}", FAULT_BUN_MEMBER },
		{ "{\"format\":1,\"arch\":\"amd64\"," PARTS ",\"images\":{},\"members\":[{\"name\":\"../x\",\"sha256\":\"" HEX "\",\"size\":1}]}", FAULT_BUN_MEMBER },
		{ "{\"format\":1,\"arch\":\"amd64\"," PARTS ",\"images\":{},\"members\":[{\"name\":\"k3s-a\",\"sha256\":\"1\",\"size\":1}]}", FAULT_BUN_MANIFEST },
		{ "{\"format\":1,\"arch\":\"amd64\"," PARTS ",\"images\":{},\"members\":[{\"name\":\"k3s-a\",\"sha256\":\"" HEX "\",\"size\":-1}]}", FAULT_BUN_MANIFEST },
		{ "{\"format\":1,\"arch\":\"amd64\"," PARTS ",\"images\":{},\"members\":[{\"name\":\"k3s-a\",\"sha256\":\"" HEX "\",\"size\":99999999999}]}", FAULT_BUN_SIZE },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_json_ json_t *j = json_loads(rows[i].text, 0, NULL);
		struct err e = ERR_INIT;
		ck_assert_ptr_nonnull(j);
		int r = bundle_check(j, "amd64", &e);
		ck_assert_msg(e.fault == rows[i].fault && (r == 0) == (e.fault == FAULT_NONE), "row %zu: %d", i, e.fault);
	}
}
END_TEST

START_TEST(ids)
{
	_cleanup_json_ json_t *a = json_loads("{\"a\":1,\"b\":2}", 0, NULL), *b = json_loads("{\"b\":2,\"a\":1}", 0, NULL),
			      *c = json_loads("{\"a\":1,\"b\":3}", 0, NULL);
	_cleanup_free_ char *ia = bundle_id(a), *ib = bundle_id(b), *ic = bundle_id(c);
	ck_assert_str_eq(ia, ib);
	ck_assert_str_ne(ia, ic);
}
END_TEST

START_TEST(tested_digests)
{
	static const char *const arches[] = { "amd64", "arm64" };
	static const enum part parts[] = { PART_K3S, PART_HELM, PART_CERT_MANAGER };
	for (size_t a = 0; a < 2; a++)
		for (size_t p = 0; p < ARRAY_LEN(parts); p++) {
			_cleanup_free_ char *file = artefact_name(parts[p], version_tested(parts[p]), arches[a]);
			const char *digest = digest_tested(file);
			ck_assert_msg(digest && strlen(digest) == 64 && strspn(digest, "0123456789abcdef") == 64, "%s", file);
		}
	ck_assert_str_ne(digest_tested("k3s-v1.36.3+k3s1-amd64"), digest_tested("k3s-v1.36.3+k3s1-arm64"));
	ck_assert_ptr_null(digest_tested("k3s-v1.36.2+k3s1-amd64"));
	ck_assert_ptr_null(digest_tested(""));
}
END_TEST

START_TEST(fitting)
{
	static const struct {
		struct compat_set set;
		int want;
		const char *unknown;
	} rows[] = {
		{ { "v1.36.3+k3s1", "v4.2.4", "v1.21.1", "26.8.1" }, 0, NULL },
		{ { "v1.33.1+k3s1", "v3.21.4", "v1.21.0", "26.8.1" }, 0, NULL },
		{ { "v1.37.1+k3s1", "v4.2.4", "v1.21.1", "26.8.1" }, -1, NULL },
		{ { "v1.32.1+k3s1", "v4.2.4", "v1.21.1", "26.8.1" }, -1, NULL },
		{ { "v1.36.3+k3s1", "v4.2.4", "v1.20.2", "26.8.1" }, -1, NULL },
		{ { "v1.35.3+k3s1", "v3.20.1", "v1.20.2", "26.8.1" }, 0, NULL },
		{ { "v1.36.3+k3s1", "v3.20.1", "v1.21.1", "26.8.1" }, -1, NULL },
		{ { "v1.36.3+k3s1", "v4.2.4", "v1.21.1", "25.8.1" }, -1, NULL },
		{ { "v1.36.3+k3s1", "v3.21.4", "v1.21.1", "25.8.1" }, 0, NULL },
		{ { "v1.36.3+k3s1", "v4.3.0", "v1.21.1", "26.8.1" }, 1, "Helm v4.3.0" },
		{ { "v1.36.3+k3s1", "v4.20.0", "v1.21.1", "26.8.1" }, 1, "Helm v4.20.0" },
		{ { "v1.36.3+k3s1", "v4.2.4", "v1.22.0", "27.1.0" }, 1, "cert-manager v1.22.0" },
		{ { NULL, "v4.2.4", "v1.20.2", "26.8.1" }, 0, NULL },
		{ { NULL, "v4.2.4", "v1.20.2", "25.6.1" }, -1, NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_free_ char *unknown = NULL;
		struct err e = ERR_INIT;
		ck_assert_msg(compat_check(&rows[i].set, &unknown, &e) == rows[i].want, "row %zu", i);
		ck_assert_msg(rows[i].unknown ? unknown && !strcmp(unknown, rows[i].unknown) : !unknown, "row %zu", i);
		ck_assert_int_eq(e.fault, rows[i].want < 0 ? FAULT_SRC_COMPAT : FAULT_NONE);
	}
	const struct compat_set tested = { version_tested(PART_K3S), version_tested(PART_HELM),
					   version_tested(PART_CERT_MANAGER), version_tested(PART_CHART) };
	char *unknown;
	ck_assert_int_eq(compat_check(&tested, &unknown, NULL), 0);
	_cleanup_json_ json_t *table = compat_table();
	for (size_t i = 0; i < json_array_size(table); i++)
		ck_assert_ptr_nonnull(json_str_at(json_array_get(table, i), "source"));
}
END_TEST

START_TEST(answers)
{
	static const struct {
		long status;
		const char *type;
		bool json;
		enum source_verdict want;
	} rows[] = {
		{ 200, "application/vnd.oci.image.index.v1+json", true, SOURCE_WORKS },
		{ 200, "application/octet-stream", false, SOURCE_WORKS },
		{ 200, NULL, false, SOURCE_WORKS },
		{ 200, "text/html; charset=utf-8", false, SOURCE_REFUSES },
		{ 200, "text/plain", true, SOURCE_REFUSES },
		{ 403, "application/json", true, SOURCE_REFUSES },
		{ 404, "application/json", true, SOURCE_REFUSES },
		{ 429, "application/json", true, SOURCE_DEAD },
		{ 502, "text/html", false, SOURCE_DEAD },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_free_ char *why = NULL;
		ck_assert_msg(source_judge(rows[i].status, rows[i].type, rows[i].json, &why) == rows[i].want, "row %zu", i);
		ck_assert_ptr_nonnull(why);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("steps-bundle");
	TCase *t = tcase_create("all");
	tcase_add_test(t, names);
	tcase_add_test(t, manifests);
	tcase_add_test(t, ids);
	tcase_add_test(t, tested_digests);
	tcase_add_test(t, fitting);
	tcase_add_test(t, answers);
	suite_add_tcase(s, t);
	return unit_run(s);
}
