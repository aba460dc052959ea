/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Step 10 of bundle-make: for which kind of machine, and what stands for the things that only the
 * machine to come knows. They decide about no image. */
#include <string.h>

#include "base/mem.h"
#include "steps/machine.h"
#include "steps/steps.h"
#include "steps/tool.h"

static const char *const inputs[] = { "request:arch",
				      "fact:machine.arch",
				      "fact:cluster.pod_cidr",
				      "fact:cluster.service_cidr",
				      "fact:cluster.internal_address",
				      "fact:public.address",
				      NULL };

/* 192.0.2.1 is kept for documentation (RFC 5737). */
static const struct {
	const char *fact, *value;
} stand_ins[] = {
	{ "cluster.internal_address", "10.43.0.53" },
	{ "cluster.pod_cidr", "10.42.0.0/16" },
	{ "cluster.service_cidr", "10.43.0.0/16" },
	{ "public.address", "192.0.2.1" },
};

static const char *wanted(struct step_ctx *c, struct err *e)
{
	const char *arch = step_request(c, "arch");
	return arch ? arch : machine_arch(e);
}

static int check(struct step_ctx *c, enum step_found *ret, struct err *e)
{
	const char *arch = wanted(c, e);
	if (!arch)
		return -1;
	*ret = tool_fact_is(c, "machine.arch", arch) ? STEP_PRESENT : STEP_ABSENT;
	for (size_t i = 0; i < ARRAY_LEN(stand_ins); i++)
		if (!tool_fact_is(c, stand_ins[i].fact, stand_ins[i].value))
			*ret = STEP_ABSENT;
	return 0;
}

static int apply(struct step_ctx *c, struct err *e)
{
	const char *arch = wanted(c, e);
	if (!arch)
		return -1;
	step_fact_set(c, "machine.arch", arch);
	for (size_t i = 0; i < ARRAY_LEN(stand_ins); i++)
		step_fact_set(c, stand_ins[i].fact, stand_ins[i].value);
	step_note(c, arch);
	return 0;
}

const struct step step_bundle_target = {
	.id = "bundle-target",
	.number = 10,
	.title = N_("For which machine"),
	.version = 1,
	.estimate_s = 1,
	.inputs = inputs,
	.check = check,
	.apply = apply,
};
