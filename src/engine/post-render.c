/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* ess-engine post-render: a filter between helm and the cluster, manifest in, manifest out. Helm 3
 * calls it as the executable of --post-renderer, Helm 4 as a postrenderer/v1 plugin. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/mem.h"
#include "engine/engine.h"
#include "steps/manifest.h"
#include "steps/postrender.h"

/* One byte more than is allowed: postrender() refuses it then by its size. */
static int read_all(int fd, char **ret, size_t *ret_len, struct err *e)
{
	size_t len = 0, room = 256 * 1024;
	_cleanup_free_ char *buf = xcalloc(room, 1);
	while (len <= MANIFEST_MAX) {
		if (len == room)
			buf = xreallocarray(buf, room *= 2, 1);
		ssize_t n = read(fd, buf + len, room - len);
		if (n < 0 && errno == EINTR && engine_cancelled)
			return err_set(e, FAULT_CANCELLED,
				       N_("The manifest was not read: cancelled."));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(e, FAULT_IO, N_("The manifest could not be read: %s"),
				       strerror(errno));
		if (n == 0)
			break;
		len += (size_t)n;
	}
	*ret = steal(buf);
	*ret_len = len;
	return 0;
}

static int write_all(int fd, const char *buf, size_t len, struct err *e)
{
	while (len > 0) {
		ssize_t n = write(fd, buf, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_set(e, FAULT_IO, N_("The manifest could not be written: %s"),
				       strerror(errno));
		buf += n;
		len -= (size_t)n;
	}
	return 0;
}

static int filter(struct err *e)
{
	_cleanup_free_ char *in = NULL, *out = NULL;
	size_t len = 0, out_len = 0;
	if (read_all(STDIN_FILENO, &in, &len, e) < 0 || postrender(in, len, &out, &out_len, e) < 0)
		return -1;
	return write_all(STDOUT_FILENO, out, out_len, e);
}

int engine_post_render(int argc, char **argv)
{
	struct err e = ERR_INIT;
	if (argc > 1) {
		err_set(&e, FAULT_USAGE, N_("post-render takes no arguments, but got \"%s\"."),
			argv[1]);
	} else if (filter(&e) == 0) {
		return EXIT_SUCCESS;
	}
	_cleanup_free_ char *text = err_text(&e);
	fprintf(stderr, "ess-engine post-render: %s %s\n", fault_card(e.fault)->id, text);
	return EXIT_FAILURE;
}
