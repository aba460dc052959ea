/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* LiveKit announces the ports it listens on, so node port, pod port and outside port are one number
 * (ess-helm sfu_rtc_udp_range_service.yaml). */
#include "base/json.h"
#include "base/mem.h"
#include "steps/values-parts.h"

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

json_t *values_sfu(const struct values_in *in)
{
	json_t *j = json_pack("{s:o, s:b}", "exposedServices", services(in),
			      "useStunToDiscoverPublicIP", in->rtc_address == NULL);
	/* manualIP has no effect while STUN is on. */
	if (in->rtc_address)
		json_object_set_new(j, "manualIP", json_string(in->rtc_address));
	else if (json_array_size(in->stun_servers) > 0)
		json_object_set_new(j, "additional", stun(in->stun_servers));
	return j;
}
