/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* base/http against the small server of http-server.h: requests, tries, downloads, cancel, TLS. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "base/fs.h"
#include "base/http.h"
#include "base/mem.h"
#include "base/text.h"
#include "tests/unit/http-fixture.h"

static int get(const char *path, struct http_request rq, struct http_response *ret, struct err *e)
{
	_cleanup_free_ char *url = server_url(path);
	rq.url = url;
	return http_do(http, &rq, ret, e);
}

/* --- requests ------------------------------------------------------------------------------- */

START_TEST(a_plain_answer)
{
	struct err e = ERR_INIT;
	_cleanup_http_ struct http_response r = {0};
	ck_assert_int_eq(get("/ok", (struct http_request){.method = NULL}, &r, &e), 0);
	ck_assert_int_eq(r.status, 200);
	ck_assert_str_eq(r.body, "hello");
	ck_assert_uint_eq(r.len, 5);
	ck_assert_str_eq(r.remote, "127.0.0.1");
	ck_assert_str_eq(http_header(&r, "x-thing"), "A: b");
	ck_assert_ptr_null(http_header(&r, "x-thin"));
}
END_TEST

START_TEST(methods)
{
	static const char *const headers[] = {"Authorization: Bearer abc",
					      "Content-Type: application/json", NULL};
	static const struct {
		const char *method, *body, *want;
	} cases[] = {
	    {"GET", NULL, "GET||Bearer abc"},
	    {"POST", "{\"a\":1}", "POST|{\"a\":1}|Bearer abc"},
	    {"POST", NULL, "POST||Bearer abc"},
	    {"PATCH", "x", "PATCH|x|Bearer abc"},
	    {"PUT", "", "PUT||Bearer abc"},
	    {"DELETE", NULL, "DELETE||Bearer abc"},
	    {"HEAD", NULL, ""},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		_cleanup_http_ struct http_response r = {0};
		struct http_request rq = {
		    .method = cases[i].method, .body = cases[i].body, .headers = headers};
		ck_assert_int_eq(get("/echo", rq, &r, NULL), 0);
		ck_assert_str_eq(r.body, cases[i].want);
	}
}
END_TEST

START_TEST(redirects)
{
	_cleanup_http_ struct http_response r = {0}, r2 = {0}, r3 = {0};
	struct err e = ERR_INIT;
	ck_assert_int_eq(get("/redirect", (struct http_request){.follow = false}, &r, &e), 0);
	ck_assert_int_eq(r.status, 302);
	ck_assert_str_eq(http_header(&r, "location"), "/ok");
	ck_assert_int_eq(get("/redirect", (struct http_request){.follow = true}, &r2, &e), 0);
	ck_assert_int_eq(r2.status, 200);
	ck_assert_str_eq(r2.body, "hello");
	ck_assert_ptr_null(http_header(&r2, "location"));
	ck_assert_int_eq(get("/loop", (struct http_request){.follow = true}, &r3, &e), -1);
	ck_assert_int_eq(e.fault, FAULT_HTTP_PROTOCOL);
}
END_TEST

START_TEST(too_big)
{
	struct err e = ERR_INIT;
	_cleanup_http_ struct http_response r = {0}, r2 = {0};
	ck_assert_int_eq(get("/big", (struct http_request){.max = 0}, &r, &e), -1);
	ck_assert_int_eq(e.fault, FAULT_HTTP_TOO_BIG);
	ck_assert_ptr_null(r.body);
	ck_assert_int_eq(get("/ok", (struct http_request){.max = 5}, &r2, NULL), 0);
}
END_TEST

static const struct {
	const char *path, *method;
	unsigned tries;
	long status;
} tries[] = {
    {"/status/503", NULL, 3, 503},  {"/status/502", "HEAD", 3, 502},
    {"/status/429", "GET", 3, 429}, {"/status/503", "POST", 1, 503},
    {"/status/500", NULL, 1, 500},  {"/status/404", NULL, 1, 404},
    {"/flaky", NULL, 3, 200},
};

START_TEST(number_of_tries)
{
	_cleanup_http_ struct http_response r = {0};
	ck_assert_int_eq(
	    get(tries[_i].path, (struct http_request){.method = tries[_i].method}, &r, NULL), 0);
	ck_assert_int_eq(r.status, tries[_i].status);
	ck_assert_uint_eq(server_shared->requests, tries[_i].tries);
}
END_TEST

