/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Every path of the program; the only place that knows $ESS_SETUP_ROOT. */
#pragma once

enum path_id {
	PATH_CONFIG,       /* /var/lib/ess-setup/config.json */
	PATH_REQUEST,      /* /var/lib/ess-setup/request.json */
	PATH_SECRETS,      /* /var/lib/ess-setup/secrets.json */
	PATH_KEPT,         /* /var/lib/ess-setup/kept.json: what outlives the cluster, sealed */
	PATH_KEY,          /* /var/lib/ess-setup/key */
	PATH_STATE,        /* /var/lib/ess-setup/state.json */
	PATH_STATE_DIR,    /* /var/lib/ess-setup */
	PATH_GENERATED,    /* /var/lib/ess-setup/generated: values.json and what else is rendered */
	PATH_RUN_DIR,      /* /run/ess-setup */
	PATH_LOCK,         /* /run/ess-setup/lock */
	PATH_LOG_DIR,      /* /var/log/ess-setup */
	PATH_LOG_CURRENT,  /* /var/log/ess-setup/current: symlink to the newest run's folder */
	PATH_CACHE,        /* /var/cache/ess-setup: downloads */
	PATH_BUNDLE,       /* /var/lib/ess-setup/bundle.json: of the bundle in use */
	PATH_HANDOVER,     /* /var/lib/ess-setup/handover.txt */
	PATH_IDS
};

/* The root prefix: $ESS_SETUP_ROOT without trailing slashes, "" when unset. Borrowed. */
const char *path_root(void);

/* A file of the program, under the root. New. */
char *path_get(enum path_id id);

/* Any absolute path ("/etc/os-release") under the root. New. */
char *path_under(const char *absolute);

/* The search path for commands: the usual system folders under the root. New. */
char *path_commands(void);

/* $ESS_SETUP_LIBEXEC, else where "make install" put the helper programs. Borrowed. */
const char *path_libexec(void);
