/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The chart's jobs before and after the release, and what they leave behind; the marks of
 * ownership. */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/helm.h"

void helm_own(json_t *object, const struct helm_args *a)
{
	json_t *meta = json_object_get(object, "metadata");
	static const char *const members[] = { "annotations", "labels" };
	for (size_t i = 0; i < ARRAY_LEN(members); i++)
		if (!json_object_get(meta, members[i]))
			json_object_set_new(meta, members[i], json_object());
	json_object_set_new(json_object_get(meta, "labels"), "app.kubernetes.io/managed-by",
			    json_string("Helm"));
	json_object_set_new(json_object_get(meta, "annotations"), "meta.helm.sh/release-name",
			    json_string(a->release));
	json_object_set_new(json_object_get(meta, "annotations"), "meta.helm.sh/release-namespace",
			    json_string(a->ns));
}

/* What the chart's own jobs leave behind. */
static void run_hook(struct cluster *cl, const struct helm_args *a, const json_t *hook)
{
	const char *name = json_str_at(hook, "metadata.name");
	_cleanup_free_ char *secret = xasprintf("%s-generated", a->release);
	if (text_ends(name, "-init-secrets") && !cluster_get(cl, "secrets", a->ns, secret)) {
		static const char *const keys[] = {
			"ELEMENT_CALL_LIVEKIT_SECRET",
			"MAS_ECDSA_PRIME256V1_PRIVATE_KEY",
			"MAS_ENCRYPTION_SECRET",
			"MAS_RSA_PRIVATE_KEY",
			"MAS_SYNAPSE_SHARED_SECRET",
			"POSTGRES_ADMIN_PASSWORD",
			"POSTGRES_MATRIX_AUTHENTICATION_SERVICE_PASSWORD",
			"POSTGRES_SYNAPSE_PASSWORD",
			"SYNAPSE_EXTRA",
			"SYNAPSE_MACAROON",
			"SYNAPSE_REGISTRATION_SHARED_SECRET",
			"SYNAPSE_SIGNING_KEY",
		};
		json_t *data = json_object();
		for (size_t i = 0; i < ARRAY_LEN(keys); i++)
			json_object_set_new(data, keys[i], json_string("cmVoZWFyc2Fs"));
		cluster_put(cl,
			    json_pack("{s:s, s:s, s:{s:s, s:s, s:{s:s}}, s:s, s:o}", "apiVersion",
				      "v1", "kind", "Secret", "metadata", "name", secret,
				      "namespace", a->ns, "labels", "app.kubernetes.io/managed-by",
				      "matrix-tools-init-secrets", "type", "Opaque", "data", data));
	}
	if (text_ends(name, "-deployment-markers-pre")) {
		_cleanup_free_ char *markers = xasprintf("%s-markers", a->release);
		cluster_put(cl,
			    json_pack("{s:s, s:s, s:{s:s, s:s, s:{s:s}}, s:{s:s}}", "apiVersion",
				      "v1", "kind", "ConfigMap", "metadata", "name", markers,
				      "namespace", a->ns, "labels", "app.kubernetes.io/managed-by",
				      "matrix-tools-deployment-markers", "data",
				      "MATRIX_STACK_MSC3861", "delegated_auth"));
	}
}

int helm_run_hooks(struct cluster *cl, const struct helm_args *a, const json_t *objects,
		   const char *when, char **ret_error)
{
	_cleanup_free_ char *fails = scenario_knob(cl->w, "helm.hook_fails");
	json_t *o;
	size_t i;
	json_array_foreach(objects, i, o) {
		if (!helm_is_hook(o, when))
			continue;
		const char *name = json_str_at(o, "metadata.name");
		json_t *live = NULL;
		helm_own(o, a);
		if (apply_object(cl, o, "helm", false, &live, ret_error) < 0)
			return -1;
		json_decref(live);
		if (strcmp(json_str_at(o, "kind"), "Job") != 0)
			continue;
		if (fails && strcmp(fails, name) == 0) {
			*ret_error = xasprintf("Error: failed %s: 1 error occurred:\n\t* job %s "
					       "failed: BackoffLimitExceeded\n",
					       when, name);
			return -1;
		}
		run_hook(cl, a, o);
	}
	return 0;
}