START_TEST(retry_after_is_heard)
{
	_cleanup_http_ struct http_response r = {0}, r2 = {0};
	long begin = clock_ms();
	ck_assert_int_eq(get("/retry-after", (struct http_request){.body = NULL}, &r, NULL), 0);
	ck_assert_int_eq(r.status, 200);
	ck_assert_int_ge(clock_ms() - begin, 2000);
	begin = clock_ms(); /* with no time for it, the answer is handed over as it is */
	server_shared->requests = 0;
	ck_assert_int_eq(get("/retry-after", (struct http_request){.timeout_s = 1}, &r2, NULL), 0);
	ck_assert_int_eq(r2.status, 429);
	ck_assert_int_lt(clock_ms() - begin, 900);
}
END_TEST

START_TEST(no_answer)
{
	static const struct {
		const char *path, *method;
		unsigned tries;
		enum fault fault;
	} cases[] = {
	    {"/drop", NULL, 3, FAULT_HTTP_CONNECT},	{"/drop", "POST", 1, FAULT_HTTP_CONNECT},
	    {"/cut", "POST", 1, FAULT_HTTP_CONNECT},	{"/silent", NULL, 1, FAULT_HTTP_TIMEOUT},
	    {"/garbage", NULL, 1, FAULT_HTTP_PROTOCOL},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err e = ERR_INIT;
		_cleanup_http_ struct http_response r = {0};
		struct http_request rq = {.method = cases[i].method,
					  .timeout_s =
					      cases[i].fault == FAULT_HTTP_TIMEOUT ? 1 : 0};
		server_shared->requests = 0;
		ck_assert_int_eq(get(cases[i].path, rq, &r, &e), -1);
		_cleanup_free_ char *text = err_text(&e);
		ck_assert_msg(e.fault == cases[i].fault, "%s: %s", cases[i].path, text);
		ck_assert_uint_eq(server_shared->requests, cases[i].tries);
		ck_assert(text_starts(e.args[0], "http://127.0.0.1:") &&
			  text_ends(e.args[0], cases[i].path));
	}
}
END_TEST

START_TEST(no_server)
{
	struct err e = ERR_INIT, e2 = ERR_INIT, e3 = ERR_INIT;
	_cleanup_http_ struct http_response r = {0};
	char url[128] = "http://";
	memset(url + 7, 'a', 64); /* no name can have such a part, so nobody is asked */
	strcpy(url + 71, ".invalid/x");
	ck_assert_int_eq(http_do(http, &(struct http_request){.url = url}, &r, &e), -1);
	ck_assert_int_eq(e.fault, FAULT_HTTP_DNS);
	server_stop();
	ck_assert_int_eq(get("/ok?token=secret", (struct http_request){.body = NULL}, &r, &e2), -1);
	ck_assert_int_eq(e2.fault, FAULT_HTTP_CONNECT);
	ck_assert(text_ends(e2.args[0], "/ok")); /* what stands behind ? may be secret */
	ck_assert_int_eq(
	    http_do(http, &(struct http_request){.url = "ftp://u:pw@127.0.0.1/x"}, &r, &e3), -1);
	ck_assert_int_eq(e3.fault, FAULT_HTTP_PROTOCOL);
	ck_assert_str_eq(e3.args[0], "ftp://127.0.0.1/x");
}
END_TEST

START_TEST(plain_http_needs_leave)
{
	struct err e = ERR_INIT;
	_cleanup_http_ struct http_response r = {0};
	_cleanup_free_ char *url = server_url("/ok");
	struct http *strict = http_new(&(struct http_opts){.cancel = &cancel});
	ck_assert_int_eq(http_do(strict, &(struct http_request){.url = url}, &r, &e), -1);
	ck_assert_int_eq(e.fault, FAULT_HTTP_PROTOCOL);
	ck_assert_uint_eq(server_shared->requests, 0);
	http_free(strict);
}
END_TEST

START_TEST(proxy_and_map)
{
	_cleanup_free_ char *proxy = server_url(""),
			    *rule =
				xasprintf("mapped.example:80:127.0.0.1:%u", server_shared->port);
	const char *const rules[] = {rule, NULL};
	struct http *h = http_new(&(struct http_opts){
	    .allow_http = true, .proxy = proxy, .connect_to = rules, .no_proxy = "mapped.example"});
	static const struct {
		const char *url, *want;
		bool bypass;
	} cases[] = {
	    {"http://far.example/line", "GET http://far.example/line HTTP/1.1", false},
	    {"http://mapped.example/line", "GET /line HTTP/1.1", false},
	    {"http://mapped.example/line", "GET /line HTTP/1.1", true},
	};
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err e = ERR_INIT;
		_cleanup_http_ struct http_response r = {0};
		const struct http_request rq = {.url = cases[i].url,
						.bypass_proxy = cases[i].bypass};
		ck_assert_int_eq(http_do(h, &rq, &r, &e), 0);
		ck_assert_str_eq(r.body, cases[i].want);
	}
	http_free(h);
}
END_TEST

