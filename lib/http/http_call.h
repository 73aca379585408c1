/* http_call.h - one call of http_request under way: which URL is next, what is
 * sent there, what the answers so far have led to. Private to http/. */
#ifndef SC_HTTP_CALL_H
#define SC_HTTP_CALL_H

#include <simpleclient/http_session.h>
#include <simpleclient/uri.h>

#include "http/http_client.h"
#include "http/http_login.h"

/* "[" 255 bytes of a name "]:65535" and a NUL, or more. */
enum { HTTP_SERVER_SIZE = 280 };

struct http_call {
    const struct http_request *q;
    struct http_reply *reply;
    const struct sc_options *opt; /* the request's, the session's, or those of
                                     sc_set_defaults */
    int64_t begun;                /* microseconds */
    int64_t until;                /* total_ms from then, or INT64_MAX */

    struct uri url;                /* of this hop */
    char server[HTTP_SERVER_SIZE]; /* "host:port", the port always named */
    bool tls;
    struct uri first_url; /* once a redirect has led on */
    bool trusted;         /* what is meant for the first origin only may go */
    struct sc_buf target;
    struct sc_buf referer;
    const char *method;
    bool bodiless;  /* a redirect has turned the method into GET */
    bool started;   /* something of the body has been read */
    bool expect;    /* this request has Expect: 100-continue */
    bool refused;   /* 417: never again */
    bool delivered; /* bytes of an answer are with the caller */
    bool fresh;     /* the pool's connection was stale: none of it */
    bool forwarded; /* a proxy is given the requests of this hop */
    bool probe;     /* the body is kept back until Digest is asked for */
    struct http_login login, proxy_login;
    int redirects;
    int (*again)(void *arg); /* see http_request_again; NULL: none */
    void *again_arg;
    int tries;          /* after the first */
    int64_t wait_ms;    /* before the next one */
    struct sc_buf text; /* of a field under way; wiped */
    int rc;             /* 0, or why a field could not be made */
    HTTPClient *kept;   /* a connection to SERVER, of the hop before, or NULL */
    HTTPClient **pull;  /* the body is not read here but from this; or NULL */
};

/* The options that count for Q: its own, its session's, or those of
 * sc_set_defaults. */
const struct sc_options *http_options_of(const struct http_request *q);
/* As http_request; before each other try, which would not be made otherwise
 * once the sink has something, AGAIN is called to take it back. It returns 0 or
 * an error. */
int http_request_again(const struct http_request *q, struct http_reply *reply,
                       int (*again)(void *arg), void *arg);

/* http_route.c: take URL (of the caller, or of a redirect) as the next hop's;
 * FLAGS as uri_parse. Returns 0 or an error, told in the reply. */
int http_call_first(struct http_call *k);
int http_call_goto(struct http_call *k, struct uri *url);
/* Append U as it may be shown: no user, no password, and the fragment only if
 * FRAGMENT. Returns as sc_buf_add. */
int http_url_shown(const struct uri *u, bool fragment, struct sc_buf *out);
/* "host:port" of U into SERVER, the port always named, and whether it is https.
 * Returns 0 or SC_EURL: no URL of HTTP, no host, one too long, port 0. */
int http_server_name(const struct uri *u, char server[HTTP_SERVER_SIZE],
                     bool *tls);
/* Connect *H to where the hop goes: the one kept, one of the pool, or a new
 * one, which may be broken. Owned. Waits. Returns 0, or SC_ETIMEDOUT, told, *H
 * NULL: the total time is over. */
int http_call_connect(struct http_call *k, HTTPClient **h);
/* Keep H for the next hop, give it to the pool, or drop it. */
void http_call_settle(struct http_call *k, HTTPClient *h);
/* Give H to the pool, or drop it. */
void http_call_give(HTTPClient *h);
/* The same for the one that was kept, at the call's end. */
void http_call_settle_kept(struct http_call *k);

/* http_tunnel.c: how a request with FLAGS logs in at a proxy for a tunnel; NULL:
 * by Basic, at once. */
const struct sc_proxy_login *http_tunnel_login(unsigned flags);

/* http_compose.c: put the fields of the request, after http_putrequest. */
void http_compose(struct http_call *k, HTTPClient *h);
/* Send the body, if there is one. Returns 0, 1: the final answer came before,
 * or an error. Waits. */
int http_send_body(struct http_call *k, HTTPClient *h);
/* True if NAME is a field that we send unless the caller says otherwise. */
bool http_call_makes(const struct http_call *k, const char *name);
/* True if this hop's request has a body. */
bool http_call_has_body(const struct http_call *k);
/* Make the body ready to be sent again. Returns 0 or an error, told. */
int http_rewind(struct http_call *k);

/* http_deliver.c: the body of the answer, to where the caller wants it. Waits.
 * Returns 0 or an error; if H is in order, it is told in the reply. */
int http_deliver(struct http_call *k, HTTPClient *h);
/* The same checks, but the body stays with H, to be read by http_getfile. */
int http_deliver_later(struct http_call *k, HTTPClient *h);
/* Drop the body of an answer that is not the last: a short one is read, a long
 * one costs the connection. Waits. Returns 0 or SC_ECANCELED. */
int http_throw_away(HTTPClient *h);

/* The answer is over, as far as it is read: count it. */
void http_delivered(HTTPClient *h);

/* True if NAME stands in LIST ("Accept,User-Agent"; may be NULL). */
bool http_list_has(const char *list, struct sc_span name);

#endif
