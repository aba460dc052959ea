/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What the world's servers have to give: stand-ins of k3s, of its install script and of helm, and
 * charts, as real files with real digests. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/crypto.h"
#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/proc.h"
#include "world/world.h"

static const struct {
	const char *kind, *name, *version;
} given[] = {
	{ "k3s", "k3s", "v1.36.3+k3s1" },      { "k3s", "k3s", "v1.36.2+k3s1" },
	{ "k3s-images", "k3s-airgap-images", "v1.36.3+k3s1" },
	{ "k3s-images", "k3s-airgap-images", "v1.36.2+k3s1" },
	{ "script", "k3s-install.sh", "" },    { "helm", "helm", "v4.2.4" },
	{ "helm", "helm", "v3.21.4" },	       { "chart", "matrix-stack", "26.8.1" },
	{ "chart", "matrix-stack", "26.8.0" }, { "chart", "cert-manager", "v1.21.1" },
};

#define PADDING (200 * 1024)

/* A stand-in with its marker, as large as asked. New. */
static char *script(const struct world *w, const char *name, const char *version, size_t size)
{
	char *head = xasprintf("#!%s\n# stand-in: %s %s\n", w->self, name, version);
	size_t len = strlen(head);
	if (len >= size)
		return head;
	head = xreallocarray(head, size + 1, 1);
	/* lines that differ, so that a cut or a shifted copy is another file */
	for (size_t at = len; at < size; at++)
		head[at] = at % 64 == 63 ? '\n' : (char)('a' + at / 64 % 26);
	for (size_t at = (len + 63) / 64 * 64; at < size; at += 64)
		head[at] = '#';
	head[size] = '\0';
	return head;
}

static void tar(const char *archive, const char *dir, const char *member)
{
	static const char *const env[] = { "LC_ALL=C", "PATH=/usr/bin:/bin", NULL };
	const char *const argv[] = { "tar",	   "-czf",	archive,     "--sort=name",
				     "--mtime=@0", "--owner=0", "--group=0", "-C",
				     dir,	   member,	NULL };
	struct proc_result out _cleanup_proc_ = { 0 };
	struct proc_spec spec = {
		.argv = argv, .path = "/usr/bin:/bin", .env = env, .timeout_s = 30
	};
	if (proc_run(&spec, &out, NULL) < 0 || out.status != 0)
		world_die("tar cannot make %s: %s", archive,
			  out.last_err ? out.last_err : "it is missing");
}

static void make_helm(const struct world *w, const char *version, const char *file)
{
	_cleanup_free_ char *work = xasprintf("/world/work/helm-%s", version);
	_cleanup_free_ char *dir = world_path(w, work), *archive = world_path(w, file);
	_cleanup_free_ char *folder = xasprintf("linux-%s", MACHINE_ARCH);
	_cleanup_free_ char *program = xasprintf("%s/%s/helm", work, folder);
	_cleanup_free_ char *readme = xasprintf("%s/%s/README.md", work, folder);
	_cleanup_free_ char *text = script(w, "helm", version, 60 * 1024);
	world_write(w, program, text, strlen(text), 0755);
	world_printf(w, readme, "Stand-in of Helm for a rehearsal.\n");
	tar(archive, dir, folder);
}

static void make_chart(const struct world *w, const char *name, const char *version,
		       const char *file)
{
	_cleanup_free_ char *work = xasprintf("/world/work/%s-%s", name, version);
	_cleanup_free_ char *dir = world_path(w, work), *archive = world_path(w, file);
	_cleanup_free_ char *chart = xasprintf("%s/%s/Chart.yaml", work, name);
	_cleanup_free_ char *values = xasprintf("%s/%s/values.yaml", work, name);
	world_printf(w, chart,
		     "apiVersion: v2\nname: %s\nversion: %s\ntype: application\nkubeVersion: \">= "
		     "1.22.0-0\"\n",
		     name, version);
	world_printf(w, values, "{}\n");
	tar(archive, dir, name);
}

static void make(const struct world *w, size_t i, const char *file)
{
	const char *kind = given[i].kind, *version = given[i].version;
	if (strcmp(kind, "helm") == 0) {
		make_helm(w, version, file);
	} else if (strcmp(kind, "chart") == 0) {
		make_chart(w, given[i].name, version, file);
	} else {
		_cleanup_free_ char *text =
			script(w, given[i].name, version, *kind == 'k' ? PADDING : 30 * 1024);
		world_write(w, file, text, strlen(text), 0755);
	}
}

void artefacts_make(const struct world *w)
{
	_cleanup_json_ json_t *all = json_object();
	_cleanup_free_ char *files = world_path(w, "/world/files");
	fs_mkdir_p(files, 0755, NULL);
	for (size_t i = 0; i < ARRAY_LEN(given); i++) {
		_cleanup_free_ char *name = xasprintf(
			"%s%s%s", given[i].name, *given[i].version ? "-" : "", given[i].version);
		_cleanup_free_ char *file = xasprintf("/world/files/%s", name);
		make(w, i, file);
		_cleanup_free_ char *path = world_path(w, file);
		_cleanup_free_ char *sum = crypto_sha256_file(path, NULL);
		struct stat st;
		stat(path, &st);
		json_object_set_new(all, name,
				    json_pack("{s:s, s:s, s:s, s:s, s:I}", "file", file, "sha256",
					      sum, "name", given[i].name, "version",
					      given[i].version, "size", (json_int_t)st.st_size));
	}
	_cleanup_free_ char *text = json_pretty(all);
	world_write(w, "/world/artefacts.json", text, strlen(text), 0644);
}

json_t *artefacts(const struct world *w)
{
	_cleanup_free_ char *text = world_read(w, "/world/artefacts.json", NULL);
	json_t *j = text ? json_loads(text, 0, NULL) : NULL;
	return j ? j : json_object();
}
