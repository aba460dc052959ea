/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* kubectl exec: commands inside the pods. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/cluster.h"
#include "world/kubectl.h"

static int command_start(const struct call *c)
{
	for (int i = 0; i < c->argc; i++)
		if (strcmp(c->argv[i], "--") == 0)
			return i + 1;
	return c->argc;
}

bool mas_changes(const struct call *c)
{
	static const char *const reading[] = { "list-admin-users", "doctor", "--help", "--version",
					       "--dry-run" };
	for (int i = command_start(c); i < c->argc; i++)
		for (size_t k = 0; k < ARRAY_LEN(reading); k++)
			if (strcmp(c->argv[i], reading[k]) == 0)
				return false;
	return true;
}

static bool has_container(const json_t *workload, const char *name)
{
	json_t *one;
	size_t i;
	json_array_foreach(json_at(workload, "spec.template.spec.containers"), i, one)
		if (strcmp(json_str_at(one, "name"), name) == 0)
			return true;
	return false;
}

int kubectl_exec(struct call *c)
{
	const char *ns = "default", *target = NULL, *container = NULL;
	int start = command_start(c);
	for (int i = 1; i < start - 1; i++) {
		const char *a = c->argv[i];
		if (strcmp(a, "-n") == 0)
			ns = c->argv[++i];
		else if (strcmp(a, "-c") == 0)
			container = c->argv[++i];
		else if (strcmp(a, "-i") == 0 || strcmp(a, "-t") == 0 || strcmp(a, "-it") == 0)
			continue;
		else if (*a == '-' || target)
			return call_unknown(c, a);
		else
			target = a;
	}
	const char *slash = target ? strchr(target, '/') : NULL;
	if (!slash || !container || start >= c->argc)
		return call_unknown(c, "exec without deploy/NAME, -c CONTAINER or a command");
	if (!kubectl_server(c, false))
		return 1;

	_cleanup_free_ char *word = xstrndup(target, (size_t)(slash - target));
	const struct kind *k = kind_find(word);
	struct cluster cl;
	cluster_open(c->w, &cl);
	const json_t *workload = k ? cluster_get(&cl, k->plural, ns, slash + 1) : NULL;
	int rc = 1;
	if (!workload) {
		fprintf(stderr, "Error from server (NotFound): %s.apps \"%s\" not found\n",
			k ? k->plural : word, slash + 1);
	} else if (!has_container(workload, container)) {
		fprintf(stderr,
			"Error from server (BadRequest): container %s is not valid for pod %s\n",
			container, slash + 1);
	} else if (json_int_at(workload, "status.readyReplicas", 0) < 1) {
		fputs("error: Internal error occurred: unable to upgrade connection: empty server "
		      "response\n",
		      stderr);
	} else if (strcmp(container, "matrix-authentication-service") == 0 &&
		   strcmp(c->argv[start], "mas-cli") == 0) {
		rc = mas_run(c, (const char *const *)c->argv + start + 1, c->argc - start - 1,
			     cl.st.j);
		cl.changed = true;
		if (rc && rc != EXIT_NOT_MODELLED)
			fprintf(stderr, "command terminated with exit code %d\n", rc);
	} else {
		rc = call_unknown(c, c->argv[start]);
	}
	cluster_close(&cl);
	return rc;
}
