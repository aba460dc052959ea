/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "steps/gate-own.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "steps/ess.h"

void gate_own_done(struct gate_own *o)
{
	for (size_t i = 0; i < ARRAY_LEN(o->host); i++)
		free(o->host[i]);
	*o = (struct gate_own){ 0 };
}

void gate_own_names(struct step_ctx *c, struct gate_own *ret)
{
	static const char *const which[] = { "synapse", "auth", "rtc", "web", "admin" };
	for (size_t i = 0; i < ARRAY_LEN(which); i++)
		ret->host[i] = step_host(c, which[i]);
	ret->names = (struct gate_names){
		.server_name = step_str(c, "domains.server_name"),
		.synapse = ret->host[0],
		.auth = ret->host[1],
		.rtc = ret->host[2],
		.web = ret->host[3],
		.admin = ret->host[4],
		.https_port = (unsigned)step_int(c, "ports.https"),
	};
}

void gate_log(struct step_ctx *c, const struct gate_report *report)
{
	for (size_t i = 0; i < report->n; i++) {
		const struct gate_offence *o = &report->v[i];
		step_log(c, "gate: %s: %s: \"%s\": %s", o->object, o->field, o->text, o->reason);
	}
}

/* The last-applied annotation is what kubectl apply remembers of an earlier state. */
static json_t *stripped(const json_t *object, const char *kind)
{
	json_t *copy = json_copy((json_t *)object);
	json_t *metadata = json_copy(json_object_get(object, "metadata"));
	json_t *notes = json_copy(json_object_get(metadata, "annotations"));

	json_object_set_new(copy, "kind", json_text(kind));
	json_object_del(copy, "status");
	if (notes) {
		json_object_del(notes, "kubectl.kubernetes.io/last-applied-configuration");
		json_object_set_new(metadata, "annotations", notes);
	}
	if (metadata) {
		json_object_del(metadata, "managedFields");
		json_object_set_new(copy, "metadata", metadata);
	}
	return copy;
}

char *gate_live_list(const json_t *live)
{
	json_t *items = json_array();
	_cleanup_json_ json_t *all = json_pack("{s:s, s:s, s:o}", "apiVersion", "v1", "kind", "List", "items",
					       items);
	const char *kind;
	json_t *list, *object;
	size_t i;

	json_object_foreach ((json_t *)live, kind, list)
		json_array_foreach (json_object_get(list, "items"), i, object)
			json_array_append_new(items, stripped(object, kind));
	return json_canonical(all);
}

int gate_live(struct step_ctx *c, const struct gate_names *names, struct err *e)
{
	_cleanup_gate_report_ struct gate_report report = { 0 };
	_cleanup_json_ json_t *live = NULL;
	struct err own = ERR_INIT;

	if (ess_live(c, &live, e) < 0)
		return -1;
	_cleanup_secret_ char *text = gate_live_list(live);
	if (gate_check(text, strlen(text), names, &report, &own) == 0)
		return 0;
	gate_log(c, &report);
	if (own.fault != FAULT_RENDER_GATE) {
		*e = own;
		return -1;
	}
	const struct gate_offence *first = &report.v[0];
	return err_set(e, FAULT_VERIFY_OBJECTS, N_("%s, %s: \"%s\" (%zu places in all, the log has them)"),
		       first->object, first->field, first->text, report.n);
}
