/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* LiveKit announces the ports it listens on, so node port, pod port and outside port are one number
 * (ess-helm sfu_rtc_udp_range_service.yaml). */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "steps/values-parts.h"

#define SEEN "ESS_SETUP_PUBLIC_ADDRESS"

static json_t *one_port(bool enabled, unsigned port)
{
	return json_pack("{s:b, s:s, s:i}", "enabled", enabled, "portType", "NodePort", "port",
			 (int)port);
}

/* With a range LiveKit ignores the muxed port; left on it would be a dead Service. The schema wants
 * both written out. */
static json_t *services(const struct values_in *in)
{
	json_t *range = json_pack("{s:b, s:s, s:{s:i, s:i}}", "enabled", !in->muxed, "portType",
				  "NodePort", "portRange", "startPort", (int)in->udp_first,
				  "endPort", (int)in->udp_last);
	return json_pack("{s:o, s:o, s:o}", "rtcTcp", one_port(true, in->rtc_tcp), "rtcMuxedUdp",
			 one_port(in->muxed, in->udp_muxed), "rtcUdp", range);
}

/* LiveKit's config is parsed strictly: rtc.stun_servers is a list of "host:port" without scheme
 * (livekit config-sample.yaml, ess-helm docs/advanced.md). */
static json_t *stun(const json_t *servers)
{
	_cleanup_json_ json_t *config = json_pack("{s:{s:O}}", "rtc", "stun_servers", servers);
	_cleanup_free_ char *text = json_canonical(config);
	return json_pack("{s:{s:s}}", "stun.yaml", "config", text);
}

const char *values_rtc_address(const json_t *values)
{
	const json_t *sfu = json_at(values, "matrixRTC.sfu");
	const char *manual = json_str_at(sfu, "manualIP");
	size_t i;
	json_t *var;
	json_array_foreach (json_object_get(sfu, "extraEnv"), i, var) {
		const char *name = json_str_at(var, "name");
		if (!manual && name && strcmp(name, SEEN) == 0)
			return json_str_at(var, "value");
	}
	return manual;
}

json_t *values_sfu(const struct values_in *in)
{
	json_t *j = json_pack("{s:o, s:b}", "exposedServices", services(in),
			      "useStunToDiscoverPublicIP", in->rtc_address == NULL);
	/* The SFU asks STUN once, at its start (livekit pkg/rtc, mediatransportutil): a variable that nobody
	 * reads lets helm start it anew when the address is another one. */
	if (!in->rtc_address && in->rtc_seen)
		json_object_set_new(j, "extraEnv", json_pack("[{s:s, s:s}]", "name", SEEN, "value", in->rtc_seen));
	/* manualIP has no effect while STUN is on. */
	if (in->rtc_address)
		json_object_set_new(j, "manualIP", json_string(in->rtc_address));
	else if (json_array_size(in->stun_servers) > 0)
		json_object_set_new(j, "additional", stun(in->stun_servers));
	return j;
}
