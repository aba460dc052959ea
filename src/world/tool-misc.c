/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Small tools of the machine. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/world.h"

int tool_timedatectl(struct call *c)
{
	_cleanup_free_ char *args =
		c->argc ? text_join((const char *const *)c->argv, " ") : xstrdup("");
	if (strcmp(args, "show -p NTPSynchronized --value") != 0)
		return call_unknown(c, args);
	_cleanup_free_ char *knob = scenario_knob(c->w, "clock.synchronized");
	puts(knob ? knob : "yes");
	return 0;
}

int tool_misc(struct call *c)
{
	_cleanup_free_ char *args =
		c->argc ? text_join((const char *const *)c->argv, " ") : xstrdup("");
	if (strcmp(c->name, "df") == 0 && text_starts(args, "-B1 --output=avail,target /") &&
	    c->argc == 3) {
		_cleanup_free_ char *space = scenario_knob(c->w, "disk.free");
		printf("      Avail Mounted on\n%s /\n", space ? space : "42949672960");
		return 0;
	}
	if (strcmp(c->name, "modprobe") == 0 && c->argc && c->argv[c->argc - 1][0] != '-')
		return 0;
	if (strcmp(c->name, "ip") == 0 && strcmp(args, "-j route show") == 0) {
		puts("[{\"dst\":\"default\",\"gateway\":\"192.168.1.1\",\"dev\":\"eth0\"},"
		     "{\"dst\":\"192.168.1.0/24\",\"dev\":\"eth0\",\"prefsrc\":\"192.168.1.20\"}]");
		return 0;
	}
	if (strcmp(c->name, "ip") == 0 && strcmp(args, "-j -4 addr show") == 0) {
		puts("[{\"ifname\":\"eth0\",\"addr_info\":[{\"family\":\"inet\",\"local\":\"192."
		     "168.1.20\",\"prefixlen\":24}]}]");
		return 0;
	}
	return call_unknown(c, args);
}
