/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* A small HTTP(S) server on loopback for base-http.c; the path of the URL tells how it behaves. */
#pragma once

#include <stddef.h>

#define SERVER_FILE_LEN 300000

/* Seen by the test and by the server's processes. */
struct server_shared {
	unsigned port, tls_port;
	unsigned requests;
	long long range; /* start of the last request's Range, -1: none */
};
extern struct server_shared *server_shared;

/* Starts it and writes the CA of its certificate to dir/ca.pem. */
void server_start(const char *dir);
void server_stop(void);

/* "http://127.0.0.1:PORT" + path. New. */
char *server_url(const char *path);

/* SERVER_FILE_LEN bytes that the download paths send. Static. */
const char *server_file(void);
