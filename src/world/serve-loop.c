/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* The server's loop: a process for each connection, DNS over UDP in the loop itself. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/mem.h"
#include "world/dns.h"
#include "world/http.h"
#include "world/serve.h"

#define IDLE_S 600
#define LOOK_MS 2000
#define CONNECTION_S 600

static void answer_udp(const struct server *s)
{
	unsigned char in[1500], out[4096];
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	ssize_t n = recvfrom(s->udp, in, sizeof(in), 0, (struct sockaddr *)&from, &len);
	size_t reply = n > 0 ? dns_answer_to(&s->w, in, (size_t)n, out, sizeof(out), BY_UDP) : 0;
	if (reply)
		sendto(s->udp, out, reply, 0, (struct sockaddr *)&from, len);
}

static void answer_stun(const struct server *s)
{
	unsigned char in[1500], out[STUN_ANSWER];
	struct sockaddr_in from;
	socklen_t len = sizeof(from);
	ssize_t n = recvfrom(s->stun, in, sizeof(in), 0, (struct sockaddr *)&from, &len);
	size_t reply = n > 0 ? stun_answer(&s->w, in, (size_t)n, out) : 0;
	if (reply)
		sendto(s->stun, out, reply, 0, (struct sockaddr *)&from, len);
}

static void answer_tcp(const struct server *s, int fd)
{
	unsigned char in[2 + 65535], out[2 + 65535];
	size_t have = 0, want = 2;
	while (have < want) {
		ssize_t n = recv(fd, in + have, want - have, 0);
		if (n <= 0)
			return;
		have += (size_t)n;
		if (have == 2)
			want = 2 + (size_t)(in[0] << 8 | in[1]);
	}
	size_t reply = dns_answer_to(&s->w, in + 2, want - 2, out + 2, sizeof(out) - 2, BY_TCP);
	out[0] = (unsigned char)(reply >> 8);
	out[1] = (unsigned char)reply;
	if (reply)
		send(fd, out, reply + 2, MSG_NOSIGNAL);
}

static void take(const struct server *s, int listener)
{
	int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd < 0)
		return;
	/* Head and body are written apart: without this each answer waits 40 ms for an ACK. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	pid_t parent = getpid();
	if (fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (getppid() != parent)
			_exit(0);
		alarm(CONNECTION_S);
		if (listener == s->http)
			http_serve(&s->w, s->tls, fd);
		else
			answer_tcp(s, fd);
		_exit(0);
	}
	close(fd);
}

/* Nobody needs us: the folder belongs to another server or is gone, or it is long quiet. */
static bool superfluous(const struct server *s, time_t last)
{
	_cleanup_json_ json_t *info = world_info(&s->w);
	if (json_int_at(info, "pid", 0) != (long long)getpid())
		return true;
	struct timespec now;
	clock_gettime(CLOCK_BOOTTIME, &now);
	_cleanup_free_ char *lock = world_path(&s->w, "/run/ess-setup/lock");
	return now.tv_sec - last > IDLE_S && fs_lock_holder(lock, NULL) <= 0;
}

int serve_loop(const struct server *s)
{
	struct pollfd p[] = { { s->http, POLLIN, 0 },
			      { s->udp, POLLIN, 0 },
			      { s->tcp, POLLIN, 0 },
			      { s->stun, POLLIN, 0 } };
	struct timespec now;
	clock_gettime(CLOCK_BOOTTIME, &now);
	time_t last = now.tv_sec;
	for (;;) {
		int n = poll(p, ARRAY_LEN(p), LOOK_MS);
		if (n > 0) {
			clock_gettime(CLOCK_BOOTTIME, &now);
			last = now.tv_sec;
		}
		if (n > 0 && p[0].revents)
			take(s, s->http);
		if (n > 0 && p[1].revents)
			answer_udp(s);
		if (n > 0 && p[2].revents)
			take(s, s->tcp);
		if (n > 0 && p[3].revents)
			answer_stun(s);
		if (n == 0 && superfluous(s, last))
			return 0;
	}
}
