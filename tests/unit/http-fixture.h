/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What the tests of base/http share: a server, a folder, a handle, an alarm that cancels. */
#pragma once

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/crypto.h"
#include "base/fs.h"
#include "base/http.h"
#include "base/mem.h"
#include "tests/unit/http-server.h"
#include "tests/unit/unit.h"

static volatile sig_atomic_t cancel;
static char dir[64], dest[96], part[112];
static struct http *http;

static void on_alarm(int sig)
{
	cancel = 1;
}

static void setup(void)
{
	strcpy(dir, "/tmp/base-http.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(dest, sizeof(dest), "%s/file", dir);
	snprintf(part, sizeof(part), "%s/file.part", dir);
	server_start(dir);
	signal(SIGALRM, on_alarm);
	/* The environment's proxies must not matter. */
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
	http = http_new(&(struct http_opts){.allow_http = true, .cancel = &cancel});
}

static void teardown(void)
{
	http = http_free(http);
	server_stop();
	unlink(dest);
	unlink(part);
	_cleanup_free_ char *ca = xasprintf("%s/ca.pem", dir);
	unlink(ca);
	ck_assert_int_eq(rmdir(dir), 0);
}

static void cancel_after(long ms)
{
	struct itimerval it = {.it_value = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000}};
	ck_assert_int_eq(setitimer(ITIMER_REAL, &it, NULL), 0);
}
