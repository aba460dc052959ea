/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The simulated world of a rehearsal: one folder that looks like a small Debian, with stand-ins for
 * the tools, and one process that answers HTTP and DNS. All state is in DIR/world/NAME.json. */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

struct world {
	char *root; /* DIR, absolute */
	char *self; /* this program, absolute */
};

#define EXIT_NOT_MODELLED 64

/* The world itself cannot go on: says so on stderr and exits 70. */
void world_die(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

/* DIR/rel; rel starts with a slash. New. */
char *world_path(const struct world *w, const char *rel);

/* Walks up from a path to the folder that holds world/world.json. New; NULL: none. */
char *world_find(const char *from);

/* A text file below DIR: whole, new, NULL when missing. And back, parents made. */
char *world_read(const struct world *w, const char *rel, size_t *ret_len);
void world_write(const struct world *w, const char *rel, const void *data, size_t len,
		 unsigned mode);
void world_printf(const struct world *w, const char *rel, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
bool world_exists(const struct world *w, const char *rel);

/* True when word is one of the words, which spaces separate. */
bool world_word_in(const char *words, const char *word);

/* Seconds as RFC 3339: "2026-11-22T23:31:15Z", and with nanoseconds. New. */
char *world_now(void);
char *world_now_ns(void);

/* A JSON file DIR/world/NAME.json under its own lock, from open to close. */
struct store {
	char *path;
	int lock;
	json_t *j; /* an object; {} when there was no file */
};
void store_open(const struct world *w, const char *name, struct store *ret);
void store_close(struct store *s, bool save);

/* world.json, read only, no lock. New. */
json_t *world_info(const struct world *w);

/* --- one call of a stand-in --- */
struct call {
	const struct world *w;
	const char *name;   /* "helm" */
	const char *script; /* path of the stand-in */
	int argc;	    /* arguments without the name */
	char **argv;
	char *in; /* stdin where the tool reads it, NUL-terminated; else NULL */
	size_t in_len;
	json_t *rule; /* the scenario's rule that struck, or NULL */
};

struct tool {
	const char *name;
	int (*run)(struct call *c);
	bool (*changes)(const struct call *c); /* NULL: never */
};
const struct tool *tool_find(const char *name);

/* An argument or form that the stand-in does not know. */
int call_unknown(const struct call *c, const char *what);

/* Appends to calls.jsonl. in may be NULL. */
void call_note(const struct world *w, const char *tool, int argc, char *const *argv, bool mutating,
	       const char *in, size_t in_len);

/* The version in the stand-in's second line ("# stand-in: helm v4.2.4"). New; NULL: none. */
char *script_marker(const char *path, char **ret_version);

/* --- scenario.json --- */
/* The rule that strikes now for this tool call or HTTP request, with its counter raised. New or
 * NULL. */
json_t *scenario_tool(const struct world *w, const char *tool, const char *args);
json_t *scenario_http(const struct world *w, const char *host, const char *path);
json_t *scenario_dns(const struct world *w, const char *name, const char *type);

/* SIGKILL to the engine of this world: our parent, or who holds its lock. */
void scenario_kill_engine(const struct world *w);

/* Does what a rule says if its "when" is this ("before", "middle", "after"); may not come back. */
void scenario_act(const struct world *w, const json_t *rule, const char *when);

/* Makes FILE the scenario of this world. */
void scenario_install(const struct world *w, const char *file);

/* A scenario's text with its open places filled. New. */
char *scenario_fill(const struct world *w, const char *text);

/* A named setting of the scenario ("knobs"), or NULL. New. */
char *scenario_knob(const struct world *w, const char *name);

/* --- the tools --- */
int tool_apt(struct call *c);
int tool_apt_dpkg(struct call *c);
int tool_dpkg_query(struct call *c);
int tool_systemctl(struct call *c);
int tool_k3s(struct call *c);
int tool_ctr(struct call *c);
int tool_k3s_install(struct call *c);
int tool_k3s_uninstall(struct call *c);
int tool_helm(struct call *c);
int tool_kubectl(struct call *c);
int tool_timedatectl(struct call *c);
int tool_journalctl(struct call *c);
int tool_firewall(struct call *c);
int tool_misc(struct call *c);
bool apt_changes(const struct call *c);
bool systemctl_changes(const struct call *c);
bool helm_changes(const struct call *c);
bool kubectl_changes(const struct call *c);
bool k3s_changes(const struct call *c);
bool firewall_changes(const struct call *c);
bool always_changes(const struct call *c);

/* --- the machine: host.json --- */
/* Looks at k3s.service once: an activating unit comes nearer to active. True: the API answers. */
bool k3s_poll(const struct world *w);
bool k3s_running(const struct world *w);

/* K3s' /etc/rancher/k3s/config.yaml with drop-ins, and the registered data folder. New. */
json_t *k3s_config(const struct world *w, char **ret_bad);

/* --- serving --- */
int serve_main(int argc, char **argv);
int stop_main(int argc, char **argv);

/* The folder as a fresh machine; does nothing where it is one already. */
void rootfs_populate(const struct world *w);
/* What listens and what is routed, with or without K3s. */
void rootfs_ports(const struct world *w, bool k3s);
/* The firewall that the scenario wants. */
void rootfs_firewall(const struct world *w);

/* Everything that can be downloaded, in DIR/world/files; artefacts.json tells names and digests. */
void artefacts_make(const struct world *w);
json_t *artefacts(const struct world *w); /* {NAME: {"file", "sha256", "version"}}; new */
#ifdef __aarch64__
#define MACHINE_ARCH "arm64"
#define K3S_FILE "k3s-arm64" /* of a release */
#else
#define MACHINE_ARCH "amd64"
#define K3S_FILE "k3s"
#endif
