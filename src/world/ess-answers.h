/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The parts of ESS, behind Traefik. */
#pragma once

#include "world/cluster.h"
#include "world/http.h"

void ess_synapse(const struct cluster *c, const struct request *rq, struct response *r);
void ess_mas(const struct cluster *c, const struct request *rq, struct response *r);
void ess_well_known(const struct cluster *c, const struct request *rq, struct response *r);
/* Element Web or Element Admin, by the name of its workload. */
void ess_web(const struct cluster *c, const struct request *rq, struct response *r,
	     const char *workload);
void ess_rtc(const struct cluster *c, const struct request *rq, struct response *r,
	     bool authoriser);
