/* deflate.c - a coding as a stream: reads decode, each write is encoded and
 * flushed. The encoder and its buffer are made at the first write: most
 * streams are only read. Closing sends no end of the coding; shutdown does. */
#include "core/mem.h"
#include "stream/coding.h"

#include <simpleclient/class.h>

enum { BUFFER = 16384 };

struct deflate_stream {
    Stream base;
    int coding;
    struct sc_coder *decoder, *encoder;
    char *in, *out;
    struct sc_span left; /* read from below, not yet decoded */
    bool reading, writing;
    bool more;                   /* the decoder may hold output */
    bool ended;                  /* below ended */
    int read_error, write_error; /* sticky */
};

static int decode_failed(struct deflate_stream *d, int rc, struct sc_wait *w)
{
    d->read_error = rc;
    return sc_error_set(w->err, rc, "inflate: %s", sc_strerror(rc));
}

/* More encoded bytes. Returns 1, 0 at the end, or an error. */
static int fill(struct deflate_stream *d, struct sc_wait *w)
{
    ssize_t n;

    if (!d->ended) {
        if ((n = sc_stream_read(d->base.below, d->in, BUFFER, w)) < 0)
            return (int)n;
        d->left = (struct sc_span){d->in, (size_t)n};
        d->ended = n == 0;
    }
    return !d->ended;
}

static ssize_t read_decoded(struct deflate_stream *d, char *buf, size_t n,
                            struct sc_wait *w)
{
    ssize_t got;
    int rc;

    do {
        if (d->read_error != 0)
            return decode_failed(d, d->read_error, w);
        if ((got = sc_decode(d->decoder, &d->left, buf, n)) < 0)
            return decode_failed(d, (int)got, w);
        d->more = (size_t)got == n;
        if (got > 0)
            return got;
    } while ((rc = fill(d, w)) > 0);
    if (rc == 0 && (rc = d->decoder->cls->finish(d->decoder)) < 0)
        return decode_failed(d, rc, w);
    return rc;
}

static ssize_t deflate_read(Stream *s, void *buf, size_t n, struct sc_wait *w)
{
    struct deflate_stream *d = (struct deflate_stream *)s;
    ssize_t got;

    if (d->reading)
        return sc_error_set(w->err, SC_EBUSY, "inflate: a reader waits");
    d->reading = true;
    got = read_decoded(d, buf, n, w);
    d->reading = false;
    return got;
}

static int start_encoder(struct deflate_stream *d, struct sc_wait *w)
{
    if (d->out == NULL && (d->out = sc_malloc(BUFFER)) == NULL)
        return sc_error_set(w->err, SC_ENOMEM, "deflate: no memory");
    if (d->encoder == NULL)
        d->encoder = sc_coder_open(d->coding, true, w->err);
    return d->encoder != NULL ? 0 : SC_ENOMEM;
}

/* Encode V and write all that comes of it. */
static int encode(struct deflate_stream *d, struct sc_span v,
                  enum sc_code_how how, struct sc_wait *w)
{
    struct sc_coder *c = d->encoder;
    ssize_t n;
    int rc = 0;

    do {
        n = c->cls->feed(c, &v, d->out, BUFFER, how);
        if (n < 0)
            return sc_error_set(w->err, (int)n, "deflate: cannot encode");
        if (n > 0)
            rc = sc_stream_write(d->base.below, d->out, (size_t)n, w);
    } while (rc == 0 && (v.len > 0 || n == BUFFER));
    return rc;
}

/* One writer at a time, none after a failure: what had left is unknown. */
static int begin_write(struct deflate_stream *d, struct sc_wait *w)
{
    if (d->write_error != 0)
        return sc_error_set(w->err, d->write_error, "deflate: %s",
                            sc_strerror(d->write_error));
    if (d->writing)
        return sc_error_set(w->err, SC_EBUSY, "deflate: a writer waits");
    d->writing = true;
    return 0;
}

static int end_write(struct deflate_stream *d, int rc)
{
    d->writing = false;
    if (rc < 0)
        d->write_error = rc;
    return rc;
}

static int deflate_writev(Stream *s, const struct sc_span *v, size_t n,
                          struct sc_wait *w)
{
    struct deflate_stream *d = (struct deflate_stream *)s;
    struct sc_span none = {NULL, 0};
    size_t total = 0;
    int rc;

    if ((rc = begin_write(d, w)) < 0)
        return rc;
    rc = start_encoder(d, w);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        total += v[i].len;
        if (v[i].len > 0)
            rc = encode(d, v[i], SC_CODE_MORE, w);
    }
    if (rc == 0 && total > 0)
        rc = encode(d, none, SC_CODE_FLUSH, w);
    return end_write(d, rc);
}

static int deflate_shutdown(Stream *s, struct sc_wait *w)
{
    struct deflate_stream *d = (struct deflate_stream *)s;
    struct sc_span none = {NULL, 0};
    int rc;

    if ((rc = begin_write(d, w)) < 0)
        return rc;
    if (d->encoder != NULL)
        rc = encode(d, none, SC_CODE_END, w);
    if (rc == 0)
        rc = sc_stream_shutdown(d->base.below, w);
    end_write(d, rc);
    if (rc == 0)
        d->write_error = SC_EPIPE;
    return rc;
}

static int deflate_info(Stream *s, int what, void *answer)
{
    struct deflate_stream *d = (struct deflate_stream *)s;

    if (what != SC_INFO_PENDING || !(d->more || d->left.len > 0 || d->ended))
        return SC_ENOTSUP;
    *(int *)answer = 1;
    return 0;
}

static void deflate_cleanup(Stream *s)
{
    struct deflate_stream *d = (struct deflate_stream *)s;

    sc_coder_free(d->decoder);
    sc_coder_free(d->encoder);
    sc_free(d->in);
    sc_free(d->out);
}

static const struct stream_class deflate_class = {
    .name = "deflate",
    .size = sizeof(struct deflate_stream),
    .read = deflate_read,
    .writev = deflate_writev,
    .sendfile = sc_stream_copy_file,
    .shutdown = deflate_shutdown,
    .interrupt = sc_stream_below_interrupt,
    .info = deflate_info,
    .cleanup = deflate_cleanup,
};

Stream *sc_deflate_wrap(Stream *low, int coding, uint64_t size_limit, int ratio,
                        struct sc_error *err)
{
    struct sc_coder *decoder;
    struct deflate_stream *d;

    if (low == NULL) {
        sc_error_set(err, SC_EINVAL, "deflate: no stream to wrap");
        return NULL;
    }
    decoder = sc_decoder_new(coding, size_limit, ratio, err);
    if (decoder == NULL)
        return NULL;
    d = sc_stream_new(&deflate_class);
    if (d != NULL && (d->in = sc_malloc(BUFFER)) == NULL) {
        sc_free(d);
        d = NULL;
    }
    if (d == NULL) {
        sc_coder_free(decoder);
        sc_error_set(err, SC_ENOMEM, "deflate: no memory");
        return NULL;
    }
    d->coding = coding;
    d->decoder = decoder;
    d->base.below = low;
    return &d->base;
}
