/* http.h - HTTP/1.1: one call, the whole answer; or a client kept open.
 * RFC 9110, RFC 9112.
 *
 *     struct http_reply page = {0};
 *
 *     if (http_get("http://www.example.org/", &page) == 0)
 *         fwrite(page.body.data, 1, page.body.len, stdout);
 *     http_reply_free(&page);
 */
#ifndef SIMPLECLIENT_HTTP_H
#define SIMPLECLIENT_HTTP_H

#include <simpleclient/client.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An answer, or why there is none. Zero bytes are an empty one. Owned. */
struct http_reply {
    int status;                /* 200 */
    int version;               /* 11 or 10 */
    char reason[64];           /* "OK", cut if longer */
    struct sc_fields head;     /* header fields */
    struct sc_fields trailers; /* after a chunked body */
    struct sc_buf body;    /* decoded by Transfer-Encoding; limit: options */
    struct sc_error error; /* of the call that failed */
    int reused;            /* 1: on a connection kept from before */
};

/* The first value of the header field NAME, or OTHERWISE. Borrowed until REPLY
 * changes. */
SC_API const char *http_header(const struct http_reply *reply, const char *name,
                               const char *otherwise);
/* Release the memory; REPLY is empty and reusable. In every case, after an
 * error too. */
SC_API void http_reply_free(struct http_reply *reply);

/* What to ask. Zero bytes but for url: a plain GET. */
struct http_request {
    const char *url;
    const char *method;           /* NULL: GET, or POST with a body */
    const struct sc_fields *head; /* more header fields, or NULL */
    struct sc_span body;
    const struct sc_options *options; /* NULL: the defaults */
    sc_sink sink;                     /* body to here, not to reply->body */
    void *sink_arg;
};

/* Fetch URL: connects (or takes an idle connection of the pool), asks, reads
 * the whole answer. URL without a scheme is http. A user and a password in the
 * URL are not sent by this version, and redirects are not followed. Waits.
 * REPLY is emptied first. Returns 0 for every complete final reply, whatever
 * its status; SC_EURL, SC_ERESOLVE, SC_ECONNREFUSED, SC_ETIMEDOUT, SC_ECERT,
 * SC_ETOOBIG (limits), SC_EPROTO (no valid HTTP), SC_ESHORT (cut):
 * REPLY->error has the text and REPLY what came so far. */
SC_API int http_get(const char *url, struct http_reply *reply);
SC_API int http_head(const char *url, struct http_reply *reply);
SC_API int http_request(const struct http_request *request,
                        struct http_reply *reply);

/* --- a client kept open --- */

typedef struct HTTPClient HTTPClient;

/* Open a client to SERVER: "host", "host:port", "[v6]:port", "/path" (Unix),
 * or the origin of an http or https URL (a user and a password in it are not
 * sent). Waits. Never NULL (as sc_open). It opens its connection anew by
 * itself when the server has ended it between requests. Close with
 * http_close. */
SC_API HTTPClient *http_open(const char *server, const struct sc_options *opt);
SC_API int http_close(HTTPClient *h);
/* The SimpleClient it is: for sc_last_error, sc_timeout, sc_trace ... */
SC_API SimpleClient *http_base(HTTPClient *h);

/* Ask for PATH ("/a?b") and read the whole answer into REPLY. Waits. Returns
 * as http_get. An error of the transport breaks H. */
SC_API int http_client_get(HTTPClient *h, const char *path,
                           struct http_reply *reply);
SC_API int http_client_head(HTTPClient *h, const char *path,
                            struct http_reply *reply);
/* Any method. BODY may be empty. */
SC_API int http_client_command(HTTPClient *h, const char *method,
                               const char *path, struct sc_span body,
                               struct http_reply *reply);
/* Append only the body of PATH to BODY. A status that is not 2xx: SC_EREPLY,
 * in order. Waits. */
SC_API int http_client_getbody(HTTPClient *h, const char *path,
                               struct sc_buf *body);

#ifdef __cplusplus
}
#endif
#endif
