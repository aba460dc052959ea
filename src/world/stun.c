/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* STUN servers of the world (RFC 8489, 5 and 14.2): all tell the address that ip.DOMAIN has now. The knob
 * "stun.silent" keeps them from it. */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "base/net.h"
#include "base/text.h"
#include "world/serve.h"

#define HEADER 20
#define BINDING_REQUEST 0x0001
#define BINDING_SUCCESS 0x0101
#define XOR_MAPPED_ADDRESS 0x0020
static const unsigned char magic[] = { 0x21, 0x12, 0xa4, 0x42 };

/* The household's address in network byte order; 0: none. */
static uint32_t own_address(const struct world *w)
{
	struct store dns;
	uint32_t address = 0;
	size_t i;
	json_t *r;
	store_open(w, "dns", &dns);
	json_array_foreach(json_object_get(dns.j, "records"), i, r) {
		const char *name = json_str_at(r, "name"), *type = json_str_at(r, "type");
		if (name && type && text_starts(name, "ip.") && strcmp(type, "A") == 0)
			net_parse_ipv4(json_str_at(r, "content"), &address);
	}
	store_close(&dns, false);
	return htonl(address);
}

size_t stun_answer(const struct world *w, const unsigned char *in, size_t len, unsigned char out[STUN_ANSWER])
{
	_cleanup_free_ char *silent = scenario_knob(w, "stun.silent");
	const uint32_t address = own_address(w);
	if (silent || !address || len < HEADER || in[0] << 8 != 0 || in[1] != BINDING_REQUEST ||
	    memcmp(in + 4, magic, sizeof(magic)) != 0)
		return 0;
	/* The port is of no interest to anybody: 0, as it looks behind the exclusive or. */
	const unsigned char head[] = { BINDING_SUCCESS >> 8, BINDING_SUCCESS & 255, 0, 12 };
	const unsigned char attribute[] = { 0, XOR_MAPPED_ADDRESS, 0, 8, 0, 1, magic[0], magic[1] };
	memcpy(out, head, sizeof(head));
	memcpy(out + 4, in + 4, HEADER - 4);
	memcpy(out + HEADER, attribute, sizeof(attribute));
	memcpy(out + HEADER + 8, &address, 4);
	for (size_t i = 0; i < 4; i++)
		out[HEADER + 8 + i] ^= magic[i];
	return STUN_ANSWER;
}
