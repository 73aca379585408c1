/* http_deliver.c - the body of the answer on its way to the caller: its limit,
 * its codings, whether it is the range that was asked for; and bodies that
 * nobody wants. */

#include <string.h>

#include "client/conn.h"
#include "core/mem.h"
#include "http/http_call.h"
#include "http/http_range.h"
#include "run/clock.h"

enum { PIECE = 16384, REFUSED_MOST = 65536 };

/* Where the body goes, and how much of it went. */
struct way {
    struct http_call *k;
    HTTPClient *h;
    sc_sink sink;
    void *arg;
    uint64_t got, most; /* MOST 0: no limit of its own */
};

static int pass_on(void *arg, const void *p, size_t n)
{
    struct way *w = arg;
    size_t most =
        w->most > 0 && n > w->most - w->got ? (size_t)(w->most - w->got) : n;
    int rc = most > 0 ? w->sink(w->arg, p, most) : 0;

    w->got += most;
    w->k->delivered = true;
    if (rc < 0 || most == n)
        return rc;
    return sc_break(&w->h->base, SC_ETOOBIG,
                    "body beyond its limit of %llu bytes",
                    (unsigned long long)w->most);
}

/* Straight from the client, into the reply's own memory if it goes there; what
 * is compressed stays so. */
static int plain(struct way *w, HTTPClient *h)
{
    int rc;

    h->body.trailers = &w->k->reply->trailers;
    if (w->arg == &w->k->reply->body && w->most == 0)
        rc = http_body_all(&h->base, &h->body, w->arg);
    else
        rc = http_body_sink(&h->base, &h->body, pass_on, w);
    h->body.trailers = &h->trailers;
    return rc;
}

/* A part of what is coded may end before the coding does. */
static bool is_part_at_its_end(const struct way *w, ssize_t n)
{
    return n == SC_ESHORT && w->k->reply->status == 206 &&
           w->h->body.framing == HTTP_NO_BODY;
}

static int read_decoded(struct way *w, HTTPClient *h, char *piece)
{
    Stream *s = http_getfile(h);
    struct sc_error e = {0};
    struct sc_wait wait = {INT64_MAX, &e};
    ssize_t n;
    int rc = 0;

    if (s == NULL)
        return SC_ENOMEM;
    h->body.trailers = &w->k->reply->trailers;
    while (rc >= 0 && (n = sc_stream_read(s, piece, PIECE, &wait)) != 0 &&
           !is_part_at_its_end(w, n))
        if (n < 0)
            rc = sc_break(&h->base, (int)n, "%s",
                          e.text[0] != '\0' ? e.text : sc_strerror((int)n));
        else if ((rc = pass_on(w, piece, (size_t)n)) < 0)
            sc_break(&h->base, rc, "the body was not taken");
    h->body.trailers = &h->trailers;
    return rc;
}

static int decoded(struct way *w, HTTPClient *h)
{
    char *piece = sc_malloc(PIECE);
    int rc = piece != NULL
                 ? read_decoded(w, h, piece)
                 : sc_break(&h->base, SC_ENOMEM, "no memory to decode");

    sc_free(piece);
    return rc;
}

static bool wants_decoding(const struct http_call *k, const HTTPClient *h)
{
    return k->q->flags & (HTTP_COMPRESSED | HTTP_DECODE) &&
           h->body.framing != HTTP_NO_BODY &&
           http_header(k->reply, "Content-Encoding", NULL) != NULL;
}

/* Who asked for codings cannot do with others; who did not takes what comes. */
static int unknown(struct way *w)
{
    const char *codings = http_header(w->k->reply, "Content-Encoding", "");

    if (!(w->k->q->flags & HTTP_COMPRESSED))
        return plain(w, w->h);
    return sc_break(&w->h->base, SC_ECODING, "unknown coding: %.64s", codings);
}

static int move(struct way *w)
{
    int rc;

    if (!wants_decoding(w->k, w->h))
        return plain(w, w->h);
    if ((rc = http_decode(w->h)) == 0)
        return decoded(w, w->h);
    if (rc == SC_ENOTSUP)
        return unknown(w);
    return rc == SC_ENOMEM ? sc_break(&w->h->base, rc, "no memory to decode")
                           : rc;
}

