/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* A small HTTP(S) server on loopback: one process that accepts, one for each connection. */
#include "tests/unit/http-server.h"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/text.h"
#include "tests/unit/unit.h"

struct server_shared *server_shared;
static pid_t server_pid;
static SSL_CTX *tls_ctx;

struct conn {
	int fd;
	SSL *ssl; /* or NULL */
	char request[65536];
	const char *method, *path, *body, *auth;
	char line[512];
	long long range;
};

const char *server_file(void)
{
	static char file[SERVER_FILE_LEN];
	for (size_t i = 0; !file[1] && i < sizeof(file); i++)
		file[i] = (char)(i * 31 + i / 251);
	return file;
}

char *server_url(const char *path)
{
	return xasprintf("http://127.0.0.1:%u%s", server_shared->port, path);
}

/* --- one connection ------------------------------------------------------------------------- */

static void send_bytes(struct conn *c, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t w = c->ssl ? SSL_write(c->ssl, p, (int)n) : send(c->fd, p, n, MSG_NOSIGNAL);
		if (w <= 0)
			_exit(0);
		p += w;
		n -= (size_t)w;
	}
}

static void __attribute__((format(printf, 2, 3))) say(struct conn *c, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	_cleanup_free_ char *s = xvasprintf(fmt, ap);
	va_end(ap);
	send_bytes(c, s, strlen(s));
}

static void reply(struct conn *c, int status, const char *headers, const char *body)
{
	say(c, "HTTP/1.1 %d Said\r\n%sConnection: close\r\nContent-Length: %zu\r\n\r\n%s", status,
	    headers, strlen(body), strcmp(c->method, "HEAD") == 0 ? "" : body);
}

/* Reads and takes apart one request. */
static void read_request(struct conn *c)
{
	size_t n = 0, want = 0;
	char *end = NULL;
	while (!end || n < want) {
		size_t room = sizeof(c->request) - 1 - n;
		ssize_t r = c->ssl ? SSL_read(c->ssl, c->request + n, (int)room)
				   : recv(c->fd, c->request + n, room, 0);
		if (r <= 0)
			_exit(0);
		n += (size_t)r;
		c->request[n] = '\0';
		if (!end && (end = strstr(c->request, "\r\n\r\n"))) {
			const char *len = strcasestr(c->request, "\r\nContent-Length: ");
			want = (size_t)(end + 4 - c->request) +
			       (len ? strtoul(len + 18, NULL, 10) : 0);
		}
	}
	end[2] = '\0';
	c->body = end + 4;
	const char *range = strcasestr(c->request, "\r\nRange: bytes=");
	c->range = range ? atoll(range + 15) : -1;
	char *auth = strcasestr(c->request, "\r\nAuthorization: ");
	snprintf(c->line, sizeof(c->line), "%.*s", (int)strcspn(c->request, "\r"), c->request);
	if (auth) {
		auth[17 + strcspn(auth + 17, "\r")] = '\0';
		c->auth = auth + 17;
	}
	char *save = NULL;
	c->method = strtok_r(c->request, " ", &save);
	c->path = strtok_r(NULL, " ", &save);
	if (text_starts(c->path, "http://")) /* we are the proxy */
		c->path = strchr(c->path + 7, '/');
}

/* The file from its Range on, at most max bytes of it; what is announced is the whole rest. */
static void send_file(struct conn *c, long long shift, size_t max)
{
	size_t at = c->range > 0 ? (size_t)c->range : 0;
	if (at >= SERVER_FILE_LEN) {
		reply(c, 416, "", "no such part");
		return;
	}
	size_t n = SERVER_FILE_LEN - at;
	if (c->range >= 0)
		say(c, "HTTP/1.1 206 Part\r\nContent-Range: bytes %lld-%d/%d\r\n",
		    (long long)at + shift, SERVER_FILE_LEN - 1, SERVER_FILE_LEN);
	else
		say(c, "HTTP/1.1 200 Fine\r\n");
	say(c, "Connection: close\r\nContent-Length: %zu\r\n\r\n", n);
	send_bytes(c, server_file() + at, n < max ? n : max);
}

static void send_chunked(struct conn *c)
{
	say(c, "HTTP/1.1 200 Fine\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n");
	for (size_t i = 0; i < SERVER_FILE_LEN; i += 50000) {
		say(c, "%x\r\n", 50000);
		send_bytes(c, server_file() + i, 50000);
		say(c, "\r\n");
	}
	say(c, "0\r\n\r\n");
}

