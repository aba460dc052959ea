/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "ui/terminal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/text.h"

/* Kernel, Documentation/admin-guide/devices.txt: tty0-tty63 and console are virtual consoles. */
bool terminal_is_console(const char *device)
{
	if (!strcmp(device, "/dev/console"))
		return true;
	return text_starts(device, "/dev/tty") && isdigit((unsigned char)device[strlen("/dev/tty")]);
}

/* ttyS0, ttyUSB0, ttyAMA0, ...; hvc0 and xvc0 of virtual machines are lines of the same kind. */
bool terminal_is_serial(const char *device)
{
	if (text_starts(device, "/dev/hvc") || text_starts(device, "/dev/xvc"))
		return true;
	return text_starts(device, "/dev/tty") && isupper((unsigned char)device[strlen("/dev/tty")]);
}

/* A locale without a charset says nothing about the terminal: C is what root has on a Chinese Debian. */
bool terminal_charset_is_utf8(const char *locale)
{
	const char *charset = locale ? strchr(locale, '.') : NULL;

	return !charset || !strncasecmp(charset + 1, "utf-8", 5) || !strncasecmp(charset + 1, "utf8", 4);
}

static bool locale_is_utf8(void)
{
	static const char *const vars[] = { "LC_ALL", "LC_CTYPE", "LANG" };

	for (size_t i = 0; i < ARRAY_LEN(vars); i++) {
		const char *v = getenv(vars[i]);
		if (v && *v)
			return terminal_charset_is_utf8(v);
	}
	return true;
}

static const char *device(void)
{
	const char *name = isatty(STDOUT_FILENO) ? ttyname(STDOUT_FILENO) : NULL;
	return name ? name : "";
}

bool terminal_draws_utf8(void)
{
	return !isatty(STDOUT_FILENO) || (!terminal_is_serial(device()) && locale_is_utf8());
}

bool terminal_draws_chinese(void)
{
	return terminal_draws_utf8() && !terminal_is_console(device());
}
