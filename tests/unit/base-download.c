/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* Downloads against the small server of http-server.h: cut, resumed, refused, slow, and two at once. */
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/text.h"
#include "tests/unit/http-fixture.h"

static int download(const char *path, const char *sha256, size_t max, struct err *e)
{
	_cleanup_free_ char *url = server_url(path);
	return http_download(http, url, NULL, sha256, max, dest, 0640, e);
}

static char *right_hash(void)
{
	return crypto_sha256(server_file(), SERVER_FILE_LEN);
}

static void assert_in_place(void)
{
	ck_assert_int_eq(fs_same(dest, server_file(), SERVER_FILE_LEN, 0640, NULL), 1);
	ck_assert(!fs_exists(part));
}

static void leave_part(size_t n)
{
	ck_assert_int_eq(fs_write_atomic(part, server_file(), n, 0600, NULL), 0);
}

static const struct {
	const char *path;
	size_t left; /* bytes of the right file that an earlier run left behind */
	unsigned requests;
	long long range; /* of the last request, -1: none */
} fetched[] = {
    {"/file", 0, 1, -1},
    {"/redirect-file", 0, 2, -1},
    {"/file", 1000, 1, 1000},
    {"/norange", 1000, 1, 1000},       /* sends the whole */
    {"/file", SERVER_FILE_LEN, 0, -1}, /* was whole already */
    {"/file-cut", 0, 3, 200000},       /* each answer breaks off after 100000 bytes */
    {"/file-416", 1000, 2, -1},
    {"/wrong-range", 1000, 2, -1},
    {"/flaky-file", 0, 3, -1},
    {"/busy-file", 0, 2, -1}, /* a busy one asks for a second's patience */
    {"/chunked", 0, 1, -1},
};

START_TEST(fetching)
{
	struct err e = ERR_INIT;
	_cleanup_free_ char *sha256 = right_hash();
	if (fetched[_i].left)
		leave_part(fetched[_i].left);
	int r = download(fetched[_i].path, sha256, 0, &e);
	_cleanup_free_ char *text = err_text(&e);
	ck_assert_msg(r == 0, "%s", text);
	assert_in_place();
	ck_assert_uint_eq(server_shared->requests, fetched[_i].requests);
	ck_assert_int_eq(server_shared->range, fetched[_i].range);
}
END_TEST

START_TEST(part_of_something_else)
{
	static char junk[SERVER_FILE_LEN + 500];
	static const size_t sizes[] = {1000, sizeof(junk)};
	struct err e = ERR_INIT;
	_cleanup_free_ char *sha256 = right_hash();
	ck_assert_int_eq(fs_write_atomic(part, junk, sizes[_i], 0600, NULL), 0);
	ck_assert_int_eq(download("/file", sha256, 0, &e), 0);
	assert_in_place();
	ck_assert_uint_eq(server_shared->requests, 2);
}
END_TEST

START_TEST(without_hash_a_part_is_not_trusted)
{
	leave_part(1000);
	ck_assert_int_eq(download("/file", NULL, 0, NULL), 0);
	assert_in_place();
	ck_assert_int_eq(server_shared->range, -1);
}
END_TEST

static const struct {
	const char *path;
	size_t max;
	enum fault fault;
} refused[] = {
    {"/status/404", 0, FAULT_HTTP_STATUS}, {"/status/403", 0, FAULT_HTTP_STATUS},
    {"/status/304", 0, FAULT_HTTP_STATUS}, {"/ok", 0, FAULT_HASH},
    {"/file", 1000, FAULT_HTTP_TOO_BIG},   {"/garbage", 0, FAULT_HTTP_PROTOCOL},
};

START_TEST(refusing)
{
	struct err e = ERR_INIT;
	_cleanup_free_ char *sha256 = right_hash();
	ck_assert_int_eq(fs_write_atomic(dest, "old", 3, 0600, NULL), 0);
	ck_assert_int_eq(download(refused[_i].path, sha256, refused[_i].max, &e), -1);
	_cleanup_free_ char *text = err_text(&e);
	ck_assert_msg(e.fault == refused[_i].fault, "%s", text);
	ck_assert_int_eq(fs_same(dest, "old", 3, 0600, NULL), 1);
	ck_assert_uint_eq(server_shared->requests, 1);
}
END_TEST

