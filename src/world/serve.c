/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* ess-world serve: makes the folder, listens on loopback, answers; a process for each connection.
 * It ends when told to, when its folder is gone, or after ten minutes without a question or an
 * engine. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/dns.h"
#include "world/serve.h"
#include "world/tls.h"

/* A public address of the sort that a household has; nothing is ever sent there. */
#define PUBLIC_ADDRESS "1.2.3.4"

struct options {
	const char *root, *domain, *address, *scenario;
	bool detach, existing;
};

/* --- sockets --- */

static int bind_to(int type, unsigned port, unsigned *ret_port)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(sa);
	int on = 1, fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		world_die("no socket: %s", strerror(errno));
	if (type == SOCK_STREAM)
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 ||
	    (type == SOCK_STREAM && listen(fd, 64) < 0) ||
	    getsockname(fd, (struct sockaddr *)&sa, &len) < 0) {
		close(fd);
		return -1;
	}
	*ret_port = ntohs(sa.sin_port);
	return fd;
}

/* The ports of the last time where they are free: they stand in the configuration of the engine. */
static void listen_all(struct server *s)
{
	_cleanup_json_ json_t *last = world_info(&s->w);
	s->http = bind_to(SOCK_STREAM, (unsigned)json_int_at(last, "http_port", 0), &s->http_port);
	if (s->http < 0)
		s->http = bind_to(SOCK_STREAM, 0, &s->http_port);
	unsigned unused, wanted = (unsigned)json_int_at(last, "dns_port", 0);
	s->stun = bind_to(SOCK_DGRAM, s->http_port, &unused);
	for (int tries = 0; tries < 50; tries++, wanted = 0) {
		s->udp = bind_to(SOCK_DGRAM, wanted, &s->dns_port);
		s->tcp = s->udp < 0 ? -1 : bind_to(SOCK_STREAM, s->dns_port, &s->dns_port);
		if (s->tcp >= 0)
			break;
		if (s->udp >= 0)
			close(s->udp);
	}
	if (s->http < 0 || s->tcp < 0)
		world_die("no free port on loopback");
}

/* --- files that tell others --- */

static void write_info(struct server *s, const struct options *o)
{
	_cleanup_json_ json_t *info = json_pack(
		"{s:i, s:s, s:s, s:s, s:I, s:I, s:I}", "format", 1, "root", s->w.root, "program",
		s->w.self, "public_address", o->address, "http_port", (json_int_t)s->http_port,
		"dns_port", (json_int_t)s->dns_port, "pid", (json_int_t)getpid());
	_cleanup_free_ char *text = json_pretty(info);
	world_write(&s->w, "/world/world.json", text, strlen(text), 0644);
}

/* The checksums that the program has built in are those of the real files. */
static json_t *digests(const json_t *files)
{
	static const char *const names[][2] = {
		{ "k3s-v1.36.3+k3s1", "-" MACHINE_ARCH },
		{ "helm-v4.2.4", "-linux-" MACHINE_ARCH ".tar.gz" },
		{ "cert-manager-v1.21.1", ".tgz" },
	};
	json_t *list = json_array();
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		_cleanup_free_ char *row = xasprintf("%s%s=%s", names[i][0], names[i][1],
						     json_str_at(json_object_get(files, names[i][0]), "sha256"));
		json_array_append_new(list, json_string(row));
	}
	return list;
}

static void write_overlay(struct server *s)
{
	_cleanup_json_ json_t *files = artefacts(&s->w);
	_cleanup_free_ char *ca = world_path(&s->w, "/world/ca.pem");
	_cleanup_free_ char *map = xasprintf("::127.0.0.1:%u", s->http_port),
			    *authority = xasprintf(":53:127.0.0.1:%u", s->dns_port), *dns = xasprintf("127.0.0.1:%u", s->dns_port);
	struct store store;
	store_open(&s->w, "dns", &store);
	_cleanup_json_ json_t *o = json_pack(
		"{s:{s:o, s:[s, s], s:[s], s:s, s:s}, s:{s:s}}", "config", "supply.digests", digests(files), "network.connect_to",
		authority, map,
		"network.resolvers", dns, "network.ca_file", ca, "supply.k3s_install_sha256",
		json_str_at(json_object_get(files, "k3s-install.sh"), "sha256"), "secrets",
		"cloudflare.token", json_str_at(store.j, "token"));
	store_close(&store, false);
	_cleanup_free_ char *text = json_pretty(o);
	world_write(&s->w, "/world/overlay.json", text, strlen(text), 0600);
}

/* --- starting --- */

/* 0 becomes the server, 1 there is one already. */
static int take_over(const struct world *w, int *ret_lock)
{
	_cleanup_free_ char *path = world_path(w, "/world/serve.lock");
	*ret_lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	struct flock fl = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	if (*ret_lock < 0)
		world_die("cannot open %s: %s", path, strerror(errno));
	return fcntl(*ret_lock, F_OFD_SETLK, &fl) < 0;
}

