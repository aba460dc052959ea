/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What the machine is and whether it is enough: system, processor, memory, disk, clock, cgroups,
 * and other clusters. */
#pragma once

#include "steps/step.h"

/* True once K3s is installed here, by whomever. */
bool machine_has_k3s(void);

/* "amd64" or "arm64", static; NULL with FAULT_PRE_ARCH for any other. */
const char *machine_arch(struct err *e);

/* "debian 12", new; NULL with FAULT_PRE_OS. */
char *machine_os(struct step_ctx *c, struct err *e);

/* Memory, cores, cgroups, clock, rights. Warnings go to the log. */
int machine_is_enough(struct step_ctx *c, struct err *e);

/* Free space where K3s keeps its images and where the data will be ("paths.home"); less is asked
 * for once K3s is there, since its images are too. */
int machine_has_space(struct step_ctx *c, const char *home, bool k3s, struct err *e);

/* Refuses a Kubernetes that is not ours; ours: the K3s here was installed by this program. */
int machine_is_free(struct step_ctx *c, bool ours, struct err *e);

/* --- pure parts --- */

/* The value of NAME=value or NAME="value" in an os-release text. New, or NULL. */
char *machine_release_value(const char *text, const char *name);

/* "MemTotal" and its like, in MiB; 0 when missing. */
unsigned long machine_meminfo_mib(const char *text, const char *name);

/* Processors listed in /proc/cpuinfo. */
unsigned machine_cpus(const char *text);

/* A word of a line of words ("cpuset cpu io memory pids"). */
bool machine_has_word(const char *text, const char *word);
