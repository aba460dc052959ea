/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* registries.yaml is read once, when K3s starts, and a mistake in it is passed over in silence
 * (k3s#9626). What K3s made of it for containerd can be read: a hosts.toml for each registry (k3s
 * pkg/agent/containerd/config.go, writeContainerdHosts). */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "steps/cluster-files.h"
#include "steps/k3s.h"
#include "steps/tool.h"

#define HOSTS "/var/lib/rancher/k3s/agent/etc/containerd/certs.d"

void k3s_mirrors_note(struct step_ctx *c)
{
	static const char *const rows[][2] = { { "docker.io", "mirrors.docker_io" },
					       { "ghcr.io", "mirrors.ghcr_io" },
					       { "quay.io", "mirrors.quay_io" },
					       { "oci.element.io", "mirrors.oci_element_io" } };
	json_t *taken = json_object();
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const char *mirror = step_str(c, rows[i][1]);
		if (!mirror)
			continue;
		_cleanup_free_ char *endpoint = registries_endpoint(mirror);
		_cleanup_free_ char *path = xasprintf(HOSTS "/%s/hosts.toml", rows[i][0]);
		_cleanup_free_ char *text = tool_read(c, path);
		if (text_ends(endpoint, "/"))
			endpoint[strlen(endpoint) - 1] = '\0';
		const bool there = text && strstr(text, endpoint);
		json_object_set_new(taken, rows[i][0], json_boolean(there));
		if (there)
			step_log(c, "containerd asks %s for the images of %s first", endpoint,
				 rows[i][0]);
		else
			step_log(c,
				 "containerd does not ask %s for the images of %s: %s does not "
				 "name it",
				 endpoint, rows[i][0], path);
	}
	step_fact_set_json(c, "k3s.mirrors", taken);
}
