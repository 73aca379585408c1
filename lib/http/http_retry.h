/* http_retry.h - whether a call is tried again, and when (struct http_retry of
 * http.h). */
#ifndef SC_HTTP_RETRY_H
#define SC_HTTP_RETRY_H

#include "http/http_call.h"

/* After a failure RC, or, RC 0, at the head of an answer: true if the whole
 * call is to be tried again after http_call.wait_ms. The caller was told, and
 * counts as having agreed. Does not wait. */
bool http_retry_wanted(struct http_call *k, int rc);
/* Milliseconds before the N-th try after the first (N from 1): 1 s, doubled
 * each time, at most 10 minutes; or what R has; AFTER_MS, the server's wish, or
 * -1, if that is longer. */
int64_t http_retry_delay(const struct http_retry *r, int n, int64_t after_ms);

#endif
