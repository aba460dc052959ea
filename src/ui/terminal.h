/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What the terminal can draw. The name of its device tells more than TERM: TERM=linux is possible over
 * SSH (Debian's network console sets it), and sudo drops SSH_CONNECTION. */
#pragma once

#include <stdbool.h>

/* The font of a Linux console has at most 512 signs and none of Chinese; what is behind a serial line is
 * not known. False for these, and where the locale names another charset than UTF-8. True for what is no
 * terminal at all. */
bool terminal_draws_chinese(void);

/* Signs beyond ASCII may be drawn. */
bool terminal_draws_utf8(void);

/* The same of a device's name ("/dev/tty1", "/dev/ttyS0", "/dev/pts/3"), and of a locale's ("zh_CN.GBK"). Pure. */
bool terminal_is_console(const char *device);
bool terminal_is_serial(const char *device);
bool terminal_charset_is_utf8(const char *locale);