/* In pieces, with time to look on. */
static void send_slowly(struct conn *c)
{
	size_t at = c->range > 0 ? (size_t)c->range : 0;
	if (c->range >= 0)
		say(c, "HTTP/1.1 206 Part\r\nContent-Range: bytes %zu-%d/%d\r\n", at,
		    SERVER_FILE_LEN - 1, SERVER_FILE_LEN);
	else
		say(c, "HTTP/1.1 200 Fine\r\n");
	say(c, "Connection: close\r\nContent-Length: %zu\r\n\r\n", SERVER_FILE_LEN - at);
	for (size_t n; at < SERVER_FILE_LEN; at += n) {
		n = SERVER_FILE_LEN - at < 10000 ? SERVER_FILE_LEN - at : 10000;
		send_bytes(c, server_file() + at, n);
		clock_pause(30, NULL);
	}
}

static bool answer_download(struct conn *c, unsigned nth)
{
	const char *p = c->path;
	if (text_starts(p, "/cut-once/")) {
		send_file(c, 0, nth == 1 ? strtoul(p + 10, NULL, 10) : SIZE_MAX);
		return true;
	}
	if (text_starts(p, "/cut-once-norange/")) {
		c->range = -1;
		send_file(c, 0, nth == 1 ? strtoul(p + 18, NULL, 10) : SIZE_MAX);
		return true;
	}
	if (strcmp(p, "/file") == 0)
		send_file(c, 0, SIZE_MAX);
	else if (strcmp(p, "/norange") == 0)
		c->range = -1, send_file(c, 0, SIZE_MAX);
	else if (strcmp(p, "/file-cut") == 0)
		send_file(c, 0, 100000);
	else if (strcmp(p, "/file-416") == 0 && c->range >= 0)
		reply(c, 416, "", "");
	else if (strcmp(p, "/file-416") == 0)
		send_file(c, 0, SIZE_MAX);
	else if (strcmp(p, "/wrong-range") == 0)
		send_file(c, 5, SIZE_MAX);
	else if (strcmp(p, "/flaky-file") == 0 && nth < 3)
		reply(c, nth == 1 ? 503 : 500, "", "<html>busy</html>");
	else if (strcmp(p, "/flaky-file") == 0)
		send_file(c, 0, SIZE_MAX);
	else if (strcmp(p, "/busy-file") == 0 && nth == 1)
		reply(c, 429, "Retry-After: 1\r\n", "");
	else if (strcmp(p, "/busy-file") == 0)
		send_file(c, 0, SIZE_MAX);
	else if (strcmp(p, "/slow") == 0)
		send_slowly(c);
	else if (strcmp(p, "/stall-once") == 0)
		send_file(c, 0, nth == 1 ? 100000 : SIZE_MAX), nth == 1 ? pause() : 0;
	else if (strcmp(p, "/page") == 0)
		reply(c, 200, "Content-Type: text/html\r\n",
		      "\xef\xbb\xbf\r\n<!DOCTYPE HTML><html><title>Welcome</title></html>");
	else if (strcmp(p, "/login") == 0)
		reply(c, 511, "Content-Type: text/html\r\n", "log in");
	else if (strcmp(p, "/chunked") == 0)
		send_chunked(c);
	else if (strcmp(p, "/stall") == 0)
		send_file(c, 0, SERVER_FILE_LEN / 2), pause();
	else
		return false;
	return true;
}

static void drip(struct conn *c)
{
	say(c, "HTTP/1.1 200 Fine\r\nContent-Length: 100000\r\n\r\n");
	for (;;) {
		say(c, ".");
		clock_pause(20, NULL);
	}
}

static void send_big(struct conn *c)
{
	static const char zeros[65536];
	say(c, "HTTP/1.1 200 Fine\r\nConnection: close\r\n\r\n");
	for (int i = 0; i < 160; i++)
		send_bytes(c, zeros, sizeof(zeros));
}

static void answer_request(struct conn *c, unsigned nth)
{
	static const struct {
		const char *path, *headers;
		int status;
	} fixed[] = {
	    {"/redirect", "Location: /ok\r\n", 302},
	    {"/redirect-file", "Location: /file\r\n", 302},
	    {"/loop", "Location: /loop\r\n", 302},
	    {"/to-plain", "Location: http://tls.example/ok\r\n", 302},
	};
	const char *p = c->path;
	for (size_t i = 0; i < ARRAY_LEN(fixed); i++)
		if (strcmp(p, fixed[i].path) == 0)
			reply(c, fixed[i].status, fixed[i].headers, "moved");
	_cleanup_free_ char *echo =
	    xasprintf("%s|%s|%s", c->method, c->body, c->auth ? c->auth : "");
	if (strcmp(p, "/ok") == 0)
		reply(c, 200, "X-Thing:  A: b \r\n", "hello");
	else if (strcmp(p, "/echo") == 0)
		reply(c, 200, "", echo);
	else if (strcmp(p, "/line") == 0)
		reply(c, 200, "", c->line);
	else if (text_starts(p, "/status/"))
		reply(c, atoi(p + 8), "", atoi(p + 8) == 304 ? "" : "<html>no</html>");
	else if (strcmp(p, "/flaky") == 0)
		reply(c, nth < 3 ? 503 : 200, "", "");
	else if (strcmp(p, "/retry-after") == 0)
		reply(c, nth < 2 ? 429 : 200, "Retry-After: 2\r\n", "");
	else if (strcmp(p, "/cut") == 0)
		say(c, "HTTP/1.1 200 Fine\r\nContent-Length: 100\r\n\r\nonly this");
	else if (strcmp(p, "/garbage") == 0)
		say(c, "SSH-2.0-OpenSSH_9.2\r\n\r\n\r\n");
	else if (strcmp(p, "/silent") == 0)
		pause();
	else if (strcmp(p, "/drip") == 0)
		drip(c);
	else if (strcmp(p, "/big") == 0)
		send_big(c);
	/* "/drop": nothing at all */
}

