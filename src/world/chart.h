/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The two charts, as far as the world plays them: which values they take and which objects they
 * make. */
#pragma once

#include <jansson.h>
#include <stdbool.h>

struct chart {
	char *name;    /* "matrix-stack" */
	char *version; /* "26.8.1" */
};

struct release {
	const char *name, *ns;
	const struct chart *chart;
	const json_t *values; /* all files merged */
};

/* Name and version from the Chart.yaml of a .tgz; -1 with *ret_error (new) as helm says it. */
int chart_read(const char *path, struct chart *ret, char **ret_error);
void chart_done(struct chart *c);

/* NULL when the values fit; else helm's message (new). */
char *chart_check(const struct release *r);

/* The objects, in helm's order; hooks are those with the annotation helm.sh/hook. New. */
json_t *chart_objects(const struct release *r);

/* --- parts of matrix-stack --- */
json_t *ess_objects(const struct release *r);
void ess_add_configs(json_t *all, const struct release *r);
void ess_add_routes(json_t *all, const struct release *r);

/* metadata with the chart's labels. part: "synapse"; its name is RELEASE-part. New. */
json_t *ess_meta(const struct release *r, const char *name, const char *part, const char *component,
		 const char *version);
bool ess_on(const struct release *r, const char *component, bool def); /* COMPONENT.enabled */
const char *ess_host(const struct release *r, const char *component);  /* COMPONENT.ingress.host */

json_t *cert_manager_objects(const struct release *r);
extern const char *const cert_manager_values; /* known top-level members */