START_TEST(disk_trouble)
{
	struct err e = ERR_INIT;
	_cleanup_free_ char *sha256 = right_hash();
	signal(SIGXFSZ, SIG_IGN);
	struct rlimit rl = {100000, RLIM_INFINITY};
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &rl), 0);
	int r = download("/file", sha256, 0, &e);
	rl.rlim_cur = RLIM_INFINITY;
	setrlimit(RLIMIT_FSIZE, &rl);
	ck_assert_int_eq(r, -1);
	ck_assert_int_eq(e.fault, FAULT_IO);
	ck_assert_int_eq(download("/file", sha256, 0, NULL), 0); /* goes on where it stopped */
	ck_assert_int_eq(server_shared->range, 100000);
	assert_in_place();
}
END_TEST

START_TEST(cancelled_download_goes_on)
{
	struct err e = ERR_INIT;
	_cleanup_free_ char *sha256 = right_hash();
	long begin = clock_ms();
	cancel_after(300);
	ck_assert_int_eq(download("/stall", sha256, 0, &e), -1); /* stops in the middle and waits */
	ck_assert_int_eq(e.fault, FAULT_CANCELLED);
	ck_assert_int_lt(clock_ms() - begin, 300 + 200 + 200);
	ck_assert(!fs_exists(dest));
	cancel = 0;
	ck_assert_int_eq(download("/file", sha256, 0, NULL), 0);
	ck_assert_int_eq(server_shared->range, SERVER_FILE_LEN / 2);
	assert_in_place();
}
END_TEST

static void on_progress(void *arg, long long done, long long total)
{
	long long *seen = arg;
	ck_assert_int_ge(done, seen[0]);
	seen[0] = done;
	seen[1] = total;
}

START_TEST(progress)
{
	long long seen[2] = {0, 0};
	_cleanup_free_ char *sha256 = right_hash(), *url = server_url("/file");
	struct http *h =
	    http_new(&(struct http_opts){.allow_http = true, .progress = on_progress, .arg = seen});
	leave_part(1000);
	ck_assert_int_eq(http_download(h, url, NULL, sha256, 0, dest, 0640, NULL), 0);
	ck_assert_int_eq(seen[0], SERVER_FILE_LEN);
	ck_assert_int_eq(seen[1], SERVER_FILE_LEN);
	http_free(h);
}
END_TEST

/* --- a bad line ----------------------------------------------------------------------------- */

static void assert_fetched(const char *path, unsigned requests)
{
	struct err e = ERR_INIT;
	_cleanup_free_ char *sha256 = right_hash();
	int r = download(path, sha256, 0, &e);
	_cleanup_free_ char *text = err_text(&e);
	ck_assert_msg(r == 0, "%s: %s", path, text);
	assert_in_place();
	ck_assert_uint_eq(server_shared->requests, requests);
}

/* Behind each tenth of the file, and at its very ends. */
START_TEST(cut_anywhere)
{
	static const char *const kinds[] = {"/cut-once/", "/cut-once-norange/"};
	static const int offsets[] = {0, 1, SERVER_FILE_LEN - 1};
	size_t at = _i < 9 ? (size_t)(_i + 1) * SERVER_FILE_LEN / 10 : (size_t)offsets[_i - 9];
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		_cleanup_free_ char *path = xasprintf("%s%zu", kinds[k], at);
		server_shared->requests = 0;
		assert_fetched(path, 2);
		ck_assert_int_eq(server_shared->range, at == 0 ? -1 : (long long)at);
		unlink(dest);
	}
}
END_TEST

START_TEST(stalls_and_goes_on)
{
	http = http_free(http);
	http = http_new(&(struct http_opts){.allow_http = true, .cancel = &cancel, .slow_s = 1});
	assert_fetched("/stall-once", 2);
	ck_assert_int_eq(server_shared->range, 100000);
}
END_TEST

