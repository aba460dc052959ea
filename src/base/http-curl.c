/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* libcurl: the options that every transfer has, the loop that runs one, and its faults. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/crypto.h"
#include "base/fs.h"
#include "base/http-priv.h"
#include "base/mem.h"
#include "base/net.h"
#include "base/text.h"

#define CONNECT_TIMEOUT_MS 10000L
#define MAX_REDIRECTS 5L
#define TICK_MS 100
#define SYSTEM_CAS "/etc/ssl/certs"
#define CAS_MAX (16u << 20)

struct http *http_new(const struct http_opts *opts)
{
	struct http *h = xcalloc(1, sizeof(*h));
	h->opts = *opts;
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		abort();
	h->multi = curl_multi_init();
	h->easy = curl_easy_init();
	if (!h->multi || !h->easy)
		abort();
	return h;
}

struct http *http_free(struct http *h)
{
	if (!h)
		return NULL;
	curl_easy_cleanup(h->easy);
	curl_multi_cleanup(h->multi);
	curl_global_cleanup();
	free(h);
	return NULL;
}

bool http_cancelled(const struct http *h)
{
	return h->opts.cancel && *h->opts.cancel;
}

char *http_shown_url(const char *url)
{
	const char *host = strstr(url, "://");
	host = host ? host + 3 : url;
	const char *path = host + strcspn(host, "/?#");
	const char *at = memrchr(host, '@', (size_t)(path - host));
	const char *end = path + strcspn(path, "?#");
	const char *from = at ? at + 1 : host;
	return xasprintf("%.*s%.*s", (int)(host - url), url, (int)(end - from), from);
}

/* --- options ---------------------------------------------------------------------------------- */

/* The system's CAs come from the folder in which update-ca-certificates keeps them by their hash:
 * OpenSSL then opens the one that it needs. Reading all of the bundle costs 20 ms and 2 MiB, at every
 * connection again. */
static int set_cas(struct http *h, struct err *e)
{
	const char *file = h->opts.ca_file && *h->opts.ca_file ? h->opts.ca_file : NULL;
	_cleanup_free_ char *text = NULL;
	if (file && fs_read(file, CAS_MAX, &text, NULL, e) < 0)
		return -1;
	curl_easy_setopt(h->easy, CURLOPT_CAPATH, SYSTEM_CAS);
	curl_easy_setopt(h->easy, CURLOPT_PROXY_CAPATH, SYSTEM_CAS);
	curl_easy_setopt(h->easy, CURLOPT_CAINFO, file);
	curl_easy_setopt(h->easy, CURLOPT_PROXY_CAINFO, file);
	return 0;
}

static void set_proxy(struct http *h, struct http_transfer *t, bool bypass)
{
	const char *proxy = bypass || !h->opts.proxy ? "" : h->opts.proxy;
	t->proxy = *proxy ? proxy : NULL;
	curl_easy_setopt(h->easy, CURLOPT_PROXY, proxy); /* "" also shuts out the environment's */
	curl_easy_setopt(h->easy, CURLOPT_NOPROXY, h->opts.no_proxy ? h->opts.no_proxy : "");
}

static void add_slist(struct curl_slist **list, const char *s)
{
	struct curl_slist *l = curl_slist_append(*list, s);
	if (!l)
		abort();
	*list = l;
}

/* The map of the config first, then the request's own address for its host. (Not CURLOPT_RESOLVE:
 * its entries stay in the cache and would catch later requests.) */
