/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* ess-dialog: asks one question on the terminal, in the words of whiptail(1). */
#include <errno.h>
#include <fcntl.h>
#include <libintl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "dialog/cols.h"
#include "dialog/run.h"
#include "dialog/screen.h"

/* The version of whiptail whose contract this is; scripts test for it. */
#define VERSION_LINE "whiptail (newt): 0.52.23\n"

static int say(int status, const char *text)
{
	fputs(text, stderr);
	return status;
}

/* The words are slang's: scripts have seen them. */
static int no_screen(enum screen_fault fault)
{
	switch (fault) {
	case SCREEN_NO_TERM: return say(1, "TERM environment variable needs set.\n");
	case SCREEN_DUMB:
		return say(1, "Your terminal lacks the ability to clear the screen or position the cursor.\n\n");
	case SCREEN_UNKNOWN: return say(1, "Unknown terminal, and neither xterm nor vt220 is described here.\n");
	case SCREEN_NO_TTY: return say(EXIT_ESC, "Failed to open terminal.");
	case SCREEN_OK: break;
	}
	return EXIT_OK;
}

/* Descriptor fd must be writable before anything is asked. */
static bool can_write(int fd)
{
	int flags = fcntl(fd, F_GETFL);
	if (flags >= 0 && (flags & O_ACCMODE) == O_RDONLY)
		errno = EINVAL;
	return flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
}

static void put(int fd, const char *text)
{
	for (size_t left = strlen(text); left;) {
		ssize_t n = write(fd, text, left);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		text += n;
		left -= (size_t)n;
	}
}

static int show(struct request *r)
{
	bool keep = r->o->mode == MODE_INFOBOX && !r->o->clear;
	if (keep)
		screen_keep_begin();
	enum screen_fault fault = screen_open();
	if (fault != SCREEN_OK) {
		if (keep)
			screen_keep_end();
		return no_screen(fault);
	}
	_cleanup_secret_ char *value = NULL;
	enum dialog_end end = request_run(r, &value);
	if (r->o->clear) {
		screen_clear(NULL, NULL);
		screen_refresh(0, 0, false);
	}
	screen_close();
	if (keep)
		screen_keep_end();
	_cleanup_secret_ char *answer = answer_text(r, end, value);
	if (answer)
		put(r->o->output_fd, answer);
	return answer_status(r, end);
}

/* Low descriptors that are closed would be taken by the files that we open. */
static void fill_descriptors(void)
{
	int fd;
	while ((fd = open("/dev/null", O_RDWR | O_CLOEXEC)) >= 0 && fd <= STDERR_FILENO)
		;
	if (fd > STDERR_FILENO)
		close(fd);
}

static int run(struct options *o, enum parse parsed, const char *bad, const char *why)
{
	if (parsed == PARSE_USAGE)
		return say(EXIT_USAGE, options_usage());
	if (o->help || o->help_all) {
		fputs(options_usage(), stdout);
		if (o->help_all)
			fputs(options_usage_more(), stdout);
		return EXIT_OK;
	}
	if (o->version) {
		fputs(VERSION_LINE, stdout);
		return EXIT_OK;
	}
	if (parsed == PARSE_BAD) {
		fprintf(stderr, "%s: %s\n", bad, why);
		return EXIT_BAD_OPTION;
	}
	if (!can_write(o->output_fd)) {
		perror("Cannot open output-fd\n");
		return EXIT_USAGE;
	}
	struct request r;
	int status = request_read(&r, o);
	if (status == EXIT_OK)
		status = show(&r);
	request_free(&r);
	return status;
}

int main(int argc, char **argv)
{
	struct options o;
	const char *bad = NULL, *why = NULL;
	cols_locale();
	enum parse parsed = options_parse(&o, argc, argv, &bad, &why);
	bool wanted = can_write(o.output_fd);
	fill_descriptors();
	if (!wanted && parsed == PARSE_OK && o.output_fd >= 0 && o.output_fd <= STDERR_FILENO)
		o.output_fd = -1;
	int status = run(&o, parsed, bad, why);
	options_free(&o);
	return status;
}
