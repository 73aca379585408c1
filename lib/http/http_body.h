/* http_body.h - the body of an answer, pulled from a client: by length, in
 * chunks, or to the end of the connection. */
#ifndef SC_HTTP_BODY_H
#define SC_HTTP_BODY_H

#include <simpleclient/class.h>

#include "http/http_head.h"

/* Where a body stands. Zero bytes: one that is over. */
struct http_body {
    int framing;    /* enum http_framing; HTTP_NO_BODY once it is over */
    uint64_t left;  /* bytes of it, or of its chunk */
    bool in_chunk;  /* a chunk's data, or the CRLF behind, is next */
    uint64_t got;   /* bytes of it so far, without chunk lines */
    uint64_t spent; /* bytes of chunk lines beyond what data pays for */
    struct http_head trailer;   /* bounds trailers */
    struct sc_fields *trailers; /* kept; where they go */
};

/* Begin a body that ends as FRAMING says. */
void http_body_begin(struct http_body *b, int framing, uint64_t length,
                     struct sc_fields *trailers);
/* Read 1..N decoded bytes, or 0 at the complete end. Waits. SC_ESHORT: cut;
 * SC_EPROTO, SC_ETOOBIG (trailers, chunk lines); C is broken then. */
ssize_t http_body_read(SimpleClient *c, struct http_body *b, void *buf,
                       size_t n);
/* Append the whole rest to OUT. Waits. Returns 0 or as above; SC_ETOOBIG: OUT's
 * ceiling. */
int http_body_all(SimpleClient *c, struct http_body *b, struct sc_buf *out);
/* Feed the whole rest to SINK. Waits. A negative result of it breaks C. */
int http_body_sink(SimpleClient *c, struct http_body *b, sc_sink sink,
                   void *arg);

#endif
