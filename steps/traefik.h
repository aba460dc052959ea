/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Traefik as it stands in K3s, and K3s' helm job that puts it there. */
#pragma once

#include "steps/cluster-files.h"
#include "steps/step.h"

/* Version of the chart that K3s shipped; *ret new, NULL when K3s has not made its HelmChart (yet). */
int traefik_shipped(struct step_ctx *c, char **ret, struct err *e);

/* 1 when Service and Deployment are what these settings make of them, and the Deployment is ready;
 * 0 with *ret_seen (new) when not. */
int traefik_effect(struct step_ctx *c, const struct traefik_in *in, unsigned chart_major,
		   char **ret_seen, struct err *e);

/* 1 when helm failed on Traefik, with its last words in *ret_why (new). */
int traefik_failed(struct step_ctx *c, char **ret_why, struct err *e);

/* The helm job that is there now: its uid (new), NULL when there is none. */
int traefik_job(struct step_ctx *c, char **ret_uid, struct err *e);

/* 1 when another job than that one is done and Traefik runs with what it made: then nothing more comes. */
int traefik_settled(struct step_ctx *c, const char *before, struct err *e);

/* Lets K3s' helm job run anew where it would not by itself: behind a failed release, which
 * failurePolicy abort leaves as it is, and, when again, after a finished job. A running helm is left
 * alone. */
int traefik_rerun(struct step_ctx *c, bool again, struct err *e);