START_TEST(drips)
{
	struct err e = ERR_INIT;
	_cleanup_free_ char *sha256 = right_hash();
	struct http_opts opts = {.allow_http = true, .cancel = &cancel, .slow_s = 1, .give_way = true};
	http = http_free(http);
	http = http_new(&opts);
	ck_assert_int_eq(download("/drip", sha256, 0, &e), -1);
	ck_assert_int_eq(e.fault, FAULT_HTTP_TIMEOUT);
	ck_assert(!fs_exists(dest));
	ck_assert_uint_eq(server_shared->requests, 2); /* a head start tries no more often */
}
END_TEST

/* A page must not touch what is there already. */
START_TEST(page_in_the_middle)
{
	struct err e = ERR_INIT;
	_cleanup_free_ char *sha256 = right_hash();
	leave_part(1000);
	ck_assert_int_eq(download("/page", sha256, 0, &e), -1);
	ck_assert_int_eq(e.fault, FAULT_HTTP_PAGE);
	ck_assert_int_eq(fs_same(part, server_file(), 1000, 0600, NULL), 1);
	ck_assert_int_eq(download("/file", sha256, 0, NULL), 0);
	ck_assert_int_eq(server_shared->range, 1000);
	assert_in_place();
}
END_TEST

/* Not even where http would be allowed. */
START_TEST(to_plain_http)
{
	struct err e = ERR_INIT;
	_cleanup_free_ char *ca = xasprintf("%s/ca.pem", dir), *sha256 = right_hash(),
			    *rule = xasprintf("tls.example:443:127.0.0.1:%u", server_shared->tls_port);
	const char *const rules[] = {rule, NULL};
	http = http_free(http);
	http = http_new(&(struct http_opts){
	    .ca_file = ca, .connect_to = rules, .allow_http = _i == 1});
	ck_assert_int_eq(http_download(http, "https://tls.example/to-plain", NULL, sha256, 0, dest, 0640,
				       &e),
			 -1);
	ck_assert_int_eq(e.fault, FAULT_HTTP_PROTOCOL);
	ck_assert_ptr_nonnull(strstr(e.msgid, "not https"));
	ck_assert(!fs_exists(dest));
	ck_assert_uint_eq(server_shared->requests, 1); /* nobody asked the other address */
}
END_TEST

START_TEST(cut_by_somebody)
{
	struct err e = ERR_INIT;
	_cleanup_free_ char *sha256 = right_hash();
	pid_t vandal = fork();
	if (vandal == 0) {
		struct stat st;
		while (stat(part, &st) < 0 || st.st_size < 50000)
			clock_pause(1, NULL);
		_exit(truncate(part, 10));
	}
	ck_assert_int_eq(download("/slow", sha256, 0, &e), -1);
	ck_assert_int_eq(e.fault, FAULT_IO);
	ck_assert(!fs_exists(dest) && !fs_exists(part));
	waitpid(vandal, NULL, 0);
}
END_TEST

/* --- two at once ---------------------------------------------------------------------------- */

static pid_t other;

/* Another process that is in the middle of the file. */
static void start_other(void)
{
	struct stat st;
	fflush(stdout);
	other = fork();
	if (other == 0) {
		_cleanup_free_ char *sha256 = right_hash();
		http = http_new(&(struct http_opts){.allow_http = true});
		_exit(download("/slow", sha256, 0, NULL) < 0);
	}
	while (stat(part, &st) < 0 || st.st_size < 30000)
		clock_pause(1, NULL);
}

static void kill_other(int sig)
{
	kill(other, SIGKILL);
}

static void on_shown(void *arg, long long done, long long total)
{
	long long *seen = arg;
	seen[0]++;
	seen[1] = total > seen[1] ? total : seen[1];
	ck_assert_int_le(done, SERVER_FILE_LEN);
}

