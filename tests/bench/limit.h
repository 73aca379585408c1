/* limit.h - the least work by OpenSSL, in a file of its own. */
#ifndef BENCH_LIMIT_H
#define BENCH_LIMIT_H

#include "kit.h"

/* Run a TLS job; returns the bytes of the bodies. */
uint64_t bench_limit_tls(const struct bench_args *a, const char *request);
/* The body's length and where it begins, in the N bytes at P; 0 if the head
 * is not complete. */
size_t bench_head(const char *p, size_t n, uint64_t *length);

#endif
