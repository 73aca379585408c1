/* http.h - HTTP/1.1: one call, the whole answer; or a client kept open.
 * RFC 9110, RFC 9112.
 *
 *     struct http_reply page = {0};
 *
 *     if (http_get("http://www.example.org/", &page) == 0)
 *         fwrite(page.body.data, 1, page.body.len, stdout);
 *     http_reply_free(&page);
 *
 * What is kept between requests (cookies, logins) is in http_session.h, forms
 * in http_form.h, requests step by step in httplib.h. */
#ifndef SIMPLECLIENT_HTTP_H
#define SIMPLECLIENT_HTTP_H

#include <simpleclient/client.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Bits of http_reply.notes: what a strict reader tolerated. */
enum http_note {
    HTTP_NOTE_BARE_LF = 1,          /* a line of the head ended in LF alone */
    HTTP_NOTE_FOLDED = 2,           /* a folded field (RFC 9112 section 5.2) */
    HTTP_NOTE_SPACE_COLON = 4,      /* white space before a colon */
    HTTP_NOTE_LENGTH_TWICE = 8,     /* equal Content-Lengths, several times */
    HTTP_NOTE_TE_AND_LENGTH = 16,   /* both; Transfer-Encoding counts */
    HTTP_NOTE_NO_REASON_SPACE = 32, /* "HTTP/1.1 200" ends there */
    HTTP_NOTE_STATUS_RANGE = 64,    /* a status of 600 to 999 */
    HTTP_NOTE_UNASKED_BODY = 128,   /* bytes behind an answer: dropped */
    HTTP_NOTE_CODING_UNKNOWN = 256, /* Content-Encoding left as it came */
    HTTP_NOTE_NO_FIELD = 512 /* a line that is no field: skipped, lenient */
};
/* The words for one bit of notes; never NULL. */
SC_API const char *http_note_text(unsigned note);

/* When each phase of one request ended: microseconds since its call began; 0:
 * there was none (a connection that was kept, no TLS). */
struct http_times {
    int64_t begun;    /* this hop's beginning since the call's */
    int64_t resolved; /* the name was looked up */
    int64_t connected;
    int64_t secured; /* TLS is up */
    int64_t sent;    /* the request's head, or all of it, is with the kernel */
    int64_t first;   /* the first byte of the answer came */
    int64_t ended;   /* its last byte came */
};

/* One request on the way to the answer: a redirect, a login, a retry, or (the
 * last) the answer itself. Owned by the reply. */
struct http_hop {
    char *url; /* without user and password; fragment kept */
    char *method;
    int status;   /* 0: no answer came */
    int reused;   /* 1: on a connection kept from before */
    int rc;       /* 0, or the error that ended this hop (a retry follows) */
    int connects; /* connections opened for it */
    struct http_times times;
    uint64_t head_sent, head_got; /* bytes on this hop, as on the wire */
    uint64_t body_sent, body_got; /* without chunk lines; not decoded */
    struct sc_peer peer;          /* the server's (or proxy's) address */
    struct sc_peer local;
    struct sc_tls_info *tls; /* NULL: no TLS */
};

/* An answer, or why there is none. Zero bytes are an empty one. Owned. */
struct http_reply {
    int status;                /* 200 */
    int version;               /* 11 or 10 */
    char reason[64];           /* "OK", cut if longer */
    struct sc_fields head;     /* header fields */
    struct sc_fields trailers; /* after a chunked body */
    struct sc_buf body;        /* Transfer-Encoding undone; limit: options */
    struct sc_error error;     /* of the call that failed */
    int reused;                /* 1: on a connection kept from before */
    unsigned notes;            /* enum http_note */
    struct http_hop *hops;  /* http_request and its sisters only: the last is */
    int nhops;              /* this answer's; its url is the final URL */
    int hops_room;          /* private */
    int64_t retry_after_ms; /* Retry-After of the answer, or -1 */
};

/* The first value of the header field NAME, or OTHERWISE. Borrowed until REPLY
 * changes. */
SC_API const char *http_header(const struct http_reply *reply, const char *name,
                               const char *otherwise);
/* The URL that was answered in the end, or "". Borrowed until REPLY changes. */
SC_API const char *http_final_url(const struct http_reply *reply);
/* Release the memory; REPLY is empty and reusable. In every case, after an
 * error too. */
SC_API void http_reply_free(struct http_reply *reply);

/* A body that is not in memory, or not yet. Exactly one of READ and FD is used.
 * Zero bytes with a length of 0 are an empty body. */
#define HTTP_UNKNOWN UINT64_MAX
struct http_source {
    uint64_t length; /* HTTP_UNKNOWN: sent in chunks, to the end of READ */
    /* Give 1..N bytes, 0 at the end, negative to fail. May wait; may not use
     * the client that it feeds. NULL: the file FD from OFFSET. */
    ssize_t (*read)(void *arg, void *buf, size_t n);
    /* Begin again (a redirect, a login, a retry). Returns 0 or an error. NULL:
     * it cannot; such a repetition then fails. */
    int (*rewind)(void *arg);
    void *arg;
    int fd; /* a regular file; sent by sendfile(2) where there is no TLS */
    uint64_t offset;
    const char *type; /* Content-Type, or NULL: none of its own */
};

