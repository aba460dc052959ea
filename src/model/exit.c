/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "model/exit.h"

#include "base/mem.h"

static const struct {
	enum fault fault;
	enum exit_status status;
} table[] = {
	{ FAULT_USAGE, EXIT_INVALID },
	{ FAULT_CONFIG_BAD, EXIT_INVALID },
	{ FAULT_CONFIG_KEY, EXIT_INVALID },
	{ FAULT_CONFIG_VALUE, EXIT_INVALID },
	{ FAULT_REQUEST_BAD, EXIT_INVALID },
	{ FAULT_SECRETS_BAD, EXIT_INVALID },
	{ FAULT_STATE_BAD, EXIT_INVALID },
	{ FAULT_STATE_NEWER, EXIT_INVALID },
	{ FAULT_LOCKED, EXIT_LOCKED },
	{ FAULT_CANCELLED, EXIT_CANCELLED },
};

int exit_status(enum fault fault)
{
	if (fault == FAULT_NONE)
		return EXIT_OK;
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (table[i].fault == fault)
			return table[i].status;
	return EXIT_FAILED;
}
