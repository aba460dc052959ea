/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Is anybody in a call? The SFU tells in its metrics (livekit pkg/telemetry/prometheus/rooms.go: the
 * gauge livekit_participant_total; the chart sets prometheus.port 6789). Rooms do not count: an empty
 * one stays for minutes. An SFU that does not tell counts as one with a call. */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/text.h"
#include "steps/ess.h"

#define SFU "ess-matrix-rtc-sfu"
#define METRICS_PORT 6789
#define GAUGE "livekit_participant_total"
#define POLL_MS 5000

/* The value of a line "NAME 3" or "NAME{labels} 3"; false: another line. */
static bool sample(const char *line, double *ret)
{
	if (!text_starts(line, GAUGE))
		return false;
	const char *p = line + strlen(GAUGE);
	if (*p == '{')
		p = strrchr(p, '}');
	else if (*p != ' ')
		return false;
	p = p ? p + strspn(p, "} ") : "";
	char *end;
	*ret = strtod(p, &end);
	return end != p && (*end == '\0' || *end == ' ' || *end == '\r');
}

long ess_participants(const char *metrics)
{
	_cleanup_strv_ char **lines = text_split(metrics ? metrics : "", '\n');
	double sum = 0, one;
	bool told = false;

	for (char **l = lines; l && *l; l++) {
		if (!sample(*l, &one))
			continue;
		told = true;
		sum += one;
	}
	return told && sum >= 0 && sum < 1e6 ? (long)(sum + 0.5) : -1;
}

/* True where no SFU runs at all: then there is no call either. */
static bool none_runs(struct step_ctx *c)
{
	_cleanup_json_ json_t *sfu = NULL;
	struct err own = ERR_INIT;

	if (kube_get(c, "deployments", SFU, ESS_NS, &sfu, &own) < 0)
		return false;
	return !sfu || json_int_at(sfu, "status.readyReplicas", 0) == 0;
}

static int calls_ended(struct step_ctx *c, void *arg, char **ret_seen, struct err *e)
{
	const long *minutes = arg;
	_cleanup_free_ char *metrics = NULL;
	struct err own = ERR_INIT;

	if (kube_fetch(c, ESS_NS, SFU, METRICS_PORT, "/metrics", &metrics, &own) < 0 &&
	    own.fault == FAULT_CANCELLED) {
		*e = own;
		return -1;
	}
	const long people = ess_participants(metrics);
	if (people == 0)
		return 1;
	if (people < 0) {
		*ret_seen = xstrdup("the call server does not tell");
		step_progress(c, -1,
			      N_("the call server has to start anew but does not tell whether "
				 "somebody is in a call: waiting, at most %ld minutes"),
			      *minutes);
		return 0;
	}
	*ret_seen = xasprintf("%ld in calls", people);
	step_progress(c, -1,
		      N_("waiting for the end of calls (%ld people), at most %ld minutes: then the "
			 "call server starts anew"),
		      people, *minutes);
	return 0;
}

int ess_wait_for_calls(struct step_ctx *c, long minutes, struct err *e)
{
	struct err own = ERR_INIT;

	if (minutes <= 0 || none_runs(c))
		return 0;
	if (step_wait(c, (unsigned)minutes * 60, POLL_MS, FAULT_TIMEOUT, calls_ended, &minutes, &own) == 0)
		return 0;
	if (own.fault != FAULT_TIMEOUT) {
		*e = own;
		return -1;
	}
	_cleanup_free_ char *text = err_text(&own);
	step_log(c, "the call server is started anew all the same: %s", text);
	return 0;
}