static void set_connect_to(struct http *h, struct http_transfer *t, const struct http_request *rq)
{
	for (size_t i = 0; h->opts.connect_to && h->opts.connect_to[i]; i++)
		add_slist(&t->connect_to, h->opts.connect_to[i]);
	CURLU *u = curl_url();
	char *host = NULL, *port = NULL;
	if (rq->resolve_to && u && curl_url_set(u, CURLUPART_URL, rq->url, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
	    curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK) {
		_cleanup_free_ char *rule =
		    xasprintf("%s:%s:%s:%s", host, port, rq->resolve_to, port);
		add_slist(&t->connect_to, rule);
	}
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(u);
	curl_easy_setopt(h->easy, CURLOPT_CONNECT_TO, t->connect_to);
}

int http_prepare(struct http *h, struct http_transfer *t, const struct http_request *rq,
		 struct err *e)
{
	CURL *c = h->easy;
	const char *protocols = h->opts.allow_http ? "https,http" : "https";
	/* From https the way never leads to http. */
	const char *further = strncasecmp(rq->url, "http://", 7) == 0 ? protocols : "https";
	curl_easy_reset(c);
	if (set_cas(h, e) < 0)
		return -1;
	for (size_t i = 0; rq->headers && rq->headers[i]; i++)
		add_slist(&t->headers, rq->headers[i]);
	add_slist(&t->headers, "Expect:"); /* no waiting for "100 Continue" */
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, t->error);
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_QUICK_EXIT,
			 1L); /* cancel does not wait for getaddrinfo's thread */
	curl_easy_setopt(c, CURLOPT_URL, rq->url);
	curl_easy_setopt(c, CURLOPT_USERAGENT, "ess-setup");
	curl_easy_setopt(c, CURLOPT_HTTPHEADER, t->headers);
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, protocols);
	curl_easy_setopt(c, CURLOPT_REDIR_PROTOCOLS_STR, further);
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, rq->follow ? 1L : 0L);
	curl_easy_setopt(c, CURLOPT_MAXREDIRS, MAX_REDIRECTS);
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_TIMEOUT_MS);
	curl_easy_setopt(c, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, rq->any_issuer ? 0L : 1L);
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	set_proxy(h, t, rq->bypass_proxy);
	set_connect_to(h, t, rq);
	return 0;
}

void http_transfer_done(struct http_transfer *t)
{
	curl_slist_free_all(t->headers);
	curl_slist_free_all(t->connect_to);
}

/* --- running ---------------------------------------------------------------------------------- */

static CURLcode run_to_end(struct http *h)
{
	int running, left;
	while (!http_cancelled(h)) {
		if (curl_multi_perform(h->multi, &running) != CURLM_OK)
			return CURLE_FAILED_INIT;
		const CURLMsg *m = curl_multi_info_read(h->multi, &left);
		if (m && m->msg == CURLMSG_DONE)
			return m->data.result;
		curl_multi_poll(h->multi, NULL, 0, TICK_MS, NULL);
	}
	return CURLE_ABORTED_BY_CALLBACK;
}

CURLcode http_perform(struct http *h)
{
	CURLcode code = CURLE_FAILED_INIT;
	if (curl_multi_add_handle(h->multi, h->easy) == CURLM_OK) {
		code = run_to_end(h);
		curl_multi_remove_handle(h->multi, h->easy);
	}
	/* These are the caller's locals; the handle lives on. */
	curl_easy_setopt(h->easy, CURLOPT_ERRORBUFFER, NULL);
	curl_easy_setopt(h->easy, CURLOPT_HTTPHEADER, NULL);
	curl_easy_setopt(h->easy, CURLOPT_CONNECT_TO, NULL);
	return code;
}

/* --- faults ----------------------------------------------------------------------------------- */

/* A handshake that was cut off is a matter of the line (or of who cuts it), not of certificates. */
static bool cut_off(const char *error)
{
	return strstr(error, "SSL_ERROR_SYSCALL") || strcasestr(error, "connection reset") ||
	       strcasestr(error, "unexpected eof");
}

static enum fault fault_of(const struct http_transfer *t, CURLcode code)
{
	switch (code) {
	case CURLE_COULDNT_RESOLVE_HOST:
	case CURLE_COULDNT_RESOLVE_PROXY:
		return FAULT_HTTP_DNS;
	case CURLE_COULDNT_CONNECT:
	case CURLE_GOT_NOTHING:
	case CURLE_HTTP2:
	case CURLE_HTTP2_STREAM:
	case CURLE_PARTIAL_FILE:
	case CURLE_PROXY:
	case CURLE_RECV_ERROR:
	case CURLE_SEND_ERROR:
		return FAULT_HTTP_CONNECT;
	case CURLE_SSL_CONNECT_ERROR:
		return cut_off(t->error) ? FAULT_HTTP_CONNECT : FAULT_HTTP_TLS;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CIPHER:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
	case CURLE_SSL_CLIENTCERT:
		return FAULT_HTTP_TLS;
	case CURLE_OPERATION_TIMEDOUT:
		return FAULT_HTTP_TIMEOUT;
	case CURLE_FILESIZE_EXCEEDED:
		return FAULT_HTTP_TOO_BIG;
	case CURLE_ABORTED_BY_CALLBACK:
		return FAULT_CANCELLED;
	case CURLE_OUT_OF_MEMORY:
		abort();
	default:
		return FAULT_HTTP_PROTOCOL;
	}
}

