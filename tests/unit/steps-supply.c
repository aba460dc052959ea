/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Versions and OCI registries: what their answers mean. */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "steps/digests.h"
#include "steps/oci.h"
#include "steps/versions.h"
#include "tests/unit/unit.h"

START_TEST(release_tags)
{
	static const struct {
		const char *tag;
		bool release, k3s;
	} rows[] = {
		{ "v1.21.1", true, false },
		{ "26.8.1", true, false },
		{ "v4.2.4", true, false },
		{ "v1.36.3+k3s1", false, true },
		{ "1.36.3+k3s1", false, false },
		{ "v1.36.3-rc1+k3s1", false, false },
		{ "v1.22.0-alpha.1", false, false },
		{ "26.8", false, false },
		{ "26.8.1.2", false, false },
		{ "v1.2.3+k3s", false, false },
		{ "v01.2.3", false, false },
		{ "latest", false, false },
		{ "", false, false },
		{ "v", false, false },
		{ "1.2.3 ", false, false },
		{ "26.8.1-dev", false, false },
		{ "sha256-abc.sig", false, false },
		{ "1.9999999.3", false, false },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		ck_assert_msg(version_is_release(rows[i].tag) == rows[i].release, "%s",
			      rows[i].tag);
		ck_assert_msg(version_is_k3s(rows[i].tag) == rows[i].k3s, "%s", rows[i].tag);
	}
	ck_assert(version_is_k3s(version_tested(PART_K3S)));
	ck_assert(version_is_release(version_tested(PART_CHART)));
}
END_TEST

