/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* "k3s ctr": containerd's image store, as far as images are imported, listed and labelled. What it
 * prints is what containerd 2 was seen to print; an archive is read as its importer reads an OCI
 * layout (containerd core/images/archive/importer.go, client/import.go). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/tar.h"
#include "base/text.h"
#include "world/world.h"

#define MEMBER_MAX (64 << 20)

/* Everything in the archive: {name: content}. False when it is no archive. */
static bool read_archive(const char *path, json_t *ret)
{
	_cleanup_tar_reader_ struct tar_reader r = { .fd = -1 };
	struct err e = ERR_INIT;
	int more = tar_read_open(&r, path, &e);
	if (more < 0)
		return false;
	while ((more = tar_read_next(&r, &e)) > 0) {
		size_t n;
		if (r.size > MEMBER_MAX)
			return false;
		_cleanup_free_ char *buf = xcalloc((size_t)r.size + 1, 1);
		if (tar_read(&r, buf, (size_t)r.size, &n, &e) < 0)
			return false;
		_cleanup_free_ char *sum = crypto_sha256(buf, n);
		_cleanup_free_ char *text = text_utf8(buf, n);
		json_object_set_new(ret, r.name,
				    json_pack("{s:s, s:s, s:I}", "text", text, "sha256", sum,
					      "size", (json_int_t)n));
	}
	return more == 0;
}

/* The content of a digest, or NULL with the message that containerd has for it. */
static const json_t *content(const json_t *archive, const char *digest)
{
	const char *hex = digest && text_starts(digest, "sha256:") ? strchr(digest, ':') + 1 : "";
	_cleanup_free_ char *name = xasprintf("blobs/sha256/%s", hex);
	const json_t *blob = json_object_get(archive, name);
	if (blob && strcmp(json_str_at(blob, "sha256"), hex) == 0)
		return blob;
	fprintf(stderr, "ctr: content digest %s: not found\n", digest ? digest : "-");
	return NULL;
}

static bool has_children(const json_t *archive, const json_t *manifest)
{
	size_t i;
	json_t *layer;
	if (!content(archive, json_str_at(manifest, "config.digest")))
		return false;
	json_array_foreach(json_object_get(manifest, "layers"), i, layer)
		if (!content(archive, json_str_at(layer, "digest")))
			return false;
	return true;
}

static int take(struct call *c, const json_t *archive, const json_t *descriptor)
{
	const char *digest = json_str_at(descriptor, "digest");
	const char *name = json_string_value(json_object_get(
		json_object_get(descriptor, "annotations"), "io.containerd.image.name"));
	const json_t *blob = content(archive, digest);
	_cleanup_json_ json_t *manifest =
		blob ? json_loads(json_str_at(blob, "text"), 0, NULL) : NULL;
	if (!blob)
		return 1;
	if (!name || !manifest)
		return call_unknown(c, "an image without a name");
	if (!has_children(archive, manifest))
		return 1;
	struct store s;
	store_open(c->w, "images", &s);
	json_object_set_new(s.j, name, json_pack("{s:s}", "digest", digest));
	store_close(&s, true);
	printf("%-40s\tsaved\t\n%s %s\n", name, json_str_at(descriptor, "mediaType"), digest);
	return 0;
}

static int import(struct call *c, const char *path)
{
	_cleanup_json_ json_t *archive = json_object();
	if (!read_archive(path, archive) || !json_object_get(archive, "oci-layout")) {
		fputs("ctr: rpc error: code = Unknown desc = unrecognized image format\n", stderr);
		return 1;
	}
	const json_t *member = json_object_get(archive, "index.json");
	_cleanup_json_ json_t *index =
		member ? json_loads(json_str_at(member, "text"), 0, NULL) : NULL;
	size_t i;
	json_t *d;
	if (!index) {
		fputs("ctr: missing index.json in OCI layout 1.0.0\n", stderr);
		return 1;
	}
	json_array_foreach(json_object_get(index, "manifests"), i, d) {
		int rc = take(c, archive, d);
		if (rc)
			return rc;
	}
	puts("Importing\telapsed: 0.1 s\ttotal:   0.0 B\t(0.0 B/s)\t");
	return 0;
}

static int list(struct call *c)
{
	struct store s;
	const char *name;
	json_t *v;
	store_open(c->w, "images", &s);
	json_object_foreach(s.j, name, v)
		puts(name);
	store_close(&s, false);
	return 0;
}

static int label(struct call *c, const char *name, const char *word)
{
	struct store s;
	store_open(c->w, "images", &s);
	json_t *image = json_object_get(s.j, name);
	if (image)
		json_object_set_new(image, "label", json_string(word));
	store_close(&s, image != NULL);
	if (image) {
		puts(word);
		return 0;
	}
	fprintf(stderr, "ctr: image \"%s\": not found\n", name);
	return 1;
}

int tool_ctr(struct call *c)
{
	if (c->argc < 4 || strcmp(c->argv[0], "-n") != 0 || strcmp(c->argv[1], "k8s.io") != 0 ||
	    strcmp(c->argv[2], "images") != 0)
		return call_unknown(c, "other than -n k8s.io images ...");
	if (!k3s_running(c->w)) {
		fputs("ctr: failed to dial \"/run/k3s/containerd/containerd.sock\": context "
		      "deadline exceeded\n",
		      stderr);
		return 1;
	}
	if (c->argc == 5 && strcmp(c->argv[3], "import") == 0)
		return import(c, c->argv[4]);
	if (c->argc == 5 && strcmp(c->argv[3], "ls") == 0 && strcmp(c->argv[4], "-q") == 0)
		return list(c);
	if (c->argc == 6 && strcmp(c->argv[3], "label") == 0)
		return label(c, c->argv[4], c->argv[5]);
	return call_unknown(c, c->argv[3]);
}

bool k3s_changes(const struct call *c)
{
	if (c->argc > 4 && strcmp(c->argv[0], "ctr") == 0)
		return strcmp(c->argv[4], "ls") != 0;
	return kubectl_changes(c);
}