/* True when the error text of a connection that failed names the proxy's host: hosts of no_proxy are
 * reached without it. (CURLINFO_USED_PROXY is newer than Debian 12's libcurl.) */
static bool names_proxy(const struct http_transfer *t)
{
	CURLU *u = curl_url();
	char *host = NULL;
	bool named = t->proxy && u &&
		     curl_url_set(u, CURLUPART_URL, t->proxy, CURLU_GUESS_SCHEME) == CURLUE_OK &&
		     curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK && strstr(t->error, host);
	curl_free(host);
	curl_url_cleanup(u);
	return named;
}

/* What is the proxy's own matter, told apart from what the server behind it says. False: it is not. */
static bool proxy_fault(struct http *h, const struct http_transfer *t, CURLcode code, const char *shown,
			struct err *e)
{
	long status = 0;
	curl_easy_getinfo(h->easy, CURLINFO_HTTP_CONNECTCODE, &status);
	if (!t->proxy || (status < 400 && code != CURLE_COULDNT_RESOLVE_PROXY &&
			  !(code == CURLE_COULDNT_CONNECT && names_proxy(t))))
		return false;
	_cleanup_free_ char *proxy = http_shown_url(t->proxy);
	_cleanup_free_ char *why = text_clean(t->error, strlen(t->error));
	if (status >= 500)
		err_set(e, FAULT_HTTP_CONNECT, N_("the proxy %s cannot reach %s (status %ld)"), proxy,
			shown, status);
	else if (status >= 400)
		err_set(e, FAULT_HTTP_PROXY, N_("the proxy %s refuses the way to %s (status %ld)"),
			proxy, shown, status);
	else
		err_set(e, FAULT_HTTP_PROXY, N_("the proxy %s does not answer: %s"), proxy, why);
	return true;
}

int http_fault(struct http *h, const struct http_transfer *t, CURLcode code, const char *url,
	       struct err *e)
{
	enum fault fault = http_cancelled(h) ? FAULT_CANCELLED : fault_of(t, code);
	_cleanup_free_ char *shown = http_shown_url(url);
	if (fault == FAULT_CANCELLED)
		return err_set(e, fault, N_("The run was cancelled"));
	if (proxy_fault(h, t, code, shown, e))
		return -1;
	if (fault == FAULT_HTTP_TOO_BIG)
		return err_set(e, fault, N_("%s sent more than is allowed"), shown);
	if (code == CURLE_UNSUPPORTED_PROTOCOL)
		return err_set(e, fault, N_("%s leads to an address that is not https, which is refused"),
			       shown);
	const char *why = *t->error ? t->error : curl_easy_strerror(code);
	_cleanup_free_ char *clean = text_clean(why, strlen(why));
	return err_set(e, fault, N_("%s: %s"), shown, clean);
}

bool http_fault_is_transient(struct http *h, enum fault fault)
{
	curl_off_t connected = 0;
	long refused = 0;
	curl_easy_getinfo(h->easy, CURLINFO_HTTP_CONNECTCODE, &refused);
	if (fault == FAULT_HTTP_PROXY)
		return refused == 0;
	if (fault == FAULT_HTTP_TIMEOUT)
		curl_easy_getinfo(h->easy, CURLINFO_PRETRANSFER_TIME_T, &connected);
	return fault == FAULT_HTTP_DNS || fault == FAULT_HTTP_CONNECT ||
	       (fault == FAULT_HTTP_TIMEOUT && connected == 0);
}

bool http_status_is_transient(long status)
{
	return status == 429 || (status >= 502 && status <= 504);
}

long http_backoff_ms(unsigned nth, long base_ms, long cap_ms)
{
	unsigned char r = 128;
	long wait = base_ms;
	for (unsigned i = 1; i < nth && wait < cap_ms; i++)
		wait *= 2;
	wait = wait < cap_ms ? wait : cap_ms;
	crypto_random(&r, 1, NULL); /* without: no jitter, no harm */
	return wait - wait / 4 + wait / 2 * r / 255;
}
