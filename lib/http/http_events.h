/* http_events.h - the reader of server-sent events, fed with bytes as they
 * come. Computes only. */
#ifndef SC_HTTP_EVENTS_H
#define SC_HTTP_EVENTS_H

#include <simpleclient/http_session.h>

/* Zero bytes but for FN, ARG and LIMIT: at the beginning. Owned. */
struct http_event_reader {
    http_event_fn fn;
    void *arg;
    int64_t *retry_ms; /* may be NULL */
    size_t limit;      /* bytes of one event */
    struct sc_buf line, data, type, id, last_id;
    bool full;     /* LIMIT was reached */
    bool begun;    /* the first line is over */
    bool cr;       /* the last byte was one: an LF belongs to it */
    bool has_data; /* the event under way has a data field */
};

/* Take N bytes, cut anywhere. Returns 0, SC_ETOOBIG, SC_ENOMEM, or what FN
 * returned. */
int http_event_take(struct http_event_reader *r, const void *bytes, size_t n);
void http_event_reader_free(struct http_event_reader *r);

#endif
