/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* helm uninstall: everything of the release but what its policy keeps. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "world/helm.h"

int helm_uninstall(struct call *c, const struct helm_args *a, bool ignore)
{
	struct cluster cl;
	cluster_open(c->w, &cl);
	_cleanup_json_ json_t *last = record_newest(&cl, a->release, a->ns);
	if (!last) {
		cluster_close(&cl);
		if (ignore)
			return 0;
		fprintf(stderr, "Error: uninstall: Release not loaded: %s: release: not found\n",
			a->release);
		return 1;
	}
	_cleanup_free_ char *kept = xstrdup("");
	const char *kind;
	json_t *list, *o;
	size_t i;
	json_object_foreach(json_object_get(json_object_get(last, "info"), "resources"), kind,
			    list) {
		json_array_foreach(list, i, o) {
			const struct kind *k = kind_of(o);
			const char *name = json_str_at(o, "metadata.name");
			json_t *live = k ? cluster_get(&cl, k->plural, a->ns, name) : NULL;
			if (!live)
				continue;
			if (!json_object_get(json_at(live, "metadata.annotations"),
					     "helm.sh/resource-policy")) {
				cluster_delete(&cl, k->plural, a->ns, name);
				continue;
			}
			char *more = xasprintf("%s[%s] %s\n", kept, k->kind, name);
			free(kept);
			kept = more;
		}
	}
	record_delete_all(&cl, a->release, a->ns);
	cluster_close(&cl);
	if (*kept)
		printf("These resources were kept due to the resource policy:\n%s\n", kept);
	printf("release \"%s\" uninstalled\n", a->release);
	return 0;
}