START_TEST(two_at_once)
{
	struct err e = ERR_INIT;
	_cleanup_free_ char *sha256 = right_hash();
	long long seen[2] = {0, 0};
	int status;
	http = http_free(http);
	http = http_new(&(struct http_opts){.allow_http = true, .progress = on_shown, .arg = seen});
	start_other();
	ck_assert_int_eq(download("/file", sha256, 0, &e), 0);
	assert_in_place();
	ck_assert_int_eq(waitpid(other, &status, 0), other);
	ck_assert_int_eq(status, 0);
	ck_assert_uint_eq(server_shared->requests, 1);
	ck_assert_int_gt(seen[0], 0);
	ck_assert_int_eq(seen[1], SERVER_FILE_LEN); /* of the other's download */
}
END_TEST

START_TEST(the_other_is_killed)
{
	struct err e = ERR_INIT;
	_cleanup_free_ char *sha256 = right_hash();
	start_other();
	signal(SIGALRM, kill_other);
	cancel_after(200);
	ck_assert_int_eq(download("/file", sha256, 0, &e), 0);
	assert_in_place();
	ck_assert_int_eq(waitpid(other, NULL, 0), other);
	ck_assert_uint_eq(server_shared->requests, 2);
	ck_assert_int_ge(server_shared->range, 30000); /* not from the beginning */
}
END_TEST

START_TEST(cancelled_while_waiting)
{
	struct err e = ERR_INIT;
	_cleanup_free_ char *sha256 = right_hash();
	start_other();
	cancel_after(100);
	ck_assert_int_eq(download("/file", sha256, 0, &e), -1);
	ck_assert_int_eq(e.fault, FAULT_CANCELLED);
	ck_assert_int_eq(waitpid(other, NULL, 0), other); /* which is none of its business */
	assert_in_place();
}
END_TEST

START_TEST(gives_way)
{
	struct err e = ERR_INIT;
	_cleanup_free_ char *sha256 = right_hash();
	http = http_free(http);
	http = http_new(&(struct http_opts){.allow_http = true, .give_way = true});
	start_other();
	ck_assert_int_eq(download("/file", sha256, 0, &e), -1);
	ck_assert_int_eq(e.fault, FAULT_LOCKED);
	ck_assert_int_eq(http_download_wait(http, dest, NULL), 0);
	ck_assert(!fs_exists(dest));
	kill_other(0);
	waitpid(other, NULL, 0);
}
END_TEST

START_TEST(waits_only)
{
	ck_assert_int_eq(http_download_wait(http, dest, NULL), 0);
	leave_part(1000); /* nobody is at it */
	ck_assert_int_eq(http_download_wait(http, dest, NULL), 0);
	unlink(part);
	start_other();
	ck_assert_int_eq(http_download_wait(http, dest, NULL), 0);
	assert_in_place();
	waitpid(other, NULL, 0);
}
END_TEST

START_TEST(right_already)
{
	ck_assert_int_eq(fs_write_atomic(dest, server_file(), SERVER_FILE_LEN, 0640, NULL), 0);
	assert_fetched("/file", 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("download");
	TCase *t = tcase_create("download");
	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, fetching, 0, ARRAY_LEN(fetched));
	tcase_add_loop_test(t, part_of_something_else, 0, 2);
	tcase_add_test(t, without_hash_a_part_is_not_trusted);
	tcase_add_loop_test(t, refusing, 0, ARRAY_LEN(refused));
	tcase_add_test(t, disk_trouble);
	tcase_add_test(t, cancelled_download_goes_on);
	tcase_add_test(t, progress);
	tcase_add_loop_test(t, cut_anywhere, 0, 12);
	tcase_add_test(t, stalls_and_goes_on);
	tcase_add_test(t, drips);
	tcase_add_test(t, page_in_the_middle);
	tcase_add_loop_test(t, to_plain_http, 0, 2);
	tcase_add_test(t, cut_by_somebody);
	tcase_add_test(t, two_at_once);
	tcase_add_test(t, the_other_is_killed);
	tcase_add_test(t, cancelled_while_waiting);
	tcase_add_test(t, gives_way);
	tcase_add_test(t, waits_only);
	tcase_add_test(t, right_already);
	suite_add_tcase(s, t);
	return unit_run(s);
}