START_TEST(resolve_to)
{
	struct err e = ERR_INIT;
	_cleanup_http_ struct http_response r = {0}, r2 = {0};
	char url[160];
	snprintf(url, sizeof(url), "http://%064d.invalid:%u/ok", 0, server_shared->port);
	ck_assert_int_eq(
	    http_do(http, &(struct http_request){.url = url, .resolve_to = "127.0.0.1"}, &r, NULL),
	    0);
	ck_assert_str_eq(r.body, "hello");
	ck_assert_int_eq(http_do(http, &(struct http_request){.url = url}, &r2, &e), -1);
	ck_assert_int_eq(e.fault, FAULT_HTTP_DNS); /* it was for one request only */
}
END_TEST

/* In the middle of a body, of a silence, and of the wait between two tries. */
START_TEST(cancelled)
{
	static const char *const paths[] = {"/drip", "/silent", "/status/503"};
	struct err e = ERR_INIT, e2 = ERR_INIT;
	_cleanup_http_ struct http_response r = {0};
	long begin = clock_ms();
	cancel_after(300);
	ck_assert_int_eq(get(paths[_i], (struct http_request){.timeout_s = 20}, &r, &e), -1);
	ck_assert_int_eq(e.fault, FAULT_CANCELLED);
	ck_assert_int_lt(clock_ms() - begin, 300 + 200 + 200);
	server_shared->requests = 0;
	ck_assert_int_eq(get("/ok", (struct http_request){.body = NULL}, &r, &e2), -1);
	ck_assert_int_eq(e2.fault, FAULT_CANCELLED);
	ck_assert_uint_eq(server_shared->requests, 0);
}
END_TEST

/* --- TLS ------------------------------------------------------------------------------------ */

/* The server's certificate is for tls.example and signed by the CA in ca.pem, that nobody knows. */
START_TEST(tls)
{
	_cleanup_free_ char *ca = xasprintf("%s/ca.pem", dir),
			    *rule = xasprintf("::127.0.0.1:%u", server_shared->tls_port);
	const char *const rules[] = {rule, NULL};
	const struct {
		const char *url, *ca;
		enum fault fault;
	} cases[] = {
	    {"https://tls.example/ok", ca, FAULT_NONE},
	    {"https://tls.example/ok", NULL, FAULT_HTTP_TLS},
	    {"https://other.example/ok", ca, FAULT_HTTP_TLS},
	    {"https://tls.example/to-plain", ca, FAULT_HTTP_PROTOCOL},
	    {"https://tls.example/ok", "/no/such/file", FAULT_IO},
	};
	struct err e = ERR_INIT;
	_cleanup_http_ struct http_response r = {0};
	struct http *h =
	    http_new(&(struct http_opts){.ca_file = cases[_i].ca, .connect_to = rules});
	const struct http_request rq = {.url = cases[_i].url, .follow = true};
	ck_assert_int_eq(http_do(h, &rq, &r, &e), cases[_i].fault == FAULT_NONE ? 0 : -1);
	_cleanup_free_ char *text = err_text(&e);
	ck_assert_msg(e.fault == cases[_i].fault, "%s", text);
	if (e.fault == FAULT_NONE)
		ck_assert_str_eq(r.body, "hello");
	http_free(h);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("http");
	TCase *t = tcase_create("http");
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, a_plain_answer);
	tcase_add_test(t, methods);
	tcase_add_test(t, redirects);
	tcase_add_test(t, too_big);
	tcase_add_loop_test(t, number_of_tries, 0, ARRAY_LEN(tries));
	tcase_add_test(t, retry_after_is_heard);
	tcase_add_test(t, no_answer);
	tcase_add_test(t, no_server);
	tcase_add_test(t, plain_http_needs_leave);
	tcase_add_test(t, proxy_and_map);
	tcase_add_test(t, resolve_to);
	tcase_add_loop_test(t, cancelled, 0, 3);
	tcase_add_loop_test(t, tls, 0, 5);
	suite_add_tcase(s, t);
	return unit_run(s);
}
