/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* K3s as a service of the simulated machine. */
#pragma once

#include <jansson.h>

#include "world/world.h"

/* The record of a unit in host.json, made if need be; borrowed. */
json_t *unit_of(struct store *host, const char *unit);

/* What "systemctl enable" and "disable" do in multi-user.target.wants. */
void unit_link(const struct world *w, const char *unit, bool on);

/* systemctl start or restart of k3s.service: sets the unit's state. */
void k3s_start(const struct world *w, json_t *unit);