START_TEST(locations)
{
	static const struct {
		const char *location, *version;
	} rows[] = {
		{ "https://github.com/k3s-io/k3s/releases/tag/v1.36.3+k3s1", "v1.36.3+k3s1" },
		{ "https://github.com/k3s-io/k3s/releases/tag/v1.36.3%2Bk3s1", "v1.36.3+k3s1" },
		{ "v1.36.3%2bk3s2\r\n", "v1.36.3+k3s2" },
		{ "https://login.hotel.example/", NULL },
		{ "https://github.com/k3s-io/k3s/releases", NULL },
		{ "<html>", NULL },
		{ "", NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_free_ char *v = version_from_location(rows[i].location);
		ck_assert_msg(rows[i].version ? v && !strcmp(v, rows[i].version) : !v, "%s",
			      rows[i].location);
	}
}
END_TEST

START_TEST(newest_tags)
{
	static const struct {
		const char *tags;
		long major;
		const char *newest;
	} rows[] = {
		{ "[\"26.8.1\",\"26.10.0\",\"26.9.3\"]", 26, "26.10.0" },
		{ "[\"v1.21.1\",\"v1.22.0-alpha.0\",\"v1.9.0\"]", 1, "v1.21.1" },
		{ "[\"26.8.1\",\"27.1.0\",\"26.8.1-dev\"]", 26, "26.8.1" },
		{ "[\"latest\", 7, null]", 26, NULL },
		{ "[]", 1, NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_json_ json_t *j = json_loads(rows[i].tags, 0, NULL);
		const char *newest = version_newest_tag(j, rows[i].major);
		ck_assert_msg(rows[i].newest ? newest && !strcmp(newest, rows[i].newest) : !newest,
			      "%s", rows[i].tags);
	}
	ck_assert_ptr_null(version_newest_tag(NULL, 1));
}
END_TEST

START_TEST(challenges)
{
	static const struct {
		const char *header, *url;
	} rows[] = {
		{ "Bearer "
		  "realm=\"https://ghcr.io/token\",service=\"ghcr.io\",scope=\"repository:a/"
		  "b:pull\"",
		  "https://ghcr.io/token?service=ghcr.io&scope=repository:a/b:pull" },
		{ "bearer realm=\"https://r/t?x=1\", service=\"a b\"",
		  "https://r/t?x=1&service=a%20b&scope=repository:r/p:pull" },
		{ "Bearer service=s,realm=https://r/t",
		  "https://r/t?service=s&scope=repository:r/p:pull" },
		{ "Bearer realm=\"https://r/t\",error=\"insufficient_scope\"",
		  "https://r/t?service=&scope=repository:r/p:pull" },
		{ "Basic realm=\"x\"", NULL },
		{ "Bearer service=\"x\"", NULL },
		{ "Bearer ", NULL },
		{ "", NULL },
		{ NULL, NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct oci_challenge ch;
		bool ok = oci_challenge_parse(rows[i].header, &ch);
		ck_assert_msg(ok == (rows[i].url != NULL), "row %zu", i);
		if (!ok)
			continue;
		_cleanup_free_ char *url = oci_token_url(&ch, "r/p");
		ck_assert_str_eq(url, rows[i].url);
		oci_challenge_done(&ch);
	}
}
END_TEST

START_TEST(pages)
{
	static const struct {
		const char *link, *next;
	} rows[] = {
		{ "</v2/a/tags/list?last=x&n=2>; rel=\"next\"",
		  "https://ghcr.io/v2/a/tags/list?last=x&n=2" },
		{ "<https://other/v2/a>; rel=\"next\"", "https://other/v2/a" },
		{ "</v2/a>; rel=\"prev\"", NULL },
		{ "nonsense", NULL },
		{ NULL, NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_free_ char *next = oci_next_page(rows[i].link, "https://ghcr.io/mirror");
		ck_assert_msg(rows[i].next ? next && !strcmp(next, rows[i].next) : !next,
			      "row %zu: %s", i, next ? next : "-");
	}
}
END_TEST

#define DIGEST "sha256:0123456789012345678901234567890123456789012345678901234567890123"

START_TEST(chart_layers)
{
	_cleanup_json_ json_t *good = json_loads(
		"{\"layers\":[{\"mediaType\":\"application/"
		"vnd.cncf.helm.chart.provenance.v1.prov\",\"digest\":\"sha256:x\"},"
		"{\"mediaType\":\"application/"
		"vnd.cncf.helm.chart.content.v1.tar+gzip\",\"digest\":\"" DIGEST "\"}]}",
		0, NULL);
	_cleanup_json_ json_t *image = json_loads(
		"{\"layers\":[{\"mediaType\":\"application/"
		"vnd.oci.image.layer.v1.tar+gzip\",\"digest\":\"" DIGEST "\"}]}",
		0, NULL);
	ck_assert_str_eq(oci_chart_layer(good), DIGEST);
	ck_assert_ptr_null(oci_chart_layer(image));
	ck_assert_ptr_null(oci_chart_layer(NULL));
}
END_TEST

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HEX2 "f123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

START_TEST(lists_of_digests)
{
	static const struct {
		const char *text, *file, *digest;
	} rows[] = {
		{ HEX, NULL, HEX },
		{ HEX "\n", NULL, HEX },
		{ HEX2 "  k3s-airgap-images-amd64.tar.zst\n" HEX "  k3s\n", "k3s", HEX },
		{ HEX2 "  k3s-airgap-images-amd64.tar.zst\r\n" HEX "  k3s\r\n",
		  "k3s-airgap-images-amd64.tar.zst", HEX2 },
		{ HEX " *k3s\n", "k3s", HEX },
		{ HEX "  k3s-arm64\n", "k3s", NULL },
		{ "0123456789abcdef  k3s\n", "k3s", NULL },
		{ "<html>" HEX "  k3s</html>", "k3s", NULL },
		{ "", NULL, NULL },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_free_ char *digest = digest_find(rows[i].text, rows[i].file);
		ck_assert_msg(rows[i].digest ? digest && !strcmp(digest, rows[i].digest) : !digest,
			      "row %zu: %s", i, digest ? digest : "-");
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("steps-supply");
	TCase *t = tcase_create("all");
	tcase_add_test(t, release_tags);
	tcase_add_test(t, locations);
	tcase_add_test(t, newest_tags);
	tcase_add_test(t, challenges);
	tcase_add_test(t, pages);
	tcase_add_test(t, chart_layers);
	tcase_add_test(t, lists_of_digests);
	suite_add_tcase(s, t);
	return unit_run(s);
}