/* Any Kubernetes that somebody else set up: no K3s unit, a kubeconfig, kubectl. */
static void make_existing(const struct world *w)
{
	struct store host;
	_cleanup_free_ char *script = xasprintf("#!%s\n# stand-in: kubectl\n", w->self);
	store_open(w, "host", &host);
	json_object_set_new(host.j, "existing", json_true());
	store_close(&host, true);
	world_write(w, "/usr/local/bin/kubectl", script, strlen(script), 0755);
	world_printf(w, "/root/kubeconfig",
		     "apiVersion: v1\nkind: Config\nclusters:\n- cluster:\n    server: "
		     "https://192.168.1.30:6443\n"
		     "  name: other\n");
	struct store s;
	store_open(w, "cluster", &s);
	if (!json_object_get(s.j, "version")) {
		json_object_set_new(s.j, "version", json_string("v1.35.4"));
		json_object_set_new(s.j, "node", json_string("other"));
		json_object_set_new(s.j, "crds", json_object());
		json_object_set_new(s.j, "service_cidr", json_string("10.96.0.0/16"));
	}
	store_close(&s, true);
}

static void prepare(struct server *s, const struct options *o)
{
	_cleanup_free_ char *dir = world_path(&s->w, "/world");
	fs_mkdir_p(dir, 0755, NULL);
	rootfs_populate(&s->w);
	if (o->existing)
		make_existing(&s->w);
}

static int parse(int argc, char **argv, struct options *o)
{
	*o = (struct options){ .address = PUBLIC_ADDRESS };
	const struct {
		const char *name;
		const char **to;
	} values[] = {
		{ "--root", &o->root },
		{ "--domain", &o->domain },
		{ "--public-address", &o->address },
		{ "--scenario", &o->scenario },
	};
	for (int i = 0; i < argc; i++) {
		size_t k = 0;
		if (strcmp(argv[i], "--detach") == 0) {
			o->detach = true;
			continue;
		}
		if (strcmp(argv[i], "--existing") == 0) {
			o->existing = true;
			continue;
		}
		while (k < ARRAY_LEN(values) && strcmp(values[k].name, argv[i]) != 0)
			k++;
		if (k == ARRAY_LEN(values) || i + 1 >= argc) {
			fprintf(stderr, "ess-world: unknown option %s\n", argv[i]);
			return -1;
		}
		*values[k].to = argv[++i];
	}
	return o->root ? 0 : -1;
}

static char *absolute(const char *path)
{
	fs_mkdir_p(path, 0755, NULL);
	char *real = realpath(path, NULL);
	if (!real)
		world_die("cannot make %s: %s", path, strerror(errno));
	return real;
}

/* The daemon's half: no terminal, no session, no descriptors of the caller. */
static void leave(void)
{
	setsid();
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (null >= 0)
		for (int fd = 0; fd < 3; fd++)
			dup2(null, fd);
	if (chdir("/") < 0)
		_exit(70);
}

/* Forks the server; the caller goes on when it listens. True in the server. */
static bool detach(void)
{
	int ready[2];
	char byte;
	if (pipe2(ready, O_CLOEXEC) < 0)
		world_die("no pipe: %s", strerror(errno));
	fflush(stdout);
	if (fork() == 0) {
		close(ready[0]);
		leave();
		/* stays open until the sockets listen; see serve_main */
		dup2(ready[1], STDIN_FILENO);
		return true;
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1)
		world_die("the server did not start");
	return false;
}

int serve_main(int argc, char **argv)
{
	struct options o;
	if (parse(argc, argv, &o) < 0)
		return EXIT_NOT_MODELLED;
	struct server s = { .w = { .root = absolute(o.root),
				   .self = realpath("/proc/self/exe", NULL) } };
	_cleanup_free_ char *dir = world_path(&s.w, "/world");
	int lock;
	fs_mkdir_p(dir, 0755, NULL);
	bool served = take_over(&s.w, &lock);
	if (!served)
		prepare(&s, &o);
	dns_setup(&s.w, o.domain, o.address);
	if (o.scenario)
		scenario_install(&s.w, o.scenario);
	rootfs_firewall(&s.w);
	/* The lock goes over to the child with its descriptor. */
	if (served || (o.detach && !detach())) {
		puts("ready");
		free(s.w.root);
		free(s.w.self);
		return 0;
	}
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	s.tls = tls_load(&s.w);
	listen_all(&s);
	write_info(&s, &o);
	write_overlay(&s);
	if (o.detach) {
		if (write(STDIN_FILENO, "r", 1) != 1)
			return 1;
		dup2(STDOUT_FILENO, STDIN_FILENO);
	} else {
		puts("ready");
		fflush(stdout);
	}
	int rc = serve_loop(&s);
	tls_free(s.tls);
	free(s.w.root);
	free(s.w.self);
	return rc;
}

int stop_main(int argc, char **argv)
{
	if (argc != 2 || strcmp(argv[0], "--root") != 0)
		return EXIT_NOT_MODELLED;
	struct world w = { .root = absolute(argv[1]), .self = NULL };
	int lock;
	_cleanup_json_ json_t *info = world_info(&w);
	pid_t pid = (pid_t)json_int_at(info, "pid", 0);
	bool served = world_exists(&w, "/world/serve.lock") && take_over(&w, &lock);
	if (served && pid > 1)
		kill(pid, SIGTERM);
	for (int i = 0; served && i < 200; i++) {
		close(lock);
		if (!take_over(&w, &lock))
			break;
		const struct timespec ts = { .tv_nsec = 10000000 };
		nanosleep(&ts, NULL);
	}
	free(w.root);
	return 0;
}
