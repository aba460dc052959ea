/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The parts of the chart that answers may name: those with an image of their own, and Synapse's
 * workers. All strings static. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct chart_part {
	const char *name;	/* "sfu": the word in images.registries */
	const char *path;	/* "matrixRTC.sfu": where it stands in the chart's values */
	const char *repository; /* where its name differs outside of docker.io; or NULL */
};

/* Splits "sfu=registry.example.com:5000/mirror"; NULL when there is no such part or no "=". */
const struct chart_part *chart_part_parse(const char *entry, const char **ret_registry);

struct chart_worker {
	const char *name;
	bool many; /* more than one of it may run */
};

/* Splits "client-reader=2" or "client-reader"; NULL when there is no such worker. *ret_count is 0
 * when the number is none. */
const struct chart_worker *chart_worker_parse(const char *entry, long *ret_count);

/* The names, in the order of the tables; NULL past the end. */
const char *chart_part_name(size_t i);
const char *chart_worker_name(size_t i);
