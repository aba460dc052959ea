/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The cert-manager chart: three Deployments, their Services, and its kinds when crds.enabled is
 * true. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "world/chart.h"

/* deploy/charts/cert-manager/values.yaml, v1.21 */
const char *const cert_manager_values =
	"global crds installCRDs imageRegistry imageNamespace replicaCount strategy "
	"podDisruptionBudget featureGates "
	"maxConcurrentChallenges image clusterResourceNamespace namespace fullnameOverride "
	"nameOverride serviceAccount "
	"automountServiceAccountToken enableCertificateOwnerRef config dns01RecursiveNameservers "
	"dns01RecursiveNameserversOnly disableAutoApproval approveSignerNames extraArgs extraEnv "
	"resources "
	"securityContext containerSecurityContext volumes volumeMounts deploymentAnnotations "
	"podAnnotations podLabels "
	"serviceAnnotations serviceLabels serviceIPFamilyPolicy serviceIPFamilies podDnsPolicy "
	"podDnsConfig "
	"hostAliases nodeSelector ingressShim http_proxy https_proxy no_proxy affinity tolerations "
	"topologySpreadConstraints livenessProbe readinessProbe enableServiceLinks prometheus "
	"webhook cainjector "
	"acmesolver startupapicheck extraObjects creator enabled hostUsers runtimeClassName";

static json_t *meta(const struct release *r, const char *name, const char *component)
{
	_cleanup_free_ char *chart = xasprintf("%s-%s", r->chart->name, r->chart->version);
	return json_pack("{s:s, s:s, s:{s:s, s:s, s:s, s:s, s:s, s:s}}", "name", name, "namespace",
			 r->ns, "labels", "app", name, "app.kubernetes.io/component", component,
			 "app.kubernetes.io/instance", r->name, "app.kubernetes.io/managed-by",
			 "Helm", "app.kubernetes.io/version", r->chart->version, "helm.sh/chart",
			 chart);
}

static json_t *arguments(const struct release *r)
{
	json_t *args =
		json_pack("[s, s]", "--v=2", "--cluster-resource-namespace=$(POD_NAMESPACE)");
	const char *servers = json_str_at(r->values, "dns01RecursiveNameservers");
	_cleanup_free_ char *flag =
		servers ? xasprintf("--dns01-recursive-nameservers=%s", servers) : NULL;
	if (servers && *servers)
		json_array_append_new(args, json_string(flag));
	if (json_is_true(json_at(r->values, "dns01RecursiveNameserversOnly")))
		json_array_append_new(args, json_string("--dns01-recursive-nameservers-only"));
	const json_t *more = json_at(r->values, "extraArgs");
	if (json_is_array(more))
		json_array_extend(args, (json_t *)more);
	return args;
}

static json_t *deployment(const struct release *r, const char *name, const char *component,
			  json_t *args)
{
	_cleanup_free_ char *image =
		xasprintf("quay.io/jetstack/cert-manager-%s:%s", component, r->chart->version);
	return json_pack(
		"{s:s, s:s, s:o, s:{s:i, s:{s:{s:s}}, s:{s:{s:{s:s}}, s:{s:[{s:s, s:s, s:o}]}}}}",
		"apiVersion", "apps/v1", "kind", "Deployment", "metadata", meta(r, name, component),
		"spec", "replicas", 1, "selector", "matchLabels", "app", name, "template",
		"metadata", "labels", "app", name, "spec", "containers", "name", component, "image",
		image, "args", args);
}

json_t *cert_manager_objects(const struct release *r)
{
	json_t *all = json_array();
	static const char *const parts[][2] = { { "cert-manager", "controller" },
						{ "cert-manager-cainjector", "cainjector" },
						{ "cert-manager-webhook", "webhook" } };
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		json_array_append_new(all, json_pack("{s:s, s:s, s:o}", "apiVersion", "v1", "kind",
						     "ServiceAccount", "metadata",
						     meta(r, parts[i][0], parts[i][1])));
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		json_array_append_new(
			all, json_pack("{s:s, s:s, s:o, s:{s:[{s:s, s:i, s:i}], s:{s:s}, s:s}}",
				       "apiVersion", "v1", "kind", "Service", "metadata",
				       meta(r, parts[i][0], parts[i][1]), "spec", "ports", "name",
				       i == 2 ? "https" : "metrics", "port", i == 2 ? 443 : 9402,
				       "targetPort", i == 2 ? 10250 : 9402, "selector", "app",
				       parts[i][0], "type", "ClusterIP"));
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		json_array_append_new(all,
				      deployment(r, parts[i][0], parts[i][1],
						 i ? json_pack("[s]", "--v=2") : arguments(r)));
	json_t *check = meta(r, "cert-manager-startupapicheck", "startupapicheck");
	json_object_set_new(check, "annotations",
			    json_pack("{s:s, s:s}", "helm.sh/hook", "post-install",
				      "helm.sh/hook-weight", "1"));
	json_array_append_new(all, json_pack("{s:s, s:s, s:o, s:{s:i}}", "apiVersion", "batch/v1",
					     "kind", "Job", "metadata", check, "spec",
					     "backoffLimit", 4));
	return all;
}