/* RFC 9110 section 15.3.7: a part says which one it is. */
static int check_range(struct http_call *k, HTTPClient *h)
{
    const char *asked = k->q->range, *says, *type;
    struct http_range r;

    if (asked == NULL || k->reply->status != 206)
        return 0;
    says = http_header(k->reply, "Content-Range", "");
    type = http_header(k->reply, "Content-Type", "");
    if (*says == '\0' && strchr(asked, ',') != NULL &&
        sc_span_eq_nocase((struct sc_span){type, strcspn(type, "; \t")},
                          "multipart/byteranges"))
        return 0;
    if (http_range_parse(sc_span_of(says), &r) < 0)
        return sc_break(&h->base, SC_EPROTO, "206 without a Content-Range");
    if (!http_range_fits(asked, &r))
        return sc_break(&h->base, SC_EPROTO, "not the range asked for: %.64s",
                        says);
    if (h->body.framing == HTTP_LENGTH && h->body.left != r.last - r.first + 1)
        return sc_break(&h->base, SC_EPROTO,
                        "Content-Range and Content-Length differ");
    return 0;
}

static int check_length(const struct http_call *k, HTTPClient *h)
{
    uint64_t most = k->q->max_body;

    if (most == 0 || h->body.framing != HTTP_LENGTH || h->body.left <= most)
        return 0;
    return sc_break(&h->base, SC_ETOOBIG,
                    "body of %llu bytes beyond its limit of %llu",
                    (unsigned long long)h->body.left, (unsigned long long)most);
}

/* The words of an answer that counts as a failure: to memory, and no more of
 * them than a person reads. */
static int refused(struct http_call *k, HTTPClient *h)
{
    struct http_reply *r = k->reply;
    struct way w = {k, h, sc_buf_sink, &r->body, 0, REFUSED_MOST};
    int rc = move(&w);

    if (rc == SC_ECANCELED || rc == SC_ECLOSED)
        return rc;
    return sc_error_set(&r->error, SC_EREPLY, "http%s %s: %d %s",
                        k->tls ? "s" : "", k->server, r->status, r->reason);
}

int http_deliver(struct http_call *k, HTTPClient *h)
{
    const struct http_request *q = k->q;
    bool fails = k->reply->status >= 400 && k->opt->flags & SC_OPT_FAIL_STATUS;
    struct way w = {k, h, q->sink, q->sink_arg, 0, q->max_body};
    int rc;

    if ((rc = sc_buf_reserve(&k->reply->body, 0)) < 0)
        return sc_break(&h->base, rc, "no memory for the body");
    if (fails)
        return refused(k, h);
    if ((rc = check_length(k, h)) < 0 || (rc = check_range(k, h)) < 0)
        return rc;
    if (w.sink == NULL) {
        w.sink = sc_buf_sink;
        w.arg = &k->reply->body;
    }
    return move(&w);
}

int http_deliver_later(struct http_call *k, HTTPClient *h)
{
    bool fails = k->reply->status >= 400 && k->opt->flags & SC_OPT_FAIL_STATUS;
    int rc;

    if (fails)
        return refused(k, h);
    if ((rc = check_length(k, h)) < 0 || (rc = check_range(k, h)) < 0 ||
        !wants_decoding(k, h) || (rc = http_decode(h)) == 0)
        return rc;
    if (rc != SC_ENOTSUP)
        return sc_broken(&h->base) ? rc : sc_break(&h->base, rc, "no memory");
    return k->q->flags & HTTP_COMPRESSED
               ? sc_break(&h->base, SC_ECODING, "unknown coding")
               : 0;
}

/* The body is over, or nobody goes on reading it. */
void http_delivered(HTTPClient *h)
{
    http_answer_over(h);
    h->ended = sc_now_us();
}

int http_throw_away(HTTPClient *h)
{
    int rc = http_drain(h);

    return rc == SC_ECANCELED || rc == SC_ECLOSED ? rc : 0;
}
