/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Traefik's chart, as K3s packs it. */
#pragma once

#include <jansson.h>

/* The chart's own values and those of K3s. New. */
json_t *traefik_defaults(void);

/* Traefik's arguments for the values' ports; NULL with *ret_error (new) where the template fails.
 * New. */
json_t *traefik_arguments(const json_t *ports, char **ret_error);

json_t *traefik_service(const json_t *ports);		       /* new */
json_t *traefik_deployment(const json_t *ports, json_t *args); /* new; steals args */
