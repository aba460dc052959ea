/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* base/meter: speeds from marks, and sizes as text. */
#include "base/mem.h"
#include "base/meter.h"
#include "tests/unit/unit.h"

#define MIB (1ll << 20)

START_TEST(speeds)
{
	struct meter m = { 0 };
	ck_assert_int_eq(meter_speed(&m, 100, 50 * MIB), -1); /* what lay there already is no speed */
	ck_assert_int_eq(meter_speed(&m, 600, 51 * MIB), -1);
	ck_assert_int_eq(meter_speed(&m, 1100, 52 * MIB), 2 * MIB);
	ck_assert_int_eq(meter_speed(&m, 5100, 60 * MIB), 2 * MIB);
	/* It stops: after two windows the old speed is forgotten. */
	for (long long t = 5200; t < 15300; t += 100)
		meter_speed(&m, t, 60 * MIB);
	ck_assert_int_eq(meter_speed(&m, 15300, 60 * MIB), 0);
	/* Begun anew. */
	ck_assert_int_eq(meter_speed(&m, 15400, MIB), -1);
	ck_assert_int_eq(meter_speed(&m, 16400, 2 * MIB), MIB);
}
END_TEST

START_TEST(texts)
{
	static const struct {
		long long n;
		const char *mib, *speed;
	} rows[] = {
		{ 0, "0.0", "0.0 KiB/s" },
		{ 300, "0.0", "0.3 KiB/s" },
		{ 314573, "0.3", "307 KiB/s" },
		{ MIB - 1, "1.0", "1024 KiB/s" },
		{ MIB + MIB / 5, "1.2", "1.2 MiB/s" },
		{ 10 * MIB - 1, "10", "10 MiB/s" },
		{ 34 * MIB + MIB / 3, "34", "34 MiB/s" },
		{ 120 * MIB, "120", "120 MiB/s" },
	};
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		_cleanup_free_ char *mib = meter_mib(rows[i].n),
				    *speed = meter_speed_text(rows[i].n);
		ck_assert_str_eq(mib, rows[i].mib);
		ck_assert_str_eq(speed, rows[i].speed);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("meter");
	TCase *t = tcase_create("meter");
	tcase_add_test(t, speeds);
	tcase_add_test(t, texts);
	suite_add_tcase(s, t);
	return unit_run(s);
}
