/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Does another helm work on the same release? Our own lock keeps a second engine away, but not the
 * helm that outlived a killed engine (outside systemd nothing ends it), nor one started by hand. */
#include <ctype.h>
#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/mem.h"
#include "base/proc.h"
#include "model/paths.h"
#include "steps/helm.h"

#define CMDLINE_MAX ((size_t)1 << 20)

/* The processes are always those of the running kernel, whatever the root: under another root the
 * commands come from there too, so their path tells whose they are. */
static const char proc_dir[] = "/proc";

struct args {
	const char *v[64];
	size_t n;
};

static void split_cmdline(const char *buf, size_t len, struct args *a)
{
	a->n = 0;
	for (size_t at = 0; at < len && a->n < ARRAY_LEN(a->v); at += strlen(buf + at) + 1)
		a->v[a->n++] = buf + at;
}

static bool has_arg(const struct args *a, const char *word)
{
	for (size_t i = 0; i < a->n; i++)
		if (!strcmp(a->v[i], word))
			return true;
	return false;
}

/* A program file, or a script: then the kernel puts its path behind the interpreter's. */
static bool runs_file(const char *pid, const struct args *a, const char *file)
{
	_cleanup_free_ char *link = xasprintf("%s/%s/exe", proc_dir, pid);
	char exe[PATH_MAX];
	ssize_t n = readlink(link, exe, sizeof(exe) - 1);
	if (n > 0) {
		exe[n] = '\0';
		char *deleted = strstr(exe, " (deleted)");
		if (deleted)
			*deleted = '\0';
		if (!strcmp(exe, file))
			return true;
	}
	return a->n > 1 && !strcmp(a->v[1], file);
}

static bool is_helm_for(const char *pid, const char *helm, const char *release)
{
	_cleanup_free_ char *path = xasprintf("%s/%s/cmdline", proc_dir, pid);
	_cleanup_free_ char *buf = NULL;
	struct args a;
	size_t len;

	if (fs_read(path, CMDLINE_MAX, &buf, &len, NULL) < 0)
		return false;
	split_cmdline(buf, len, &a);
	if (!has_arg(&a, release) || !runs_file(pid, &a, helm))
		return false;
	return has_arg(&a, "upgrade") || has_arg(&a, "install") || has_arg(&a, "uninstall") ||
	       has_arg(&a, "rollback");
}

bool helm_alive(const char *release)
{
	_cleanup_free_ char *commands = path_commands();
	_cleanup_free_ char *found = proc_find("helm", commands);
	_cleanup_free_ char *helm = found ? realpath(found, NULL) : NULL;
	DIR *d = helm ? opendir(proc_dir) : NULL;
	bool alive = false;

	if (!d)
		return false;
	for (struct dirent *entry; !alive && (entry = readdir(d));)
		if (isdigit((unsigned char)entry->d_name[0]))
			alive = is_helm_for(entry->d_name, helm, release) ||
				(strcmp(found, helm) && is_helm_for(entry->d_name, found, release));
	closedir(d);
	return alive;
}