/* Bits of http_request.flags. */
enum http_flag {
    HTTP_NO_FOLLOW = 1,     /* a redirect is the answer */
    HTTP_DOWNGRADE = 2,     /* follow from https to http too */
    HTTP_TRUSTED = 4,       /* keep login and secret fields at other origins */
    HTTP_KEEP_POST_301 = 8, /* these do not turn a POST into a GET */
    HTTP_KEEP_POST_302 = 16,
    HTTP_KEEP_POST_303 = 32,
    HTTP_COMPRESSED = 64,   /* ask for codings and decode the body; one that is
                              not known: SC_ECODING */
    HTTP_DECODE = 128,      /* decode the body, but do not ask */
    HTTP_IDEMPOTENT = 256,  /* doing it twice does no harm: retried as a GET */
    HTTP_NO_RETRY = 512,    /* not even on a connection that was stale */
    HTTP_EXPECT = 1024,     /* Expect: 100-continue with every body ... */
    HTTP_NO_EXPECT = 2048,  /* ... or never; else above 1 MiB, or if the
                              length is unknown */
    HTTP_VERSION_10 = 4096, /* ask as HTTP/1.0, one request a connection */
    HTTP_BASIC = 8192,      /* log in this way at once ... */
    HTTP_DIGEST = 1 << 14,  /* ... or this way, when it is asked for; until
                              then the body is kept back ... */
    HTTP_ANY_LOGIN = 1 << 15, /* ... or as the server asks. None of them: Basic
                              at once for a login of the URL or the options,
                              others as asked for */
    HTTP_PROXY_BASIC = 1 << 16, /* the same for the proxy, and for a tunnel */
    HTTP_PROXY_DIGEST = 1 << 17,
    HTTP_PROXY_ANY_LOGIN = 1 << 18,
    HTTP_AUTO_REFERER = 1 << 19,   /* Referer at each redirect */
    HTTP_NEW_CONNECTION = 1 << 21, /* none of the pool; kept in it afterwards */
    HTTP_LENIENT = 1 << 22 /* skip lines of the head that are no field: without
                              a colon, or folded in front of the first; the
                              connection ends then. Bare LF in chunks, NUL and
                              CR in values are errors still */
};

/* When to try again. Zero bytes with TIMES set: after 1 s, 2 s, 4 s ... at most
 * 10 minutes, or as Retry-After says if that is longer (not above a day), on
 * 408, 429, 500, 502, 503, 504, time-outs and failures to connect or resolve,
 * if the method is idempotent or nothing was sent. The first URL is asked
 * again. No more tries once a part of a body is with the caller's sink, unless
 * there is an http_request.again. */
struct http_retry {
    int times;        /* after the first try; 0: none */
    int64_t delay_ms; /* this long instead of 1 s, 2 s ...; 0: as above */
    int64_t max_ms;   /* of all tries; 0: no limit but total_ms */
    int refused;      /* 1: when the connection is refused, too */
    int all;          /* 1: on every error, and every method */
    /* Told before each wait. Negative: no more tries. Or NULL. */
    int (*told)(void *arg, const struct http_reply *reply, int64_t wait_ms);
    void *told_arg;
};

/* What to ask. Zero bytes but for url: a plain GET. */
struct http_request {
    const char *url;
    const char *method;           /* NULL: GET, or POST with a body */
    const struct sc_fields *head; /* more header fields, or NULL: in their order
                                     behind those made here, which they
                                     replace; Host stays the first */
    struct sc_span body;
    const struct sc_options *options; /* NULL: the session's, the defaults */
    sc_sink sink;                     /* body to here, not to reply->body */
    void *sink_arg;

    struct http_session *session;     /* cookies and logins; NULL: none kept */
    unsigned flags;                   /* enum http_flag */
    const struct http_source *source; /* the body, instead of BODY */
    const char *omit;                 /* "Accept,User-Agent": not sent */
    const char *target;        /* the request target, instead of the URL's */
    const char *bearer;        /* "Authorization: Bearer ..."; secret */
    const char *secrets;       /* "X-Api-Key,X-Token": fields of HEAD masked in
                            traces and dropped when the origin changes, as
                            Authorization, Proxy-Authorization, Cookie are */
    const char *schemes;       /* redirects may go to; NULL: "http,https" */
    const char *range;         /* "0-99,200-": Range; a 206 must match it */
    int64_t if_modified_since; /* seconds since 1970; 0: none */
    int64_t if_unmodified_since; /* the same */
    int max_redirects;           /* 0: 20; negative: no limit */
    int expect_ms;               /* wait for 100 (Continue): 1,000 */
    uint64_t max_body; /* bytes of body, with a sink too: SC_ETOOBIG, before
                            the first of them when Content-Length says so; 0:
                            no limit but body_limit */
    const struct http_retry *retry; /* NULL: only stale connections */
    /* Called with every head that came: interim ones (status 1xx), redirects,
     * logins, the answer. Negative stops: http_request returns it. Or NULL. */
    int (*on_head)(void *arg, const struct http_reply *reply);
    void *on_head_arg;
    const char *agent;   /* User-Agent; NULL: "simpleclient/" and its version */
    const char *referer; /* Referer, as it is; HTTP_AUTO_REFERER: of the first
                            hop */
    const char *type;    /* Content-Type of BODY (a SOURCE names its own) */
    const char *cookies; /* "a=1; b=2": besides the session's, as secret as
                            they are, to the first origin only */
    /* A retry begins, and what the sink got so far is void. Called with
     * sink_arg; negative stops: http_request returns it. NULL: no retry once a
     * part of a body is with the sink. */
    int (*again)(void *arg);
};

