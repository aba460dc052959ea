/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* make bench: times the post-renderer and the gate on a manifest, beside libyaml copying it from
 * events to events and, where it is installed, yq doing the same. Usage: post-render FILE [MS MIB]:
 * with limits it fails when the post-renderer needs more. */
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <yaml.h>

#include "base/fs.h"
#include "base/mem.h"
#include "steps/gate.h"
#include "steps/manifest.h"
#include "steps/postrender.h"

#define ROUNDS 25

static double now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void pass_post_render(const char *in, size_t len)
{
	struct err e = ERR_INIT;
	char *out = NULL;
	size_t out_len;
	if (postrender(in, len, &out, &out_len, &e) < 0) {
		_cleanup_free_ char *text = err_text(&e);
		fprintf(stderr, "%s\n", text);
		exit(1);
	}
	free(out);
}

/* The names do not matter for the time; the answer is not looked at. */
static void pass_gate(const char *in, size_t len)
{
	static const struct gate_names names = { "example.com",
						 "matrix.example.com",
						 "account.example.com",
						 "mrtc.example.com",
						 "chat.example.com",
						 "admin.example.com",
						 8443 };
	_cleanup_gate_report_ struct gate_report report = { 0 };
	gate_check(in, len, &names, &report, NULL);
}

static int drop(void *arg, unsigned char *data, size_t len)
{
	*(size_t *)arg += len;
	return data != NULL;
}

static void pass_libyaml(const char *in, size_t len)
{
	yaml_parser_t parser;
	yaml_emitter_t emitter;
	yaml_event_t ev;
	size_t written = 0;
	bool end = false;
	yaml_parser_initialize(&parser);
	yaml_emitter_initialize(&emitter);
	yaml_parser_set_input_string(&parser, (const unsigned char *)in, len);
	yaml_emitter_set_output(&emitter, drop, &written);
	while (!end && yaml_parser_parse(&parser, &ev)) {
		end = ev.type == YAML_STREAM_END_EVENT;
		yaml_emitter_emit(&emitter, &ev);
	}
	yaml_emitter_delete(&emitter);
	yaml_parser_delete(&parser);
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static double median(void (*pass)(const char *, size_t), const char *in, size_t len)
{
	double t[ROUNDS];
	for (size_t i = 0; i < ROUNDS; i++) {
		double begin = now_ms();
		pass(in, len);
		t[i] = now_ms() - begin;
	}
	qsort(t, ROUNDS, sizeof(t[0]), compare);
	return t[ROUNDS / 2];
}

/* Most memory that one pass holds, beside what a process has anyway. */
static double peak_mib(const char *in, size_t len)
{
	struct rusage usage;
	int status;
	pid_t pid = fork();
	if (pid == 0) {
		pass_post_render(in, len);
		_exit(0);
	}
	if (pid < 0 || wait4(pid, &status, 0, &usage) < 0)
		return -1;
	return (double)usage.ru_maxrss / 1024;
}

extern char **environ;

/* Milliseconds of one run, or -1. */
static double run_yq(const char *const *argv)
{
	posix_spawn_file_actions_t to_null;
	pid_t pid;
	int status = 1;
	posix_spawn_file_actions_init(&to_null);
	posix_spawn_file_actions_addopen(&to_null, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&to_null, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	double begin = now_ms();
	int r = posix_spawnp(&pid, argv[0], &to_null, NULL, (char *const *)argv, environ);
	if (r == 0)
		waitpid(pid, &status, 0);
	double time = now_ms() - begin;
	posix_spawn_file_actions_destroy(&to_null);
	return r == 0 && status == 0 ? time : -1;
}

int main(int argc, char **argv)
{
	_cleanup_free_ char *in = NULL;
	size_t len;
	if (argc != 2 && argc != 4)
		return 2;
	if (fs_read(argv[1], MANIFEST_MAX, &in, &len, NULL) < 0) {
		fprintf(stderr, "%s cannot be read\n", argv[1]);
		return 2;
	}
	const char *const python_yq[] = { "yq", "-y", ".", argv[1], NULL };
	const char *const go_yq[] = { "yq", ".", argv[1], NULL };
	double mib = peak_mib(in, len), ms = median(pass_post_render, in, len);
	double yq = run_yq(python_yq);
	yq = yq < 0 ? run_yq(go_yq) : yq;
	printf("%s: %zu kB\n", argv[1], len / 1024);
	printf("post-render       %8.1f ms  %5.1f MiB\n", ms, mib);
	printf("gate              %8.1f ms\n", median(pass_gate, in, len));
	printf("libyaml identity  %8.1f ms\n", median(pass_libyaml, in, len));
	if (yq >= 0)
		printf("yq identity       %8.1f ms\n", yq);
	if (argc == 4 && (ms > atof(argv[2]) || mib > atof(argv[3]))) {
		printf("post-render is over its limits of %s ms and %s MiB\n", argv[2], argv[3]);
		return 1;
	}
	return 0;
}
