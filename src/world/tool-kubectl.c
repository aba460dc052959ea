/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* kubectl: the forms that the steps use, with the words of kubectl 1.35. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/cluster.h"
#include "world/kubectl.h"

bool kubectl_changes(const struct call *c)
{
	int i = c->argc && strcmp(c->argv[0], "kubectl") == 0; /* k3s kubectl */
	if (i >= c->argc)
		return false;
	const char *verb = c->argv[i];
	if (strcmp(verb, "apply") == 0) {
		for (; i < c->argc; i++)
			if (text_starts(c->argv[i], "--dry-run"))
				return false;
		return true;
	}
	if (strcmp(verb, "exec") == 0)
		return mas_changes(c);
	return strcmp(verb, "delete") == 0 || strcmp(verb, "rollout") == 0 ||
	       strcmp(verb, "scale") == 0 || strcmp(verb, "patch") == 0 ||
	       strcmp(verb, "annotate") == 0;
}

static void unreachable(const char *server, bool raw)
{
	char stamp[32] = "E1122 23:32:56.023223";
	for (int i = 0; i < 5 && !raw; i++)
		fprintf(stderr,
			"%s %7ld memcache.go:265] \"Unhandled Error\" err=\"couldn't get current "
			"server API group "
			"list: Get \\\"%s/api?timeout=32s\\\": dial tcp %s: connect: connection "
			"refused\"\n",
			stamp, (long)getpid(), server,
			strstr(server, "localhost") ? "127.0.0.1:8080" : strstr(server, "//") + 2);
	fprintf(stderr,
		"The connection to the server %s was refused - did you specify the right host or "
		"port?\n",
		strstr(server, "//") + 2);
}

bool kubectl_server(const struct call *c, bool raw)
{
	const char *config = getenv("KUBECONFIG");
	if (!config || access(config, R_OK) != 0) {
		unreachable("http://localhost:8080", raw);
		return false;
	}
	if (k3s_poll(c->w))
		return true;
	unreachable("https://127.0.0.1:6443", raw);
	return false;
}

static int version(struct call *c)
{
	_cleanup_json_ json_t *v =
		json_pack("{s:{s:s, s:s, s:s, s:s, s:s}, s:s}", "clientVersion", "major", "1",
			  "minor", "36", "gitVersion", "v1.36.2+k3s1", "gitTreeState", "clean",
			  "platform", "linux/amd64", "kustomizeVersion", "v5.7.1");
	bool up = kubectl_server(c, true);
	if (up) {
		struct cluster cl;
		cluster_open(c->w, &cl);
		const char *git = json_str_at(cl.st.j, "version");
		json_object_set_new(v, "serverVersion",
				    json_pack("{s:s, s:s, s:s, s:s}", "major", "1", "minor", "36",
					      "gitVersion", git ? git : "v1.36.2+k3s1", "platform",
					      "linux/amd64"));
		cluster_close(&cl);
	}
	_cleanup_free_ char *text = json_dumps(v, JSON_INDENT(2));
	puts(text);
	return up ? 0 : 1;
}

static void print_result(const json_t *object, bool dry)
{
	const struct kind *k = kind_of(object);
	_cleanup_free_ char *low = xstrdup(k->kind);
	for (char *at = low; *at; at++)
		*at = (char)(*at >= 'A' && *at <= 'Z' ? *at + 32 : *at);
	printf("%s%s%s/%s serverside-applied%s\n", low, k->group[0] ? "." : "", k->group,
	       json_str_at(object, "metadata.name"), dry ? " (server dry run)" : "");
}

