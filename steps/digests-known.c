/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* SHA-256 of the files of the tested set (versions.c), as their publishers show them. With these no
 * mirror needs to be trusted, and no publisher needs to be reached.
 *
 * Sources: K3s: sha256sum-amd64.txt and sha256sum-arm64.txt of release v1.36.3+k3s1. Helm: the
 * notes of release v4.2.4 (github.com/helm/helm/releases/tag/v4.2.4). cert-manager: the one layer
 * of oci://quay.io/jetstack/charts/cert-manager:v1.21.1 (manifest
 * sha256:15c0b46d9006ce8eb9ff14d1bf54d1bb fcc587bb9e24cd9fe186fb8fec56af1f), the same file as
 * charts.jetstack.io/charts/cert-manager-v1.21.1.tgz. For the chart of ESS none was published where
 * it could be compared: its registry is asked. */
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "steps/digests.h"

static const struct {
	const char *file, *sha256;
} tested[] = {
	{ "k3s-v1.36.3+k3s1-amd64",
	  "2f98a9f8fe5782479ee2d54e70a1b10a7f6fd4cae8d38ed3098452dc6eed76b5" },
	{ "k3s-v1.36.3+k3s1-arm64",
	  "c9a209103f480f163b7c6a56f00862b4481927b284dc29a3716bb70d886691a8" },
	{ "helm-v4.2.4-linux-amd64.tar.gz",
	  "c306b46f719b0a4da32d0f78ee21bf90ce8d602f15b22ab753f0674d1670a7f3" },
	{ "helm-v4.2.4-linux-arm64.tar.gz",
	  "564de2191b881e9f71b5606b25345821ea1682f06ab90499d3ab22b530176da1" },
	{ "cert-manager-v1.21.1.tgz",
	  "c27101f3f3e2349fb4a9e704316105bf7b52ad73b8c8257d3498ef7f2f6a4adc" },
};

const char *digest_tested(const char *file)
{
	for (size_t i = 0; i < ARRAY_LEN(tested); i++)
		if (!strcmp(tested[i].file, file))
			return tested[i].sha256;
	return NULL;
}

const char *digest_known(struct step_ctx *c, const char *file)
{
	const size_t n = strlen(file);
	size_t i;
	json_t *row;
	json_array_foreach(step_list(c, "supply.digests"), i, row) {
		const char *s = json_string_value(row);
		if (text_starts(s, file) && s[n] == '=')
			return s + n + 1;
	}
	return digest_tested(file);
}
