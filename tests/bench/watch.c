/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* watch PROGRAM ARG...: runs it with its output thrown away, and prints as JSON its exit status, its
 * memory (the peak, VmHWM, and what is its own at the end, RssAnon), its time on the processor, its wall
 * time, and how much of that passed while a command that it started was running. By ptrace(2): rusage
 * would mix in the commands, and whoever looks from time to time would miss the end. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define TRACEES_MAX 4096

struct watch {
	pid_t program;
	pid_t seen[TRACEES_MAX]; /* whose first stop was met */
	size_t nseen;
	pid_t running[TRACEES_MAX]; /* commands of the program */
	size_t nrunning, ncommands;
	double since, in_commands; /* ms */
	long peak_kib, own_kib; /* own: not pages of files, such as those of libraries */
	double cpu_ms;
};

static double now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void die(const char *what)
{
	fprintf(stderr, "watch: %s: %s\n", what, strerror(errno));
	exit(1);
}

static bool take_out(pid_t *list, size_t *n, pid_t pid)
{
	for (size_t i = 0; i < *n; i++)
		if (list[i] == pid) {
			list[i] = list[--*n];
			return true;
		}
	return false;
}

static void add(pid_t *list, size_t *n, pid_t pid)
{
	if (*n == TRACEES_MAX) {
		errno = E2BIG;
		die("processes");
	}
	list[(*n)++] = pid;
}

static void command_begins(struct watch *w, pid_t pid)
{
	if (w->nrunning == 0)
		w->since = now_ms();
	add(w->running, &w->nrunning, pid);
	w->ncommands++;
}

static void command_ends(struct watch *w, pid_t pid)
{
	if (take_out(w->running, &w->nrunning, pid) && w->nrunning == 0)
		w->in_commands += now_ms() - w->since;
}

/* At its exit the program still has its memory. */
static void program_ends(struct watch *w)
{
	char path[64], line[256];
	unsigned long long ns = 0;

	snprintf(path, sizeof(path), "/proc/%d/status", w->program);
	FILE *f = fopen(path, "re");
	while (f && fgets(line, sizeof(line), f)) {
		if (!strncmp(line, "VmHWM:", 6))
			w->peak_kib = strtol(line + 6, NULL, 10);
		if (!strncmp(line, "RssAnon:", 8))
			w->own_kib = strtol(line + 8, NULL, 10);
	}
	if (f)
		fclose(f);
	snprintf(path, sizeof(path), "/proc/%d/schedstat", w->program);
	f = fopen(path, "re");
	if (f && fscanf(f, "%llu", &ns) == 1)
		w->cpu_ms = (double)ns / 1e6;
	if (f)
		fclose(f);
}

/* Returns the signal that the stopped process shall get. */
static int stopped(struct watch *w, pid_t pid, int status)
{
	int event = status >> 16, sig = WSTOPSIG(status);
	unsigned long child;

	if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK) {
		if (pid == w->program && ptrace(PTRACE_GETEVENTMSG, pid, NULL, &child) == 0)
			command_begins(w, (pid_t)child);
		return 0;
	}
	if (event == PTRACE_EVENT_EXIT && pid == w->program)
		program_ends(w);
	if (event || sig == SIGTRAP)
		return 0;
	for (size_t i = 0; sig == SIGSTOP && i < w->nseen; i++)
		if (w->seen[i] == pid)
			return sig;
	if (sig == SIGSTOP) { /* every new tracee begins with one */
		add(w->seen, &w->nseen, pid);
		return 0;
	}
	return sig;
}

static int run(struct watch *w)
{
	int status;
	for (;;) {
		pid_t pid = waitpid(-1, &status, __WALL);
		if (pid < 0 && errno == EINTR)
			continue;
		if (pid < 0)
			die("waitpid");
		if (WIFSTOPPED(status)) {
			ptrace(PTRACE_CONT, pid, NULL, (void *)(long)stopped(w, pid, status));
			continue;
		}
		command_ends(w, pid);
		take_out(w->seen, &w->nseen, pid);
		if (pid == w->program)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	}
}

static void start(struct watch *w, char **argv)
{
	int status;

	w->program = fork();
	if (w->program < 0)
		die("fork");
	if (w->program == 0) {
		int null = open("/dev/null", O_WRONLY);
		dup2(null, 1);
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execv(argv[0], argv);
		_exit(127);
	}
	if (waitpid(w->program, &status, 0) < 0 || !WIFSTOPPED(status))
		die(argv[0]);
	if (ptrace(PTRACE_SETOPTIONS, w->program, NULL,
		   (void *)(PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
			    PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL)) < 0)
		die("PTRACE_SETOPTIONS");
}

int main(int argc, char **argv)
{
	static struct watch w;

	if (argc < 2) {
		errno = EINVAL;
		die("usage: watch PROGRAM ARG...");
	}
	start(&w, argv + 1);
	double begin = now_ms();
	ptrace(PTRACE_CONT, w.program, NULL, NULL);
	int status = run(&w);
	double wall = now_ms() - begin;
	printf("{\"status\": %d, \"peak_kib\": %ld, \"own_kib\": %ld, \"cpu_ms\": %.3f, "
	       "\"wall_ms\": %.3f, \"commands\": %zu, \"in_commands_ms\": %.3f}\n",
	       status, w.peak_kib, w.own_kib, w.cpu_ms, wall, w.ncommands, w.in_commands);
	return 0;
}
