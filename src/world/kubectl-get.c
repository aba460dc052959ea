/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* kubectl get ... -o json. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/cluster.h"
#include "world/kubectl.h"

struct query {
	const char *kind, *name, *ns, *selector;
	bool all, ignore;
};

static bool selected(const json_t *object, const char *selector)
{
	if (!selector)
		return true;
	const json_t *labels = json_at(object, "metadata.labels");
	_cleanup_strv_ char **terms = text_split(selector, ',');
	for (char **t = terms; t && *t; t++) {
		char *eq = strchr(*t, '=');
		if (!eq)
			return false;
		*eq = '\0';
		const char *want = eq[1] == '=' ? eq + 2 : eq + 1;
		const char *have = json_string_value(json_object_get(labels, *t));
		if (!have || strcmp(have, want) != 0)
			return false;
	}
	return true;
}

static int by_key(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static json_t *list(const struct cluster *cl, const struct kind *k, const struct query *q)
{
	_cleanup_free_ char *prefix = xasprintf("%s%s%s/%s%s", k->plural, k->group[0] ? "." : "",
						k->group, k->namespaced && !q->all ? q->ns : "",
						k->namespaced && q->all ? "" : "/");
	_cleanup_free_ const char **keys =
		xcalloc(json_object_size(cl->objects) + 1, sizeof(*keys));
	const char *key;
	json_t *o;
	size_t n = 0;
	json_object_foreach(cl->objects, key, o)
		if (text_starts(key, prefix) && selected(o, q->selector))
			keys[n++] = key;
	qsort(keys, n, sizeof(*keys), by_key);
	json_t *items = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append(items, json_object_get(cl->objects, keys[i]));
	return json_pack("{s:s, s:o, s:s, s:{s:s}}", "apiVersion", "v1", "items", items, "kind",
			 "List", "metadata", "resourceVersion", "");
}

static int answer(const struct cluster *cl, const struct query *q)
{
	const struct kind *k = kind_find(q->kind);
	if (!k || !cluster_knows(cl, k)) {
		fprintf(stderr, "error: the server doesn't have a resource type \"%.*s\"\n",
			(int)strcspn(q->kind, "."), q->kind);
		return 1;
	}
	_cleanup_json_ json_t *out = NULL;
	if (q->name) {
		out = json_incref(cluster_get(cl, k->plural, q->ns, q->name));
		if (!out && !q->ignore)
			fprintf(stderr, "Error from server (NotFound): %s%s%s \"%s\" not found\n",
				k->plural, k->group[0] ? "." : "", k->group, q->name);
		if (!out)
			return q->ignore ? 0 : 1;
	} else {
		out = list(cl, k, q);
		if (q->ignore && json_array_size(json_object_get(out, "items")) == 0)
			return 0;
	}
	_cleanup_free_ char *text = json_dumps(out, JSON_INDENT(4) | JSON_SORT_KEYS);
	puts(text);
	return 0;
}

#define SFU_METRICS "--raw=/api/v1/namespaces/ess/services/ess-matrix-rtc-sfu:6789/proxy/metrics"

/* As livekit's pkg/telemetry/prometheus/rooms.go registers it. The knob: a number, or anything else
 * for an SFU that does not answer. */
static int sfu_metrics(const struct call *c)
{
	_cleanup_free_ char *knob = scenario_knob(c->w, "rtc.participants");
	struct cluster cl;
	cluster_open(c->w, &cl);
	bool there = cluster_get(&cl, "services", "ess", "ess-matrix-rtc-sfu") != NULL;
	cluster_close(&cl);
	if (!there) {
		fputs("Error from server (NotFound): services \"ess-matrix-rtc-sfu\" not found\n",
		      stderr);
		return 1;
	}
	if (knob && (!*knob || knob[strspn(knob, "0123456789")])) {
		fputs("Error from server (ServiceUnavailable): the server is currently unable to "
		      "handle the request\n",
		      stderr);
		return 1;
	}
	printf("# HELP livekit_participant_total \n# TYPE livekit_participant_total gauge\n"
	       "livekit_participant_total{node_id=\"ND_sim\",node_type=\"SERVER\"} %s\n",
	       knob ? knob : "0");
	return 0;
}

int kubectl_get(struct call *c)
{
	struct query q = { .ns = "default" };
	bool json = false;
	if (c->argc == 2 && strcmp(c->argv[1], "--raw=/readyz") == 0) {
		if (!kubectl_server(c, true))
			return 1;
		fputs("ok", stdout);
		return 0;
	}
	if (c->argc == 2 && strcmp(c->argv[1], SFU_METRICS) == 0)
		return kubectl_server(c, false) ? sfu_metrics(c) : 1;
	for (int i = 1; i < c->argc; i++) {
		const char *a = c->argv[i], *next = i + 1 < c->argc ? c->argv[i + 1] : NULL;
		if (strcmp(a, "-n") == 0 && next)
			q.ns = c->argv[++i];
		else if (strcmp(a, "-l") == 0 && next)
			q.selector = c->argv[++i];
		else if (strcmp(a, "-o") == 0 && next && strcmp(next, "json") == 0)
			json = true, i++;
		else if (strcmp(a, "-A") == 0)
			q.all = true;
		else if (strcmp(a, "--ignore-not-found") == 0)
			q.ignore = true;
		else if (*a == '-')
			return call_unknown(c, a);
		else if (!q.kind)
			q.kind = a;
		else if (!q.name)
			q.name = a;
		else
			return call_unknown(c, a);
	}
	if (!q.kind || !json)
		return call_unknown(c, "get without a kind or -o json");
	if (!kubectl_server(c, false))
		return 1;
	struct cluster cl;
	cluster_open(c->w, &cl);
	int rc = answer(&cl, &q);
	cluster_close(&cl);
	return rc;
}
