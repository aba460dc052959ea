/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
#include "ui/host.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

/* A UDP socket that is connected only looks up the route: nothing is sent. 192.0.2.1 is of RFC 5737. */
char *host_address(void)
{
	_cleanup_close_ int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_in sa = { .sin_family = AF_INET, .sin_port = htons(9) };
	socklen_t len = sizeof(sa);
	char text[INET_ADDRSTRLEN];

	inet_pton(AF_INET, "192.0.2.1", &sa.sin_addr);
	if (fd < 0 || connect(fd, (struct sockaddr *)&sa, sizeof(sa)) < 0 ||
	    getsockname(fd, (struct sockaddr *)&sa, &len) < 0 ||
	    !inet_ntop(AF_INET, &sa.sin_addr, text, sizeof(text)))
		return NULL;
	return xstrdup(text);
}
