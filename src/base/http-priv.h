/* SPDX-License-Identifier: PolyForm-Noncommercial-1.0.0 */
/* What http.c and http-download.c share. */
#pragma once

#include <curl/curl.h>

#include "base/http.h"

struct http {
	struct http_opts opts;
	CURLM *multi; /* driven by hand, so that cancel is seen within 100 ms in every phase */
	CURL *easy;
};

/* What one transfer needs beside the options that it sets itself; http_transfer_done() frees it. */
struct http_transfer {
	struct curl_slist *headers, *connect_to;
	const char *proxy; /* borrowed; NULL: none */
	char error[CURL_ERROR_SIZE];
};

/* Resets the easy handle and sets what every transfer has: URL, protocols, TLS, proxy, headers. */
int http_prepare(struct http *h, struct http_transfer *t, const struct http_request *rq,
		 struct err *e);
void http_transfer_done(struct http_transfer *t);

/* Runs it; CURLE_ABORTED_BY_CALLBACK when cancelled. */
CURLcode http_perform(struct http *h);

/* The fault of a curl code that is not CURLE_OK, with its sentence. Returns -1. */
int http_fault(struct http *h, const struct http_transfer *t, CURLcode code, const char *url,
	       struct err *e);

/* Could the same request succeed in a moment? */
bool http_fault_is_transient(struct http *h, enum fault fault);
bool http_status_is_transient(long status);

/* Base, doubled with each try and capped, plus or minus a quarter, so that machines do not beat in
 * time. */
long http_backoff_ms(unsigned nth, long base_ms, long cap_ms);

/* The URL without user, password and query, which may hold secrets. New. */
char *http_shown_url(const char *url);

bool http_cancelled(const struct http *h);
