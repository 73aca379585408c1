/* watch.h - a request's body looked at while it is sent: for --trace,
 * --limit-rate and the meter. */
#ifndef CLIENTS_FETCH_WATCH_H
#define CLIENTS_FETCH_WATCH_H

#include <simpleclient/http.h>

struct watch {
    struct http_source source; /* what the request had ... */
    struct sc_span body;       /* ... or this */
    uint64_t at;
    /* Called with each piece; may wait. Negative stops. */
    int (*seen)(void *arg, const void *p, size_t n);
    void *arg;
    struct http_source out; /* what it has now */
};

/* Put W between the body of Q and whoever sends it. Without a body Q stays as
 * it is. W is kept until the request is over. */
void watch_body(struct watch *w, struct http_request *q);

#endif
