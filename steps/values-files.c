/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "steps/values-files.h"

#include <string.h>

#include "base/crypto.h"
#include "base/mem.h"
#include "steps/ess.h"
#include "steps/extra-values.h"

#define KEY "ess.extra_values"
#define VALUES_MAX ((size_t)4 << 20)

char **values_files(struct step_ctx *c)
{
	char **files = NULL;
	size_t i;
	json_t *path;

	strv_add(&files, xstrdup(ESS_VALUES));
	json_array_foreach (step_list(c, KEY), i, path)
		strv_add(&files, xstrdup(json_string_value(path)));
	return files;
}

bool values_files_extra(struct step_ctx *c)
{
	return json_array_size(step_list(c, KEY)) > 0;
}

/* 1: *ret (new) is the content of the i-th of the user's; 0: there is no i-th. */
static int read_extra(struct step_ctx *c, size_t i, const char **ret_path, char **ret, size_t *ret_len,
		      struct err *e)
{
	if (step_file(c, KEY, i, ret_path, ret, ret_len, e) < 0)
		return -1;
	if (!*ret_path)
		return 0;
	return *ret ? 1 : err_set(e, FAULT_EXTRA_VALUES, N_("the values file %s does not exist"), *ret_path);
}

static void add_line(char **all, const char *data, size_t len)
{
	_cleanup_free_ char *hash = crypto_sha256(data, len);
	char *longer = xasprintf("%s%s\n", *all, hash);
	free(*all);
	*all = longer;
}

char *values_files_digest(struct step_ctx *c, const char *generated, struct err *e)
{
	_cleanup_free_ char *all = xstrdup("");
	_cleanup_free_ char *have = NULL;
	int rc = 1;

	if (!generated) {
		if (step_read(c, ESS_VALUES, VALUES_MAX, &have, NULL, e) < 0)
			return NULL;
		generated = have ? have : "";
	}
	add_line(&all, generated, strlen(generated));
	for (size_t i = 0; rc > 0; i++) {
		_cleanup_secret_ char *text = NULL;
		const char *path;
		size_t len;
		rc = read_extra(c, i, &path, &text, &len, e);
		if (rc > 0)
			add_line(&all, text, len);
	}
	return rc < 0 ? NULL : crypto_sha256(all, strlen(all));
}

int values_files_judge(struct step_ctx *c, const struct gate_names *names, struct err *e)
{
	int rc = 1;
	for (size_t i = 0; rc > 0; i++) {
		_cleanup_secret_ char *text = NULL;
		const char *path;
		size_t len;
		rc = read_extra(c, i, &path, &text, &len, e);
		if (rc > 0 && extra_values_judge(path, text, len, names, e) < 0)
			rc = -1;
	}
	return rc;
}
