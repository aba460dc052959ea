/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "client/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "model/paths.h"

#define ANSWER_MAX ((size_t)1 << 20)

struct probe {
	pid_t pid;
	int out;     /* its stdout, not blocking */
	char *said;
	size_t len;
};

char **probe_environment(void)
{
	static const char *const passed[] = { "ESS_SETUP_ROOT", "ESS_SETUP_LIBEXEC", "TZ", "ASAN_OPTIONS",
					      "UBSAN_OPTIONS", "LSAN_OPTIONS" };
	char **env = NULL;

	strv_add(&env, xstrdup("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"));
	strv_add(&env, xstrdup("LC_ALL=C.UTF-8"));
	strv_add(&env, xstrdup("HOME=/root"));
	for (size_t i = 0; i < ARRAY_LEN(passed); i++) {
		const char *v = getenv(passed[i]);
		if (v)
			strv_add(&env, xasprintf("%s=%s", passed[i], v));
	}
	return env;
}

/* A file in memory: unlike a pipe it takes all of it at once. */
static int input_fd(const json_t *input, struct err *e)
{
	_cleanup_secret_ char *text = json_dumps(input, JSON_COMPACT);
	size_t len = text ? strlen(text) : 0;
	int fd = memfd_create("probe", MFD_CLOEXEC);

	if (fd >= 0 && text && write(fd, text, len) == (ssize_t)len && lseek(fd, 0, SEEK_SET) == 0)
		return fd;
	err_set(e, FAULT_INTERNAL, N_("memfd_create: %s"), strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}

static void exec_probe(const char *what, int in, int out, char **env)
{
	_cleanup_free_ char *engine = xasprintf("%s/ess-engine", path_libexec());
	const char *argv[] = { "ess-engine", "probe", what, NULL };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	setpgid(0, 0); /* ^C in a plain terminal is not meant for it */
	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	if (chdir("/") < 0)
		_exit(126);
	execve(engine, (char **)argv, env);
	_exit(127);
}

struct probe *probe_start(const char *what, const json_t *input, struct err *e)
{
	_cleanup_close_ int in = input_fd(input, e);
	_cleanup_strv_ char **env = probe_environment();
	int fds[2];

	if (in < 0)
		return NULL;
	if (pipe2(fds, O_CLOEXEC) < 0) {
		err_set(e, FAULT_INTERNAL, N_("pipe: %s"), strerror(errno));
		return NULL;
	}
	pid_t pid = fork();
	if (pid == 0)
		exec_probe(what, in, fds[1], env);
	close(fds[1]);
	if (pid < 0) {
		close(fds[0]);
		err_set(e, FAULT_INTERNAL, N_("fork: %s"), strerror(errno));
		return NULL;
	}
	fcntl(fds[0], F_SETFL, O_NONBLOCK);
	struct probe *p = xcalloc(1, sizeof(*p));
	*p = (struct probe){ .pid = pid, .out = fds[0], .said = xcalloc(1, 1) };
	return p;
}

/* 1 at its end, 0 when there is no more now, -1 when it says too much. */
static int read_more(struct probe *p)
{
	char buf[4096];

	for (;;) {
		ssize_t n = read(p->out, buf, sizeof(buf));
		if (n == 0)
			return 1;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno == EAGAIN ? 0 : -1;
		if (p->len + (size_t)n > ANSWER_MAX)
			return -1;
		p->said = xreallocarray(p->said, p->len + (size_t)n + 1, 1);
		memcpy(p->said + p->len, buf, (size_t)n);
		p->len += (size_t)n;
		p->said[p->len] = '\0';
	}
}

int probe_poll(struct probe *p, json_t **ret, struct err *e)
{
	int r = read_more(p);

	if (r == 0)
		return 0;
	json_t *answer = r > 0 ? json_parse(p->said, p->len, FAULT_COMMAND_OUTPUT, "ess-engine probe", e) : NULL;
	if (!answer)
		return err_set(e, FAULT_COMMAND_OUTPUT, N_("%s ended without a word"), "ess-engine probe");
	*ret = answer;
	return 1;
}

void probe_free(struct probe *p)
{
	if (!p)
		return;
	kill(p->pid, SIGKILL); /* it only looks: nothing is left half done */
	while (waitpid(p->pid, NULL, 0) < 0 && errno == EINTR)
		;
	close(p->out);
	free(p->said);
	free(p);
}
