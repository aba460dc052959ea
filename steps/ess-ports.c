/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Who holds a node port: Kubernetes gives every number once, whatever the protocol
 * (pkg/registry/core/service/portallocator), and gives other Services numbers from 30086 on by
 * chance, where the range for calls lies. */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "steps/ess.h"

static bool wanted(long long port, const struct port_span *spans, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (port >= spans[i].first && port <= spans[i].last)
			return true;
	return false;
}

static bool of_release(const json_t *service)
{
	const char *ns = json_str_at(service, "metadata.namespace");
	const json_t *notes = json_at(service, "metadata.annotations");
	const char *release = json_string_value(json_object_get(notes, "meta.helm.sh/release-name"));
	return ns && release && !strcmp(ns, ESS_NS) && !strcmp(release, ESS_RELEASE);
}

/* The first of its ports that is wanted; 0: none. */
static long long held(const json_t *service, const struct port_span *spans, size_t n)
{
	const long long health = json_int_at(service, "spec.healthCheckNodePort", 0);
	size_t i;
	json_t *port;

	json_array_foreach (json_at(service, "spec.ports"), i, port) {
		const long long number = json_int_at(port, "nodePort", 0);
		if (wanted(number, spans, n))
			return number;
	}
	return wanted(health, spans, n) ? health : 0;
}

char *ess_port_holder(const json_t *services, const struct port_span *spans, size_t n)
{
	size_t i;
	json_t *service;

	json_array_foreach (json_object_get(services, "items"), i, service) {
		const long long port = of_release(service) ? 0 : held(service, spans, n);
		const char *ns = json_str_at(service, "metadata.namespace");
		const char *name = json_str_at(service, "metadata.name");
		if (port)
			return xasprintf("%s/%s: %lld", ns ? ns : "default", name ? name : "?", port);
	}
	return NULL;
}