/* Fetch URL: connects (or takes an idle connection of the pool), asks, follows
 * redirects, reads the whole answer. URL without a scheme is http; its user and
 * password log in. Waits. REPLY is emptied first. Returns 0 for every complete
 * final reply, whatever its status; SC_EURL, SC_ERESOLVE, SC_ECONNREFUSED,
 * SC_ETIMEDOUT, SC_ECERT, SC_ETOOBIG (limits), SC_EPROTO (no valid HTTP),
 * SC_ESHORT (cut), SC_EUNKNOWN (the connection died after a request that is
 * not idempotent was sent), SC_ECODING, SC_ENOTSUP (a body that cannot be sent
 * again), SC_EACCES (an address or a redirect that is not allowed):
 * REPLY->error has the text and REPLY what came so far. The error of a redirect
 * (too many, a bad or forbidden place) has its status. With SC_OPT_FAIL_STATUS
 * a status of 400 or more is SC_EREPLY, and its body is in REPLY->body (up to
 * 64 KiB), not with the sink. */
SC_API int http_get(const char *url, struct http_reply *reply);
SC_API int http_head(const char *url, struct http_reply *reply);
SC_API int http_delete(const char *url, struct http_reply *reply);
/* Send BODY, of the media type TYPE (NULL: none told). */
SC_API int http_post(const char *url, const char *type, struct sc_span body,
                     struct http_reply *reply);
SC_API int http_put(const char *url, const char *type, struct sc_span body,
                    struct http_reply *reply);
SC_API int http_request(const struct http_request *request,
                        struct http_reply *reply);

/* Where and how a download is stored. Zero bytes but for path: anew, and
 * complete or not at all. */
struct http_download {
    const char *path;
    int resume; /* 1: go on where PATH ends, if the server still has the same
                   (If-Range); else anew. What came before a failure stays */
    const char *validator; /* of the part that PATH holds: an ETag or a date;
                              NULL: PATH's time if KEEP_TIME, else anew; "":
                              trust that it is the same */
    int keep_time;         /* 1: the file's time becomes Last-Modified's */
    uint64_t size;         /* it must have; 0: unknown */
    const char *sha256;    /* it must have, in hex; NULL: unknown */
};
/* Fetch URL into the file PATH. Complete or not at all: it is written under a
 * temporary name beside PATH, synced, and renamed; a mode that was there is
 * kept, a symbolic link followed. A status that is not 2xx: SC_EREPLY, and
 * REPLY->body holds the server's words (up to 64 KiB). A wrong size or digest:
 * SC_ESHORT, SC_EPROTO. A failure to write: minus errno. Waits. */
SC_API int http_download(const char *url, const char *path,
                         struct http_reply *reply);
/* The same with all choices. REQUEST's sink is not used. What is no regular
 * file is written to as it is; a FIFO's reader is waited for, 30 s at a time and
 * no longer than total_ms: SC_ETIMEDOUT. */
SC_API int http_download_to(const struct http_request *request,
                            const struct http_download *how,
                            struct http_reply *reply);

/* Seconds since 1970 of a date as in RFC 9110 section 5.6.7 (all three forms),
 * or -1. A date before 1970 is 0. */
SC_API int64_t http_date(const char *text);

/* --- a client kept open --- */

typedef struct HTTPClient HTTPClient;

/* Open a client to SERVER: "host", "host:port", "[v6]:port", "/path" (Unix),
 * or the origin of an http or https URL (its user and password log in with
 * Basic). Waits. Never NULL (as sc_open). It opens its connection anew by
 * itself when the server has ended it between requests. */
SC_API HTTPClient *http_open(const char *server, const struct sc_options *opt);
/* Close (as sc_close). NULL is allowed. */
SC_API int http_close(HTTPClient *h);
/* The SimpleClient it is: for sc_last_error, sc_timeout, sc_trace ... */
SC_API SimpleClient *http_base(HTTPClient *h);

/* Ask for PATH ("/a?b") and read the whole answer into REPLY. Redirects and
 * codings are the caller's. Waits. Returns as http_get. An error of the
 * transport breaks H. */
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
