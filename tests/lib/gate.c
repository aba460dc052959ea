/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The gate as a filter, for tests: gate SERVER SYNAPSE AUTH RTC WEB ADMIN PORT <MANIFEST; ADMIN "-" is
 * none. Prints what offends, one a line; status 0, 1 with offences, 2 when it cannot be read. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/mem.h"
#include "steps/gate.h"
#include "steps/manifest.h"

int main(int argc, char **argv)
{
	_cleanup_gate_report_ struct gate_report report = { 0 };
	_cleanup_free_ char *text = xcalloc(MANIFEST_MAX, 1);
	struct err e = ERR_INIT;

	if (argc != 8)
		return 2;
	const struct gate_names names = {
		.server_name = argv[1],
		.synapse = argv[2],
		.auth = argv[3],
		.rtc = argv[4],
		.web = argv[5],
		.admin = strcmp(argv[6], "-") ? argv[6] : NULL,
		.https_port = (unsigned)strtoul(argv[7], NULL, 10),
	};
	size_t len = fread(text, 1, MANIFEST_MAX, stdin);
	if (gate_check(text, len, &names, &report, &e) == 0)
		return 0;
	for (size_t i = 0; i < report.n; i++)
		printf("%s %s: %s\n", report.v[i].object, report.v[i].field, report.v[i].text);
	if (report.n)
		return 1;
	_cleanup_free_ char *said = err_text(&e);
	puts(said);
	return 2;
}
