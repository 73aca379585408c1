/* server.h - the bench's own server: GET /N answers N bytes, GET /chunked/N
 * the same in chunks of 16 KiB, bodies of requests are dropped. */
#ifndef BENCH_SERVER_H
#define BENCH_SERVER_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

/* An answer: TEXT, then FILE_TOTAL bytes of a file (also mapped at BLOCK) read
 * round and round, then TAIL. Made once for each path, never freed. */
struct bench_answer {
    char path[64];
    char *text, *tail;
    size_t text_len, tail_len;
    int file;
    const char *block;
    uint64_t file_len, file_total;
};

/* The answer for a request's first line. */
const struct bench_answer *bench_answer(const char *request);

/* What was done, printed at the end. */
struct bench_counts {
    unsigned long long connections, requests, resumed;
};
extern struct bench_counts bench_counts;
extern volatile sig_atomic_t bench_stopped;

/* Serve connections of LISTENER until stopped: all in one thread; TLS, a
 * thread each. */
void bench_serve(int listener);
void bench_serve_tls(int listener, const char *cert, const char *key);

#endif
