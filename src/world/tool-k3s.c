/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The k3s program itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "world/world.h"

int tool_k3s(struct call *c)
{
	if (c->argc == 1 && strcmp(c->argv[0], "--version") == 0) {
		_cleanup_free_ char *version = NULL;
		free(script_marker(c->script, &version));
		printf("k3s version %s (b3b2ee2f)\ngo version go1.26.10\n",
		       version ? version : "unknown");
		return 0;
	}
	if (c->argc > 1 && strcmp(c->argv[0], "kubectl") == 0) {
		struct call sub = *c;
		sub.name = "kubectl";
		sub.argc--;
		sub.argv++;
		return tool_kubectl(&sub);
	}
	if (c->argc > 1 && strcmp(c->argv[0], "ctr") == 0) {
		struct call sub = *c;
		sub.name = "ctr";
		sub.argc--;
		sub.argv++;
		return tool_ctr(&sub);
	}
	return call_unknown(c, c->argc ? c->argv[0] : "no command");
}
