/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The kinds of objects that the cluster knows. */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "world/cluster.h"

#define WORKLOAD                                                                                   \
	"replicas selector template strategy updateStrategy serviceName minReadySeconds "          \
	"revisionHistoryLimit progressDeadlineSeconds podManagementPolicy volumeClaimTemplates "   \
	"paused ordinals "                                                                         \
	"persistentVolumeClaimRetentionPolicy"

static const struct kind kinds[] = {
	{ "certificaterequests", "CertificateRequest", "cert-manager.io", "cert-manager.io/v1",
	  true, "cert-manager", NULL, "certificaterequest" },
	{ "certificates", "Certificate", "cert-manager.io", "cert-manager.io/v1", true,
	  "cert-manager",
	  "secretName dnsNames issuerRef privateKey usages duration renewBefore "
	  "revisionHistoryLimit commonName secretTemplate",
	  "certificate cert" },
	{ "challenges", "Challenge", "acme.cert-manager.io", "acme.cert-manager.io/v1", true,
	  "cert-manager", NULL, "challenge" },
	{ "clusterissuers", "ClusterIssuer", "cert-manager.io", "cert-manager.io/v1", false,
	  "cert-manager", "acme ca selfSigned vault venafi", "clusterissuer" },
	{ "configmaps", "ConfigMap", "", "v1", true, NULL, NULL, "configmap cm" },
	{ "customresourcedefinitions", "CustomResourceDefinition", "apiextensions.k8s.io",
	  "apiextensions.k8s.io/v1", false, NULL, NULL, "crd crds" },
	{ "daemonsets", "DaemonSet", "apps", "apps/v1", true, NULL, WORKLOAD, "daemonset ds" },
	{ "deployments", "Deployment", "apps", "apps/v1", true, NULL, WORKLOAD,
	  "deployment deploy" },
	{ "endpoints", "Endpoints", "", "v1", true, NULL, NULL, "endpoint ep" },
	{ "events", "Event", "", "v1", true, NULL, NULL, "event ev" },
	{ "helmchartconfigs", "HelmChartConfig", "helm.cattle.io", "helm.cattle.io/v1", true, "k3s",
	  "valuesContent valuesSecrets failurePolicy", "helmchartconfig" },
	{ "helmcharts", "HelmChart", "helm.cattle.io", "helm.cattle.io/v1", true, "k3s", NULL,
	  "helmchart" },
	{ "ingressclasses", "IngressClass", "networking.k8s.io", "networking.k8s.io/v1", false,
	  NULL, "controller parameters", "ingressclass" },
	{ "ingresses", "Ingress", "networking.k8s.io", "networking.k8s.io/v1", true, NULL,
	  "ingressClassName rules tls defaultBackend", "ingress ing" },
	{ "jobs", "Job", "batch", "batch/v1", true, NULL, NULL, "job" },
	{ "namespaces", "Namespace", "", "v1", false, NULL, "finalizers", "namespace ns" },
	{ "nodes", "Node", "", "v1", false, NULL, NULL, "node no" },
	{ "orders", "Order", "acme.cert-manager.io", "acme.cert-manager.io/v1", true,
	  "cert-manager", NULL, "order" },
	{ "persistentvolumeclaims", "PersistentVolumeClaim", "", "v1", true, NULL,
	  "accessModes resources storageClassName volumeMode volumeName selector dataSource "
	  "dataSourceRef",
	  "persistentvolumeclaim pvc" },
	{ "pods", "Pod", "", "v1", true, NULL, NULL, "pod po" },
	{ "rolebindings", "RoleBinding", "rbac.authorization.k8s.io",
	  "rbac.authorization.k8s.io/v1", true, NULL, NULL, "rolebinding" },
	{ "roles", "Role", "rbac.authorization.k8s.io", "rbac.authorization.k8s.io/v1", true, NULL,
	  NULL, "role" },
	{ "secrets", "Secret", "", "v1", true, NULL, NULL, "secret" },
	{ "serviceaccounts", "ServiceAccount", "", "v1", true, NULL, NULL, "serviceaccount sa" },
	{ "services", "Service", "", "v1", true, NULL,
	  "type clusterIP clusterIPs ports selector externalTrafficPolicy internalTrafficPolicy "
	  "ipFamilies "
	  "ipFamilyPolicy sessionAffinity sessionAffinityConfig externalIPs externalName "
	  "loadBalancerIP "
	  "loadBalancerClass loadBalancerSourceRanges allocateLoadBalancerNodePorts "
	  "healthCheckNodePort "
	  "publishNotReadyAddresses trafficDistribution",
	  "service svc" },
	{ "statefulsets", "StatefulSet", "apps", "apps/v1", true, NULL, WORKLOAD,
	  "statefulset sts" },
	{ "storageclasses", "StorageClass", "storage.k8s.io", "storage.k8s.io/v1", false, NULL,
	  NULL, "storageclass sc" },
};

const struct kind *kind_find(const char *word)
{
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		const struct kind *k = &kinds[i];
		size_t len = strlen(k->plural);
		if (strcmp(k->plural, word) == 0 || world_word_in(k->singular, word))
			return k;
		if (strncmp(k->plural, word, len) == 0 && word[len] == '.' && k->group[0] &&
		    strcmp(k->group, word + len + 1) == 0)
			return k;
	}
	return NULL;
}

const struct kind *kind_of(const json_t *object)
{
	const char *kind = json_str_at(object, "kind"), *api = json_str_at(object, "apiVersion");
	for (size_t i = 0; kind && api && i < ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i].kind, kind) == 0 && strcmp(kinds[i].api, api) == 0)
			return &kinds[i];
	return NULL;
}
