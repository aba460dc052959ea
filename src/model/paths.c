/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Every path of the program, under $ESS_SETUP_ROOT. */
#include "model/paths.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

#define ROOT_LEN 4096

static const char *const paths[PATH_IDS] = {
	[PATH_CONFIG] = "/var/lib/ess-setup/config.json",
	[PATH_REQUEST] = "/var/lib/ess-setup/request.json",
	[PATH_SECRETS] = "/var/lib/ess-setup/secrets.json",
	[PATH_KEPT] = "/var/lib/ess-setup/kept.json",
	[PATH_KEY] = "/var/lib/ess-setup/key",
	[PATH_STATE] = "/var/lib/ess-setup/state.json",
	[PATH_STATE_DIR] = "/var/lib/ess-setup",
	[PATH_GENERATED] = "/var/lib/ess-setup/generated",
	[PATH_RUN_DIR] = "/run/ess-setup",
	[PATH_LOCK] = "/run/ess-setup/lock",
	[PATH_LOG_DIR] = "/var/log/ess-setup",
	[PATH_LOG_CURRENT] = "/var/log/ess-setup/current",
	[PATH_CACHE] = "/var/cache/ess-setup",
	[PATH_BUNDLE] = "/var/lib/ess-setup/bundle.json",
	[PATH_HANDOVER] = "/var/lib/ess-setup/handover.txt",
};

const char *path_root(void)
{
	/* Static, so that a trailing slash can be cut off without a copy for every caller to free.
	 */
	static char root[ROOT_LEN];
	const char *env = secure_getenv("ESS_SETUP_ROOT");
	size_t len = env ? strlen(env) : 0;

	if (len >= ROOT_LEN)
		abort(); /* a cut path would send every write somewhere else */
	while (len > 0 && env[len - 1] == '/')
		len--;
	if (len)
		memcpy(root, env, len);
	root[len] = '\0';
	return root;
}

char *path_under(const char *absolute)
{
	assert(absolute[0] == '/');
	return xasprintf("%s%s", path_root(), absolute);
}

char *path_get(enum path_id id)
{
	assert(id < PATH_IDS);
	return path_under(paths[id]);
}

char *path_commands(void)
{
	const char *r = path_root();
	return xasprintf("%s/usr/local/sbin:%s/usr/local/bin:%s/usr/sbin:%s/usr/bin:%s/sbin:%s/bin",
			 r, r, r, r, r, r);
}

const char *path_libexec(void)
{
	const char *dir = secure_getenv("ESS_SETUP_LIBEXEC");
	return dir && *dir ? dir : PKGLIBEXECDIR;
}
