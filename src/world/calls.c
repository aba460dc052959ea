/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* calls.jsonl: every call of a stand-in and every HTTP request, one line each. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/world.h"

int call_unknown(const struct call *c, const char *what)
{
	fprintf(stderr, "ess-world: %s: not modelled: %s (in:", c->name, what);
	for (int i = 0; i < c->argc; i++)
		fprintf(stderr, " %s", c->argv[i]);
	fputs(")\n", stderr);
	return EXIT_NOT_MODELLED;
}

void call_note(const struct world *w, const char *tool, int argc, char *const *argv, bool mutating,
	       const char *in, size_t in_len)
{
	json_t *list = json_array();
	for (int i = 0; i < argc; i++)
		json_array_append_new(list, json_text(argv[i]));
	_cleanup_json_ json_t *line =
		json_pack("{s:s, s:o, s:b}", "tool", tool, "argv", list, "mutating", mutating);
	if (in) {
		_cleanup_free_ char *sum = crypto_sha256(in, in_len);
		json_object_set_new(line, "stdin_sha256", json_string(sum));
	}
	_cleanup_free_ char *flat = json_dumps(line, JSON_COMPACT);
	_cleanup_free_ char *text = xasprintf("%s\n", flat);
	_cleanup_free_ char *path = world_path(w, "/world/calls.jsonl");
	_cleanup_close_ int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	size_t len = strlen(text);
	if (fd < 0 || write(fd, text, len) != (ssize_t)len)
		world_die("cannot write %s", path);
}

char *script_marker(const char *path, char **ret_version)
{
	if (ret_version)
		*ret_version = NULL;
	_cleanup_fclose_ FILE *f = fopen(path, "re");
	char line[4096];
	if (!f || !fgets(line, sizeof(line), f) || !fgets(line, sizeof(line), f) ||
	    !text_starts(line, "# stand-in: "))
		return NULL;
	char name[64], version[64] = "";
	if (sscanf(line, "# stand-in: %63s %63s", name, version) < 1)
		return NULL;
	if (ret_version && version[0])
		*ret_version = xstrdup(version);
	return xstrdup(name);
}