static int apply(struct call *c)
{
	bool server = false, force = false, dry = false, json = false, file = false;
	const char *manager = NULL;
	for (int i = 1; i < c->argc; i++) {
		const char *a = c->argv[i], *next = i + 1 < c->argc ? c->argv[i + 1] : "";
		if (strcmp(a, "--server-side") == 0)
			server = true;
		else if (strcmp(a, "--force-conflicts") == 0)
			force = true;
		else if (text_starts(a, "--field-manager="))
			manager = strchr(a, '=') + 1;
		else if (strcmp(a, "--dry-run=server") == 0)
			dry = true;
		else if (strcmp(a, "-o") == 0 && strcmp(next, "json") == 0)
			json = true, i++;
		else if (strcmp(a, "-f") == 0 && strcmp(next, "-") == 0)
			file = true, i++;
		else
			return call_unknown(c, a);
	}
	if (!server || !force || !manager || !file)
		return call_unknown(
			c,
			"apply without --server-side, --force-conflicts, --field-manager or -f -");
	_cleanup_json_ json_t *in = json_loadb(c->in, c->in_len, 0, NULL);
	if (!in) {
		fputs("error: no objects passed to apply\n", stderr);
		return 1;
	}
	if (!kubectl_server(c, false))
		return 1;

	struct cluster cl;
	cluster_open(c->w, &cl);
	const char *kind = json_str_at(in, "kind");
	_cleanup_json_ json_t *list = kind && strcmp(kind, "List") == 0
					      ? json_incref(json_object_get(in, "items"))
					      : json_pack("[O]", in);
	_cleanup_json_ json_t *done = json_array();
	json_t *one;
	size_t i;
	int rc = 0;
	json_array_foreach(list, i, one) {
		json_t *live;
		_cleanup_free_ char *error = NULL;
		if (apply_object(&cl, one, manager, dry, &live, &error) < 0) {
			fprintf(stderr, "%s\n", error);
			rc = 1;
			continue;
		}
		json_array_append_new(done, live);
		if (!json)
			print_result(live, dry);
	}
	cluster_close(&cl);
	scenario_act(c->w, c->rule, "middle");
	if (json && rc == 0) {
		_cleanup_json_ json_t *out =
			json_array_size(done) == 1 && !json_is_array(json_object_get(in, "items"))
				? json_incref(json_array_get(done, 0))
				: json_pack("{s:s, s:O, s:s, s:{s:s}}", "apiVersion", "v1", "items",
					    done, "kind", "List", "metadata", "resourceVersion",
					    "");
		_cleanup_free_ char *text = json_dumps(out, JSON_INDENT(4) | JSON_SORT_KEYS);
		puts(text);
	}
	return rc;
}

static int delete (struct call *c)
{
	const char *word[2] = { NULL, NULL }, *ns = "default";
	bool ignore = false;
	int n = 0;
	for (int i = 1; i < c->argc; i++) {
		const char *a = c->argv[i];
		if (strcmp(a, "--ignore-not-found") == 0)
			ignore = true;
		else if (text_starts(a, "--timeout=") || strcmp(a, "--wait=true") == 0)
			continue;
		else if (strcmp(a, "-n") == 0 && i + 1 < c->argc)
			ns = c->argv[++i];
		else if (*a == '-' || n == 2)
			return call_unknown(c, a);
		else
			word[n++] = a;
	}
	if (n != 2)
		return call_unknown(c, "delete without KIND NAME");
	if (!kubectl_server(c, false))
		return 1;
	struct cluster cl;
	cluster_open(c->w, &cl);
	const struct kind *k = kind_find(word[0]);
	int rc = 0;
	if (!k || !cluster_knows(&cl, k)) {
		fprintf(stderr, "error: the server doesn't have a resource type \"%.*s\"\n",
			(int)strcspn(word[0], "."), word[0]);
		rc = 1;
	} else if (cluster_get(&cl, k->plural, ns, word[1])) {
		if (strcmp(k->plural, "namespaces") == 0)
			cluster_delete_namespace(&cl, word[1]);
		else
			cluster_delete(&cl, k->plural, ns, word[1]);
		printf("%.*s%s%s \"%s\" deleted%s%s%s\n", (int)strcspn(k->singular, " "),
		       k->singular, k->group[0] ? "." : "", k->group, word[1],
		       k->namespaced ? " from " : "", k->namespaced ? ns : "",
		       k->namespaced ? " namespace" : "");
	} else if (!ignore) {
		fprintf(stderr, "Error from server (NotFound): %s%s%s \"%s\" not found\n",
			k->plural, k->group[0] ? "." : "", k->group, word[1]);
		rc = 1;
	}
	cluster_close(&cl);
	return rc;
}

