/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* ui/terminal: which devices and locales can draw what. */
#include "base/mem.h"
#include "tests/unit/unit.h"
#include "ui/terminal.h"

static const struct {
	const char *device;
	bool console, serial;
} devices[] = {
	{ "/dev/tty1", true, false },	 { "/dev/tty63", true, false },	  { "/dev/console", true, false },
	{ "/dev/ttyS0", false, true },	 { "/dev/ttyUSB1", false, true }, { "/dev/ttyAMA0", false, true },
	{ "/dev/hvc0", false, true },	 { "/dev/xvc0", false, true },	  { "/dev/pts/0", false, false },
	{ "/dev/pts/12", false, false }, { "/dev/tty", false, false },	  { "", false, false },
};

START_TEST(device)
{
	ck_assert_int_eq(terminal_is_console(devices[_i].device), devices[_i].console);
	ck_assert_int_eq(terminal_is_serial(devices[_i].device), devices[_i].serial);
}
END_TEST

static const struct {
	const char *locale;
	bool utf8;
} locales[] = {
	{ "zh_CN.UTF-8", true }, { "zh_CN.utf8", true },    { "C.UTF-8", true },  { "C", true },
	{ "POSIX", true },	 { "zh_CN", true },	    { NULL, true },	  { "zh_CN.GBK", false },
	{ "zh_CN.GB18030", false }, { "en_US.ISO-8859-1", false }, { "zh_CN.UTF-8@x", true },
};

START_TEST(charset)
{
	ck_assert_int_eq(terminal_charset_is_utf8(locales[_i].locale), locales[_i].utf8);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("ui-terminal");
	TCase *t = tcase_create("names");
	tcase_add_loop_test(t, device, 0, (int)ARRAY_LEN(devices));
	tcase_add_loop_test(t, charset, 0, (int)ARRAY_LEN(locales));
	suite_add_tcase(s, t);
	return unit_run(s);
}
