/* http_client.h - what an HTTPClient is made of. Private to http/. */
#ifndef SC_HTTP_CLIENT_H
#define SC_HTTP_CLIENT_H

#include <simpleclient/class.h>
#include <simpleclient/httplib.h>

#include "http/http_body.h"

/* How far a request has come. */
enum http_stage {
    HTTP_READY, /* nothing asked */
    HTTP_PUT,   /* putrequest: headers may follow */
    HTTP_SENT,  /* endheaders: a body may follow, then the answer */
    HTTP_ANSWER /* the head of the answer was read */
};

struct HTTPClient {
    SimpleClient base;
    struct sc_buf host;        /* "Host: name:port", the same each time */
    struct sc_buf agent;       /* "User-Agent: ..." */
    struct sc_buf fixed;       /* both, Accept, and the end of the header */
    struct sc_buf line;        /* "GET / HTTP/1.1", and CRLF */
    struct sc_buf more;        /* fields put by the caller, each ended by LF */
    struct sc_fields trailers; /* of a body read as a file */
    struct sc_buf codings;     /* the answer's Content-Encoding */
    struct sc_buf text;        /* for http_getline: what was read ... */
    size_t text_at;            /* ... and how much of it was lent */
    struct http_body body;
    Stream *file;           /* lent by http_getfile, or NULL */
    struct http_wire *wire; /* of http_hops.c; owned */
    int (*interim)(void *arg, const struct http_reply *r);
    void *interim_arg;
    int stage;         /* enum http_stage */
    int refused;       /* what a step of this request returned, or 0 */
    int interims;      /* 1xx answers to this request */
    uint64_t promised; /* bytes of the request's body not yet sent */
    uint64_t unlooked; /* of those sent since an answer was looked for */
    bool chunked;      /* the request's body goes in chunks */
    bool has_body;     /* Content-Length or chunked was put */
    bool named;        /* AGENT is the caller's */
    bool own_host;     /* the caller put these fields, or wants none */
    bool own_agent;
    bool own_accept;
    bool own_login;
    bool own_proxy_login;
    bool secrets;   /* something in MORE is secret */
    bool head;      /* HEAD was asked */
    bool connect;   /* CONNECT was asked */
    bool upgrade;   /* Upgrade was put: 101 may be the answer */
    bool last;      /* "Connection: close" was put: the last on it */
    bool harmless;  /* the method asked is idempotent */
    bool continued; /* 100 (Continue) came */
    bool early;     /* the final answer came before the body's end */
    bool raw;       /* after the answer the connection is no more HTTP */
    bool keep;      /* the answer lets the connection be used again */
    bool used;      /* an answer came over this connection */
    bool seen;      /* a byte of this answer came */
    int64_t ended;  /* when a whole request was over (microseconds), or 0 */

    /* Set before http_putrequest; they stay until set otherwise. */
    bool idempotent; /* doing it twice does no harm, whatever its method */
    bool lenient;    /* HTTP_LENIENT */
    bool version_10; /* HTTP_VERSION_10 */

    struct http_count {      /* of this request and its answer, for http_hop */
        int64_t sent, first; /* microseconds of the clock; 0: not yet */
        uint64_t head_sent, body_sent, head_got, body_got;
        unsigned notes; /* enum http_note */
    } count;
};

extern const struct client_class http_class;

/* What H calls itself from here on; NULL: the library. False: it cannot be put so
 * (a character that may not be there, no memory); H then calls itself as
 * before, or the library. */
bool http_use_agent(HTTPClient *h, const char *agent);
/* Empty REPLY for a new answer; memory is kept. */
void http_reply_reset(struct http_reply *reply, const struct sc_options *o);
/* One whole request on an open client: what http_client_command does, with
 * more fields and a sink. REPLY's error is filled. Waits. */
int http_exchange(HTTPClient *h, const struct http_request *q,
                  const char *target, struct http_reply *reply);
/* Connect anew, whatever became of the connection before. Waits. */
int http_open_again(HTTPClient *h);
/* Read the rest of an answer that nobody wants, if it is short and comes within
 * a second. Returns 0; 1: it is not, the connection cannot serve again; or an
 * error. Waits. */
int http_drain(HTTPClient *h);
/* True if the answer is over and the connection may serve another. */
bool http_reusable(const HTTPClient *h);
/* The connection ended before a byte of the answer, though it had served
 * before, and asking again does no harm (RFC 9110 section 9.2.2). */
bool http_may_retry(const HTTPClient *h, const char *method, int rc);
/* True for the methods of RFC 9110 section 9.2.2. */
bool http_is_idempotent(const char *method);
/* RC says that the connection ended, and no byte of the answer had come. */
bool http_died(const HTTPClient *h, int rc);
/* httplib.c: note that METHOD or a field cannot be sent, or that a step comes
 * out of turn. Returns SC_EINVAL. */
int http_refuse(HTTPClient *h, const char *why);
/* http_answer.c: see sc_conn_on_input. */
int http_on_input(SimpleClient *c);
/* Of what is buffered, take interim answers. Returns 1: the final answer has
 * begun; 0: it has not; or an error. Does not wait. */
int http_answer_begun(HTTPClient *h);
/* When the body was read to its end: count its bytes and note what is behind
 * it. Harmless before. */
void http_answer_over(HTTPClient *h);
/* http_file.c: forget the stream and the text of the answer before. */
void http_file_drop(HTTPClient *h);
/* RC, with which a step of this request failed; or SC_EUNKNOWN, if the
 * connection died under a request that the server may have acted on. */
int http_outcome(HTTPClient *h, int rc);

#endif