static _Noreturn void converse(int fd, bool tls)
{
	static struct conn c;
	c.fd = fd;
	if (tls) {
		c.ssl = SSL_new(tls_ctx);
		SSL_set_fd(c.ssl, fd);
		if (SSL_accept(c.ssl) != 1)
			_exit(0);
	}
	read_request(&c);
	unsigned nth = __atomic_add_fetch(&server_shared->requests, 1, __ATOMIC_SEQ_CST);
	server_shared->range = c.range;
	if (!answer_download(&c, nth))
		answer_request(&c, nth);
	if (c.ssl)
		SSL_shutdown(c.ssl);
	shutdown(fd, SHUT_WR);
	while (recv(fd, c.request, sizeof(c.request), 0) >
	       0) /* or unread bytes turn the end into a reset */
		;
	_exit(0);
}

/* --- the server ----------------------------------------------------------------------------- */

static int listener(unsigned *port)
{
	struct sockaddr_in sa = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(sa);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert(bind(fd, (struct sockaddr *)&sa, len) == 0 && listen(fd, 20) == 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&sa, &len), 0);
	*port = ntohs(sa.sin_port);
	return fd;
}

static _Noreturn void serve(int plain, int tls)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	signal(SIGCHLD, SIG_IGN);
	setpgid(0, 0);
	for (;;) {
		struct pollfd p[] = {{.fd = plain, .events = POLLIN},
				     {.fd = tls, .events = POLLIN}};
		poll(p, 2, -1);
		for (int i = 0; i < 2; i++) {
			int fd = p[i].revents ? accept(p[i].fd, NULL, NULL) : -1;
			if (fd >= 0 && fork() == 0) {
				prctl(PR_SET_PDEATHSIG, SIGKILL);
				converse(fd, i == 1);
			}
			if (fd >= 0)
				close(fd);
		}
	}
}

/* A certificate for tls.example that is its own CA. */
static void make_certificate(const char *dir)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	X509V3_CTX v3;
	X509_set_version(x, 2);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), -3600);
	X509_gmtime_adj(X509_getm_notAfter(x), 3600);
	X509_set_pubkey(x, key);
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x), "CN", MBSTRING_ASC,
				   (const unsigned char *)"test CA", -1, -1, 0);
	X509_set_issuer_name(x, X509_get_subject_name(x));
	X509V3_set_ctx(&v3, x, x, NULL, NULL, 0);
	static const struct {
		int nid;
		const char *value;
	} exts[] = {{NID_basic_constraints, "critical,CA:TRUE"},
		    {NID_subject_alt_name, "DNS:tls.example"}};
	for (size_t i = 0; i < ARRAY_LEN(exts); i++) {
		X509_EXTENSION *ext = X509V3_EXT_conf_nid(NULL, &v3, exts[i].nid, exts[i].value);
		X509_add_ext(x, ext, -1);
		X509_EXTENSION_free(ext);
	}
	ck_assert(X509_sign(x, key, EVP_sha256()) > 0);
	tls_ctx = SSL_CTX_new(TLS_server_method());
	ck_assert(SSL_CTX_use_certificate(tls_ctx, x) == 1 &&
		  SSL_CTX_use_PrivateKey(tls_ctx, key) == 1);
	_cleanup_free_ char *path = xasprintf("%s/ca.pem", dir);
	_cleanup_fclose_ FILE *f = fopen(path, "we");
	ck_assert(f && PEM_write_X509(f, x) == 1);
	X509_free(x);
	EVP_PKEY_free(key);
}

void server_start(const char *dir)
{
	server_shared = mmap(NULL, sizeof(*server_shared), PROT_READ | PROT_WRITE,
			     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert(server_shared != MAP_FAILED);
	server_shared->range = -1;
	make_certificate(dir);
	int plain = listener(&server_shared->port), tls = listener(&server_shared->tls_port);
	server_file();
	server_pid = fork();
	if (server_pid == 0)
		serve(plain, tls);
	close(plain);
	close(tls);
}

void server_stop(void)
{
	if (server_pid > 0) {
		kill(server_pid, SIGKILL);
		waitpid(server_pid, NULL, 0);
	}
	server_pid = 0;
	SSL_CTX_free(tls_ctx);
	tls_ctx = NULL;
}
