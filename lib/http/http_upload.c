/* http_upload.c - the body of a request (RFC 9112 section 6): from memory, from
 * a function, from a file; and what the server says before it has all of it: 100
 * (Continue), or the final answer (RFC 9110 section 10.1.1, RFC 9112 section
 * 9.5). Between pieces the socket is looked at now and then; a write that waits
 * for room notices by itself. */

#include "client/conn.h"
#include "core/mem.h"
#include "http/http_client.h"
#include "run/clock.h"

enum {
    LOOK_EVERY = 256 << 10, /* bytes sent between two looks */
    FILE_PIECE = 4 << 20,
    READ_PIECE = 64 << 10
};

/* RC of a write: the client's, and what it means here. */
static int sent(HTTPClient *h, int rc)
{
    if (rc > 0)
        h->early = true;
    return rc < 0 ? http_outcome(h, rc) : h->early;
}

/* Before a piece of N bytes. Returns 0, 1: no more is wanted, or an error. */
static int may_send(HTTPClient *h, uint64_t n)
{
    SimpleClient *c = &h->base;

    if (sc_broken(c) < 0)
        return sc_broken(c);
    if (h->refused < 0)
        return h->refused;
    if (h->stage != HTTP_SENT || !h->has_body ||
        (!h->early && !h->chunked && n > h->promised))
        return sc_break(c, SC_EINVAL, "more of a body than was promised");
    return h->early;
}

/* After a piece of N bytes; the last needs no look: the answer is next. */
static int look(HTTPClient *h, uint64_t n)
{
    h->count.body_sent += n;
    h->unlooked += n;
    if (h->unlooked < LOOK_EVERY || (!h->chunked && h->promised == 0))
        return 0;
    h->unlooked = 0;
    if (http_on_input(&h->base) > 0)
        h->early = true;
    return sc_broken(&h->base) < 0 ? sc_broken(&h->base) : h->early;
}

static int send_piece(HTTPClient *h, const char *p, size_t n)
{
    SimpleClient *c = &h->base;
    int rc;

    if (h->chunked) {
        if ((rc = sent(h, sc_writeline(c, "%zx", n))) != 0 ||
            (rc = sent(h, sc_write(c, p, n))) != 0 ||
            (rc = sent(h, sc_writeline_n(c, "", 0))) != 0)
            return rc;
    } else {
        h->promised -= n;
        if ((rc = sent(h, sc_write(c, p, n))) != 0)
            return rc;
    }
    return look(h, n);
}

int http_send(HTTPClient *h, const void *p, size_t n)
{
    const char *at = p;
    size_t piece;
    int rc = may_send(h, n);

    for (; rc == 0 && n > 0; at += piece, n -= piece) {
        piece = n < LOOK_EVERY ? n : LOOK_EVERY;
        rc = send_piece(h, at, piece);
    }
    return rc;
}

/* --- from a source --- */

/* How much of the next piece may be read: what was promised, if it was. */
static size_t wanted(const HTTPClient *h)
{
    return h->chunked || h->promised > READ_PIECE ? READ_PIECE
                                                  : (size_t)h->promised;
}

static int send_read(HTTPClient *h, const struct http_source *s, char *piece)
{
    SimpleClient *c = &h->base;
    ssize_t n;
    size_t most;
    int rc = 0;

    while (rc == 0 && (most = wanted(h)) > 0) {
        n = s->read(s->arg, piece, most);
        if (n < 0)
            return sc_break(c, (int)n, "the body could not be read: %s",
                            sc_strerror((int)n));
        if (n == 0 && !h->chunked)
            return sc_break(c, SC_ESHORT, "the body ended before its length");
        if (n == 0)
            break;
        rc = (size_t)n > most ? sc_break(c, SC_EINVAL, "too much was read")
                              : http_send(h, piece, (size_t)n);
    }
    return rc;
}

static int send_all_read(HTTPClient *h, const struct http_source *s)
{
    char *piece = sc_malloc(READ_PIECE);
    int rc;

    if (piece == NULL)
        return sc_break(&h->base, SC_ENOMEM, "no memory for the body");
    rc = send_read(h, s, piece);
    sc_free(piece);
    return rc;
}

/* In chunks: each piece of the file is one. */
static int send_file_piece(HTTPClient *h, int fd, uint64_t at, uint64_t n)
{
    SimpleClient *c = &h->base;
    int rc;

    if (h->chunked)
        rc = sent(h, sc_writeline(c, "%llx", (unsigned long long)n));
    else
        rc = 0;
    if (rc == 0)
        rc = sent(h, sc_sendfile(c, fd, at, n));
    if (rc == 0 && h->chunked)
        rc = sent(h, sc_writeline_n(c, "", 0));
    if (rc == 0 && !h->chunked)
        h->promised -= n;
    return rc == 0 ? look(h, n) : rc;
}

static int send_file(HTTPClient *h, const struct http_source *s)
{
    uint64_t at = s->offset, left = s->length, n;
    int rc = 0;

    if (left == HTTP_UNKNOWN)
        return sc_break(&h->base, SC_EINVAL, "a file without a length");
    for (; rc == 0 && left > 0; at += n, left -= n) {
        n = left < FILE_PIECE ? left : FILE_PIECE;
        rc = send_file_piece(h, s->fd, at, n);
    }
    return rc;
}

int http_send_source(HTTPClient *h, const struct http_source *source)
{
    int rc = may_send(h, 0);

    if (rc != 0)
        return rc;
    if (!h->chunked && source->length != h->promised)
        return sc_break(&h->base, SC_EINVAL,
                        "the body has not the length that was promised");
    return source->read != NULL ? send_all_read(h, source)
                                : send_file(h, source);
}

/* --- 100 (Continue) --- */

/* Until a 100 or the final answer came, at most until UNTIL. */
static int await(HTTPClient *h, int64_t until)
{
    SimpleClient *c = &h->base;
    ssize_t n;
    int rc;

    while ((rc = http_answer_begun(h)) == 0 && !h->continued) {
        if ((n = sc_conn_look(c, until)) == 0)
            return 1;
        if (n < 0)
            return http_outcome(
                h, sc_conn_failed(c, (int)n, SC_PHASE_RECEIVE, NULL));
    }
    h->early = rc > 0;
    return rc < 0 ? rc : !h->early;
}

int http_await_continue(HTTPClient *h, int64_t ms)
{
    int rc = may_send(h, 0);
    int64_t until = sc_until(ms > 0 ? ms : 0);
    int64_t last = sc_conn_until(h->base.conn, ms > 0 ? ms : 0);

    if (rc == 0)
        rc = sent(h, sc_flush(&h->base));
    if (rc != 0)
        return rc < 0 ? rc : 0;
    return await(h, until < last ? until : last);
}
