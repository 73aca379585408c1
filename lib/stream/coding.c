/* coding.c - which library does a coding, and the limits every decoder has,
 * whichever does it: a size, and a ratio that tells a bomb from a text. */
#include "stream/coding.h"

enum { DEFAULT_RATIO = 1000 };

int sc_coding_known(int coding)
{
    switch (coding) {
    case SC_CODING_GZIP:
    case SC_CODING_ZLIB:
    case SC_CODING_DEFLATE:
    case SC_CODING_HTTP_DEFLATE:
        return SC_HAVE_ZLIB;
    case SC_CODING_BR:
        return SC_HAVE_BROTLI;
    case SC_CODING_ZSTD:
        return SC_HAVE_ZSTD;
    }
    return 0;
}

static struct sc_coder *open_coder(int coding, bool encode,
                                   struct sc_error *err)
{
#if SC_HAVE_BROTLI
    if (coding == SC_CODING_BR)
        return sc_brotli_open(err);
#endif
#if SC_HAVE_ZSTD
    if (coding == SC_CODING_ZSTD)
        return sc_zstd_open(err);
#endif
#if SC_HAVE_ZLIB
    return sc_zlib_open(coding, encode, err);
#else
    (void)coding;
    (void)encode;
    (void)err;
    return NULL;
#endif
}

struct sc_coder *sc_coder_open(int coding, bool encode, struct sc_error *err)
{
    if (coding < SC_CODING_GZIP || coding > SC_CODING_ZSTD)
        sc_error_set(err, SC_EINVAL, "no coding has the number %d", coding);
    else if (!sc_coding_known(coding))
        sc_error_set(err, SC_ENOTSUP, "this coding is not built in");
    else if (encode && coding >= SC_CODING_HTTP_DEFLATE)
        sc_error_set(err, SC_ENOTSUP, "this coding is only read");
    else
        return open_coder(coding, encode, err);
    return NULL;
}

struct sc_coder *sc_decoder_new(int coding, uint64_t limit, int ratio,
                                struct sc_error *err)
{
    struct sc_coder *c = sc_coder_open(coding, false, err);

    if (c == NULL)
        return NULL;
    c->limit = limit;
    c->ratio = ratio > 0 ? (uint64_t)ratio : DEFAULT_RATIO;
    return c;
}

/* At the limit one byte more is tried for: the end may come there. */
static ssize_t beyond(struct sc_coder *c, struct sc_span *in)
{
    char one;
    ssize_t n = c->cls->feed(c, in, &one, 1, SC_CODE_MORE);

    return n > 0 ? SC_ETOOBIG : n;
}

ssize_t sc_decode(struct sc_coder *c, struct sc_span *in, char *out,
                  size_t room)
{
    size_t had = in->len;
    ssize_t n;

    if (c->limit > 0 && c->out == c->limit)
        return beyond(c, in);
    if (c->limit > 0 && room > c->limit - c->out)
        room = (size_t)(c->limit - c->out);
    if ((n = c->cls->feed(c, in, out, room, SC_CODE_MORE)) < 0)
        return n;
    c->in += had - in->len;
    c->out += (uint64_t)n;
    return c->out / c->ratio > c->in ? SC_ETOOBIG : n;
}

void sc_coder_free(struct sc_coder *c)
{
    if (c != NULL)
        c->cls->free(c);
}