static int rollout(struct call *c)
{
	if (c->argc != 5 || strcmp(c->argv[1], "restart") != 0 || strcmp(c->argv[3], "-n") != 0)
		return call_unknown(c, "rollout other than: rollout restart KIND/NAME -n NS");
	const char *slash = strchr(c->argv[2], '/'), *ns = c->argv[4];
	if (!slash)
		return call_unknown(c, c->argv[2]);
	if (!kubectl_server(c, false))
		return 1;
	_cleanup_free_ char *word = xstrndup(c->argv[2], (size_t)(slash - c->argv[2]));
	const struct kind *k = kind_find(word);
	if (!k || strcmp(k->group, "apps") != 0)
		return call_unknown(c, word);
	struct cluster cl;
	cluster_open(c->w, &cl);
	json_t *old = cluster_get(&cl, k->plural, ns, slash + 1);
	if (!old) {
		cluster_close(&cl);
		fprintf(stderr, "Error from server (NotFound): %s.%s \"%s\" not found\n", k->plural,
			k->group, slash + 1);
		return 1;
	}
	_cleanup_free_ char *now = world_now_ns();
	json_t *patch = json_pack("{s:{s:{s:{s:{s:s}}}}}", "spec", "template", "metadata",
				  "annotations", "kubectl.kubernetes.io/restartedAt", now);
	json_t *fresh = json_deep_copy(old);
	apply_merge(fresh, NULL, patch);
	json_decref(patch);
	cluster_put(&cl, fresh);
	cluster_close(&cl);
	printf("%.*s.%s/%s restarted\n", (int)strcspn(k->singular, " "), k->singular, k->group,
	       slash + 1);
	return 0;
}

static int logs(struct call *c)
{
	const char *target = NULL;
	for (int i = 1; i < c->argc; i++) {
		const char *a = c->argv[i];
		if ((strcmp(a, "-n") == 0 || strcmp(a, "-c") == 0) && i + 1 < c->argc)
			i++;
		else if (text_starts(a, "--tail="))
			continue;
		else if (*a == '-' || target)
			return call_unknown(c, a);
		else
			target = a;
	}
	if (!target)
		return call_unknown(c, "logs of nothing");
	if (!kubectl_server(c, false))
		return 1;
	struct cluster cl;
	cluster_open(c->w, &cl);
	const char *helm = strcmp(target, "job/helm-install-traefik") == 0
				   ? json_str_at(cl.st.j, "traefik_log")
				   : NULL;
	if (helm)
		puts(helm);
	else
		printf("(rehearsal) %s: started\n(rehearsal) %s: ready\n", target, target);
	cluster_close(&cl);
	return 0;
}

int tool_kubectl(struct call *c)
{
	static const struct {
		const char *verb;
		int (*run)(struct call *);
	} verbs[] = {
		{ "apply", apply },	{ "delete", delete }, { "exec", kubectl_exec },
		{ "get", kubectl_get }, { "logs", logs },     { "rollout", rollout },
	};
	if (c->argc == 3 && strcmp(c->argv[0], "version") == 0 && strcmp(c->argv[1], "-o") == 0 &&
	    strcmp(c->argv[2], "json") == 0)
		return version(c);
	for (size_t i = 0; c->argc && i < ARRAY_LEN(verbs); i++)
		if (strcmp(verbs[i].verb, c->argv[0]) == 0)
			return verbs[i].run(c);
	return call_unknown(c, c->argc ? c->argv[0] : "no verb");
}
